"""Tables for spreadsheets: CSV and XLSX, in which no cell can run as a formula.

CSV (RFC 4180) begins with the mark by which Excel knows UTF-8, has times in UTC as `2026-03-31 18:00:05` and decimal
points. A text that begins like a formula gets a single quote before it; numbers never do. In XLSX texts are text
cells, times real dates (UTC), numbers numbers; a table longer than a sheet goes on in the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _
from tiesa.engines.duckdb import literal
from tiesa.reports.sheet_columns import SheetColumn, columns_of, count_of, remarks
from tiesa.reports.workbook import write_xlsx
from tiesa.reports.writing import PACKED, replacing, text_stream

if TYPE_CHECKING:
    import duckdb

MARK = b"\xef\xbb\xbf"
FORMULA = r"^''*(?:[\t\r]|[\s\p{Z}\p{Cf}]*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}])"
"""Texts a spreadsheet may run, as a pattern of the engine with its quotes doubled for SQL: full-width signs and leading
blanks included. Those with a quote before it are among them, so that one quote off always gives the text back."""
_SUFFIXES = (".csv", ".xlsx", ".parquet")


def write_table(table: pa.Table, out: Path | str) -> tuple[str, ...]:
    """Write any Arrow table as CSV, XLSX or Parquet, by the file's suffix. Nested values become JSON.

    Returns: remarks on what had to be changed. The file is whole or, after an error, what it was before.
    Raises: WrongUsage for another suffix, TiesaError where the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     notes = write_table(pa.table({"name": ["=1+1"], "n": [-5]}), f"{folder}/t.csv")
    ...     Path(f"{folder}/t.csv").read_text("utf-8-sig").splitlines()
    ['name,n', "'=1+1,-5"]
    """
    import duckdb

    out = Path(out)
    suffix = Path(out.stem).suffix if out.suffix == PACKED else out.suffix
    if suffix not in _SUFFIXES or (out.suffix == PACKED and suffix != ".csv"):
        raise WrongUsage(
            _("There is no format {name}").format(name=repr(out.suffix)),
            where=str(out),
            remedy=_("Allowed: {keys}").format(keys=", ".join(_SUFFIXES)),
        )
    with replacing(out) as draft:
        if suffix == ".parquet":
            pq.write_table(table, draft, compression="zstd")
            return ()
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
            connection.register("written", table)
            columns = columns_of(connection, "written", table.schema)
            if suffix == ".xlsx":
                return write_xlsx(connection, columns, ["written"], draft, title=out.stem)
            with text_stream(draft, out) as stream:
                return write_csv(connection, columns, ["written"], stream)


def write_csv(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[SheetColumn], sources: Iterable[str], stream: IO[bytes]
) -> tuple[str, ...]:
    """Write the rows of SQL relations, one after the other. Returns remarks."""
    names = ", ".join(_quoted(_safe(literal(c.name))) for c in columns)
    header = connection.execute(f"select concat_ws(',', {names})").fetchall()[0][0]
    stream.write(MARK + header.encode() + b"\r\n")
    blank = "''" if len(columns) > 1 else "'\"\"'"  # an empty line would be no row
    cells = ", ".join(f"coalesce({_csv_cell(c)}, {blank})" for c in columns)
    led = count_of([_may_run(c.text_sql) for c in columns if c.kind in ("text", "other")])
    changed = 0
    for source in sources:
        for batch in connection.sql(
            f"select concat(concat_ws(',', {cells}), chr(13), chr(10)), {led} from {source}"
        ).to_arrow_reader(10_000):
            stream.write("".join(batch.column(0).to_pylist()).encode())
            changed += sum(batch.column(1).to_pylist())
    return remarks(led=changed)


def _csv_cell(column: SheetColumn) -> str:
    match column.kind:
        case "instant":
            return (
                f"strftime({column.sql}, case when epoch_us({column.sql}) % 1000000 = 0 then '%Y-%m-%d %H:%M:%S' "
                "else '%Y-%m-%d %H:%M:%S.%f' end)"
            )
        case "number" | "boolean" | "day":
            return f"({column.sql})::varchar"
        case _:
            return _quoted(_safe(column.text_sql))


def _may_run(text: str) -> str:
    """SQL condition: the text begins like a formula. What begins with a plain letter or digit is not looked at."""
    plain = f"({text} between 'A' and 'zz' or {text} between '0' and '9~')"
    return f"(not {plain} and regexp_matches({text}, '{FORMULA}'))"


def _safe(text: str) -> str:
    return f"case when {_may_run(text)} then '''' || {text} else {text} end"


def _quoted(text: str) -> str:
    """SQL of a field as RFC 4180 wants it; blanks at its ends are kept by quotes too."""
    doubled = f"""'"' || replace({text}, '"', '""') || '"'"""
    return f"""case when regexp_matches({text}, '[",\\r\\n]|^\\s|\\s$') then {doubled} else {text} end"""

"""XLSX workbooks: rows pass through, whatever their number; nothing in them is a formula or a link.

Texts are text cells, times real dates in UTC, numbers numbers (whole numbers beyond 15 digits are texts, which
Excel would round). A table longer than a sheet goes on in the next; the sheet `about` says what the columns mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _
from tiesa.reports.sheet_columns import CELL_CHARACTERS, SheetColumn, count_of, remarks
from tiesa.reports.writing import FORBIDDEN

if TYPE_CHECKING:
    import duckdb

SHEET_ROWS = 1_048_575
"""Rows of a sheet below its header."""
SHEET_COLUMNS = 16_384
_EXACT_IN_EXCEL = 10**15
_DAY_US = 86_400_000_000
_DAYS_TO_1970 = 25_569
_FORBIDDEN_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_WIDTHS = {"instant": 19, "day": 11, "boolean": 8}
_WIDEST = 48


def write_xlsx(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[SheetColumn],
    sources: Iterable[str],
    draft: Path,
    *,
    title: str,
) -> tuple[str, ...]:
    """Write the rows of SQL relations, one after the other, into sheets called by `title`. Returns remarks.

    Raises: WrongUsage for more columns than a sheet has.
    """
    from xlsxwriter import Workbook

    if len(columns) > SHEET_COLUMNS:
        raise WrongUsage(
            _("The table has {n} columns, and a sheet has {limit}").format(n=len(columns), limit=SHEET_COLUMNS),
            where=str(draft.parent),
            remedy=_("Take CSV or Parquet"),
        )
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(draft.parent),
    }
    texts = [c.text_sql for c in columns if c.kind in ("text", "other")]
    bad = count_of([f"regexp_matches({t}, '{FORBIDDEN}')" for t in texts])
    long = count_of([f"length({t}) > {CELL_CHARACTERS}" for t in texts])
    replaced = cut = 0
    with Workbook(str(draft), options) as book:
        sheets = _Sheets(book, columns, title.translate(_FORBIDDEN_IN_TITLES).strip()[:25] or "table")
        select = ", ".join(_cell(c) for c in columns)
        for source in sources:
            for batch in connection.sql(f"select {select}, {bad}, {long} from {source}").to_arrow_reader(10_000):
                *cells, bad_here, long_here = batch.columns
                sheets.write(cells)
                replaced += sum(bad_here.to_pylist())
                cut += sum(long_here.to_pylist())
        sheets.finish()
        _about(book, columns)
    return remarks(cut=cut, replaced=replaced)


def _cell(column: SheetColumn) -> str:
    """SQL of a cell's value: a text, a number or a boolean."""
    match column.kind:
        case "instant":
            return f"epoch_us({column.sql}) / {_DAY_US} + {_DAYS_TO_1970}"
        case "day":
            return f"date_diff('day', date '1970-01-01', {column.sql}) + {_DAYS_TO_1970}"
        case "number" if column.type.startswith(("DOUBLE", "FLOAT")):
            return f"case when isfinite({column.sql}) then {column.sql}::double end"
        case "number" if column.type.startswith("DECIMAL"):
            return f"({column.sql})::double"
        case "number" | "boolean":
            return column.sql
        case _:
            text = column.text_sql
            return f"left(regexp_replace({text}, '{FORBIDDEN}', chr(65533), 'g'), {CELL_CHARACTERS})"


class _Sheets:
    """Sheets of one table, each begun when the one before is full."""

    def __init__(self, book: Any, columns: Sequence[SheetColumn], title: str) -> None:
        self.book, self.columns, self.title = book, columns, title
        self.formats = {
            "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        self.bold = book.add_format({"bold": True, "bottom": 1})
        self.sheet: Any = None
        self.number = 0
        self.row = 0

    def write(self, cells: Sequence[pa.Array]) -> None:
        """Write a batch, column by column of each row; what is null stays an empty cell."""
        if self.sheet is None:
            self._begin(cells)
        values = [column.to_pylist() for column in cells]
        for index in range(len(cells[0]) if cells else 0):
            if self.row == SHEET_ROWS:
                self.finish()
                self._begin(cells)
            self.row += 1
            for place, (write, form) in enumerate(self.writers):
                value = values[place][index]
                if value is not None:
                    write(self.row, place, value, form)

    def _begin(self, cells: Sequence[pa.Array]) -> None:
        self.number += 1
        self.row = 0
        self.sheet = self.book.add_worksheet(self.title if self.number == 1 else f"{self.title} {self.number}")
        self.writers = [(self._writer(c), self.formats.get(c.kind)) for c in self.columns]
        for place, column in enumerate(self.columns):
            self.sheet.set_column(place, place, _width(column, cells[place] if cells else None))
            self.sheet.write_string(0, place, column.name[:CELL_CHARACTERS], self.bold)
        self.sheet.freeze_panes(1, 0)

    def _writer(self, column: SheetColumn) -> Any:
        if column.kind in ("text", "other"):
            return self.sheet.write_string
        if column.kind == "boolean":
            return self.sheet.write_boolean
        return self._number if column.type.startswith(("BIGINT", "UBIGINT", "HUGEINT")) else self.sheet.write_number

    def _number(self, row: int, place: int, value: int, form: Any) -> None:
        if abs(value) < _EXACT_IN_EXCEL:
            self.sheet.write_number(row, place, value, form)
        else:
            self.sheet.write_string(row, place, str(value))

    def finish(self) -> None:
        """Make the header filterable; a table without rows still has its header."""
        if self.sheet is None:
            self._begin(())
        self.sheet.autofilter(0, 0, self.row, max(len(self.columns) - 1, 0))


def _width(column: SheetColumn, cells: pa.Array | None) -> int:
    """Wide enough for the header with its filter and for the first rows."""
    known = _WIDTHS.get(column.kind, 0)
    if cells is not None and not known:
        known = max((len(str(v)) for v in cells.slice(0, 200).to_pylist() if v is not None), default=0)
    return min(max(known, len(column.name) + 2) + 1, _WIDEST)


def _about(book: Any, columns: Sequence[SheetColumn]) -> None:
    """What the columns mean, where that is known, and that times are UTC."""
    zoned = any(c.type == "TIMESTAMP WITH TIME ZONE" for c in columns)
    explained = [c for c in columns if c.meaning]
    if not zoned and not explained:
        return
    sheet = book.add_worksheet("about")
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 70)
    sheet.set_column(2, 2, 24)
    row = 0
    if zoned:
        sheet.write_string(row, 0, _("All times are UTC."))
        row += 2
    for place, heading in enumerate((_("Column"), _("Meaning"), _("Unit of measure")) if explained else ()):
        sheet.write_string(row, place, heading, bold)
    for column in explained:
        row += 1
        for place, text in enumerate((column.name, column.meaning, column.unit)):
            sheet.write_string(row, place, text)

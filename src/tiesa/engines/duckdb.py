"""The embedded engine: DuckDB in memory over Parquet and Arrow, within a memory limit, spilling to disk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tiesa.core.columns import Table
from tiesa.engines.locks import held

if TYPE_CHECKING:
    import duckdb

MEMORY_LIMIT = "1300MB"
"""What one command may hold in DuckDB before it spills; the whole process stays under 2 GiB."""

SPILL = "tiesa-spill-"
"""How a spill folder's name begins. Its process holds it: one that nobody holds is a dead process's."""

SQL_TYPES: dict[pa.DataType, str] = {
    pa.string(): "varchar",
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.date32(): "date",
    pa.timestamp("us", tz="UTC"): "timestamptz",
    pa.decimal128(18, 4): "decimal(18,4)",
    pa.decimal128(18, 6): "decimal(18,6)",
    pa.decimal128(18, 8): "decimal(18,8)",
    pa.map_(pa.string(), pa.string()): "map(varchar, varchar)",
    pa.list_(pa.string()): "varchar[]",
}


@contextmanager
def engine(*, spill: Path, memory: str = MEMORY_LIMIT, ordered: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own, with its own spill folder under `spill`, both gone afterwards.

    ordered: results keep the order of their input (needed where the file order counts).
    """
    import duckdb

    spill.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix=SPILL, dir=spill)
    connection = duckdb.connect()
    try:
        with held(Path(folder), shared=True):
            connection.execute(
                f"set memory_limit = '{memory}'; set temp_directory = {literal(folder)}; set TimeZone = 'UTC';"
                f"set preserve_insertion_order = {str(ordered).lower()}; set enable_progress_bar = false;"
                "set autoinstall_known_extensions = false; set autoload_known_extensions = true"
            )
            yield connection
    finally:
        connection.close()
        shutil.rmtree(folder, ignore_errors=True)


def name(identifier: str) -> str:
    """An identifier, quoted for SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str | None) -> str:
    """A text, quoted for SQL; None is null."""
    return "null" if text is None else "'" + text.replace("'", "''") + "'"


def parquet(files: Sequence[str | Path], table: Table | None = None, *, filename: bool = False) -> str:
    """SQL that reads Parquet files of one schema; without files an empty relation of `table`.

    filename: with a column that says which file a row stands in."""
    if not files:
        if table is None:
            raise ValueError("an empty list of files needs a table")
        return (
            "(select "
            + ", ".join(f"null::{SQL_TYPES[c.type]} as {name(c.name)}" for c in table.columns)
            + " where false)"
        )
    listed = ", ".join(literal(str(f)) for f in files)
    return f"read_parquet([{listed}], hive_partitioning = false{', filename = true' if filename else ''})"


def scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    """The one value of a query."""
    row = connection.execute(sql).fetchall()[0]
    return row[0]


def count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    value = scalar(connection, sql)
    return int(value) if isinstance(value, int | float) else 0


def table_of(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """A small result as an Arrow table."""
    return connection.sql(sql).to_arrow_table()


def columns_of(names: Iterable[str], prefix: str = "") -> str:
    """A select list of quoted names."""
    return ", ".join(f"{prefix}{name(n)}" for n in names)

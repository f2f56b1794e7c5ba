"""Contacts or journeys as one table: CSV and XLSX with a column per attribute, Parquet with the contract's schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tiesa.core.columns import ATTRIBUTES, TEXT, Column, Table
from tiesa.core.tables import JOURNEY_CONTACT
from tiesa.engines.duckdb import SQL_TYPES, columns_of, literal, name
from tiesa.reports.log_view import ATTRIBUTE, ORDER, VIEWS, LogView
from tiesa.reports.sheet_columns import SheetColumn
from tiesa.reports.spreadsheet import write_csv
from tiesa.reports.workbook import write_xlsx
from tiesa.reports.writing import text_stream

_TYPES = {"timestamptz": "TIMESTAMP WITH TIME ZONE"}
_CUSTOMER = Column("customer", TEXT, "the customer: a number, or the source's own id where asked for")


def write_csv_log(log: LogView, table: Table, draft: Path, out: Path) -> tuple[str, ...]:
    """Write contacts or journeys as CSV. Returns remarks."""
    with text_stream(draft, out) as stream:
        return write_csv(log.connection, _columns(log, table), _pieces(log, table), stream)


def write_xlsx_log(log: LogView, table: Table, draft: Path, out: Path) -> tuple[str, ...]:
    """Write contacts or journeys as a workbook. Returns remarks."""
    del out
    return write_xlsx(log.connection, _columns(log, table), _pieces(log, table), draft, title=VIEWS[table])


def write_parquet_log(log: LogView, table: Table, draft: Path, out: Path) -> tuple[str, ...]:
    """Write contacts or journeys as Parquet: the columns of the contract to the letter, and `customer`."""
    del out
    schema = table.schema.append(pa.field("customer", TEXT, nullable=False))
    select = columns_of(schema.names)
    with pq.ParquetWriter(draft, schema, compression="zstd") as writer:
        for piece in _pieces(log, table):
            found = log.connection.sql(f"select {select} from {piece}").to_arrow_table()
            writer.write_table(pa.table([c.cast(f.type) for c, f in zip(found.columns, schema, strict=True)], schema))
    return ()


def _pieces(log: LogView, table: Table) -> Iterator[str]:
    """SQL relations that together are the table, in order of customers and their journeys."""
    order = ORDER if table is JOURNEY_CONTACT else "customer_key, journey_no"
    for wanted in log.ranges():
        yield f"(from {VIEWS[table]} where {wanted} order by {order})"


def _columns(log: LogView, table: Table) -> list[SheetColumn]:
    found = []
    for column in (*table.columns, _CUSTOMER):
        if column.type == ATTRIBUTES:
            found += [
                SheetColumn(ATTRIBUTE + key, f"attributes[{literal(key)}]", "VARCHAR") for key in log.attribute_names
            ]
        else:
            kind = SQL_TYPES[column.type]
            upper = _TYPES.get(kind, kind.upper())
            found.append(SheetColumn(column.name, name(column.name), upper, column.meaning, column.unit))
    return found

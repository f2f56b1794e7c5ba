"""Whether a column is an id: filled in every row of a file and never twice the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa

from tiesa.contacts.readers.delimited import CsvSource
from tiesa.contacts.readers.source import Source
from tiesa.engines.duckdb import engine, literal, name


def is_unique(source: Source, column: str) -> bool:
    """Reads the whole source once; memory holds eight bytes per row."""
    if isinstance(source, CsvSource):
        found = _in_text(source, column)
        if found is not None:
            return found
    schema = pa.schema([("value", pa.string())])
    batches = (
        pa.RecordBatch.from_arrays([batch.column(column).cast(pa.string())], schema=schema)
        for batch in source.batches()
    )
    with tempfile.TemporaryDirectory(prefix="tiesa-") as spill, engine(spill=Path(spill)) as connection:
        connection.register("incoming", pa.RecordBatchReader.from_batches(schema, batches))
        found = connection.execute(_question("value", "incoming")).fetchall()[0][0]
        connection.unregister("incoming")
    return bool(found)


def _in_text(source: CsvSource, column: str) -> bool | None:
    """The same of a text table, read by the engine in parallel; None when a line is not to its liking."""
    import duckdb

    dialect = source.dialect
    quote = literal(dialect.quote)
    columns = ", ".join(f"{literal(c)}: 'VARCHAR'" for c in source.columns)
    with (
        source.plain_file() as path,
        tempfile.TemporaryDirectory(prefix="tiesa-") as spill,
        engine(spill=Path(spill)) as connection,
    ):
        relation = (
            f"read_csv({literal(str(path))}, auto_detect = false, columns = {{{columns}}}, header = {dialect.header}, "
            f"delim = {literal(dialect.delimiter)}, quote = {quote}, escape = {quote}, "
            "null_padding = false, strict_mode = true, max_line_size = 16777216)"
        )
        try:
            return bool(connection.execute(_question(column, relation)).fetchall()[0][0])
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.IOException):
            return None


def _question(column: str, relation: str) -> str:
    value = f"nullif(trim({name(column)}), '')"
    return f"select count(*) = count({value}) and count(*) = count(distinct hash({value})) from {relation}"

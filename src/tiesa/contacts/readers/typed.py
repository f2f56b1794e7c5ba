"""Parquet files and data frames: columns that already have types keep them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq

from tiesa.contacts.readers.arrays import numbered_batch, plain_columns, refuse_reserved_name
from tiesa.contacts.readers.names import refuse_many_columns, unique_names
from tiesa.contacts.readers.source import BATCH_ROWS, Source, batch_rows
from tiesa.contacts.readers.spool import BATCH_CHARACTERS
from tiesa.contacts.readers.typed_extent import DAMAGE, longest_text
from tiesa.contacts.readers.unpacking import Content
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _


@dataclass(slots=True)
class TypedSource(Source):
    """Arrow batches from somewhere, made flat and numbered."""

    read: Callable[[], Iterable[pa.RecordBatch]]

    def batches(self) -> Iterator[pa.RecordBatch]:
        row = 1
        for batch in self.read():
            for start in range(0, len(batch), BATCH_ROWS):
                piece = batch.slice(start, BATCH_ROWS)
                arrays = (array for _name, array in plain_columns(piece.schema.names, piece.columns))
                yield numbered_batch(row, dict(zip(self.columns, arrays, strict=True)), len(piece))
                row += len(piece)


def open_parquet(content: Content) -> TypedSource:
    """A Parquet file, read a piece of a row group at a time."""
    path = content.path
    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            names = _flat_names(schema, str(path)) if rows else ()
            longest = longest_text(file, path) if rows else 0
    except DAMAGE as error:
        raise _damaged(path) from error
    if not rows:
        raise UnusableInput(_("The Parquet file has no row"), where=str(path))
    size = max(1, min(batch_rows(len(names)), BATCH_CHARACTERS // max(1, longest)))

    def read() -> Iterator[pa.RecordBatch]:
        try:
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches(batch_size=size)
        except DAMAGE as error:
            raise _damaged(path) from error

    return TypedSource(path, "parquet", names, read)


def _damaged(path: Path) -> UnusableInput:
    return UnusableInput(
        _("The Parquet file is damaged or cut short"), where=str(path), remedy=_("Copy or export it again")
    )


def frame_source(frame: Any) -> TypedSource:
    """Any frame narwhals knows: pandas, Polars (lazy too), Arrow tables, DuckDB relations.

    Raises: UnusableInput for something that is no frame, can be read only once, or has no row.

    >>> frame_source(pa.table({"customer": ["anna"], "at": [1]})).columns
    ('customer', 'at')
    """
    if isinstance(frame, pa.RecordBatchReader):
        raise UnusableInput(_("An Arrow reader can be read only once"), remedy=_("Give a table: reader.read_all()"))
    if isinstance(frame, pa.RecordBatch):
        frame = pa.Table.from_batches([frame])
    try:
        known = nw.from_native(frame)
    except TypeError as error:
        raise UnusableInput(
            _("{type} is no data frame").format(type=type(frame).__name__),
            remedy=_("Give a pandas, Polars, Arrow or DuckDB table"),
        ) from error
    table = _arrow(known)
    if not len(table):
        raise UnusableInput(_("The data frame has no row"))
    return TypedSource(None, "frame", _flat_names(table.schema, ""), table.to_batches)


def _arrow(frame: nw.DataFrame[Any] | nw.LazyFrame[Any]) -> pa.Table:
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect(backend="pyarrow")
    try:
        return frame.to_arrow()
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # pandas columns of mixed objects
        return nw.from_native(_mixed_to_text(frame.to_native()), eager_only=True).to_arrow()


def _mixed_to_text(frame: Any) -> Any:
    """The pandas frame with columns that hold several types turned into text."""
    texts = {}
    for name in frame.columns:
        if frame[name].dtype == object:
            texts[name] = [None if _is_missing(value) else str(value) for value in frame[name]]
    return frame.assign(**texts)


def _is_missing(value: Any) -> bool:
    return value is None or value != value  # NaN and NaT differ from themselves


def _flat_names(schema: pa.Schema, where: str) -> tuple[str, ...]:
    empty = schema.empty_table().combine_chunks()
    arrays = [column.combine_chunks() for column in empty.columns]
    names = [name for name, _array in plain_columns(schema.names, arrays)]
    refuse_reserved_name(names, where)
    refuse_many_columns(len(names), where)
    return unique_names(names)

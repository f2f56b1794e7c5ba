"""Arrow columns as plain numpy arrays and back, without copying where that is possible.

Words become int32 codes into a list of texts, NONE (-1) for null; times become microseconds since 1970 UTC.
An array that is only read is marked so, whether or not Arrow owns it: Numba tells the two kinds apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiesa.core.columns import INSTANT, MONEY, SECONDS, TEXT

NONE = -1
NO_MONEY = int(np.iinfo(np.int64).min)
Numbers = NDArray[Any]


class Words(NamedTuple):
    """A column of words: one code per row (NONE is null), and what the codes mean."""

    codes: Numbers
    texts: pa.Array

    def take(self, rows: Numbers) -> Words:
        """The words of these rows."""
        return Words(self.codes[rows], self.texts)

    def column(self) -> pa.DictionaryArray:
        codes = np.ascontiguousarray(self.codes, np.int32)
        return pa.DictionaryArray.from_arrays(nullable(pa.int32(), codes, codes >= 0), self.texts, safe=False)


def frozen(values: Numbers, dtype: Any) -> Numbers:
    """The same values as one contiguous, aligned array of that type that cannot be written."""
    values = np.require(values, dtype, ["C", "A"]).view()
    values.setflags(write=False)
    return values


def column_of(batch: pa.RecordBatch, name: str) -> pa.Array:
    """The column, or as many nulls where the batch has none of that name."""
    place = batch.schema.get_field_index(name)
    return batch.column(place) if place >= 0 else pa.nulls(batch.num_rows)


def text_of(column: pa.Array) -> pa.StringArray:
    """Any kind of words as plain strings."""
    return column.cast(TEXT)


def words_of(column: pa.Array) -> Words:
    """Any kind of words as codes. A dictionary is taken as it is where it is one: each word once, none null."""
    if pa.types.is_null(column.type):
        return Words(frozen(np.full(len(column), NONE, np.int32), np.int32), pa.array([], TEXT))
    if pa.types.is_dictionary(column.type) and not _is_proper(column):
        column = text_of(column)
    if not pa.types.is_dictionary(column.type):
        column = text_of(column).dictionary_encode()
    return Words(whole_numbers_of(column.indices, pa.int32()), column.dictionary.cast(TEXT))


def _is_proper(column: pa.DictionaryArray) -> bool:
    texts = column.dictionary
    return len(texts) <= len(column) and not texts.null_count and len(texts.unique()) == len(texts)


def validity_of(column: pa.Array) -> Numbers:
    """1 where the column has a value, 0 where it is null (uint8)."""
    if column.null_count in (0, len(column)):
        return frozen(np.full(len(column), column.null_count == 0), np.uint8)
    bitmap = np.frombuffer(column.buffers()[0], np.uint8)
    valid = np.unpackbits(bitmap, count=column.offset + len(column), bitorder="little")
    return frozen(valid[column.offset :], np.uint8)


def whole_numbers_of(column: pa.Array, type: pa.DataType) -> Numbers:
    """Whole numbers or instants; NONE, which is all bits set, for null."""
    column = column.cast(type)
    if pa.types.is_timestamp(type):
        column = column.cast(pa.int64())
    dtype = np.dtype(column.type.to_pandas_dtype())
    values = _values(column, dtype)
    return frozen(values | (validity_of(column).view(np.int8) - np.int8(1)) if column.null_count else values, dtype)


def reals_of(column: pa.Array) -> Numbers:
    """Float32 numbers, NaN for null."""
    column = column.cast(pa.float32())
    values = _values(column, np.dtype(np.float32))
    return frozen(
        np.where(validity_of(column), values, np.float32(np.nan)) if column.null_count else values, np.float32
    )


def money_of(column: pa.Array) -> Numbers:
    """Decimals of 18 digits as ten-thousandths (their low word), NO_MONEY for null."""
    column = column.cast(MONEY)
    low = _values(column, np.dtype((np.int64, 2)))[:, 0]
    return frozen(np.where(validity_of(column), low, NO_MONEY) if column.null_count else low, np.int64)


def _values(column: pa.Array, dtype: np.dtype[Any]) -> Numbers:
    """The values as they lie in memory, whatever lies under a null."""
    if not len(column):
        return np.empty((0, *dtype.shape), dtype.base)
    return np.frombuffer(column.buffers()[1], dtype)[column.offset : column.offset + len(column)]


def buffers_of(column: pa.StringArray) -> tuple[Numbers, Numbers]:
    """Offsets and bytes of plain strings."""
    buffers = column.buffers()
    if buffers[1] is None or not len(column):
        return frozen(np.zeros(len(column) + 1), np.int32), frozen(np.empty(0), np.uint8)
    offsets = np.frombuffer(buffers[1], np.int32)[column.offset : column.offset + len(column) + 1]
    text = np.frombuffer(buffers[2], np.uint8) if buffers[2] else np.empty(0)
    return frozen(offsets, np.int32), frozen(text, np.uint8)


def fields_of(records: Numbers) -> dict[str, Numbers]:
    """The fields of records, each by itself; all of them are four bytes wide.

    Turned in pieces that fit the processor's cache: field by field the records would be read as often.
    """
    fields: Mapping[str, Any] = records.dtype.fields or {}
    table = records.view(np.int32).reshape(len(records), len(fields))
    columns = np.empty(table.shape[::-1], np.int32)
    for start in range(0, len(records), 1024):
        columns[:, start : start + 1024] = table[start : start + 1024].T
    return {name: column.view(field[0]) for (name, field), column in zip(fields.items(), columns, strict=True)}


def bits(flags: Numbers) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def nullable(type: pa.DataType, values: Numbers, valid: Numbers | None = None) -> pa.Array:
    """A column whose values lie in memory as Arrow wants them; null where not valid."""
    if not len(values):
        return pa.array([], type)
    validity = None if valid is None or valid.all() else bits(valid)
    return pa.Array.from_buffers(type, len(values), [validity, pa.py_buffer(np.ascontiguousarray(values))])


def flags(values: Numbers, valid: Numbers | None = None) -> pa.BooleanArray:
    validity = None if valid is None or valid.all() else bits(valid)
    return pa.Array.from_buffers(pa.bool_(), len(values), [validity, bits(values)])


def instants(microseconds: Numbers, valid: Numbers | None = None) -> pa.TimestampArray:
    return nullable(INSTANT, microseconds, valid)


def seconds(microseconds: Numbers, valid: Numbers | None = None) -> pa.Decimal128Array:
    """Decimals of microseconds, two words each."""
    return nullable(SECONDS, microseconds, valid)


def wide(units: Numbers) -> Numbers:
    """Whole numbers as the two words of a decimal; the high one repeats the sign."""
    words = np.empty((len(units), 2), np.int64)
    words[:, 0], words[:, 1] = units, units >> 63
    return words

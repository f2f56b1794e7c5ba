"""Columns as every reader hands them on: trimmed text, empty as null, nothing nested, nothing encoded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tiesa.contacts.readers.names import without_surrogates
from tiesa.contacts.readers.source import ROW
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _


def refuse_reserved_name(names: Iterable[str], where: str) -> None:
    """A column of the source may not be called like the one the readers add."""
    if ROW in names:
        raise UnusableInput(
            _("A column is called {name}, which is reserved").format(name=ROW),
            where=where,
            remedy=_("Rename that column"),
        )


def text_array(values: Sequence[str | None]) -> pa.Array:
    """A text column of the values: white space around them dropped, empty ones null, no half of a character in them."""
    try:
        return trimmed(pa.array(values, pa.string()))
    except UnicodeEncodeError:
        return trimmed(pa.array([value and without_surrogates(value) for value in values], pa.string()))


def trimmed(array: pa.Array) -> pa.Array:
    stripped = pc.utf8_trim_whitespace(array)
    empty = pc.equal(pc.binary_length(stripped), 0)
    return pc.if_else(empty, pa.scalar(None, stripped.type), stripped)


def numbered_batch(first_row: int, columns: dict[str, pa.Array], length: int) -> pa.RecordBatch:
    """The columns behind a ROW column that counts on from `first_row`."""
    numbers = pa.array(range(first_row, first_row + length), pa.int64())
    return pa.RecordBatch.from_arrays([numbers, *columns.values()], names=[ROW, *columns])


def plain_columns(names: Iterable[str], arrays: Iterable[pa.Array]) -> list[tuple[str, pa.Array]]:
    """Typed columns made flat: structs become `parent.child`, dictionaries their values, lists and maps JSON text."""
    plain: list[tuple[str, pa.Array]] = []
    for name, array in zip(names, arrays, strict=True):
        if pa.types.is_struct(array.type):
            fields = [array.type.field(i).name for i in range(array.type.num_fields)]
            plain += plain_columns((f"{name}.{field}" for field in fields), array.flatten())
        else:
            plain.append((name, _plain(array)))
    return plain


def _plain(array: pa.Array) -> pa.Array:
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _plain(array.dictionary_decode())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _trimmed_text(array)
    if _is_binary(kind):
        return _decoded(array)
    if pa.types.is_null(kind) or pa.types.is_decimal256(kind) or pa.types.is_duration(kind):
        return array.cast(pa.string())
    if pa.types.is_timestamp(kind) and kind.unit in ("s", "ms"):
        return _microseconds(array)
    if pa.types.is_float16(kind):
        return array.cast(pa.float32())
    if pa.types.is_map(kind):
        return text_array([None if value is None else json_text(dict(value)) for value in values_of(array)])
    if pa.types.is_nested(kind):
        return text_array([None if value is None else json_text(value) for value in values_of(array)])
    return array


def _microseconds(array: pa.Array) -> pa.Array:
    """The instants in the unit of everything behind the readers; null where no calendar has them."""
    kind = pa.timestamp("us", array.type.tz)
    most = (2**63 - 1) // (1_000_000 if array.type.unit == "s" else 1_000)
    counts = array.cast(pa.int64())
    within = pc.and_(pc.less_equal(counts, most), pc.greater_equal(counts, -most))
    return pc.if_else(within, array, pa.scalar(None, array.type)).cast(kind)


def _is_binary(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(test(kind) for test in tests)


def _trimmed_text(array: pa.Array) -> pa.Array:
    try:
        array.validate(full=True)  # trimming looks at the ends only
        return trimmed(array.cast(pa.string()))
    except pa.ArrowInvalid:  # a file may say that something is text which is not
        return _decoded(array.cast(pa.binary()))


def _decoded(array: pa.Array) -> pa.Array:
    return text_array([None if value is None else value.decode("utf-8", "replace") for value in array.to_pylist()])


def values_of(array: pa.Array | pa.ChunkedArray) -> list[Any]:
    """The values as Python's own; as texts where Python has no such value: a year beyond 9999, a nanosecond, letters
    that are none."""
    try:
        return list(array.to_pylist())
    except (OverflowError, ValueError):
        return [_value_of(scalar) for scalar in array]


def _value_of(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return _repaired(scalar)
    except (OverflowError, ValueError):
        return str(scalar.cast(pa.string())) if pa.types.is_temporal(scalar.type) else str(scalar)


def _repaired(scalar: pa.Scalar) -> Any:
    """A text that is not UTF-8, or values with such a text among them."""
    if isinstance(scalar, pa.StructScalar):
        return {name: _value_of(value) for name, value in scalar.items()}
    if isinstance(scalar, pa.MapScalar):
        return [(_value_of(pair["key"]), _value_of(pair["value"])) for pair in scalar.values]
    if isinstance(scalar, pa.ListScalar):
        return [_value_of(value) for value in scalar.values]
    return scalar.as_buffer().to_pybytes().decode("utf-8", "replace")


def json_text(value: Any) -> str:
    """The value as compact JSON, letters as they are; what JSON does not know is written as text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)

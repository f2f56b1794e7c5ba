"""Columns as every reader hands them on: trimmed text, empty as null, nothing nested, nothing encoded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

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
    """A text column of the values: white space around them dropped, empty ones null."""
    return trimmed(pa.array(values, pa.string()))


def trimmed(array: pa.Array) -> pa.Array:
    stripped = pc.utf8_trim_whitespace(array)
    empty = pc.equal(pc.binary_length(stripped), 0)
    return pc.if_else(empty, pa.scalar(None, stripped.type), stripped)


def numbered_batch(first_row: int, columns: dict[str, pa.Array], length: int) -> pa.RecordBatch:
    """The columns behind a ROW column that counts on from `first_row`."""
    numbers = pa.array(range(first_row, first_row + length), pa.int64())
    return pa.RecordBatch.from_arrays([numbers, *columns.values()], names=[ROW, *columns])


def plain_columns(names: Iterable[str], arrays: Iterable[pa.Array]) -> dict[str, pa.Array]:
    """Typed columns made flat: structs become `parent.child`, dictionaries their values, lists and maps JSON text."""
    plain: dict[str, pa.Array] = {}
    for name, array in zip(names, arrays, strict=True):
        if pa.types.is_struct(array.type):
            fields = [array.type.field(i).name for i in range(array.type.num_fields)]
            plain |= plain_columns((f"{name}.{field}" for field in fields), array.flatten())
        else:
            plain[name] = _plain(array)
    return plain


def _plain(array: pa.Array) -> pa.Array:
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _plain(array.dictionary_decode())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return trimmed(array.cast(pa.string()))
    if pa.types.is_null(kind):
        return array.cast(pa.string())
    if pa.types.is_map(kind):
        return text_array([None if value is None else json_text(dict(value)) for value in array.to_pylist()])
    if pa.types.is_nested(kind):
        return text_array([None if value is None else json_text(value) for value in array.to_pylist()])
    return array


def json_text(value: Any) -> str:
    """The value as compact JSON, letters as they are; what JSON does not know is written as text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)

"""From arrays to the tables of the contract: same columns, same types, with the customer's own number as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core.columns import ATTRIBUTES, INSTANT, MONEY, TEXT, Table
from tiesa.core.tables import ANSWER, CONTACT, CUSTOMER
from tiesa.simulate.company import SOURCE, Codes, Flags, Floats, Ints
from tiesa.simulate.sheet import NO_TIME
from tiesa.simulate.vocabulary import Words

MADE_UP = {"made_up": "true"}
KEPT_BY_THE_LOG = ("position", "import_id", "recorded_at")
BESIDE = {
    CONTACT.name: ("text",),
    ANSWER.name: ("text",),
    CUSTOMER.name: ("customer_name", "customer_mail", "customer_phone"),
}
"""Columns of a file that are no columns of its table: personal data and words, which an import keeps apart."""


@cache
def file_schema(table: Table) -> pa.Schema:
    """What a file of this table holds: its columns less what the log adds, and the words and names beside them.

    >>> file_schema(CUSTOMER).names[:3]
    ['customer', 'as_of', 'segment']
    """
    fields = []
    for column in table.columns:
        if column.name == "customer_key":
            fields.append(pa.field("customer", TEXT, nullable=column.null))
        elif column.name not in KEPT_BY_THE_LOG:
            fields.append(pa.field(column.name, column.type, nullable=column.null))
    if "source" not in table:
        fields.append(pa.field("source", TEXT, nullable=False))
    fields += [pa.field(name, TEXT) for name in BESIDE.get(table.name, ())]
    return pa.schema(fields, metadata=MADE_UP)


def make_table(table: Table, columns: Mapping[str, pa.Array], rows: int) -> pa.Table:
    """The table with these columns; those not given are null, `source` is ours."""
    schema = file_schema(table)
    unknown = set(columns) - set(schema.names)
    assert not unknown, f"{table.name} has no {sorted(unknown)}"
    arrays = []
    for field in schema:
        if field.name == "source":
            arrays.append(pa.repeat(pa.scalar(SOURCE), rows))
        elif field.name not in columns and field.type == ATTRIBUTES:
            arrays.append(attributes([], rows))
        elif field.name not in columns:
            arrays.append(pa.nulls(rows, field.type))
        else:
            arrays.append(columns[field.name])
    return pa.Table.from_arrays(arrays, schema=schema)


def numbered(letter: str, numbers: Codes, *, width: int, missing: Flags | None = None) -> pa.Array:
    """Ids such as C000123; null where `missing`."""
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers, mask=missing), TEXT), width, "0")
    return pc.binary_join_element_wise(pa.scalar(letter), digits, pa.scalar(""))


def words_of(codes: np.ndarray, words: Words | Sequence[str]) -> pa.Array:
    """The words at these positions; null at -1."""
    known = words.words if isinstance(words, Words) else tuple(words)
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(known, TEXT)).cast(TEXT)


def instants(at: Codes, *, missing: Flags | None = None) -> pa.Array:
    """Instants, cut to whole seconds as systems of record keep them; null where `missing` or NO_TIME."""
    empty = at == NO_TIME if missing is None else missing
    seconds = np.where(empty, 0, at // 1_000_000 * 1_000_000)
    return pa.array(seconds, mask=empty).cast(pa.timestamp("us")).cast(INSTANT)


def money(values: Floats) -> pa.Array:
    """Decimals with two places; null where not a number."""
    cents = np.round(np.nan_to_num(values) * 100) / 100
    return pa.array(cents, mask=np.isnan(values)).cast(MONEY, safe=False)


def numbers(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    """Numbers of a type; null where not a number."""
    return pa.array(values, mask=np.isnan(values)).cast(kind)


def attributes(told: Sequence[tuple[str, Ints, np.ndarray]], rows: int) -> pa.Array:
    """Maps of words: `told` holds key, rows, and the words of those rows."""
    keys = sorted({key for key, _rows, _words in told})
    places = [np.empty(0, np.int64), *(part for _key, part, _words in told)]
    codes = [np.empty(0, np.int64), *(np.full(len(part), keys.index(key)) for key, part, _words in told)]
    values = pa.chunked_array([pa.array([], TEXT), *(pa.array(words, TEXT) for _key, _part, words in told)])
    place, code = np.concatenate(places), np.concatenate(codes)
    order = np.lexsort((code, place))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=rows))]).astype(np.int32)
    items = values.take(pa.array(order)).combine_chunks()
    return pa.MapArray.from_arrays(pa.array(offsets), words_of(code[order], keys), items)


def once(table: pa.Table, key: list[str]) -> pa.Table:
    """The first row of each key, in the table's order: two records of one second may tell the same."""
    rows = table.select(key).append_column("row", pa.array(np.arange(len(table))))
    first = rows.group_by(key, use_threads=False).aggregate([("row", "min")])["row_min"]
    return table.take(first.combine_chunks().sort())

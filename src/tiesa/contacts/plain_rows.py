"""Rows that the log takes as they are staged: written column by column, with nothing joined and nothing cast.

Most imports are so: no id stands twice or in the log already, and none carries personal data. All others go through SQL
(`staging.rows`), which gives the same rows.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import ipc

from tiesa.contacts.expressions import hash_column, staged
from tiesa.contacts.private import PERSON
from tiesa.contacts.stage_file import BATCH_ROWS, STAGED_ROW, open_stage
from tiesa.contacts.staging import POSITION, Staging, origin
from tiesa.core.columns import Table
from tiesa.engines.duckdb import SQL_TYPES, literal, name, table_of
from tiesa.engines.store import NewFile, Store

CODED = "coded_customers"
ROWS_PER_FILE = 2_000_000
ROW_GROUP = 262_144
_SAMPLE = 10_000
_UNSOUGHT = frozenset({"case_id", "cost", "amount"})
"""Columns by whose range no file is ever left out: their statistics cost time, and say something where all is null."""


def code_customers(staging: Staging) -> pa.Array | None:
    """For every staged row the place of its customer's id in the relation `coded_customers` (source_id, place,
    first_row: the first usable row that names them).

    None unless the file's own table alone names customers, by their ids only.
    """
    first = staging.primary
    owners = [t for t in staging.plan.tables if "customer" in t.filled or "customer" in t.constants]
    if owners != [first] or "customer" not in first.filled or any(f"customer_{c}" in first.filled for c in PERSON):
        return None
    key = staged(first.table, "customer")
    file = open_stage(staging.connection, (key, "problems"))
    named = pa.chunked_array((_usable(file.get_batch(n), key) for n in range(file.num_record_batches)), pa.string())
    coded = named.dictionary_encode().chunks  # all have the same dictionary, in no order: several threads fill it
    ids = coded[0].dictionary
    del named  # of fifty million rows the texts take most of a gigabyte
    places = pa.concat_arrays([chunk.indices for chunk in coded])
    known = {"source_id": ids, "place": np.arange(len(ids)), "first_row": _first_rows(places, len(ids))}
    staging.connection.register(CODED, pa.table(known))
    return places


def _first_rows(places: pa.Array, ids: int) -> npt.NDArray[np.int64]:
    """Where each id stands for the first time. Of assignments to one place the last holds, so rows go backwards."""
    first = np.zeros(ids, np.int64)
    for start in reversed(range(0, len(places), BATCH_ROWS)):
        some = places.slice(start, BATCH_ROWS)
        rows = start + np.flatnonzero(some.is_valid().to_numpy(zero_copy_only=False))
        first[some.drop_null().to_numpy()[::-1]] = rows[::-1]
    return first


def _usable(batch: pa.RecordBatch, column: str) -> pa.Array:
    """A column, null in rows that are set aside; a copy, since the column itself keeps the whole batch in memory."""
    usable, values = batch["problems"].is_null(), batch[column]
    if usable.true_count == len(usable):
        return pa.concat_arrays([values, values.slice(0, 0)])
    return pc.if_else(usable, values, None)


def is_plain(staging: Staging, coded: pa.Array | None) -> bool:
    """Whether the rows of the file's own table need nothing but their customers' numbers."""
    first = staging.primary
    personal = any(staged(first.table, c) in staging.facts.personal for c in first.filled)
    known = coded is not None or "customer_key" not in first.table
    return known and bool(first.table.id_column) and staging.facts.distinct_ids == staging.good and not personal


def write_plain(
    staging: Staging, coded: pa.Array | None, store: Store, *, import_id: str, recorded_at: str
) -> list[NewFile]:
    """Write the usable rows of the file's own table (see is_plain) as synced files of the store, several at a time."""
    columns = _columns(staging, coded, import_id, recorded_at)
    wanted = {*columns.taken.values(), "problems", STAGED_ROW}
    batches = open_stage(staging.connection, wanted).num_record_batches
    threads = os.cpu_count() or 1
    files = -(-staging.good // ROWS_PER_FILE)
    files = files if files == 1 else -(-files // threads) * threads
    parts = np.array_split(np.arange(batches), files)
    readers = [open_stage(staging.connection, wanted) for _part in parts]
    made: list[NewFile] = []
    with store.discarding(made), ThreadPoolExecutor(threads) as pool:
        for under_way in [pool.submit(columns.write, *each, store, made) for each in zip(readers, parts, strict=True)]:
            under_way.result()
    return made


def _columns(staging: Staging, coded: pa.Array | None, import_id: str, recorded_at: str) -> _Columns:
    first, connection = staging.primary, staging.connection
    table, keys = first.table, None
    taken = {c: staged(table, c) for c in first.filled if c in table}
    if table.id_column not in taken:
        taken |= {table.id_column: hash_column(table), "position": taken.get("position", staging.row_column)}
    taken.setdefault("position", POSITION)
    if coded is not None and "customer_key" in table:
        numbers = f"select customer_key from {CODED} left join customer_keys using (source_id) order by place"
        keys = table_of(connection, numbers)["customer_key"].combine_chunks().take(coded)
    expressions = {c: first.sql(c) for c in table.names if c not in (*taken, "customer_key")}
    expressions |= {c: origin(staging, first) for c in expressions if c == "source"}
    expressions |= {c: literal(import_id) for c in expressions if c == "import_id"}
    expressions |= {c: literal(recorded_at) for c in expressions if c == "recorded_at"}
    selected = ", ".join(f"({sql})::{SQL_TYPES[table[c].type]} as {name(c)}" for c, sql in expressions.items())
    constant = table_of(connection, f"select {selected}")
    everywhere = {c: _everywhere(constant[c].combine_chunks()) for c in expressions}
    return _Columns(table, taken, everywhere, keys)


def _everywhere(value: pa.Array) -> pa.Array:
    """A constant as long as a batch may be."""
    again = pa.array(np.zeros(BATCH_ROWS, np.int32))
    if pa.types.is_string(value.type) and value.null_count == 0:
        return pa.DictionaryArray.from_arrays(again, value)
    return value.take(again)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where each column of a table comes from: a staged column, a constant, or the customers' numbers."""

    table: Table
    taken: dict[str, str]
    constant: dict[str, pa.Array]
    keys: pa.Array | None

    def write(self, reader: ipc.RecordBatchFileReader, part: Iterable[int], store: Store, made: list[NewFile]) -> None:
        """Write some of the staged batches as one file and name it in `made`; no rows, no file."""
        relative, path = store.new_path()
        rows, bounds, writer = 0, dict[str, tuple[str, str]](), None
        try:
            for n in part:
                batch = self.of(reader.get_batch(n))
                if not batch.num_rows:
                    continue
                writer = writer or _writer(path, batch)
                writer.write_batch(batch, row_group_size=ROW_GROUP)
                rows += batch.num_rows
                for column in store.bounded:
                    low, high = _range(batch[column])
                    lowest, highest = bounds.get(column, (low, high))
                    bounds[column] = min(low, lowest), max(high, highest)
            if writer is not None:
                writer.close()
                made.append(replace(store.seal(relative, rows, None), bounds=bounds))
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def of(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows of a staged batch that are usable, as the contract has them."""
        columns, n = [], batch.num_rows
        for column in self.table.columns:
            if column.name in self.taken:
                values = batch[self.taken[column.name]]
                columns.append(values if values.type == column.type else values.cast(column.type))
            elif column.name in self.constant:
                columns.append(self.constant[column.name].slice(0, n))
            else:
                assert self.keys is not None
                columns.append(self.keys.slice(batch[STAGED_ROW][0].as_py() - 1, n))
        fields = [pa.field(c.name, v.type, c.null) for c, v in zip(self.table.columns, columns, strict=True)]
        made = pa.record_batch(columns, schema=pa.schema(fields))
        usable = batch["problems"].is_null()
        return made if usable.true_count == n else made.filter(usable)


def _writer(path: Path, batch: pa.RecordBatch) -> pq.ParquetWriter:
    """A writer of plain Parquet types; of dictionaries in columns whose first values often repeat."""
    return pq.ParquetWriter(
        path,
        batch.schema,
        compression="zstd",
        compression_level=1,
        store_schema=False,
        use_dictionary=[f.name for f in batch.schema if _repeats(batch[f.name])],
        store_decimal_as_integer=True,
        write_batch_size=4096,
        write_statistics=[leaf for f in batch.schema if _is_sought(batch, f.name) for leaf in _leaves(f)],
    )


def _is_sought(batch: pa.RecordBatch, column: str) -> bool:
    return column not in _UNSOUGHT or batch[column].null_count == batch.num_rows


def _leaves(field: pa.Field) -> list[str]:
    """The columns that Parquet makes of one: of a map two."""
    if pa.types.is_map(field.type):
        return [f"{field.name}.key_value.{part}" for part in ("key", "value")]
    return [f"{field.name}.list.element"] if pa.types.is_list(field.type) else [field.name]


def _repeats(values: pa.Array) -> bool:
    if pa.types.is_nested(values.type):
        return False
    some = values.slice(0, _SAMPLE)
    return pa.types.is_dictionary(some.type) or len(some.unique()) * 2 <= len(some)


def _range(words: pa.Array) -> tuple[str, str]:
    """Lowest and highest text."""
    found = pc.min_max(words.dictionary if pa.types.is_dictionary(words.type) else words)
    return found["min"].as_py(), found["max"].as_py()

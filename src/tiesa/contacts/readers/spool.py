"""Rows of formats whose columns are known only at the end of the file.

The file is parsed once; its rows wait, compressed, in an unnamed temporary file that goes with the source.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import IO

import pyarrow as pa

from tiesa.contacts.readers.arrays import refuse_reserved_name, text_array
from tiesa.contacts.readers.names import refuse_many_columns, unique_names, without_surrogates
from tiesa.contacts.readers.source import ROW, Source, batch_rows
from tiesa.core.errors import BadRow

BATCH_CHARACTERS = 2**24
"""A batch ends early when its texts reach this length: rows may hold whole letters."""

_LZ4 = pa.ipc.IpcWriteOptions(compression="lz4")

Record = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that is no row: its raw text and why."""

    raw: str
    reason: str


def _unnamed_file() -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="tiesa-")


@dataclass(slots=True, weakref_slot=True)
class Spool:
    """What one pass over a file found: its columns in first-seen order, its broken records, its rows on disk.

    `columns` are as the source calls them, `names` as everything behind the readers does.
    """

    columns: dict[str, None] = field(default_factory=dict)
    broken: list[BadRow] = field(default_factory=list)
    rows: int = 0
    _file: IO[bytes] = field(default_factory=_unnamed_file)
    _places: list[tuple[int, int]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        weakref.finalize(self, self._file.close)

    @property
    def names(self) -> tuple[str, ...]:
        return unique_names(self.columns)

    def learn(self, record: Record) -> None:
        """Takes in the columns of a record that are new."""
        if not record.keys() <= self.columns.keys():
            self.columns.update(dict.fromkeys(record))
            refuse_reserved_name(record, "")
            refuse_many_columns(len(self.columns), "")

    def add(self, records: list[Record], numbers: list[int]) -> None:
        arrays = [pa.array(numbers, pa.int64())]
        arrays += [text_array([record.get(name) for record in records]) for name in self.columns]
        start = self._file.tell()
        batch = pa.RecordBatch.from_arrays(arrays, names=list(map(str, range(len(arrays)))))  # the order will do
        with pa.ipc.new_stream(self._file, batch.schema, options=_LZ4) as writer:
            writer.write_batch(batch)
        self._places.append((start, self._file.tell() - start))
        self.rows += len(records)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in file order, every batch with all columns."""
        schema = pa.schema([(ROW, pa.int64()), *((name, pa.string()) for name in self.names)])
        for start, length in self._places:
            with self._lock:
                self._file.seek(start)
                stored = self._file.read(length)
            batch = pa.ipc.open_stream(stored).read_next_batch()
            missing = [pa.nulls(len(batch), pa.string())] * (len(schema) - batch.num_columns)
            yield pa.RecordBatch.from_arrays([*batch.columns, *missing], schema=schema)


def spool(records: Iterable[Record | Broken]) -> Spool:
    """Runs through the records once and keeps them. Rows and broken records are numbered together from 1."""
    kept = Spool()
    waiting: list[Record] = []
    numbers: list[int] = []
    size = 0
    for number, record in enumerate(records, 1):
        if isinstance(record, Broken):
            kept.broken.append(BadRow(number, "", without_surrogates(record.raw), record.reason))
            continue
        kept.learn(record)
        waiting.append(record)
        numbers.append(number)
        size += sum(map(len, filter(None, record.values())))
        if len(waiting) >= batch_rows(len(kept.columns)) or size >= BATCH_CHARACTERS:
            kept.add(waiting, numbers)
            waiting, numbers, size = [], [], 0
    if waiting:
        kept.add(waiting, numbers)
    return kept


@dataclass(slots=True)
class SpooledSource(Source):
    """A source read once into a spool; `batches()` only replays it."""

    spool: Spool

    def batches(self) -> Iterator[pa.RecordBatch]:
        self.broken[:] = self.spool.broken
        yield from self.spool.batches()

"""The staging file: the rows of a file on its way in, mapped and checked, as they stream out of the engine.

Uncompressed Arrow, so that writing and reading it again cost next to nothing. What an import must know of all its rows
is counted while they pass by.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import ipc

from tiesa.engines.duckdb import scalar

if TYPE_CHECKING:
    import duckdb

STAGE = "staging"
STAGED_ROW = "staged_row"
"""The column that counts the rows of the staging file from 1."""
BATCH_ROWS = 122_880
AHEAD = "128MB"
"""How far the engine reads on while what it has read is counted and written: with less, a core stands still."""
_BLANK = ord(" ")
ID_HASH, OFFSET = "id_hash", "has_offset"
Passed = Callable[[int], None]
"""Hears how many rows have passed by."""


def ignored(rows: int) -> None:
    """Hears it where nobody wants to know."""


class Refused(Exception):
    """The engine cannot read the source itself."""


class Untidy(Exception):
    """A text that was to be staged as it is has blanks around it, or is empty."""


@dataclass(frozen=True, slots=True)
class StageFacts:
    """What is true of all staged rows: `distinct_ids` among the usable ones, `personal` columns hold an `@`."""

    read: int
    bad: int
    with_offset: int
    without_offset: int
    distinct_ids: int
    personal: frozenset[str]


def write_stage(
    connection: duckdb.DuckDBPyConnection,
    select: str,
    *,
    pseudonyms: Sequence[str],
    tidy: Sequence[str],
    is_raw: bool,
    told: Passed = ignored,
) -> StageFacts:
    """Run the staging select in file order, into the relation `staging` of this connection.

    Args: select: with `problems`, and where it has them ID_HASH and OFFSET, which are counted and not kept.
    pseudonyms: columns in which to look for an `@`. tidy: columns of which no text may need trimming. is_raw: a text
    with a NUL is a broken record, which the exact reader sets aside. told: called after each batch.
    Raises: Refused when a row cannot be read, Untidy; maybe after many rows that gave no cause.
    """
    path = _path(connection)
    read = bad = with_offset = without_offset = 0
    hashes: list[npt.NDArray[np.uint64]] = []
    personal: set[str] = set()
    incoming = _stream(connection, select)
    schema = next(incoming).schema
    kept = [f for f in schema if f.name not in (ID_HASH, OFFSET)]
    written = pa.schema([*kept, pa.field(STAGED_ROW, pa.int64())])
    with closing(incoming), pa.OSFile(path, "wb") as file, ipc.new_file(file, written) as writer:
        for batch in incoming:
            if is_raw and any(_holds_nul(batch[f.name]) for f in kept if f.type == pa.string()):
                raise Refused
            if any(_is_untidy(batch[c]) for c in tidy):
                raise Untidy
            numbers = pa.array(np.arange(read + 1, read + 1 + batch.num_rows))
            read += batch.num_rows
            bad += batch.num_rows - batch["problems"].null_count
            if OFFSET in schema.names:
                with_offset += batch[OFFSET].true_count
                without_offset += batch[OFFSET].false_count
            if ID_HASH in schema.names:  # a copy, since a view would keep the whole batch
                hashes.append(batch[ID_HASH].drop_null().to_numpy().copy())
            personal.update(c for c in pseudonyms if c not in personal and b"@" in _bytes_of(batch[c])[1])
            columns = [batch[f.name] for f in kept]
            writer.write_batch(pa.record_batch([*columns, numbers], schema=written))
            told(read)
    _register(connection, path)
    return StageFacts(read, bad, with_offset, without_offset, _distinct(hashes), frozenset(personal))


def _path(connection: duckdb.DuckDBPyConnection) -> str:
    return str(Path(str(scalar(connection, "select current_setting('temp_directory')"))) / "staging.arrow")


def _stream(connection: duckdb.DuckDBPyConnection, select: str) -> Generator[pa.RecordBatch, None, None]:
    """An empty batch that shows the columns, then the rows in the order of the file.

    The engine keeps that order through everything but joins, and would make one of a long `in (...)`."""
    import duckdb

    connection.execute(f"set disabled_optimizers = 'in_clause'; set streaming_buffer_size = '{AHEAD}'")
    try:
        with connection.sql(select).to_arrow_reader(BATCH_ROWS) as reader:
            yield pa.RecordBatch.from_pylist([], schema=reader.schema)
            yield from reader
    except duckdb.Error as failure:
        if not is_of_source(failure):
            raise
        raise Refused from failure
    except OSError as failure:  # the same on their way through Arrow
        if str(failure).startswith(("Invalid Input Error", "Conversion Error", "IO Error")):
            raise Refused from failure
        raise
    finally:
        connection.execute("reset disabled_optimizers; reset streaming_buffer_size")


def is_of_source(failure: duckdb.Error) -> bool:
    """Whether the engine failed because of what it read. Some damage to Parquet files is of no kind of its own."""
    import duckdb

    known = (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.IOException)
    return isinstance(failure, known) or type(failure) is duckdb.Error


def _register(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    from pyarrow import dataset

    connection.register(STAGE, dataset.dataset(path, format="ipc"))


def open_stage(connection: duckdb.DuckDBPyConnection, columns: Collection[str]) -> ipc.RecordBatchFileReader:
    """The staging file, of which only these columns are read."""
    path = _path(connection)
    names = ipc.open_file(pa.OSFile(path)).schema.names
    wanted = [place for place, column in enumerate(names) if column in columns]
    return ipc.open_file(pa.OSFile(path), options=ipc.IpcReadOptions(included_fields=wanted))


def _bytes_of(column: pa.Array) -> tuple[npt.NDArray[np.int32], bytes]:
    """Where each text of a column begins and the last one ends, and the bytes of all."""
    _valid, offsets, words = column.buffers()
    ends = np.frombuffer(offsets, np.int32, len(column) + 1, column.offset * 4)
    if words is None:
        return ends - ends[0], b""
    return ends - ends[0], words.slice(ends[0], ends[-1] - ends[0]).to_pybytes()


def _holds_nul(column: pa.Array) -> bool:
    _valid, offsets, words = column.buffers()
    if words is None:
        return False
    ends = np.frombuffer(offsets, np.int32, len(column) + 1, column.offset * 4)
    letters = np.frombuffer(words, np.uint8)[ends[0] : ends[-1]]
    return bool(letters.min(initial=_BLANK) == 0)


def _is_untidy(column: pa.Array) -> bool:
    """Whether a text is empty, or begins or ends with a blank."""
    ends, words = _bytes_of(column)
    full = ends[1:] > ends[:-1]
    if np.count_nonzero(full) < len(column) - column.null_count:
        return True
    if b" " not in words:
        return False
    letters = np.frombuffer(words, np.uint8)
    return bool(np.any(letters[ends[:-1][full]] == _BLANK) or np.any(letters[ends[1:][full] - 1] == _BLANK))


def _distinct(hashes: Sequence[npt.NDArray[np.uint64]]) -> int:
    if not hashes:
        return 0
    every = np.concatenate(hashes)
    every.sort()
    return int(np.count_nonzero(every[1:] != every[:-1])) + int(bool(len(every)))

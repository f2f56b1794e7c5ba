"""How much text a Parquet file unpacks to, looked up before it is read: one long text in the dictionary of a column may
stand for millions of rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tiesa.contacts.readers.source import BATCH_ROWS
from tiesa.contacts.readers.spool import BATCH_CHARACTERS
from tiesa.contacts.readers.unpacking import allowed_size, bomb

DAMAGE = (pa.ArrowException, OSError, OverflowError, UnicodeError)
"""What the library raises on a damaged file."""
SUSPICIOUS = 2**30
"""Bytes a column could at most have, rows times the size of its dictionary, below which nobody looks closer."""


def longest_text(file: pq.ParquetFile, path: Path) -> int:
    """Bytes of the longest text among columns that could unpack to far more than the file deserves; 0 where none could.

    Raises: UnusableInput where their texts together do.
    """
    allowed, total, longest = allowed_size(path.stat().st_size), 0, 0
    for lengths, times in _lengths(file, path):
        longest = max(longest, pc.max(lengths).as_py() or 0)
        total += pc.sum((lengths if times is None else lengths.take(times)).cast(pa.int64())).as_py() or 0
        if total > allowed:
            raise bomb(path)
    return longest


def _lengths(file: pq.ParquetFile, path: Path) -> Iterator[tuple[pa.Array, pa.Array | None]]:
    """Lengths of texts in suspicious columns, batch by batch; of texts in a dictionary, and which row has which."""
    for place, bytes_ in _suspicious_columns(file.metadata).items():
        name = file.metadata.row_group(0).column(place).path_in_schema
        if "." in name:  # the library cannot leave texts within maps and lists in their dictionary
            rows = max(1, min(BATCH_ROWS, BATCH_CHARACTERS // bytes_))
            for batch in file.iter_batches(batch_size=rows, columns=[name]):
                yield from ((pc.binary_length(texts), None) for array in batch.columns for texts in _texts(array))
            continue
        with pq.ParquetFile(path, read_dictionary=[name]) as coded:
            for batch in coded.iter_batches(batch_size=BATCH_ROWS, columns=[name]):
                for array in batch.columns:
                    if pa.types.is_dictionary(array.type):
                        yield pc.binary_length(array.dictionary), array.indices


def _texts(array: pa.Array) -> Iterator[pa.Array]:
    """The columns of text in a nested one."""
    kind = array.type
    if pa.types.is_map(kind):
        yield from (*_texts(array.keys), *_texts(array.items))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _texts(array.flatten())
    elif pa.types.is_struct(kind):
        yield from (texts for part in array.flatten() for texts in _texts(part))
    elif pa.types.is_string(kind) or pa.types.is_binary(kind):
        yield array


def _suspicious_columns(metadata: pq.FileMetaData) -> dict[int, int]:
    """Places of text columns that have a dictionary and enough rows, with the most bytes that a text may have."""
    found: dict[int, int] = {}
    for group in range(metadata.num_row_groups):
        chunks = metadata.row_group(group)
        for place in range(chunks.num_columns):
            chunk = chunks.column(place)
            coded = chunk.physical_type == "BYTE_ARRAY" and any("DICTIONARY" in name for name in chunk.encodings)
            if coded and chunk.num_values * chunk.total_uncompressed_size > SUSPICIOUS:
                found[place] = max(found.get(place, 1), chunk.total_uncompressed_size)
    return found

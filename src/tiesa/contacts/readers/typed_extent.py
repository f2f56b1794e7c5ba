"""How much text a Parquet file unpacks to, looked up before it is read: one long text in the dictionary of a column may
stand for millions of rows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tiesa.contacts.readers.source import BATCH_ROWS
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
    for place in sorted(_suspicious_columns(file.metadata)):
        name = file.metadata.row_group(0).column(place).path_in_schema
        with pq.ParquetFile(path, read_dictionary=[name]) as coded:
            for batch in coded.iter_batches(batch_size=BATCH_ROWS, columns=[name]):
                for array in batch.columns:
                    if pa.types.is_dictionary(array.type):
                        lengths = pc.binary_length(array.dictionary)
                        longest = max(longest, pc.max(lengths).as_py() or 0)
                        total += pc.sum(lengths.take(array.indices).cast(pa.int64())).as_py() or 0
                if total > allowed:
                    raise bomb(path)
    return longest


def _suspicious_columns(metadata: pq.FileMetaData) -> set[int]:
    """Places of text columns that have a dictionary and enough rows."""
    found = set()
    for group in range(metadata.num_row_groups):
        chunks = metadata.row_group(group)
        for place in range(chunks.num_columns):
            chunk = chunks.column(place)
            coded = chunk.physical_type == "BYTE_ARRAY" and any("DICTIONARY" in name for name in chunk.encodings)
            if coded and chunk.num_values * chunk.total_uncompressed_size > SUSPICIOUS:
                found.add(place)
    return found

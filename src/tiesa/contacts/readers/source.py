"""What every reader hands on: text columns in file order, as often as asked, in bounded memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from tiesa.core.errors import BadRow

ROW = "tiesa_row"
"""Name of the column every batch carries: the record's number in the file, from 1."""

INTERNAL = "tiesa internal:"
"""How names of columns begin that only exist while a file is taken in; no source has one."""

BATCH_ROWS = 65_536
BATCH_CELLS = 2**22
"""A batch of a wide table has fewer rows, so that no batch has more cells than this."""
UNPACK_RATIO = 200
"""A compressed file may grow at most this many times (and any file may reach UNPACK_FREE bytes)."""
UNPACK_FREE = 256 * 2**20


def batch_rows(columns: int) -> int:
    """How many rows a batch of that many columns may have."""
    return max(1, min(BATCH_ROWS, BATCH_CELLS // max(1, columns)))


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """What a mapping may say about how to read (`[reader]`); empty means: find out.

    explode: JSON list column whose elements become rows. own: the organisation's mail addresses or
    `@domains`. sheet: XLSX sheet name. encoding, delimiter: of text files.
    """

    explode: str = ""
    own: tuple[str, ...] = ()
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""


@dataclass(slots=True)
class Source(ABC):
    """A file or frame that can be read from the start as often as needed.

    `columns` are the source's own columns, without ROW. Every batch has ROW (int64) and `columns`;
    a column is text unless the format itself is typed (Parquet, frames, XLSX dates). Missing and
    empty values are null. Records that are no rows at all (ragged lines) are collected in `broken` while
    `batches()` runs, with their raw text; good rows keep their numbers. `notes` says in sentences what the
    reader had to assume.
    """

    path: Path | None
    format: str
    columns: tuple[str, ...]
    broken: list[BadRow] = field(default_factory=list, init=False)
    notes: list[str] = field(default_factory=list, init=False)

    @abstractmethod
    def batches(self) -> Iterator[pa.RecordBatch]: ...

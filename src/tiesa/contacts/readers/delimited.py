"""CSV and its kin, read record by record: what is whole goes on, what is broken is set aside and told."""

from __future__ import annotations

import codecs
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

import pyarrow as pa

from tiesa.contacts.readers.csv_records import RecordPass
from tiesa.contacts.readers.dialect import (
    SAMPLE,
    CsvDialect,
    decoded,
    find_dialect,
    parsed,
)
from tiesa.contacts.readers.encodings import MARK, find_encoding
from tiesa.contacts.readers.names import refuse_many_columns
from tiesa.contacts.readers.source import ReaderOptions, Source
from tiesa.contacts.readers.unpacking import BLOCK, Content
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _


@dataclass(slots=True)
class CsvSource(Source):
    """A text table. `batches()` takes every record for itself; `plain_file()` is for engines that read CSV faster."""

    dialect: CsvDialect
    content: Content

    def batches(self) -> Iterator[pa.RecordBatch]:
        self.broken.clear()
        with TextIOWrapper(self.content.open(), self.dialect.encoding, MARK, newline="") as text:
            yield from RecordPass(text, self.dialect, self.broken).batches()

    @contextmanager
    def plain_file(self) -> Iterator[Path]:
        """The table as an unpacked UTF-8 file without mark, header included: the file itself when it is one,
        else a temporary one, gone afterwards. Bytes that mean nothing in the encoding become 0xFF, which is not
        UTF-8 either.
        """
        as_it_is = self.dialect.encoding == "utf-8"
        if as_it_is and not self.content.packing:
            yield self.content.path
            return
        with tempfile.TemporaryDirectory(prefix="tiesa-") as folder:
            plain = Path(folder) / "plain.csv"
            with self.content.open() as packed, plain.open("wb") as target:
                if as_it_is:
                    shutil.copyfileobj(packed, target, BLOCK)
                else:
                    text = TextIOWrapper(packed, self.dialect.encoding, MARK, newline="")
                    while block := text.read(BLOCK):
                        target.write(block.encode("utf-8", "surrogateescape"))
            yield plain


def open_csv(content: Content, *, options: ReaderOptions) -> CsvSource:
    """Finds out the dialect; what the options give is not guessed.

    Raises: UnusableInput where there is no record under the header.
    """
    sample = content.head(SAMPLE)
    encoding = options.encoding or find_encoding(telling_sample(content, sample))
    if sample.startswith(codecs.BOM_UTF8) and codecs.lookup(encoding).name == "utf-8":
        encoding = "utf-8-sig"
    dialect = find_dialect(sample, encoding=encoding, delimiter=options.delimiter)
    rows = parsed(decoded(sample, encoding), dialect.delimiter, dialect.quote)
    if len(rows) <= dialect.header and len(sample) < SAMPLE:
        raise UnusableInput(_("The file has a header but no row"), where=str(content.path))
    refuse_many_columns(len(dialect.columns), str(content.path))
    kind = "tsv" if dialect.delimiter == "\t" else "csv"
    source = CsvSource(content.path, kind, dialect.columns, dialect, content)
    if not dialect.header:
        source.notes.append(_("The first line was taken for a row, not for names of columns"))
    return source


def telling_sample(content: Content, start: bytes) -> bytes:
    """The sample, or the first stretch with bytes outside ASCII: a long file may show its first `č` late."""
    if len(start) < SAMPLE or not start.isascii() or b"\0" in start:
        return start
    with content.open() as stream:
        while block := stream.read(BLOCK):
            if not block.isascii():
                place = next(place for place in range(0, len(block), 4096) if not block[place : place + 4096].isascii())
                return block[place : place + SAMPLE] + stream.read(max(0, SAMPLE - (len(block) - place)))
    return start

"""How a text table is written: encoding, delimiter, quotes and header, told by a sample of its bytes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tiesa.contacts.readers.encodings import MARK, find_encoding
from tiesa.contacts.readers.names import unique_names
from tiesa.contacts.readers.values import is_value

SAMPLE = 2**18
SAMPLE_ROWS = 1_000
DELIMITERS = "\t;|,"
"""In order of trust: commas stand in texts and numbers too, tabs hardly ever."""
STRAY_QUOTES = 3
"""Cells that open with a quote nobody closes before quotes are taken for plain characters."""
MAX_CELL = 2**24
csv.field_size_limit(max(MAX_CELL, csv.field_size_limit()))

Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """How to read a text table.

    encoding: a Python codec name. quote: "" where nothing is quoted; inside quotes a doubled quote stands for one.
    header: whether the first record names the columns. columns: their names, made unique and never blank.
    """

    encoding: str
    delimiter: str
    quote: str
    header: bool
    columns: tuple[str, ...]


def find_dialect(sample: bytes, *, encoding: str = "", delimiter: str = "") -> CsvDialect:
    r"""The dialect of the text table that starts with `sample`; what is given is not guessed.

    >>> find_dialect("kupac;iznos\nAna;12,50\n".encode("cp1250"))
    CsvDialect(encoding='utf-8', delimiter=';', quote='"', header=True, columns=('kupac', 'iznos'))
    """
    encoding = encoding or find_encoding(sample)
    text = decoded(sample, encoding)
    candidates = [(quote, mark) for quote in _quotes(text) for mark in delimiter or DELIMITERS]
    quote, delimiter = max(candidates, key=lambda found: _score(text, *found))
    rows = parsed(text, delimiter, quote)
    first = rows[0] if rows else []
    header = has_header(rows)
    columns = unique_names(first if header else [""] * len(first))
    return CsvDialect(encoding, delimiter, quote, header, columns)


def decoded(sample: bytes, encoding: str) -> str:
    """The sample as text; a character cut at its end is left out, undecodable bytes are marked."""
    with io.TextIOWrapper(io.BytesIO(sample), encoding, MARK, newline="") as text:
        return text.read()


def records_of_lines(lines: Iterable[str], delimiter: str, quote: str, *, strict: bool = False) -> Iterator[list[str]]:
    """The standard library's reader for a dialect. Blanks before a cell do not hide its quote."""
    return csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        skipinitialspace=True,
        strict=strict,
    )


def parsed(text: str, delimiter: str, quote: str) -> Rows:
    """The first records of a sample, blank lines left out, and the last one if it may be cut."""
    reader = records_of_lines(io.StringIO(text, newline=""), delimiter, quote)
    rows: Rows = []
    try:
        for row in islice(reader, SAMPLE_ROWS + 1):
            rows.append(row)
    except csv.Error:
        pass  # what was read until here is sample enough
    if len(rows) > 2 and (len(rows) > SAMPLE_ROWS or not text.endswith(("\n", "\r"))):
        rows.pop()
    return [row for row in rows if len(row) > 1 or any(cell.strip() for cell in row)]


def _quotes(text: str) -> tuple[str, ...]:
    """Quote characters worth a try: single ones where they enclose more cells, none where quotes never close."""
    edge = f"[{DELIMITERS}]"
    enclosed = {
        quote: len(re.findall(rf"(?:^|{edge}){quote}[^{quote}\r\n]*{quote}(?={edge}|\r|$)", text, re.MULTILINE))
        for quote in "\"'"
    }
    if enclosed["'"] > enclosed['"']:
        return '"', "'"
    opened = len(re.findall(rf'(?:^|{edge})"', text, re.MULTILINE))
    closed = re.search(rf'(?:^|[^{DELIMITERS}\r\n])"(?:{edge}|\r|$)', text, re.MULTILINE)
    return ("",) if opened >= STRAY_QUOTES and not closed and not enclosed['"'] else ('"',)


def _score(text: str, quote: str, delimiter: str) -> tuple[float, ...]:
    """Several columns before one; then as many records as wide as the first; then single quotes round every name."""
    rows = parsed(text, delimiter, quote)
    if not rows:
        return (0, 0, 0)
    width = len(rows[0])
    share = sum(is_as_wide(row, width) for row in rows) / len(rows)
    first_line = text.lstrip("\r\n").partition("\n")[0].rstrip("\r")
    enclosed = quote == "'" and first_line == delimiter.join(f"'{cell}'" for cell in rows[0])
    return (width > 1 and share >= 0.5, round(share, 2), enclosed)


def is_as_wide(row: Sequence[str], width: int) -> bool:
    """A record may end in more delimiters than the header, as long as nothing stands between them."""
    return len(row) == width or (len(row) > width and not any(cell.strip() for cell in row[width:]))


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names columns: no number, time or address above its like, no value of the rows
    below (unless the whole row comes again, as in files put together)."""
    if not rows:
        return False
    first, below = [cell.strip() for cell in rows[0]], rows[1:201]
    again = False
    for i, name in enumerate(first):
        cells = [cell for row in below if i < len(row) and (cell := row[i].strip())]
        values = sum(map(is_value, cells))
        if name and is_value(name) and 2 * values >= len(cells):
            return False
        if name and not is_value(name) and cells and values >= 0.8 * len(cells):
            return True
        again = again or (name != "" and name in cells)
    return not again or any([cell.strip() for cell in row] == first for row in below)

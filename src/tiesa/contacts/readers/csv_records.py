"""The records of a text table, tolerant and exact: whole ones go on, broken ones are set aside and told."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper

import pyarrow as pa

from tiesa.contacts.readers.arrays import trimmed
from tiesa.contacts.readers.dialect import CsvDialect, is_as_wide, records_of_lines
from tiesa.contacts.readers.encodings import UNDECODABLE
from tiesa.contacts.readers.source import BATCH_ROWS, ROW
from tiesa.contacts.readers.spool import BATCH_CHARACTERS
from tiesa.core.errors import BadRow
from tiesa.core.locale import _

MAX_LINES = 1_000
"""A record with more lines than this has a quote that was never closed."""
CHUNK = 2**17
"""Characters taken at once: few enough for their cells to stay in the processor's cache."""

Cells = list[str]


class _NeverClosedError(Exception):
    """The lines ran out, or too many went by, inside one quoted cell."""


@dataclass(slots=True)
class RecordPass:
    """One pass over a text table. `broken` receives what is set aside, in file order."""

    text: TextIOWrapper
    dialect: CsvDialect
    broken: list[BadRow]
    _row: int = 0
    _header: bool = False  # whether the header is still to come
    _taken: list[str] = field(default_factory=list)  # lines of the record at hand
    _again: deque[str] = field(default_factory=deque)  # lines read ahead, or to be read once more
    _strange: bool = False  # the record at hand has a NUL or undecodable bytes

    def batches(self) -> Iterator[pa.RecordBatch]:
        parts: list[list[pa.Array]] = []
        length = size = 0
        for numbers, rows in self._chunks():
            columns = [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)]
            parts.append([pa.array(numbers, pa.int64()), *columns])
            length, size = length + len(rows), size + sum(column.nbytes for column in columns)
            if length >= BATCH_ROWS or size >= BATCH_CHARACTERS:
                yield from self._batch(parts)
                parts, length, size = [], 0, 0
        if parts:
            yield from self._batch(parts)

    def _batch(self, parts: list[list[pa.Array]]) -> Iterator[pa.RecordBatch]:
        numbers, *columns = (pa.concat_arrays(pieces) for pieces in zip(*parts, strict=True))
        arrays = [numbers, *map(trimmed, columns)]
        batch = pa.RecordBatch.from_arrays(arrays, names=[ROW, *self.dialect.columns])
        for start in range(0, len(batch), BATCH_ROWS):
            yield batch.slice(start, BATCH_ROWS)

    def _chunks(self) -> Iterator[tuple[Sequence[int], list[Cells]]]:
        self._header = self.dialect.header
        while lines := self.text.readlines(CHUNK):
            rows = self._at_once(lines)
            if rows is not None:
                numbers: Sequence[int] = range(self._row + 1, self._row + 1 + len(rows))
                self._row += len(rows)
            else:
                self._again.extend(lines)
                numbers, rows = self._one_by_one()
            if rows:
                yield numbers, rows

    def _at_once(self, lines: list[str]) -> list[Cells] | None:
        """All records of the lines, or None where one of them, or the header, wants a closer look."""
        if self._header or _is_strange("".join(lines)):
            return None
        try:
            rows = list(self._reader(lines, strict=True))
        except csv.Error:
            return None
        alike = set(map(len, rows)) == {len(self.dialect.columns)} != {1}
        return rows if alike and len(rows) > len(lines) - MAX_LINES else None

    def _one_by_one(self) -> tuple[list[int], list[Cells]]:
        width = len(self.dialect.columns)
        rows: list[Cells] = []
        numbers: list[int] = []
        for cells in self._records():
            self._row += 1
            if self._strange:
                self._set_aside(self._strange_reason())
            elif cells is None:
                self._set_aside(_("a quotation mark is never closed"))
            elif is_as_wide(cells, width):
                rows.append(cells[:width])
                numbers.append(self._row)
            elif len(self._taken) > 1 and self._is_record(self._taken[1]):
                self._give_back()
                self._set_aside(_("a quotation mark is never closed"))
            else:
                self._set_aside(_("it has {n} cells, not {width}").format(n=len(cells), width=width), cells)
        return numbers, rows

    def _records(self) -> Iterator[Cells | None]:
        """Every record but the header and blank lines, until no line is left over; None for an unreadable one."""
        while self._again:
            self._taken.clear()
            try:
                cells = next(self._reader(self._lines(), strict=True), None)
            except _NeverClosedError:
                self._give_back()
                cells = None
            except csv.Error:
                cells = self._leniently()
            if not (cells and len(cells) > 1) and _is_blank(self._taken):
                continue
            if self._header:
                self._header = False
            else:
                yield cells

    def _reader(self, lines: Iterable[str], *, strict: bool = False) -> Iterator[Cells]:
        return records_of_lines(lines, self.dialect.delimiter, self.dialect.quote, strict=strict)

    def _lines(self) -> Iterator[str]:
        """Line after line, as the reader asks for them: for a second one only inside quotes."""
        self._strange = False
        while line := self._again.popleft() if self._again else self.text.readline():
            if len(self._taken) >= MAX_LINES:
                self._again.appendleft(line)
                raise _NeverClosedError
            self._strange = self._strange or _is_strange(line)
            self._taken.append(line)
            yield line
        raise _NeverClosedError

    def _give_back(self) -> None:
        """Keeps the first line of the record at hand; the rest is read once more."""
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]
        self._strange = _is_strange(self._taken[0])

    def _leniently(self) -> Cells | None:
        """Takes quotes that stand wrong in one line for plain characters, as most programs do."""
        if len(self._taken) > 1:
            self._give_back()
            return None
        try:
            return next(self._reader(self._taken))
        except csv.Error:
            return None

    def _set_aside(self, reason: str, cells: Sequence[str] = ()) -> None:
        raw = "".join(self._taken).rstrip("\r\n").replace(UNDECODABLE, "\ufffd")
        named: dict[str, str | None] = dict(zip(self.dialect.columns, cells, strict=False))
        self.broken.append(BadRow(self._row, "", raw, reason, named or None))

    def _is_record(self, line: str) -> bool:
        try:
            cells = next(self._reader([line], strict=True), [])
        except csv.Error:
            return False
        return len(cells) == len(self.dialect.columns) > 1

    def _strange_reason(self) -> str:
        if any("\0" in line for line in self._taken):
            return _("it holds a NUL character")
        return _("it holds bytes that are not {encoding}").format(encoding=self.dialect.encoding)


def _is_strange(line: str) -> bool:
    return UNDECODABLE in line or "\0" in line


def _is_blank(lines: list[str]) -> bool:
    return not any(line.strip() for line in lines)

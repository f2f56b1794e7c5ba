"""How much a workbook unpacks to, looked up in its parts before it is read: the library behind the reader makes a grid
of every cell between the corners, and a copy of a shared text for every cell that has it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tiesa.contacts.readers.unpacking import DAMAGE, Content, allowed_size, bomb
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _

BLOCK = 2**20
FAR = 2**24
MOST_COLUMNS = 16_384
LONGEST_TAG = 2**22
GRID_FREE = 2**23
"""Cells of a grid that are never too many (32 bytes each)."""
GRID_RATIO = 20
"""A larger grid may have at most this many places for each cell that is there."""
TEXTS_FREE = 2**20
"""Shared texts that may be announced though they are not there."""
TEXT_FREE = 2**28
"""Bytes of text that are never too many."""
_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*")
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_NO_PLACE = re.compile(rb"""\br\s*=\s*["'](?:[A-Za-z]{4}|[A-Za-z]*\d{8})""")
"""Farther out than a sheet can reach; the library makes of it whatever is left in 32 bits."""
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br\s*=\s*["'](\d{1,7})["']""")
_ROW_TAG = re.compile(rb"<(?:\w+:)?row\b[^>]*")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*(\d{1,9})""")
_DECLARED = re.compile(rb"""<(?:\w+:)?sst\b[^>]*?\buniqueCount\s*=\s*["'](\d+)["']""")
"""For as many shared texts the library makes room at once."""
_ITEM_END = re.compile(rb"</(?:\w+:)?si\s*>|<(?:\w+:)?si\s*/>")


@dataclass(slots=True)
class _Sheet:
    cells: int = 0
    unplaced: int = 0  # cells that only stand behind the one before
    width: int = 0
    height: int = 0
    left: int = FAR
    top: int = FAR
    text: int = 0
    is_beyond: bool = False  # a cell or row stands where no sheet reaches

    @property
    def places(self) -> int:
        """Places of the grid between the outermost cells, which is what the library makes; never too few."""
        width = max(self.width - min(self.left, self.width) + 1, min(self.unplaced, MOST_COLUMNS))
        return width * (self.height - min(self.top, self.height) + 1)


def refuse_bomb(content: Content) -> None:
    """Raises UnusableInput where a sheet, or the texts its cells share, would become far more than the file deserves,
    or where its parts cannot be unpacked."""
    limit = max(TEXT_FREE, allowed_size(content.path.stat().st_size))
    try:
        with zipfile.ZipFile(content.path) as archive:
            names = [info.filename for info in archive.infolist()]
            shared = next((name for name in names if name.lower().endswith("sharedstrings.xml")), "")
            lengths = _lengths(_blocks(archive, shared)) if shared else np.zeros(0, np.int64)
            if shared and _declared(archive, shared) > max(TEXTS_FREE, GRID_RATIO * len(lengths)):
                raise damaged(content)
            for name in names:
                if "worksheets/" in name.lower() and name.lower().endswith(".xml"):
                    sheet = _measured(_blocks(archive, name), lengths)
                    if sheet.is_beyond or sheet.places > max(GRID_FREE, GRID_RATIO * sheet.cells):
                        raise _stretched(content)
                    if sheet.text > limit:
                        raise bomb(content.path)
    except DAMAGE as error:
        raise damaged(content) from error


def _stretched(content: Content) -> UnusableInput:
    return UnusableInput(
        _("Cells far apart stretch a sheet over many millions of empty places"),
        where=str(content.path),
        remedy=_("Delete the rows and columns beside and below the table, and save it again"),
    )


def damaged(content: Content) -> UnusableInput:
    return UnusableInput(_("The workbook is damaged"), where=str(content.path), remedy=_("Export it again"))


def _blocks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The part in pieces that end where a tag ends."""
    with archive.open(name) as part:
        rest = b""
        while block := part.read(BLOCK):
            whole, end, rest = (rest + block).rpartition(b"</")
            if not end and len(rest) > LONGEST_TAG:
                whole, rest = rest, b""
            yield whole
            rest = end + rest
        yield rest


def _declared(archive: zipfile.ZipFile, name: str) -> int:
    with archive.open(name) as part:
        found = _DECLARED.search(part.read(BLOCK))
    return int(found[1]) if found else 0


def _lengths(blocks: Iterator[bytes]) -> np.ndarray:
    """Bytes of markup of every shared text: a little more than the text has."""
    lengths: list[int] = []
    open_length = 0
    for block in blocks:
        start = 0
        for end in _ITEM_END.finditer(block):
            lengths.append(open_length + end.start() - start)
            open_length, start = 0, end.end()
        open_length += len(block) - start
    return np.array(lengths, np.int64)


def _measured(blocks: Iterator[bytes], lengths: np.ndarray) -> _Sheet:
    sheet = _Sheet()
    heaviest = int(lengths.max(initial=0))
    for block in blocks:
        cells = _CELL.findall(block)
        places = _PLACE.findall(together := b">".join(cells))
        rows_told = b">".join(_ROW_TAG.findall(block))
        sheet.is_beyond |= bool(_NO_PLACE.search(together) or _NO_PLACE.search(rows_told))
        sheet.cells += len(cells)
        sheet.unplaced += len(cells) - len(places)
        rows = np.array([*_ROW.findall(block), *(row for _letters, row in places)], "S7").astype(np.int64)
        columns = [_number(letters) for letters in {letters for letters, _row in places}]
        sheet.height, sheet.top = (
            max(sheet.height, int(rows.max(initial=0))),
            min(sheet.top, int(rows.min(initial=FAR))),
        )
        sheet.width, sheet.left = max([sheet.width, *columns]), min([sheet.left, *columns])
        if heaviest * sheet.cells > TEXT_FREE:  # only then it is worth to look at every cell
            wanted = np.array(_SHARED.findall(block), "S9").astype(np.int64)
            sheet.text += int(lengths[wanted[wanted < len(lengths)]].sum())
    return sheet


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number

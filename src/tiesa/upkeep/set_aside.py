"""Rows that tell of a person, in the files of rows set aside: counted, or taken out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tiesa.contacts.proposing.names import likeness, phrases
from tiesa.core.home import Home
from tiesa.core.whole_files import DRAFT, remove, replacing
from tiesa.upkeep.person import Person

_LIKE_ENOUGH = 0.5
MOST_LETTERS = 1 << 27
"""Of one cell: a row set aside holds what the file held."""


def count_rows_of(home: Home, person: Person) -> int:
    """How many rows set aside tell of the person."""
    return sum(sum(tells for _row, tells in _rows(path, person)) for path in _files(home))


def rows_of(home: Home, person: Person) -> list[list[str]]:
    """The rows set aside that tell of the person."""
    return [row for path in _files(home) for row, tells in _rows(path, person) if tells]


def remove_rows_of(home: Home, person: Person) -> None:
    """Take these rows out; a file without others goes. What a killed import began to write goes whole.

    Only while no import writes here (`Private.writing(alone=True)`).
    """
    for path in _files(home):
        rows = Counter(tells for _row, tells in _rows(path, person))
        if rows[True] and rows[False] == 1:  # all but the heading
            remove(path)
        elif rows[True]:
            with replacing(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows(row for row, tells in _rows(path, person) if not tells)
    for left in home.quarantine.glob(f"{DRAFT}*"):
        remove(left)


def _files(home: Home) -> list[Path]:
    return sorted(home.quarantine.glob("[!.]*.csv"))


def _rows(path: Path, person: Person) -> Iterator[tuple[list[str], bool]]:
    """Each row, and whether it tells of the person; the heading first, which does not."""
    csv.field_size_limit(MOST_LETTERS)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        heading = next(reader, [])
        ids = [likeness(column, phrases("contact", "customer")) >= _LIKE_ENOUGH for column in heading]
        yield heading, False
        for row in reader:
            is_id = [*ids, *([False] * (len(row) - len(ids)))]
            yield row, any(person.stands_in(cell, is_id=one) for cell, one in zip(row, is_id, strict=False))

"""The seals of the audit log, without the framework: `tiesa check` reads the database's own rows by it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

FIRST = "0" * 64
"""What the first entry names as the seal before it."""
COLUMNS = ("number", "at", "who", "what", "about", "details", "previous", "hash")


class Sealed(Protocol):
    """An entry: a row of the table, whatever reads it."""

    number: int
    at: datetime
    who: str
    what: str
    about: str
    details: dict[str, Any]
    previous: str
    hash: str


def seal(entry: Sealed) -> str:
    """The hash of an entry and of the one before it."""
    said = [
        entry.number,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.who,
        entry.what,
        entry.about,
        entry.details,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def breaks(entries: Iterable[Sealed]) -> Iterator[tuple[int, datetime]]:
    """Number and time of the entries, given in order, at which the chain does not hold."""
    previous, number = FIRST, 0
    for entry in entries:
        if entry.number != number + 1 or entry.previous != previous or entry.hash != seal(entry):
            yield entry.number, entry.at
        previous, number = entry.hash, entry.number

"""From what is said of pairs to persons: joined pair by pair, unless something speaks against it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum

from tiesa.core.enums import JoinReason
from tiesa.core.folding import folded

MOST_NUMBERS = 20
"""So many numbers one person may have; a chain of shared values that is longer is not believed."""
ALIKE = 0.84
"""From this likeness (Ratcliff and Obershelp) on, two words of LONG letters are one name with a slip in it."""
LONG = 5
_WORD = re.compile(r"\w+")


class Doubt(StrEnum):
    """What speaks against joining."""

    NAMES = "names"
    APART = "apart"
    CROWDED = "crowded"
    CHAIN = "chain"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two numbers that a rule would join and something speaks against. n: how many numbers share the value."""

    low: int
    high: int
    reason: JoinReason
    doubt: Doubt
    n: int

    @property
    def pair(self) -> tuple[int, int]:
        return self.low, self.high


def same_name(one: str | None, other: str | None) -> bool | None:
    """Can two names be one person's? None where either is unknown.

    Every word of the shorter must stand in the longer: to the letter without case, accents and script, as an initial,
    or with one slip. So `A. Petrović` may be `Ана Петровић`, but two of one family are not one person.

    >>> same_name("Ana Petrović", "Петровић А."), same_name("Ana Petrović", "Marko Petrović")
    (True, False)
    >>> same_name("Jurgita Žukauskienė", "jurgita zukauskine"), same_name("", "Ana")
    (True, None)
    """
    words = sorted((_WORD.findall(folded(one or "")), _WORD.findall(folded(other or ""))), key=len)
    if not words[0]:
        return None
    left = list(words[1])
    for word in sorted(words[0], key=len, reverse=True):
        match = next((w for w in left if _same_word(word, w)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _same_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if short == long or (len(short) == 1 and long.startswith(short)):
        return True
    if len(short) < LONG or one[0] != other[0]:
        return False
    return SequenceMatcher(None, short, long, autojunk=False).ratio() >= ALIKE


@dataclass
class Persons:
    """Numbers in groups, each a person. names: of those numbers whose name is known. apart: pairs that are not one."""

    names: Mapping[int, str]
    apart: Iterable[tuple[int, int]] = ()
    _of: dict[int, list[int]] = field(default_factory=dict)
    _apart: dict[int, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for low, high in self.apart:
            self._apart.setdefault(low, set()).add(high)
            self._apart.setdefault(high, set()).add(low)

    def numbers(self, number: int) -> list[int]:
        """All numbers of the person with this one."""
        return self._of.get(number, [number])

    def doubt(self, low: int, high: int) -> Doubt | None:
        """What speaks against making the persons of two numbers one; None: nothing."""
        mine, theirs = self.numbers(low), self.numbers(high)
        if high in mine:
            return None
        if any(other in self._apart.get(one, ()) for one in mine for other in theirs):
            return Doubt.APART
        if len(mine) + len(theirs) > MOST_NUMBERS:
            return Doubt.CHAIN
        names = self.names
        if any(same_name(names.get(one), names.get(other)) is False for one in mine for other in theirs):
            return Doubt.NAMES
        return None

    def join(self, low: int, high: int) -> None:
        """Make the persons of two numbers one."""
        mine, theirs = self.numbers(low), self.numbers(high)
        if high in mine:
            return
        together = sorted([*mine, *theirs])
        for number in together:
            self._of[number] = together

    def by_number(self) -> dict[int, int]:
        """Each number that is joined to another, with the lowest of its person."""
        return {number: numbers[0] for number, numbers in self._of.items()}

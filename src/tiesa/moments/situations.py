"""Situations: atoms joined by "and", generated from the data, each with its stable id and its words.

Nothing is listed by hand: singles of everything that occurs, pairs of different families, three only under what was
selected. A situation that no more contacts are in than one with fewer conditions is that one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiesa.moments.atoms import Atom, atoms_of
from tiesa.moments.episodes import Episodes, bits_of, episodes_of
from tiesa.moments.timeline import Timeline

LEAST_SHARE = 0.02
"""Of the customers, who must have been in a situation for it to be looked at."""
MOST = 4000
"""Situations looked at; of more, those that most customers were in."""


@dataclass(frozen=True)
class Situation:
    """Conditions on one contact that hold together."""

    atoms: tuple[Atom, ...]

    @classmethod
    def of(cls, atoms: Iterable[Atom]) -> Situation:
        return cls(tuple(sorted(atoms)))

    def __len__(self) -> int:
        return len(self.atoms)

    @property
    def conditions(self) -> int:
        """How many conditions it is made of, some of which are in one atom."""
        return sum(atom.conditions for atom in self.atoms)

    @cached_property
    def id(self) -> str:
        """Derived from the normalised condition alone: every build gives the same situation the same id."""
        return "m-" + blake2b(json.dumps(self.as_plain(), sort_keys=True).encode(), digest_size=5).hexdigest()

    @property
    def families(self) -> frozenset[str]:
        return frozenset(atom.family for atom in self.atoms)

    def as_plain(self) -> dict[str, Any]:
        return {"all": [atom.as_plain() for atom in self.atoms]}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Situation:
        """The situation that `as_plain` told of."""
        return cls.of(Atom.from_plain(one) for one in plain["all"])

    def is_within(self, other: Situation) -> bool:
        """Whether it has every condition of the other, and more."""
        return set(other.atoms) < set(self.atoms)

    def is_nested(self, other: Situation) -> bool:
        """Whether one of the two has every condition of the other."""
        return self == other or self.is_within(other) or other.is_within(self)

    def __str__(self) -> str:
        return " & ".join(f"{a.kind}:{a.name}={a.value}" for a in self.atoms)


@dataclass(frozen=True)
class Candidate:
    """A situation with its episodes among the customers it is searched in."""

    situation: Situation
    episodes: Episodes


class Grammar:
    """Every situation that enough customers have been in, those with fewer conditions first.

    At least 2 % of the customers; those that a person defined, however few. Contacts are kept as one bit per atom and
    contact: "and" is an "and" of bytes.
    """

    def __init__(self, timeline: Timeline, defined: Sequence[Situation] = ()) -> None:
        self.timeline = timeline
        self.defined = defined
        self.least = max(LEAST_SHARE * len(timeline.people), 10)
        self._bits: dict[Atom, NDArray[np.uint8]] = {}
        self._seen: set[bytes] = set()

    def singles_and_pairs(self) -> Iterator[Candidate]:
        for atom in atoms_of(self.timeline):
            if atom.is_reaction:
                continue
            flags = atom.flags(self.timeline)
            if np.count_nonzero(flags) < self.least:
                continue
            bits = bits_of(flags)
            found = self._candidate((atom,), bits)
            if found:
                self._bits[atom] = bits
                yield found
        for first, second in self._pairs():
            found = self._candidate((first, second), self._bits[first] & self._bits[second])
            if found:
                yield found
        yield from self._defined()

    def _defined(self) -> Iterator[Candidate]:
        """What a person defined, unless it is generated already, or tells of reactions: those are no explanations."""
        for situation in self.defined:
            found = episodes_of(situation.atoms, self.timeline)
            if len(found) and not any(atom.is_reaction for atom in situation.atoms) and self._is_new(found):
                yield Candidate(situation, found)

    def under(self, parents: Iterable[Situation]) -> Iterator[Candidate]:
        """Situations with one condition more than these."""
        for parent in parents:
            if not all(atom in self._bits for atom in parent.atoms):
                continue
            own = reduce(np.bitwise_and, (self._bits[atom] for atom in parent.atoms))
            for atom, bits in self._bits.items():
                if atom.family not in parent.families and atom.conditions == 1:
                    both = own & bits
                    if np.bitwise_count(both).sum() >= self.least:
                        found = self._candidate((*parent.atoms, atom), both)
                        if found:
                            yield found

    def _pairs(self) -> Iterator[tuple[Atom, Atom]]:
        """Pairs of different families that enough contacts are in; of too many, the most frequent ones."""
        atoms, wanted = [atom for atom in self._bits if atom.conditions == 1], []
        for i, one in enumerate(atoms):
            for j in range(i):
                if atoms[j].family != one.family:
                    n = int(np.bitwise_count(self._bits[one] & self._bits[atoms[j]]).sum())
                    if n >= self.least:
                        wanted.append((n, j, i))
        wanted.sort(reverse=True)
        for _n, j, i in wanted[:MOST]:
            yield atoms[j], atoms[i]

    def _candidate(self, atoms: tuple[Atom, ...], bits: NDArray[np.uint8]) -> Candidate | None:
        """The situation, unless too few customers were in it or nobody simpler lacks exactly these episodes."""
        found = episodes_of(atoms, self.timeline, bits)
        if np.count_nonzero(np.diff(found.customer, prepend=-1)) < self.least:
            return None
        return Candidate(Situation.of(atoms), found) if self._is_new(found) else None

    def _is_new(self, found: Episodes) -> bool:
        """Whether nothing so far has exactly these episodes."""
        both = blake2b(found.row.data, digest_size=16)
        both.update(found.at.data)
        digest = both.digest()
        is_new = digest not in self._seen
        self._seen.add(digest)
        return is_new

"""The search: situations taken in one by one into a joint model, on the first half of the customers.

Testing one by one finds proxies: whatever often stands beside a cause is "significant" too. Here the strongest is taken
in, all others are looked at again beside it, and what a wider situation explains as well is folded into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tiesa.moments.episodes import Windows, windows_of
from tiesa.moments.hazard import Fit, Floats, PersonTime
from tiesa.moments.person_time import common, earlier
from tiesa.moments.situations import Candidate, Grammar, Situation

LEAST_EXPECTED = 8
"""Outcomes to be expected in the windows of a candidate, else it cannot be told from chance."""
STOP_Z = 3.3
"""A candidate weaker than this is not taken in."""
STAYS_Z = 2.6
"""One that falls below this beside the others is dropped again."""
FOLD_Z = 2.5
"""A narrower situation that adds less than this to a wider one is that one."""
COVERED = 0.9
MOST_SELECTED = 12
CONDITION = 4.0
"""What every condition beyond the first costs, in z squared."""
ALIKE = 6.0
"""Situations whose z squared differ by less cannot be told apart on one half."""
BEFORE = 0.75
BESIDE = 0.4
"""Share of overlapping windows that begin earlier, and of days in common, for one to come before the other."""
LOOKED_AT = 40
"""So many of the strongest are looked at for what comes before."""
EXCHANGE = 0.5
"""By how much the criterion must fall for a relative, or what comes first, to take a place."""
CONTENDS = 0.5
CONTENDERS = 6
UNLIKE = 0.8
"""Share of z squared from which something is another explanation, how many are kept, and how alike they may be."""
RIVALS = 8
ROUNDS = 3
"""So many rivals are tried for each place, at most so often."""
BEAM = 40
"""So many of the strongest pairs are looked at with a third condition."""


@dataclass(frozen=True)
class Searched:
    """A candidate with its windows, and how far its outcomes are from what was expected without it."""

    situation: Situation
    windows: Windows
    z: float = 0.0


@dataclass
class Search:
    """What was looked at, and what was taken in. steps: what was done, in order, for people to read."""

    person_time: PersonTime
    candidates: list[Searched]
    generated: int
    selected: list[int] = field(default_factory=list)
    fit: Fit | None = None
    first_z: Floats | None = None
    steps: list[str] = field(default_factory=list)

    @cached_property
    def conditions(self) -> NDArray[np.int64]:
        """How many conditions each candidate has."""
        return np.array([len(candidate.situation) for candidate in self.candidates])

    def windows(self, chosen: Sequence[int]) -> list[Windows]:
        return [self.candidates[i].windows for i in chosen]


def search(
    person_time: PersonTime,
    grammar: Grammar,
    horizon_us: int,
    *,
    told: Callable[[str], None] = lambda _line: None,
) -> Search:
    """Select situations on the half of the customers that `person_time` holds."""
    base = person_time.fit([])
    cumulative = person_time.cumulative(base, [])
    found = Search(person_time, [], 0)
    found.fit = base

    def take(candidates: Iterable[Candidate]) -> None:
        for candidate in candidates:
            found.generated += 1
            windows = windows_of(candidate.episodes, person_time.people, horizon_us)
            expected = person_time.expected(cumulative, windows)
            if expected >= LEAST_EXPECTED:
                z = (windows.events - expected) / np.sqrt(expected)
                found.candidates.append(Searched(candidate.situation, windows, z))

    take(grammar.singles_and_pairs())
    pairs = [c for c in found.candidates if len(c.situation) == 2 and abs(c.z) >= STOP_Z]
    pairs.sort(key=lambda c: -abs(c.z))
    take(grammar.under(c.situation for c in pairs[:BEAM]))
    _forward(found, told)
    return found


def scores(found: Search, fit: Fit, chosen: Sequence[int]) -> Floats:
    """(observed - expected) / sqrt(expected) of every candidate, beside those chosen."""
    cumulative = found.person_time.cumulative(fit, found.windows(chosen))
    z = np.zeros(len(found.candidates))
    for i, candidate in enumerate(found.candidates):
        expected = found.person_time.expected(cumulative, candidate.windows)
        z[i] = (candidate.windows.events - expected) / np.sqrt(max(expected, 1e-9))
    z[list(chosen)] = 0.0
    return z


def _forward(found: Search, told: Callable[[str], None]) -> None:
    refused: set[int] = set()
    fit = found.person_time.fit([])
    while len(found.selected) < MOST_SELECTED:
        z = scores(found, fit, found.selected)
        if found.first_z is None:
            found.first_z = z.copy()
        z[list(refused)] = 0.0
        if not len(z) or abs(z).max() < STOP_Z:
            break
        worth = np.where(abs(z) >= STOP_Z, z**2 - CONDITION * (found.conditions - 1), 0)
        best = int(worth.argmax())
        taken = _widest(found, _earliest(found, best, z), z)
        trial = found.person_time.fit(found.windows([*found.selected, taken]))
        if abs(trial.z[-1]) < STAYS_Z:
            refused.add(taken)
            if taken == best or abs(z[taken]) >= abs(z[best]):
                refused.add(best)
            continue
        found.selected.append(taken)
        told(f"+ {found.candidates[taken].situation} z {z[taken]:.1f} (of {found.candidates[best].situation})")
        fit = _drop_weak(found, trial, told)
    found.fit = _polish(found, found.person_time.fit(found.windows(found.selected)), told)


def _drop_weak(found: Search, fit: Fit, told: Callable[[str], None]) -> Fit:
    while len(found.selected) and abs(fit.z).min() < STAYS_Z:
        weakest = int(abs(fit.z).argmin())
        told(f"- {found.candidates[found.selected[weakest]].situation}")
        del found.selected[weakest]
        fit = found.person_time.fit(found.windows(found.selected))
    return fit


def _earliest(found: Search, best: int, z: Floats) -> int:
    """A situation that comes first and in whose presence the strongest one adds nothing, else the strongest one.

    What customers do because of a moment (they ask again, they complain) is often in the log beside it, and looks as
    strong. What comes before cannot be its consequence.
    """
    for i in np.argsort(-abs(z))[:LOOKED_AT]:
        if z[i] ** 2 < z[best] ** 2 - ALIKE:
            break
        if i == best or np.sign(z[i]) != np.sign(z[best]):
            continue
        shared, before = _beside(found.candidates[i].windows, found.candidates[best].windows)
        if before >= BEFORE and shared >= BESIDE and _explains(found, int(i), best):
            return _earliest(found, int(i), z)
    return best


def _explains(found: Search, one: int, other: int) -> bool:
    """Whether the other adds nothing beside the one, and the one stays."""
    fit = found.person_time.fit(found.windows([*found.selected, one, other]))
    return bool(abs(fit.z[-1]) < FOLD_Z and abs(fit.z[-2]) >= STAYS_Z)


def _widest(found: Search, best: int, z: Floats) -> int:
    """The wider situation in whose presence the strongest one adds nothing, else the strongest one itself.

    A chance part of a cause often looks stronger than the cause: without this half of a moment's reach is lost.
    """
    narrow = found.candidates[best].windows
    own = narrow.days * 86400
    wider = []
    for i, candidate in enumerate(found.candidates):
        w = candidate.windows
        if i == best or i in found.selected or w.days <= narrow.days or np.sign(z[i]) != np.sign(z[best]):
            continue
        if abs(z[i]) < FOLD_Z:
            continue
        shared = common(w.customer, w.start, w.stop, narrow.customer, narrow.start, narrow.stop)
        if shared >= COVERED * own:
            wider.append(i)
    for i in sorted(wider, key=lambda i: -abs(z[i])):
        if _explains(found, i, best):
            return _widest(found, i, z)
    return best


def _bic(found: Search, fit: Fit, chosen: Sequence[int]) -> float:
    """Information criterion; every condition beyond a situation's first costs as much as two on top."""
    extra = sum(len(found.candidates[i].situation) - 1 for i in chosen)
    made: float = -2 * fit.log_likelihood + np.log(max(fit.events, 2)) * len(chosen) + CONDITION * extra
    return made


def _polish(found: Search, fit: Fit, told: Callable[[str], None]) -> Fit:
    """Exchange what was selected for what explains more: other thresholds, more or fewer conditions, what came before.

    Something of another kind must explain clearly more, unless it comes first (see `_earliest`).
    """
    best = _bic(found, fit, found.selected)
    for _round in range(ROUNDS):
        changed = False
        for place in range(len(found.selected)):
            for other, margin in _rivals(found, place):
                chosen = [*found.selected[:place], other, *found.selected[place + 1 :]]
                trial = found.person_time.fit(found.windows(chosen))
                value = _bic(found, trial, chosen)
                if value < best - margin and abs(trial.z[place]) >= STAYS_Z:
                    old, new = (found.candidates[i].situation for i in (found.selected[place], other))
                    told(f"~ {old} -> {new}")
                    found.selected, fit, best, changed = chosen, trial, value, True
        if not changed:
            break
    return _drop_weak(found, fit, told)


def _rivals(found: Search, place: int) -> list[tuple[int, float]]:
    """What might stand in the place of a selected situation, the most promising first, and by how much it must win."""
    current = found.selected[place]
    rest = [i for i in found.selected if i != current]
    z = scores(found, found.person_time.fit(found.windows(rest)), rest)
    worth = z**2 - CONDITION * (found.conditions - 1)
    own = found.candidates[current].windows
    rivals: list[tuple[int, float]] = []
    for i in np.argsort(-worth):
        if worth[i] < worth[current] - ALIKE or len(rivals) == RIVALS:
            break
        other = found.candidates[i].windows
        if i in found.selected or np.sign(z[i]) != np.sign(z[current]):
            continue
        shared, before = _beside(other, own)
        if shared >= BESIDE:
            alike = _is_relative(found.candidates[current].situation, found.candidates[i].situation)
            rivals.append((int(i), EXCHANGE if alike or before >= BEFORE else ALIKE))
    return rivals


def contenders(found: Search, place: int) -> list[Situation]:
    """Other explanations of what a selected situation explains, for the second half to decide between.

    The strongest that share much of its time, each unlike those before it.
    """
    current = found.selected[place]
    rest = [i for i in found.selected if i != current]
    z = scores(found, found.person_time.fit(found.windows(rest)), rest)
    chosen = [current]
    for i in np.argsort(-(z**2) + CONDITION * (found.conditions - 1)):
        if z[i] ** 2 < CONTENDS * z[current] ** 2 or len(chosen) > CONTENDERS:
            break
        if i in found.selected or np.sign(z[i]) != np.sign(z[current]):
            continue
        other = found.candidates[i].windows
        near = [_common_share(other, found.candidates[j].windows) for j in chosen]
        if _beside(other, found.candidates[current].windows)[0] >= BESIDE and max(near) < UNLIKE:
            chosen.append(int(i))
    return [found.candidates[i].situation for i in chosen[1:]]


def _common_share(one: Windows, other: Windows) -> float:
    """Days in common, as a share of all days of both."""
    shared = common(one.customer, one.start, one.stop, other.customer, other.start, other.stop) / 86400
    return float(shared / max(one.days + other.days - shared, 1e-9))


def _beside(one: Windows, other: Windows) -> tuple[float, float]:
    """Days in common, as a share of the smaller one's, and in what share of overlapping windows one comes first."""
    lists = (one.customer, one.start, one.stop, other.customer, other.start, other.stop)
    counts = np.zeros(2, np.int64)
    earlier(*lists, counts)
    shared = common(*lists) / 86400 / max(min(one.days, other.days), 1e-9)
    return shared, counts[0] / max(counts.sum(), 1)


def _is_relative(one: Situation, other: Situation) -> bool:
    """Whether they are the same but for one condition: another threshold, one more, one fewer."""
    shared = len(set(one.atoms) & set(other.atoms))
    if one.is_within(other) or other.is_within(one):
        return True
    return len(one) == len(other) == shared + 1 and one.families == other.families

"""The search: situations taken in one by one into a joint model, on the first half of the customers.

Testing one by one finds proxies: whatever often stands beside a cause is "significant" too. Here the strongest is taken
in, all others are looked at again beside it, and what a wider situation explains as well is folded into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tiesa.moments.models import Exposure, Fitted, Floats, Model, Packed
from tiesa.moments.situations import Candidate, Grammar, Situation

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
REMEMBERED = 200
"""Of so many of the strongest it is known where they hold when the search is over: they may be related to what was
selected, or contend for its place."""
BEAM = 40
"""So many of the strongest pairs are looked at with a third condition."""


@dataclass(frozen=True)
class Searched:
    """A candidate with where it holds (see `Search.let_go`), how much that is, and how far the outcomes there are from
    what was expected without it."""

    situation: Situation
    packed: Packed
    size: float
    z: float = 0.0


@dataclass
class Search:
    """What was looked at, and what was taken in. admits: which situations may be moments at all. steps: what
    was done, in order, for people to read."""

    model: Model
    admits: Callable[[Situation], bool] = lambda _situation: True
    candidates: list[Searched] = field(default_factory=list)
    generated: int = 0
    selected: list[int] = field(default_factory=list)
    fit: Fitted | None = None
    first_z: Floats | None = None
    steps: list[str] = field(default_factory=list)

    @cached_property
    def conditions(self) -> NDArray[np.int64]:
        """How many conditions each candidate has."""
        return np.array([candidate.situation.conditions for candidate in self.candidates])

    def exposure(self, i: int) -> Exposure:
        """Where a candidate holds."""
        return self.model.unpacked(self.candidates[i].packed)

    def exposures(self, chosen: Sequence[int]) -> list[Exposure]:
        return [self.exposure(i) for i in chosen]

    def joint(self, chosen: Sequence[int]) -> Fitted:
        """The joint model of these candidates."""
        return self.model.fit(self.exposures(chosen))

    def strongest(self, most: int) -> list[int]:
        """Candidates that were furthest from what is expected when nothing else was looked at, the furthest first."""
        return [] if self.first_z is None else np.argsort(-abs(self.first_z))[:most].tolist()

    def let_go(self, besides: Iterable[Situation]) -> None:
        """Forget where candidates hold, but of the strongest, those selected and these: nothing else is asked for when
        the search is over, and of thousands it is gigabytes."""
        kept, others = {*self.selected, *self.strongest(REMEMBERED)}, set(besides)
        self.candidates = [
            one if i in kept or one.situation in others else replace(one, packed=None)
            for i, one in enumerate(self.candidates)
        ]


def search(
    found: Sequence[Search], grammar: Grammar, *, told: Callable[[str], None] = lambda _line: None
) -> Sequence[Search]:
    """Select situations for each of several outcomes, on the half of the customers that their models hold.

    Every situation is generated once and shown to every model; a model that expects too little of it lets it go.
    """

    def take(candidates: Iterable[Candidate]) -> None:
        for candidate in candidates:
            for one in found:
                if not one.admits(candidate.situation):
                    continue
                one.generated += 1
                exposure = one.model.exposed(candidate.episodes)
                z = one.model.first_look(exposure)
                if z is not None:
                    packed, size = one.model.packed(exposure), one.model.size(exposure)
                    one.candidates.append(Searched(candidate.situation, packed, size, z))

    take(grammar.singles_and_pairs())
    parents: dict[Situation, None] = {}
    for one in found:
        pairs = [c for c in one.candidates if len(c.situation) == 2 and abs(c.z) >= STOP_Z]
        pairs.sort(key=lambda c: -abs(c.z))
        parents |= dict.fromkeys(c.situation for c in pairs[:BEAM])
    take(grammar.under(parents))
    for one in found:

        def tell(line: str, steps: list[str] = one.steps) -> None:
            steps.append(line)
            told(line)

        _forward(one, tell)
    return found


def scores(found: Search, fit: Fitted, chosen: Sequence[int]) -> Floats:
    """How far the outcomes of every candidate are from what is expected beside those chosen, in standard errors."""
    z = found.model.scores(fit, found.exposures(chosen), [c.packed for c in found.candidates])
    z[list(chosen)] = 0.0
    return z


def _forward(found: Search, told: Callable[[str], None]) -> None:
    refused: set[int] = set()
    fit = found.joint([])
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
        trial = found.joint([*found.selected, taken])
        if abs(trial.z[-1]) < STAYS_Z:
            refused.add(taken)
            if taken == best or abs(z[taken]) >= abs(z[best]):
                refused.add(best)
            continue
        found.selected.append(taken)
        told(f"+ {found.candidates[taken].situation} z {z[taken]:.1f} (of {found.candidates[best].situation})")
        fit = _drop_weak(found, trial, told)
    found.fit = _polish(found, found.joint(found.selected), told)


def _drop_weak(found: Search, fit: Fitted, told: Callable[[str], None]) -> Fitted:
    while len(found.selected) and abs(fit.z).min() < STAYS_Z:
        weakest = int(abs(fit.z).argmin())
        told(f"- {found.candidates[found.selected[weakest]].situation}")
        del found.selected[weakest]
        fit = found.joint(found.selected)
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
        shared, before = beside(found, int(i), best)
        if before >= BEFORE and shared >= BESIDE and _explains(found, int(i), best):
            return _earliest(found, int(i), z)
    return best


def _explains(found: Search, one: int, other: int) -> bool:
    """Whether the other adds nothing beside the one, and the one stays."""
    fit = found.joint([*found.selected, one, other])
    return bool(abs(fit.z[-1]) < FOLD_Z and abs(fit.z[-2]) >= STAYS_Z)


def _widest(found: Search, best: int, z: Floats) -> int:
    """The wider situation in whose presence the strongest one adds nothing, else the strongest one itself.

    A chance part of a cause often looks stronger than the cause: without this half of a moment's reach is lost.
    """
    narrow, own = found.exposure(best), found.candidates[best].size
    wider = []
    for i, candidate in enumerate(found.candidates):
        if i == best or i in found.selected or abs(z[i]) < FOLD_Z or np.sign(z[i]) != np.sign(z[best]):
            continue
        if candidate.size > own and found.model.common(found.exposure(i), narrow) >= COVERED * own:
            wider.append(i)
    for i in sorted(wider, key=lambda i: -abs(z[i])):
        if _explains(found, i, best):
            return _widest(found, i, z)
    return best


def _bic(found: Search, fit: Fitted, chosen: Sequence[int]) -> float:
    """Information criterion; every condition beyond a situation's first costs as much as two on top."""
    extra = sum(found.candidates[i].situation.conditions - 1 for i in chosen)
    made: float = -2 * fit.log_likelihood + np.log(max(fit.n, 2)) * len(chosen) + CONDITION * extra
    return made


def _polish(found: Search, fit: Fitted, told: Callable[[str], None]) -> Fitted:
    """Exchange what was selected for what explains more: other thresholds, more or fewer conditions, what came before.

    Something of another kind must explain clearly more, unless it comes first (see `_earliest`).
    """
    best = _bic(found, fit, found.selected)
    for _round in range(ROUNDS):
        changed = False
        for place in range(len(found.selected)):
            for other, margin in _rivals(found, place):
                chosen = [*found.selected[:place], other, *found.selected[place + 1 :]]
                trial = found.joint(chosen)
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
    z = scores(found, found.joint(rest), rest)
    worth = z**2 - CONDITION * (found.conditions - 1)
    rivals: list[tuple[int, float]] = []
    for i in np.argsort(-worth):
        if worth[i] < worth[current] - ALIKE or len(rivals) == RIVALS:
            break
        if i in found.selected or np.sign(z[i]) != np.sign(z[current]):
            continue
        shared, before = beside(found, int(i), current)
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
    z = scores(found, found.joint(rest), rest)
    chosen = [current]
    for i in np.argsort(-(z**2) + CONDITION * (found.conditions - 1)):
        if z[i] ** 2 < CONTENDS * z[current] ** 2 or len(chosen) > CONTENDERS:
            break
        if i in found.selected or np.sign(z[i]) != np.sign(z[current]):
            continue
        near = [_common_share(found, int(i), j) for j in chosen]
        if beside(found, int(i), current)[0] >= BESIDE and max(near) < UNLIKE:
            chosen.append(int(i))
    return [found.candidates[i].situation for i in chosen[1:]]


def _common_share(found: Search, i: int, j: int) -> float:
    """What both hold for, as a share of what either does."""
    shared = found.model.common(found.exposure(i), found.exposure(j))
    return float(shared / max(found.candidates[i].size + found.candidates[j].size - shared, 1e-9))


def beside(found: Search, i: int, j: int) -> tuple[float, float]:
    """What both hold for, as a share of the smaller one, and how often the first comes first where they meet."""
    one, other = found.exposure(i), found.exposure(j)
    first, last, _together = found.model.order(one, other)
    smaller = min(found.candidates[i].size, found.candidates[j].size)
    shared = found.model.common(one, other) / max(smaller, 1e-9)
    return shared, first / max(first + last, 1)


def _is_relative(one: Situation, other: Situation) -> bool:
    """Whether they are the same but for one condition: another threshold, one more, one fewer."""
    shared = len(set(one.atoms) & set(other.atoms))
    if one.is_within(other) or other.is_within(one):
        return True
    return len(one) == len(other) == shared + 1 and one.families == other.families

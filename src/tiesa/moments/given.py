"""Situations that are tested whether the search took them in or not: those that a person defined, and those that
earlier builds confirmed.

On the second half each stands beside what was found there, in the place of what speaks of the same: a relative (one has
every condition of the other) or what holds for the same days or journeys, half of them at least. Where a relative that
holds for other days explains clearly more, what was given is not confirmed. Nothing that was found loses its place.
Its test is one more of the family, and on the first half the same joint model says whether it points the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tiesa.moments.confirm import CLEARLY, Tested, confirm
from tiesa.moments.defined import Given
from tiesa.moments.effect import Effect
from tiesa.moments.episodes import episodes_of
from tiesa.moments.felt import MARGIN, bounds_90
from tiesa.moments.given_shown import Judged
from tiesa.moments.models import Exposure, Model
from tiesa.moments.moments import Moment
from tiesa.moments.search import Search
from tiesa.moments.states import State
from tiesa.moments.timeline import Timeline

SAME = 0.5
"""Days (or journeys) in common, as a share of all days of both, from which two situations speak of the same."""


@dataclass(frozen=True)
class Trial:
    """A given situation in the joint model of either half, at place k. searched, tested: None where too little can be
    expected of it. is_new: whether its test is one more than those that were made. same_as: what was found and speaks
    of the same; is_explained: whether that is but a part of it, or holds it, and explains clearly more."""

    given: Given
    searched: Search | None = None
    tested: Tested | None = None
    k: int = 0
    is_new: bool = False
    same_as: str = ""
    is_explained: bool = False

    @property
    def is_found_again(self) -> bool:
        """Whether it is of an earlier build, and nothing that was found speaks of the same."""
        return self.is_new and not self.given.name and not self.same_as

    @property
    def p(self) -> float:
        assert self.tested is not None
        return float(self.tested.p[self.k])


def trials(given: Sequence[Given], searched: Search, tested: Tested, first: Timeline, second: Timeline) -> list[Trial]:
    """Each given situation tested beside what was found; of what earlier builds confirmed and speaks of the same, the
    first one stands for the others. first, second: the contacts of either half."""
    made: list[Trial] = []
    for one in given:
        trial = _trial(one, searched, tested, first, second)
        if trial.is_found_again:
            same = [other for other in made if other.is_found_again and _is_same(trial, other)]
            trial = replace(trial, same_as=same[0].given.situation.id) if same else trial
        made.append(trial)
    return made


def _is_same(one: Trial, other: Trial) -> bool:
    """Whether two situations, neither of which was selected, speak of the same."""
    assert one.tested is not None
    assert other.tested is not None
    share = _common_share(one.tested.model, one.tested.exposures[one.k], other.tested.exposures[other.k])
    return share >= SAME or one.given.situation.is_nested(other.given.situation)


def _trial(one: Given, searched: Search, tested: Tested, first: Timeline, second: Timeline) -> Trial:
    situation = one.situation
    if situation in tested.situations:
        return Trial(one, searched, tested, tested.situations.index(situation))
    own = tested.model.exposed(episodes_of(situation.atoms, second))
    own_first = searched.model.exposed(episodes_of(situation.atoms, first))
    if tested.model.first_look(own) is None or searched.model.first_look(own_first) is None:
        return Trial(one)
    shares = [_common_share(tested.model, own, other) for other in tested.exposures]
    same = [k for k, share in enumerate(shares) if share >= SAME or situation.is_nested(tested.situations[k])]
    rest = [k for k in range(len(shares)) if k not in same]
    joint = confirm(second, tested.model, [*(tested.situations[k] for k in rest), situation])
    before = searched.exposures(searched.selected)
    there = replace(searched, fit=searched.model.fit([*(before[k] for k in rest), own_first]))
    if not same:
        return Trial(one, there, joint, len(rest), is_new=True)
    nearest = max(same, key=lambda k: shares[k])
    gain = 2 * (tested.fit.log_likelihood - joint.fit.log_likelihood)
    explained = shares[nearest] < SAME and gain > CLEARLY * len(same)
    same_as = tested.situations[nearest].id
    return Trial(one, there, joint, len(rest), is_new=True, same_as=same_as, is_explained=explained)


def _common_share(model: Model, one: Exposure, other: Exposure) -> float:
    """What both hold for, as a share of what either does."""
    shared = model.common(one, other)
    return float(shared / max(model.size(one) + model.size(other) - shared, 1e-9))


def judged(trial: Trial, moment: Moment | None) -> Judged:
    """What is said of it. moment: its figures; None where it cannot be judged.

    Where everybody was in it, nobody is left to compare with. Not confirmed, there is no evidence where the 90 %
    interval of the risk lies within the margin of what matters, else the effect is unknown; so it is of what something
    else explains better.
    """
    if moment is None or not moment.effect.is_comparable:
        return Judged(trial.given.name, trial.given.situation, State.CANNOT_BE_JUDGED, None)
    state = moment.state
    if trial.is_explained and moment.shown:
        state = State.UNKNOWN
    elif state == State.UNKNOWN and moment.outcome.happens and _is_nothing(moment.effect):
        state = State.NO_EVIDENCE
    made = replace(moment, state=state, shown=moment.shown and not trial.is_explained)
    return Judged(trial.given.name, trial.given.situation, state, made, trial.same_as, trial.is_explained)


def _is_nothing(effect: Effect) -> bool:
    low, high = bounds_90(effect)
    return low > -MARGIN and high < MARGIN

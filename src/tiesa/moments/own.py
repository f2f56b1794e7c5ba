"""What becomes of situations that a person defined: each is tested, whether the search took it in or not.

On the second half each stands beside everything that was found there and takes nobody's place, unless it is the same
thing (the same days or journeys, all but a few): then it stands where that one stands. Its test is one more of the
family. On the first half the same joint model says whether it points the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tiesa.moments.confirm import Tested
from tiesa.moments.defined import Defined
from tiesa.moments.effect import Effect
from tiesa.moments.episodes import episodes_of
from tiesa.moments.felt import MARGIN, bounds_90
from tiesa.moments.models import Exposure, Model
from tiesa.moments.moments import Moment
from tiesa.moments.own_shown import Own
from tiesa.moments.search import UNLIKE, Search
from tiesa.moments.situations import Situation
from tiesa.moments.states import State
from tiesa.moments.timeline import Timeline


@dataclass(frozen=True)
class Trial:
    """A defined situation in the joint model of either half, at place k. searched, tested: None where too little can be
    expected of it. is_new: whether its test is one more than those that were made. same_as: what was found and is the
    same thing."""

    defined: Defined
    searched: Search | None = None
    tested: Tested | None = None
    k: int = 0
    is_new: bool = False
    same_as: str = ""

    @property
    def p(self) -> float:
        assert self.tested is not None
        return float(self.tested.p[self.k])


def trials(
    defined: Sequence[Defined], searched: Search, tested: Tested, first: Timeline, second: Timeline
) -> list[Trial]:
    """Each defined situation tested beside what was found. first, second: the contacts of either half."""
    return [_trial(one, searched, tested, first, second) for one in defined]


def _trial(one: Defined, searched: Search, tested: Tested, first: Timeline, second: Timeline) -> Trial:
    situation = one.situation
    if situation in tested.situations:
        return Trial(one, searched, tested, tested.situations.index(situation))
    theirs = episodes_of(situation.atoms, second)
    own = tested.model.exposed(theirs)
    own_first = searched.model.exposed(episodes_of(situation.atoms, first))
    if tested.model.first_look(own) is None or searched.model.first_look(own_first) is None:
        return Trial(one)
    shares = [_common_share(tested.model, own, other) for other in tested.exposures]
    k = int(np.argmax(shares)) if shares and max(shares) >= UNLIKE else len(shares)
    exposures = (*tested.exposures[:k], own, *tested.exposures[k + 1 :])
    joint = replace(
        tested,
        situations=_put(tested.situations, k, situation),
        episodes=(*tested.episodes[:k], theirs, *tested.episodes[k + 1 :]),
        exposures=exposures,
        fit=tested.model.fit(exposures),
    )
    before = searched.exposures(searched.selected)
    there = replace(searched, fit=searched.model.fit([*before[:k], own_first, *before[k + 1 :]]))
    same_as = tested.situations[k].id if k < len(shares) else ""
    return Trial(one, there, joint, k, is_new=True, same_as=same_as)


def _put(situations: tuple[Situation, ...], k: int, one: Situation) -> tuple[Situation, ...]:
    return (*situations[:k], one, *situations[k + 1 :])


def _common_share(model: Model, one: Exposure, other: Exposure) -> float:
    """What both hold for, as a share of what either does."""
    shared = model.common(one, other)
    return float(shared / max(model.size(one) + model.size(other) - shared, 1e-9))


def own_of(trial: Trial, moment: Moment | None) -> Own:
    """What is said of it. moment: its figures; None where it cannot be judged.

    Where everybody was in it, nobody is left to compare with. Not confirmed, there is no evidence where the 90 %
    interval of the risk lies within the margin of what matters, else the effect is unknown.
    """
    if moment is None or not moment.effect.is_comparable:
        return Own(trial.defined.name, trial.defined.situation, State.CANNOT_BE_JUDGED, None)
    state = moment.state
    if state == State.UNKNOWN and moment.outcome.event and _is_nothing(moment.effect):
        state = State.NO_EVIDENCE
    made = replace(moment, state=state)
    return Own(trial.defined.name, trial.defined.situation, state, made, trial.same_as)


def _is_nothing(effect: Effect) -> bool:
    low, high = bounds_90(effect)
    return low > -MARGIN and high < MARGIN

"""From one view of a home to its moments: the whole way, for outcomes that a customer has once and at one instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiesa.core.enums import OutcomeKind
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _
from tiesa.journeys.arrow_views import NONE
from tiesa.journeys.view import View
from tiesa.moments.confirm import FALSE_SHARE, Tested, confirm, decided, q_values
from tiesa.moments.effect import effect_of
from tiesa.moments.episodes import episodes_of
from tiesa.moments.hazard import choose_traits, person_time
from tiesa.moments.landmark import second_opinion
from tiesa.moments.moments import Moment, Moments, State
from tiesa.moments.people import people_of
from tiesa.moments.search import Search, contenders, search
from tiesa.moments.situations import Grammar, Situation
from tiesa.moments.timeline import Timeline, timeline_of

LEAST_CUSTOMERS = 200
LEAST_OUTCOMES = 40
"""Fewer than these on either half, and nothing can be judged."""


@dataclass(frozen=True)
class Found:
    """Moments with what they were found in: for drilling down, scoring and pictures."""

    moments: Moments
    timeline: Timeline
    search: Search
    confirmation: Tested

    def places(self, situation: Situation) -> NDArray[np.int32]:
        """Which of the view's rows, in order, are contacts at which the situation came true, for any customer."""
        return self.timeline.place[episodes_of(situation.atoms, self.timeline).row]


def find_moments(
    view: View,
    *,
    outcome: OutcomeKind = OutcomeKind.LEFT,
    horizon: timedelta = timedelta(days=180),
    told: Callable[[str], None] = lambda _line: None,
) -> Found:
    """The moments of truth of a view: searched on one half of the customers, confirmed on the other.

    told: is given a line for every step of the search.
    Raises: UnusableInput where the log tells of too few customers or outcomes to judge anything.
    """
    horizon_us = round(horizon / timedelta(microseconds=1))
    people = people_of(view, outcome=outcome)
    for second in (False, True):
        half = people.second == second
        if half.sum() < LEAST_CUSTOMERS or people.left[half].sum() < LEAST_OUTCOMES:
            raise _too_few(view, len(people), int(people.left.sum()))
    timeline = timeline_of(view, people, least=max(10, len(people) // 200))
    first, second_half = timeline.half(second=False), timeline.half(second=True)
    traits = choose_traits(first.people)
    searched = search(person_time(first, horizon_us=horizon_us, traits=traits), Grammar(first), horizon_us, told=told)
    chosen = [searched.candidates[i].situation for i in searched.selected]
    tested = confirm(second_half, person_time(second_half, horizon_us=horizon_us, traits=traits), chosen, horizon_us)
    rivals = [contenders(searched, k) for k in range(len(chosen))]
    tested = decided(tested, rivals, horizon_us)
    q = q_values(tested.p, len(chosen) + sum(map(len, rivals)))
    made = [_moment(searched, tested, k, float(q[k]), horizon_us) for k in range(len(chosen))]
    made.sort(key=lambda moment: (moment.state != State.CONFIRMED, -abs(moment.weight)))
    result = Moments(
        outcome=outcome,
        horizon_days=horizon.days,
        customers=len(people),
        outcomes=int(people.left.sum()),
        contacts=len(timeline),
        adjusted_for=(*traits, "tenure", "month", "journeys"),
        generated=searched.generated,
        tested=len(searched.candidates),
        one_by_one=int((abs(searched.first_z) > 3.3).sum()) if searched.first_z is not None else 0,
        moments=tuple(made),
        steps=tuple(searched.steps),
        version=view.evidence.version,
    )
    return Found(result, timeline, searched, tested)


def _moment(searched: Search, tested: Tested, k: int, q: float, horizon_us: int) -> Moment:
    situation = tested.situations[k]
    effect = effect_of(tested, k, horizon_us)
    opinion = second_opinion(tested, k, horizon_us)
    assert searched.fit is not None
    agrees = np.sign(tested.fit.effect[k]) == np.sign(searched.fit.effect[k])
    agrees &= bool(opinion.why_not) or np.sign(opinion.value) == np.sign(effect.value)
    if q <= FALSE_SHARE and tested.material[k] and agrees:
        state = State.CANNOT_BE_JUDGED if opinion.why_not else State.CONFIRMED
    else:
        state = State.UNKNOWN
    rows = tested.episodes[k].row
    return Moment(
        situation=situation,
        state=state,
        touchpoint=_usual(tested.timeline, "touchpoint", rows),
        journey_type=_usual(tested.timeline, "journey_type", rows),
        effect=effect,
        opinion=opinion,
        p=float(tested.p[k]),
        q=q,
    )


def _usual(timeline: Timeline, column: str, rows: NDArray[Any]) -> str | None:
    """The word that most of these contacts have; None where most have none."""
    words = timeline.words[column]
    counts = np.bincount(words.codes[rows] + 1) if len(rows) else np.zeros(1)
    code = int(counts.argmax()) - 1
    return None if code == NONE else str(words.texts[code].as_py())


def _too_few(view: View, customers: int, outcomes: int) -> UnusableInput:
    what = _("Too little to judge anything (customers: {customers}; with the outcome: {outcomes})")
    remedy = _("Each half of the customers needs at least {n} customers and {m} outcomes: import them too")
    return UnusableInput(
        what.format(customers=f"{customers:,}", outcomes=f"{outcomes:,}"),
        where=str(view.home.root),
        remedy=remedy.format(n=LEAST_CUSTOMERS, m=LEAST_OUTCOMES),
    )

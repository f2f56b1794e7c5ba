"""From one view of a home to its moments: the whole way, for every outcome that the log tells enough of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiesa.journeys.arrow_views import NONE
from tiesa.journeys.view import View
from tiesa.moments.confirm import FALSE_SHARE, Tested, q_values
from tiesa.moments.defined import Given, read_situations
from tiesa.moments.diagnostics import diagnostics
from tiesa.moments.effect import effect_of
from tiesa.moments.episodes import episodes_of
from tiesa.moments.felt import Behaviour, Behind, behaviour
from tiesa.moments.given import judged
from tiesa.moments.journey_trials import is_material, told_by_trial
from tiesa.moments.landmark import held_against, second_opinion
from tiesa.moments.looked_at import looked_at
from tiesa.moments.looks import HORIZON, InAnyCase, Look, TooFew, are_enough, looks_at, looks_at_journeys, too_few
from tiesa.moments.moments import Felt, Moment, Moments
from tiesa.moments.outcomes import LEAVING, MEASURED, OF_JOURNEYS, Outcome
from tiesa.moments.people import people_of
from tiesa.moments.register import confirmed_before
from tiesa.moments.relations import relations
from tiesa.moments.search import Search
from tiesa.moments.situations import Situation
from tiesa.moments.states import State
from tiesa.moments.timeline import Timeline
from tiesa.moments.who_answers import who_answers
from tiesa.moments.words import situation_in_words


def _silent(_line: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Found:
    """Moments with what they were found in: for drilling down, scoring and pictures. halves: searched, and
    confirmed on. rivals: the other explanations that each selected situation was set against."""

    moments: Moments
    halves: tuple[Timeline, Timeline]
    search: Search
    confirmation: Tested
    rivals: tuple[list[Situation], ...]

    def places(self, situation: Situation) -> NDArray[np.int32]:
        """Which of the view's rows, in order, are contacts at which the situation came true, for any customer."""
        return np.sort(np.concatenate([half.place[episodes_of(situation.atoms, half).row] for half in self.halves]))


def find_moments(
    view: View,
    *,
    outcome: Outcome = Outcome.LEFT,
    horizon: timedelta | None = None,
    told: Callable[[str], None] = _silent,
) -> Found:
    """The moments of truth of a view for one outcome: searched on one half of the customers, confirmed on the other.

    horizon: how long after a contact it counts; None for 180 days (for being solved: see `looks_at_journeys`).
    told: is given a line for every step of the search.
    Raises: UnusableInput where the log tells of too few customers or outcomes to judge anything.
    """
    return find_every(view, outcomes=[outcome], horizon=horizon, told=told)[0]


def find_every(
    view: View,
    *,
    outcomes: Sequence[Outcome] = (),
    horizon: timedelta | None = None,
    again: bool = False,
    told: Callable[[str], None] = _silent,
) -> list[Found]:
    """The same for several outcomes, all of them one family of tests. outcomes: empty for leaving, dormancy, closed
    products, missed goals and everything measured, as far as the log tells enough of each; how soon journeys are solved
    is looked at where it is asked for. again: also test what earlier builds in the register confirmed.

    Raises: UnusableInput where the log tells too little of an outcome asked for, or of all.
    """
    any_case = InAnyCase(read_situations(view.home), _known_to(view) if again else lambda _outcome: ())
    looks: list[Look] = []
    if not view.one("select count(*) from (select 1 from rows limit 1)")[0]:
        raise too_few(view, 0, 0)
    events = [o for o in LEAVING if o in outcomes]
    of_journeys = [o for o in OF_JOURNEYS if o in outcomes] if outcomes else [Outcome.GOAL_MISSED]
    journeys = [look for o in of_journeys for look in looks_at_journeys(view, o, outcomes, horizon, any_case, told)]
    if not events and (not outcomes or set(outcomes) - set(OF_JOURNEYS)):
        events = [Outcome.LEFT] if outcomes else [Outcome.LEFT, *_also_told(view)]
    for event in events:
        assert event.event is not None
        people = people_of(view, outcome=event.event)
        wanted = [o for o in outcomes or MEASURED if o in MEASURED] if event == events[0] else []
        if outcomes or event == events[0] or are_enough(people):
            try:
                looks += looks_at(view, people, event, wanted, outcomes, horizon or HORIZON, any_case, told)
            except TooFew:
                if outcomes or not journeys:
                    raise
    looks += journeys
    tests = sum(len(look.tested.situations) + sum(map(len, look.rivals)) for look in looks)
    new = [trial for look in looks for trial in look.trials if trial.is_new]
    tests += len(new)
    p = np.concatenate([look.tested.p for look in looks])
    # Tests of what was given count for what was found, but do not help it: a copy of something sure is no news.
    q = np.append(q_values(p, tests), q_values(np.append(p, [trial.p for trial in new]), tests)[len(p) :])
    behind: Behind | None = None
    found, begins = [], 0
    for look in looks:
        own = q[begins : begins + len(look.tested.situations)]
        begins += len(own)
        found.append(_found(view, look, own, tests, behind))
        if look.outcome == Outcome.LEFT:  # the first, so that what is felt knows of it
            behind = look.behind([moment.situation for moment in found[-1].moments.moments if moment.shown])
    found = _with_given(looks, found, q, behind)
    return _with_feelings(found)


def _known_to(view: View) -> Callable[[Outcome], list[Given]]:
    """What builds before this one confirmed."""
    return lambda outcome: [Given("", one) for one in confirmed_before(view.home, outcome, view.evidence.version)]


def _also_told(view: View) -> list[Outcome]:
    """Of what ends a relation besides leaving, what the log has outcomes of."""
    kinds = {row["kind"] for row in view.table("select distinct kind from outcomes").to_pylist()}
    return [o for o in LEAVING if o != Outcome.LEFT and o.event in kinds]


def _found(view: View, look: Look, q: NDArray[Any], tests: int, behind: Behind | None) -> Found:
    searched, tested = look.searched, look.tested
    made = [_moment(look, k, float(q[k]), behind if look.outcome.is_felt else None) for k in range(len(q))]
    made.sort(key=_rank)
    result = Moments(
        outcome=look.outcome,
        horizon_days=look.horizon.days,
        customers=sum(half.people.customers(np.arange(len(half.people))) for half in look.halves),
        outcomes=look.events,
        contacts=sum(map(len, look.halves)),
        adjusted_for=look.adjusted_for,
        generated=searched.generated,
        tested=len(searched.candidates),
        one_by_one=int((abs(searched.first_z) > 3.3).sum()) if searched.first_z is not None else 0,
        family=tests,
        moments=tuple(made),
        steps=tuple(searched.steps),
        looked_at=looked_at(searched),
        version=view.evidence.version,
    )
    return Found(result, look.halves, searched, tested, look.rivals)


def _rank(moment: Moment) -> tuple[bool, float]:
    return moment.state != State.CONFIRMED, -abs(moment.weight)


def _moment(look: Look, k: int, q: float, behind: Behind | None) -> Moment:
    searched, tested, horizon_us = look.searched, look.tested, look.horizon_us
    situation = tested.situations[k]
    effect = effect_of(tested, k, horizon_us)
    if tested.trials is None:
        opinion = held_against(effect, second_opinion(tested, k, horizon_us))
        material = bool(tested.fit.material[k])
    else:
        effect, opinion = told_by_trial(effect, tested.trials[k])
        material = is_material(effect)
    assert searched.fit is not None
    same_before = bool(np.sign(tested.fit.effect[k]) == np.sign(searched.fit.effect[k]))
    agrees = same_before and (bool(opinion.why_not) or np.sign(opinion.value) == np.sign(effect.value))
    passed = bool(q <= FALSE_SHARE and material and agrees)
    shown = passed and effect.is_comparable and not opinion.why_not
    state = State.UNKNOWN  # a feeling alone is no moment of truth: what customers do must change too
    if passed != shown or not effect.enough or (tested.trials is not None and opinion.why_not):
        state = State.CANNOT_BE_JUDGED
    elif shown and not look.outcome.is_felt:
        state = State.CONFIRMED
    done: Behaviour | None = None
    if behind is not None and shown:
        done = behaviour(behind, tested.episodes[k], situation, horizon_us)
        state = done.state
        if state == State.PAIN_POINT and not effect.is_harmful(look.outcome.more_is_better):
            state = State.NO_EVIDENCE
    rows = tested.episodes[k].row
    overlap = opinion.overlap
    instead_of = searched.selected[k] if k < len(look.rivals) else None
    beside = diagnostics(searched, tested, k, look.first, horizon_us, instead_of) if shown else {}
    if shown and instead_of is not None:
        first = searched.candidates[instead_of].situation
        others = [one for one in (first, *look.rivals[k]) if one != situation]
        beside["set_against"] = [
            {"id": one.id, "situation": situation_in_words(one), "condition": one.as_plain()} for one in others
        ]
    if shown and tested.trials is None:
        beside["relations"] = relations(searched, situation, look.first, instead_of)
    if shown and look.outcome.is_felt and (answers := who_answers(tested, k)):
        beside["who_answers"] = answers
    if overlap[0]:
        beside["overlap"] = {"exposed": list(map(float, overlap[0])), "compared": list(map(float, overlap[1]))}
        beside["balance"] = {"before": opinion.before, "after": opinion.after}
    beside["same_before"] = same_before
    beside["size"] = {"matters": material, "limit": float(tested.fit.limit)}
    return Moment(
        situation=situation,
        outcome=look.outcome,
        state=state,
        shown=shown,
        touchpoint=_usual(tested.timeline, "touchpoint", rows),
        journey_type=_usual(tested.timeline, "journey_type", rows),
        effect=effect,
        opinion=opinion,
        p=float(tested.p[k]),
        q=q,
        behaviour=done,
        diagnostics=beside,
    )


def _with_given(looks: Sequence[Look], found: Sequence[Found], q: NDArray[Any], behind: Behind | None) -> list[Found]:
    """The same with what becomes of the situations that were given: those of earlier builds stand among the moments,
    unless something found speaks of the same. q: of what was found, then of their tests."""
    place = sum(len(look.tested.situations) for look in looks)
    made = []
    for look, one in zip(looks, found, strict=True):
        by_id = {moment.id: moment for moment in one.moments.moments}
        given, again = [], []
        for trial in look.trials:
            moment = by_id.get(trial.given.situation.id)
            if trial.is_new and trial.searched and trial.tested:
                there = replace(look, searched=trial.searched, tested=trial.tested, rivals=())
                moment = _moment(there, trial.k, float(q[place]), behind if look.outcome.is_felt else None)
                place += 1
            told = judged(trial, moment)
            if trial.is_found_again and told.moment:
                again.append(replace(told.moment, again=True))
            elif trial.given.name or trial.is_new:
                given.append(told)
        moments = sorted([*one.moments.moments, *again], key=_rank)
        made.append(replace(one, moments=replace(one.moments, moments=tuple(moments), given=tuple(given))))
    return made


def _with_feelings(found: list[Found]) -> list[Found]:
    """Moments of what customers do, with what the same contacts do to feelings beside them."""
    felt = [(one, m) for one in found if one.moments.outcome.is_felt for m in one.moments.moments if m.shown]
    made = []
    for one in found:
        if one.moments.outcome.is_felt:
            made.append(one)
            continue
        moments = []
        for moment in one.moments.moments:
            same = [m for f, m in felt if _alike(one.places(moment.situation), f.places(m.situation))]
            told = tuple(Felt(m.outcome, m.effect.value, m.effect.low, m.effect.high, m.effect.measured) for m in same)
            moments.append(replace(moment, felt=told))
        made.append(replace(one, moments=replace(one.moments, moments=tuple(moments))))
    return made


def _alike(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether at least half of all contacts are those of both (Jaccard)."""
    shared = len(np.intersect1d(one, other))
    return 2 * shared >= len(np.union1d(one, other)) > 0


def _usual(timeline: Timeline, column: str, rows: NDArray[Any]) -> str | None:
    """The word that most of these contacts have; None where most have none."""
    words = timeline.words[column]
    counts = np.bincount(words.codes[rows] + 1) if len(rows) else np.zeros(1)
    code = int(counts.argmax()) - 1
    return None if code == NONE else str(words.texts[code].as_py())

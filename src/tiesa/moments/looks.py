"""One population asked about its outcomes: searched on one half, set against other explanations on the other half."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from tiesa.core import formats
from tiesa.core.enums import GoalState
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _
from tiesa.journeys.view import View
from tiesa.moments.confirm import Tested, confirm, decided
from tiesa.moments.defined import Given
from tiesa.moments.felt import Behind
from tiesa.moments.given import Trial, trials
from tiesa.moments.hazard import person_time
from tiesa.moments.journey_trials import on_trial
from tiesa.moments.journeys_as_people import clustered, courses_of, journey_time, journeys_of, known_before
from tiesa.moments.measured import Measured, measured_model
from tiesa.moments.models import Model
from tiesa.moments.outcomes import Outcome
from tiesa.moments.people import People, people_of
from tiesa.moments.rates import choose_traits
from tiesa.moments.search import Search, contenders, search
from tiesa.moments.situations import Grammar, Situation
from tiesa.moments.timeline import Timeline, timeline_of
from tiesa.moments.values import measured, values_of

LEAST_CUSTOMERS = 200
LEAST_OUTCOMES = 40
"""Fewer than these on either half, and nothing can be judged."""
LEAST_MEASURED = 200
HORIZON = timedelta(days=180)


class TooFew(UnusableInput):
    """The log tells of too few customers or outcomes to judge anything."""


@dataclass(frozen=True)
class InAnyCase:
    """Situations that are tested whatever the search does. defined: by a person, for every outcome; known: what earlier
    builds confirmed of one. The search never takes in what is known only: they saw the half that confirms."""

    defined: tuple[Given, ...]
    known: Callable[[Outcome], Sequence[Given]] = lambda _outcome: ()


@dataclass(frozen=True)
class Look:
    """One outcome, searched and set against other explanations, its tests not yet counted."""

    outcome: Outcome
    horizon: timedelta
    first: Timeline
    searched: Search
    tested: Tested
    rivals: tuple[list[Situation], ...]
    adjusted_for: tuple[str, ...]
    events: int
    trials: tuple[Trial, ...]

    @property
    def halves(self) -> tuple[Timeline, Timeline]:
        """The contacts of those who were searched, and of those on whom it was confirmed."""
        return self.first, self.tested.timeline

    def behind(self, confirmed: Collection[Situation]) -> Behind:
        """What it tells of what is felt."""
        places = [k for k, situation in enumerate(self.tested.situations) if situation in confirmed]
        return Behind(self.tested, self.first, self.searched.model, tuple(places))

    @property
    def horizon_us(self) -> int:
        return microseconds(self.horizon)


def microseconds(time: timedelta) -> int:
    return round(time / timedelta(microseconds=1))


def looks_at(
    view: View,
    people: People,
    event: Outcome,
    wanted: Sequence[Outcome],
    asked: Sequence[Outcome],
    horizon: timedelta,
    any_case: InAnyCase,
    told: Callable[[str], None],
) -> list[Look]:
    """Everything that is asked of one population of customers, in one pass over its situations."""
    enough = are_enough(people)
    if event in asked and not enough:
        raise too_few(view, len(people), int(people.left.sum()))
    tables = {outcome: measured(view, outcome) for outcome in wanted}
    if not enough and not any(len(table) >= 2 * LEAST_MEASURED for table in tables.values()):
        raise too_few(view, len(people), int(people.left.sum()))
    first, second = timeline_of(view, people, least=_least(people)).halves()
    traits = choose_traits(first.people)
    models: dict[Outcome, tuple[Model, Model]] = {}
    if enough and (event in asked or not asked):
        days = [person_time(half, horizon_us=microseconds(horizon), traits=traits) for half in (first, second)]
        models[event] = (days[0], days[1])
    for outcome, table in tables.items():
        pair = [measured_model(half, values_of(table, half)) for half in (first, second)]
        if all(_is_enough(model) for model in pair):
            models[outcome] = (pair[0], pair[1])
        elif outcome in asked:
            raise _too_little_measured(view, outcome, sum(map(len, pair)))
    if not models:
        raise too_few(view, len(people), int(people.left.sum()))
    adjusted_for = (*traits, "tenure", "month", "journeys")
    return _searched(models, (first, second), adjusted_for, horizon, any_case, told)


def looks_at_journeys(
    view: View,
    outcome: Outcome,
    asked: Sequence[Outcome],
    horizon: timedelta | None,
    any_case: InAnyCase,
    told: Callable[[str], None],
) -> list[Look]:
    """How soon journeys are solved, or given up. horizon: None for the usual one.

    Raises: UnusableInput where too few of them were, and it was asked for.
    """
    customers = people_of(view)
    timeline = timeline_of(view, customers, least=_least(customers))
    courses = courses_of(view, timeline, outcome)
    span = horizon or courses.usual_horizon(outcome)
    timeline = journeys_of(view, timeline, courses, microseconds(span))
    if not are_enough(timeline.people):
        if outcome in asked:
            raise _too_few_journeys(view, outcome, len(timeline.people), int(timeline.people.left.sum()))
        return []
    first, second = timeline.halves()
    del timeline
    traits = known_before(first.people)
    one, other = (journey_time(half, horizon_us=microseconds(span), traits=traits) for half in (first, second))
    pair: dict[Outcome, tuple[Model, Model]] = {outcome: (one, other)}
    return _searched(pair, (first, second), (*traits, "age"), span, any_case, told)


def _searched(
    models: dict[Outcome, tuple[Model, Model]],
    halves: tuple[Timeline, Timeline],
    adjusted_for: tuple[str, ...],
    horizon: timedelta,
    any_case: InAnyCase,
    told: Callable[[str], None],
) -> list[Look]:
    """Each outcome on the first half, and what was selected on the second."""
    first, second = halves
    grammar = Grammar(first, [one.situation for one in any_case.defined])
    found = search([Search(model, outcome.admits) for outcome, (model, _other) in models.items()], grammar, told=told)
    looks = []
    for (outcome, (model, other)), one in zip(models.items(), found, strict=True):
        tested = confirm(second, other, [one.candidates[i].situation for i in one.selected])
        rivals = tuple(contenders(one, k) for k in range(len(one.selected)))
        one.let_go(besides=(situation for those in rivals for situation in those))
        context, events = adjusted_for, sum(int(half.people.left.sum()) for half in halves)
        if isinstance(model, Measured) and isinstance(other, Measured):
            context, events = model.adjusted_for, len(model) + len(other)
        tested = decided(tested, rivals)
        given = trials([*any_case.defined, *any_case.known(outcome)], one, tested, first, second)
        if first.people.are_journeys:
            tested = on_trial(clustered(tested), microseconds(horizon))
            given = [_given_on_trial(trial, microseconds(horizon)) for trial in given]
        looks.append(Look(outcome, horizon, first, one, tested, rivals, context, events, tuple(given)))
    return looks


def _given_on_trial(trial: Trial, horizon_us: int) -> Trial:
    return replace(trial, tested=trial.tested and on_trial(clustered(trial.tested), horizon_us, trial.k))


def _least(people: People) -> int:
    """A word of an attribute that fewer customers have is not looked at."""
    return max(10, len(people) // 200)


def are_enough(people: People) -> bool:
    """Whether anything can be judged on either half."""
    halves = [people.second == second for second in (False, True)]
    return all(half.sum() >= LEAST_CUSTOMERS and people.left[half].sum() >= LEAST_OUTCOMES for half in halves)


def _is_enough(model: Measured) -> bool:
    return len(model) >= LEAST_MEASURED and float(model.values.value.std()) > 0


def too_few(view: View, customers: int, outcomes: int) -> TooFew:
    """With the sentence for it."""
    what = _("Too little to judge anything (customers: {customers}; with the outcome: {outcomes})")
    remedy = _("Each half of the customers needs at least {n} customers and {m} outcomes: import them too")
    goals = f"select count(*) from journeys where goal_state = '{GoalState.REACHED.value}'"
    if view.one(goals)[0] >= 2 * LEAST_OUTCOMES:
        remedy = _(
            "Each half of the customers needs at least {n} customers and {m} outcomes: import them too, or ask how "
            "soon journeys are solved (outcome: solved)"
        )
    return TooFew(
        what.format(customers=formats.number(customers), outcomes=formats.number(outcomes)),
        where=str(view.home.root),
        remedy=remedy.format(n=LEAST_CUSTOMERS, m=LEAST_OUTCOMES),
    )


def _too_few_journeys(view: View, outcome: Outcome, journeys: int, came: int) -> UnusableInput:
    what = _("Too little to judge how soon journeys are solved (journeys: {journeys}; solved: {solved})")
    remedy = _("Each half of the customers needs at least {n} journeys and {m} that were solved: import goals too")
    if outcome == Outcome.GOAL_MISSED:
        what = _("Too little to judge which goals are missed (journeys: {journeys}; given up: {solved})")
        remedy = _("Each half of the customers needs at least {n} journeys and {m} given up: import goals too")
    return UnusableInput(
        what.format(journeys=formats.number(journeys), solved=formats.number(came)),
        where=str(view.home.root),
        remedy=remedy.format(n=LEAST_CUSTOMERS, m=LEAST_OUTCOMES),
    )


def _too_little_measured(view: View, outcome: Outcome, n: int) -> UnusableInput:
    what = _("Too little to judge {outcome} (measured: {n})").format(outcome=outcome.in_words(), n=formats.number(n))
    remedy = _("Each half of the customers needs at least {n} that differ: import them too").format(n=LEAST_MEASURED)
    return UnusableInput(what, where=str(view.home.root), remedy=remedy)

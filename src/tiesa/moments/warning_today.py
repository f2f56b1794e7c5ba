"""From one view of a home to today's list: learned from what is over, tested on later time, used on what is open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from tiesa.core import formats
from tiesa.core.business_time import DAY_US
from tiesa.core.errors import UnusableInput
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.journeys.view import View, instant
from tiesa.moments.episodes import episodes_of
from tiesa.moments.landmarks import Course, Landmarks, Target, course_of, landmarks_of, open_now
from tiesa.moments.outcomes import Outcome
from tiesa.moments.people import YEAR_US, Ints, people_of
from tiesa.moments.register import read_registers
from tiesa.moments.situations import Situation
from tiesa.moments.states import State
from tiesa.moments.timeline import Timeline, timeline_of
from tiesa.moments.warning import LEAVING, EarlyWarning, Warned
from tiesa.moments.warning_events import Events, events_of, moments_as_events
from tiesa.moments.warning_examples import QUARTER_DAYS, Examples
from tiesa.moments.warning_features import known_at
from tiesa.moments.warning_memory import is_held_out
from tiesa.moments.warning_model import Model, learn
from tiesa.moments.warning_reasons import reasons
from tiesa.moments.warning_tested import Trial, tested

TOP = 50
LEAST_EVENTS = 40
"""Customers to whom it came, to learn from; half as many of them in the last year, and half as many to test on."""
LEAVING_HORIZON, MOMENT_HORIZON = timedelta(days=180), timedelta(days=30)


def early_warning(
    view: View,
    *,
    moment: Mapping[str, Any] | None = None,
    horizon: timedelta | None = None,
    top: int = TOP,
    objected: Collection[int] = (),
    held_out: float = 0.0,
    stay_out: Collection[int] = (),
) -> EarlyWarning:
    """Customers in an open journey whose risk is highest, as of the view's now.

    Args: moment: an estimate of the register, whose coming true in the journey is warned of; None: leaving. horizon:
    how far ahead, else 180 days for leaving and 30 for a moment. top: customers the team can turn to. objected:
    customers who do not want to be profiled: neither scored nor learned from. held_out: the share of customers, in
    [0, 1), whom chance keeps off the list so that its effect can be measured. stay_out: customers whom an earlier list
    held out (`warning_memory.held_out_before`).
    Raises: UnusableInput where too few customers, outcomes or days are known to learn or test anything.
    """
    horizon = horizon or (LEAVING_HORIZON if moment is None else MOMENT_HORIZON)
    horizon_us = round(horizon / timedelta(microseconds=1))
    people = people_of(view)
    profiled = ~np.isin(people.key, np.fromiter(objected, np.int64))
    people = people.where(profiled)
    timeline = timeline_of(view, people, least=max(10, len(people) // 200)) if len(people) else None
    if timeline is None or not len(timeline):
        raise _too_few(view, len(people), 0, 0)
    course = course_of(view, timeline)
    situations = () if moment else confirmed_situations(view.home)
    events = events_of(view, timeline) | moments_as_events(timeline, situations)
    target = _target(timeline, moment, horizon_us)
    examples = _examples(view, timeline, course, events, target, landmarks_of(timeline, course))
    now = people.ends
    open_ = open_now(timeline, course)
    open_ = open_.where(target.possible(timeline, open_))
    known = known_at(view, timeline, course, events, open_)
    open_customers = len(np.unique(timeline.customer[open_.row]))
    trial = _tried(view, examples, now, min(1.0, top / max(open_customers, 1)))
    result = EarlyWarning(
        target=moment["id"] if moment else LEAVING, situation=_situation(moment), horizon_days=horizon.days, top=top,
        now=view.now, customers=len(people), open_customers=open_customers, objected=int((~profiled).sum()),
        held_out=(), tested=trial, learned_customers=0, learned_events=0, warned=(), version=view.evidence.version,
    )  # fmt: skip
    if trial is None or not trial.tells_apart:
        return result
    model = _learned(view, examples, now)
    listed, kept_back = _highest(model.risks(known), timeline, open_, top, held_out, stay_out)
    told = reasons(model, known.where(listed), situations)
    warned = _warned(view, timeline, open_.where(listed), trial, model.risks(known.where(listed)), told)
    apart = _warned(view, timeline, open_.where(kept_back), trial, model.risks(known.where(kept_back)), None)
    return replace(
        result, warned=warned, held_out=apart, learned_customers=model.learned_customers,
        learned_events=model.learned_events,
    )  # fmt: skip


def confirmed_situations(home: Home) -> tuple[Situation, ...]:
    """The moments that the latest register in the home confirms to change whether customers leave."""
    latest = [kept["moments"] for kept in read_registers(home, Outcome.LEFT)[-1:]]
    found = (Situation.from_plain(m["condition"]) for kept in latest for m in kept if m["state"] == State.CONFIRMED)
    return tuple(sorted(found, key=lambda situation: situation.id))


def _situation(moment: Mapping[str, Any] | None) -> Situation | None:
    return Situation.from_plain(moment["condition"]) if moment else None


def _target(timeline: Timeline, moment: Mapping[str, Any] | None, horizon_us: int) -> Target:
    situation = _situation(moment)
    if situation is None:
        return Target(horizon_us)
    return Target.moment(timeline, episodes_of(situation.atoms, timeline), horizon_us)


def _examples(
    view: View, timeline: Timeline, course: Course, events: Mapping[str, Events], target: Target, looks: Landmarks
) -> Examples:
    looks = looks.where(target.possible(timeline, looks))
    customer = timeline.customer[looks.row]
    return Examples(
        known_at(view, timeline, course, events, looks), customer, timeline.people.cluster[customer], looks.at,
        target.when(timeline, looks), target.horizon_us,
    )  # fmt: skip


def _tried(view: View, examples: Examples, now: int, capacity: float) -> Trial | None:
    """A model learned from what was known before the test's first day, tried on what came after; None: too few."""
    until = now - examples.horizon_us
    cut = until - QUARTER_DAYS * DAY_US
    later = examples.where((examples.at > cut) & (examples.at <= until))
    model = _learned(view, examples, cut)
    if later.events < LEAST_EVENTS // 2 or later.events == later.customers:
        return None
    return tested(model, later, capacity)


def _learned(view: View, examples: Examples, now: int) -> Model:
    """The model of what was known at an instant. Raises: UnusableInput where that is too little."""
    over = examples.where(examples.at <= now - examples.horizon_us)
    lately = examples.where((examples.at <= now) & (examples.when > now - YEAR_US) & (examples.when <= now)).events
    if not LEAST_EVENTS <= over.events < over.customers or lately < LEAST_EVENTS // 2:
        raise _too_few(view, over.customers, over.events, lately)
    return learn(examples, now)


def _highest(
    risk: Any, timeline: Timeline, looks: Landmarks, top: int, held_out: float, stay_out: Collection[int]
) -> tuple[Ints, Ints]:
    """The journey with the highest risk of each of the customers highest up; those of them whom chance holds out."""
    order = np.lexsort((looks.row, -risk))
    first = np.sort(np.unique(timeline.customer[looks.row[order]], return_index=True)[1])
    best = order[first]
    keys = timeline.people.key[timeline.customer[looks.row[best]]]
    apart = np.array([key in stay_out or is_held_out(key, held_out) for key in keys.tolist()], np.bool_)
    taken = np.cumsum(~apart) <= top
    return best[taken & ~apart], best[taken & apart]


def _warned(view: View, timeline: Timeline, looks: Landmarks, trial: Trial, risk: Any, told: Any) -> tuple[Warned, ...]:
    customer = timeline.customer[looks.row]
    keys = timeline.people.key[customer]
    first = np.searchsorted(timeline.customer, customer)
    nth = timeline.journey[looks.row] - timeline.journey[first]
    low, high = trial.interval(risk)
    listed = ", ".join(map(str, sorted(set(keys.tolist())))) or "null"
    names = dict(
        view.rows(f"select customer_key, min(source_id) from identities where customer_key in ({listed}) group by 1")
    )
    journeys: dict[int, list[tuple[Any, ...]]] = {}
    for row in view.rows(
        "select customer_key, journey_no, journey_type, epoch_us(start_at), epoch_us(end_at), end_touchpoint, "
        f"waiting_for from journeys where customer_key in ({listed}) order by customer_key, journey_no"
    ):
        journeys.setdefault(row[0], []).append(row[1:])
    made = []
    for i, key in enumerate(keys.tolist()):
        number, kind, start, end, touchpoint, waiting = journeys[key][nth[i]]
        made.append(
            Warned(
                customer_key=key,
                customer=names.get(key),
                journey_no=number,
                journey_type=kind,
                started=instant(start),
                latest=instant(end),
                touchpoint=touchpoint,
                waiting_for=waiting,
                risk=float(risk[i]),
                low=float(low[i]),
                high=float(high[i]),
                reasons=told[i] if told else (),
            )
        )
    return tuple(made)


def _too_few(view: View, customers: int, events: int, lately: int) -> UnusableInput:
    n = [formats.number(count) for count in (customers, events, lately)]
    what = _(
        "Too little to learn an early warning from (customers followed long enough: {customers}; to whom it came: "
        "{events}; and in the last year: {lately})"
    )
    remedy = _("At least {n} are needed: import outcomes and a longer time, or look less far ahead (--horizon 90d)")
    return UnusableInput(
        what.format(customers=n[0], events=n[1], lately=n[2]),
        where=str(view.home.root),
        remedy=remedy.format(n=LEAST_EVENTS),
    )

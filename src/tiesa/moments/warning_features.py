"""What is known of a customer and an open journey at a landmark, and nothing that came later.

Counts of the journey so far, waits so far, promises, feelings noted so far, what the customer did in the months before,
traits in the version in force, tenure. No month: what the calendar did once it need not do again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tiesa.core.business_time import DAY_US
from tiesa.core.enums import Direction
from tiesa.journeys.arrow_views import NONE, Words
from tiesa.journeys.view import View
from tiesa.moments.atoms import HOUR_US, Atom, counted_in
from tiesa.moments.landmarks import Course, Landmarks
from tiesa.moments.margins import margins
from tiesa.moments.people import NEVER, YEAR_US, Flags, Ints, Traits
from tiesa.moments.timeline import Timeline
from tiesa.moments.warning_events import Events

MOST_ROWS = 100
"""Contacts of a journey that are looked at, the latest; longer ones are rare."""
COUNTED = ("inbound", "message", "contact", "handover", "channel_change", "repeat", "employee", "unit")
WORDS = ("touchpoint", "channel", "kind", "reason", "process", "product")
RECENT_DAYS, BEFORE_DAYS = 30, 90
_LEFT_OUT = ("value", "language")
"""Traits not looked at: the margin itself is; and a language stands too near to where somebody comes from."""
_SHORT = ("turned", "self_service")
"""Events counted over the last month as well as over the last three."""
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """Features of landmarks, one row each. numbers: NaN where nobody knows. words: codes, NONE where nobody knows."""

    numbers: Mapping[str, Reals]
    words: Mapping[str, Words]

    def where(self, chosen: Flags | Ints) -> Known:
        """Those of some landmarks."""
        return Known(
            {name: values[chosen] for name, values in self.numbers.items()},
            {name: words.take(chosen) for name, words in self.words.items()},
        )


def known_at(view: View, timeline: Timeline, course: Course, events: Mapping[str, Events], looks: Landmarks) -> Known:
    """The features of these landmarks. events: as `events_of` tells them, with those of known moments."""
    row, at = looks.row, looks.at
    customer, people = timeline.customer[row], timeline.people
    numbers: dict[str, Reals] = {}
    for name in COUNTED:
        numbers[name] = timeline.number(counted_in(name, timeline))[row].astype(np.float64)
    numbers["journey_days"] = (at - timeline.at[timeline.first[row]]) / DAY_US
    numbers["silent_days"] = (at - timeline.at[row]) / DAY_US
    numbers |= _so_far(timeline, looks)
    for name, dated in events.items():
        numbers[f"{name}_{BEFORE_DAYS}"] = dated.count(customer, at, people.begins, BEFORE_DAYS)
        if name in _SHORT:
            numbers[f"{name}_{RECENT_DAYS}"] = dated.count(customer, at, people.begins, RECENT_DAYS)
    since = people.since[customer]
    numbers["tenure_years"] = np.where(since == NEVER, np.nan, (at - since) / YEAR_US)
    known = _margins(view, people.key)
    place = version_at(known, customer, at)
    numbers["margin"] = np.append(known.words["margin"].codes, np.nan)[place]  # place -1: not known
    words = {"journey_type": course.kind.take(row)}
    turned = _last_turn(timeline, row)
    words |= {name: timeline.words[name].take(turned) for name in WORDS}
    place = version_at(people.traits, customer, at)
    for name, trait in people.traits.words.items():
        if name not in _LEFT_OUT:
            words[name] = Words(np.append(trait.codes, NONE)[place], trait.texts)
    return Known(numbers, words)


def _last_turn(timeline: Timeline, row: Ints) -> Ints:
    """The customer's latest own contact of the journey at or before each row."""
    turns = np.flatnonzero(timeline.inbound)
    found: Ints = turns[np.searchsorted(turns, row, side="right") - 1]
    return found


def _so_far(timeline: Timeline, looks: Landmarks) -> dict[str, Reals]:
    """What needs every contact of the journey so far: waits, promises, feelings, severity."""
    begin = np.maximum(timeline.first[looks.row], looks.row - MOST_ROWS + 1)
    length = looks.row - begin + 1
    which = np.repeat(np.arange(len(looks)), length)
    row = np.arange(len(which)) - np.repeat(np.cumsum(length) - length - begin, length)
    now, sent = looks.at[which], timeline.at[row]
    answered = timeline.times["answered_at"][row]
    message = timeline.messages[row]
    waiting = message & (answered > now)
    promised = timeline.times["promised_at"][row]
    known = (promised != NEVER) & (promised > sent)
    broken = Atom("promise", "promise", "broken").flags(timeline)[row] & (promised <= now)
    waited = np.where(message, np.minimum(answered, now) - sent, 0) / HOUR_US
    feeling = timeline.numbers["emotion"][row].astype(np.float64)
    severity = timeline.numbers["severity"][row].astype(np.float64)
    n = len(looks)
    spoken = timeline.has("direction", Direction.OUTBOUND.value)[row]
    return {
        "unanswered": _total(which, waiting, n),
        "waiting_h": _greatest(which, np.where(waiting, (now - sent) / HOUR_US, 0.0), n),
        "longest_wait_h": _greatest(which, waited, n),
        "promises_open": _total(which, known & (promised > now), n),
        "promises_broken": _total(which, broken, n),
        "our_turns": _total(which, spoken, n),
        "feeling": _latest(which, feeling, n),
        "worst_feeling": -_greatest(which, -feeling, n),
        "severity": _greatest(which, severity, n),
    }


def _total(which: Ints, flags: Flags, n: int) -> Reals:
    """How many of each group carry the flag."""
    return np.bincount(which, flags, n).astype(np.float64)


def _greatest(which: Ints, values: Reals, n: int) -> Reals:
    """The greatest known value of each group; NaN where none is."""
    found = np.full(n, -np.inf)
    known = ~np.isnan(values)
    np.maximum.at(found, which[known], values[known])
    return np.where(np.isinf(found), np.nan, found)


def _latest(which: Ints, values: Reals, n: int) -> Reals:
    """The last known value of each group; NaN where none is."""
    found = np.full(n, np.nan)
    known = ~np.isnan(values)
    found[which[known]] = values[known]
    return found


def version_at(traits: Traits, customer: Ints, at: Ints) -> Ints:
    """Place of the version in force at an instant; -1 where none was yet."""
    order = np.lexsort((np.concatenate([traits.at, at]), np.concatenate([traits.customer, customer])))
    own = order < len(traits.at)
    latest = np.maximum.accumulate(np.where(own, np.arange(len(order)), -1))
    found = np.full(len(at), -1)
    asked = ~own
    place = np.where(latest[asked] >= 0, order[latest[asked]], -1)
    found[order[asked] - len(traits.at)] = place
    inside = found >= 0
    inside[inside] = traits.customer[found[inside]] == customer[inside]
    return np.where(inside, found, -1)


def _margins(view: View, key: Ints) -> Traits:
    """Yearly margins in versions; a null is NaN."""
    table = view.table(
        f"select customer_key, epoch_us(as_of) as t, margin from {margins(view)} order by customer_key, as_of"
    )
    numbers = table["customer_key"].to_numpy()
    place = np.searchsorted(key, numbers)
    known = place < len(key)
    known[known] = key[place[known]] == numbers[known]
    margin = table["margin"].to_numpy(zero_copy_only=False)[known]
    return Traits(place[known], table["t"].to_numpy()[known], {"margin": Words(margin, table["margin"])})

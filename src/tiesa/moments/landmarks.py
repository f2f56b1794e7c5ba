"""Landmarks: the instants at which an open journey is looked at, and what comes after them within a horizon.

A journey is looked at whenever the customer turns to us, and again some days later while it is still open and nothing
more came from the customer: a list made today holds journeys of every age, and so does what it was learned from.
Source: van Houwelingen (2007), Scandinavian Journal of Statistics 34, landmarking for dynamic prediction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tiesa.core.business_time import DAY_US
from tiesa.journeys.arrow_views import NONE, Words, words_of
from tiesa.journeys.view import View
from tiesa.moments.episodes import SECOND_US, Episodes
from tiesa.moments.people import NEVER, Flags, Ints, People
from tiesa.moments.timeline import Timeline

LOOKS_DAYS = (0, 3, 10, 20)
"""How long after the customer's contact a journey is looked at."""
SPAN = np.int64(2**33)
"""More seconds than a log has: a customer or journey and a second make one number."""


@dataclass(frozen=True)
class Landmarks:
    """Looks at journeys, sorted by the row of the timeline.

    row: the journey's latest contact by then. at: the instant, in microseconds since 1970 UTC.
    """

    row: Ints
    at: Ints

    def __len__(self) -> int:
        return len(self.row)

    def where(self, chosen: Any) -> Landmarks:
        """Some of them, by flags or positions."""
        return Landmarks(self.row[chosen], self.at[chosen])


@dataclass(frozen=True)
class Course:
    """What each contact of a timeline says of its journey by then.

    kind: the journey's type as far as it is known. closed: whether its goal was reached or given up. window: the
    silence after which it counts as over, in microseconds.
    """

    kind: Words
    closed: Flags
    window: Ints


def course_of(view: View, timeline: Timeline) -> Course:
    """How the journeys stand at each contact, from that contact and those before it."""
    found = view.table(
        "select journey_type as kind, goal is not null as goal from rows "
        "order by customer_key, journey_no, journey_position"
    ).combine_chunks()
    said = words_of(found["kind"].combine_chunks()).take(timeline.place)
    kind = Words(_first_known(said.codes, timeline), said.texts)
    goal = found["goal"].to_numpy()[timeline.place]
    window = np.full(len(timeline), _window_us(view, None))
    goal |= _at_touchpoints(timeline, kind.codes == NONE, view.rules.goals_of(None))
    for code, name in enumerate(kind.texts.to_pylist()):
        own = kind.codes == code
        window[own] = _window_us(view, name)
        goal |= _at_touchpoints(timeline, own, view.rules.goals_of(name))
    return Course(kind, timeline.number(goal) > 0, window)


def _first_known(codes: Ints, timeline: Timeline) -> Ints:
    """The first code of the journey up to each contact that is not null: what the kernel takes as its type."""
    known = codes != NONE
    rows = np.flatnonzero(known & (timeline.number(known) == 1))
    place = np.searchsorted(rows, np.arange(len(codes)), side="right") - 1
    found = np.full(len(codes), NONE, codes.dtype)
    inside = place >= 0
    inside[inside] = rows[place[inside]] >= timeline.first[inside]
    found[inside] = codes[rows[place[inside]]]
    return found


def _window_us(view: View, kind: str | None) -> int:
    return round(view.rules.windows_of(kind).same_reason.total_seconds() * 1_000_000)


def _at_touchpoints(timeline: Timeline, rows: Flags, touchpoints: dict[str, Any]) -> Flags:
    words = timeline.words["touchpoint"]
    codes = [code for code, text in enumerate(words.texts.to_pylist()) if text in touchpoints]
    made: Flags = rows & np.isin(words.codes, codes)
    return made


def landmarks_of(timeline: Timeline, course: Course) -> Landmarks:
    """Every look at an open journey of a customer at risk, while observation lasted."""
    turns = np.flatnonzero(timeline.inbound)
    following = np.full(len(turns), NEVER)
    same = timeline.journey[turns[1:]] == timeline.journey[turns[:-1]]
    following[:-1][same] = timeline.at[turns[1:]][same]
    rows, instants = [], []
    for days in LOOKS_DAYS:
        at = timeline.at[turns] + days * DAY_US
        alone = (at < following) | (days == 0)
        row = turns[alone] if days == 0 else latest_row(timeline, timeline.journey[turns[alone]], at[alone])
        rows.append(row)
        instants.append(at[alone])
    row, at = np.concatenate(rows), np.concatenate(instants)
    kept = is_open(timeline, course, row, at)
    order = np.lexsort((at[kept], row[kept]))
    return Landmarks(row[kept][order], at[kept][order])


def open_now(timeline: Timeline, course: Course) -> Landmarks:
    """The open journeys at the end of observation in which the customer ever turned to us, one look at each."""
    last = np.append(timeline.starts[1:], len(timeline)) - 1 if len(timeline) else timeline.starts
    last = last[timeline.number(timeline.inbound)[last] > 0]
    now = timeline.people.ends
    at = np.full(len(last), now)
    kept = is_open(timeline, course, last, at) & (timeline.at[last] <= now)
    people = timeline.people
    kept &= ~(people.left & (people.leave <= now))[timeline.customer[last]]
    return Landmarks(last[kept], at[kept])


def latest_row(timeline: Timeline, journey: Ints, at: Ints) -> Ints:
    """The latest contact of a journey at or before an instant; the journey must have one."""
    seconds = -((timeline.people.begins - timeline.at) // SECOND_US)  # rounded up: nothing of the second after
    keys = timeline.journey.astype(np.int64) * SPAN + seconds
    sought = journey.astype(np.int64) * SPAN + (at - timeline.people.begins) // SECOND_US
    found: Ints = np.searchsorted(keys, sought, side="right") - 1
    return found


def is_open(timeline: Timeline, course: Course, row: Ints, at: Ints) -> Flags:
    """Whether the goal was neither reached nor given up, the silence is not too long, and the customer is at risk.

    Where the log knows since when people are customers, who has no such date is none yet.
    """
    customer, people = timeline.customer[row], timeline.people
    there = (at >= people.enter[customer]) & ((at < people.leave[customer]) | (at == people.ends))
    dated = people.since != NEVER
    if dated.any():
        there &= dated[customer]
    made: Flags = there & ~course.closed[row] & (at - timeline.at[row] <= course.window[row])
    return made


@dataclass(frozen=True)
class Target:
    """What may come after a landmark. journey_at: when it came for each journey (NEVER: it did not); None: leaving."""

    horizon_us: int
    journey_at: Ints | None = None

    @classmethod
    def moment(cls, timeline: Timeline, episodes: Episodes, horizon_us: int) -> Target:
        """The first time in each journey that a situation came true."""
        at = np.full(int(timeline.journey[-1]) + 1 if len(timeline) else 0, NEVER)
        at[timeline.journey[episodes.row]] = episodes.at
        return cls(horizon_us, at)

    def possible(self, timeline: Timeline, looks: Landmarks) -> Flags:
        """Landmarks at which it had not come yet."""
        if self.journey_at is None:
            return np.ones(len(looks), np.bool_)
        made: Flags = self.journey_at[timeline.journey[looks.row]] > looks.at
        return made

    def when(self, timeline: Timeline, looks: Landmarks) -> Ints:
        """When it came after each landmark; NEVER where it did not."""
        if self.journey_at is not None:
            found: Ints = self.journey_at[timeline.journey[looks.row]]
        else:
            found = _leaving(timeline.people)[timeline.customer[looks.row]]
        return np.where(found > looks.at, found, NEVER)


def _leaving(people: People) -> Ints:
    return np.where(people.left, people.leave, NEVER)

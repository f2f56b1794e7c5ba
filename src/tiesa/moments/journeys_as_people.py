"""How soon journeys are solved, or given up: each journey is one who is at risk of it, on its own clock.

Long journeys gather hand-overs, so comparing journeys with and without one finds that hand-overs make them long
whatever is true. Here every journey's clock begins at 0 with its first contact, journeys are compared at the same age,
and a situation counts from the instant at which it came true: before that the journey is one without it. A journey is
at risk until it is solved (see `Courses`): until nothing but the customer's own part was missing to the goal. Journeys
that are solved and wait to be closed would else stand beside those handed on, and make them look slow. That a goal is
missed comes when the log says that the journey was given up; one that reached its goal is at risk of it no more.

What is settled in its first moments is left out, and what came true in these counts from their end: nothing that
happened then can be told from how the journey began. Sources: Suissa (2008), Am. J. Epidemiology 167, immortal time;
Anderson, Cain & Gelber (1983), J. Clinical Oncology 1, landmarks; Friedman (1982), Annals of Statistics 10, rates that
are constant by pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pyarrow as pa

from tiesa.core.business_time import DAY_US
from tiesa.core.enums import GoalState, WaitOwner
from tiesa.journeys.arrow_views import NONE, Words, words_of
from tiesa.journeys.questions.goals import HORIZONS_S
from tiesa.journeys.standards_rules import read_standards
from tiesa.journeys.view import View
from tiesa.moments.cells import MEMORY, Cells
from tiesa.moments.confirm import Tested
from tiesa.moments.episodes import SECOND_US
from tiesa.moments.hazard import Fit, PersonTime
from tiesa.moments.missed import Missed
from tiesa.moments.outcomes import Outcome
from tiesa.moments.packed import Packing
from tiesa.moments.people import MOST_WORDS, NEVER, Clocks, Ints, People, Traits
from tiesa.moments.rates import choose_traits
from tiesa.moments.timeline import Timeline
from tiesa.moments.values import PLACED

BY_THEN = {Outcome.SOLVED: 0.5, Outcome.GOAL_MISSED: 0.9}
"""Of solutions it is asked how soon they come; of goals whether they are missed, and not whether a little later."""
WATCHED = 3
"""Journeys are watched for so many horizons."""
FIRST = 1440
"""The part of the horizon that a journey's first moments are: of 30 days half an hour."""
AGES = 24
"""Classes of age, each with as many goals reached; of few goals fewer classes."""
GOALS_AN_AGE = 10
BY_ITSELF = ("time_to_goal", "contacts_to_goal")
"""Standards that are missed because a goal was not reached: they are what is to be explained, and no reason for it."""
KNOWN = ("touchpoint", "channel", "journey_type", "reason", "unit", "process", "product")
"""What a journey's first contact tells of it."""


@dataclass(frozen=True)
class Courses:
    """How the journeys of a timeline went, in microseconds since 1970 UTC; NEVER where that was not seen.

    begun: the first contact. came: when the outcome did. Solved is a journey from when on nothing but the customer's
    own part was missing to the goal that was reached in the end; missed is a goal when the journey is given up. over:
    from when on it cannot be seen any more when it would come: the journey ended otherwise, another contact would have
    begun another journey, the log ends; or of what would be solved the customer's part is missing still.
    """

    begun: Ints
    came: Ints
    over: Ints

    def usual_horizon(self, outcome: Outcome) -> timedelta:
        """The first round time, in whole days, by which it had come to most of those to which it came (`BY_THEN`)."""
        took = (self.came - self.begun)[self.came != NEVER] / SECOND_US
        most = float(np.quantile(took, BY_THEN[outcome])) if len(took) else 0.0
        whole = [seconds for seconds in HORIZONS_S if seconds >= DAY_US // SECOND_US]
        return timedelta(seconds=next((seconds for seconds in whole if seconds >= most), whole[-1]))


def courses_of(view: View, timeline: Timeline, outcome: Outcome) -> Courses:
    """How each journey of the timeline went. outcome: one of `OF_JOURNEYS`.

    That it was solved is known when the goal is reached; if the customer alone was waited for in between (until they
    confirm, or until it is closed by itself), it was solved when that wait began.
    """
    starts = timeline.starts
    ends = np.append(starts[1:], len(timeline)) - 1
    found = view.table(
        f"with {PLACED}, first as (select customer_key, journey_no, min(place) as place from placed group by all) "
        f"select place, coalesce(goal_state = '{GoalState.REACHED.value}', false) as reached, "
        f"coalesce(goal_state = '{GoalState.ABANDONED.value}' and goal_at is not null, false) as missed, "
        f"coalesce(epoch_us(goal_at), {NEVER}) as ended, coalesce(waiting_for = '{WaitOwner.CUSTOMER.value}', false) "
        "as theirs, case when goal_at is null and case_id is null "
        f"then epoch_us(end_at) + round({view.window_sql} * 1e6)::bigint else {NEVER} end as silent "
        "from journeys join first using (customer_key, journey_no) order by place"
    )
    rows = np.searchsorted(found["place"].to_numpy(), timeline.place[starts])
    reached, missed, ended, theirs, silent = (
        found[name].to_numpy()[rows] for name in ("reached", "missed", "ended", "theirs", "silent")
    )
    if outcome == Outcome.GOAL_MISSED:
        over = np.minimum(np.minimum(silent, np.where(missed, NEVER, ended)), timeline.people.ends)
        return Courses(timeline.at[starts], np.where(missed, ended, NEVER), over)
    owners = timeline.words["wait_owner"]
    ours = (owners.codes != NONE) & ~timeline.has("wait_owner", WaitOwner.CUSTOMER.value)
    row = np.arange(len(timeline))
    last = np.maximum(np.maximum.accumulate(np.where(ours, row, NONE)), timeline.first)  # the last contact we owed
    goal = ends - np.add.reduceat(timeline.at > ended[timeline.journey], starts) if len(starts) else ends
    solved = np.where(reached, timeline.at[last[goal]], NEVER)
    watched = np.where(theirs & (ended == NEVER), timeline.at[last[ends]], timeline.people.ends)
    over = np.where(silent <= timeline.people.ends, silent, np.minimum(ended, watched))
    return Courses(timeline.at[starts], solved, np.where(reached, timeline.people.ends, over))


def journeys_of(view: View, timeline: Timeline, courses: Courses, horizon_us: int) -> Timeline:
    """The journeys of a timeline as people, and their contacts with times since the beginning of the journey.

    Of a type of journey to which the outcome never came there are none. What was known when a journey began is
    among its traits.
    """
    starts, whose, begun = timeline.starts, timeline.people, courses.begun
    customer = timeline.customer[starts]
    watched = np.minimum(whose.ends - begun, WATCHED * horizon_us)
    leave = np.minimum(np.minimum(courses.came, courses.over) - begun, watched)
    enter = np.full(len(starts), horizon_us // FIRST)
    everyone = np.arange(len(starts))
    people = People(
        key=whose.key[customer],
        enter=enter,
        leave=leave,
        left=leave == courses.came - begun,
        since=np.zeros(len(starts), np.int64),
        second=whose.second[customer],
        cluster=whose.cluster[customer],
        begins=0,
        ends=int(watched.max(initial=0)),
        traits=Traits(everyone, np.zeros(len(starts), np.int64), dict(_traits(timeline, begun, customer))),
        clocks=Clocks(begun, watched),
    )
    kinds = timeline.words["journey_type"].codes[starts]
    can = np.isin(kinds, np.unique(kinds[courses.came != NEVER]))
    return _on_own_clocks(view, timeline, people).where(can & (leave > enter))


def _traits(timeline: Timeline, begun: Ints, customer: Ints) -> Iterator[tuple[str, Words]]:
    """What is known of each journey when it begins: of the customer, of its first contact, and when that was."""
    starts, whose = timeline.starts, timeline.people
    version = whose.traits.version_at(customer, begun, whose.begins)
    found = {
        name: Words(np.where(version == NONE, NONE, words.codes[version]), words.texts)
        for name, words in whose.traits.words.items()
    }
    found |= {f"first {name}": timeline.words[name].take(starts) for name in KNOWN}
    severity = timeline.numbers["severity"][starts]
    found["severity"] = words_of(pa.array(severity, pa.float64(), mask=np.isnan(severity)).cast(pa.string()))
    when = begun.astype("datetime64[us]")
    found["quarter"] = words_of(pa.array(when.astype("datetime64[M]").astype(np.int64) // 3).cast(pa.string()))
    found["weekday"] = words_of(pa.array((begun // DAY_US + 3) % 7).cast(pa.string()))
    for name, words in _attributes(timeline).items():
        found[f"first {name}"] = words
    for name, words in found.items():
        frequent = _frequent(words)
        if len(frequent.texts) > 1:
            yield name, frequent


def _attributes(timeline: Timeline) -> dict[str, Words]:
    """The attributes of the first contact of each journey."""
    starts = timeline.starts
    codes: dict[str, Ints] = {}
    texts: dict[str, list[str]] = {}
    for (name, value), rows in timeline.attributes.words.items():
        journeys = timeline.journey[rows[np.isin(rows, starts)]]
        codes.setdefault(name, np.full(len(starts), NONE))[journeys] = len(texts.setdefault(name, []))
        texts[name].append(value)
    return {name: Words(codes[name], pa.array(texts[name], pa.string())) for name in codes}


def _frequent(words: Words) -> Words:
    """The most frequent words; the others stand together as unknown."""
    counts = np.bincount(words.codes[words.codes != NONE], minlength=len(words.texts))
    kept = [int(code) for code in np.argsort(-counts, kind="stable")[:MOST_WORDS] if counts[code]]
    moved = np.full(len(words.texts) + 1, NONE)
    moved[kept] = np.arange(len(kept))
    return Words(moved[words.codes], words.texts.take(pa.array(kept, pa.int64())))


def _on_own_clocks(view: View, timeline: Timeline, people: People) -> Timeline:
    assert people.clocks is not None
    begun, first = people.clocks.begun, people.enter

    def own(at: Ints, journey: Ints) -> Ints:
        return np.where(at == NEVER, NEVER, np.maximum(at - begun[journey], first[journey]))

    rules = read_standards(view.home)
    by_itself = {one.name for one in rules.standards if one.metric in BY_ITSELF} if rules else set()
    return replace(
        timeline,
        people=people,
        customer=timeline.journey,
        times={name: own(at, timeline.journey) for name, at in timeline.times.items()},
        missed={
            name: Missed(one.rows, own(one.at, timeline.journey[one.rows]))
            for name, one in timeline.missed.items()
            if name not in by_itself
        },
    )


def known_before(people: People) -> list[str]:
    """The traits that tell how soon journeys come to the outcome by themselves.

    They are judged on a clock on which outcomes come evenly (Nelson-Aalen): on it one rate fits all ages.
    """
    order = np.argsort(people.leave, kind="stable")
    passed = np.cumsum(people.left[order] / np.arange(len(people), 0, -1))
    even = np.empty(len(people))
    even[order] = passed + 1e-9
    return choose_traits(replace(people, enter=np.zeros(len(people)), leave=even * SECOND_US))


def journey_time(timeline: Timeline, *, horizon_us: int, traits: Sequence[str]) -> PersonTime:
    """Journeys in cells: what was known when they began, and their age. traits: those of `Traits` that adjust.

    Ages are cut where equal numbers of goals were reached, whatever the log's pace.
    """
    people = timeline.people
    enter, leave = people.enter // SECOND_US, people.leave // SECOND_US
    span = int(people.ends + horizon_us) // SECOND_US + 1
    width = int(max(horizon_us // FIRST // SECOND_US, -(-span * max(len(people), 1) * 8 // MEMORY), 1))
    goals = leave[people.left]
    classes = int(np.clip(len(goals) // GOALS_AN_AGE, 1, AGES))
    bounds = np.unique(np.quantile(goals, np.arange(1, classes) / classes) // width * width if len(goals) else [])
    age = np.searchsorted(bounds, np.arange(-(-span // width)) * width, side="right")
    words = np.stack([people.traits.words[name].codes + 1 for name in traits], axis=1) if traits else \
        np.zeros((len(people), 0), np.int64)  # fmt: skip
    static, of_journey = np.unique(words, axis=0, return_inverse=True)
    levels = {"static": max(len(static), 1), "age": len(bounds) + 1}
    codes = (of_journey.reshape(-1, 1) * levels["age"] + age).astype(np.int32)
    cells = Cells(codes, width, levels, static, tuple(traits))
    return PersonTime(people, cells, enter, leave, horizon_us, Packing.of(timeline, horizon_us))


def clustered(tested: Tested) -> Tested:
    """The same with errors as large as journeys of one customer (or household) hang together.

    Each situation's variance is taken as many times as its outcomes less the expected ones, added up by customer, vary
    more than those of independent journeys would; never less than once.
    """
    model, fit = tested.model, tested.fit
    assert isinstance(model, PersonTime)
    assert isinstance(fit, Fit)
    scale = np.ones(len(fit.parameters))
    each = model.surplus(fit, tested.exposures, tested.exposures)
    for k, (exposure, (surplus, expected)) in enumerate(zip(tested.exposures, each, strict=True)):
        _names, place = np.unique(model.people.cluster[exposure.customer], return_inverse=True)
        together = np.bincount(place, surplus)
        scale[k] = np.sqrt(max(1.0, float(together @ together) / max(float(expected.sum()), 1e-9)))
    return replace(tested, fit=replace(fit, covariance=fit.covariance * scale[:, None] * scale))

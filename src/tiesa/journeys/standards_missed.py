"""At which contact and at which instant a standard was missed, as far as could be known at that instant.

A time is missed when it is over and nothing came, a number of times at the contact that is one too many. What comes
later changes nothing: a message past its time stays missed although its journey reached its goal afterwards, which a
report on standards leaves out. Standards whose target is a share say nothing of the single contact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tiesa.core.business_time import microseconds
from tiesa.journeys.deadlines import Deadline
from tiesa.journeys.standards_measures import complaints_due, journeys_about, rows_about
from tiesa.journeys.standards_rules import Standard
from tiesa.journeys.view import View, instant

Ints = NDArray[np.int64]
NEVER = np.iinfo(np.int64).max
_JOURNEY = "customer_key, journey_no"
_INBOUND = "direction = 'inbound' and organisation is null"


def missed(view: View, standard: Standard) -> pa.Table | None:
    """Every contact the standard was about: customer_key, journey_no, journey_position, `missed_us` (null: not missed).

    None where its target is a share.
    """
    make = _MISSED.get(standard.metric)
    return None if make is None else make(view, standard)


def missed_deadlines(view: View, deadline: Deadline) -> pa.Table:
    """The same for the first complaint of each journey and its statutory deadline."""
    found = complaints_due(view, deadline)
    due = found["due_us"].to_numpy()
    return _items(view, found, due, pc.fill_null(found["done_us"], NEVER).to_numpy() > due)


def _items(view: View, found: pa.Table, at: Ints, is_missed: NDArray[np.bool_]) -> pa.Table:
    kept = ~is_missed | (at > microseconds(view.now))
    table = found.select(["customer_key", "journey_no", "journey_position"])
    return table.append_column("missed_us", pa.array(at, pa.int64(), mask=kept))


def _due(view: View, standard: Standard, asked: Ints) -> Ints:
    """When the time allowed is over."""
    target = int(standard.target * 1_000_000)
    if not standard.business_time or not len(asked):
        return asked + target
    first = instant(int(asked.min()))
    assert first is not None
    return view.rules.calendar.table(first, view.now).due_many(asked, target)


def _begun(standard: Standard, column: str) -> str:
    """SQL: what happened before the standard holds is not measured by it."""
    return f"epoch_us({column}) >= {microseconds(standard.begin)}" if standard.begin else "true"


def _messages(view: View, standard: Standard) -> pa.Table:
    """Messages without an answer when the time is over, unless their journey was settled before."""
    firsts = ""
    if standard.metric == "first_reply":
        firsts = f"and ({_JOURNEY}, journey_position) in (select ({_JOURNEY}, min(journey_position)) from rows "
        firsts += f"where is_answered is not null group by {_JOURNEY})"
    found = view.table(
        f"select r.customer_key, r.journey_no, journey_position, epoch_us(occurred_at) as asked_us, "
        "epoch_us(least(answered_at, case when j.goal_at >= occurred_at then j.goal_at end)) as done_us from "
        f"(from rows where is_answered is not null and {_begun(standard, 'occurred_at')} and "
        f"{rows_about(view, standard)} {firsts}) r join journeys j using ({_JOURNEY})"
    )
    due = _due(view, standard, found["asked_us"].to_numpy())
    return _items(view, found, due, pc.fill_null(found["done_us"], NEVER).to_numpy() > due)


def _time_to_goal(view: View, standard: Standard) -> pa.Table:
    """On the journey's first contact. A goal given up is missed at that instant, if not before."""
    found = view.table(
        f"select {_JOURNEY}, 1 as journey_position, epoch_us(start_at) as asked_us, epoch_us(goal_at) as done_us, "
        f"goal_state = 'abandoned' as given_up from journeys where {_begun(standard, 'start_at')} and "
        f"{journeys_about(view, standard)}"
    )
    due = _due(view, standard, found["asked_us"].to_numpy())
    done = pc.fill_null(found["done_us"], NEVER).to_numpy()
    given_up = found["given_up"].to_numpy(zero_copy_only=False)
    return _items(view, found, np.where(given_up, np.minimum(due, done), due), given_up | (done > due))


def _insistence(view: View, standard: Standard) -> pa.Table:
    """On the contact with which a customer has asked once more than allowed while one of their messages waits."""
    asked = (
        f"select {_JOURNEY}, journey_position, occurred_at, is_answered is not null as is_message, insistence, "
        f"row_number() over (partition by {_JOURNEY} order by journey_position) as n from rows where {_INBOUND}"
    )
    over = (
        f"select m.customer_key, m.journey_no, min(r.journey_position) as place from asked m join asked r on "
        f"r.customer_key = m.customer_key and r.journey_no = m.journey_no and r.n = m.n + {int(standard.target)} "
        f"where m.is_message and m.insistence > {standard.target} and {_begun(standard, 'r.occurred_at')} group by all"
    )
    return view.table(
        f"with asked as ({asked}), over as ({over}) select a.customer_key, a.journey_no, "
        f"coalesce(max(o.place), max(a.journey_position)) as journey_position, "
        "epoch_us(max(a.occurred_at) filter (a.journey_position = o.place)) as missed_us "
        f"from (from asked where ({_JOURNEY}) in (select ({_JOURNEY}) from journeys where insistence > 0 and "
        f"{journeys_about(view, standard)})) a left join over o using ({_JOURNEY}) "
        "group by a.customer_key, a.journey_no"
    )


def _contacts_to_goal(view: View, standard: Standard) -> pa.Table:
    """On the contact that is one too many, where the goal was not reached or given up before."""
    counted = (
        f"select {_JOURNEY}, journey_position, occurred_at, row_number() over (partition by {_JOURNEY} order by "
        f"journey_position) as n from rows join (select {_JOURNEY}, goal_at from journeys where "
        f"{journeys_about(view, standard)}) g using ({_JOURNEY}) where direction is distinct from 'internal' and "
        "(goal_at is null or occurred_at <= goal_at)"
    )
    one_more = f"n = {int(standard.target) + 1} and {_begun(standard, 'occurred_at')}"
    return view.table(
        f"with counted as ({counted}) select {_JOURNEY}, coalesce(max(journey_position) filter ({one_more}), "
        f"max(journey_position)) as journey_position, epoch_us(max(occurred_at) filter ({one_more})) as missed_us "
        f"from counted group by {_JOURNEY}"
    )


_MISSED: Mapping[str, Callable[[View, Standard], pa.Table]] = {
    "reply_time": _messages,
    "first_reply": _messages,
    "time_to_goal": _time_to_goal,
    "insistence": _insistence,
    "contacts_to_goal": _contacts_to_goal,
}

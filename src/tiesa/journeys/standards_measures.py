"""Every item a standard is kept or broken by: messages, journeys, promises, complaints, each with who waits now.

Each measure makes the temp table `measured`: customer_key, journey_no, touchpoint, `instant` (it counts in its month),
`kept` (null: cannot be told yet), `breached` (broken, and still open now), `over` (seconds or times past the target).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core.business_time import microseconds
from tiesa.engines.duckdb import literal
from tiesa.journeys.channels import bare_name
from tiesa.journeys.deadlines import Deadline
from tiesa.journeys.held import Held
from tiesa.journeys.promises import promises_sql
from tiesa.journeys.questions.reply_times import business_us, reply_times
from tiesa.journeys.questions.sides import listed
from tiesa.journeys.standards_rules import Standard
from tiesa.journeys.view import View, instant

_ITEMS = (
    "select customer_key, journey_no, touchpoint, make_timestamp(asked_us) as instant, kept, breached, over "
    "from timed_items"
)
_KEYS = ("customer_key", "journey_no", "touchpoint")
_JOURNEY = "customer_key, journey_no"
_OF_JOURNEY = ("journey_type", "unit")
"""Parts of `where` that speak of the journey, not of the single contact."""


def measure(view: View, standard: Standard) -> None:
    """Make `measured` for one standard."""
    view.connection.execute(f"create or replace temp table measured as {_MEASURES[standard.metric](view, standard)}")
    if standard.begin:
        view.connection.execute(f"delete from measured where epoch_us(instant) < {microseconds(standard.begin)}")


def missing(standard: Standard, holds: Held, *, settled: bool) -> str:
    """The column without which the standard cannot be measured; empty where nothing is missing."""
    if standard.metric in ("reply_time", "first_reply", "unanswered", "insistence") and not holds.knows_messages:
        return "direction"
    if standard.metric in ("time_to_goal", "contacts_to_goal", "goal_reached") and not settled:
        return "goal"
    column = {"repeats": "reason", "promises": "promised_at"}.get(standard.metric)
    return column if column and not holds[column] else ""


def rows_about(view: View, standard: Standard) -> str:
    """SQL condition on `rows`: the contacts a standard is about."""
    return " and ".join([*_of_contact(view, standard), *_journeys_named(standard)]) or "true"


def _of_contact(view: View, standard: Standard) -> list[str]:
    """What `where` says of the single contact; a channel in whatever spelling the log has."""
    own = {c: v for c, v in standard.where.items() if c not in _OF_JOURNEY}
    said = [f"{column} = {literal(value)}" for column, value in own.items() if column != "channel"]
    if channel := own.get("channel"):
        names = [name for (name,) in view.rows("select distinct channel from rows")]
        said.append(f"channel in ({listed(name for name in names if bare_name(name) == bare_name(channel))})")
    return said


def _journeys_named(standard: Standard) -> list[str]:
    named = []
    if kind := standard.where.get("journey_type"):
        named.append(f"({_JOURNEY}) in (select ({_JOURNEY}) from journeys where journey_type = {literal(kind)})")
    if unit := standard.where.get("unit"):
        named.append(f"({_JOURNEY}) in (select ({_JOURNEY}) from rows where unit = {literal(unit)})")
    return named


def journeys_about(view: View, standard: Standard) -> str:
    """SQL condition on `journeys`: those of the type and unit, with a contact such as the standard is about."""
    own = " and ".join(_of_contact(view, standard))
    with_contact = [f"({_JOURNEY}) in (select ({_JOURNEY}) from rows where {own})"] if own else []
    return " and ".join([*_journeys_named(standard), *with_contact]) or "true"


def _reply_time(view: View, standard: Standard) -> str:
    return _replies(view, standard, rows_about(view, standard))


def _first_reply(view: View, standard: Standard) -> str:
    firsts = f"(select ({_JOURNEY}, min(journey_position)) from rows where is_answered is not null group by {_JOURNEY})"
    return _replies(view, standard, f"{rows_about(view, standard)} and ({_JOURNEY}, journey_position) in {firsts}")


def _replies(view: View, standard: Standard, where: str) -> str:
    found = reply_times(view, where, _KEYS)
    answered = pc.is_valid(found["answered_us"])
    asked = found["asked_us"].to_numpy()
    if standard.business_time:
        spent = found["spent_us"].to_numpy()
    else:
        now = pa.scalar(microseconds(view.now), pa.int64())
        spent = pc.coalesce(found["answered_us"], found["closed_us"], now).to_numpy() - asked
    given_up = pc.is_valid(found["closed_us"]).to_numpy() & (spent > standard.target * 1_000_000)
    return _timed(view, standard, found, asked, spent, answered.to_numpy(), given_up)


def _time_to_goal(view: View, standard: Standard) -> str:
    """A goal given up was not reached in time; one still open is broken once the time is over."""
    found = view.table(
        f"select {_JOURNEY}, end_touchpoint as touchpoint, epoch_us(start_at) as asked_us, goal_state, "
        f"epoch_us(coalesce(goal_at, {view.now_sql})) as until_us from journeys where {journeys_about(view, standard)}"
    )
    asked, until = found["asked_us"].to_numpy(), found["until_us"].to_numpy()
    spent = business_us(view, asked, until) if standard.business_time else until - asked
    states = np.array(found["goal_state"].to_pylist(), dtype=object)
    return _timed(view, standard, found, asked, spent, states == "reached", given_up=states == "abandoned")


def _timed(
    view: View, standard: Standard, found: pa.Table, asked: np.ndarray, spent: np.ndarray, done: np.ndarray,
    given_up: np.ndarray | None = None,
) -> str:  # fmt: skip
    """Items with a time: kept where done within the target, broken where past it or given up, else not due yet."""
    given_up = np.zeros(len(asked), np.bool_) if given_up is None else given_up
    target = int(standard.target * 1_000_000)
    late = spent > target
    known = late | done | given_up
    table = pa.table(
        {
            **{name: found[name] for name in _KEYS},
            "asked_us": pa.array(asked),
            "kept": pa.array(done & ~late, pa.bool_(), mask=~known),
            "breached": pa.array(late & ~done & ~given_up),
            "over": pa.array((spent - target) / 1e6, pa.float64()),
        }
    )
    view.connection.register("timed_items", table)
    return _ITEMS


def _unanswered(view: View, standard: Standard) -> str:
    """A message counts once it is answered, or past the standard reply time of its channel."""
    found = reply_times(view, rows_about(view, standard), (*_KEYS, "channel"))
    names = found["channel"].to_pylist()
    hours = {name: view.rules.channel(name).reply_hours or 0.0 for name in set(names)}
    limits = np.array([hours[name] * 3_600_000_000 for name in names], np.float64)
    answered = pc.is_valid(found["answered_us"]).to_numpy(zero_copy_only=False)
    over = found["spent_us"].to_numpy() - limits
    table = pa.table(
        {
            **{name: found[name] for name in _KEYS},
            "asked_us": found["asked_us"],
            "kept": pa.array(answered, pa.bool_(), mask=~(answered | (over > 0))),
            "breached": pa.array(~answered & ~pc.is_valid(found["closed_us"]).to_numpy() & (over > 0)),
            "over": pa.array(over / 1e6, pa.float64()),
        }
    )
    view.connection.register("timed_items", table)
    return _ITEMS


def _repeats(view: View, standard: Standard) -> str:
    return (
        f"select {_JOURNEY}, touchpoint, occurred_at as instant, not is_repeat as kept, false as breached, 0.0 as over "
        f"from rows where reason is not null and direction = 'inbound' and {rows_about(view, standard)}"
    )


def _promises(view: View, standard: Standard) -> str:
    late = f"epoch({view.now_sql} - promised_at)"
    kept = f"({promises_sql(view)})"
    mine = rows_about(view, standard)
    if mine != "true":
        promising = f"(select {_JOURNEY}, touchpoint, occurred_at from rows where promised_at is not null and {mine})"
        kept += f" semi join {promising} m"
        kept += f" using ({_JOURNEY}, touchpoint, occurred_at)"
    return (
        f"select {_JOURNEY}, touchpoint, promised_at as instant, kept, kept is false and done_at is null as breached, "
        f"{late} as over from {kept}"
    )


def _insistence(view: View, standard: Standard) -> str:
    more = f"insistence > {standard.target}"
    return (
        f"select {_JOURNEY}, end_touchpoint as touchpoint, coalesce(goal_at, end_at) as instant, case when {more} then "
        "false when goal_state = 'open' and unanswered > 0 then null else true end as kept, "
        f"{more} and waiting_for = 'us' as breached, (insistence - {standard.target})::double as over "
        f"from journeys where insistence > 0 and {journeys_about(view, standard)}"
    )


def _contacts_to_goal(view: View, standard: Standard) -> str:
    counted = (
        f"select {_JOURNEY}, count(*) as contacts from rows join (select {_JOURNEY}, goal_at from journeys) g "
        f"using ({_JOURNEY}) where direction is distinct from 'internal' and (goal_at is null or occurred_at <= "
        "goal_at) "
        "group by all"
    )
    more = f"c.contacts > {standard.target}"
    return (
        f"select {_JOURNEY}, end_touchpoint as touchpoint, coalesce(goal_at, end_at) as instant, case when {more} then "
        f"false when goal_state = 'reached' then true end as kept, {more} and goal_state = 'open' as breached, "
        f"(c.contacts - {standard.target})::double as over from journeys join ({counted}) c using ({_JOURNEY}) "
        f"where {journeys_about(view, standard)}"
    )


def _goal_reached(view: View, standard: Standard) -> str:
    windows = str(view.rules.windows.same_reason.total_seconds())
    for name in sorted(view.rules.types):
        seconds = view.rules.windows_of(name).same_reason.total_seconds()
        windows = f"case when journey_type = {literal(name)} then {seconds} else {windows} end"
    silent = f"epoch({view.now_sql} - end_at) > {windows}"
    return (
        f"select {_JOURNEY}, end_touchpoint as touchpoint, coalesce(goal_at, end_at) as instant, goal_state = "
        "'reached' "
        f"as kept, false as breached, 0.0 as over from journeys where (goal_state <> 'open' or {silent}) "
        f"and {journeys_about(view, standard)}"
    )


_MEASURES: Mapping[str, Callable[[View, Standard], str]] = {
    "reply_time": _reply_time,
    "first_reply": _first_reply,
    "time_to_goal": _time_to_goal,
    "insistence": _insistence,
    "contacts_to_goal": _contacts_to_goal,
    "unanswered": _unanswered,
    "repeats": _repeats,
    "promises": _promises,
    "goal_reached": _goal_reached,
}


def measure_complaints(view: View, deadline: Deadline) -> None:
    """Make `measured` for complaints: the first of each journey, answered or closed by its statutory deadline."""
    found = complaints_due(view, deadline)
    done, now = found["done_us"].to_pylist(), microseconds(view.now)
    due = found["due_us"].to_pylist()
    kept = [
        d <= limit if d is not None else (False if now > limit else None) for d, limit in zip(done, due, strict=True)
    ]
    table = found.select(["customer_key", "journey_no", "touchpoint", "asked_us"])
    table = table.append_column("kept", pa.array(kept, pa.bool_()))
    late = [d is None and now > limit for d, limit in zip(done, due, strict=True)]
    table = table.append_column("breached", pa.array(late, pa.bool_()))
    table = table.append_column("over", pa.array([(now - limit) / 1e6 for limit in due], pa.float64()))
    view.connection.register("timed_items", table)
    view.connection.execute(f"create or replace temp table measured as {_ITEMS}")


def complaints_due(view: View, deadline: Deadline) -> pa.Table:
    """The first complaint of each journey: its keys, `journey_position`, `asked_us`, `due_us`, `done_us` (null: none).

    Done by our next contact after it or by the goal of the journey; due by the statutory deadline.
    """
    found = view.table(
        "with first as (select * from rows where kind = 'complaint' and coalesce(direction, 'inbound') = 'inbound' "
        f"qualify row_number() over (partition by {_JOURNEY} order by journey_position) = 1) "
        "select f.customer_key, f.journey_no, f.journey_position, f.touchpoint, epoch_us(f.occurred_at) as asked_us, "
        "epoch_us(least(any_value(f.answered_at), min(r.occurred_at), case when any_value(j.goal_at) >= f.occurred_at "
        "then any_value(j.goal_at) end)) "
        f"as done_us from first f join journeys j using ({_JOURNEY}) left join (select {_JOURNEY}, journey_position, "
        "occurred_at from rows where direction = 'outbound') r on r.customer_key = f.customer_key and "
        "r.journey_no = f.journey_no and r.journey_position > f.journey_position "
        "group by f.customer_key, f.journey_no, f.journey_position, f.touchpoint, f.occurred_at"
    )
    by_quarter: dict[int, int] = {}
    due = []
    for us in found["asked_us"].to_pylist():
        quarter = us // 900_000_000  # within a quarter of an hour the day is the same in every zone
        if quarter not in by_quarter:
            received = instant(us)
            assert received is not None
            by_quarter[quarter] = microseconds(deadline.due(received, view.rules.calendar))
        due.append(by_quarter[quarter])
    return found.append_column("due_us", pa.array(due, pa.int64()))

"""Chains of repeats: a question, asked again and again, and what stood between the asking and its first repeat.

A chain is one customer's contacts with one reason, from one that is no repeat to the last repeat before the next that
is none. Only customers who repeated anything are read contact by contact.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tiesa.core.locale import _
from tiesa.journeys.held import Held
from tiesa.journeys.questions.avoidable import speaks
from tiesa.journeys.questions.sides import listed, live, ours
from tiesa.journeys.view import View, instant

PARTIAL_HOURS = 48
"""Who comes back so soon after an answer was probably answered in part."""


class Cause(StrEnum):
    """What stood before a first repeat, in the order in which it is tried; facts before what is inferred."""

    PROMISE = "promise_missed"
    SILENCE = "no_answer"
    LATE = "answered_late"
    HANDED = "handed_over"
    CLOSED = "closed_unconfirmed"
    SELF_SERVICE = "self_service"
    PARTIAL = "partial_answer"
    UNKNOWN = "unknown"


def cause_name(cause: str) -> str:
    """A cause as people call it."""
    return {
        Cause.PROMISE: _("promise missed"),
        Cause.SILENCE: _("no reply"),
        Cause.LATE: _("replied late"),
        Cause.HANDED: _("handed over"),
        Cause.CLOSED: _("closed without their confirmation"),
        Cause.SELF_SERVICE: _("self-service or notice did not settle it"),
        Cause.PARTIAL: _("answered in part (inferred)"),
        Cause.UNKNOWN: _("cannot be told"),
    }[Cause(cause)]


def cause_text(cause: str) -> str:
    """What makes a first repeat count under the cause."""
    return {
        Cause.PROMISE: _("Something was promised by a time before the repeat, and we did not speak with them since."),
        Cause.SILENCE: _("Their message before was not answered when they asked again."),
        Cause.LATE: _("Their message was answered after the standard reply time of its channel, in business time."),
        Cause.HANDED: _("Between the two the matter went to another employee or another unit."),
        Cause.CLOSED: _("The goal counted as reached, then they asked again."),
        Cause.SELF_SERVICE: _("The last contact before the repeat was self-service or indirect."),
        Cause.PARTIAL: _(
            "They were answered and came back within {hours} hours; that it was in part is inferred."
        ).format(hours=PARTIAL_HOURS),
        Cause.UNKNOWN: _("None of these, or the data do not say."),
    }[Cause(cause)]


def chains(view: View, holds: Held) -> pa.Table:
    """One row per chain with a repeat, of customers of the view (whole chains, whichever journeys are selected).

    Columns: reason, touchpoint, channel, unit, journey_no, customer_key (of the asking before the first repeat),
    asked_us, again_us (microseconds since 1970), repeats, timed, hours, costed, cost (of its repeats), cause,
    last_touchpoint, last_channel, last_unit (the contact right before the first repeat), asked_selected,
    again_selected (does the journey of the asking, of the first repeat, belong to the view?), is_linked (is the
    asking within what may be seen?).
    """
    view.connection.execute(_askings(view))
    view.connection.execute(_FIRST_REPEATS)
    before = view.table(_before(view, holds))
    return before.append_column("cause", _causes(view, holds, before))


def _askings(view: View) -> str:
    """The contacts with a reason of customers who repeated any, numbered by chain."""
    span = max([view.rules.windows.repeat, *(view.rules.windows_of(t).repeat for t in view.rules.types)])
    source = "all_rows"
    among = "" if view.selection.is_everything else " semi join journeys using (customer_key)"
    order = "(partition by customer_key, reason order by occurred_at, is_repeat, journey_no, journey_position)"
    return (
        "create or replace temp table askings as with asked as (select customer_key, reason, journey_no, "
        "journey_position, occurred_at, touchpoint, channel, unit, is_repeat, is_answered, answered_at, duration_s, "
        f"cost from {source} where direction = 'inbound' and reason is not null and {ours(view)} and customer_key in "
        f"(select customer_key from {source}{among} where is_repeat)) "
        "select *, count(*) filter (not is_repeat) over w as chain, lag(journey_no) over w as p_journey, "
        "lag(journey_position) over w as p_position, lag(occurred_at) over w as p_at, "
        f"coalesce(occurred_at - lag(occurred_at) over w <= interval ({span.total_seconds()}) second, false) "
        "as is_linked "
        f"from asked window w as {order}"
    )


# Per chain its first repeat (r) with the asking before it (p), and what all its repeats took.
_FIRST_REPEATS = (
    "create or replace temp table first_repeats as with took as (select customer_key, reason, chain, "
    "count(*)::bigint as repeats, count(duration_s)::bigint as timed, sum(duration_s)::double / 3600 as hours, "
    "count(cost)::bigint as costed, sum(cost)::double as cost, min(row(occurred_at, journey_no, journey_position)) "
    "as at_first from askings where is_repeat group by customer_key, reason, chain) "
    "select row_number() over (order by t.customer_key, t.reason, t.chain) as number, t.customer_key, t.reason, "
    "t.repeats, t.timed, t.hours, t.costed, t.cost, r.occurred_at, r.journey_no, r.journey_position, r.unit, "
    "r.is_linked, case when r.is_linked then r.p_journey end as p_journey, r.p_position, r.p_at, "
    "p.touchpoint as p_touchpoint, p.channel as p_channel, p.unit as p_unit, p.is_answered as p_is_answered, "
    "p.answered_at as p_answered_at from took t join askings r on r.customer_key = t.customer_key and "
    "r.reason = t.reason and r.is_repeat and row(r.occurred_at, r.journey_no, r.journey_position) = t.at_first "
    "left join askings p on r.is_linked and p.customer_key = t.customer_key and p.reason = t.reason "
    "and p.journey_no = r.p_journey and p.journey_position = r.p_position"
)


def _before(view: View, holds: Held) -> str:
    """Each first repeat with what happened from the asking to it, in the journeys of both."""
    mine = ours(view)
    promise = f"promised_at is not null and {mine}" if holds["promised_at"] else "false"
    goals = listed(t for t, state in view.rules.goals_of(None).items() if state == "reached")
    was_live = live(view, holds.channels).replace("channel", "p_channel", 1)
    return (
        "with rows_of_them as (select customer_key, journey_no, journey_position, occurred_at, touchpoint, channel, "
        f"unit, direction, is_handover, promised_at, {speaks(view, holds)} as speaks, {promise} as promises, "
        f"coalesce(goal = 'reached', touchpoint in ({goals}), false) as reaches "
        f"from all_rows where customer_key in (select customer_key from first_repeats)), "
        "since_asked as (select f.number, f.occurred_at as again_at, f.p_unit, b.*, "
        "b.journey_no = f.p_journey and b.journey_position = f.p_position as is_asking, "
        "row(b.occurred_at, b.journey_position) as place from first_repeats f join rows_of_them b "
        "on b.customer_key = f.customer_key where f.is_linked and b.journey_no in (f.p_journey, f.journey_no) "
        "and b.occurred_at between f.p_at and f.occurred_at "
        "and (b.journey_no <> f.p_journey or b.journey_position >= f.p_position) "
        "and (b.journey_no <> f.journey_no or b.journey_position < f.journey_position)), "
        "found as (select number, bool_or(reaches) as reached, "
        "bool_or(not is_asking and (is_handover or coalesce(unit <> p_unit, false))) as handed, "
        "arg_max(row(touchpoint, channel, unit, direction), place) filter (direction is distinct from 'internal') "
        "as last, "
        "coalesce(max(place) filter (promises and promised_at <= again_at) >= "
        "coalesce(max(place) filter (speaks), min(place)), false) as missed from since_asked group by number) "
        "select f.reason, p_touchpoint as touchpoint, p_channel as channel, p_unit as unit, f.customer_key, "
        "f.p_journey as journey_no, epoch_us(p_at) as asked_us, epoch_us(f.occurred_at) as again_us, "
        "repeats, timed, hours, costed, cost, p_is_answered is not null as was_message, "
        f"epoch_us(p_answered_at) as answered_us, coalesce({was_live}, false) as was_live, "
        "coalesce(handed, false) as handed, coalesce(reached, false) as reached, coalesce(missed, false) as missed, "
        "last[1] as last_touchpoint, last[2] as last_channel, last[3] as last_unit, "
        "coalesce(last[4] in ('self_service', 'indirect'), false) as by_themselves, is_linked, "
        f"{_selected(view, 'p_journey')} as asked_selected, {_selected(view, 'journey_no')} as again_selected "
        "from first_repeats f left join found using (number) order by f.number"
    )


def _selected(view: View, journey: str) -> str:
    if view.selection.is_everything:
        return "true"
    return f"coalesce((f.customer_key, f.{journey}) in (select (customer_key, journey_no) from journeys), false)"


def _causes(view: View, holds: Held, before: pa.Table) -> pa.Array:
    """The first cause that applies to each."""
    asked, answered = (pc.fill_null(before[c], 0).to_numpy() for c in ("asked_us", "answered_us"))
    is_message = _flags(before, "was_message") & holds.knows_messages
    is_answered = is_message & _flag(pc.fill_null(pc.less(before["answered_us"], before["again_us"]), False))
    since = np.where(_flags(before, "was_live"), asked, answered)
    soon = before["again_us"].to_numpy() - since <= PARTIAL_HOURS * 3_600_000_000
    holding = {
        Cause.PROMISE: _flags(before, "missed"),
        Cause.SILENCE: is_message & ~is_answered,
        Cause.LATE: is_answered & _late(view, before, is_answered),
        Cause.HANDED: _flags(before, "handed"),
        Cause.CLOSED: _flags(before, "reached"),
        Cause.SELF_SERVICE: _flags(before, "by_themselves"),
        Cause.PARTIAL: (is_answered | _flags(before, "was_live")) & soon,
    }
    linked = _flags(before, "is_linked")
    found = np.select([linked & applies for applies in holding.values()], list(map(str, holding)), str(Cause.UNKNOWN))
    return pa.array(found.tolist(), pa.string())


def _late(view: View, before: pa.Table, is_answered: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Answered after the standard reply time of the message's channel, in business time."""
    late = np.zeros(before.num_rows, bool)
    at = np.flatnonzero(is_answered)
    if not len(at):
        return late
    asked = before["asked_us"].take(at).to_numpy()
    answered = before["answered_us"].take(at).to_numpy()
    standards = {c: view.rules.channel(c).reply_hours for c in pc.unique(before["channel"]).to_pylist() if c}
    hours = [standards[c] for c in before["channel"].take(at).to_pylist()]
    limits = np.array([np.inf if h is None else h * 3.6e9 for h in hours])
    table = view.rules.calendar.table(_moment(asked.min()), _moment(answered.max()))
    late[at] = table.elapsed_many(answered) - table.elapsed_many(asked) > limits
    return late


def _moment(microseconds: np.int64) -> datetime:
    found = instant(int(microseconds))
    assert found is not None
    return found


def _flags(table: pa.Table, column: str) -> NDArray[np.bool_]:
    return _flag(table[column])


def _flag(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(column.to_numpy()).astype(bool)

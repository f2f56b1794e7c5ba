"""Messages that nobody answered: which are silence, where they rest, and why, as far as the data show it."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core.business_time import microseconds
from tiesa.core.locale import _
from tiesa.engines.duckdb import literal
from tiesa.journeys.held import Held
from tiesa.journeys.questions.reply_times import business_us
from tiesa.journeys.questions.sides import live, names_of, ours
from tiesa.journeys.view import View

ELSEWHERE_DAYS = 7
USUAL_SHARE, USUAL_N = 0.8, 20
"""The usual units of a question: the fewest that gave this share of its answers, told from at least so many."""
MESSAGES = "unanswered_messages"
"""The temporary table that `find` makes: one row per message without an answer, with `state` and `cause`."""


class State(StrEnum):
    """What became of a message without an answer.

    open: past the standard reply time, and nobody has replied. given_up: the journey was given up past that time
    without a reply. not_due: the standard reply time is not over. settled: the goal was reached, the source says that
    it is the customer's turn, or the journey was given up before a reply was due.
    """

    OPEN = "open"
    GIVEN_UP = "given_up"
    NOT_DUE = "not_due"
    SETTLED = "settled"


SILENT = f"state in ('{State.OPEN}', '{State.GIVEN_UP}')"


class Cause(StrEnum):
    """Why a message has no answer; the first that applies."""

    REMINDER = "reminder"
    ELSEWHERE = "answered_elsewhere"
    TRANSFERRED = "transferred"
    IN_WORK = "in_work"
    ABSENCE = "absence"
    NO_OWNER = "no_owner"
    WRONG_QUEUE = "wrong_queue"
    NOT_KNOWN = "not_known"

    def in_words(self) -> str:
        return _causes()[self][0]

    def rule(self) -> str:
        return _causes()[self][1].format(days=ELSEWHERE_DAYS, share=round(100 * USUAL_SHARE), n=USUAL_N)


def _causes() -> dict[Cause, tuple[str, str]]:
    """Each cause in words, with its rule."""
    return {
        Cause.REMINDER: (_("reminder"), _("the customer had written before in this journey and had no answer yet")),
        Cause.ELSEWHERE: (
            _("answered elsewhere"),
            _("within {days} days we spoke with the customer in another journey about the same reason or product"),
        ),
        Cause.TRANSFERRED: (_("handed on"), _("after it came another employee or another unit, and no reply")),
        Cause.IN_WORK: (_("in work, no word"), _("internal steps followed, and no reply")),
        Cause.ABSENCE: (_("absence"), _("the employee it rests with was away when it came, or is away now")),
        Cause.NO_OWNER: (_("no owner"), _("no employee is known in its journey")),
        Cause.WRONG_QUEUE: (
            _("wrong queue"),
            _("it rests with a unit outside those that give {share} % of the answers to such messages (n {n} or more)"),
        ),
        Cause.NOT_KNOWN: (_("not known"), _("the data show no cause")),
    }


def find(view: View, holds: Held) -> None:
    """Make the temporary table MESSAGES of a view (see there); empty where the log cannot tell silence."""
    with_state = _with_state(view, view.table(_silent("is_answered = false" if holds.knows_messages else "false")))
    view.connection.register("silent_states", with_state)
    view.connection.execute(f"create or replace temp table {MESSAGES}_bare as {_with_place(view, holds)}")
    view.connection.unregister("silent_states")
    view.connection.execute(f"create or replace temp table {MESSAGES} as {_with_cause(view, holds)}")


def _silent(which: str) -> str:
    goals = "select customer_key, journey_no, goal_state, goal_at from journeys"
    closed = f"({goals} where unanswered > 0 and goal_at is not null)"
    return (
        "select r.customer_key, r.journey_no, r.journey_position, r.occurred_at, r.channel, r.touchpoint, r.reason, "
        "r.product, r.unit, coalesce(g.goal_at >= r.occurred_at, false) as closed, g.goal_state, g.goal_at "
        f"from (select * from rows where {which}) r left join {closed} g using (customer_key, journey_no)"
    )


def _with_state(view: View, messages: pa.Table) -> pa.Table:
    """The messages with waited_s, waited_business_s (until now, or until the journey was given up), due_s and `due`."""
    asked = messages["occurred_at"].cast(pa.int64()).to_numpy()
    closed = pc.fill_null(messages["closed"], False).to_numpy(zero_copy_only=False)
    settled_at = pc.fill_null(messages["goal_at"].cast(pa.int64()), 0).to_numpy()
    until = np.where(closed, settled_at, microseconds(view.now))
    channels = messages["channel"].combine_chunks().dictionary_encode()
    hours = [view.rules.channel(c).reply_hours or 0.0 for c in channels.dictionary.to_pylist()]
    standard = np.array([*hours, 0.0])[channels.indices.to_numpy(zero_copy_only=False)] * 3_600e6
    spent = business_us(view, asked, until)
    columns = {
        "waited_s": (until - asked) / 1e6,
        "waited_business_s": spent / 1e6,
        "standard_s": standard / 1e6,
        "is_due": spent > standard,
    }
    for column, values in columns.items():
        messages = messages.append_column(column, pa.array(values))
    return messages


def _with_place(view: View, holds: Held) -> str:
    """The messages with their state, the employee and unit they rest with, and what happened after them."""
    last = {
        c: f"arg_max({c}, journey_position) filter ({c} is not null and {ours(view)})" if holds[c] else "null::varchar"
        for c in ("employee", "unit")
    }
    place = (
        f"select customer_key, journey_no, {last['employee']} as rests_with, {last['unit']} as rests_in, "
        "max(journey_position) filter (waits_for = 'customer') as their_turn, "
        "max(journey_position) filter (is_handover) as handed_on, "
        "max(journey_position) filter (direction = 'internal') as worked_on from rows "
        "semi join (select distinct customer_key, journey_no from silent_states) using (customer_key, journey_no) "
        "group by all"
    )
    settled = "p.their_turn >= m.journey_position or (m.closed and (m.goal_state = 'reached' or not m.is_due))"
    return (
        f"select m.*, row_number() over () as message, p.* exclude (customer_key, journey_no), case when {settled} "
        f"then '{State.SETTLED}' "
        f"when not m.is_due then '{State.NOT_DUE}' when m.closed then '{State.GIVEN_UP}' else '{State.OPEN}' end as "
        "state "
        f"from silent_states m join ({place}) p using (customer_key, journey_no)"
    )


def _with_cause(view: View, holds: Held) -> str:
    """The messages with their cause, and how many the customer has written in that row of them (`asked`)."""
    thread = f"partition by customer_key, journey_no, closed, state = '{State.SETTLED}'"
    tests = {
        Cause.REMINDER: "t.place > 1",
        Cause.ELSEWHERE: "s.message is not null",
        Cause.TRANSFERRED: "m.handed_on > m.journey_position or m.rests_in <> m.unit",
        Cause.IN_WORK: "m.worked_on > m.journey_position",
        Cause.ABSENCE: "a.message is not null",
        Cause.NO_OWNER: "m.rests_with is null" if holds["employee"] else "false",
        Cause.WRONG_QUEUE: _wrong_queue(view) if holds["unit"] and holds["employee"] else "false",
    }
    cases = " ".join(f"when {test} then '{cause}'" for cause, test in tests.items())
    numbered = (
        f"select message, row_number() over ({thread} order by not ({SILENT}), journey_position) as place, "
        f"count(*) over ({thread})::bigint as asked from {MESSAGES}_bare"
    )
    return (
        f"select m.*, t.asked, case when not (m.{SILENT}) then null {cases} else '{Cause.NOT_KNOWN}' end as cause from "
        f"{MESSAGES}_bare m join ({numbered}) t using (message) "
        f"left join ({_elsewhere(view, holds)}) s using (message) left join ({_away(view)}) a using (message)"
    )


def _elsewhere(view: View, holds: Held) -> str:
    """SQL: the messages about whose reason or product we spoke with the customer soon after in another journey."""
    same = " or ".join(f"s.{c} = m.{c}" for c in ("reason", "product") if holds[c])  # one alone is a hash join
    if not same:
        return f"select message from {MESSAGES}_bare where false"
    spoke = f"({ours(view)} and (direction = 'outbound' or (direction = 'inbound' and {live(view, holds.channels)})))"
    view.connection.execute(  # a table of its own: an empty or a small one spares reading all contacts
        "create or replace temp table silent_of_several as select message, customer_key, journey_no, occurred_at, "
        f"reason, product from {MESSAGES}_bare semi join (select customer_key from all_journeys where journey_no > 1) "
        f"using (customer_key) where {SILENT}"
    )
    return (
        "select distinct m.message from silent_of_several m join (select customer_key, journey_no, occurred_at, "
        "reason, "
        f"product from all_rows semi join silent_of_several using (customer_key) where {spoke}) s "
        "on s.customer_key = m.customer_key and s.journey_no <> m.journey_no and s.occurred_at > m.occurred_at "
        f"and s.occurred_at <= m.occurred_at + interval {ELSEWHERE_DAYS} day "
        f"and ({same})"
    )


def _away(view: View) -> str:
    """SQL: the messages whose employee was away when they came, or, while they are open, is away now."""
    then = "a.absent_from <= m.occurred_at and m.occurred_at < a.absent_to"
    today = f"m.state = '{State.OPEN}' and a.absent_from <= {view.now_sql} and {view.now_sql} < a.absent_to"
    return (
        f"select distinct m.message from {MESSAGES}_bare m join absences a on a.employee = m.rests_with "
        f"and (({then}) or ({today}))"
    )


def _wrong_queue(view: View) -> str:
    """SQL condition on m: learned from the answered messages, whose unit is the one their answerer mostly works in."""
    known = "all_rows"
    view.connection.execute(
        "create or replace temp table usual_units as with "
        f"works as (select employee, unit, count(*) as n from {known} where employee is not null and unit is not null "
        f"and {ours(view)} group by all), "
        "homes as (select employee, arg_max(unit, (n, unit)) as unit from works group by 1), "
        "replies as (select channel, coalesce(reason, touchpoint) as question, answered_by as employee, count(*) as n "
        f"from {known} where is_answered and answered_by is not null group by all), "
        "given as (select channel, question, h.unit, sum(n) as n from replies join homes h using (employee) group by "
        "all), "
        "ranked as (select *, sum(n) over (partition by channel, question) as total, coalesce(sum(n) over (partition "
        "by "
        "channel, question order by n desc, unit rows between unbounded preceding and 1 preceding), 0) as before "
        "from given) "
        f"select channel, question, list(unit) as units from ranked where total >= {USUAL_N} and "
        f"before < {USUAL_SHARE} * total group by all"
    )
    return (
        "exists (from usual_units u where u.channel = m.channel and u.question = coalesce(m.reason, m.touchpoint) "
        "and not list_contains(u.units, m.rests_in))"
    )


def ledger(view: View, top: int) -> pa.Table:
    """The messages that are silence, those still open first, then the oldest; reminders are folded into the first."""
    names = view.scope.names
    name, case_id, employee = ("i.source_id", "j.case_id", "m.rests_with") if names else ("null::varchar",) * 3
    first = (
        f"select * from {MESSAGES} where {SILENT} and cause <> '{Cause.REMINDER}' "
        f"order by state = '{State.GIVEN_UP}', occurred_at, customer_key, journey_no, journey_position limit {top}"
    )
    return view.table(
        f"with first as ({first}) select m.occurred_at as since, m.waited_s, m.waited_business_s, "
        "m.waited_business_s - m.standard_s as "
        "overdue_s, "
        f"{name} as customer, {case_id} as case_id, m.channel, m.touchpoint, m.reason, m.rests_in as unit, "
        f"{employee} as employee, m.asked, m.state, m.cause, m.customer_key, m.journey_no from first m "
        "join journeys j using (customer_key, journey_no) left join "
        f"{names_of('first')} i using (customer_key) "
        f"order by m.state = {literal(State.GIVEN_UP)}, m.occurred_at, m.customer_key, m.journey_no, m.journey_position"
    )

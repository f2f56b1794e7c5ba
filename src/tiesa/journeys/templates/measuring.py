"""How each metric of the vocabulary is counted: one query each, over the journeys of one type.

A query gives one row per thing counted: `instant` (by whose month it counts) and `hit`, or `x` for a median. It
runs on `typed_journeys` (the journeys of the type, with `is_over` and `settled_at`) and on the view's `rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from tiesa.contacts.proposing.names import fold
from tiesa.core.locale import _
from tiesa.core.tables import ANSWER, FACT
from tiesa.engines.duckdb import literal
from tiesa.journeys.held import Held
from tiesa.journeys.promises import promises_sql
from tiesa.journeys.questions.reply_times import reply_times
from tiesa.journeys.questions.sides import listed
from tiesa.journeys.templates.checks import MARKS, Metric
from tiesa.journeys.templates.fitting import in_log
from tiesa.journeys.templates.reading import Template
from tiesa.journeys.view import View

_JOURNEY = "customer_key, journey_no"


_OVER = frozenset({"passes", "avoids", "has", "reached", "mentions", "silent", "resumed"})
"""Metrics of journeys that are over."""


class NoData(Exception):
    """The log cannot answer a metric. gap: what is missing, such as a column or `touchpoint:fault reported`
    (`gap_in_words`)."""

    def __init__(self, gap: str) -> None:
        super().__init__(gap)
        self.gap = gap


def gap_in_words(gap: str) -> str:
    """What the log lacks, as people call it; a column by its own name."""
    kind, _mark, name = gap.partition(":")
    sentences = {
        "touchpoint": _("a touchpoint such as “{name}”"),
        "mention": _("a reason or touchpoint with “{word}”"),
        "attribute": _("the attribute {name}"),
        "answers": _("answers of customers to a question of kind {kind}"),
        "question": _("answers of customers to a question with “{word}”"),
        "replies": _("direction, and your own replies"),
        "goals": _("goal, or the touchpoints that reach it"),
        "facts": _("facts: what customers gave, and what they were asked for"),
        "journeys": _("a journey to judge it by"),
    }
    return sentences.get(kind, kind).format(name=name, word=name, kind=name)


@dataclass(frozen=True)
class Log:
    """What a metric is counted on: the view, the template, what the log holds, and its words."""

    view: View
    template: Template
    holds: Held
    window: timedelta
    touchpoints: tuple[str, ...]
    reasons: tuple[str, ...]

    def settled_until(self, metric: Metric) -> datetime | None:
        """Until when everything that the metric counts is known: later months would hold the quick ones only."""
        if metric.kind in _OVER:
            return self.view.now - max(self.window, timedelta(seconds=metric.silent_s or 0))
        return self.view.now - timedelta(seconds=metric.within_s) if metric.within_s else None

    def touchpoint_list(self, names: Iterable[str]) -> str:
        """The log's own touchpoints behind these names, for `in (...)`. Raises: NoData where it has none of them."""
        names = tuple(names)
        found = in_log(self.template, names, self.touchpoints)
        if not found:
            raise NoData(f"touchpoint:{names[0]}")
        return listed(found)


def over_journeys(view: View, journey_type: str, window: timedelta) -> None:
    """Make the temp table `typed_journeys`: those of one type; over is what is settled or silent beyond the window."""
    view.connection.execute(
        "create or replace temp table typed_journeys as select customer_key, journey_no, start_at, end_at, goal_at, "
        "goal_state, reason, contacts, internal_steps, inbound, repeats, insistence, unanswered, handovers, employees, "
        "units, channel_changes, waiting_for, coalesce(goal_at, end_at) as settled_at, "
        f"goal_state <> 'open' or epoch({view.now_sql} - end_at) > {window.total_seconds()} as is_over "
        f"from journeys where journey_type = {literal(journey_type)}"
    )


def query(metric: Metric, log: Log) -> str:
    """The query of a metric. Raises: NoData where the log lacks what it needs."""
    return _QUERIES[metric.kind](metric, log)


def _with_touchpoints(names: str, condition: str = "true") -> str:
    """Journeys of the type with such a contact."""
    return (
        f"(select distinct {_JOURNEY} from rows join typed_journeys j using ({_JOURNEY}) "
        f"where touchpoint in ({names}) and {condition})"
    )


def _passes(metric: Metric, log: Log) -> str:
    return _passing(metric, log, "h.customer_key is not null")


def _avoids(metric: Metric, log: Log) -> str:
    return _passing(metric, log, "h.customer_key is null")


def _passing(metric: Metric, log: Log, hit: str) -> str:
    before = "(j.goal_at is null or occurred_at < j.goal_at)" if metric.before_goal else "true"
    hits = _with_touchpoints(log.touchpoint_list(metric.touchpoints), before)
    of = f"semi join {_with_touchpoints(log.touchpoint_list(metric.of))} o using ({_JOURNEY})" if metric.of else ""
    return (
        f"select j.settled_at as instant, {hit} as hit from (from typed_journeys {of}) j left join {hits} h "
        f"using ({_JOURNEY}) where j.is_over"
    )


def _has(metric: Metric, log: Log) -> str:
    mark, known = MARKS[metric.what]
    if metric.what in ("insistence", "unanswered") and not log.holds.knows_messages:
        raise NoData("replies")
    needed = {"repeat": "reason", "handover": "employee", "several_units": "unit"}.get(metric.what)
    if needed and not log.holds[needed]:
        raise NoData(needed)
    return f"select settled_at as instant, {mark} as hit from typed_journeys where is_over and {known}"


def _reached(_metric: Metric, log: Log) -> str:
    if not log.view.one("select count(*) from typed_journeys where goal_state <> 'open'")[0]:
        raise NoData("goals")
    return "select settled_at as instant, goal_state = 'reached' as hit from typed_journeys where is_over"


def _first(names: tuple[str, ...], log: Log) -> str:
    """When journeys of the type first were at such a touchpoint; without names: their first contact."""
    if not names:
        return f"(select {_JOURNEY}, start_at as instant from typed_journeys)"
    return (
        f"(select {_JOURNEY}, min(occurred_at) as instant from rows semi join typed_journeys using ({_JOURNEY}) "
        f"where touchpoint in ({log.touchpoint_list(names)}) group by all)"
    )


def _from_to(metric: Metric, log: Log) -> str:
    """start_at and end_at (null: not there yet) of journeys that came to the first; who gives up never gets there."""
    start = _first(metric.start, log)
    if not metric.end:
        if not log.view.one("select count(*) from typed_journeys where goal_state = 'reached'")[0]:
            raise NoData("goals")
        end = f"(select {_JOURNEY}, goal_at as instant from typed_journeys where goal_state = 'reached')"
    else:
        end = (
            f"(select {_JOURNEY}, occurred_at as instant from rows semi join typed_journeys using ({_JOURNEY}) "
            f"where touchpoint in ({log.touchpoint_list(metric.end)}))"
        )
    return (
        f"(select s.customer_key, s.journey_no, s.instant as start_at, min(e.instant) as end_at from {start} s left "
        f"join {end} e "
        "on e.customer_key = s.customer_key and e.journey_no = s.journey_no and e.instant >= s.instant group by all)"
    )


def _time(metric: Metric, log: Log) -> str:
    return (
        f"select end_at as instant, epoch(end_at - start_at) as x from {_from_to(metric, log)} where end_at is not null"
    )


def _in_time(metric: Metric, log: Log) -> str:
    spent = f"epoch(coalesce(end_at, {log.view.now_sql}) - start_at)"
    return (
        f"select start_at as instant, case when {spent} > {metric.within_s} then false when end_at is not null then "
        "true end "
        f"as hit from {_from_to(metric, log)}"
    )


def _first_reply(metric: Metric, log: Log) -> str:
    if not log.holds.knows_messages:
        raise NoData("replies")
    first = (
        "(customer_key, journey_no, journey_position) in (select (customer_key, journey_no, min(journey_position)) "
        "from "
        f"rows semi join typed_journeys using ({_JOURNEY}) where is_answered is not null group by {_JOURNEY})"
    )
    found = reply_times(log.view, first, ("channel",))
    standards = {c: log.view.rules.channel(c).reply_hours for c in set(found["channel"].to_pylist())}
    limits = [metric.within_s or (standards[c] or 0) * 3600 for c in found["channel"].to_pylist()]
    found = found.append_column("limit_s", pa.array(limits, pa.float64()))
    log.view.connection.register("first_replies", found)
    return (
        "select make_timestamp(asked_us) as instant, case when limit_s = 0 then null when spent_us > limit_s * 1e6 "
        "then false "
        "when answered_us is not null then true end as hit from first_replies"
    )


def _promises(_metric: Metric, log: Log) -> str:
    if not log.holds["promised_at"]:
        raise NoData("promised_at")
    promised = f"({promises_sql(log.view)})"
    return f"select promised_at as instant, kept as hit from {promised} semi join typed_journeys using ({_JOURNEY})"


def _contacts_to_goal(_metric: Metric, log: Log) -> str:
    if not log.view.one("select count(*) from typed_journeys where goal_state = 'reached'")[0]:
        raise NoData("goals")
    return (
        "select goal_at as instant, contacts - internal_steps as x from typed_journeys where goal_state = 'reached' "
        "and end_at = goal_at union all select any_value(j.goal_at), count(*) from rows join typed_journeys j "
        f"using ({_JOURNEY}) where goal_state = 'reached' and j.end_at > j.goal_at and occurred_at <= j.goal_at "
        f"and direction is distinct from 'internal' group by {_JOURNEY}"
    )


def _silences(metric: Metric, log: Log) -> str:
    """Journeys long enough to be silent for so long, with `was` (and went on) and `still` (silent now)."""
    limit = metric.silent_s
    quiet = f"epoch({log.view.now_sql} - j.end_at) > {limit}"
    return (
        f"(select j.settled_at as instant, b.customer_key is not null as was, j.goal_state = 'open' and {quiet} and "
        f"j.waiting_for is distinct from 'us' as still from typed_journeys j left join (select distinct {_JOURNEY} "
        "from "
        f"rows join typed_journeys g using ({_JOURNEY}) where wait_s > {limit} and wait_owner is distinct from 'us' "
        "and "
        f"(g.goal_at is null or occurred_at <= g.goal_at)) b using ({_JOURNEY}) where j.goal_state <> 'open' or "
        f"{quiet})"
    )


def _silent(metric: Metric, log: Log) -> str:
    return f"select instant, was or still as hit from {_silences(metric, log)}"


def _resumed(metric: Metric, log: Log) -> str:
    return f"select instant, was as hit from {_silences(metric, log)} where was or still"


def _asked_again(metric: Metric, log: Log) -> str:
    first = log.touchpoint_list(metric.touchpoints)
    again = listed(in_log(log.template, metric.again, log.touchpoints))
    return (
        f"select max(occurred_at) as instant, count(*) > 1 or bool_or(touchpoint in ({again})) is true as hit "
        f"from rows semi join typed_journeys using ({_JOURNEY}) where touchpoint in ({first}) or touchpoint in "
        f"({again}) "
        f"group by {_JOURNEY}"
    )


def _facts_asked_again(_metric: Metric, log: Log) -> str:
    if not log.view.has(FACT) or not log.view.one("select count(*) from facts where state = 'asked'")[0]:
        raise NoData("facts")
    asked = f"(select * from facts where state = 'asked' and \"at\" <= {log.view.now_sql})"
    return (
        f'with asked as (select customer_key, fact, "at" as instant from {asked} where contact_id is not null '
        "and (customer_key, "
        f"contact_id) in (select (customer_key, contact_id) from rows semi join typed_journeys using ({_JOURNEY})) "
        'union all select distinct f.customer_key, f.fact, f."at" from '
        f"(select * from {asked} where contact_id is null) f "
        'join typed_journeys j on f.customer_key = j.customer_key and f."at" between j.start_at and j.end_at), '
        "known as (select customer_key, fact, min(\"at\") as since from facts where state = 'given' group by all) "
        "select a.instant, coalesce(k.since < a.instant, false) as hit from asked a left join known k using "
        "(customer_key, fact)"
    )


def _mentions(metric: Metric, log: Log) -> str:
    begun = [" " + fold(word) for word in metric.words]
    by_column = {"touchpoint": _saying(log.touchpoints, begun), "reason": _saying(log.reasons, begun)}
    said = [f"{column} in ({listed(words)})" for column, words in by_column.items() if words]
    if metric.kinds and log.holds["kind"]:
        said.append(f"kind in ({listed(metric.kinds)})")
    if not said:
        raise NoData(f"mention:{metric.words[0]}" if metric.words else "kind")
    return (
        "select j.settled_at as instant, h.customer_key is not null as hit from typed_journeys j left join (select "
        "distinct "
        f"{_JOURNEY} from rows where {' or '.join(said)}) h using ({_JOURNEY}) where j.is_over"
    )


def _saying(names: Iterable[str], begun: list[str]) -> list[str]:
    """Names in which a word begins with one of these."""
    return [name for name in names if any(word in " " + fold(name) for word in begun)]


def _attribute_rows(metric: Metric) -> str:
    key = literal(metric.attribute)
    return (
        f"(select {_JOURNEY}, occurred_at, attributes[{key}] as said from rows semi join typed_journeys "
        f"using ({_JOURNEY}) where attributes[{key}] is not null)"
    )


def _attribute(metric: Metric, log: Log) -> str:
    rows = _carried(metric, log)
    if metric.above is not None:
        hit = f"try_cast(said as double) > {metric.above}"
    else:
        hit = f"lower(trim(said)) in ({listed(word.casefold() for word in metric.values)})"
    return f"select max(occurred_at) as instant, bool_or({hit}) as hit from {rows} group by {_JOURNEY}"


def _number(metric: Metric, log: Log) -> str:
    rows = _carried(metric, log)
    return f"select max(occurred_at) as instant, max(try_cast(said as double)) as x from {rows} group by {_JOURNEY}"


def _carried(metric: Metric, log: Log) -> str:
    rows = _attribute_rows(metric)
    if not log.view.one(f"select count(*) from (from {rows} limit 1)")[0]:
        raise NoData(f"attribute:{metric.attribute}")
    return rows


def _answer(metric: Metric, log: Log) -> str:
    missing = f"answers:{metric.answer}"
    if not log.view.has(ANSWER):
        raise NoData(missing)
    asked = f"from answers where kind = {literal(metric.answer)} and respondent = 'customer' and value is not null"
    if metric.question:
        questions = [q for (q,) in log.view.rows(f"select distinct question {asked}")]
        fitting = _saying(questions, [" " + fold(word) for word in metric.question])
        asked += f" and question in ({listed(fitting)})"
        missing = f"question:{metric.question[0]}"
    if not log.view.one(f"select count(*) {asked}")[0]:
        raise NoData(missing)
    ends = "try_cast(split_part(scale, '-', 1) as double) + try_cast(split_part(scale, '-', 2) as double)"
    return (
        f"with said as (select answer_id, customer_key, contact_id, answered_at, value > ({ends}) / 2 as hit {asked} "
        f"and answered_at <= {log.view.now_sql}), named as (select s.answer_id, any_value(r.journey_no) as journey_no, "
        "any_value(s.customer_key) as customer_key, any_value(s.answered_at) as answered_at, any_value(s.hit) as hit "
        "from said s join rows r on r.contact_id = s.contact_id and r.customer_key = s.customer_key group by 1), "
        "latest as (select s.answer_id, j.journey_no, s.customer_key, s.answered_at, s.hit from (from said anti join "
        "named "
        "using (answer_id)) s asof join journeys j on j.customer_key = s.customer_key and j.start_at <= s.answered_at) "
        f"select answered_at as instant, hit from (from named union all by name from latest) semi join typed_journeys "
        f"using ({_JOURNEY})"
    )


_QUERIES: Mapping[str, Callable[[Metric, Log], str]] = {
    "passes": _passes,
    "avoids": _avoids,
    "has": _has,
    "reached": _reached,
    "time": _time,
    "in_time": _in_time,
    "first_reply": _first_reply,
    "promises": _promises,
    "contacts_to_goal": _contacts_to_goal,
    "silent": _silent,
    "resumed": _resumed,
    "asked_again": _asked_again,
    "facts_asked_again": _facts_asked_again,
    "mentions": _mentions,
    "attribute": _attribute,
    "number": _number,
    "answer": _answer,
}

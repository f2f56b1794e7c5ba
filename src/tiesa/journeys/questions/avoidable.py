"""Customers' contacts that need not have been: which rule says so, and what they took.

Every contact counts once, by the first rule that applies, in the order of `Rule`. All of them are inbound: what the
customer had to do again, not what we did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tiesa.core.locale import _
from tiesa.journeys.held import Held
from tiesa.journeys.questions.sides import listed, live, ours
from tiesa.journeys.questions.status_questions import status_names
from tiesa.journeys.view import View

CONTACTS = "avoidable_contacts"
"""The temporary table that `find_avoidable` makes: touchpoint, channel, rule, duration_s, cost, wait_s, wait_owner."""


class Rule(StrEnum):
    """Why a contact was avoidable, in the order in which the rules are tried."""

    REPEAT = "repeat"
    CHASER = "chaser"
    STATUS = "status"
    RESTART = "restart"


def rule_name(rule: str) -> str:
    """A rule as people call it."""
    return {
        Rule.REPEAT: _("repeat"),
        Rule.CHASER: _("chaser"),
        Rule.STATUS: _("status question"),
        Rule.RESTART: _("restart after a hand-over"),
    }[Rule(rule)]


def rule_text(rule: str, days: int, names: Sequence[str]) -> str:
    """The rule itself, in a sentence. days: of the window of a repeat. names: what counts as a status question."""
    texts = {
        Rule.REPEAT: _(
            "The customer asks with the same reason again within {days} days, without having been asked to."
        ).format(days=days),
        Rule.CHASER: _(
            "The customer turns to us again while an earlier message of theirs in the journey is unanswered, "
            "and does not name another reason."
        ),
        Rule.STATUS: _(
            "The touchpoint or reason asks where the matter stands, or the customer turns to us without another "
            "reason while something promised is outstanding."
        ),
        Rule.RESTART: _(
            "The customer comes to the same touchpoint again at or right after a change of employee, names no "
            "reason, and it was not their turn."
        ),
    }
    text = texts[Rule(rule)]
    if rule == Rule.STATUS and names:
        return text + " " + _("So named: {names}.").format(names="; ".join(names))
    return text


@dataclass(frozen=True)
class Avoidable:
    """What was found. counts: (rule, n) of rules that could be applied. lacks: rule -> what it would need, as
    `gap_in_words` knows it."""

    counts: dict[str, int]
    lacks: dict[str, str]
    status_names: tuple[str, ...]


def find_avoidable(view: View, holds: Held) -> Avoidable:
    """Fill the table CONTACTS with the avoidable ones of the customers' contacts in the view."""
    lacks = _lacks(holds)
    if Rule.STATUS in lacks:  # nobody turned to us: no rule can be applied
        view.connection.execute(_CREATE + _EMPTY)
        return Avoidable({}, lacks, ())
    names = _status_names(view, holds)
    view.connection.execute(_CREATE + _sql(view, holds, lacks, names))
    found = dict(view.rows(f"select rule, count(*) from {CONTACTS} group by 1"))
    return Avoidable({rule: found.get(rule, 0) for rule in Rule if rule not in lacks}, lacks, names)


def repeat_days(view: View) -> int:
    """The longest window of a repeat that the rules know, in days."""
    spans = [view.rules.windows.repeat, *(view.rules.windows_of(name).repeat for name in view.rules.types)]
    return -(-max(spans) // _DAY)


def speaks(view: View, holds: Held) -> str:
    """SQL: we spoke with the customer: wrote or called, or took part in a live contact of theirs."""
    return f"(direction = 'outbound' or (direction = 'inbound' and {live(view, holds.channels)})) and {ours(view)}"


def _lacks(holds: Held) -> dict[str, str]:
    if not holds.directions.get("inbound"):
        return dict.fromkeys(Rule, "direction")
    needed = {
        Rule.REPEAT: (bool(holds["reason"]), "reason"),
        Rule.CHASER: (holds.knows_messages, "replies"),
        Rule.RESTART: (bool(holds["employee"]), "employee"),
    }
    return {rule: gap for rule, (is_there, gap) in needed.items() if not is_there}


def gap_in_words(gap: str) -> str:
    """What a rule needs and the data lack, as people call it."""
    return {
        "direction": _("direction (who wrote to whom)"),
        "reason": _("reason (what the customer asked)"),
        "replies": _("your own replies (outbound contacts)"),
        "employee": _("employee (any code will do)"),
    }[gap]


def _status_names(view: View, holds: Held) -> tuple[str, ...]:
    columns = ["touchpoint", *(["reason"] if holds["reason"] else [])]
    names: list[str | None] = []
    for column in columns:
        names += view.table(f"select distinct {column} from rows where direction = 'inbound'")[column].to_pylist()
    return status_names(names)


def _sql(view: View, holds: Held, lacks: dict[str, str], names: Sequence[str]) -> str:
    """The avoidable contacts. Candidates first, cheaply; only they are compared with others of their journey."""
    named = listed(names)
    is_status = f"(touchpoint in ({named}) or coalesce(reason in ({named}), false))" if names else "false"
    asked = f"direction = 'inbound' and {ours(view)}"
    can_restart = "reason is null and wait_owner is distinct from 'customer' and journey_position > 1"
    wanted = ["is_repeat", is_status]
    found = {}
    if Rule.CHASER not in lacks:
        found["chasers"] = _CHASERS
    if holds["promised_at"]:
        found["promised"] = _PROMISED.format(ours=ours(view), speaks=speaks(view, holds))
    if found:
        wanted.append("coalesce(wait_owner = 'us', false)")
    if Rule.RESTART not in lacks:
        wanted.append(f"({can_restart})")
        found["restarts"] = _RESTARTS.format(can_restart=can_restart, asked=asked)
    parts = [f"{name} as ({sql})" for name, sql in found.items()]
    cases = {
        Rule.REPEAT: "is_repeat",
        Rule.CHASER: "chasers.customer_key is not null" if "chasers" in found else "false",
        Rule.STATUS: "asks_status" + (" or promised.customer_key is not null" if "promised" in found else ""),
        Rule.RESTART: "restarts.customer_key is not null" if "restarts" in found else "false",
    }
    joins = "".join(
        f" left join {name} on {' and '.join(f'{name}.{c} = candidates.{c}' for c in _PLACE)}" for name in found
    )
    case = " ".join(f"when {condition} then '{rule}'" for rule, condition in cases.items())
    candidates = (
        "candidates as materialized (select customer_key, journey_no, journey_position, occurred_at, touchpoint, "
        f"channel, reason, wait_owner, {'wait_s' if holds.knows_owners else 'null::decimal(18,6) as wait_s'}, "
        "duration_s, cost, is_handover, is_repeat, "
        f"{is_status} as asks_status from rows where {asked} and ({' or '.join(wanted)}))"
    )
    return (
        f"with {', '.join([candidates, *parts])} select * from (select candidates.touchpoint, candidates.channel, "
        f"case {case} end as rule, candidates.duration_s, candidates.cost, candidates.wait_s, candidates.wait_owner "
        f"from candidates{joins}) where rule is not null"
    )


_DAY = timedelta(days=1)
_PLACE = ("customer_key", "journey_no", "journey_position")
_CREATE = f"create or replace temp table {CONTACTS} as "
_EMPTY = "select touchpoint, channel, null::varchar as rule, duration_s, cost, wait_s, wait_owner from rows where false"
# A message that was asked for more than once before its answer, with those who asked again before that answer.
_CHASERS = (
    "select distinct c.customer_key, c.journey_no, c.journey_position from candidates c join "
    "(select customer_key, journey_no, journey_position, answered_at, reason from rows where insistence > 1) m "
    "on m.customer_key = c.customer_key and m.journey_no = c.journey_no where c.wait_owner = 'us' and not c.is_repeat "
    "and m.journey_position < c.journey_position and (m.answered_at is null or m.answered_at >= c.occurred_at) "
    "and (c.reason is null or c.reason = m.reason)"
)
# A promise before the contact after which we have not spoken with the customer yet.
_PROMISED = (
    "select distinct c.customer_key, c.journey_no, c.journey_position from candidates c join "
    "(select customer_key, journey_no, journey_position, reason from rows where promised_at is not null and {ours}) p "
    "on p.customer_key = c.customer_key and p.journey_no = c.journey_no where c.wait_owner = 'us' and not c.is_repeat "
    "and p.journey_position < c.journey_position and (c.reason is null or c.reason = p.reason) "
    "and not exists (select 1 from (select customer_key, journey_no, journey_position from rows where {speaks}) s "
    "where s.customer_key = c.customer_key and s.journey_no = c.journey_no "
    "and s.journey_position > p.journey_position and s.journey_position < c.journey_position)"
)
_RESTARTS = (
    "select c.customer_key, c.journey_no, c.journey_position from "
    "(from candidates where not is_repeat and {can_restart}) c join "
    "(select customer_key, journey_no, journey_position, touchpoint, is_handover, {asked} as asked from rows) e "
    "on e.customer_key = c.customer_key and e.journey_no = c.journey_no and e.journey_position < c.journey_position "
    "group by all having bool_or(e.asked and e.touchpoint = c.touchpoint) "
    "and bool_or(c.is_handover or (e.is_handover and e.journey_position = c.journey_position - 1))"
)

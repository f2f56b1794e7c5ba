"""Twelve journeys with every trap, written by hand; the expected answers stand in `test_twelve_journeys`.

Times are wall-clock times of Belgrade in autumn 2025: the clock goes back on Sunday 26 October, 11 November is a public
holiday, offices are open Monday to Friday from 8 to 16. "Now" is the last contact, Friday 14 November at 12:00.
The letter of an id (after a dash, where there is one) is the journey: `a1` is the first row of the first.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.unit.journeys.questions.desk import take

from tiesa.core.columns import Table
from tiesa.core.home import Home
from tiesa.core.tables import ABSENCE, ANSWER, CUSTOMER, RATE, SEEN
from tiesa.journeys.build import build
from tiesa.journeys.rules import parse_rules

RULES = """
currency = "EUR"
third_party = ["bank transfer"]
own_organisations = ["Us Ltd"]
[types."problem solving"]
start = ["fault report"]
reached = ["fault fixed"]
same_reason_days = 10
[types.registration]
start = ["application"]
reached = ["account opened"]
[types.moving]
start = ["moving request"]
abandoned = ["move cancelled"]
[channels.email]
reply_hours = 8
[calendar]
zone = "Europe/Belgrade"
country = "RS"
"""

VISIBILITY = """
[visibility]
connected = ["email", "phone", "branch"]
units."branch north".sees = ["phone", "branch"]
units."call centre".sees = ["E-mail", "phone"]
"""


def at(wall_clock: str) -> datetime:
    """`10-06 09:00` in Belgrade, 2025, as an instant."""
    local = datetime.strptime(f"2025-{wall_clock}", "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Europe/Belgrade"))
    return local.astimezone(UTC)


def row(
    contact_id: str, when: str, customer: str, direction: str | None, channel: str, touchpoint: str,
    reason: str | None = None, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    if "promised_at" in more:
        more["promised_at"] = at(more["promised_at"])
    if "cost" in more:
        more["cost"], more["currency"] = Decimal(more["cost"].split()[0]), more["cost"].split()[1]
    return {
        "contact_id": contact_id, "occurred_at": at(when), "customer": customer, "direction": direction,
        "channel": channel, "touchpoint": touchpoint, "reason": reason, "language": "sr",
    } | more  # fmt: skip


INTO, OUT, STEP, SELF, INDIRECT, UNKNOWN = "inbound", "outbound", "internal", "self_service", "indirect", None
MIRA = {"employee": "Mira", "unit": "support"}
SAVA = {"employee": "Sava", "unit": "billing"}
DANA = {"employee": "Dana", "unit": "call centre"}
IVAN = {"employee": "Ivan", "unit": "branch north"}
IVAN_SOUTH = {"employee": "Ivan", "unit": "branch south"}
LENA = {"employee": "Lena", "unit": "claims"}

# fmt: off
CONTACTS = [
    # A: a fault, asked three times before the answer, an internal step between; five weeks later, once more.
    row("a1", "10-06 09:00", "C-ana", INTO, "email", "fault report", "no internet", case_id="K-1", severity=3),
    row("a2", "10-06 10:00", "C-ana", STEP, "crm", "assigned", case_id="K-1", **MIRA),
    row("a3", "10-07 09:00", "C-ana", INTO, "E-Mail", "asks again", "no internet", case_id="K-1", cost="2 EUR"),
    row("a4", "10-08 09:00", "C-ana", INTO, "email", "asks again", case_id="K-1", cost="1 EUR"),
    row("a5", "10-08 15:00", "C-ana", OUT, "email", "reply", case_id="K-1", reply_to="b2", cost="3 EUR", **MIRA),
    row("a6", "10-09 09:00", "C-ana", OUT, "phone", "fault fixed", case_id="K-1", duration_s=240.0, **MIRA),
    row("a7", "11-14 09:00", "C-ana", INTO, "email", "asks", "no internet", case_id="K-1"),
    # B: the same customer at the same time; a promise kept; a message answered from journey A (a5 names it).
    row("b1", "10-06 11:00", "C-ana", INTO, "branch", "application", "new account", case_id="K-2",
        promised_at="10-10 12:00", duration_s=1800.0, **IVAN),
    row("b2", "10-07 10:00", "C-ana", INTO, "email", "application question", case_id="K-2", cost="1 EUR"),
    row("b3", "10-10 10:00", "C-ana", OUT, "letter", "account opened", case_id="K-2", **IVAN),
    # C and D: no case ids; told apart by reason and type. C asks the customer to come back; D is given up.
    row("c1", "10-13 09:00", "C-boris", INTO, "email", "bill question", "bill", unit="billing"),
    row("d1", "10-13 10:00", "C-boris", INTO, "phone", "moving request", "move", duration_s=600.0, **DANA),
    row("c2", "10-14 16:00", "C-boris", OUT, "email", "reply", "bill", waits_for="customer", organisation="Us Ltd",
        **SAVA),
    row("d2", "10-15 10:00", "C-boris", OUT, "email", "offer", "move", **DANA),
    row("c3", "10-16 09:00", "C-boris", INTO, "email", "bill question", "bill", unit="billing"),
    row("c4", "10-16 12:00", "C-boris", OUT, "email", "reply", "bill", goal="reached", cost="4 EUR", **SAVA),
    row("d3", "10-17 15:00", "C-boris", SELF, "web", "move cancelled", "move"),
    # E: the same question again although C had reached its goal; a call with a promise, kept.
    row("e1", "10-27 09:00", "C-boris", INTO, "phone", "bill question", "bill", promised_at="10-29 12:00",
        duration_s=600.0, cost="234 RSD", **DANA),
    row("e2", "10-29 10:00", "C-boris", OUT, "phone", "call back", "bill", goal="reached", **DANA),
    # F: one situation, four organisations: us, an airline, a bank, and a transfer that some bank answers for.
    row("f1", "10-20 09:00", "C-vera", INTO, "phone", "fault report", "card refused", severity=4, duration_s=900.0,
        **DANA),
    row("f2", "10-20 11:00", "C-vera", INTO, "phone", "flight desk", "card refused", organisation="Airline"),
    row("f3", "10-21 11:00", "C-vera", OUT, "email", "bank reply", organisation="Bank"),
    row("f4", "10-22 11:00", "C-vera", INDIRECT, "web", "bank transfer"),
    row("f5", "10-24 15:00", "C-vera", INTO, "email", "asks", "card refused"),
    row("f6", "10-27 10:00", "C-vera", OUT, "email", "reply", employee="Sava", unit="cards"),
    # G: two units, handed on, and no reply.
    row("g1", "10-29 15:00", "C-goran", INTO, "email", "asks", "contract", case_id="K-7", unit="branch north"),
    row("g2", "10-30 09:00", "C-goran", STEP, "crm", "handed on", case_id="K-7", **IVAN_SOUTH),
    # H: a promise missed, then a message, then a reminder; the employee is away. Hungarian.
    row("h1", "10-31 10:00", "C-hana", INTO, "phone", "claim call", "claim", case_id="K-8", promised_at="11-03 12:00",
        duration_s=300.0, language="hu", **LENA),
    row("h2", "11-05 09:00", "C-hana", INTO, "email", "asks", "claim", case_id="K-8", cost="236 RSD", language="hu"),
    row("h3", "11-06 09:00", "C-hana", INTO, "email", "asks again", case_id="K-8", language="hu"),
    # K: to the shop, another system with customer numbers of its own; nobody in charge. Jana's mail address.
    row("k1", "11-04 09:00", "S-jana", INTO, "email", "asks", "gift card", customer_mail="jana@example.org"),
    # I: a promise not yet due; a message that a call in journey L answered.
    row("i1", "11-07 11:00", "C-jana", INTO, "phone", "limit question", "limit", case_id="K-10",
        promised_at="11-20 12:00", duration_s=600.0, customer_mail="jana@example.org", **DANA),
    row("i2", "11-10 09:00", "C-jana", INTO, "email", "asks", "limit", case_id="K-10"),
    # L: one call, which leaves nobody waiting.
    row("l1", "11-14 12:00", "C-jana", INTO, "phone", "limit question", "limit", case_id="K-11", duration_s=300.0,
        **DANA),
    # M: two rows of one instant (the ids sort the other way), a row without direction, a turn that the source tells.
    row("m1", "11-06 09:00", "C-kaja", INTO, "email", "asks", "refund", unit="billing"),
    row("z-m2", "11-06 12:00", "C-kaja", INTO, "email", "adds papers"),
    row("a-m3", "11-06 12:00", "C-kaja", OUT, "email", "reply", **SAVA),
    row("m4", "11-07 09:00", "C-kaja", UNKNOWN, "email", "note"),
    row("m5", "11-07 15:00", "C-kaja", STEP, "crm", "sent to the bank", waits_for="third_party"),
]

CUSTOMERS = [
    {"customer": customer, "as_of": at(day), "segment": segment}
    for customer, day, segment in [
        ("C-ana", "01-01 00:00", "home"), ("C-boris", "01-01 00:00", "home"), ("C-boris", "10-20 00:00", "premium"),
        ("C-vera", "01-01 00:00", "travel"), ("C-goran", "01-01 00:00", "firm"), ("C-hana", "01-01 00:00", "home"),
        ("C-jana", "01-01 00:00", "home"), ("C-kaja", "01-01 00:00", "home"),
    ]
]

ANSWERS = [
    {"answer_id": f"s{number}", "respondent": "customer", "answered_at": at(when), "question": "Solved?", "kind": kind,
     "scale": scale, "value": value, "prompted": True} | more
    for number, (when, kind, scale, value, more) in enumerate([
        ("10-12 09:00", "solved", "0-1", 1.0, {"customer": "C-ana", "contact_id": "a6"}),
        ("10-20 09:00", "solved", "0-1", 0.0, {"customer": "C-boris", "contact_id": "c4"}),
        ("10-28 09:00", "solved", "1-5", 4.0, {"customer": "C-boris"}),
        ("11-10 09:00", "solved", "1-5", 3.0, {"customer": "C-goran"}),
        ("11-12 09:00", "solved", "0-1", 1.0, {"customer": "C-hana"}),
        ("11-12 10:00", "solved", "0-1", 1.0, {}),
        ("11-12 11:00", "service_quality", "1-5", 1.0, {"customer": "C-ana"}),
    ])
]
# fmt: on

SEENS = [
    {"employee": "Mira", "contact_id": "b1", "at": at("10-07 14:00")},
    {"employee": "Mira", "contact_id": "a3", "at": at("10-07 14:01")},
    {"employee": "Mira", "contact_id": "a4", "at": at("10-08 14:00")},
    {"employee": "Dana", "contact_id": "c1", "at": at("10-13 10:05")},
    {"employee": "Dana", "contact_id": "i2", "at": at("11-14 12:06")},
]
ABSENCES = [{"employee": "Lena", "absent_from": at("11-03 00:00"), "absent_to": at("11-10 08:00")}]
RATES = [
    {"date": date(2025, 10, 1), "from_currency": "EUR", "to_currency": "RSD", "rate": Decimal(117)},
    {"date": date(2025, 11, 1), "from_currency": "EUR", "to_currency": "RSD", "rate": Decimal(118)},
]
NOW = at("11-14 12:00")

KNOWN_AT: tuple[tuple[Table, list[dict[str, Any]], str], ...] = (
    (CUSTOMER, CUSTOMERS, "as_of"),
    (ANSWER, ANSWERS, "answered_at"),
    (SEEN, SEENS, "at"),
)


def twelve(folder: Path, until: datetime = NOW) -> Home:
    """A built home that holds what was known at `until`, in the order of the file."""
    home = Home(folder)
    known = [c | {"position": place} for place, c in enumerate(CONTACTS) if c["occurred_at"] <= until]
    for source, own in (("desk", "C-"), ("shop", "S-")):
        if rows := [contact for contact in known if contact["customer"].startswith(own)]:
            take(home, rows, source=source)
    for table, facts, moment in KNOWN_AT:
        # An opening is recorded a little after the last contact; the newest home knows everything.
        if rows := [fact for fact in facts if until == NOW or fact[moment] <= until]:
            take(home, rows, table)
    take(home, ABSENCES, ABSENCE)  # known beforehand
    take(home, RATES, RATE)
    home.rules.mkdir(parents=True, exist_ok=True)
    (home.rules / "visibility.toml").write_text(VISIBILITY, encoding="utf-8")
    build(home, rules=parse_rules(RULES, where="twelve"))
    return home

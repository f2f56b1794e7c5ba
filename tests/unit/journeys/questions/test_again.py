"""Question 3: who asks again, and what stood before it. Every trap is one customer, worked out by hand."""

from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from tests.unit.journeys.questions.desk import after, home_of

from tiesa.core.home import Home
from tiesa.core.scope import Scope
from tiesa.journeys import Rules
from tiesa.journeys.questions.again import AgainReport, again
from tiesa.journeys.rules import JourneyType
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.view import open_view


def row(customer: str, at: datetime, direction: str | None = "inbound", **more: Any) -> dict[str, Any]:
    asks = {"reason": "bill"} if direction == "inbound" else {}
    return {"customer": customer, "occurred_at": at, "direction": direction} | asks | more


def asked(rows: list[dict[str, Any]], folder: Path, selection: Selection = ALL, **more: Any) -> AgainReport:
    with open_view(home_of(rows, folder, more.pop("rules", None)), selection, **more) as view:
        return again(view)


def causes(report: AgainReport) -> dict[str, int]:
    return {r["cause"]: r["n"] for r in report.causes.to_pylist() if r["n"]}


PHONE = {"channel": "phone"}
FRIDAY = {"days": 4, "hours": 6}
TRAPS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "nobody answered": ("no_answer", [row("", after()), row("", after(days=1))]),
    "answered after the repeat": (
        "no_answer",
        [row("", after()), row("", after(days=1)), row("", after(days=1, hours=1), "outbound")],
    ),
    # The call is the repeat; that it settles the mail cannot be why they called.
    "the repeat is the call that settles it": ("no_answer", [row("", after()), row("", after(days=1), **PHONE)]),
    # Mail: 8 business hours. From Monday 9:00 to Tuesday 16:00 are more.
    "answered late": (
        "answered_late",
        [row("", after()), row("", after(days=1, hours=7), "outbound"), row("", after(days=2))],
    ),
    # From Friday 15:00 to Monday 9:00 are 66 hours, but fewer than 8 of business.
    "answered after the weekend": (
        "partial_answer",
        [row("", after(**FRIDAY)), row("", after(days=7), "outbound"), row("", after(days=7, hours=5))],
    ),
    "back 48 hours after the answer": (
        "partial_answer",
        [row("", after()), row("", after(hours=1), "outbound"), row("", after(days=2, hours=1))],
    ),
    "back a minute later than that": (
        "unknown",
        [row("", after()), row("", after(hours=1), "outbound"), row("", after(days=2, hours=1, minutes=1))],
    ),
    "a call is answered in itself": ("partial_answer", [row("", after(), **PHONE), row("", after(hours=47), **PHONE)]),
    "a call of long ago": ("unknown", [row("", after(), **PHONE), row("", after(hours=49), **PHONE)]),
    # First of all, though nothing was answered either.
    "promise missed": ("promise_missed", [row("", after(), promised_at=after(days=1)), row("", after(days=2))]),
    "promise not due yet": (
        "partial_answer",
        [row("", after(), promised_at=after(days=3), **PHONE), row("", after(days=1), **PHONE)],
    ),
    "promise kept": (
        "unknown",
        [
            row("", after(), promised_at=after(days=3), **PHONE),
            row("", after(days=2), "outbound"),
            row("", after(days=4), **PHONE),
        ],
    ),
    "another employee between": (
        "handed_over",
        [
            row("", after(), employee="Ana", **PHONE),
            row("", after(hours=1), "internal", employee="Bojan"),
            row("", after(hours=2), employee="Bojan", **PHONE),
        ],
    ),
    "another unit between": (
        "handed_over",
        [
            row("", after(), unit="north", **PHONE),
            row("", after(hours=1), "outbound", unit="south"),
            row("", after(hours=2), unit="north", **PHONE),
        ],
    ),
    # Whoever takes the repeat cannot be what led to it.
    "another employee only at the repeat": (
        "partial_answer",
        [
            row("", after(), employee="Ana", unit="north", **PHONE),
            row("", after(hours=2), employee="Bojan", unit="south", **PHONE),
        ],
    ),
    "another employee before the asking": (
        "partial_answer",
        [
            row("", after(), reason=None, employee="Ana", **PHONE),
            row("", after(hours=1), employee="Bojan", **PHONE),
            row("", after(hours=2), employee="Bojan", **PHONE),
        ],
    ),
    "closed by its own word": (
        "closed_unconfirmed",
        [
            row("", after(), **PHONE),
            row("", after(hours=1), "internal", goal="reached"),
            row("", after(hours=5), **PHONE),
        ],
    ),
    "closed by a touchpoint of the rules": (
        "closed_unconfirmed",
        [
            row("", after(), **PHONE),
            row("", after(hours=1), "internal", touchpoint="closed"),
            row("", after(hours=5), **PHONE),
        ],
    ),
    "self-service did not help": (
        "self_service",
        [
            row("", after(), **PHONE),
            row("", after(hours=1), "self_service", channel="app"),
            row("", after(hours=2), **PHONE),
        ],
    ),
}
"""By customer: the cause of their only chain, and their contacts."""


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Home:
    rules = Rules(types={"any": JourneyType(reached=("closed",))})
    rows = [one | {"customer": customer} for customer, (_cause, contacts) in TRAPS.items() for one in contacts]
    return home_of(rows, tmp_path_factory.mktemp("traps"), rules)


@pytest.mark.parametrize("customer", TRAPS)
def test_the_first_cause_that_applies_is_the_cause(traps: Home, customer: str) -> None:
    with open_view(traps, Selection(customer=customer)) as view:
        report = again(view)
    assert causes(report) == {TRAPS[customer][0]: 1}


def test_every_chain_of_many_customers_has_its_own_cause(traps: Home) -> None:
    with open_view(traps) as view:
        report = again(view)
    assert causes(report) == Counter(cause for cause, _rows in TRAPS.values())
    named = next(r for r in report.causes.to_pylist() if r["cause"] == "self_service")
    assert (named["channel"], named["touchpoint"]) == ("app", "question")  # what stood right before the repeat


def test_a_contact_we_asked_for_is_no_repeat(tmp_path: Path) -> None:
    rows = [
        row("a", after(), **PHONE),
        row("a", after(hours=1), "outbound", waits_for="customer"),
        row("a", after(hours=2)),
    ]
    report = asked(rows, tmp_path)
    assert report.repeats.count == 0
    assert report.causes.num_rows == 0
    assert report.answer().startswith("Nobody came back")


def test_a_chain_has_one_cause_and_all_its_repeats(tmp_path: Path) -> None:
    """a: asks, and twice again within 14 days of the time before; then 20 days later a question of its own, repeated.

    Repeats 2 and 1: chains by length {1: 1, 2: 1}. Times to the first repeat 10 days and 1 day. Cost 3 + 4 of 3.
    """
    rows = [
        row("a", after()),
        row("a", after(days=10), cost=Decimal(3), duration_s=1800.0),
        row("a", after(days=20), cost=Decimal(4)),
        row("a", after(days=40)),
        row("a", after(days=41)),
        row("b", after(days=1), "outbound"),
    ]
    report = asked(rows, tmp_path)
    assert report.lengths.select(["repeats", "n"]).to_pylist() == [{"repeats": 1, "n": 1}, {"repeats": 2, "n": 1}]
    silence = next(r for r in report.causes.to_pylist() if r["cause"] == "no_answer")
    assert (silence["n"], silence["repeats"], silence["cost"], silence["costed"]) == (2, 3, 7, 2)
    assert (silence["hours"], silence["timed"]) == (0.5, 1)
    assert silence["median_s"] == 86_400  # the lower of two
    assert (report.repeats.count, report.repeats.n) == (3, 5)
    assert (
        "These 3 repeats took 0.5 hours of work (length known of 33 %), €7.00 (cost known of 67 %)."
        in report.findings()
    )


def test_two_reasons_and_two_customers_are_no_chain(tmp_path: Path) -> None:
    rows = [row("a", after()), row("a", after(days=1), reason="move"), row("b", after(days=2))]
    assert asked(rows, tmp_path).repeats.count == 0


def test_a_chain_runs_over_several_journeys(tmp_path: Path) -> None:
    """Every contact is a ticket of its own; the question is the same."""
    rows = [row("a", after(days=n), case_id=f"t{n}") for n in range(3)]
    assert causes(asked([*rows, row("b", after(), "outbound", case_id="t9")], tmp_path)) == {"no_answer": 1}


def test_questions_too_young_to_be_judged_do_not_count_as_solved(tmp_path: Path) -> None:
    """Now is day 20, so that only what was asked by day 6 can be judged: a (again) and b (not), but not c, d."""
    rows = [
        row("a", after(), touchpoint="form"),
        row("a", after(days=1)),
        row("b", after(days=6), touchpoint="form"),
        row("c", after(days=7)),
        row("d", after(days=19)),
        row("d", after(days=20)),
    ]
    report = asked(rows, tmp_path)
    assert (report.again.count, report.again.n) == (1, 2)
    assert (report.solved_at_once.count, report.solved_at_once.n) == (1, 2)
    form = report.places.filter(pc.field("value") == "form").to_pylist()[0]
    assert (form["dimension"], form["again"], form["n"]) == ("touchpoint", 1, 2)
    assert "question" not in report.places["value"].to_pylist()  # only repeats and young ones


def test_a_log_of_a_week_cannot_tell_what_was_solved_at_once(tmp_path: Path) -> None:
    report = asked([row("a", after()), row("a", after(days=6))], tmp_path)
    assert report.again.n == 0
    assert "cannot be judged yet" in " ".join(report.findings())
    assert report.repeats.count == 1


def many(customers: int, **more: Any) -> list[dict[str, Any]]:
    return [row(f"k{n}", after(days=d), **more) for n in range(customers) for d in ((0, 1) if n % 2 else (0,))]


def test_without_replies_in_the_log_silence_is_no_cause(tmp_path: Path) -> None:
    report = asked(many(60), tmp_path)
    assert causes(report) == {"unknown": 30}
    assert "cannot be told" in report.answer()
    assert "your own replies" in report.missing()


def test_the_first_cause_is_named_from_twenty_chains_on(tmp_path: Path) -> None:
    reply = [row("other", after(), "outbound")]
    assert "First cause: no reply, 100 %" in asked(many(40) + reply, tmp_path / "twenty").answer()
    assert "First cause" not in asked(many(38) + reply, tmp_path / "nineteen").answer()


def test_a_place_is_named_only_beyond_chance_and_with_enough_questions(tmp_path: Path) -> None:
    """North: 40 of 40 come back; south: none of 200; east: 10 of 10, too few to be named."""
    rows = [row("end", after(days=30), reason=None)]
    for unit, customers, back in (("north", 40, 2), ("south", 200, 1), ("east", 10, 2)):
        rows += [row(f"{unit}{n}", after(days=d), unit=unit) for n in range(customers) for d in range(back)]
    report = asked(rows, tmp_path)
    finding = next(f for f in report.findings() if f.startswith("Most come back"))
    assert "unit “north”: 100 %" in finding
    assert "40 of 40" in finding


def test_messages_in_parts_are_pointed_out(tmp_path: Path) -> None:
    rows = [row(f"k{n}", after(minutes=m)) for n in range(25) for m in (0, 3)]
    assert "within 10 minutes" in " ".join(asked(rows, tmp_path).findings())


def test_a_selected_journey_keeps_what_came_before_it_elsewhere(tmp_path: Path) -> None:
    """The repeat lies in a journey of April; its first asking in one of March, which is not selected."""
    rows = [
        row("a", after(days=25), case_id="march"),
        row("a", after(days=31), case_id="april"),
        row("b", after(), "outbound", case_id="other"),
    ]
    home = home_of(rows, tmp_path)
    with open_view(home, Selection(since=after(days=30))) as view:
        april = again(view)
    assert causes(april) == {"no_answer": 1}
    assert (april.repeats.count, april.repeats.n) == (1, 1)
    with open_view(home, Selection(until=after(days=30)), as_of=after(days=60)) as view:
        march = again(view)
    assert (march.repeats.count, march.repeats.n) == (0, 1)
    assert causes(march) == {}
    assert (march.again.count, march.again.n) == (1, 1)  # asked in March, again in April: not solved at once


def test_nothing_outside_the_scope_is_told(tmp_path: Path) -> None:
    """The asking belongs to the south; who may see the north learns of the repeat, not of what stood before."""
    rows = [
        row("a", after(), case_id="1", unit="south", touchpoint="secret"),
        row("a", after(days=1), case_id="2", unit="north"),
        row("b", after(), "outbound", case_id="3", unit="north"),
    ]
    report = asked(rows, tmp_path, scope=Scope(units=frozenset({"north"})))
    assert causes(report) == {"unknown": 1}
    assert "secret" not in str(report.as_plain())


@pytest.mark.parametrize("column", ["direction", "reason"])
def test_a_log_without_the_column_says_which_one_it_lacks(tmp_path: Path, column: str) -> None:
    rows = [one | {column: None} for one in many(6)]
    report = asked(rows, tmp_path)
    assert not report.can_be_judged
    assert report.answer().startswith("Cannot be judged")
    assert column in report.missing()
    assert report.tables() == ()
    assert report.findings() == ()


def test_an_empty_selection_is_answered_calmly(tmp_path: Path) -> None:
    report = asked(many(6), tmp_path, Selection(customer="nobody"))
    assert not report.can_be_judged
    assert report.answer().startswith("Cannot be judged")


def test_every_table_can_be_written(tmp_path: Path) -> None:
    report = asked([*many(30), row("end", after(days=30), "outbound")], tmp_path)
    assert len(report.tables()) == 3
    for table in report.tables():
        assert all(len(cells) == len(table.headings) for cells in table.cells())

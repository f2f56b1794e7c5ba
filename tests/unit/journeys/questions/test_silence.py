"""Question 4: silence is counted once, where it is due, and with the cause that the data show."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.journeys.questions.desk import contact, home_of, take

from tiesa.core.home import Home
from tiesa.core.scope import Scope
from tiesa.core.tables import ABSENCE
from tiesa.journeys.build import build
from tiesa.journeys.questions.silence import SilenceReport, silence
from tiesa.journeys.questions.unanswered import Cause
from tiesa.journeys.rules import Rules, parse_rules
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.view import open_view

# E-mail has a standard of 8 business hours; business time is Monday to Friday, 8 to 16 UTC. 3 March 2025 is a Monday.
NOW = contact("03-17 12:00", "zz", "outbound", "phone", case_id="now", employee="Ana")


def asked(home: Home, selection: Selection = ALL, **options: Any) -> SilenceReport:
    with open_view(home, selection, **options) as view:
        return silence(view)


def told(tmp_path: Path, *rows: dict[str, Any], rules: Rules | None = None) -> SilenceReport:
    return asked(home_of([*rows, NOW], tmp_path, rules))


def wrote(at: str, who: str, **more: Any) -> dict[str, Any]:
    return contact(at, who, "inbound", "email", **{"case_id": who} | more)


def replied(at: str, who: str, **more: Any) -> dict[str, Any]:
    return contact(at, who, "outbound", "email", **{"case_id": who, "employee": "Ana"} | more)


def causes(report: SilenceReport) -> dict[str, int]:
    return dict(zip(report.causes["cause"].to_pylist(), report.causes["n"].to_pylist(), strict=True))


def test_only_messages_past_their_standard_are_silence(tmp_path: Path) -> None:
    report = told(
        tmp_path,
        wrote("03-03 09:00", "a"), replied("03-03 11:00", "a"),
        wrote("03-03 09:00", "b"),  # until Monday 17 March 12:00: 7 + 9 x 8 + 4 = 83 h of business time, 75 h too late
        wrote("03-14 13:00", "c"),  # Friday 3 h + Monday 4 h = 7 h: not due yet
        wrote("03-14 11:00", "d"),  # 5 h + 4 h = 9 h: due
        contact("03-04 09:00", "e", "inbound", "phone", case_id="e"),  # a call leaves nobody waiting
    )  # fmt: skip
    assert (report.unanswered.count, report.unanswered.n) == (2, 3)
    assert (report.still_open, report.not_due, report.settled, report.given_up) == (2, 1, 0, 0)
    assert report.ledger["customer"].to_pylist() == ["b", "d"]
    first = report.ledger.to_pylist()[0]
    assert first["waited_s"] == (14 * 24 + 3) * 3600
    assert first["waited_business_s"] == 83 * 3600
    assert first["overdue_s"] == 75 * 3600
    assert report.oldest_s == first["waited_s"]
    assert report.answer() == (
        "Of the messages whose reply was due, 67 % (21–94 %, 2 of 3) got none. 2 of them are still open, the oldest "
        "for "
        "14 days now."
    )


def test_a_message_exactly_at_its_standard_is_not_late(tmp_path: Path) -> None:
    report = told(tmp_path, wrote("03-14 12:00", "a"), wrote("03-14 11:59", "b"))  # 8 h, and a minute more
    assert (report.still_open, report.not_due) == (1, 1)
    assert report.ledger["customer"].to_pylist() == ["b"]


def test_now_is_what_was_known_then(tmp_path: Path) -> None:
    known = [wrote("02-24 09:00", "z"), replied("02-24 11:00", "z")]  # replies are recorded
    rows = [*known, wrote("03-03 09:00", "a"), replied("03-10 11:00", "a"), wrote("03-11 09:00", "b"), NOW]
    home = home_of(rows, tmp_path)
    then = asked(home, as_of=datetime(2025, 3, 7, 12, tzinfo=UTC))
    assert then.ledger["customer"].to_pylist() == ["a"]
    assert then.ledger["overdue_s"].to_pylist() == [27 * 3600]  # 7 + 3 x 8 + 4 = 35 h of business time less 8
    assert asked(home).ledger["customer"].to_pylist() == ["b"]


def test_a_reminder_stands_with_the_first_message(tmp_path: Path) -> None:
    report = told(tmp_path, wrote("03-03 09:00", "a"), wrote("03-05 09:00", "a"), wrote("03-06 09:00", "a"))
    assert report.unanswered.count == 3
    assert report.ledger.num_rows == 1
    assert report.ledger["asked"].to_pylist() == [3]
    assert causes(report)[Cause.REMINDER] == 2


def test_insisting_counts_answered_messages_that_were_repeated(tmp_path: Path) -> None:
    report = told(
        tmp_path,
        wrote("03-03 09:00", "a"), wrote("03-04 09:00", "a"), replied("03-05 09:00", "a"),  # asked 2 times; the 2nd: 1
        wrote("03-03 09:00", "b"), contact("03-04 09:00", "b", "inbound", "phone", case_id="b"),  # had to call: 2
        wrote("03-03 09:00", "c"), replied("03-03 10:00", "c"),
    )  # fmt: skip
    assert (report.insisted.count, report.insisted.n) == (2, 4)
    assert report.times_asked == 2
    assert report.unanswered.count == 0


def test_what_was_settled_without_a_word_is_no_silence(tmp_path: Path) -> None:
    rules = parse_rules('[types.t]\nreached = ["done"]\nabandoned = ["gave up"]', where="test")
    done = {"channel": "email", "direction": "internal"}
    report = told(
        tmp_path,
        wrote("03-03 09:00", "a"), contact("03-10 09:00", "a", touchpoint="done", case_id="a", **done),
        wrote("03-03 09:00", "b"), contact("03-10 09:00", "b", touchpoint="gave up", case_id="b", **done),  # too late
        wrote("03-03 09:00", "c"), contact("03-03 10:00", "c", touchpoint="gave up", case_id="c", **done),  # not due
        wrote("03-03 09:00", "d"), contact("03-03 10:00", "d", waits_for="customer", case_id="d", **done),
        wrote("03-03 09:00", "e", touchpoint="gave up"),  # the message itself ends it
        replied("03-03 09:00", "f"),
        rules=rules,
    )  # fmt: skip
    assert (report.settled, report.given_up, report.still_open) == (4, 1, 0)
    assert (report.unanswered.count, report.unanswered.n) == (1, 5)
    row = report.ledger.to_pylist()[0]
    assert (row["customer"], row["state"]) == ("b", "given_up")
    assert row["waited_s"] == 7 * 86_400  # until it was given up, not until now


def test_open_messages_stand_before_older_ones_given_up(tmp_path: Path) -> None:
    rules = parse_rules('[types.t]\nabandoned = ["gave up"]', where="test")
    gave_up = contact("03-10 09:00", "b", "internal", "email", touchpoint="gave up", case_id="b")
    report = told(tmp_path, wrote("03-03 09:00", "b"), gave_up, wrote("03-05 09:00", "a"), rules=rules)
    assert report.ledger["customer"].to_pylist() == ["a", "b"]


def test_each_cause_is_the_first_that_applies(tmp_path: Path) -> None:
    internal = {"direction": "internal", "channel": "email"}
    usual = [
        row
        for n in range(20)  # twenty answers of billing to bills
        for row in (
            wrote("03-03 09:00", f"u{n}", reason="bill", unit="billing"),
            replied("03-03 10:00", f"u{n}", employee="Vera", unit="billing"),
        )
    ]
    rows = [
        *usual,
        # answered elsewhere: another case with the same reason, four days later; the other's answer came too late
        wrote("03-03 09:00", "a", reason="loan", employee="Ana"),
        contact("03-07 09:00", "a", "outbound", "phone", case_id="a2", reason="loan", employee="Ana"),
        wrote("03-03 09:00", "a3", reason="loan", employee="Ana"),
        contact("03-11 09:00", "a3", "outbound", "phone", case_id="a4", reason="loan", employee="Ana"),
        # handed on: another employee after it; another unit after it
        wrote("03-03 09:00", "b", employee="Ana"), contact("03-04 09:00", "b", case_id="b", employee="Bo", **internal),
        wrote("03-03 09:00", "b2", unit="x"), contact("03-04 09:00", "b2", case_id="b2", unit="y", **internal),
        # in work: the same employee worked on it and sent no word
        wrote("03-03 09:00", "c", employee="Ana"), contact("03-04 09:00", "c", case_id="c", employee="Ana", **internal),
        # absence: away when it came; away now; back before now and there when it came
        wrote("03-03 09:00", "d", employee="Away"),
        wrote("03-10 09:00", "d2", employee="Now"),
        wrote("03-10 09:00", "d3", employee="Between", reason="bill", unit="billing"),
        # no owner
        wrote("03-03 09:00", "e"),
        # wrong queue: rests with Ivo of loans, and bills are answered by billing
        wrote("03-03 09:00", "f", reason="bill", employee="Ivo", unit="loans"),
        # not known: rests where it should
        wrote("03-03 09:00", "g", reason="bill", employee="Vera", unit="billing"),
        NOW,
    ]  # fmt: skip
    home = Home(tmp_path / "home")
    take(home, [row | {"contact_id": f"c{n}"} for n, row in enumerate(rows)])
    away = [("Away", 1, 5), ("Now", 15, 20), ("Between", 11, 13)]
    days = [(e, datetime(2025, 3, a, tzinfo=UTC), datetime(2025, 3, b, tzinfo=UTC)) for e, a, b in away]
    take(home, [{"employee": e, "absent_from": a, "absent_to": b} for e, a, b in days], ABSENCE)
    build(home)
    report = asked(home)
    found = dict(zip(report.ledger["customer"].to_pylist(), report.ledger["cause"].to_pylist(), strict=True))
    assert found == {
        "a": Cause.ELSEWHERE, "a3": Cause.NOT_KNOWN, "b": Cause.TRANSFERRED, "b2": Cause.TRANSFERRED,
        "c": Cause.IN_WORK, "d": Cause.ABSENCE, "d2": Cause.ABSENCE, "d3": Cause.NOT_KNOWN, "e": Cause.NO_OWNER,
        "f": Cause.WRONG_QUEUE, "g": Cause.NOT_KNOWN,
    }  # fmt: skip
    assert sum(causes(report).values()) == report.unanswered.count == 11
    assert report.lacking == ()


def test_a_queue_is_not_wrong_before_twenty_answers_tell_the_right_one(tmp_path: Path) -> None:
    usual = [
        row
        for n in range(19)
        for row in (
            wrote("03-03 09:00", f"u{n}", reason="bill", unit="billing"),
            replied("03-03 10:00", f"u{n}", employee="Vera", unit="billing"),
        )
    ]
    report = told(tmp_path, *usual, wrote("03-03 09:00", "f", reason="bill", employee="Ivo", unit="loans"))
    assert causes(report) == {Cause.NOT_KNOWN: 1}


def test_a_log_without_employees_does_not_call_messages_ownerless(tmp_path: Path) -> None:
    rows = [wrote("03-03 09:00", "a"), contact("03-17 12:00", "z", "outbound", "email", case_id="z")]
    report = asked(home_of(rows, tmp_path))
    assert causes(report) == {Cause.NOT_KNOWN: 1}
    assert report.lacking == ("employee", "unit", "reason", "absence")
    assert "employee" in report.missing()


def test_a_partner_does_not_hold_our_message(tmp_path: Path) -> None:
    bank = contact(
        "03-04 09:00", "a", "outbound", "phone", case_id="a", organisation="bank", employee="Banker", unit="bank"
    )
    report = told(tmp_path, wrote("03-03 09:00", "a", employee="Ana", unit="desk"), bank)
    row = report.ledger.to_pylist()[0]
    assert (row["employee"], row["unit"]) == ("Ana", "desk")


def test_shares_by_channel_unit_and_reason_leave_out_what_is_not_known(tmp_path: Path) -> None:
    report = told(
        tmp_path,
        wrote("03-03 09:00", "a", unit="north", reason="bill"), replied("03-03 11:00", "a"),
        wrote("03-03 09:00", "b", unit="north"),
        contact("03-03 09:00", "c", "inbound", "letter", case_id="c"),  # 40 h of standard, 83 h waited
        wrote("03-14 13:00", "d", unit="north"),  # not due yet: counts nowhere
    )  # fmt: skip
    rows = {(r["dimension"], r["value"]): (r["unanswered"], r["n"], r["open"]) for r in report.places.to_pylist()}
    assert rows == {
        ("channel", "email"): (1, 2, 1), ("channel", "letter"): (1, 1, 1), ("unit", "north"): (1, 2, 1),
        ("reason", "bill"): (0, 1, 0),
    }  # fmt: skip


def test_the_slow_reply_standard_of_a_channel_holds(tmp_path: Path) -> None:
    rules = parse_rules("[channels.email]\nreply_hours = 80", where="test")
    report = told(tmp_path, wrote("03-03 09:00", "a"), wrote("03-04 09:00", "b"), rules=rules)  # 83 h and 75 h
    assert (report.still_open, report.not_due) == (1, 1)


def test_a_selection_chooses_the_messages(tmp_path: Path) -> None:
    home = home_of([wrote("03-03 09:00", "a", unit="north"), wrote("03-03 09:00", "b", unit="south"), NOW], tmp_path)
    assert asked(home).still_open == 2
    assert asked(home, Selection(customer="a")).ledger["customer"].to_pylist() == ["a"]
    assert asked(home, Selection(unit="south")).ledger["customer"].to_pylist() == ["b"]
    assert asked(home, scope=Scope(units=frozenset({"south"}))).still_open == 1


def test_answered_elsewhere_looks_beyond_the_selection_but_not_beyond_the_scope(tmp_path: Path) -> None:
    rows = [
        wrote("03-03 09:00", "a", reason="loan", unit="north", employee="Ana"),
        contact("03-04 09:00", "a", "outbound", "phone", case_id="a2", reason="loan", unit="south", employee="Bo"),
    ]
    home = home_of([*rows, NOW], tmp_path)
    assert causes(asked(home, Selection(unit="north"))) == {Cause.ELSEWHERE: 1}
    assert causes(asked(home, scope=Scope(units=frozenset({"north"})))) == {Cause.NOT_KNOWN: 1}


def test_a_scope_without_names_shows_none(tmp_path: Path) -> None:
    home = home_of([wrote("03-03 09:00", "kunde 7", employee="Ana Petrova", case_id="case 9", unit="u"), NOW], tmp_path)
    report = asked(home, scope=Scope(names=False))
    assert report.still_open == 1
    shown = str([list(table.cells()) for table in report.tables()]) + str(report.as_plain())
    assert not any(word in shown for word in ("kunde 7", "Ana Petrova", "case 9"))
    assert "kunde 7" in str([list(table.cells()) for table in asked(home).tables()])


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (contact("03-03 09:00", "a", None, "email"), "Cannot be judged: the data do not say who wrote to whom."),
        (contact("03-03 09:00", "a", "internal", "email"), "Cannot be judged: the data do not say who wrote to whom."),
        (
            contact("03-03 09:00", "a", "inbound", "email"),
            "Cannot be judged: the log holds no reply of yours to any message, so silence proves nothing.",
        ),
    ],
    ids=["no direction", "only internal", "no reply"],
)
def test_a_log_that_cannot_tell_silence_says_so(tmp_path: Path, row: dict[str, Any], sentence: str) -> None:
    report = asked(home_of([row, row | {"occurred_at": datetime(2025, 4, 3, tzinfo=UTC)}], tmp_path))
    assert report.answer() == sentence
    assert not report.can_be_judged
    assert not report.needs_attention
    assert report.tables() == report.findings() == ()
    assert "replies" in report.missing()


def test_an_empty_selection_answers(tmp_path: Path) -> None:
    report = asked(home_of([wrote("03-03 09:00", "a"), NOW], tmp_path), Selection(customer="nobody"))
    assert report.answer() == "No message whose reply was due is known in these journeys."
    assert not report.can_be_judged
    assert report.explain()


def test_the_lower_bound_calls_for_attention(tmp_path: Path) -> None:
    few = told(tmp_path / "few", wrote("03-03 09:00", "a"), *(r for n in range(9) for r in pair(n)))
    assert few.unanswered.value == 0.1
    assert not few.needs_attention  # 1.8 to 40 %
    many = told(
        tmp_path / "many", *(wrote("03-03 09:00", f"s{n}") for n in range(9)), *(r for n in range(9) for r in pair(n))
    )
    assert many.needs_attention


def pair(number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    return wrote("03-03 09:00", f"p{number}"), replied("03-03 10:00", f"p{number}")

"""Question 5: what had been sent before a meeting, who could see it, and which wall stood there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.journeys.questions.desk import contact, home_of, take

from tiesa.core.errors import InvalidRules
from tiesa.core.home import Home
from tiesa.core.scope import Scope
from tiesa.core.tables import SEEN
from tiesa.journeys.build import build
from tiesa.journeys.questions.visibility import VisibilityReport, visibility
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.view import open_view
from tiesa.journeys.visibility_rules import VisibilityRules, Wall, parse_visibility, read_visibility

MATRIX = VisibilityRules(units={"branch": ("email",), "calls": ("email", "chat")})


def asked(
    home: Home, rules: VisibilityRules | None = None, selection: Selection = ALL, **options: Any
) -> VisibilityReport:
    scope = options.pop("scope", Scope())
    with open_view(home, selection, scope=scope) as view:
        return visibility(view, rules=rules, **options)


def sent(at: str, who: str, channel: str = "email", direction: str = "inbound", **more: Any) -> dict[str, Any]:
    return contact(at, who, direction, channel, **more)


def met(at: str, who: str, unit: str | None = "branch", **more: Any) -> dict[str, Any]:
    return contact(at, who, "inbound", "visit", **{"unit": unit, "employee": "Ana"} | more)


def walls(report: VisibilityReport) -> dict[str, int]:
    return dict(zip(report.walls["wall"].to_pylist(), report.walls["n"].to_pylist(), strict=True))


def test_what_counts_as_sent_before(tmp_path: Path) -> None:
    rows = [
        sent("03-03 09:00", "email"), met("03-10 09:00", "email"),
        sent("03-03 09:00", "web", "web", "self_service"), met("03-10 09:00", "web"),
        sent("03-03 09:00", "review", "forum", "indirect"), met("03-10 09:00", "review"),
        sent("03-03 09:00", "edge"), met("04-02 09:00", "edge"),  # 30 days to the second
        # and what does not: ours, a step inside, the same channel, too old, later, the same second, another's, a bank's
        sent("03-03 09:00", "ours", "email", "outbound"), met("03-10 09:00", "ours"),
        sent("03-03 09:00", "inside", "email", "internal"), met("03-10 09:00", "inside"),
        met("03-10 09:00", "visit"),
        sent("03-03 09:00", "old"), met("04-02 09:01", "old"),
        met("03-10 09:00", "later"), sent("03-10 09:01", "later"),
        sent("03-10 09:00", "same"), met("03-10 09:00", "same"),
        met("03-10 09:00", "other"),
        sent("03-03 09:00", "bank", organisation="bank"), met("03-10 09:00", "bank"),
        # no meetings: nobody of ours is known; the employee is a partner's; it is a message
        met("03-10 09:00", "nobody", None, employee=None),
        met("03-10 09:00", "partner", organisation="bank"),
    ]  # fmt: skip
    report = asked(home_of(rows, tmp_path))
    assert report.meetings == 12
    assert report.before.count == 4
    assert {r["customer"] for r in report.examples.to_pylist()} == {"email", "web", "review", "edge"}
    assert asked(Home(tmp_path), window=timedelta(days=3)).before.count == 0


def test_without_rules_and_records_only_what_was_sent_is_told(tmp_path: Path) -> None:
    report = asked(home_of([sent("03-03 09:00", "a"), met("03-10 09:00", "a"), met("03-10 09:00", "b")], tmp_path))
    assert report.answer() == (
        "Before 50 % (9.5–91 %, 1 of 2) of meetings and calls the customer had come to us on another channel, in the "
        "30 "
        "days before. Whether the employee could see it cannot be judged."
    )
    assert "rules/visibility.toml" in report.missing()
    assert not report.can_be_judged
    assert not report.needs_attention
    assert walls(report) == {}
    assert report.examples["wall"].to_pylist() == [None]


def test_the_matrix_tells_the_wall_of_each_unit_and_channel(tmp_path: Path) -> None:
    rows = [
        sent("03-03 09:00", "a"), met("03-10 09:00", "a"),  # branch sees e-mail
        sent("03-03 09:00", "b", "chat"), met("03-10 09:00", "b"),  # has no right to chat
        sent("03-03 09:00", "c", "letter"), met("03-10 09:00", "c"),  # nobody sees letters
        sent("03-03 09:00", "d"), sent("03-04 09:00", "d", "chat"), met("03-10 09:00", "d"),  # one seen, one not
        sent("03-03 09:00", "e", "chat"), met("03-10 09:00", "e", "calls"),
        sent("03-03 09:00", "f", "chat"), met("03-10 09:00", "f", "not in the rules"),
        sent("03-03 09:00", "g", "chat"), met("03-10 09:00", "g", None),
        met("03-10 09:00", "h"),
    ]  # fmt: skip
    report = asked(home_of(rows, tmp_path), MATRIX)
    assert (report.before.count, report.before.n) == (7, 8)
    assert (report.unseen.count, report.unseen.n) == (3, 5)  # b, c and d of a to e; f and g are not judged
    assert walls(report) == {Wall.RIGHTS: 2, Wall.CHANNEL: 1}
    cells = {
        (r["unit"], r["channel"]): (r["n"], r["judged"], r["unseen"], r["wall"]) for r in report.matrix.to_pylist()
    }
    assert cells == {
        ("branch", "email"): (2, 2, 0, None),
        ("branch", "chat"): (2, 2, 2, Wall.RIGHTS),
        ("branch", "letter"): (1, 1, 1, Wall.CHANNEL),
        ("calls", "chat"): (1, 1, 0, None),
        ("not in the rules", "chat"): (1, 0, 0, None),
        (None, "chat"): (1, 0, 0, None),
    }
    units = {r["unit"]: (r["n"], r["before"], r["judged"], r["unseen"]) for r in report.units.to_pylist()}
    assert units["branch"] == (5, 4, 4, 3)
    assert units["calls"] == (1, 1, 1, 0)
    assert {(r["customer"], r["earlier_channel"]) for r in report.examples.to_pylist()} == {
        ("b", "chat"), ("c", "letter"), ("d", "chat")
    }  # fmt: skip
    assert any(finding.startswith("2 more meetings cannot be judged") for finding in report.findings())


def seen(employee: str, contact_id: str, day: int, hour: int) -> dict[str, Any]:
    return {"employee": employee, "contact_id": contact_id, "at": datetime(2025, 3, day, hour, tzinfo=UTC)}


@pytest.fixture
def opened(tmp_path: Path) -> Home:
    rows = [
        sent("03-03 09:00", "a"), met("03-10 09:00", "a"),  # c0: opened before the meeting
        sent("03-03 09:00", "b"), met("03-10 09:00", "b", duration_s=7200.0),  # c2: opened during its two hours
        sent("03-03 09:00", "c"), met("03-10 09:00", "c", duration_s=60.0),  # c4: opened only afterwards
        sent("03-03 09:00", "d"), met("03-10 09:00", "d"),  # c6: opened by somebody else
        sent("03-03 09:00", "e", "chat"), met("03-10 09:00", "e"),  # c8: opened although the matrix says no
        sent("03-03 09:00", "f"), met("03-05 09:00", "f"),  # c10: met before the first record: the matrix alone
        sent("03-03 09:00", "g"), met("03-10 09:00", "g", "not in the rules"),  # c12
    ]  # fmt: skip
    home = Home(tmp_path)
    take(home, [row | {"contact_id": f"c{n}"} for n, row in enumerate(rows)])
    records = [
        ("Ana", "c0", 6, 9),
        ("Ana", "c2", 10, 10),
        ("Ana", "c4", 10, 10),
        ("Bo", "c6", 9, 9),
        ("Ana", "c8", 9, 9),
    ]
    take(home, [seen(*record) for record in records], SEEN)
    build(home)
    return home


def test_a_record_of_opening_decides_before_the_matrix(opened: Home) -> None:
    report = asked(opened, MATRIX)
    assert (report.unseen.count, report.unseen.n) == (3, 7)
    assert walls(report) == {Wall.NOT_OPENED: 2, Wall.NOT_TOLD: 1}
    assert {r["customer"]: r["wall"] for r in report.examples.to_pylist()} == {
        "c": Wall.NOT_OPENED, "d": Wall.NOT_OPENED, "g": Wall.NOT_TOLD
    }  # fmt: skip


def test_records_alone_tell_what_was_not_opened(opened: Home) -> None:
    report = asked(opened)
    assert (report.unseen.count, report.unseen.n) == (3, 6)  # f was met before records were kept
    assert walls(report) == {Wall.NOT_TOLD: 3}


def test_the_same_person_under_another_number_is_a_wall_of_its_own(tmp_path: Path) -> None:
    def person(name: str, mail: str | None = None, phone: str | None = None) -> dict[str, Any]:
        return {"customer": name, "customer_mail": mail, "customer_phone": phone}

    home = Home(tmp_path)
    web = [
        sent("03-03 09:00", "", contact_id="w1") | person("w-a", mail="a@x.test"),
        sent("03-03 09:00", "", contact_id="w2") | person("w-b", phone="+381 11 1"),
        sent("03-03 09:00", "", contact_id="w3") | person("w-c", mail="c@x.test"),
        *(sent("03-03 09:00", "", contact_id=f"w4{n}") | person(f"w-d{n}", phone="office") for n in range(3)),
    ]
    desk = [
        met("03-10 09:00", "", contact_id="m1") | person("a", mail="a@x.test"),
        met("03-10 09:00", "", contact_id="m2") | person("b", phone="+381 11 1"),
        met("03-10 09:00", "", contact_id="m3") | person("c", mail="C2@x.test"),  # another address
        met("03-10 09:00", "", contact_id="m4") | person("d", phone="office"),  # four share it: no one person
        sent("03-03 09:00", "", contact_id="s5") | person("f1", phone="family"),  # the same source: two of a family
        met("03-10 09:00", "", contact_id="m5") | person("f2", phone="family"),
        sent("03-03 09:00", "", contact_id="s6") | person("a@y.test", mail="g@y.test"),  # one mailbox
        met("03-10 09:00", "", contact_id="m6") | person("g", mail="g@y.test"),
    ]
    take(home, web, source="web shop")
    take(home, desk, source="desk")
    build(home)
    report = asked(home, MATRIX)
    assert report.other_number == 3
    assert walls(report) == {Wall.IDENTITY: 3}
    assert {r["customer"] for r in report.examples.to_pylist()} == {"a", "b", "g"}
    assert set(report.examples["earlier_touchpoint"].to_pylist()) == {"email inbound"}
    assert asked(home).unseen.n == 0  # a wall alone judges nobody
    assert asked(home, MATRIX, scope=Scope(names=False)).other_number == 0


def test_the_latest_on_each_channel_decides(tmp_path: Path) -> None:
    home = Home(tmp_path)
    rows = [
        sent("03-03 09:00", "a"),
        sent("03-05 09:00", "a"),
        sent("03-06 09:00", "a", "chat"),
        met("03-10 09:00", "a"),
    ]
    take(home, [row | {"contact_id": f"c{n}"} for n, row in enumerate(rows)])
    take(home, [seen("Ana", "c0", 4, 9)], SEEN)  # the older e-mail only
    build(home)
    assert walls(asked(home, MATRIX)) == {Wall.NOT_OPENED: 1, Wall.RIGHTS: 1}


def test_earlier_journeys_count_within_the_scope(tmp_path: Path) -> None:
    rows = [sent("03-03 09:00", "a", case_id="1", unit="north"), met("03-10 09:00", "a", "south", case_id="2"),
            sent("03-03 09:00", "b", case_id="3", unit="north")]  # fmt: skip
    home = home_of(rows, tmp_path)
    assert asked(home, selection=Selection(unit="south")).before.count == 1
    assert asked(home, selection=Selection(unit="north")).meetings == 0
    assert asked(home, scope=Scope(units=frozenset({"south"}))).before.count == 0
    assert asked(home, selection=Selection(customer="a")).meetings == 1


def test_a_scope_without_names_shows_none(tmp_path: Path) -> None:
    home = home_of([sent("03-03 09:00", "kunde 7"), met("03-10 09:00", "kunde 7", employee="Ana Petrova")], tmp_path)
    report = asked(home, scope=Scope(names=False))
    assert report.before.count == 1
    shown = str([list(table.cells()) for table in report.tables()]) + str(report.as_plain())
    assert "kunde 7" not in shown
    assert "Ana Petrova" not in shown
    assert "Ana Petrova" in str([list(table.cells()) for table in asked(home).tables()])


def test_a_log_without_directions_cannot_be_judged(tmp_path: Path) -> None:
    report = asked(
        home_of(
            [contact("03-03 09:00", "a", None, "email"), contact("03-10 09:00", "a", None, "visit", employee="Ana")],
            tmp_path,
        )
    )
    assert report.answer() == "Cannot be judged: the data do not say what came from the customer."
    assert "direction" in report.missing()


def test_without_meetings_there_is_nothing_to_see(tmp_path: Path) -> None:
    report = asked(home_of([sent("03-03 09:00", "a")], tmp_path), MATRIX)
    assert report.answer() == "No meeting or call with a known employee or unit is in these journeys."
    assert report.tables() == report.findings() == ()


def test_an_empty_selection_answers(tmp_path: Path) -> None:
    report = asked(
        home_of([sent("03-03 09:00", "a"), met("03-10 09:00", "a")], tmp_path), MATRIX, Selection(customer="x")
    )
    assert report.meetings == 0
    assert report.explain()


def test_the_lower_bound_calls_for_attention(tmp_path: Path) -> None:
    rows = [row for n in range(9) for row in (sent("03-03 09:00", f"{n}", "chat"), met("03-10 09:00", f"{n}"))]
    one = asked(home_of(rows[:2], tmp_path / "one"), MATRIX)
    assert one.unseen.value == 1
    assert one.unseen.interval.low > 0.2  # 20.7 %
    assert asked(home_of(rows, tmp_path / "nine"), MATRIX).needs_attention
    assert not asked(Home(tmp_path / "nine"), VisibilityRules(units={"branch": ("chat",)})).needs_attention


def test_the_home_s_file_is_taken_when_no_rules_are_given(tmp_path: Path) -> None:
    home = home_of([sent("03-03 09:00", "a", "chat"), met("03-10 09:00", "a")], tmp_path)
    home.rules.mkdir()
    (home.rules / "visibility.toml").write_text(
        '[visibility]\nwindow_days = 8\n[visibility.units.branch]\nsees = ["email"]'
    )
    report = asked(home)
    assert report.unseen.count == 1
    assert report.window == timedelta(days=8)


# --- the rules themselves -----------------------------------------------------------------------------------


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read_visibility(tmp_path) == VisibilityRules()
    assert not VisibilityRules().knows("branch")


def test_channels_are_named_in_any_case_and_connected_alone_means_everybody() -> None:
    rules = parse_visibility('[visibility]\nconnected = ["E-Mail"]', where="test")
    assert rules.knows("any unit")
    assert rules.knows(None)
    assert rules.wall("any unit", "e mail") is rules.wall("any unit", "email") is None
    assert rules.wall("any unit", "chat") == Wall.CHANNEL


def test_connected_but_not_for_this_unit_is_a_matter_of_rights() -> None:
    text = '[visibility]\nconnected = ["email", "chat"]\n[visibility.units."call centre"]\nsees = ["email"]'
    rules = parse_visibility(text, where="test")
    assert rules.wall("call centre", "chat") == Wall.RIGHTS
    assert rules.wall("call centre", "letter") == Wall.CHANNEL
    assert not rules.knows("branch")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[visibility]\nwindow_days = 0", "visibility.window_days"),
        ("[visibility]\nwindow_days = -1", "visibility.window_days"),
        ("[visibility]\nwindow = 3", "visibility.window"),
        ("[visible]", "visible"),
        ("[visibility.units.branch]", "visibility.units.branch.sees"),
        ('[visibility.units.branch]\nsees = "email"', "visibility.units.branch.sees"),
        (
            '[visibility]\nconnected = ["chat"]\n[visibility.units.branch]\nsees = ["email"]',
            "visibility.units.branch.sees",
        ),
        ("[visibility", "TOML"),
    ],
)
def test_a_wrong_file_names_its_key(tmp_path: Path, text: str, names: str) -> None:
    (tmp_path / "visibility.toml").write_text(text)
    with pytest.raises(InvalidRules, match=str(names)) as raised:
        read_visibility(tmp_path)
    assert "visibility.toml" in str(raised.value)

"""Other organisations in the same situation: their lanes, the waits for them, and how such journeys end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.unit.journeys.questions.desk import contact, home_of

from tiesa.core.home import Home
from tiesa.core.scope import Scope
from tiesa.journeys.organisations import OrganisationsReport, organisations
from tiesa.journeys.rules import parse_rules
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.view import open_view

RULES = parse_rules(
    'own_organisations = ["Us Ltd"]\nthird_party = ["expert visits"]\n[types.trip]\nreached = ["home again"]',
    where="test",
)


def asked(home: Home, selection: Selection = ALL, **options: Any) -> OrganisationsReport:
    with open_view(home, selection, **options) as view:
        return organisations(view)


def step(at: str, who: str, direction: str = "inbound", organisation: str | None = None, **more: Any) -> dict[str, Any]:
    return contact(at, who, direction, "phone", **{"case_id": who, "organisation": organisation} | more)


def by_name(table: Any, name: str | None) -> dict[str, Any]:
    return next(r for r in table.to_pylist() if r["organisation"] == name)


STRANDED = [
    # a: we -> airline -> bank -> we. 24 h for the airline, ended by the bank; 48 h for the bank, ended by us
    step("03-03 09:00", "a"),
    step("03-03 10:00", "a", organisation="airline"),
    step("03-04 10:00", "a", organisation="bank"),
    step("03-06 10:00", "a", "outbound", touchpoint="home again"),
    # b: airline twice, 12 h for it, ended by itself, then a step inside, and 36 h on from its last contact to ours
    step("03-03 09:00", "b", organisation="airline"),
    step("03-03 21:00", "b", "outbound", organisation="airline"),
    step("03-04 21:00", "b", "internal"),
    step("03-05 09:00", "b", "outbound"),
    # c: only ourselves, by another name of ours; reached
    step("03-03 09:00", "c", organisation="Us Ltd"),
    step("03-03 10:00", "c", "outbound", touchpoint="home again"),
    # d: a third party that is not named
    step("03-03 09:00", "d", touchpoint="expert visits"),
    step("03-04 09:00", "d"),
]


def test_lanes_count_contacts_and_journeys_of_each_organisation(tmp_path: Path) -> None:
    report = asked(home_of(STRANDED, tmp_path, RULES))
    assert (report.crossing.count, report.crossing.n) == (2, 4)
    assert [r["organisation"] for r in report.lanes.to_pylist()] == ["airline", "bank"]
    airline = by_name(report.lanes, "airline")
    assert (airline["contacts"], airline["journeys"], airline["goal"]) == (3, 2, 1)
    assert airline["journeys_share"] == 0.5
    assert by_name(report.lanes, "bank")["contacts"] == 1
    assert report.answer() == (
        "Another organisation takes part in 50 % (15–85 %, 2 of 4) of journeys, most often “airline” (in 2)."
    )


def test_a_wait_counts_for_the_organisation_that_had_to_act(tmp_path: Path) -> None:
    report = asked(home_of(STRANDED, tmp_path, RULES))
    airline, bank = by_name(report.waits, "airline"), by_name(report.waits, "bank")
    assert (airline["n"], airline["total_s"]) == (3, (24 + 12 + 36) * 3600)
    assert airline["median_s"] == 24 * 3600
    assert airline["share"] == 72 / (73 + 48)  # of the hours of journeys a and b
    assert (airline["ended_by_them"], bank["ended_by_them"]) == (1, 0)
    assert (bank["n"], bank["median_s"], bank["share"]) == (1, 48 * 3600, 48 / 73)
    assert report.waits.num_rows == 2  # the expert of journey d is no organisation that the data name


def test_a_third_party_nobody_names_stands_without_a_name(tmp_path: Path) -> None:
    rows = [
        step("03-03 09:00", "a", touchpoint="expert visits"),
        step("03-03 19:00", "a"),  # 10 h for an expert of no named organisation
        step("03-04 09:00", "a", organisation="bank"),
    ]
    row = asked(home_of(rows, tmp_path, RULES)).waits.to_pylist()[0]
    assert (row["organisation"], row["n"], row["total_s"], row["share"], row["ended_share"]) == (
        None, 1, 10 * 3600, None, None
    )  # fmt: skip


def test_goals_stand_side_by_side_with_and_without_others(tmp_path: Path) -> None:
    report = asked(home_of(STRANDED, tmp_path, RULES))
    assert report.reached_with is not None
    assert report.reached_without is not None
    assert (report.reached_with.count, report.reached_with.n) == (1, 2)
    assert (report.reached_without.count, report.reached_without.n) == (1, 2)
    assert any("a comparison, not an effect" in finding for finding in report.findings())
    without_goals = asked(home_of(STRANDED, tmp_path / "b"))
    assert without_goals.reached_with is None


def test_ways_name_each_change_of_organisation_once(tmp_path: Path) -> None:
    report = asked(home_of(STRANDED, tmp_path, RULES))
    assert sorted(map(str, report.sequences["path"].to_pylist())) == sorted(
        map(str, [[None, "airline", "bank", None], ["airline", None]])
    )
    assert "we → airline → bank → we" in {cells[0] for cells in report.tables()[2].cells()}


def test_a_selection_and_a_scope_choose_the_journeys(tmp_path: Path) -> None:
    rows = [row | {"unit": row["customer"]} for row in STRANDED]
    home = home_of(rows, tmp_path, RULES)
    assert asked(home, Selection(customer="b")).crossing.n == 1
    assert asked(home, scope=Scope(units=frozenset({"c", "d"}), names=False)).crossing.count == 0


def test_a_log_of_one_organisation_says_so(tmp_path: Path) -> None:
    report = asked(
        home_of([step("03-03 09:00", "c", organisation="Us Ltd"), step("03-04 09:00", "c")], tmp_path, RULES)
    )
    assert report.answer() == "Cannot be judged: the log names no other organisation."
    assert report.missing().startswith("organisation")
    assert report.tables() == report.findings() == ()
    assert not report.can_be_judged


def test_journeys_without_others_and_an_empty_selection_answer(tmp_path: Path) -> None:
    home = home_of(STRANDED, tmp_path, RULES)
    assert asked(home, Selection(customer="c")).answer() == (
        "No other organisation takes part in these journeys (n 1)."
    )
    assert asked(home, Selection(customer="nobody")).answer() == (
        "No other organisation takes part in these journeys (n 0)."
    )
    assert asked(home).explain()

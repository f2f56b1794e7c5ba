"""Question 2: contacts to the goal, avoidable ones, what they take, the fastest paths. Figures worked out by hand."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.unit.journeys.questions.desk import after, home_of

from tiesa.core.home import Home
from tiesa.core.scope import Scope
from tiesa.journeys import Rules
from tiesa.journeys.questions.fewer import FewerReport, fewer
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.view import open_view


def row(customer: str, at: datetime, direction: str | None = "inbound", **more: Any) -> dict[str, Any]:
    return {"customer": customer, "occurred_at": at, "direction": direction} | more


def asked(rows: list[dict[str, Any]], folder: Path, selection: Selection = ALL, **more: Any) -> FewerReport:
    with open_view(home_of(rows, folder, more.pop("rules", None)), selection, **more) as view:
        return fewer(view)


def found(report: FewerReport) -> dict[str, int | None]:
    return dict(zip(report.rules["rule"].to_pylist(), report.rules["n"].to_pylist(), strict=True))


def one_of_each() -> list[dict[str, Any]]:
    """One avoidable contact of each kind among eleven of the customers', with what must not be taken for one."""
    return [
        # A repeat: the same reason three days later. It is also a chaser, but the first rule has it.
        row("a", after(), reason="bill", employee="Ana"),
        row("a", after(days=3), reason="bill", duration_s=600.0, cost=Decimal(4)),
        row("a", after(days=4), "outbound", employee="Ana"),
        # A chaser: a message unanswered, then another without a reason; the third names another matter, so is none.
        row("b", after(), reason="move"),
        row("b", after(days=1), duration_s=300.0),
        row("b", after(days=2), reason="meter"),
        # A status question, by its name.
        row("c", after(), touchpoint="Order status", channel="phone", reason="parcel"),
        # A restart: the same touchpoint on the telephone, another employee, no reason.
        row("d", after(), channel="phone", employee="Ana"),
        row("d", after(days=1), channel="phone", employee="Bojan"),
        # No restart: it was the customer's turn, who answers our mail.
        row("e", after(), channel="phone", employee="Ana"),
        row("e", after(hours=1), "outbound", employee="Ana"),
        row("e", after(days=1), employee="Bojan"),
        # No restart: another touchpoint.
        row("f", after(), channel="phone", employee="Ana"),
        row("f", after(hours=1), channel="phone", employee="Bojan", touchpoint="complaint"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with one of each; Customer b belongs to the north, everybody else to the south."""
    rows = [one | {"unit": "north" if one["customer"] == "b" else "south"} for one in one_of_each()]
    return home_of(rows, tmp_path_factory.mktemp("mixed"))


def of_mixed(mixed: Home, selection: Selection = ALL, **more: Any) -> FewerReport:
    with open_view(mixed, selection, **more) as view:
        return fewer(view)


def test_each_avoidable_contact_counts_once_by_the_first_rule(mixed: Home) -> None:
    report = of_mixed(mixed)
    assert found(report) == {"repeat": 1, "chaser": 1, "status": 1, "restart": 1}
    assert report.avoidable is not None
    assert (report.avoidable.count, report.avoidable.n) == (4, 12)
    assert "33 %" in report.answer()
    assert "4 of 12" in report.answer()
    assert "at least" not in report.answer()
    assert report.needs_attention


def test_what_they_took_is_summed_with_how_much_of_it_is_known(mixed: Home) -> None:
    """Rules: repeat 600 s and 4 EUR, chaser 300 s; nothing of the others. 15 min of work known of 2 in 4."""
    report = of_mixed(mixed)
    by_rule = {r["rule"]: r for r in report.rules.to_pylist()}
    assert by_rule["repeat"]["hours"] == pytest.approx(1 / 6)
    assert by_rule["repeat"]["cost"] == 4
    assert by_rule["repeat"]["waited_hours"] == pytest.approx(72)  # three days without an answer
    assert by_rule["chaser"]["hours"] == pytest.approx(1 / 12)
    assert by_rule["chaser"]["costed"] == 0
    assert by_rule["restart"]["timed"] == 0
    finding = next(f for f in report.findings() if "fell away" in f)
    assert "4 contacts in this period" in finding  # five days say nothing of a year
    assert "50 %" in finding  # length known of two in four
    assert "25 %" in finding  # cost known of one in four


def test_a_long_period_is_put_as_a_year(tmp_path: Path) -> None:
    """A repeat in 73.05 days is five a year."""
    rows = [row("a", after(), reason="bill"), row("a", after(days=1), reason="bill"), row("b", after(days=73.05))]
    report = asked(rows, tmp_path)
    assert report.rules["n_a_year"][0].as_py() == pytest.approx(5)
    assert "5 contacts a year" in " ".join(report.findings())


def test_a_promise_that_is_open_makes_a_status_question(tmp_path: Path) -> None:
    promise = {"channel": "phone", "promised_at": after(days=2)}
    rows = [
        row("a", after(), **promise),
        row("a", after(days=3), channel="phone"),  # nothing heard: where does it stand?
        row("b", after(), **promise),
        row("b", after(days=1), "outbound", channel="phone", waits_for="us"),  # called back, works on it
        row("b", after(days=3), channel="phone"),
        row("c", after(), reason="bill", **promise),
        row("c", after(days=3), reason="move", channel="phone"),  # another matter
    ]
    report = asked(rows, tmp_path)
    assert found(report)["status"] == 1
    assert found(report)["chaser"] == 0


def test_a_status_that_says_we_work_on_it_makes_no_chaser(tmp_path: Path) -> None:
    """A ticket waits for us by its status; the customer's call is no chaser, since no message is unanswered."""
    rows = [
        row("a", after(), channel="phone"),
        row("a", after(hours=1), "internal", waits_for="us"),
        row("a", after(hours=2), channel="phone"),
    ]
    # Asked twice, answered, and in work again: only the second message was a chaser, not the call after the answer.
    rows += [row("b", after()), row("b", after(hours=1)), row("b", after(hours=2), "outbound", waits_for="us")]
    rows += [row("b", after(hours=3), channel="phone")]
    assert found(asked(rows, tmp_path))["chaser"] == 1


def test_a_log_without_replies_has_no_chasers_and_says_so(tmp_path: Path) -> None:
    rows = [row("a", after(days=n), reason="bill" if n < 2 else None) for n in range(4)]
    report = asked(rows, tmp_path)
    assert found(report) == {"repeat": 1, "chaser": None, "status": 0, "restart": None}
    assert "at least 25 %" in report.answer()
    assert "your own replies" in report.missing()
    assert "employee" in report.missing()
    assert report.savings["waited_hours"].null_count == 1  # whose wait it was is not known


def test_contacts_are_counted_to_the_goal_without_internal_steps(tmp_path: Path) -> None:
    """Contacts to the goal: a 3 (2 of the customer), b 1; c never reached it. Mean 2, median 1 (discrete)."""
    rows = [
        row("a", after()),
        row("a", after(hours=1), "internal"),
        row("a", after(hours=2), "outbound"),
        row("a", after(hours=3), goal="reached"),
        row("a", after(hours=4), "internal"),
        row("a", after(hours=5), "outbound", case_id=None),
        row("b", after(), goal="reached"),
        row("c", after()),
    ]
    for one in rows:
        one["case_id"] = f"case of {one['customer']}"
    report = asked(rows, tmp_path)
    counted = {r["counted"]: r for r in report.to_goal.to_pylist()}
    assert [counted["contacts"][c] for c in ("n", "total", "mean", "median")] == [2, 4, 2.0, 1]
    assert [counted["inbound"][c] for c in ("n", "total")] == [2, 3]
    assert counted["internal"]["total"] == 1
    assert counted["contacts"]["low"] is None  # two journeys give no interval of the median
    # t interval with one degree of freedom: 2 ± 12.706 · √2 / √2, never below 0
    assert counted["contacts"]["mean_low"] == 0
    assert counted["contacts"]["mean_high"] == pytest.approx(2 + 12.706, abs=0.001)
    assert report.distribution.to_pylist()[0] | {"low": 0, "high": 0} == {
        "contacts": 1, "n": 1, "share": 0.5, "low": 0, "high": 0,
    }  # fmt: skip
    assert "2.0 contacts to reach the goal" in report.answer()


def test_contacts_without_direction_count_and_it_is_said(tmp_path: Path) -> None:
    rows = [row("a", after(), None), row("a", after(hours=1), None, goal="reached")]
    report = asked(rows, tmp_path)
    assert report.to_goal["total"].to_pylist() == [2, 0, 0]
    assert "Of 2 contacts the direction is not known" in report.explain()
    assert report.avoidable is None
    assert set(found(report).values()) == {None}
    assert "direction" in report.missing()


def test_contacts_with_others_are_not_avoidable_ones_of_ours(tmp_path: Path) -> None:
    rows = [row("a", after(), reason="bill"), row("a", after(days=1), reason="bill", organisation="Bank")]
    report = asked(rows, tmp_path)
    assert found(report)["repeat"] == 0
    assert report.inbound == 1


def paths(fast_hours: float = 1, severity: int = 1) -> list[dict[str, Any]]:
    """Thirty journeys of two contacts that take an hour (and some minutes), forty of three that take a week."""
    rows = []
    for number in range(70):
        short = number < 30
        minute = number if fast_hours == 1 else number * 37 % 70  # 37 and 70 share no factor: all minutes, mixed
        ends = after(hours=fast_hours, minutes=minute) if short else after(days=7, minutes=minute)
        who = f"k{number}"
        rows.append(row(who, after(), channel="phone", severity=severity, case_id=who))
        if not short:
            rows.append(row(who, after(days=1), "outbound", touchpoint="ask back", severity=severity, case_id=who))
        rows.append(row(who, ends, "outbound", touchpoint="solved", goal="reached", severity=severity, case_id=who))
    return rows


def test_the_fastest_path_is_named_where_it_is_beyond_chance(tmp_path: Path) -> None:
    report = asked(paths(), tmp_path)
    best = report.paths.to_pylist()[0]
    assert best["path"] == ["question", "solved"]
    assert (best["n"], best["all_n"], best["severity"]) == (30, 70, 1)
    assert best["median_s"] == 3600 + 14 * 60  # the fifteenth of thirty
    # ranks of Campbell and Gardner for n = 30: 15 - 5.37 and 15 + 6.37, so the 10th and the 21st
    assert (best["low_s"], best["high_s"]) == (3600 + 9 * 60, 3600 + 20 * 60)
    assert best["is_faster"]
    assert "question → solved" in " ".join(report.findings())


def test_paths_are_never_compared_across_difficulties(tmp_path: Path) -> None:
    """The quick ones are all easy, the slow ones all hard: nothing is left to compare."""
    rows = paths()
    for one in rows:
        one["severity"] = 1 if int(one["customer"][1:]) < 30 else 4
    report = asked(rows, tmp_path)
    assert report.paths.num_rows == 0
    assert "Fastest" not in " ".join(report.findings())


def test_no_path_is_called_faster_where_difficulty_is_unknown(tmp_path: Path) -> None:
    rows = [{c: v for c, v in one.items() if c != "severity"} for one in paths()]
    report = asked(rows, tmp_path)
    assert report.paths.num_rows == 2
    assert not any(report.paths["is_faster"].to_pylist())
    assert "how difficult" in " ".join(report.findings())


def test_a_path_as_slow_as_the_others_is_not_called_faster(tmp_path: Path) -> None:
    report = asked(paths(fast_hours=7 * 24), tmp_path)
    assert not any(report.paths["is_faster"].to_pylist())
    assert "No path to the goal is clearly faster" in " ".join(report.findings())


def test_a_path_of_nineteen_journeys_is_not_compared(tmp_path: Path) -> None:
    rows = [one for one in paths() if not 19 <= int(one["customer"][1:]) < 30]
    assert report_paths(asked(rows, tmp_path)) == [["question", "ask back", "solved"]]


def report_paths(report: FewerReport) -> list[list[str]]:
    return report.paths["path"].to_pylist()  # type: ignore[no-any-return]


def test_a_selection_counts_only_its_journeys(mixed: Home) -> None:
    of_one = of_mixed(mixed, Selection(customer="a"))
    assert (of_one.inbound, found(of_one)["repeat"], found(of_one)["chaser"]) == (2, 1, 0)
    by_phone = of_mixed(mixed, Selection(channel="phone"))
    assert found(by_phone) == {"repeat": 0, "chaser": 0, "status": 1, "restart": 1}


def test_nothing_is_shown_of_units_outside_the_scope(mixed: Home) -> None:
    report = of_mixed(mixed, scope=Scope(units=frozenset({"north"})))
    assert found(report) == {"repeat": 0, "chaser": 1, "status": 0, "restart": 0}
    assert report.inbound == 3


def test_an_empty_selection_says_that_there_is_nothing(mixed: Home) -> None:
    report = of_mixed(mixed, Selection(customer="nobody"))
    assert not report.can_be_judged
    assert report.answer() == "There are no journeys to look at."
    assert report.findings() == ()
    assert all(len(table) for table in report.tables())


def test_a_log_of_internal_steps_cannot_be_judged(tmp_path: Path) -> None:
    rows = [row("a", after(), "internal"), row("a", after(hours=1), "internal", goal="reached")]
    report = asked(rows, tmp_path)
    assert not report.can_be_judged
    assert "only internal steps" in report.answer()


def test_goals_reached_without_a_contact_in_the_data_are_not_counted_as_none(tmp_path: Path) -> None:
    """Two tickets of three were solved among ourselves, as far as the log tells: not "0.3 contacts to the goal"."""
    rows = [row(who, after(), "internal", goal="reached", case_id=who) for who in "ab"]
    rows.append(row("c", after(), channel="phone", goal="reached", case_id="c"))
    report = asked(rows, tmp_path)
    assert report.to_solve is None
    assert "cannot be counted" in " ".join(report.findings())


def test_a_log_without_reasons_does_not_claim_that_nothing_was_avoidable(tmp_path: Path) -> None:
    rows = [row("a", after()), row("a", after(hours=1), "outbound")]
    report = asked(rows, tmp_path)
    assert report.avoidable is None
    assert report.answer().startswith("Cannot be judged")
    assert "reason" in report.missing()
    assert "goal" in report.missing()


def test_third_party_touchpoints_are_no_contacts_with_us(tmp_path: Path) -> None:
    rows = [row("a", after(), reason="bill"), row("a", after(days=1), reason="bill", touchpoint="bank transfer")]
    report = asked(rows, tmp_path, rules=Rules(third_party=frozenset({"bank transfer"})))
    assert found(report)["repeat"] == 0


def test_every_table_can_be_written(tmp_path: Path) -> None:
    for table in asked(one_of_each() + paths(), tmp_path).tables():
        assert all(len(cells) == len(table.headings) for cells in table.cells())

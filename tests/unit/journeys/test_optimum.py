"""The contact optimum: standardised by hand, silent where intervals touch, and right where the naive look is wrong."""

from __future__ import annotations

from datetime import datetime
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from tests.unit.journeys.questions.desk import after, home_of

from tiesa.core.intervals import wilson_of
from tiesa.journeys.optimum import MOST, OptimumReport, optimum, standardised
from tiesa.journeys.view import open_view

EASY, HARD = ("", 1), ("", 2)


def journeys(number: int, contacts: int, *, reached: int, name: str, **more: Any) -> list[dict[str, Any]]:
    """So many journeys of so many contacts, an hour apart; the first `reached` reach the goal, others give up."""
    rows = []
    for one in range(number):
        for position in range(contacts):
            row = {
                "customer": f"{name} {contacts} {one}", "case_id": f"{name} {contacts} {one}", "direction": "inbound",
                "occurred_at": after(days=one % 20, hours=position),
            }  # fmt: skip
            if position == contacts - 1:
                row["goal"] = "reached" if one < reached else "abandoned"
            rows.append(row | more)
    return rows


def told(folder: Path, *rows: list[dict[str, Any]], as_of: datetime | None = None) -> OptimumReport:
    with open_view(home_of([row for some in rows for row in some], folder / "home"), as_of=as_of) as view:
        return optimum(view)


def by_contacts(report: OptimumReport) -> dict[int, dict[str, Any]]:
    return {row["contacts"]: row for row in report.by_contacts.to_pylist()}


def test_a_share_is_standardised_to_the_sizes_of_the_strata() -> None:
    """0.2 of the easy (300 of 400) and 0.6 of the hard (100 of 400): 0.75 x 0.2 + 0.25 x 0.6 = 0.30, where the group's
    own mix, half and half, gives 0.40. Effective n: 1 / (0.75^2 / 50 + 0.25^2 / 50) = 80."""
    found = standardised([(EASY, 50, 0.2, 0.16), (HARD, 50, 0.6, 0.24)], {EASY: 300, HARD: 100}, is_share=True)
    bounds = wilson_of(0.3, 80)
    assert (found.n, found.covered) == (100, 1.0)
    assert (found.value, found.low, found.high) == pytest.approx((0.30, bounds.low, bounds.high))


def test_a_mean_has_the_interval_of_its_weighted_variances() -> None:
    """0.75 x -0.4 + 0.25 x 0.8 = -0.1; variance 0.5625 x 0.16 / 50 + 0.0625 x 0.24 / 50 = 0.0021."""
    found = standardised([(EASY, 50, -0.4, 0.16), (HARD, 50, 0.8, 0.24)], {EASY: 300, HARD: 100}, is_share=False)
    half = 1.959964 * sqrt(0.0021)
    assert (found.value, found.low, found.high) == pytest.approx((-0.1, -0.1 - half, -0.1 + half), abs=1e-6)


def test_a_group_that_knows_too_little_has_no_value() -> None:
    few = standardised([(EASY, 29, 0.5, 0.25)], {EASY: 100}, is_share=True)
    assert (few.n, few.value, few.low) == (29, None, None)
    narrow = standardised([(HARD, 100, 0.5, 0.25)], {EASY: 300, HARD: 100}, is_share=True)
    assert (narrow.value, narrow.covered) == (None, 0.25)
    thin = standardised([(EASY, 40, 0.5, 0.25), (HARD, 2, 1.0, 0.0)], {EASY: 300, HARD: 100}, is_share=True)
    assert (thin.n, thin.value, thin.covered) == (40, 0.5, 0.75)


def test_too_many_and_one_missing_are_said_where_intervals_do_not_touch(tmp_path: Path) -> None:
    """Of 40 each: one contact reaches 8 (20 %), two 36 (90 %), three 34 (85 %), four 10 (25 %)."""
    report = told(
        tmp_path, journeys(40, 1, reached=8, name="a"), journeys(40, 2, reached=36, name="a"),
        journeys(40, 3, reached=34, name="a"), journeys(40, 4, reached=10, name="a"),
    )  # fmt: skip
    rows = by_contacts(report)
    assert [rows[k]["goal"] for k in (1, 2, 3, 4)] == pytest.approx([0.2, 0.9, 0.85, 0.25])
    bounds = wilson_of(0.9, 40)
    assert (rows[2]["goal_low"], rows[2]["goal_high"]) == pytest.approx((bounds.low, bounds.high))
    assert (report.measure, report.best, report.worse) == ("goal", (2, 3), ([1], [4]))
    assert (report.journeys, report.left_out) == (160, 0)
    missing, many = report.findings()
    assert missing.startswith("One is missing: with 1 contact ")
    assert "20 % reach the goal (10–35 %, n 40)" in missing
    assert many.startswith("Too many: with 4 contacts ")
    assert "2 to 3 contacts end best" in report.answer()
    assert "90 % reach the goal (77–96 %, n 40)" in report.answer()


def test_where_intervals_touch_nothing_is_called_too_many(tmp_path: Path) -> None:
    """24 of 40 (60 %, 45-74 %) against 20 of 40 (50 %, 35-65 %): no difference can be told."""
    report = told(tmp_path, journeys(40, 1, reached=24, name="a"), journeys(40, 2, reached=20, name="a"))
    assert (report.best, report.worse) == ((1, 2), ([], []))
    assert not any(word in " ".join((report.answer(), *report.findings())) for word in ("Too many", "missing"))


def test_journeys_under_way_are_left_out(tmp_path: Path) -> None:
    """40 settled journeys of each length, and 15 of one contact within their window: these look short, not bad."""
    open_ones = [row | {"goal": None} for row in journeys(15, 1, reached=0, name="open")]
    done = [journeys(40, 1, reached=30, name="a"), journeys(40, 2, reached=30, name="a")]
    now = after(days=20)
    report = told(tmp_path, *done, open_ones, as_of=now)
    assert (report.journeys, report.left_out) == (80, 15)
    assert by_contacts(report)[1]["n"] == 40
    assert by_contacts(report)[1]["goal"] == pytest.approx(0.75)
    assert "15 still under way" in report.explain()
    # A year on they have fallen silent: over, and the goal not reached; 30 of 55.
    with open_view(home_of([r for some in (*done, open_ones) for r in some], tmp_path / "later"),
                   as_of=after(days=400)) as view:  # fmt: skip
        later = optimum(view)
    assert (later.journeys, later.left_out, by_contacts(later)[1]["goal"]) == (95, 0, pytest.approx(30 / 55))


def test_two_contacts_serve_better_though_the_naive_look_says_worse(tmp_path: Path) -> None:
    """Simpson. Easy (severity 1): one contact 63 of 90 (70 %), two 24 of 30 (80 %). Hard (severity 4): 6 of 30 (20 %)
    and 27 of 90 (30 %). Naive: one 69/120 = 57.5 %, two 51/120 = 42.5 %. At the mix of all, 120 easy and 120 hard:
    one (70 + 20) / 2 = 45 %, two (80 + 30) / 2 = 55 %."""
    report = told(
        tmp_path,
        journeys(90, 1, reached=63, name="easy", severity=1), journeys(30, 2, reached=24, name="easy", severity=1),
        journeys(30, 1, reached=6, name="hard", severity=4), journeys(90, 2, reached=27, name="hard", severity=4),
    )  # fmt: skip
    rows = by_contacts(report)
    assert (rows[1]["goal"], rows[2]["goal"]) == pytest.approx((0.45, 0.55))
    assert rows[1]["n"] == rows[2]["n"] == 120


def test_internal_steps_are_no_contacts_with_the_customer(tmp_path: Path) -> None:
    steps = [
        row | {"direction": "internal", "occurred_at": row["occurred_at"].replace(minute=30), "goal": None}
        for row in journeys(40, 1, reached=0, name="a")
    ]
    report = told(tmp_path, steps, journeys(40, 1, reached=30, name="a"), journeys(40, 2, reached=30, name="b"))
    assert {k: row["n"] for k, row in by_contacts(report).items()} == {1: 40, 2: 40}


def test_long_journeys_share_a_group_and_spacing_is_the_mean_gap(tmp_path: Path) -> None:
    report = told(
        tmp_path, journeys(20, MOST, reached=20, name="a"), journeys(20, MOST + 3, reached=20, name="a"),
        journeys(40, 2, reached=20, name="a"), journeys(40, 1, reached=20, name="a"),
    )  # fmt: skip
    assert by_contacts(report)[MOST]["n"] == 40
    # Contacts lie one hour apart, which is no longer under an hour; journeys of one contact have no gap.
    assert {row["spacing"]: row["n"] for row in report.by_spacing.to_pylist()} == {1: 80}
    assert "12 or more" in report.answer()


def test_without_goals_emotion_judges_and_without_both_nothing(tmp_path: Path) -> None:
    """Half of 40 journeys end at +0.6 and half at +0.2, mean 0.4; of two contacts all end at -0.5."""
    glad = [row | {"goal": None, "emotion": 0.6 if n % 2 else 0.2} for n, row in
            enumerate(journeys(40, 1, reached=0, name="a"))]  # fmt: skip
    upset = [row | {"goal": None, "emotion": -0.5} for row in journeys(40, 2, reached=0, name="a")]
    report = told(tmp_path / "felt", glad, upset, as_of=after(days=400))
    rows = by_contacts(report)
    assert (report.measure, report.best, report.worse) == ("emotion", (1, 1), ([], [2]))
    assert rows[1]["emotion"] == pytest.approx(0.4, abs=1e-6)
    half = 1.959964 * 0.2 / sqrt(40)
    assert (rows[1]["emotion_low"], rows[1]["emotion_high"]) == pytest.approx((0.4 - half, 0.4 + half), abs=1e-5)
    assert rows[1]["goal"] is None
    plain = [row | {"goal": None} for row in journeys(40, 2, reached=0, name="a")]
    nothing = told(tmp_path / "nothing", plain, as_of=after(days=400))
    assert not nothing.can_be_judged
    assert nothing.missing()
    assert nothing.picture() is None
    assert "Cannot be judged" in nothing.answer()

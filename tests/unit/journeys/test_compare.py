"""Two selections beside each other: known differences are found, none are invented, intervals are right."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep
from tests.unit.journeys.questions.desk import after, home_of

from tiesa.core.intervals import wilson_interval
from tiesa.core.shown import Kind
from tiesa.journeys.compare import Measured, Metric, compare, measured
from tiesa.journeys.selection import Selection
from tiesa.journeys.view import open_view


def of_share(name: str, count: int, n: int) -> Metric:
    bounds = wilson_interval(count, n)
    return Metric(name, Kind.SHARE, count / n, bounds.low, bounds.high, n)


def side(*metrics: Metric) -> Measured:
    return Measured("a side", 100, {(m.name, m.about): m for m in metrics})


def test_the_interval_of_two_shares_is_newcombes() -> None:
    (difference,) = compare(side(of_share("repeat", 30, 100)), side(of_share("repeat", 55, 120))).differences
    low, high = confint_proportions_2indep(55, 120, 30, 100, compare="diff", method="newcomb")
    assert (difference.low, difference.high) == pytest.approx((low, high), abs=1e-9)


def test_the_clearest_difference_comes_first() -> None:
    first = side(of_share("repeat", 50, 100), of_share("handover", 10, 1000), of_share("insisted", 5, 10))
    second = side(of_share("repeat", 60, 100), of_share("handover", 90, 1000), of_share("insisted", 6, 10))
    made = compare(first, second)
    assert [d.first.name for d in made.differences] == ["handover", "repeat", "insisted"]
    assert [d.clear for d in made.differences] == [True, False, False]
    assert "handed to another employee" in made.answer()


def test_few_false_differences_where_there_are_none() -> None:
    """200 comparisons of 20 shares that are equal in truth: any difference called clear is false."""
    random, wrong = np.random.default_rng(3), 0
    names = [f"s{i}" for i in range(20)]
    for _round in range(200):
        sides = [side(*(of_share(n, int(random.binomial(300, 0.3)), 300) for n in names)) for _ in range(2)]
        wrong += any(d.clear for d in compare(*sides).differences)
    assert wrong / 200 <= 0.05 + 2 * sqrt(0.05 * 0.95 / 200)


def test_what_only_one_side_has_is_left_out() -> None:
    blank = replace(of_share("handover", 1, 2), low=None)
    assert compare(side(of_share("repeat", 1, 2), blank), side(of_share("insisted", 1, 2), blank)).differences == ()
    assert "Cannot be judged" in compare(side(), side()).answer()


def test_a_planted_change_is_found_in_a_log(tmp_path: Path) -> None:
    """Forty journeys answered after 2 h, then forty after 30 h; all else is equal."""
    rows = []
    for case in range(80):
        asked = after(days=case, hours=1)
        answered = after(days=case, hours=3 if case < 40 else 31)
        common = {"case_id": f"k{case}", "customer": f"c{case}", "employee": "Ana"}
        rows += [
            common | {"occurred_at": asked, "direction": "inbound"},
            common | {"occurred_at": answered, "direction": "outbound", "touchpoint": "answer"},
        ]
    home, sides = home_of(rows, tmp_path / "home"), []
    for selection in (Selection(until=after(days=40)), Selection(since=after(days=40))):
        with open_view(home, selection) as view:
            sides.append(measured(view))
    made = compare(*sides)
    assert {d.first.name for d in made.differences if d.clear} == {"length", "wait_ours"}
    wait = next(d for d in made.differences if d.first.name == "wait_ours")
    assert (wait.first.value, wait.second.value, wait.value) == (7_200.0, 108_000.0, 100_800.0)
    assert made.tables()[0].data.num_rows == len(made.differences) == made.table().num_rows

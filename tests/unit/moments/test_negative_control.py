"""What was before a situation: nothing where chance decided who came into it, and seen where something else did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.unit.moments.test_bad_input import BEGIN, Rows, day, home_of, row

from tiesa.journeys.view import open_view
from tiesa.moments.finding import find_moments
from tiesa.moments.moments import Moment
from tiesa.moments.outcomes import Outcome
from tiesa.upkeep.rule_files import write_rules

N = 3000
OWN = '[[situations]]\nname = "A fault"\nall = [{atom = "touchpoint", touchpoint = "fault"}]\n'


def fault(folder: Path, *, of_often: float, of_seldom: float, outcome: Outcome, silent: float = 0.0) -> Moment:
    """Everybody had a journey of one question or of four; then a fault, or a bill, and we ask how they feel. Who had
    a fault comes back to the old question later.

    of_often, of_seldom: how likely the fault is after four questions, and after one. silent: how many do not say how
    they feel after a fault.
    """
    rng = np.random.default_rng(5)
    begun, often = rng.uniform(1, 250, N), rng.random(N) < 0.5
    failed = rng.random(N) < np.where(often, of_often, of_seldom)
    cross = rng.random(N) < np.where(failed, 0.6, 0.2)
    said = np.random.default_rng(6).random(N) >= np.where(failed, silent, 0.0)
    rows: Rows = []
    for i in range(N):
        rows += [row(f"c{i}", begun[i] + k / 10, "question") for k in range(4 if often[i] else 1)]
        rows += [row(f"c{i}", begun[i] + 61, "question")] * bool(failed[i])
        later = [row(f"c{i}", begun[i] + 60, "fault" if failed[i] else "bill"), row(f"c{i}", begun[i] + 62, "talk")]
        later[1] |= {"direction": "outbound"} | ({"emotion": -0.8 if cross[i] else 0.4} if said[i] else {})
        rows += [one | {"case_id": f"c{i} later"} for one in later]
    known = [{"customer": f"c{i}", "as_of": BEGIN, "since": day(-400)} for i in range(N)]
    gone = np.flatnonzero(rng.random(N) < np.where(failed, 0.4, 0.1))
    ends = [{"customer": f"c{i}", "kind": "left", "at": day(begun[i] + 63 + rng.uniform(1, 100))} for i in gone]
    home = home_of(folder, [row("first", 0, "note"), *rows, row("last", 600, "note")], known, ends)
    write_rules(home, "situations", OWN)
    with open_view(home) as view:
        moment = find_moments(view, outcome=outcome).moments.own[0].moment
    assert moment is not None
    assert moment.shown
    return moment


@pytest.mark.parametrize("outcome", [Outcome.LEFT, Outcome.NEGATIVE_EMOTION])
def test_where_chance_decides_nothing_was_different_before(outcome: Outcome, tmp_path: Path) -> None:
    control = fault(tmp_path, of_often=0.3, of_seldom=0.3, outcome=outcome).diagnostics["negative_control"]
    assert control["low"] <= 0 <= control["high"]
    assert control["high"] - control["low"] < 1
    assert control["n"] > N / 5


@pytest.mark.parametrize("outcome", [Outcome.LEFT, Outcome.NEGATIVE_EMOTION])
def test_who_turned_to_us_more_often_before_is_seen(outcome: Outcome, tmp_path: Path) -> None:
    """Questions are 4 or 1: after a fault four of five had asked four times, without one a third of them."""
    control = fault(tmp_path, of_often=0.5, of_seldom=0.1, outcome=outcome).diagnostics["negative_control"]
    assert control["low"] > 0.8
    assert control["effect"] == pytest.approx(3 * (5 / 6 - 5 / 14), abs=0.3)


@pytest.mark.parametrize("silent", [0.0, 0.5])
def test_how_many_say_how_they_feel_stands_beside_how_many_do_elsewhere(silent: float, tmp_path: Path) -> None:
    """A fault could have been at every contact: at the old questions, of which nobody speaks, and at the bills."""
    told = fault(tmp_path, of_often=0.3, of_seldom=0.3, outcome=Outcome.NEGATIVE_EMOTION, silent=silent).diagnostics
    answers = told["who_answers"]
    assert answers["exposed"] == pytest.approx(1 - silent, abs=0.06)
    assert answers["compared"] == pytest.approx(0.7 / 1.7, abs=0.04)
    assert answers["low"] < answers["exposed"] - answers["compared"] < answers["high"]
    assert answers["exposed_n"] == pytest.approx(0.3 * N / 2, rel=0.1)


def test_of_what_customers_do_nobody_needs_to_answer(tmp_path: Path) -> None:
    assert "who_answers" not in fault(tmp_path, of_often=0.3, of_seldom=0.3, outcome=Outcome.LEFT).diagnostics

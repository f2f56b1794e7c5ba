"""From when on a situation works: intervals that hold the limit that was planted, and no limit where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.moments.test_bad_input import BEGIN, Rows, day, found_in, home_of, row

from tiesa.moments.atoms import Atom
from tiesa.moments.confirm import confirm
from tiesa.moments.finding import Found
from tiesa.moments.situations import Situation
from tiesa.moments.thresholds import learned_thresholds

N = 3000
OWN = """[[situations]]
name = "A long call"
all = [{atom = "duration_s", at_least = 1200}, {atom = "touchpoint", touchpoint = "call"}]
"""


def company(folder: Path, *, works_from: float) -> Found:
    """Everybody calls once for up to an hour; of those who talk so long, many leave soon."""
    rng = np.random.default_rng(20)
    called, lasted = rng.uniform(10, 300, N), rng.uniform(60, 3600, N)
    calls: Rows = [row(f"c{i}", called[i], "call") | {"duration_s": float(lasted[i])} for i in range(N)]
    gone = np.flatnonzero(rng.random(N) < np.where(lasted >= works_from, 0.35, 0.05))
    ends = [{"customer": f"c{i}", "kind": "left", "at": day(called[i] + rng.uniform(1, 120))} for i in gone]
    known = [{"customer": f"c{i}", "as_of": BEGIN, "since": day(-400)} for i in range(N)]
    return found_in(home_of(folder, [row("first", 0, "note"), *calls, row("last", 500, "note")], known, ends), OWN)


@pytest.mark.parametrize("planted", [600, 1200, 2400])
def test_the_interval_holds_the_limit_that_was_planted_and_little_more(planted: int, tmp_path: Path) -> None:
    """Also where a person named another limit; the interval has the grain of the grid."""
    moment = company(tmp_path, works_from=planted).moments.own[0].moment
    assert moment is not None
    assert moment.shown
    (located,) = moment.diagnostics["thresholds"]
    assert located["condition"] == {"atom": "duration_s", "at_least": 1200}
    grid = located["grid"]
    below = grid[max(grid.index(located["low"]) - 1, 0)]
    above = grid[min(grid.index(located["high"]) + 1, len(grid) - 1)]
    assert below <= planted <= above
    assert located["high"] - located["low"] <= 500


def test_where_nothing_depends_on_a_limit_it_cannot_be_located(tmp_path: Path) -> None:
    tested = company(tmp_path, works_from=np.inf).confirmation
    atoms = [Atom("over", "duration_s", 1800.0), Atom("over", "recent_contacts", 3)]
    tested = confirm(tested.timeline, tested.model, [Situation.of([atom]) for atom in atoms])
    told: list[dict[str, Any]] = learned_thresholds(tested, 0)
    assert [one.get("cannot_be_located") for one in told] == [True]
    assert "low" not in told[0]
    assert learned_thresholds(tested, 1) == [], "that they turned to us is a reaction, and has no limit"

"""The early warning in made-up companies: what it says on later time comes true, and nothing of the future leaks.

A usual run pools three small worlds, a long run (`./tiesa test --long`) twenty large ones. The worlds' leaving rate has
seasons, which no model of less than two years can know: they alone put what is said 6 % above what comes
(docs/early-warning.md). The intervals hold chance, not the season.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from scipy.stats import chi2

import tiesa
from tiesa.core.home import Home
from tiesa.journeys.view import open_view
from tiesa.moments.warning_tested import Trial
from tiesa.moments.warning_today import early_warning
from tiesa.simulate import simulate

LONG = bool(os.environ.get("TIESA_LONG"))
SEEDS, CUSTOMERS = (range(40_000, 40_020), 20_000) if LONG else (range(9401, 9404), 8_000)

SEASON = 0.063
"""Log of what the calendar of these worlds alone does to said : came: learned from a year, tested on a summer."""


def trial_of(seed: int, customers: int) -> Trial:
    """What the test of the early warning says in one world."""
    with TemporaryDirectory(prefix="tiesa-world-") as folder:
        company, home = Path(folder) / "company", Home(Path(folder) / "home")
        simulate(customers, seed=seed, out=company)
        for name in ("customers", "contacts", "outcomes"):
            tiesa.import_file(company / f"{name}.parquet", home)
        tiesa.build(home)
        with open_view(home) as view:
            found = early_warning(view).tested
    assert found is not None
    return found


@pytest.fixture(scope="module")
def trials() -> list[Trial]:
    if not LONG:
        return [trial_of(seed, CUSTOMERS) for seed in SEEDS]
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(trial_of, SEEDS, [CUSTOMERS] * len(SEEDS)))


@pytest.mark.xdist_group("truth-warning")
def test_the_slope_of_calibration_is_one(trials: list[Trial]) -> None:
    held = sum(one.slope.low <= 1 <= one.slope.high for one in trials)
    assert held >= (0.85 if LONG else 0.6) * len(trials)
    slopes = np.array([one.slope.value for one in trials])
    errors = np.array([(one.slope.high - one.slope.low) / 3.92 for one in trials])
    pooled, error = np.average(slopes, weights=errors**-2), (errors**-2).sum() ** -0.5
    assert abs(pooled - 1) <= (0.1 if LONG else 1.96 * error)


@pytest.mark.xdist_group("truth-warning")
def test_as_many_leave_as_was_said_the_season_apart(trials: list[Trial]) -> None:
    said = sum(one.expected * one.customers for one in trials)
    came = sum(one.observed.value * one.customers for one in trials)
    noise = 0 if LONG else 1.96 / came**0.5
    assert abs(np.log(said / came) - SEASON) <= 0.06 + noise, (said, came)


@pytest.mark.xdist_group("truth-warning")
def test_where_said_and_came_differ_it_is_by_chance(trials: list[Trial]) -> None:
    """The intervals hold the chance of what was learned and of the test, and no more than that is to be explained."""
    held = sum(one.ratio.low <= 1 <= one.ratio.high for one in trials)
    assert held >= 0.6 * len(trials)  # with the season they hold 1 in 83 to 91 of 100 worlds, without it in 95
    misses = np.log([one.ratio.value for one in trials])
    errors = np.array([np.log(one.ratio.high / one.ratio.low) / 3.92 for one in trials])
    assert (((misses - SEASON) / errors) ** 2).sum() <= chi2.ppf(0.99, len(trials))


@pytest.mark.xdist_group("truth-warning")
def test_those_on_top_leave_more_often(trials: list[Trial]) -> None:
    assert sum(one.tells_apart for one in trials) >= (0.9 if LONG else 0.6) * len(trials)  # else: cannot be judged
    assert np.mean([one.lift_tenth.value for one in trials]) > 1.4
    assert sum(one.gain.value > 0 for one in trials) > len(trials) / 2  # a smaller Brier score than the usual share's

"""Cumulative incidence with competing ends: by hand, against a second implementation, and with known truth."""

from __future__ import annotations

import numpy as np
import pytest

from tiesa.journeys.survival import incidence

OPEN, REACHED, ABANDONED = 0, 1, 2


def drawn(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Ends at rates 0.1 and 0.05 a day, watched for a random while of 5 to 30 days; whole hours, so that ties occur."""
    random = np.random.default_rng(seed)
    end, watched = random.exponential(1 / 0.15, n), random.uniform(5, 30, n)
    kind = np.where(random.random(n) < 2 / 3, REACHED, ABANDONED)
    state = np.where(end <= watched, kind, OPEN).astype(np.int8)
    hours = np.ceil(np.minimum(end, watched) * 24)
    return (hours * 3_600_000_000).astype(np.int64), state


def test_by_hand() -> None:
    # Five journeys: reached at 1 s, open at 2 s, abandoned at 3 s, reached at 3 s, open at 9 s.
    us = np.array([1, 2, 3, 3, 9]) * 1_000_000
    curve = incidence(us, np.array([REACHED, OPEN, ABANDONED, REACHED, OPEN], np.int8))
    # At 1 s: 1 of 5 reach. At 3 s: 3 are watched and 4/5 are still under way: 4/5 * 1/3 end in each.
    assert curve.times_s.tolist() == [1.0, 3.0]
    assert curve.probability["reached"].tolist() == pytest.approx([0.2, 0.2 + 0.8 / 3])
    assert curve.probability["abandoned"].tolist() == pytest.approx([0.0, 0.8 / 3])
    assert curve.open_.tolist() == pytest.approx([0.8, 0.8 / 3])
    assert curve.at_risk.tolist() == [5, 3]
    assert curve.at(2.5, "reached") == pytest.approx((0.2, curve.low["reached"][0], curve.high["reached"][0]))
    assert curve.at(0.5, "reached") == (0.0, 0.0, 0.0)
    assert curve.at(10.0, "reached") is None  # nobody was watched so long


def test_probabilities_and_errors_are_those_of_statsmodels() -> None:
    survfunc = pytest.importorskip("statsmodels.duration.survfunc")
    us, state = drawn(400, 1)
    ours = incidence(us, state)
    with np.errstate(all="ignore"):
        theirs = survfunc.CumIncidenceRight(us / 1e6, state.astype(int))
    at = np.searchsorted(theirs.times, ours.times_s)
    for k, name in enumerate(("reached", "abandoned")):
        assert ours.probability[name] == pytest.approx(theirs.cinc[k][at], abs=1e-12)
        value, error = ours.probability[name], theirs.cinc_se[k][at]
        inside = (value > 0) & np.isfinite(error) & (error > 0)
        half = 1.959963984540054 * error[inside] / (value[inside] * np.log(value[inside]))
        assert ours.high[name][inside] == pytest.approx(value[inside] ** np.exp(half), abs=1e-9)


def test_the_interval_covers_the_truth_it_says() -> None:
    """Known truth: by day 10 a share 2/3 * (1 - exp(-1.5)) has reached the goal."""
    truth, day = 2 / 3 * (1 - np.exp(-1.5)), 86_400.0
    covered = 0
    for seed in range(300):
        found = incidence(*drawn(200, seed)).at(10 * day, "reached")
        assert found is not None
        covered += found[1] <= truth <= found[2]
    assert 0.92 <= covered / 300 <= 0.98


def test_leaving_open_journeys_out_would_lie() -> None:
    us, state = drawn(5_000, 7)
    naive = float(np.mean(state[state != OPEN] == REACHED))
    ever = incidence(us, state).probability["reached"][-1]
    short = incidence(us, state).at(5 * 86_400.0, "reached")
    assert short is not None
    assert abs(short[0] - 2 / 3 * (1 - np.exp(-0.75))) < 0.03
    assert naive > short[0] + 0.1
    assert ever <= 2 / 3 + 0.03


def test_nothing_and_one() -> None:
    nothing = incidence(np.zeros(0, np.int64), np.zeros(0, np.int8))
    assert nothing.table().num_rows == 0
    assert nothing.at(1.0, "reached") is None
    one = incidence(np.array([5_000_000]), np.array([REACHED], np.int8))
    assert one.probability["reached"].tolist() == [1.0]
    assert one.median_s("reached") == 5.0

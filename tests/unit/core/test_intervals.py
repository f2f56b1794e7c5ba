"""Intervals agree with published figures, and cover what they promise."""

import random

import pytest

from tiesa.core.intervals import InvalidCount, quantile_ranks, share, wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"), [(8, 10, 0.4902, 0.9433), (10, 10, 0.7225, 1.0), (0, 12, 0.0, 0.2425)]
)
def test_wilson_agrees_with_the_published_figures(successes: int, trials: int, low: float, high: float) -> None:
    found = wilson_interval(successes, trials)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_share_of_nothing_has_no_value_and_says_nothing() -> None:
    nothing = share(0, 0)
    assert nothing.value is None
    assert (nothing.interval.low, nothing.interval.high) == (0, 1)


@pytest.mark.parametrize(("successes", "trials"), [(3, 2), (-1, 4)])
def test_impossible_counts_are_refused(successes: int, trials: int) -> None:
    with pytest.raises(InvalidCount):
        wilson_interval(successes, trials)


def test_the_interval_of_a_median_covers_it_as_often_as_it_says() -> None:
    seed, covered, rounds = random.Random(3), 0, 4_000
    ranks = quantile_ranks(40, 0.5)
    assert ranks is not None
    low, high = ranks
    for _round in range(rounds):
        values = sorted(seed.expovariate(1) for _n in range(40))
        covered += values[low - 1] <= 0.693147 <= values[high - 1]
    assert 0.945 < covered / rounds < 0.975


def test_too_few_values_have_no_interval() -> None:
    assert quantile_ranks(5, 0.5) is None

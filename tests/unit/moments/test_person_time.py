"""The model of person-time: every day is counted once, in the right cell, and the fit is the one statisticians know."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from tiesa.moments.cells import Cells
from tiesa.moments.episodes import Windows
from tiesa.moments.hazard import PersonTime, held
from tiesa.moments.packed import Packing
from tiesa.moments.people import NEVER, People, Traits
from tiesa.moments.person_time import common, earlier
from tiesa.moments.rates import poisson

DAY = 86_400
WIDTH = 5 * DAY
BINS = 40


def people_of(n: int, rng: np.random.Generator) -> People:
    enter = rng.integers(0, 60 * DAY, n)
    leave = enter + rng.integers(DAY, 100 * DAY, n)
    left = rng.random(n) < 0.5
    nothing = Traits(np.empty(0, np.int64), np.empty(0, np.int64), {})
    key = np.arange(n)
    us = 1_000_000
    ends = int(leave.max()) * us
    return People(key, enter * us, leave * us, left, np.full(n, NEVER), key % 2 == 1, key, 0, ends, nothing)


def windows_in(people: People, rng: np.random.Generator, share: float) -> Windows:
    """Up to two windows a customer, within their time at risk."""
    rows = []
    for customer in np.flatnonzero(rng.random(len(people)) < share):
        low, high = people.enter[customer] // 1_000_000, people.leave[customer] // 1_000_000
        marks = np.sort(rng.integers(low, high + 1, 4))
        marks[3] = high if rng.random() < 0.5 else marks[3]  # else hardly an outcome would lie in a window
        rows += [(customer, a, b) for a, b in (marks[:2], marks[2:]) if b > a]
    customer, start, stop = (
        (np.array(x, np.int32) for x in zip(*rows, strict=True)) if rows else (np.empty(0, np.int32),) * 3
    )
    events = people.left[customer] & (stop == people.leave[customer] // 1_000_000)
    return Windows(np.arange(len(customer), dtype=np.int32), customer, start, stop, int(events.sum()))


def time_of(people: People, rng: np.random.Generator, cells: int = 3) -> PersonTime:
    codes = rng.integers(0, cells, (len(people), BINS)).astype(np.int32)
    levels = {"static": 1, "tenure": 1, "month": 1, "journeys": cells}
    return PersonTime(
        people,
        Cells(codes, WIDTH, levels, np.zeros((1, 0), np.int64), ()),
        people.enter // 1_000_000,
        people.leave // 1_000_000,
        180 * 86_400_000_000,
        Packing(np.empty(0, np.int32), np.empty(0, np.int32), people.leave // 1_000_000, 180 * 86_400),
    )


def by_hand(time: PersonTime, windows: list[Windows]) -> tuple[dict, dict]:
    """Seconds and outcomes by (situations, cell), second by second in steps of whole changes."""
    seconds: dict[tuple[int, int], int] = {}
    events: dict[tuple[int, int], int] = {}
    for customer in range(len(time.people)):
        low, high = int(time.enter[customer]), int(time.leave[customer])
        cuts = {low, high, *range(0, BINS * WIDTH, WIDTH)}
        for w in windows:
            own = w.customer == customer
            cuts |= {int(x) for x in (*w.start[own], *w.stop[own])}
        marks = sorted(c for c in cuts if low <= c <= high)
        for a, b in pairwise(marks):
            bits = 0
            for k, w in enumerate(windows):
                own = w.customer == customer
                bits |= int(((w.start[own] <= a) & (w.stop[own] >= b)).any()) << k
            cell = int(time.cells.codes[customer, min(a // WIDTH, BINS - 1)])
            seconds[bits, cell] = seconds.get((bits, cell), 0) + b - a
            if b == high and time.people.left[customer]:
                events[bits, cell] = events.get((bits, cell), 0) + 1
    return seconds, events


@pytest.mark.parametrize("seed", range(6))
def test_every_second_and_every_outcome_is_counted_once_where_it_belongs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = people_of(25, rng)
    time = time_of(people, rng)
    windows = [windows_in(people, rng, share) for share in (0.5, 0.3, 0.9)]
    days, events, bits = time._collapsed(windows)
    found = {
        (int(sum(1 << k for k in np.flatnonzero(bits[p]))), c): days[p, c] for p, c in np.argwhere(days > 0).tolist()
    }
    met = {
        (int(sum(1 << k for k in np.flatnonzero(bits[p]))), c): events[p, c]
        for p, c in np.argwhere(events > 0).tolist()
    }
    assert (found, met) == by_hand(time, windows)


@pytest.mark.parametrize("seed", range(4))
def test_as_many_outcomes_are_expected_as_there_were(seed: int) -> None:
    """The score equation of a Poisson model, through every loop: fit, cumulate, add up."""
    rng = np.random.default_rng(100 + seed)
    people = people_of(400, rng)
    time = time_of(people, rng)
    windows = [windows_in(people, rng, 0.5), windows_in(people, rng, 0.4)]
    fit = time.fit(windows)
    cumulative = time.cumulative(fit, windows)
    everybody = np.arange(len(people), dtype=np.int32)
    whole = time.expected_each(cumulative, everybody, time.enter.astype(np.int32), time.leave.astype(np.int32))
    assert whole.sum() == pytest.approx(people.left.sum(), rel=0.02)
    for one in windows:
        assert time.expected(cumulative, one) == pytest.approx(one.events, rel=0.1)


def test_the_fit_is_that_of_another_program() -> None:
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(300), rng.integers(0, 2, (300, 3))])
    exposure = rng.uniform(10, 1000, 300)
    events = rng.poisson(np.exp(x @ [-4.0, 0.5, -0.3, 1.0]) * exposure).astype(float)
    parameters, _value, covariance = poisson(sparse.csr_matrix(x), events, exposure)
    other = sm.GLM(events, x, family=sm.families.Poisson(), exposure=exposure).fit(tol=1e-12)
    assert parameters == pytest.approx(other.params, abs=1e-6)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(other.bse, rel=1e-5)


def test_a_situation_nobody_was_in_has_no_effect_and_no_certainty() -> None:
    rng = np.random.default_rng(8)
    people = people_of(50, rng)
    none = np.empty(0, np.int32)
    fit = time_of(people, rng).fit([Windows(none, none, none, none, 0)])
    assert fit.effect[0] == 0
    assert not np.isfinite(fit.error[0]) or fit.error[0] == 0


@given(st.integers(0, 2**32 - 1))
def test_days_in_common_are_those_counted_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = people_of(6, rng)
    one, other = windows_in(people, rng, 0.8), windows_in(people, rng, 0.8)
    shared = sum(
        max(0, min(int(b), int(d)) - max(int(a), int(c)))
        for i, a, b in zip(one.customer, one.start, one.stop, strict=True)
        for j, c, d in zip(other.customer, other.start, other.stop, strict=True)
        if i == j
    )
    lists = (one.customer, one.start, one.stop, other.customer, other.start, other.stop)
    assert common(*lists) == shared
    begins = [
        (int(a), int(c))
        for i, a, b in zip(one.customer, one.start, one.stop, strict=True)
        for j, c, d in zip(other.customer, other.start, other.stop, strict=True)
        if i == j and a < d and c < b
    ]
    counts = np.zeros(3, np.int64)
    earlier(*lists, counts)
    assert counts.tolist() == [
        sum(a < c for a, c in begins), sum(a > c for a, c in begins), sum(a == c for a, c in begins),
    ]  # fmt: skip
    earlier(*lists[:3], *lists[:3], counts)
    assert counts[2] >= len(one), "with itself everything begins at once"


def test_windows_of_several_situations_lie_one_after_another() -> None:
    rng = np.random.default_rng(3)
    people = people_of(10, rng)
    windows = [windows_in(people, rng, 0.7), windows_in(people, rng, 0.7)]
    made = held(windows, len(people))
    assert made.first[0, 0] == 0
    assert made.first[1, -1] == len(made.start) == sum(map(len, windows))

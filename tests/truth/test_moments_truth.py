"""Moments in made-up companies whose truth is known: what is confirmed is true, and what does nothing is left alone.

A usual run has 20 small worlds with bounds to match their size; a long run (`./tiesa test --long`) 200 that are large
enough for the goals themselves. No seed here was looked at while the search was built (docs/truth.md has the figures).
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor

import pytest
from tests.truth.worlds import Outcome, outcome_of

from tiesa.moments.states import State

LONG = bool(os.environ.get("TIESA_LONG"))
WORKING = (range(20_000, 20_100), 20_000) if LONG else (range(9101, 9111), 5_000)
IDLE = (range(30_000, 30_100), 8_000) if LONG else (range(9201, 9211), 3_000)


def world(seed: int, customers: int, effects: bool) -> Outcome:
    return outcome_of(customers, seed, effects=effects)


def worlds(seeds: range, customers: int, *, effects: bool) -> list[Outcome]:
    if not LONG:
        return [world(seed, customers, effects) for seed in seeds]
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(world, seeds, [customers] * len(seeds), [effects] * len(seeds)))


@pytest.fixture(scope="module")
def working() -> list[Outcome]:
    """Companies in which five situations make customers leave or stay."""
    return worlds(*WORKING, effects=True)


@pytest.mark.xdist_group("truth-working")
def test_what_is_confirmed_is_true(working: list[Outcome]) -> None:
    confirmed = [one for world in working for one in world.confirmed]
    false = sum(world.false for world in working)
    assert len(confirmed) >= len(working) // 2
    assert false <= max(0.05 * len(confirmed), 0 if LONG else 2), [c for c in confirmed if c["verdict"] == "false"]


@pytest.mark.xdist_group("truth-working")
def test_one_by_one_far_more_would_look_significant(working: list[Outcome]) -> None:
    """What the search is for: proxies stand beside every cause."""
    assert sum(world.one_by_one for world in working) > 10 * sum(len(world.confirmed) for world in working)


@pytest.mark.xdist_group("truth-working")
def test_the_strongest_situations_are_found(working: list[Outcome]) -> None:
    found = [name for world in working for name in world.hits]
    if LONG:
        assert len(found) >= 0.85 * sum(len(world.planted) for world in working)
    else:
        assert found.count("bill_disputed_without_notice") >= 5


@pytest.mark.xdist_group("truth-working")
def test_intervals_hold_the_true_effect(working: list[Outcome]) -> None:
    hits = [one for world in working for one in world.confirmed if one["verdict"] == "hit"]
    held = sum(one["low"] <= one["true"] <= one["high"] for one in hits)
    assert held >= (0.9 * len(hits) if LONG else len(hits) - 2)


@pytest.mark.xdist_group("truth-working")
def test_what_is_felt_is_found_and_true(working: list[Outcome]) -> None:
    felt = [one for world in working for one in world.felt if not one["ends"]]
    hits = {
        (seed, one["planted"]) for seed, world in enumerate(working) for one in world.felt if one["verdict"] == "hit"
    }
    assert len(hits) >= 2 * len(working)
    false = [one for one in felt if one["verdict"] == "false"]
    assert len(false) <= max(0.05 * len(felt), 0 if LONG else 2), false


@pytest.mark.xdist_group("truth-working")
def test_what_makes_customers_leave_is_not_called_a_pain_point(working: list[Outcome]) -> None:
    called = [
        (world.seed, one["situation"])
        for world in working
        for one in world.felt
        if one["state"] == State.PAIN_POINT and world.planted.get(one["planted"], 0) and one["verdict"] == "hit"
    ]
    assert len(called) <= max(1, len(working) // 20), called


@pytest.mark.xdist_group("truth-idle")
def test_where_nothing_works_nothing_is_confirmed() -> None:
    found = worlds(*IDLE, effects=False)
    assert sum(any(not one["ends"] for one in world.felt) for world in found) <= max(0.05 * len(found), 1)
    assert sum(bool(world.confirmed) for world in found) <= max(0.05 * len(found), 0 if LONG else 1)
    assert sum(world.tested for world in found) > 500 * len(found)

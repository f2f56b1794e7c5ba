"""Moments in made-up companies whose truth is known: what is confirmed is true, and what does nothing is left alone.

A usual run has 20 small worlds with bounds to match their size; a long run (`./tiesa test --long`) 200 that are large
enough for the goals themselves. No seed here was looked at while the search was built (docs/truth.md has the figures).
With TIESA_WORLDS=FOLDER a long run keeps them there, for `python -m tests.truth.figures FILE`.
"""

from __future__ import annotations

import pytest
from tests.truth import figures
from tests.truth.worlds import LONG, World, worlds

from tiesa.moments.states import State

WORKING = ((range(50_000, 50_050), 20_000), (range(50_050, 50_100), 8_000)) if LONG else ((range(9101, 9111), 5_000),)
IDLE = ((range(60_000, 60_100), 8_000),) if LONG else ((range(9201, 9211), 3_000),)


@pytest.fixture(scope="module")
def working() -> list[World]:
    """Companies in which five situations make customers leave or stay."""
    return worlds(WORKING)


@pytest.mark.xdist_group("truth-working")
def test_what_is_confirmed_is_true(working: list[World]) -> None:
    confirmed = [one for world in working for one in world.confirmed]
    false = sum(world.false for world in working)
    assert len(confirmed) >= len(working) // 2
    assert false <= max(0.05 * len(confirmed), 0 if LONG else 2), [c for c in confirmed if c["verdict"] == "false"]


@pytest.mark.xdist_group("truth-working")
def test_one_by_one_far_more_would_look_significant(working: list[World]) -> None:
    """What the search is for: proxies stand beside every cause."""
    assert sum(world.one_by_one for world in working) > 10 * sum(len(world.confirmed) for world in working)


@pytest.mark.xdist_group("truth-working")
@pytest.mark.parametrize("way", ["beside", "together"])
@pytest.mark.parametrize("outcome", [figures.LEFT, figures.SCORE])
def test_intervals_of_situations_named_before_hold_the_truth(working: list[World], outcome: str, way: str) -> None:
    """Found or not, harmless or not, each beside what was found, or all in one model."""
    held = figures.together(one.covered for one in figures.named(working, outcome, way))
    assert held.n >= 8 * len(working)  # of scores, in small worlds, some are measured too seldom
    assert (0.91 if LONG else 0.86) <= (held.value or 0) <= (0.98 if LONG else 1), figures.told(held)


@pytest.mark.xdist_group("truth-working")
@pytest.mark.parametrize("way", ["beside", "together"])
def test_decoys_are_not_taken_for_causes(working: list[World], way: str) -> None:
    """Confounded by segment or tenure, or harmless: their estimates are off by 0.3 point at most, or a fifth of what a
    look without adjustment is off."""
    decoys = [one for one in figures.named(working, way=way) if one.is_decoy]
    assert len(decoys) >= 7
    errors = 1.96 if LONG else 4.0  # ten worlds, eight decoys: Student's t with 9 degrees, Bonferroni
    assert [one for one in decoys if not one.is_unbiased(0.003, errors)] == []


@pytest.mark.xdist_group("truth-working")
def test_what_can_be_found_is_found(working: list[World]) -> None:
    """A z of 5 is to be expected in worlds of 20,000 customers; in small ones hardly one of 2 is."""
    largest = max(world.customers for world in working)
    large = [world for world in working if world.customers == largest]
    clear = [one for one in figures.named(large, way="together") if one.z >= (figures.AIMED_Z if LONG else 2.0)]
    assert clear
    assert (figures.together(one.found for one in clear).value or 0) >= (0.9 if LONG else 0.15), clear


@pytest.mark.xdist_group("truth-working")
def test_the_strongest_situations_are_found(working: list[World]) -> None:
    found = [name for world in working for name in world.hits]
    assert found.count("bill_disputed_without_notice") >= 0.5 * len(working)


@pytest.mark.xdist_group("truth-working")
def test_intervals_hold_the_true_effect(working: list[World]) -> None:
    hits = [one for world in working for one in world.confirmed if one["verdict"] == "hit"]
    held = sum(one["low"] <= one["true"] <= one["high"] for one in hits)
    assert held >= (0.9 * len(hits) if LONG else len(hits) - 2)


@pytest.mark.xdist_group("truth-working")
def test_what_is_felt_is_found_and_true(working: list[World]) -> None:
    felt = figures.confirmed(working, figures.SCORE)
    hits = {
        (seed, one["planted"]) for seed, world in enumerate(working) for one in world.felt if one["verdict"] == "hit"
    }
    assert len(hits) >= 2 * len(working)
    false = [one for one in felt if one["verdict"] == "false"]
    assert len(false) <= max(0.05 * len(felt), 0 if LONG else 2), false


@pytest.mark.xdist_group("truth-working")
def test_what_makes_customers_leave_is_not_called_a_pain_point(working: list[World]) -> None:
    called = [
        (world.seed, one["situation"])
        for world in working
        for one in world.felt
        if one["state"] == State.PAIN_POINT and world.planted.get(one["planted"], 0) and one["verdict"] == "hit"
    ]
    assert len(called) <= max(1, len(working) // 20), called


@pytest.mark.xdist_group("truth-idle")
def test_where_nothing_works_nothing_is_confirmed() -> None:
    """Of any outcome: leaving, scores, moods, goals, recommendations, margins."""
    found = worlds(IDLE, "no-effects")
    wrong = [world.seed for world in found if world.confirmed or world.felt or world.others]
    assert len(wrong) <= max(0.05 * len(found), 0 if LONG else 1), wrong
    assert sum(world.tested for world in found) > 500 * len(found)

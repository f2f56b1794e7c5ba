"""`truth.json` is true: effects are what the same customers show in the world without the situation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from tiesa.simulate import Company, Simulated, simulate
from tiesa.simulate.clock import END_US
from tiesa.simulate.leaving import HORIZON_US, effect_of
from tiesa.simulate.situations import BY_ID, SITUATIONS
from tiesa.simulate.world import Life, live

HARMFUL = [s.id for s in SITUATIONS if s.kind == "moment"]
MOVING = [s.id for s in SITUATIONS if s.hazard_ratio != 1]
STILL = [s.id for s in SITUATIONS if s.hazard_ratio == 1]


def truth(made: Simulated, name: str) -> dict[str, Any]:
    return next(s for s in made.truth["situations"] if s["id"] == name)


@pytest.fixture(scope="module")
def large() -> Life:
    return live(Company(12_000, 11))


@pytest.mark.parametrize("name", HARMFUL)
def test_a_moment_raises_leaving_by_two_to_seven_points_for_two_to_eleven_in_a_hundred(
    made: Simulated, name: str
) -> None:
    found = truth(made, name)
    assert 0.02 < found["effect"] < 0.075
    assert 0.02 < found["exposed_customers"] / made.truth["customers"] < 0.11


def test_following_up_with_the_cause_keeps_customers(made: Simulated) -> None:
    found = truth(made, "cause_explained_follow_up")
    assert -0.06 < found["effect"] < -0.015
    assert found["hazard_ratio"] < 1


@pytest.mark.parametrize("name", STILL)
def test_what_changes_nothing_has_an_effect_of_exactly_zero(made: Simulated, name: str) -> None:
    found = truth(made, name)
    assert (found["effect"], found["effect_one_draw"], found["leavings_caused"]) == (0, 0, 0)
    assert found["exposed_episodes"] > 0


def test_without_effects_every_effect_is_zero() -> None:
    plain = simulate(800, seed=2, effects=False)
    for found in plain.truth["situations"]:
        assert found["effect"] == found["effect_one_draw"] == found["leavings_caused"] == found["score"]["points"] == 0
        assert found["kind"] in ("confounded", "harmless")


@pytest.mark.parametrize("name", MOVING)
def test_expected_and_drawn_effect_agree(large: Life, name: str) -> None:
    effect = effect_of(large.world, name, large.met(name), large.left_at, large.rate)
    assert abs(effect.effect - effect.paired) < 4 * effect.paired_se
    assert np.sign(effect.leavings_caused) == np.sign(effect.effect)


@pytest.mark.parametrize("name", HARMFUL)
def test_leaving_after_exposure_is_higher_than_in_the_world_without_the_effect(large: Life, name: str) -> None:
    met = large.met(name)
    off = large.world.rate(without=name).leaves_at(large.world.draw)
    after = large.left_at[met.customer] < met.at + HORIZON_US
    assert after.sum() > (off[met.customer] < met.at + HORIZON_US).sum()
    never_met = np.setdiff1d(np.arange(len(large.people)), large.episodes[name].customer)
    assert (off[never_met] == large.left_at[never_met]).all()


def test_effect_is_the_mean_over_many_draws_of_leaving(large: Life) -> None:
    """The integral that `effect` claims to be, by brute force."""
    name = "promise_broken"
    met = large.met(name)
    first = np.unique(met.customer, return_index=True)[1]
    met = met.where(np.isin(np.arange(len(met)), first))
    alone = {**large.episodes, name: met}
    world = replace(large.world, episodes=alone)
    rate, without = world.rate(), world.rate(without=name)
    generator = np.random.default_rng(1)
    differences = []
    so_far = rate.until(met.customer, met.at)
    for _draw in range(40):
        draw = np.full(len(large.people), 99.0)
        draw[met.customer] = so_far + generator.standard_exponential(len(met))
        end = met.at + HORIZON_US
        left = [r.leaves_at(draw)[met.customer] < end for r in (rate, without)]
        differences.append(left[0].mean() - left[1].mean())
    effect = effect_of(world, name, met, large.left_at, rate)
    error = np.std(differences) / np.sqrt(len(differences))
    assert abs(np.mean(differences) - effect.effect) < 4 * error


def stratum_ratio(life: Life, name: str, stratum: np.ndarray) -> tuple[float, float]:
    """Leaving rate after the situation over that at other times among these customers, and the leavings after it."""
    met = life.met(name)
    met = met.where(stratum[met.customer])
    met = met.where(np.isin(np.arange(len(met)), np.unique(met.customer, return_index=True)[1]))
    end = np.minimum(life.left_at, END_US)
    stop = np.minimum(met.at + HORIZON_US, end[met.customer])
    exposed = (stop - met.at).sum()
    after = (life.left_at[met.customer] < np.minimum(met.at + HORIZON_US, END_US)).sum()
    whole = (end - life.people.at_risk_from)[stratum].sum()
    others = (life.left_at < END_US)[stratum].sum() - after
    return float(after / exposed / (others / (whole - exposed))), float(after)


def test_a_confounded_situation_looks_harmful_until_its_cause_is_looked_at(large: Life) -> None:
    name = "information_line_call"
    effect = effect_of(large.world, name, large.met(name), large.left_at, large.rate)
    assert effect.apparent_hazard_ratio > 1.2
    assert effect.effect == 0
    within = [stratum_ratio(large, name, large.people.segment == code) for code in range(4)]
    weights = np.array([share for _ratio, share in within])
    adjusted = np.average([ratio for ratio, _share in within], weights=weights)
    assert adjusted < 1 + (effect.apparent_hazard_ratio - 1) / 2
    budget = large.people.segment == 0
    caller = np.isin(np.arange(len(budget)), large.episodes[name].customer)
    assert caller[budget].mean() > 3 * caller[~budget].mean()


def test_a_hidden_trait_makes_a_harmless_contact_look_harmful() -> None:
    name = "contract_terms_asked"
    shown = {}
    for hidden in (False, True):
        life = live(Company(12_000, 4, hidden=hidden))
        shown[hidden] = effect_of(life.world, name, life.met(name), life.left_at, life.rate)
    assert shown[True].effect == shown[False].effect == 0
    assert shown[True].apparent_hazard_ratio > max(1.25, shown[False].apparent_hazard_ratio)


def test_pain_points_are_felt_and_change_no_leaving(made: Simulated) -> None:
    for name in ("queue_over_20_minutes", "documents_asked_again"):
        score = truth(made, name)["score"]
        assert score["points"] < -1
        assert score["dissatisfied"] > 0.15
        assert truth(made, name)["effect"] == 0


def test_every_exposure_is_an_existing_contact_of_a_customer_who_is_still_there(made: Simulated) -> None:
    exposures, contacts = made.tables["truth_exposures"], made.tables["contacts"]
    assert pc.all(pc.is_in(exposures["contact_id"], value_set=contacts["contact_id"].combine_chunks())).as_py()
    left = made.tables["outcomes"].filter(pc.equal(made.tables["outcomes"]["kind"], "left"))
    left_at = dict(zip(left["customer"].to_pylist(), left["at"].to_pylist(), strict=True))
    for customer, at in zip(exposures["customer"].to_pylist(), exposures["exposed_at"].to_pylist(), strict=True):
        assert customer not in left_at or at <= left_at[customer]
    counts = dict(exposures["situation"].value_counts().to_pylist()[i].values() for i in range(len(SITUATIONS)))
    assert counts == {s["id"]: s["exposed_episodes"] for s in made.truth["situations"]}


def test_leaving_by_itself_follows_segment_and_tenure(large: Life) -> None:
    left = large.left_at < END_US
    old = large.people.since < large.people.at_risk_from
    budget, business = large.people.segment == 0, large.people.segment == 3
    assert left[budget & old].mean() > 1.8 * left[business & old].mean()
    assert 0.08 < simulate(3000, seed=9).truth["left_per_year"] < 0.12


def test_answers_of_the_dissatisfied_are_missing_with_the_option() -> None:
    surveys = {flag: simulate(3000, seed=3, mood_nonresponse=flag).truth["surveys"] for flag in (False, True)}
    gap = {flag: s["mean_of_answers"] - s["mean_of_all_reached"] for flag, s in surveys.items()}
    assert abs(gap[False]) < 0.15
    assert gap[True] > 0.4


def test_drift_moves_leaving_waits_and_scores(large: Life) -> None:
    drifting = simulate(3000, seed=8, drift=True)
    steady = simulate(3000, seed=8)
    assert drifting.truth["left_per_year"] > 1.1 * steady.truth["left_per_year"]
    assert drifting.truth["surveys"]["mean_of_all_reached"] < steady.truth["surveys"]["mean_of_all_reached"] - 0.15


def test_with_heavy_tails_few_customers_make_most_contacts_and_some_replies_take_very_long() -> None:
    usual, heavy = (simulate(3000, seed=8, heavy_tails=flag).tables["contacts"] for flag in (False, True))
    most = []
    for contacts in (usual, heavy):
        each = np.sort(contacts["customer"].value_counts().field("counts").to_numpy())[::-1]
        most.append(each[:300].sum() / each.sum())
    assert most[1] > 1.6 * most[0]
    assert 0.5 < heavy.num_rows / usual.num_rows < 2


def test_households_leave_together() -> None:
    life = live(Company(6000, 3, households=True))
    left = life.left_at < END_US
    same = life.people.household[1:] == life.people.household[:-1]
    both, alone = (left[1:] & left[:-1])[same].mean(), left.mean() ** 2
    assert both > 1.5 * alone
    assert BY_ID.keys() == life.situations.keys()

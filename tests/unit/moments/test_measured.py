"""What is measured: the linear model against another implementation, against known truth, and its families of tests."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest

from tiesa.journeys.arrow_views import Words
from tiesa.moments.atoms import Atom
from tiesa.moments.compare import Opinion
from tiesa.moments.effect import Effect, episodes_needed
from tiesa.moments.felt import MARGIN, _joined, _needed
from tiesa.moments.landmark import held_against
from tiesa.moments.measured import Measured, Met
from tiesa.moments.outcomes import Outcome
from tiesa.moments.situations import Situation
from tiesa.moments.values import Values

N = 600


def model_of(value: np.ndarray, context: np.ndarray, cluster: np.ndarray) -> Measured:
    nothing = np.zeros(len(value), np.int64)
    words = Words(nothing, pa.array(["how was it"]))
    values = Values(nothing, nothing, nothing, nothing, value, np.full(len(value), np.nan), words, words)
    return Measured(cast(Any, None), values, context, cluster)


def met(model: Measured, exposed: np.ndarray, at: int = 0) -> Met:
    unit = np.flatnonzero(exposed).astype(np.int32)
    return model._met(unit, np.full(len(unit), at))


def world(seed: int, effects: tuple[float, float]) -> tuple[Measured, list[Met]]:
    """Two situations that often come together, of customers who are alike in threes."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(N // 3), 3)
    context = np.column_stack([np.ones(N), rng.normal(size=N), rng.random(N) < 0.4])
    one = rng.random(N) < 0.15 + 0.2 * context[:, 2]
    two = rng.random(N) < 0.1 + 0.4 * one
    value = context @ [7.0, 0.5, -1.0] + effects[0] * one + effects[1] * two
    value += rng.normal(size=N // 3)[cluster] * 0.7 + rng.normal(size=N)
    model = model_of(value, context, cluster)
    return model, [met(model, one), met(model, two)]


@pytest.mark.parametrize("seed", range(5))
def test_estimates_and_clustered_errors_are_those_of_statsmodels(seed: int) -> None:
    import statsmodels.api as sm

    model, exposures = world(seed, (-1.5, 0.0))
    x = np.zeros((N, 2))
    for k, one in enumerate(exposures):
        x[one.unit, k] = 1
    whole = sm.OLS(model.values.value, np.column_stack([x, model.context]))
    expected = whole.fit(cov_type="cluster", cov_kwds={"groups": model.cluster})
    fit = model.fit(exposures)
    assert np.allclose(fit.effect, expected.params[:2], rtol=1e-9)
    assert np.allclose(fit.error, expected.bse[:2], rtol=1e-9), "with as many degrees of freedom as the context leaves"


@pytest.mark.parametrize("seed", range(5))
def test_the_score_beside_others_is_the_t_of_a_joint_model_that_holds_it(seed: int) -> None:
    """A score test and a Wald test of the same linear model, with f degrees of freedom: t^2 = z^2 / (1 - z^2 / f)."""
    import statsmodels.api as sm

    model, (one, two) = world(seed, (-1.0, 0.6))
    x = np.zeros((N, 2))
    x[one.unit, 0], x[two.unit, 1] = 1, 1
    t = sm.OLS(model.values.value, np.column_stack([x, model.context])).fit().tvalues[1]
    (z,) = model.scores(model.fit([one]), [one], [two])
    assert np.isclose(t, z / np.sqrt(1 - z**2 / (N - 5)), rtol=1e-9)


def test_intervals_hold_the_truth_in_about_95_of_100_worlds() -> None:
    held = []
    for seed in range(300):
        model, exposures = world(seed, (-1.5, 0.0))
        fit = model.fit(exposures)
        held += [abs(fit.effect[k] - truth) <= 1.96 * fit.error[k] for k, truth in enumerate((-1.5, 0.0))]
    assert 0.92 <= np.mean(held) <= 0.975


def test_exposures_that_nothing_tells_apart_have_no_score_beside_each_other() -> None:
    model, (one, _two) = world(1, (-1.0, 0.0))
    assert model.scores(model.fit([one]), [one], [one])[0] == 0


def effect(value: float, error: float, episodes: int = 400) -> Effect:
    low, high = value - 1.96 * error, value + 1.96 * error
    return Effect(
        value=value, low=low, high=high, error=error, risk=0.1, ratio=1.0, ratio_low=0.8, ratio_high=1.2,
        unadjusted=0.0, episodes=episodes, customers=episodes, measured=episodes, events=10, compared=1000,
        e_value=1.0, e_value_bound=1.0,
    )  # fmt: skip


def test_two_halves_are_as_good_as_twice_the_episodes() -> None:
    joined = _joined(effect(0.01, 0.01), effect(-0.01, 0.01))
    assert joined.value == pytest.approx(0)
    assert joined.error == pytest.approx(0.01 / np.sqrt(2))
    assert joined.episodes == 800


def test_with_as_many_more_episodes_as_it_says_the_interval_leaves_out_nothing() -> None:
    there = effect(0.02, 0.02)
    more = episodes_needed(there)
    assert more is not None
    error = there.error * np.sqrt(there.episodes / (there.episodes + more))
    assert there.value - 1.96 * error == pytest.approx(0, abs=1e-4)
    assert episodes_needed(effect(0.05, 0.02)) is None, "it does already"
    assert episodes_needed(effect(0.001, 0.02)) is None, "no number that means anything"
    assert episodes_needed(effect(0.0, 0.02)) is None


def test_with_as_many_more_episodes_as_it_says_the_interval_lies_within_the_margin() -> None:
    there = effect(0.004, 0.012)
    more = _needed(there)
    assert more is not None
    error = there.error * np.sqrt(there.episodes / (there.episodes + more))
    assert abs(there.value) + 1.645 * error <= MARGIN * 1.001
    assert abs(there.value) + 1.645 * there.error > MARGIN
    assert _needed(effect(0.02, 0.01)) is None


def test_a_second_opinion_that_sees_more_of_the_same_agrees() -> None:
    more = Opinion(0.29, 0.25, 0.33, 100, 500, 200.0, 0.0, 0.1, 0.05, ((), ()))
    assert held_against(effect(0.16, 0.03), more).why_not == ""


def test_methods_that_contradict_each_other_judge_nothing() -> None:
    def opinion(value: float) -> Opinion:
        return Opinion(value, value - 0.02, value + 0.02, 100, 500, 200.0, 0.0, 0.1, 0.05, ((), ()))

    assert held_against(effect(0.05, 0.01), opinion(0.04)).why_not == ""
    assert held_against(effect(0.20, 0.01), opinion(0.0)).why_not == "disagree"
    assert held_against(effect(0.20, 0.01), opinion(0.05)).why_not == "disagree", "it sees something, and a quarter"
    assert held_against(effect(-0.20, 0.01), opinion(-0.05)).why_not == "disagree"
    assert held_against(effect(0.20, 0.08), opinion(0.05)).why_not == "", "within their errors"
    assert held_against(effect(0.20, 0.01), opinion(0.12)).why_not == "", "more than half of it"


def test_a_feeling_is_not_explained_by_a_feeling_nor_an_end_by_a_step_towards_it() -> None:
    complaint, wait = Atom("word", "kind", "complaint"), Atom("unanswered", "us", 72)
    step, silence = Atom("word", "touchpoint", "order placed"), Atom("silence", "customer", 48)
    assert not Outcome.SCORE.admits(Situation.of([complaint, wait]))
    assert Outcome.LEFT.admits(Situation.of([complaint]))
    for ending in (Outcome.GOAL_MISSED, Outcome.SOLVED):
        assert not ending.admits(Situation.of([step, wait]))
        assert not ending.admits(Situation.of([silence, wait]))
        assert ending.admits(Situation.of([wait, Atom("count", "handover", 1)]))

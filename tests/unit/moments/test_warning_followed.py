"""The line of the early warning: fitted to the last year, with landmarks that are only partly followed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tiesa.core.business_time import DAY_US
from tiesa.moments.calibration import DRAWS, chance, line_through, log_hazard, redrawn, risk_of_hazard
from tiesa.moments.people import NEVER, YEAR_US
from tiesa.moments.warning_examples import Examples, weight_of
from tiesa.moments.warning_features import Known
from tiesa.moments.warning_followed import followed

HORIZON = 180 * DAY_US
NOW = 500 * DAY_US
CUSTOMERS = 40_000


def company(rate_lately: float = 1.0) -> tuple[Examples, np.ndarray]:
    """Customers seen once each in 500 days, with risks said of them, whose leaving rate changes a year before NOW."""
    random = np.random.default_rng(8)
    at = random.integers(0, NOW, CUSTOMERS)
    risk = risk_of_hazard(random.normal(-3, 0.7, CUSTOMERS))
    draw = random.exponential(size=CUSTOMERS) / (np.exp(log_hazard(risk)) / HORIZON)  # time to leaving at the rate said
    before = np.maximum(NOW - YEAR_US - at, 0)
    when = at + np.where(draw < before, draw, before + (draw - before) / rate_lately).astype(np.int64)
    who = np.arange(CUSTOMERS)
    return Examples(Known({}, {}), who, who, at, np.where(when < 2 * NOW, when, NEVER), HORIZON), risk


@pytest.mark.parametrize("rate", [1.0, 4.0, 0.25])
def test_the_level_is_that_of_the_last_year(rate: float) -> None:
    examples, risk = company(rate)
    intercept, slope = followed(examples, risk, NOW).line()
    assert slope == pytest.approx(1, abs=0.1)
    assert intercept + slope * -3 == pytest.approx(np.log(rate) - 3, abs=0.08)


def test_what_came_after_is_not_looked_at() -> None:
    examples, risk = company()
    unknown = replace(examples, when=np.where(examples.when > NOW, NEVER, examples.when))
    assert (unknown.when != examples.when).any()
    assert followed(unknown, risk, NOW).line() == followed(examples, risk, NOW).line()


def test_a_landmark_counts_for_the_part_of_its_horizon_that_fell_into_the_year() -> None:
    examples, risk = company()
    past = followed(examples, risk, NOW)
    until = np.minimum(np.minimum(examples.at + HORIZON, NOW), examples.when)  # who left is not followed any further
    expected = until - np.maximum(examples.at, NOW - YEAR_US)
    assert past.passed == pytest.approx(np.clip(expected, 0, None) / HORIZON, abs=0.05)
    assert past.came.sum() == ((examples.when > NOW - YEAR_US) & (examples.when <= NOW) & examples.came).sum()


def test_an_order_that_says_the_contrary_is_not_followed() -> None:
    examples, risk = company()
    intercept, slope = followed(examples, risk_of_hazard(-6 - log_hazard(risk)), NOW).line()
    assert slope == 0
    assert intercept == pytest.approx(np.log(-np.log1p(-risk)[examples.at > 0].mean()), abs=0.1)


def test_a_customer_weighs_once_a_quarter_however_often_looked_at() -> None:
    at = NOW - np.array([1, 2, 90, 92, 1]) * DAY_US
    who = np.array([0, 0, 0, 0, 1])
    examples = Examples(Known({}, {}), who, who, at, np.full(5, NEVER), HORIZON)
    assert examples.weight_by_quarter(NOW).tolist() == [1 / 3, 1 / 3, 1 / 3, 1, 1]
    assert weight_of(who).tolist() == [0.25, 0.25, 0.25, 0.25, 1]


def test_a_customer_is_drawn_with_all_that_is_known_of_them() -> None:
    def measured(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.append(one, other)

    value, draws = redrawn(measured, np.array([3, 7, 7]), np.array([7, 5]))
    assert value.tolist() == [1, 1, 1, 1, 1]
    assert draws.shape == (DRAWS, 5)
    assert (draws[:, 1] == draws[:, 2]).all()
    assert (draws[:, 1] == draws[:, 3]).all()
    assert (draws[:, 0] + draws[:, 1] + draws[:, 4] == 3).all()
    assert np.std(draws[:, 0]) > 0.5


@pytest.mark.parametrize("slope", [0.4, 1.0, 2.5, 5.0])
def test_a_line_is_found_through_risks_that_hardly_differ(slope: float) -> None:
    said = np.linspace(-3.4, -2.6, 81)
    n = 1000 * np.exp(-((said + 3) ** 2) / 0.045)
    share = chance(slope * (said + 3) - 3)  # exactly as many as the line says: nothing is left to chance
    both = np.append(said, said), np.append(np.ones(len(said)), np.zeros(len(said)))
    found = line_through(*both, np.append(n * share, n * (1 - share)))
    assert found == pytest.approx((3 * slope - 3, slope), abs=1e-4)

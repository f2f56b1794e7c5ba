"""The second opinion: it finds the effect that confounding hides, and says when nobody can be compared."""

from __future__ import annotations

import numpy as np
import pytest

from tiesa.moments.compare import Opinion, compare

ROWS = 6_000


def compared(effect: float, *, confounding: float = 1.5, seed: int = 1, certain: bool = False) -> tuple[Opinion, float]:
    """Rows of which a trait makes both the situation and the outcome likelier; also the unadjusted difference."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(ROWS, 3))
    chance = 1 / (1 + np.exp(-(-1.2 + confounding * x[:, 0] + 0.3 * x[:, 1])))
    treated = x[:, 0] > 0 if certain else rng.random(ROWS) < chance
    risk = 1 / (1 + np.exp(-(-2.2 + 0.9 * x[:, 0] + 0.4 * x[:, 2])))
    outcome = (rng.random(ROWS) < np.clip(risk + effect * treated, 0, 1)) * 1.0
    columns = np.column_stack([x, x[:, 0] > 0]) if certain else x
    return compare(columns, treated, outcome, np.arange(ROWS)), outcome[treated].mean() - outcome[~treated].mean()


@pytest.mark.parametrize("effect", [0.0, 0.06, -0.05])
def test_the_effect_is_found_that_confounding_hides(effect: float) -> None:
    found, unadjusted = compared(effect)
    assert abs(unadjusted - effect) > 0.05
    assert found.low <= effect <= found.high
    assert abs(found.value - effect) < 0.03
    assert found.after < 0.1 < found.before


def test_intervals_hold_the_effect_as_often_as_they_say() -> None:
    held = 0
    for seed in range(40):
        found, _unadjusted = compared(0.04, confounding=0.8, seed=seed)
        held += found.low <= 0.04 <= found.high
    assert held >= 34  # of 40 at 95 %: fewer have a chance of about 1 in 1,000


def test_where_exposure_is_certain_nothing_is_said() -> None:
    found, _unadjusted = compared(0.05, certain=True)
    assert found.why_not == "overlap"
    assert np.isnan(found.value)

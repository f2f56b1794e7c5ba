"""What a situation does to journeys, decided at single contacts: those at which it came true beside those at which it
could have and did not, journeys that stood alike until then.

Journeys of the same age need not stand alike: one is being worked on, another is all but done, and only the first can
be handed on. The joint model cannot know how each stood when it was handed on, and takes that for an effect. So it
searches and gives the second opinion; what is confirmed, and the figure, are those of the comparison at contacts. Each
contact at which the situation had not come true is one trial (sequential trials: Hernan and others 2008, Epidemiology
19; Gran and others 2010, Statistics in Medicine 29), and what comes later is left as it is: the effect is that of its
coming true now, not of its never coming true.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tiesa.moments.compare import Opinion
from tiesa.moments.confirm import Tested
from tiesa.moments.effect import Effect, e_value
from tiesa.moments.hazard import MATERIAL
from tiesa.moments.landmark import second_opinion


def on_trial(tested: Tested, horizon_us: int, only: int | None = None) -> Tested:
    """The same, decided by comparisons at contacts. only: of this situation alone."""
    chosen = range(len(tested.situations)) if only is None else (only,)
    return replace(tested, trials={k: second_opinion(tested, k, horizon_us) for k in chosen})


def told_by_trial(effect: Effect, trial: Opinion) -> tuple[Effect, Opinion]:
    """The effect as the comparison at contacts has it, and the joint model's as the second opinion.

    The ratio is that of the rates that give these shares within the horizon.
    """
    if trial.why_not:
        return effect, trial
    ratio, low, high = (_ratio(effect.risk, change) for change in (trial.value, trial.low, trial.high))
    least = effect.risk / max(effect.risk - trial.value, 1e-9)
    nearest = trial.low if trial.value > 0 else trial.high
    bound = effect.risk / max(effect.risk - nearest, 1e-9)
    told = replace(
        effect, value=trial.value, low=trial.low, high=trial.high, error=trial.error,
        ratio=ratio, ratio_low=low, ratio_high=high,
        e_value=e_value(least), e_value_bound=1.0 if trial.low * trial.high <= 0 else e_value(bound),
    )  # fmt: skip
    return told, replace(trial, value=effect.value, low=effect.low, high=effect.high)


def is_material(effect: Effect) -> bool:
    """Whether the interval of the ratio of rates lies beyond what matters."""
    return effect.ratio_low > MATERIAL or effect.ratio_high < 1 / MATERIAL


def _ratio(share: float, change: float) -> float:
    """The rate that gives a share over the one that gives it less the change."""
    with_it, without = (float(np.clip(part, 1e-6, 1 - 1e-6)) for part in (share, share - change))
    return float(np.log1p(-with_it) / np.log1p(-without))

"""Pain points: what is felt, and shown not to change what customers do.

That a difference is not significant shows nothing. A situation confirmed on a feeling is a pain point only where its
effect on leaving is *equivalent to none*: the 90 % interval of the risk difference lies within a margin set beforehand
(two one-sided tests at 5 %: Schuirmann 1987, J. Pharmacokin. Biopharm. 15; Lakens 2017, SPPS 8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tiesa.moments.confirm import FALSE_SHARE, Tested, q_values
from tiesa.moments.effect import Effect, effect_of
from tiesa.moments.episodes import Episodes
from tiesa.moments.situations import Situation
from tiesa.moments.states import State

MARGIN = 0.015
"""A difference in the risk of leaving that would not be worth acting on, either way."""
_Z90 = 1.6448536269514722


@dataclass(frozen=True)
class Behaviour:
    """What a felt situation does to leaving: low, high are bounds of 90 %. needed: so many more episodes until it could
    be told, None where no number can be given."""

    state: State
    effect: Effect
    low: float
    high: float
    needed: int | None = None


def behaviour(behind: Tested, episodes: Episodes, situation: Situation, horizon_us: int) -> Behaviour:
    """The effect on leaving of a situation confirmed on a feeling, beside the situations confirmed on leaving.

    behind: the model of leaving on the half on which both were confirmed.
    """
    q = q_values(behind.p)
    kept = [k for k in range(len(q)) if q[k] <= FALSE_SHARE and behind.fit.material[k]]
    for k in kept:
        if _is_same(behind.episodes[k], episodes):
            effect = effect_of(behind, k, horizon_us)
            low, high = bounds_90(effect)
            return Behaviour(State.CONFIRMED, effect, low, high)
    exposures = (*(behind.exposures[k] for k in kept), behind.model.exposed(episodes))
    joint = replace(
        behind,
        situations=(*(behind.situations[k] for k in kept), situation),
        episodes=(*(behind.episodes[k] for k in kept), episodes),
        exposures=exposures,
        fit=behind.model.fit(exposures),
    )
    effect = effect_of(joint, len(kept), horizon_us)
    low, high = bounds_90(effect)
    if low > -MARGIN and high < MARGIN:
        return Behaviour(State.PAIN_POINT, effect, low, high)
    return Behaviour(State.UNKNOWN, effect, low, high, _needed(effect))


def bounds_90(effect: Effect) -> tuple[float, float]:
    """The bounds of two one-sided tests at 5 %."""
    return effect.value - _Z90 * effect.error, effect.value + _Z90 * effect.error


def _needed(effect: Effect) -> int | None:
    """Episodes on top, in both halves together, until the interval would lie within the margin if the estimate stays.

    An error falls with the root of the number of episodes.
    """
    room = MARGIN - abs(effect.value)
    if room <= 0 or effect.error <= 0:
        return None
    times = (_Z90 * effect.error / room) ** 2
    return max(int(np.ceil(2 * effect.episodes * (times - 1))), 1)


def _is_same(one: Episodes, other: Episodes) -> bool:
    shared = len(np.intersect1d(one.row, other.row))
    return 2 * shared >= len(one) + len(other) - shared > 0

"""Pain points: what is felt, and shown not to change what customers do.

That a difference is not significant shows nothing. A situation confirmed on a feeling is a pain point only where its
effect on leaving is *equivalent to none*: the 90 % interval of the risk difference lies within a margin set beforehand
(two one-sided tests at 5 %: Schuirmann 1987, J. Pharmacokin. Biopharm. 15; Lakens 2017, SPPS 8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tiesa.moments.confirm import Tested, confirm
from tiesa.moments.effect import Effect, effect_of
from tiesa.moments.episodes import Episodes
from tiesa.moments.models import Model
from tiesa.moments.situations import Situation
from tiesa.moments.states import State
from tiesa.moments.timeline import Timeline

MARGIN = 0.015
"""A difference in the risk of leaving that would not be worth acting on, either way."""
_Z90 = 1.6448536269514722
_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Behaviour:
    """What a felt situation does to leaving: low, high are bounds of 90 %. needed: so many more episodes until it could
    be told, None where no number can be given."""

    state: State
    effect: Effect
    low: float
    high: float
    needed: int | None = None


@dataclass(frozen=True)
class Behind:
    """The models of leaving: on the half on which moments were confirmed, and on the half that was searched. confirmed:
    places of those tested that were."""

    second: Tested
    first: Timeline
    model: Model
    confirmed: tuple[int, ...] = ()


def behaviour(behind: Behind, episodes: Episodes, situation: Situation, horizon_us: int) -> Behaviour:
    """The effect on leaving of a situation confirmed on a feeling, beside the situations confirmed on leaving.

    It was chosen for a feeling, not for leaving, so both halves may tell of leaving: their estimates are joined, each
    weighed by its precision. episodes: on the second half.
    """
    second = behind.second
    kept = behind.confirmed
    for k in kept:
        if _is_same(second.episodes[k], episodes):
            effect = effect_of(second, k, horizon_us)
            low, high = bounds_90(effect)
            return Behaviour(State.CONFIRMED, effect, low, high)
    situations = [*(second.situations[k] for k in kept), situation]
    halves = [
        effect_of(confirm(half, model, situations), len(kept), horizon_us)
        for half, model in ((second.timeline, second.model), (behind.first, behind.model))
    ]
    effect = _joined(*halves)
    low, high = bounds_90(effect)
    if low > -MARGIN and high < MARGIN:
        return Behaviour(State.PAIN_POINT, effect, low, high)
    return Behaviour(State.UNKNOWN, effect, low, high, _needed(effect))


def _joined(one: Effect, other: Effect) -> Effect:
    """One estimate of both halves: a mean weighed by precision, counts added up."""
    weights = np.array([1 / max(half.error, 1e-9) ** 2 for half in (one, other)])
    value = float(weights @ [one.value, other.value] / weights.sum())
    error = float(1 / np.sqrt(weights.sum()))
    counts = {
        name: getattr(one, name) + getattr(other, name)
        for name in ("episodes", "customers", "measured", "events", "compared")
    }
    return replace(one, value=value, error=error, low=value - _Z95 * error, high=value + _Z95 * error, **counts)


def bounds_90(effect: Effect) -> tuple[float, float]:
    """The bounds of two one-sided tests at 5 %."""
    return effect.value - _Z90 * effect.error, effect.value + _Z90 * effect.error


def _needed(effect: Effect) -> int | None:
    """Episodes on top until the interval would lie within the margin if the estimate stays.

    An error falls with the root of the number of episodes.
    """
    room = MARGIN - abs(effect.value)
    if room <= 0 or effect.error <= 0:
        return None
    times = (_Z90 * effect.error / room) ** 2
    return max(int(np.ceil(effect.episodes * (times - 1))), 1)


def _is_same(one: Episodes, other: Episodes) -> bool:
    shared = len(np.intersect1d(one.row, other.row))
    return 2 * shared >= len(one) + len(other) - shared > 0

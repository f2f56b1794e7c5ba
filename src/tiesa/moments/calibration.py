"""How far said risks and what came agree: a line through the log odds, the mean, tenths, order, and their intervals.

Intervals: bootstrap over customers (households), 300 draws, fixed seed. Sources: Cox (1958), Biometrika 45, slope and
intercept of calibration; Van Calster et al. (2019), BMC Medicine 17; Brier (1950), Monthly Weather Review 78.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiesa.moments.people import Ints

DRAWS = 300
TENTHS = 10
_SURE = 1e-6
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


def log_odds(risk: Reals) -> Reals:
    """Of risks in [0, 1], kept a millionth away from both ends."""
    held = np.clip(risk, _SURE, 1 - _SURE)
    made: Reals = np.log(held / (1 - held))
    return made


def chance(odds: Reals) -> Reals:
    """The risk that has these log odds."""
    made: Reals = 1 / (1 + np.exp(-odds))
    return made


def log_hazard(risk: Reals) -> Reals:
    """The log of the hazard added up over the horizon, of risks in [0, 1], kept a millionth away from both ends."""
    made: Reals = np.log(-np.log1p(-np.clip(risk, _SURE, 1 - _SURE)))
    return made


def risk_of_hazard(log_of_it: Reals) -> Reals:
    """The risk that has this log hazard."""
    made: Reals = -np.expm1(-np.exp(log_of_it))
    return made


def line_through(odds: Reals, came: Reals, weight: Reals) -> tuple[float, float]:
    """Intercept and slope of a logistic regression of what came on log odds (Newton's method; 0 and 1 are perfect)."""
    middle = float(np.average(odds, weights=weight))  # from there the two do not depend on each other: steps are safe
    x = np.stack([np.ones_like(odds), odds - middle], axis=1)
    found = np.array([middle, 1.0])
    for _step in range(25):
        risk = chance(x @ found)
        slack = weight * risk * (1 - risk)
        curve = (x * slack[:, None]).T @ x + 1e-9 * np.eye(2)
        change = np.linalg.solve(curve, x.T @ (weight * (came - risk)))
        found = found + np.clip(change, -2, 2)
        if abs(change).max() < 1e-8:
            break
    return float(found[0] - found[1] * middle), float(found[1])


def shift_of(odds: Reals, came: Reals, weight: Reals) -> float:
    """The intercept with the slope held at 1: above 0 more came than was said."""
    found = 0.0
    for _step in range(25):
        risk = chance(odds + found)
        change = (weight * (came - risk)).sum() / max((weight * risk * (1 - risk)).sum(), 1e-9)
        found += float(np.clip(change, -2, 2))
        if abs(change) < 1e-8:
            break
    return found


def area(ranks: Ints, came: Reals, weight: Reals) -> float:
    """Area under the curve: how often whoever it came to had the higher risk. ranks: of the risks, ties alike."""
    yes, no = np.bincount(ranks, weight * came), np.bincount(ranks, weight * (1 - came))
    below = np.cumsum(no) - no / 2
    both = yes.sum() * no.sum()
    return float((yes * below).sum() / both) if both else float("nan")


def share_on_top(order: Ints, came: Reals, weight: Reals, capacity: float) -> float:
    """The share to whom it came among the `capacity` (a share by weight) with the highest risks. order: descending."""
    held = weight[order]
    part = np.clip(capacity * held.sum() - (np.cumsum(held) - held), 0, held)
    return float((part * came[order]).sum() / part.sum())


def tenth_of(risk: Reals, weight: Reals) -> Ints:
    """The tenth, by weight, that each risk is in: 0 the lowest; ties stay together."""
    _values, place = np.unique(risk, return_inverse=True)
    mass = np.bincount(place, weight)
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    made: Ints = np.minimum((middle * TENTHS).astype(np.int64), TENTHS - 1)[place]
    return made


def redrawn(measured: Callable[..., Reals], *clusters: Ints) -> tuple[Reals, Reals]:
    """Figures as they are, and of each draw of clusters with replacement (one row a draw).

    measured: from how often each row counts, one array for each array of clusters: rows of the same cluster stand and
    fall together, within an array and between them.
    """
    names, place = np.unique(np.concatenate(clusters), return_inverse=True)
    places = np.split(place, np.cumsum([len(one) for one in clusters])[:-1])
    random = np.random.default_rng(11)
    drawn = []
    for _draw in range(DRAWS):
        times = np.bincount(random.integers(0, len(names), len(names)), minlength=len(names)).astype(np.float64)
        drawn.append(measured(*(times[one] for one in places)))
    return measured(*(np.ones(len(one)) for one in places)), np.stack(drawn)


def figure_of(value: Any, draws: Reals) -> Figure:
    """An estimate with the middle 95 % of its draws."""
    low, high = np.nanquantile(draws, [0.025, 0.975]) if not np.isnan(draws).all() else (np.nan, np.nan)
    return Figure(float(value), float(low), float(high))

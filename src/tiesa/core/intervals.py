"""A figure never travels without its n and interval; these are the two that need no library."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from tiesa.core.errors import TiesaError
from tiesa.core.locale import _


class InvalidCount(TiesaError):
    """Counts that cannot be: more successes than trials, or fewer than none."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds that cover the true value with probability `level` in repeated samples."""

    low: float
    high: float
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion with its counts and Wilson interval; `value` is None when n is 0."""

    count: int
    n: int
    value: float | None
    interval: Interval


def wilson_interval(successes: int, trials: int, *, level: float = 0.95) -> Interval:
    """Wilson score interval of a proportion.

    Args: successes, trials: counts, 0 <= successes <= trials. level: two-sided coverage in (0, 1).
    Returns: bounds in [0, 1]; (0, 1) when trials == 0.
    Raises: InvalidCount if successes > trials or either is negative.
    Source: Wilson (1927); Brown, Cai & DasGupta (2001), Statistical Science 16(2).
    Assumes independent trials: contacts of one customer are not, so read it as a lower bound of the uncertainty.

    >>> i = wilson_interval(8, 10)
    >>> round(i.low, 4), round(i.high, 4)
    (0.4902, 0.9433)
    """
    if not 0 <= successes <= trials:
        raise InvalidCount(_("{successes} of {trials} is not a share").format(successes=successes, trials=trials))
    if trials == 0:
        return Interval(0.0, 1.0, level)
    z = NormalDist().inv_cdf((1 + level) / 2)
    p, zz = successes / trials, z * z / trials
    centre, half = p + zz / 2, z * sqrt(p * (1 - p) / trials + zz / (4 * trials))
    low, high = (centre - half) / (1 + zz), (centre + half) / (1 + zz)
    return Interval(0.0 if successes == 0 else low, 1.0 if successes == trials else high, level)


def share(successes: int, trials: int) -> Share:
    """A proportion with its Wilson interval.

    >>> share(0, 0).value is None
    True
    """
    return Share(successes, trials, successes / trials if trials else None, wilson_interval(successes, trials))


def quantile_ranks(n: int, quantile: float, *, level: float = 0.95) -> tuple[int, int] | None:
    """Ranks (from 1) of the order statistics that bound a quantile, by the normal form of the binomial.

    Returns: (low, high), or None when n is too small for an interval of this level (n < 6 for the median).
    Source: Campbell & Gardner (1988), British Medical Journal 296:1454. Assumes independent values.

    >>> quantile_ranks(100, 0.5)
    (40, 61)
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    half = z * sqrt(n * quantile * (1 - quantile))
    low, high = round(n * quantile - half), round(n * quantile + half + 1)
    return (low, high) if low >= 1 and high <= n else None

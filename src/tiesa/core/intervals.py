"""A figure never travels without its n and interval; these are the two that need no library."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, cos, exp, lgamma, pi, sin, sqrt, tan
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
    return wilson_of(successes / trials, trials, level=level)


def wilson_of(share_seen: float, trials: float, *, level: float = 0.95) -> Interval:
    """The same interval of a share seen in so many trials, which may be an effective number (weighted samples).

    Args: share_seen: in [0, 1]. trials: above 0.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    p, zz = share_seen, z * z / trials
    centre, half = p + zz / 2, z * sqrt(p * (1 - p) / trials + zz / (4 * trials))
    low, high = (centre - half) / (1 + zz), (centre + half) / (1 + zz)
    return Interval(0.0 if p == 0 else low, 1.0 if p == 1 else high, level)


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


def t_quantile(degrees: int, *, level: float = 0.95) -> float:
    """Two-sided quantile of Student's t, to about 1e-9; without a library of a second's import.

    Source: Cornish-Fisher expansion of Abramowitz & Stegun (1964), 26.7.5, then Newton's steps on the finite series of
    its distribution, 26.7.3 and 26.7.4.

    >>> round(t_quantile(9), 3), round(t_quantile(1000), 3)
    (2.262, 1.962)
    """
    if degrees < 1:
        raise InvalidCount(_("{n} is not a number of degrees of freedom").format(n=degrees))
    if degrees == 1:
        return tan(pi * level / 2)
    z, n = NormalDist().inv_cdf((1 + level) / 2), float(degrees)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    t = z + sum(term / n**power for power, term in enumerate(terms, 1))
    for _step in range(4 if degrees < 100 else 0):
        density = exp(lgamma((n + 1) / 2) - lgamma(n / 2)) / sqrt(n * pi) * (1 + t * t / n) ** (-(n + 1) / 2)
        t -= (_t_within(t, degrees) - level) / (2 * density)
    return t


def _t_within(t: float, degrees: int) -> float:
    """Probability that Student's t with 2 or more degrees of freedom lies within -t and t."""
    angle = atan(t / sqrt(degrees))
    odd = degrees % 2
    term = cos(angle) if odd else 1.0
    total = term
    for k in range(3 if odd else 2, degrees - 1, 2):
        term *= cos(angle) ** 2 * (k - 1) / k
        total += term
    return 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total

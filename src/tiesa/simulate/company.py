"""What the made-up company is asked to be, and the random numbers it lives by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.integer[Any]]
"""Positions in a list of words, -1 where there is none."""
Flags = NDArray[np.bool_]

SOURCE = "made-up company"
HORIZON_DAYS = 180


@dataclass(frozen=True, slots=True)
class Company:
    """The options of one made-up company.

    Args: customers: how many, at least 1. seed: 0 or more; the same seed gives the same bytes. effects: False
    makes every situation harmless, with the same contacts up to the leaving. drift: leaving and waits grow and
    scores sink over the two years. mood_nonresponse: who is unhappy answers surveys less. hidden: a trait that
    no table shows raises both leaving and one kind of contact. households: members share moods and tend to leave
    together. heavy_tails: a few customers make most of the contacts and bring most of the margin, and some replies
    take many times as long as the usual one.
    Raises: WrongUsage on a number of customers below 1 or a seed below 0.
    """

    customers: int
    seed: int = 0
    effects: bool = True
    drift: bool = False
    mood_nonresponse: bool = False
    hidden: bool = False
    households: bool = False
    heavy_tails: bool = False

    def __post_init__(self) -> None:
        if self.customers < 1:
            raise WrongUsage(_("A company needs at least one customer"), where="--customers")
        if self.seed < 0:
            raise WrongUsage(_("A seed is a whole number from 0 on"), where="--seed")


@dataclass(frozen=True, slots=True)
class Draws:
    """Random numbers by name: counter-based (Philox), so that no draw depends on what was drawn before it.

    A name always stands for the same numbers. Two worlds of one seed that differ in one cause differ in nothing
    else: the counterfactuals of `truth` rest on this.

    >>> draws = Draws(7, "waits")
    >>> bool((draws.uniform("first", 3) == draws.uniform("first", 3)).all())
    True
    """

    seed: int
    room: str

    def generator(self, name: str) -> np.random.Generator:
        """The numbers of this name, for other ways of drawing."""
        key = np.array([self.seed, crc32(f"{self.room}/{name}".encode())], np.uint64)
        return np.random.Generator(np.random.Philox(key=key))

    def uniform(self, name: str, n: int) -> Floats:
        """n numbers in [0, 1)."""
        return self.generator(name).random(n)

    def normal(self, name: str, n: int) -> Floats:
        return self.generator(name).standard_normal(n)

    def exponential(self, name: str, n: int) -> Floats:
        return self.generator(name).standard_exponential(n)

    def gamma(self, name: str, n: int, *, shape: float) -> Floats:
        """n gamma numbers of mean 1."""
        return self.generator(name).standard_gamma(shape, n) / shape

    def poisson(self, name: str, mean: Floats) -> Ints:
        return self.generator(name).poisson(mean)

    def chance(self, name: str, n: int, p: Floats | float) -> Flags:
        """n flags, each true with its probability."""
        return self.uniform(name, n) < p

    def pick(self, name: str, n: int, weights: Floats | list[float]) -> Codes:
        """n positions 0, 1, ... with these weights: one row for all, or one row each."""
        return pick(self.uniform(name, n), np.asarray(weights, np.float64))

    def hours(self, name: str, n: int, *, median: float, spread: float) -> Ints:
        """n log-normal spans in microseconds; `spread` is the standard deviation of the logarithm."""
        return (median * HOUR_US * np.exp(spread * self.normal(name, n))).astype(np.int64)


HOUR_US = 3_600_000_000


def pick(uniform: Floats, weights: Floats) -> Codes:
    """The position whose share of the weights each uniform number falls into.

    >>> pick(np.array([0.1, 0.6, 0.99]), np.array([1.0, 1.0, 2.0])).tolist()
    [0, 2, 2]
    """
    bounds = np.cumsum(weights, axis=-1)
    bounds = bounds / bounds[..., -1:]
    if weights.ndim == 1:
        return np.searchsorted(bounds[:-1], uniform, side="right").astype(np.int64)
    position: Codes = (uniform[:, None] >= bounds[:, :-1]).sum(axis=1)
    return position

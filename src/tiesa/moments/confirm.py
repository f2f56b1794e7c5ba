"""Confirmation: what was selected on one half of the customers is tested on the other half, which nobody has seen.

Joint model of the selected situations, Wald tests, Benjamini-Hochberg at 5 % over everything that was selected for all
outcomes, and a bound on how little a factor may matter. Splitting keeps the tests honest whatever the search did: Cox
(1975), Biometrika 62; Webb (2007), Machine Learning 68.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tiesa.moments.episodes import Episodes, Windows, episodes_of, windows_of
from tiesa.moments.hazard import Fit, Floats, PersonTime
from tiesa.moments.situations import Situation
from tiesa.moments.timeline import Timeline

MATERIAL = 1.1
"""A moment's factor on the rate must lie beyond this (or below its inverse) with its whole interval."""
FALSE_SHARE = 0.05
_Z = 1.959963984540054


@dataclass(frozen=True)
class Tested:
    """The selected situations on the second half: one joint model, all of them in it."""

    timeline: Timeline
    person_time: PersonTime
    situations: tuple[Situation, ...]
    episodes: tuple[Episodes, ...]
    windows: tuple[Windows, ...]
    fit: Fit

    @property
    def p(self) -> Floats:
        from scipy.stats import norm

        found: Floats = 2 * norm.sf(abs(self.fit.z))
        return found

    @property
    def ratio_low(self) -> Floats:
        return np.exp(self.fit.effect - _Z * self.fit.error)

    @property
    def ratio_high(self) -> Floats:
        return np.exp(self.fit.effect + _Z * self.fit.error)

    @property
    def material(self) -> NDArray[np.bool_]:
        """Whether the interval of the factor lies beyond what matters."""
        return (self.ratio_low > MATERIAL) | (self.ratio_high < 1 / MATERIAL)


def confirm(timeline: Timeline, person_time: PersonTime, situations: Sequence[Situation], horizon_us: int) -> Tested:
    """The joint model of the situations among these customers."""
    episodes = tuple(episodes_of(s.atoms, timeline) for s in situations)
    windows = tuple(windows_of(e, timeline.people, horizon_us) for e in episodes)
    return Tested(timeline, person_time, tuple(situations), episodes, windows, person_time.fit(windows))


def q_values(p: Floats) -> Floats:
    """Benjamini-Hochberg adjusted p-values, in the order given.

    Source: Benjamini & Hochberg (1995), JRSS B 57; controls the false discovery rate under independence and positive
    dependence (Benjamini & Yekutieli 2001).

    >>> q_values(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    if not len(p):
        return p
    order = np.argsort(p)
    adjusted = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(adjusted[::-1])[::-1], 1)
    return found

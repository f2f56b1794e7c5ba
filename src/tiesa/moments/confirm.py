"""Confirmation: what was selected on one half of the customers is tested on the other half, which nobody has seen.

Each is set against other explanations first. Then a joint model of the situations, Wald tests, Benjamini-Hochberg at
5 % over everything tested here, and a bound on how little a factor may matter. Splitting keeps the tests honest
whatever the search did: Cox (1975), Biometrika 62; Webb (2007), Machine Learning 68.
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
CLEARLY = 4.0
"""By how much (twice the log-likelihood) a contender must explain more on the second half to take a place."""
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


def decided(tested: Tested, contenders: Sequence[Sequence[Situation]], horizon_us: int) -> Tested:
    """The same model with each situation set against its contenders, on data that had no part in choosing any.

    A proxy of a cause looks like one by the chance of one half; on the other half the cause is ahead. A contender takes
    the place of a situation where it explains clearly more. Every contender counts as tested.
    """
    timeline, person_time = tested.timeline, tested.person_time
    situations, episodes, windows = list(tested.situations), list(tested.episodes), list(tested.windows)
    fit = tested.fit
    for k, rivals in enumerate(contenders):
        for rival in rivals:
            if rival in situations:
                continue
            theirs = episodes_of(rival.atoms, timeline)
            own = windows_of(theirs, timeline.people, horizon_us)
            trial = person_time.fit([*windows[:k], own, *windows[k + 1 :]])
            if 2 * (trial.log_likelihood - fit.log_likelihood) > CLEARLY:
                situations[k], episodes[k], windows[k], fit = rival, theirs, own, trial
    return Tested(timeline, person_time, tuple(situations), tuple(episodes), tuple(windows), fit)


def q_values(p: Floats, tests: int = 0) -> Floats:
    """Benjamini-Hochberg adjusted p-values, in the order given. tests: how many were made, if more than are given.

    Source: Benjamini & Hochberg (1995), JRSS B 57; controls the false discovery rate under independence and positive
    dependence (Benjamini & Yekutieli 2001).

    >>> q_values(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    >>> q_values(np.array([0.01, 0.04, 0.03]), 6).round(3).tolist()
    [0.06, 0.08, 0.08]
    """
    if not len(p):
        return p
    order = np.argsort(p)
    adjusted = p[order] * max(tests, len(p)) / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(adjusted[::-1])[::-1], 1)
    return found

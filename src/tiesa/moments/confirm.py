"""Confirmation: what was selected on one half of the customers is tested on the other half, which nobody has seen.

Each is set against other explanations first. Then a joint model of the situations, Wald tests, Benjamini-Hochberg at
5 % over everything tested here, and a bound on how little a factor may matter. Splitting keeps the tests honest
whatever the search did: Cox (1975), Biometrika 62; Webb (2007), Machine Learning 68.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tiesa.moments.episodes import Episodes, episodes_of
from tiesa.moments.models import Exposure, Fitted, Floats, Model
from tiesa.moments.situations import Situation
from tiesa.moments.timeline import Timeline

if TYPE_CHECKING:
    from tiesa.moments.compare import Opinion

FALSE_SHARE = 0.05
CLEARLY = 4.0
"""By how much (twice the log-likelihood) a contender must explain more on the second half to take a place."""


@dataclass(frozen=True)
class Tested:
    """The selected situations on the second half: one joint model, all of them in it. trials: where comparisons at
    single contacts decide (see `journey_trials`), those of each situation."""

    timeline: Timeline
    model: Model
    situations: tuple[Situation, ...]
    episodes: tuple[Episodes, ...]
    exposures: tuple[Exposure, ...]
    fit: Fitted
    trials: Mapping[int, Opinion] | None = None

    @property
    def p(self) -> Floats:
        from scipy.stats import norm

        z = self.fit.z
        if self.trials is not None:
            z = np.array([self.trials[k].z if k in self.trials else 0.0 for k in range(len(self.situations))])
        found: Floats = 2 * norm.sf(abs(z))
        return found


def confirm(timeline: Timeline, model: Model, situations: Sequence[Situation]) -> Tested:
    """The joint model of the situations among these customers."""
    episodes = tuple(episodes_of(s.atoms, timeline) for s in situations)
    exposures = tuple(model.exposed(e) for e in episodes)
    return Tested(timeline, model, tuple(situations), episodes, exposures, model.fit(exposures))


def decided(tested: Tested, contenders: Sequence[Sequence[Situation]]) -> Tested:
    """The same model with each situation set against its contenders, on data that had no part in choosing any.

    A proxy of a cause looks like one by the chance of one half; on the other half the cause is ahead. A contender takes
    the place of a situation where it explains clearly more. Every contender counts as tested.
    """
    timeline, model = tested.timeline, tested.model
    situations, episodes, exposures = list(tested.situations), list(tested.episodes), list(tested.exposures)
    fit = tested.fit
    for k, rivals in enumerate(contenders):
        for rival in rivals:
            if rival in situations:
                continue
            theirs = episodes_of(rival.atoms, timeline)
            own = model.exposed(theirs)
            trial = model.fit([*exposures[:k], own, *exposures[k + 1 :]])
            if 2 * (trial.log_likelihood - fit.log_likelihood) > CLEARLY:
                situations[k], episodes[k], exposures[k], fit = rival, theirs, own, trial
    return Tested(timeline, model, tuple(situations), tuple(episodes), tuple(exposures), fit)


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

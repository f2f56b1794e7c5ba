"""What came of landmarks as far as they were followed, and the line that makes the trees' hazard a hazard.

The level of the risks has to be that of today, and a landmark whose whole horizon is over lies a horizon back. So the
line is fitted to the year before an instant by person-time: each landmark counts for the part of its horizon that fell
into that year, over or not, and what came in that part is set against what was expected of it. A whole year, because
then no season counts more than another.
Source: Poisson regression of outcomes on expected outcomes, Breslow & Day (1987), Statistical Methods in Cancer
Research II, chapter 4; share of the horizon by the estimator of Nelson (1969) and Aalen (1978).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tiesa.moments.calibration import Reals, log_hazard
from tiesa.moments.people import YEAR_US, Ints
from tiesa.moments.warning_examples import Examples

CELLS = 100
"""Classes of what the trees say, of as many landmarks each: as good as a line through every landmark, and quick."""


@dataclass(frozen=True)
class Followed:
    """Landmarks followed in a year: what came and for how long, each customer weighing once a quarter.

    cluster: who stands and falls together. cell: the class of what the trees said; said: its log hazard. came: weight
    of what came in the year, else 0. passed: weight times the share of the horizon's hazard that passed in the year.
    """

    cluster: Ints
    cell: Ints
    said: Reals
    came: Reals
    passed: Reals

    def line(self, times: Reals | None = None) -> tuple[float, float]:
        """Intercept and slope that turn what the trees say into log hazards. times: how often each landmark counts.

        A slope below 0, where their order says nothing, is 0: all have the usual risk.
        """
        often = np.ones(len(self.cell)) if times is None else times
        came, passed = (
            np.bincount(self.cell, one * often, CELLS).astype(np.float64) for one in (self.came, self.passed)
        )
        found = _poisson_line(self.said, came, passed)
        return found if found[1] > 0 else (float(np.log(came.sum() / passed.sum())), 0.0)


def followed(examples: Examples, risk: Reals, now: int) -> Followed:
    """What was known at an instant of what came in the year before.

    Args: examples: landmarks up to `now`, some of them with their whole horizon over. risk: what trees that never saw
    the customer say of each. now: in microseconds; what came later is not looked at.
    """
    weight = examples.weight_by_quarter(now)
    over = examples.at <= now - examples.horizon_us
    share = _share_passed(examples.where(over), weight[over])
    begin = np.maximum(examples.at, now - YEAR_US)
    end = np.minimum(examples.at + examples.horizon_us, now)
    until = np.minimum(end, examples.when)
    came = (examples.when > begin) & (examples.when <= end)
    passed = np.where(until > begin, share(until - examples.at) - share(begin - examples.at), 0.0)
    said = log_hazard(risk)
    bounds = np.unique(np.quantile(said, np.linspace(0, 1, CELLS + 1)[1:-1]))
    cell = np.searchsorted(bounds, said)
    usual = np.bincount(cell, np.exp(said), CELLS) / np.maximum(np.bincount(cell, minlength=CELLS), 1)
    return Followed(examples.cluster, cell, np.log(np.where(usual > 0, usual, 1.0)), weight * came, weight * passed)


def _share_passed(over: Examples, weight: Reals) -> Callable[[Ints], Reals]:
    """The share of the horizon's cumulative hazard that has passed so long after a landmark, in microseconds."""
    after = np.where(over.came, over.when - over.at, over.horizon_us)
    order = np.argsort(after, kind="stable")
    held = weight[order]
    hazard = np.cumsum(held * over.came[order] / held[::-1].cumsum()[::-1])
    knots = np.append(0, after[order]), np.append(0.0, hazard / hazard[-1])
    return lambda passed: np.interp(np.maximum(passed, 0), *knots)


def _poisson_line(said: Reals, came: Reals, passed: Reals) -> tuple[float, float]:
    """Intercept and slope of a Poisson regression of what came on what was said, per part passed (Newton's method)."""
    middle = float(np.average(said, weights=passed))
    x = np.stack([np.ones_like(said), said - middle], axis=1)
    found = np.array([np.log(came.sum() / (passed * np.exp(said - middle)).sum()), 1.0])
    for _step in range(25):
        expected = passed * np.exp(x @ found)
        change = np.linalg.solve((x * expected[:, None]).T @ x + 1e-9 * np.eye(2), x.T @ (came - expected))
        found = found + np.clip(change, -1, 1)
        if abs(change).max() < 1e-8:
            break
    return float(found[0] - found[1] * middle), float(found[1])

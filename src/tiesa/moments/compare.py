"""Those exposed beside others, as if chance had decided between them: weights, and a model of the outcome.

Augmented inverse probability weighting for those exposed, cross-fitted by cluster. Sources: Robins, Rotnitzky & Zhao
(1994), JASA 89; Chernozhukov et al. (2018), Econometrics Journal 21; Moodie, Saarela & Stephens (2018), Stat 7. Assumes
that nothing that is not among the covariates makes both the exposure and the outcome likelier.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tiesa.moments.models import Floats
from tiesa.moments.people import Flags, Ints

TOO_SURE = 0.97
"""Episodes that were all but certain have nobody to be compared with."""
LEAST_SAMPLE = 50
CASES_A_COLUMN = 10
FOLDS = 5
_Z = 1.959963984540054


@dataclass(frozen=True)
class Opinion:
    """What the comparison says: a risk difference over the horizon among those exposed, and how far to trust it.

    exposed, controls: rows compared. sample: how many controls their weights are worth. too_sure: share of episodes
    left out because they were all but certain. before, after: largest standardised difference of a covariate without
    and with weights. overlap: exposed and controls by tenth of the chance of being exposed. why_not: why nothing can be
    judged (few, overlap, disagree), empty where something can.
    """

    value: float
    low: float
    high: float
    exposed: int
    controls: int
    sample: float
    too_sure: float
    before: float
    after: float
    overlap: tuple[tuple[float, ...], tuple[float, ...]]
    why_not: str = ""

    @property
    def error(self) -> float:
        return (self.high - self.low) / (2 * _Z)

    @property
    def z(self) -> float:
        """The value in standard errors; 0 where nothing can be judged."""
        return 0.0 if self.why_not else self.value / max(self.error, 1e-12)


NO_OPINION = (float("nan"),) * 3


def compare(
    x: Floats, treated: Flags, y: Floats, cluster: Ints, least: int = LEAST_SAMPLE, stiff: float = 1.0
) -> Opinion:
    """How y differs among the treated from what it would be without. x: covariates, a row each. least: rows, and what
    the weights must be worth, below which nothing can be judged. stiff: see `_logistic`."""
    names, place = np.unique(cluster, return_inverse=True)
    fold = np.random.default_rng(7).permutation(len(names))[place] % FOLDS
    chance, base = np.zeros(len(y)), np.zeros(len(y))
    for f in range(FOLDS):
        learn, use = fold != f, fold == f
        chance[use] = _logistic(x[learn], treated[learn], x[use], stiff)
        alone = learn & ~treated
        base[use] = _outcome_model(x[alone], y[alone], x[use])
    sure = chance > TOO_SURE
    too_sure = float(sure[treated].mean())
    kept = ~sure
    t, c = treated & kept, ~treated & kept
    weight = np.where(c, chance / (1 - np.minimum(chance, TOO_SURE)), 0.0)
    total = weight.sum()
    sample = float(total**2 / max((weight**2).sum(), 1e-12))
    n, m = int(t.sum()), int(c.sum())
    if too_sure > 0.5 or sample < least or n < least:
        return cannot(n, m, "overlap", too_sure, sample)
    residual = y - base
    value = float(residual[t].mean() - (weight * residual).sum() / total)
    influence = np.where(t, residual - residual[t].mean(), 0.0) / n
    own = (weight * residual).sum() / total
    influence -= weight * (residual - own) / total
    error = float(np.sqrt((np.bincount(place, influence) ** 2).sum()))
    spread = np.maximum(np.sqrt((x[treated].var(axis=0) + x[~treated].var(axis=0)) / 2), 1e-9)
    raw = abs(x[treated].mean(axis=0) - x[~treated].mean(axis=0)) / spread
    balanced = abs(x[t].mean(axis=0) - (weight[:, None] * x).sum(axis=0) / total) / spread
    edges = np.linspace(0, 1, 11)
    overlap = (
        tuple(np.histogram(chance[treated], edges)[0] / max(treated.sum(), 1)),
        tuple(np.histogram(chance[~treated], edges)[0] / max((~treated).sum(), 1)),
    )
    return Opinion(
        value, value - _Z * error, value + _Z * error, n, m, sample, too_sure,
        float(raw.max(initial=0)), float(balanced.max(initial=0)), overlap,
    )  # fmt: skip


def _outcome_model(x: Floats, y: Floats, new: Floats) -> Floats:
    """What is expected without the situation: a chance where the outcome is yes or no, else a mean."""
    if np.isin(y, (0.0, 1.0)).all():
        return _logistic(x, y > 0, new)
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    found: Floats = make_pipeline(StandardScaler(), Ridge(alpha=10.0)).fit(x, y).predict(new)
    return found


def _logistic(x: Floats, y: NDArray[np.bool_], new: Floats, stiff: float = 1.0) -> Floats:
    """Chances by ridge logistic regression; where only one thing was ever seen, its share.

    The penalty grows where there are fewer than ten cases for each column: without it a few cases among many columns
    are all but certain.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    cases = min(int(y.sum()), int((~y).sum()))
    if not cases:
        return np.full(len(new), float(y.mean()) if len(y) else 0.0)
    weight = min(1.0, cases / (CASES_A_COLUMN * x.shape[1])) ** stiff
    chosen = LogisticRegression(C=weight, max_iter=200, solver="newton-cholesky")
    found: Floats = make_pipeline(StandardScaler(), chosen).fit(x, y).predict_proba(new)[:, 1]
    return found


def cannot(exposed: int, controls: int, why: str, too_sure: float = 0.0, sample: float = 0.0) -> Opinion:
    return Opinion(*NO_OPINION, exposed, controls, sample, too_sure, float("nan"), float("nan"), ((), ()), why)

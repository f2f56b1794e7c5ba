"""Which situations make customers leave, one by one: a regression for each, and double machine learning for a few."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from bench.job import Clock, Folder, Job
from bench.tried import Tried, counted
from bench.work import peak_gib

SAMPLE = 200
"""Situations that are tried: a regression for every one of thousands takes an hour."""
FALSE_SHARE = 0.05
SEED = 7


def statsmodels_each(folder: Folder) -> Job:
    """A logistic regression of leaving on a situation and the context, for each of a random sample of all situations.

    Errors are clustered by customer; then Benjamini-Hochberg.
    """
    import statsmodels.api as sm
    from statsmodels.stats.multitest import multipletests
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    given = Tried.kept(folder.tried)
    sample = np.random.default_rng(SEED).permutation(len(given))[:SAMPLE]
    left = given.left.astype(np.float64)

    def p_of(i: int) -> float:
        design = np.column_stack([given.column(i), given.context])
        try:
            model = sm.GLM(left, design, family=sm.families.Binomial())
            fit = model.fit(cov_type="cluster", cov_kwds={"groups": given.customer})
        except (PerfectSeparationError, np.linalg.LinAlgError):
            return 1.0
        return float(np.nan_to_num(fit.pvalues[0], nan=1.0))

    def run() -> dict[str, Any]:
        clock = Clock()
        with clock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            p = [p_of(int(i)) for i in sample]
            shown = multipletests(p, FALSE_SHARE, method="fdr_bh")[0]
        return {
            **clock.facts(),
            "peak_gib": peak_gib(),
            "looked_at": len(sample),
            "all": len(given),
            "each_s": clock.seconds / len(sample),
            "each_cpu_s": clock.cpu_seconds / len(sample),
            **counted([(str(given.verdict[i]), str(given.like[i])) for i in sample[shown]]),
        }

    return Job(run, lambda: given.facts(sum(int(given.column(i).sum()) for i in np.flatnonzero(given.conditions == 1))))


def doubleml_each(folder: Folder) -> Job:
    """The effect on those exposed (interactive regression model, five folds, gradient boosting) of a few situations.

    They are those most like each planted one: picked by the truth, which nobody has who searches.
    """
    import doubleml as dml
    from sklearn.ensemble import HistGradientBoostingClassifier

    given = Tried.kept(folder.tried)
    picked = []
    for name in given.names:
        like = np.where((given.like == name) & (given.verdict == "hit"), given.jaccard, 0.0)
        if like.max() > 0:
            picked.append((int(like.argmax()), str(name)))
    truth = dict(zip(given.names.tolist(), given.effects.tolist(), strict=True))

    def effect(i: int, name: str) -> dict[str, Any]:
        np.random.seed(SEED)  # the folds are drawn from numpy's one stream
        data = dml.DoubleMLData.from_arrays(given.context[:, 1:], given.left * 1.0, given.column(i) * 1.0)
        learners = [HistGradientBoostingClassifier(max_depth=3, random_state=SEED) for _part in range(2)]
        model = dml.DoubleMLIRM(data, *learners, score="ATTE").fit()
        low, high = model.confint().to_numpy()[0]
        value = float(model.coef[0])
        return {"situation": name, "true": truth[name], "value": value, "low": float(low), "high": float(high)}

    def run() -> dict[str, Any]:
        clock = Clock()
        with clock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            effects = [effect(*one) for one in picked]
        return {
            **clock.facts(),
            "peak_gib": peak_gib(),
            "looked_at": len(picked),
            "all": len(given),
            "each_s": clock.seconds / max(len(picked), 1),
            "each_cpu_s": clock.cpu_seconds / max(len(picked), 1),
            "effects": effects,
        }

    return Job(run, lambda: given.facts(sum(int(given.column(i).sum()) for i in np.flatnonzero(given.conditions == 1))))

"""The model of the early warning: boosted trees over what is known at a landmark, recalibrated on the last year.

Each customer weighs once, however often looked at. A line turns what the trees say into risks, fitted by person-time to
what came in the last year, with trees that never saw the customer (five folds).
Source: Friedman (2001), Annals of Statistics 29; Platt (1999), with two parameters, here for hazards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tiesa.journeys.arrow_views import NONE
from tiesa.moments.calibration import Reals, log_hazard, risk_of_hazard
from tiesa.moments.people import YEAR_US, Flags, Ints
from tiesa.moments.warning_examples import Examples, weight_of
from tiesa.moments.warning_features import Known
from tiesa.moments.warning_followed import Followed, followed

MOST_CUSTOMERS = 60_000
"""More customers than this teach nothing more that is worth the time."""
MOST_WORDS = 40
"""Words of one kind that are told apart, the most frequent."""
FOLDS = 5
TREES = {
    "max_iter": 60, "learning_rate": 0.05, "max_leaf_nodes": 8, "min_samples_leaf": 100, "l2_regularization": 5.0,
    "max_bins": 32, "early_stopping": False, "random_state": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """How features become a matrix. words: by name, the column's number of each code, NONE for rare ones and null."""

    numbers: tuple[str, ...]
    words: Mapping[str, Ints]

    @classmethod
    def of(cls, known: Known) -> Columns:
        """As learned from these landmarks."""
        words = {}
        for name, column in known.words.items():
            counts = np.bincount(column.codes[column.codes != NONE], minlength=len(column.texts))
            frequent = np.argsort(-counts, kind="stable")[:MOST_WORDS]
            numbers = np.full(len(counts) + 1, NONE)
            numbers[frequent] = np.arange(len(frequent))
            words[name] = numbers
        return cls(tuple(known.numbers), words)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.numbers, *self.words)

    def matrix(self, known: Known) -> Reals:
        """One row per landmark, NaN where nobody knows."""
        columns = [known.numbers[name] for name in self.numbers]
        for name, numbers in self.words.items():
            place = numbers[known.words[name].codes]
            columns.append(np.where(place == NONE, np.nan, place))
        made: Reals = np.stack(columns, axis=1).astype(np.float64)
        return made


@dataclass(frozen=True)
class Model:
    """A fitted model. followed: what the line was fitted to. base: the mean risk of the last year's landmarks.

    usual: the usual value of each column. learned_customers, learned_events: what the trees were learned from.
    """

    columns: Columns
    trees: Any
    followed: Followed
    base: float
    usual: Reals
    learned_customers: int
    learned_events: int

    def risks(self, known: Known) -> Reals:
        """The calibrated risk at each landmark."""
        return self.risks_of(self.columns.matrix(known))

    def risks_of(self, matrix: Reals) -> Reals:
        """The same of rows of a matrix of `columns`."""
        return risk_on(self.followed.line(), self.said(matrix))

    def said(self, matrix: Reals) -> Reals:
        """What the trees alone say of rows of a matrix, as log hazards."""
        return log_hazard(self.trees.predict_proba(matrix)[:, 1]) if len(matrix) else np.zeros(0)


def risk_on(line: tuple[float, float], said: Reals) -> Reals:
    """The risk by a line (intercept, slope) of what the trees say."""
    return risk_of_hazard(line[0] + line[1] * said)


def learn(examples: Examples, now: int) -> Model:
    """What could be learned by an instant (in microseconds).

    The trees from the landmarks whose whole horizon was over then, the line from every landmark followed in the year
    before.
    """
    until = now - examples.horizon_us
    seen = examples.where(_few_customers(examples.customer, examples.at <= now))
    over = seen.at <= until
    ended = seen.where(over)
    columns = Columns.of(ended.known)
    x, came, weight = columns.matrix(seen.known), seen.came, ended.weight
    fold = _fold(seen.cluster)
    risk = np.zeros(len(seen))
    for one in range(FOLDS):
        apart = fold == one
        if apart.any():
            trees = _trees(columns, x, came, seen.customer, over & ~apart)
            risk[apart] = trees.predict_proba(x[apart])[:, 1]
    past = followed(seen, risk, now)
    late = seen.at > now - YEAR_US
    base = float(np.average(risk_on(past.line(), log_hazard(risk[late])), weights=seen.weight_by_quarter(now)[late]))
    trees = _trees(columns, x, came, seen.customer, over)
    usual = np.array([_usual(x[over, i], weight, name in columns.words) for i, name in enumerate(columns.names)])
    return Model(columns, trees, past, base, usual, ended.customers, ended.events)


def _few_customers(customer: Ints, chosen: Flags) -> Ints:
    """Rows of at most so many customers as teach anything."""
    names = np.unique(customer[chosen])
    if len(names) > MOST_CUSTOMERS:
        names = np.random.default_rng(3).choice(names, MOST_CUSTOMERS, replace=False)
    return np.flatnonzero(chosen & np.isin(customer, names))


def _fold(cluster: Ints) -> Ints:
    names, place = np.unique(cluster, return_inverse=True)
    made: Ints = (np.random.default_rng(5).permutation(len(names)) % FOLDS)[place]
    return made


def _trees(columns: Columns, x: Reals, came: Flags, customer: Ints, chosen: Flags) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    is_word = [name in columns.words for name in columns.names]
    trees = HistGradientBoostingClassifier(categorical_features=is_word, **TREES)
    with threadpool_limits(1, user_api="openmp"):  # on so few rows threads wait for each other longer than they work
        return trees.fit(x[chosen], came[chosen], sample_weight=weight_of(customer[chosen]))


def _usual(values: Reals, weight: Reals, is_word: bool) -> float:
    """The most frequent word, or the middle number, of those that are known; NaN where none is."""
    known = ~np.isnan(values)
    if not known.any():
        return float("nan")
    values, weight = values[known], weight[known]
    if is_word:
        return float(np.bincount(values.astype(np.int64), weight).argmax())
    order = np.argsort(values)
    place = np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)
    return float(values[order][min(place, len(order) - 1)])

"""The model of the early warning: boosted trees over what is known at a landmark, recalibrated on the latest quarter.

Each customer weighs once, however often looked at. A line turns the trees' odds into risks, fitted with odds of trees
that never saw the customer (five folds): its slope on all that was learned from, its level on the latest quarter whose
horizon is over. A slope of one quarter alone was off by half as much again in worlds of known truth.
Source: Friedman (2001), Annals of Statistics 29; Platt (1999), with two parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tiesa.core.business_time import DAY_US
from tiesa.journeys.arrow_views import NONE
from tiesa.moments.calibration import Reals, chance, line_through, log_odds, shift_of
from tiesa.moments.people import Flags, Ints
from tiesa.moments.warning_features import Known

QUARTER_DAYS = 91
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
class Examples:
    """Landmarks to learn from or to test on. when: what is warned of came, in microseconds; NEVER: it did not."""

    known: Known
    customer: Ints
    cluster: Ints
    at: Ints
    when: Ints
    horizon_us: int

    def __len__(self) -> int:
        return len(self.at)

    def where(self, chosen: Flags | Ints) -> Examples:
        """Some of them."""
        return Examples(
            self.known.where(chosen), self.customer[chosen], self.cluster[chosen], self.at[chosen], self.when[chosen],
            self.horizon_us,
        )  # fmt: skip

    @property
    def came(self) -> Flags:
        """Whether it came within the horizon."""
        made: Flags = (self.when > self.at) & (self.when <= self.at + self.horizon_us)
        return made

    @property
    def weight(self) -> Reals:
        """One for each customer, shared by the customer's landmarks."""
        return weight_of(self.customer)

    @property
    def customers(self) -> int:
        return len(np.unique(self.customer))

    @property
    def events(self) -> int:
        """Customers to whom it came."""
        return len(np.unique(self.customer[self.came]))


def weight_of(customer: Ints) -> Reals:
    """One for each customer, shared by the customer's rows."""
    _names, place, rows = np.unique(customer, return_inverse=True, return_counts=True)
    made: Reals = 1.0 / rows[place]
    return made


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
    """A fitted model. base: the share to whom it came in the latest quarter. usual: the usual value of each column.

    learned_customers, learned_events: what it was learned from.
    """

    columns: Columns
    trees: Any
    intercept: float
    slope: float
    base: float
    usual: Reals
    learned_customers: int
    learned_events: int

    def risks(self, known: Known) -> Reals:
        """The calibrated risk at each landmark."""
        return self.risks_of(self.columns.matrix(known))

    def risks_of(self, matrix: Reals) -> Reals:
        """The same of rows of a matrix of `columns`."""
        if not len(matrix):
            return np.zeros(0)
        odds = log_odds(self.trees.predict_proba(matrix)[:, 1])
        return chance(self.intercept + self.slope * odds)


def learn(examples: Examples, now: int) -> Model:
    """What could be learned by an instant (in microseconds): from the landmarks whose whole horizon was over then."""
    until = now - examples.horizon_us
    seen = examples.where(_few_customers(examples.customer, examples.at <= until))
    columns = Columns.of(seen.known)
    x, came, weight = columns.matrix(seen.known), seen.came, seen.weight
    late = seen.at > until - QUARTER_DAYS * DAY_US
    fold = _fold(seen.cluster)
    odds = np.zeros(len(seen))
    for one in range(FOLDS):
        apart = fold == one
        if apart.any():
            odds[apart] = log_odds(_trees(columns, x, came, seen.customer, ~apart).predict_proba(x[apart])[:, 1])
    held = weight_of(seen.customer[late])
    base = float(np.average(came[late], weights=held))
    slope = max(line_through(odds, came * 1.0, weight)[1], 0.0)  # 0: the order says nothing, all have the usual risk
    intercept = shift_of(slope * odds[late], came[late] * 1.0, held)
    trees = _trees(columns, x, came, seen.customer, np.ones(len(seen), np.bool_))
    usual = np.array([_usual(x[:, i], weight, name in columns.words) for i, name in enumerate(columns.names)])
    return Model(columns, trees, intercept, slope, base, usual, seen.customers, seen.events)


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

"""How the early warning did on later time: what it said then, and what came, followed over the whole horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiesa.moments.calibration import (
    TENTHS,
    Figure,
    Reals,
    area,
    chance,
    figure_of,
    line_through,
    log_odds,
    redrawn,
    share_on_top,
    shift_of,
    tenth_of,
)
from tiesa.moments.warning_examples import Examples
from tiesa.moments.warning_model import Model, risk_on

TOP = 0.1


@dataclass(frozen=True)
class Tenth:
    """A tenth of the customers by what was said: mean risk, and the share to whom it came."""

    risk: float
    observed: Figure
    customers: int
    landmarks: int


@dataclass(frozen=True)
class Trial:
    """Figures of one test, each customer weighing once.

    first, last: the landmarks' first and last instant, in microseconds. events: customers to whom it came. observed:
    their share; expected: the mean of the risks said; ratio: expected to observed. auc: 0.5 is chance. slope, shift: of
    calibration, 1 and 0 are perfect. brier: mean squared error; gain: how much less it is than by saying the usual
    share (`base`) to everybody, as a share. capacity: the share of open customers that the list has room for, and
    on_top, lift: the share to whom it came among so many on top, and how many times the share of all that is.
    lift_tenth: the same for the top tenth. lines: intercept and slope of calibration in each draw, for intervals.
    """

    landmarks: int
    customers: int
    events: int
    first: int
    last: int
    base: float
    expected: float
    observed: Figure
    ratio: Figure
    auc: Figure
    slope: Figure
    shift: Figure
    brier: Figure
    gain: Figure
    capacity: float
    on_top: Figure
    lift: Figure
    lift_tenth: Figure
    tenths: tuple[Tenth, ...]
    lines: Reals

    @property
    def tells_apart(self) -> bool:
        """Whether its order is surely better than chance."""
        return self.auc.low > 0.5

    def interval(self, risk: Reals) -> tuple[Reals, Reals]:
        """The bounds, for customers of whom these risks are said, of the share to whom it comes."""
        odds = log_odds(risk)
        drawn = chance(self.lines[:, :1] + self.lines[:, 1:] * odds[None, :])
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        return low, high


def tested(model: Model, examples: Examples, capacity: float) -> Trial:
    """How the model did on these examples. capacity: a share in (0, 1]. Raises: ValueError without examples.

    Each draw of customers counts in the test and in the line that the risks were read from, which is fitted again: the
    intervals hold the chance of both.
    """
    if not len(examples):
        raise ValueError("nothing to test on")
    said = model.said(model.columns.matrix(examples.known))
    risk = risk_on(model.followed.line(), said)
    came, weight = examples.came * 1.0, examples.weight
    order, ranks = np.argsort(-risk, kind="stable"), np.unique(risk, return_inverse=True)[1]
    tenth = tenth_of(risk, weight)

    def measured(times: Reals, learned: Reals) -> Reals:
        w, drawn = weight * times, risk_on(model.followed.line(learned), said)
        odds = log_odds(drawn)
        share = (w * came).sum() / w.sum()
        brier = (w * (came - drawn) ** 2).sum() / w.sum()
        usual = (w * (came - model.base) ** 2).sum() / w.sum()
        top, first = share_on_top(order, came, w, capacity), share_on_top(order, came, w, TOP)
        expected = (w * drawn).sum() / w.sum()
        least = max(share, 1e-12)
        held = np.maximum(np.bincount(tenth, w, TENTHS), 1e-12)
        line = line_through(odds, came, w)
        figures = (share, expected / least, area(ranks, came, w), shift_of(odds, came, w), brier, 1 - brier / usual,
                   top, top / least, first / least)  # fmt: skip
        return np.concatenate([figures, line, np.bincount(tenth, w * came, TENTHS) / held])

    values, draws = redrawn(measured, examples.cluster, model.followed.cluster)
    made = [figure_of(value, draws[:, i]) for i, value in enumerate(values)]
    observed, ratio, auc, shift, brier, gain, on_top, lift, lift_tenth, _intercept, slope = made[:11]
    return Trial(
        len(examples), examples.customers, examples.events, int(examples.at.min()), int(examples.at.max()),
        model.base, float(np.average(risk, weights=weight)), observed, ratio, auc, slope, shift, brier, gain,
        capacity, on_top, lift, lift_tenth,
        tuple(
            Tenth(
                float(np.average(risk[tenth == t], weights=weight[tenth == t])), made[11 + t],
                len(np.unique(examples.customer[tenth == t])), int((tenth == t).sum()),
            )
            for t in np.unique(tenth)
        ),
        draws[:, 9:11],
    )  # fmt: skip

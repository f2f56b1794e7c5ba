"""The effect shown: the risk of the outcome within the horizon with this one episode, less the risk without it.

Everything else as it was: other situations keep working, and a further episode of the same situation covers its own
days. Averaged over the episodes of the half on which it was confirmed; the search half's figures are too large.

Where few outcomes came after its episodes the interval of a fitted factor is worth nothing (after none the factor is
0 and seems certain): the error is then that of a count as large as what came or was to be expected without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tiesa.moments.confirm import Tested
from tiesa.moments.episodes import SECOND_US, windows_of
from tiesa.moments.hazard import Fit, PersonTime
from tiesa.moments.measured import Measured
from tiesa.moments.models import Floats
from tiesa.moments.people import NEVER

LEAST_COMPARED = 20
"""Where fewer customers (or journeys) were never in a situation, everybody was, and nobody is left to compare with."""
LEAST_OUTCOMES = 5
"""With fewer of them a fitted factor's interval does not hold."""
LEAST_USUAL = 1.0
LEAST_MEASURED = 10
"""With so few outcomes, and fewer than this to be expected without it, or fewer values, an effect cannot be judged."""
_Z = 1.959963984540054


@dataclass(frozen=True)
class Effect:
    """A risk difference (0.05: five points) with its interval; n episodes of customers, and outcomes in their windows.

    risk: within the horizon of an episode, as it is. unadjusted: the difference between the rate in the windows and
    outside them, over the horizon, as a look without adjustment sees it. ratio: the factor on the rate. e_value: how
    strong a hidden cause of both would have to be to explain the factor away, and its bound nearest to 1.

    Of what is measured the value is in its own unit (a share: 0.05), risk is the mean with the situation, measured are
    the journeys with it, compared those without it, and there is no factor. enough: whether so much stands behind the
    value that its interval holds.
    """

    value: float
    low: float
    high: float
    error: float
    risk: float
    ratio: float
    ratio_low: float
    ratio_high: float
    unadjusted: float
    episodes: int
    customers: int
    measured: int
    events: int
    compared: int
    e_value: float
    e_value_bound: float
    enough: bool = True

    @property
    def is_comparable(self) -> bool:
        return self.enough and self.compared >= LEAST_COMPARED

    def is_harmful(self, more_is_better: bool) -> bool:
        """Whether the whole interval says that it makes things worse."""
        return self.high < 0 if more_is_better else self.low > 0


def effect_of(tested: Tested, k: int, horizon_us: int) -> Effect:
    """The effect of situation number k of those tested."""
    if isinstance(tested.model, Measured):
        return _of_measured(tested, k, tested.model)
    assert isinstance(tested.model, PersonTime)
    assert isinstance(tested.fit, Fit)
    people, person_time = tested.timeline.people, tested.model
    fit, others = tested.fit, tested.fit.effect.copy()
    others[k] = 0.0  # what is expected without it is asked of the model, and multiplied: days hold both, within a bin
    episodes, windows = tested.episodes[k], tested.exposures[k]
    uncut = [windows_of(e, people, horizon_us, cut=False) for e in tested.episodes]
    cumulative = person_time.cumulative(replace(fit, effect=others), uncut)
    customer, at = episodes.customer, episodes.at
    before, after = gaps(customer, at)
    begins = at + np.maximum(0, horizon_us - before)
    ends = np.maximum(at + np.minimum(horizon_us, after), begins)
    start, stop, own_start, own_stop = (
        ((x - people.begins) // SECOND_US).astype(np.int32) for x in (at, at + horizon_us, begins, ends)
    )
    whole = person_time.expected_each(cumulative, customer, start, stop)
    alone = person_time.expected_each(cumulative, customer, own_start, own_stop)
    n = max(len(people), 1)

    covered = (whole - alone) * np.exp(fit.effect[k])  # by a further episode of the same situation

    def difference(log_ratio: float, scale: float = 1.0) -> Floats:
        within, without = (scale * (covered + alone * factor) for factor in (np.exp(log_ratio), 1.0))
        found: Floats = np.exp(-without) - np.exp(-within)
        return found

    each = difference(fit.effect[k])
    value = float(each.mean()) if len(each) else 0.0
    step = 1e-4
    slope = (difference(fit.effect[k] + step).mean() - value) / step if len(each) else 0.0
    # The level of the rate among those exposed is known as well as their outcomes without the situation are many.
    level = (difference(fit.effect[k], 1 + step).mean() - value) / step if len(each) else 0.0
    level_error = 1 / np.sqrt(max(fit.events, 1))
    spread = clustered_error(each, people.cluster[customer]) if len(each) else 0.0
    own_error, usual = abs(slope) * fit.error[k], person_time.expected(cumulative, windows)
    if windows.events < LEAST_OUTCOMES and len(each):
        own_error = float(alone.mean()) * np.sqrt(max(windows.events, usual)) / max(usual, 1e-9)
    error = float(np.sqrt(own_error**2 + (level * level_error) ** 2 + spread**2))
    ratio = float(np.exp(fit.effect[k]))
    low, high = float(fit.ratio_low[k]), float(fit.ratio_high[k])
    bound = low if ratio > 1 else high
    return Effect(
        value=value,
        low=value - _Z * error,
        high=value + _Z * error,
        error=error,
        risk=float((1 - np.exp(-covered - alone * np.exp(fit.effect[k]))).mean()) if len(each) else 0.0,
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        unadjusted=_unadjusted(tested, k, horizon_us),
        episodes=len(episodes),
        customers=people.customers(customer),
        measured=len(episodes),
        events=windows.events,
        compared=n - int(np.count_nonzero(np.diff(customer, prepend=-1))),
        e_value=e_value(ratio),
        e_value_bound=1.0 if (bound - 1) * (ratio - 1) <= 0 else e_value(bound),
        enough=bool(windows.events >= LEAST_OUTCOMES or usual >= LEAST_USUAL),
    )


def _of_measured(tested: Tested, k: int, model: Measured) -> Effect:
    """The coefficient of the joint model. The E-value stands for a standardised difference: RR = exp(0.91 d)."""
    fit, met, y = tested.fit, tested.exposures[k], model.values.value
    value, error = float(fit.effect[k]), float(fit.error[k])
    with_it = np.zeros(len(model), np.bool_)
    with_it[met.unit] = True
    spread = max(float(y.std()), 1e-12)
    mean = float(y[with_it].mean()) if with_it.any() else 0.0
    is_yes_or_no = bool(np.isin(y, (0.0, 1.0)).all())
    events = int(y[with_it].sum()) if is_yes_or_no else 0
    if is_yes_or_no and min(events, len(met) - events) < LEAST_OUTCOMES:
        error = max(error, spread / np.sqrt(max(len(met), 1)))
    bound = max(abs(value) - _Z * error, 0.0)
    return Effect(
        value=value, low=value - _Z * error, high=value + _Z * error, error=error, risk=mean,
        ratio=float("nan"), ratio_low=float("nan"), ratio_high=float("nan"),
        unadjusted=mean - float(y[~with_it].mean()) if not with_it.all() else float("nan"),
        episodes=len(tested.episodes[k]),
        customers=int(np.count_nonzero(np.diff(tested.episodes[k].customer, prepend=-1))),
        measured=len(met), events=events,
        compared=len(model) - len(met),
        e_value=e_value(float(np.exp(0.91 * abs(value) / spread))),
        e_value_bound=e_value(float(np.exp(0.91 * bound / spread))),
        enough=len(met) >= LEAST_MEASURED,
    )  # fmt: skip


def episodes_needed(effect: Effect) -> int | None:
    """Episodes on top until the interval would leave out 0 if the estimate stays; None where it does, or where more
    than a hundred times as many were needed. An error falls with the root of the number of episodes; with so many more
    the interval leaves out 0 as often as not.
    """
    if not effect.enough or abs(effect.value) < 1e-12:
        return None
    times = (_Z * effect.error / effect.value) ** 2
    return int(np.ceil(effect.episodes * (times - 1))) if 1 < times <= 100 else None


def gaps(customer: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Time since the same customer's episode before, and until the next one; NEVER where there is none."""
    before = np.full(len(at), NEVER)
    if len(at) > 1:
        before[1:] = np.where(np.diff(customer) == 0, np.diff(at), NEVER)
    return before, np.append(before[1:], NEVER)


def clustered_error(values: Floats, cluster: Floats) -> float:
    """Standard error of a mean whose values hang together by customer (or household)."""
    _names, place = np.unique(cluster, return_inverse=True)
    residual = np.bincount(place, values - values.mean())
    return float(np.sqrt((residual**2).sum()) / len(values))


def _unadjusted(tested: Tested, k: int, horizon_us: int) -> float:
    people, windows = tested.timeline.people, tested.exposures[k]
    seconds = windows.days * 86400
    all_seconds = float((people.leave - people.enter).sum() / SECOND_US)
    events = int(people.left.sum())
    inside = windows.events / max(seconds, 1)
    outside = (events - windows.events) / max(all_seconds - seconds, 1)
    horizon = horizon_us / SECOND_US
    return float(np.exp(-outside * horizon) - np.exp(-inside * horizon))


def e_value(ratio: float) -> float:
    """How strongly a hidden cause would have to go with both the situation and the outcome to make up the whole ratio.

    Source: VanderWeele & Ding (2017), Annals of Internal Medicine 167: RR + sqrt(RR (RR - 1)). A rate ratio stands for
    the risk ratio, which it is near while outcomes are rare.

    >>> round(e_value(2.0), 2), round(e_value(0.5), 2)
    (3.41, 3.41)
    """
    ratio = max(ratio, 1 / ratio)
    return float(ratio + np.sqrt(ratio * (ratio - 1)))

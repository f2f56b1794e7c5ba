"""How likely a journey has ended one way or the other after so much time, with open journeys counted as what they are.

Aalen-Johansen cumulative incidence of two competing ends (reached, abandoned). A journey that is still open has been
watched until now and then leaves the count (it is censored): leaving it out, or counting it as lost, would both lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

STATES = ("reached", "abandoned")


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence at each time somebody ended. times_s: ascending seconds. probability, low, high: by state,
    one value per time. open_: share neither reached nor abandoned. at_risk: journeys watched at least that long."""

    n: int
    times_s: NDArray[np.float64]
    probability: dict[str, NDArray[np.float64]]
    low: dict[str, NDArray[np.float64]]
    high: dict[str, NDArray[np.float64]]
    open_: NDArray[np.float64]
    at_risk: NDArray[np.int64]

    def at(self, time_s: float, state: str) -> tuple[float, float, float] | None:
        """Probability of having ended in `state` by then, with its interval; None when nobody is watched so long."""
        if not len(self.times_s) or time_s > self.last_watched_s:
            return None
        i = int(np.searchsorted(self.times_s, time_s, side="right")) - 1
        if i < 0:
            return 0.0, 0.0, 0.0
        return float(self.probability[state][i]), float(self.low[state][i]), float(self.high[state][i])

    last_watched_s: float = 0.0

    def median_s(self, state: str) -> float | None:
        """Time by which half of all journeys ended in `state`; None where that never happened while watched."""
        reached = np.flatnonzero(self.probability[state] >= 0.5)
        return float(self.times_s[reached[0]]) if len(reached) else None

    def table(self, points: int = 200) -> pa.Table:
        """At most about `points` rows per state: time_s, state, value, low, high, at_risk (and state `open`)."""
        if not len(self.times_s):
            return _CURVE.empty_table()
        ended = self.probability["reached"] + self.probability["abandoned"]
        steps = np.searchsorted(ended, np.linspace(0, ended[-1], points))
        wanted = np.unique(steps.clip(0, len(self.times_s) - 1))
        parts = [_part(self, s, self.probability[s], self.low[s], self.high[s], wanted) for s in STATES]
        nobody = np.full(len(self.times_s), np.nan)
        parts.append(_part(self, "open", self.open_, nobody, nobody, wanted))
        return pa.concat_tables(parts)


_CURVE = pa.schema(
    [
        ("time_s", pa.float64()), ("state", pa.string()), ("value", pa.float64()),
        ("low", pa.float64()), ("high", pa.float64()), ("at_risk", pa.int64()),
    ]
)  # fmt: skip


def _part(
    curve: Incidence,
    state: str,
    value: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    wanted: NDArray[np.int64],
) -> pa.Table:
    columns = {
        "time_s": curve.times_s[wanted],
        "state": [state] * len(wanted),
        "value": value[wanted],
        "low": pa.array(low[wanted], from_pandas=True),
        "high": pa.array(high[wanted], from_pandas=True),
        "at_risk": curve.at_risk[wanted],
    }
    return pa.table(columns, schema=_CURVE)


def incidence(watched_us: NDArray[np.int64], state: NDArray[np.int8], *, level: float = 0.95) -> Incidence:
    """Aalen-Johansen estimate.

    Args: watched_us: microseconds from the journey's start to its end, or to now where it is open. state: 0 open,
    1 reached, 2 abandoned. Several journeys of one customer are taken as independent, which makes the interval a
    little too narrow. level: of the pointwise interval.
    Returns: an Incidence; the interval is log(-log) transformed, so it stays within 0 and 1.
    Source: Aalen & Johansen (1978), Scandinavian Journal of Statistics 5:141-150; variance of Gaynor et al. (1993),
    JASA 88:400-409, as statsmodels and R's cmprsk compute it.

    >>> curve = incidence(np.array([1, 2, 3, 4]) * 1_000_000, np.array([1, 0, 2, 1], np.int8))
    >>> [round(float(p), 3) for p in curve.probability["reached"]]
    [0.25, 0.25, 0.625]
    """
    n = len(watched_us)
    order = np.argsort(watched_us, kind="stable")
    times, states = watched_us[order], state[order]
    moments, first = np.unique(times, return_index=True)
    counts = np.diff(np.append(first, n))
    at_risk = n - first
    ended = [np.add.reduceat(states == k, first) if n else np.zeros(0, np.int64) for k in (1, 2)]
    happened = (ended[0] + ended[1]) > 0 if n else np.zeros(0, bool)
    at_risk, moments = at_risk[happened].astype(np.int64), moments[happened]
    d = [e[happened].astype(np.float64) for e in ended]
    del counts
    hazard = (d[0] + d[1]) / at_risk
    survival = np.cumprod(1 - hazard)
    before = np.append(1.0, survival[:-1])[: len(survival)]
    probability, low, high = {}, {}, {}
    z = NormalDist().inv_cdf((1 + level) / 2)
    for k, name in enumerate(STATES):
        value = np.cumsum(before * d[k] / at_risk)
        error = np.sqrt(_variance(value, before, d[0] + d[1], d[k], at_risk.astype(np.float64)))
        probability[name] = value
        low[name], high[name] = _bounds(value, error, z)
    return Incidence(n, moments / 1e6, probability, low, high, survival, at_risk, float(times[-1]) / 1e6 if n else 0.0)


def _variance(
    value: NDArray[np.float64],
    before: NDArray[np.float64],
    ended: NDArray[np.float64],
    mine: NDArray[np.float64],
    at_risk: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Variance of the cumulative incidence at each time, in one pass (sums of (F_t - F_i)^2 unfolded)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.where(at_risk > ended, ended / (at_risk * (at_risk - ended)), 0.0)
    b = before**2 * (at_risk - mine) * mine / at_risk**3
    c = before * mine / at_risk**2
    whole = value**2 * np.cumsum(a) - 2 * value * np.cumsum(value * a) + np.cumsum(value**2 * a)
    crossed = value * np.cumsum(c) - np.cumsum(value * c)
    return np.asarray(np.maximum(whole + np.cumsum(b) - 2 * crossed, 0.0))


def _bounds(
    value: NDArray[np.float64], error: NDArray[np.float64], z: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interval on the scale log(-log), back in [0, 1]."""
    with np.errstate(divide="ignore", invalid="ignore"):
        half = z * error / (value * np.log(value))
        low, high = value ** np.exp(-half), value ** np.exp(half)
    sure = (value <= 0) | (value >= 1) | (error == 0)
    return np.where(sure, value, np.minimum(low, high)), np.where(sure, value, np.maximum(low, high))

"""A share or a median month by month, and whether the last months differ from those before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiesa.core.business_time import microseconds
from tiesa.core.intervals import quantile_ranks, wilson_interval
from tiesa.core.locale import _
from tiesa.journeys.view import View

RECENT = 3
"""Months, the running one included, that are compared with all before them."""
FALSE_DISCOVERY = 0.05
ENOUGH = 20
"""Values that both sides of a comparison need."""
MONTHS = pa.schema([("period", pa.date32()), ("n", pa.int64())] + [(c, pa.float64()) for c in ("value", "low", "high")])
_MONTH = "date_trunc('month', make_timestamp(epoch_us(instant)))::date"


@dataclass(frozen=True, slots=True)
class Figure:
    """A share or median with its n and 95 % interval; None: nothing to count, or too few for an interval."""

    n: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Series:
    """A figure as a whole and per month (MONTHS, in UTC), and `change`: the last RECENT months minus those before."""

    whole: Figure
    months: pa.Table
    change: Figure | None


NOTHING = Series(Figure(0, None, None, None), MONTHS.empty_table(), None)
"""The series of what cannot be counted."""


def trends(found: Sequence[Series]) -> list[str]:
    """Of each series `rising`, `falling`, `steady` (no clear change) or `unknown` (too little to compare).

    A change is clear when it stands among all that were looked at, with at most FALSE_DISCOVERY false ones expected.
    Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57(1).
    """
    p = [_p_value(series.change) for series in found]
    ranked = sorted(value for value in p if value is not None)
    passed = [value for i, value in enumerate(ranked, 1) if value <= FALSE_DISCOVERY * i / len(ranked)]
    limit = max(passed, default=-1.0)
    return [_trend(series.change, value, limit) for series, value in zip(found, p, strict=True)]


def _trend(change: Figure | None, p: float | None, limit: float) -> str:
    if change is None or change.value is None or p is None:
        return "unknown"
    return "steady" if p > limit else "rising" if change.value > 0 else "falling"


def _p_value(change: Figure | None) -> float | None:
    """Two-sided, from how far the interval's bound towards zero lies from the change."""
    if change is None or change.value is None or change.low is None or change.high is None:
        return None
    towards_zero = change.value - change.low if change.value > 0 else change.high - change.value
    if not change.value or towards_zero <= 0:
        return 1.0 if not change.value else 0.0
    return 2 * (1 - NormalDist().cdf(NormalDist().inv_cdf(0.975) * abs(change.value) / towards_zero))


def trend_in_words(trend: str) -> str:
    """A trend as people call it."""
    return {
        "rising": _("rising"),
        "falling": _("falling"),
        "steady": _("no clear change"),
        "unknown": _("cannot be told"),
    }[trend]


def share_of(count: int, n: int) -> Figure:
    """A share with its Wilson interval.

    >>> share_of(8, 10).value, share_of(0, 0).value
    (0.8, None)
    """
    if not n:
        return Figure(0, None, None, None)
    bounds = wilson_interval(count, n)
    return Figure(n, count / n, bounds.low, bounds.high)


def median_of(values: NDArray[np.float64]) -> Figure:
    """A median (a value that occurred) with its interval by Campbell and Gardner (1988).

    >>> median_of(np.array([3.0, 1.0, 2.0])).value
    2.0
    """
    n = len(values)
    if not n:
        return Figure(0, None, None, None)
    ordered = np.sort(values)
    low, high = (float(ordered[r - 1]) for r in ranks) if (ranks := quantile_ranks(n, 0.5)) else (None, None)
    return Figure(n, float(ordered[ceil(n / 2) - 1]), low, high)


def shares(view: View, sql: str, *, until: datetime | None = None) -> Series:
    """The share of true ones. sql: a query with `instant` and `hit` (null does not count).

    until: what happened later counts in the whole but in no month and no change, as what it would have to be compared
    with is not settled yet.
    """
    settled = f"epoch_us(instant) <= {microseconds(until)}" if until else "true"
    everything = view.table(
        f"select {_MONTH} as period, {settled} as settled, count(*)::bigint as n, count(*) filter (hit)::bigint as k "
        f"from ({sql}) where hit is not null group by 1, 2 order by 1, 2"
    ).to_pylist()
    counted = [row for row in everything if row["settled"]]

    def whole(rows: list[dict[str, Any]]) -> Figure:
        return share_of(sum(r["k"] for r in rows), sum(r["n"] for r in rows))

    late = _late([r["period"] for r in counted])
    split = [[r for r, is_late in zip(counted, late, strict=True) if is_late is side] for side in (False, True)]
    months = [(r["period"], share_of(r["k"], r["n"])) for r in counted]
    return Series(whole(everything), _table(months), difference(whole(split[0]), whole(split[1])))


def medians(view: View, sql: str) -> Series:
    """The median. sql: a query with `instant` and `x` (null does not count)."""
    found = view.table(f"select {_MONTH} as period, x::double as x from ({sql}) where x is not null")
    values = found["x"].to_numpy()
    periods = found["period"].to_numpy().astype("datetime64[M]")
    each = np.unique(periods)
    by_month = [
        (each[i].astype("datetime64[D]").item(), median_of(values[periods == each[i]])) for i in range(len(each))
    ]
    late = np.isin(periods, each[np.array(_late([day for day, _figure in by_month]), bool)]) if len(each) else each
    change = difference(median_of(values[~late]), median_of(values[late])) if len(each) else None
    return Series(median_of(values), _table(by_month), change)


def _late(months: list[Any]) -> list[bool]:
    """Which months are among the last RECENT, counted by the calendar."""
    last = max((m.year * 12 + m.month for m in months), default=0)
    return [m.year * 12 + m.month > last - RECENT for m in months]


def _table(months: list[tuple[Any, Figure]]) -> pa.Table:
    rows = [{"period": day, "n": f.n, "value": f.value, "low": f.low, "high": f.high} for day, f in months]
    return pa.Table.from_pylist(rows, MONTHS)


def difference(before: Figure, after: Figure) -> Figure | None:
    """after minus before, with its interval from the bounds of both; None where either is too small.

    Source: for shares Newcombe (1998), Statistics in Medicine 17:873; for medians Zou and Donner (2008), 27:1693.

    >>> found = difference(share_of(56, 70), share_of(48, 80))
    >>> round(found.value, 2), round(found.low, 4), round(found.high, 4)
    (-0.2, -0.3339, -0.0524)
    """
    a, b = before, after
    if min(a.n, b.n) < ENOUGH or a.value is None or b.value is None:
        return None
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return None
    value = b.value - a.value
    low = value - sqrt((b.value - b.low) ** 2 + (a.high - a.value) ** 2)
    high = value + sqrt((b.high - b.value) ** 2 + (a.value - a.low) ** 2)
    return Figure(a.n + b.n, value, low, high)

"""How many contacts it took until the goal was reached: of any kind, of the customer's, and steps among ourselves."""

from __future__ import annotations

from math import ceil, sqrt
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiesa.core.intervals import quantile_ranks, t_quantile, wilson_interval
from tiesa.journeys.questions.sides import ours
from tiesa.journeys.view import View

COUNTED = ("contacts", "inbound", "internal")
"""What is counted: every contact that is not an internal step; of these the customer's own; the internal steps."""
TO_GOAL = pa.schema(
    [("counted", pa.string()), ("n", pa.int64()), ("total", pa.int64())]
    + [(c, pa.float64()) for c in ("mean", "mean_low", "mean_high")]
    + [(c, pa.int64()) for c in ("median", "low", "high", "p90")]
)
"""n: journeys; total: contacts of them all; intervals of 95 % (null: too few journeys)."""
DISTRIBUTION = pa.schema(
    [("contacts", pa.int64()), ("n", pa.int64())] + [(c, pa.float64()) for c in ("share", "low", "high")]
)


def contacts_to_goal(view: View) -> tuple[pa.Table, pa.Table]:
    """TO_GOAL, one row per COUNTED, and DISTRIBUTION of the contacts, over journeys that reached their goal.

    Counted up to the contact at which the goal was reached, those of the same instant included.
    """
    mine = f"count(*) filter (direction = 'inbound' and {ours(view)})"
    counts = view.table(
        "select contacts, inbound, internal, count(*)::bigint as n from ("
        "select contacts - internal_steps as contacts, inbound, internal_steps as internal from journeys "
        "where goal_state = 'reached' and end_at = goal_at union all "
        f"select count(*) filter (direction is distinct from 'internal'), {mine}, "
        "count(*) filter (direction = 'internal') from rows join "
        "(select customer_key, journey_no, goal_at from journeys where goal_state = 'reached' and end_at > goal_at) j "
        "using (customer_key, journey_no) where occurred_at <= goal_at group by customer_key, journey_no) group by all"
    )
    n = counts["n"].to_numpy()
    if not len(n):
        return TO_GOAL.empty_table(), DISTRIBUTION.empty_table()
    found = {c: _histogram(counts[c].to_numpy(), n) for c in COUNTED}
    rows = [{"counted": c} | _figures(*found[c]) for c in COUNTED]
    return pa.Table.from_pylist(rows, TO_GOAL), _distribution(*found["contacts"])


def _histogram(values: NDArray[Any], n: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The values in order, each once, and how many journeys have them."""
    each, where = np.unique(values.astype(np.int64), return_inverse=True)
    return each, np.bincount(where, weights=n).astype(np.int64)


def _figures(values: NDArray[np.int64], counts: NDArray[np.int64]) -> dict[str, Any]:
    n, total = int(counts.sum()), int((values * counts).sum())
    until = np.cumsum(counts)
    mean = total / n
    variance = float(((values - mean) ** 2 * counts).sum()) / (n - 1) if n > 1 else 0.0
    half = t_quantile(n - 1) * sqrt(variance / n) if n > 1 else None
    ranks = quantile_ranks(n, 0.5)

    def at(rank: int) -> int:
        return int(values[np.searchsorted(until, rank)])

    return {
        "n": n,
        "total": total,
        "mean": mean,
        "mean_low": None if half is None else max(mean - half, 0.0),
        "mean_high": None if half is None else mean + half,
        "median": at(ceil(n / 2)),
        "low": at(ranks[0]) if ranks else None,
        "high": at(ranks[1]) if ranks else None,
        "p90": at(ceil(n * 0.9)),
    }


def _distribution(values: NDArray[np.int64], counts: NDArray[np.int64]) -> pa.Table:
    whole = int(counts.sum())
    rows = []
    for value, n in zip(values.tolist(), counts.tolist(), strict=True):
        bounds = wilson_interval(n, whole)
        rows.append({"contacts": value, "n": n, "share": n / whole, "low": bounds.low, "high": bounds.high})
    return pa.Table.from_pylist(rows, DISTRIBUTION)

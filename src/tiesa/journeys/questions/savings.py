"""What contacts took, in hours of work, cost and waiting: what there would be to save if they fell away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core.intervals import wilson_interval
from tiesa.journeys.questions.avoidable import CONTACTS, Avoidable, Rule
from tiesa.journeys.view import View

SHORTEST_DAYS = 28
"""A period shorter than this says nothing of a year."""
_YEAR_DAYS = 365.25
_A_YEAR = ("n", "hours", "cost", "waited_hours")
TAKEN = pa.schema(
    [
        ("n", pa.int64()),
        ("timed", pa.int64()),
        ("hours", pa.float64()),
        ("costed", pa.int64()),
        ("cost", pa.float64()),
        ("waited_hours", pa.float64()),
    ]
)
"""The columns `what_they_took` adds to those of its groups."""


def _sql(by: Sequence[str], source: str, *, waits: bool = True) -> str:
    """SQL: per group of contacts n, hours of work, cost, hours waited for us, and how many of each are known."""
    keys = ", ".join(by)
    waited = "sum(wait_s) filter (wait_owner = 'us')::double / 3600" if waits else "null::double"
    return (
        f"select {keys}, count(*)::bigint as n, count(duration_s)::bigint as timed, "
        "sum(duration_s)::double / 3600 as hours, count(cost)::bigint as costed, sum(cost)::double as cost, "
        f"{waited} as waited_hours from {source} group by {keys}"
    )


def what_they_took(view: View, by: tuple[str, ...], source: str, days: float, *, waits: bool = True) -> pa.Table:
    """What contacts took per group, largest first; a year's worth and shares of what is known beside it."""
    found = view.table(_sql(by, source, waits=waits))
    found = found.cast(pa.schema([(c, pa.string()) for c in by] + list(TAKEN)))
    per_year = _YEAR_DAYS / days if days >= SHORTEST_DAYS else None
    for column in _A_YEAR:
        yearly = pc.multiply(found[column].cast(pa.float64()), pa.scalar(per_year, pa.float64()))
        found = found.append_column(f"{column}_a_year", yearly)
    for column in ("timed", "costed"):
        known = pc.divide(found[column].cast(pa.float64()), found["n"].cast(pa.float64()))
        found = found.append_column(f"{column}_share", known)
    return found.sort_by([("n", "descending"), *((c, "ascending") for c in by)])


def with_shares(found: pa.Table, counts: list[int | None], wholes: list[int]) -> pa.Table:
    """The table with share, low, high; null where there is no count."""
    bounds = [
        None if count is None else wilson_interval(count, whole) for count, whole in zip(counts, wholes, strict=True)
    ]
    values = {
        "share": [c / w if c is not None and w else None for c, w in zip(counts, wholes, strict=True)],
        "low": [b and b.low for b in bounds],
        "high": [b and b.high for b in bounds],
    }
    for name, column in values.items():
        found = found.append_column(name, pa.array(column, pa.float64()))
    return found


def by_rule(view: View, found: Avoidable, inbound: int, journeys: int, days: float) -> pa.Table:
    """One row per rule, in order, also those that found nothing or cannot be applied."""
    counts, lacks = found.counts, found.lacks
    took = what_they_took(view, ("rule",), CONTACTS, days)
    of_rule = {row["rule"]: row for row in took.to_pylist()}
    none = {"n": 0, "timed": 0, "costed": 0}
    nothing: dict[str, Any] = dict.fromkeys(took.column_names) | none
    if days >= SHORTEST_DAYS:
        nothing["n_a_year"] = 0.0
    unknown = nothing | {"n": None, "n_a_year": None}
    rows = [of_rule.get(rule, unknown if rule in lacks else nothing) | {"rule": rule} for rule in map(str, Rule)]
    table = pa.Table.from_pylist(rows, took.schema)
    table = with_shares(table, [counts.get(rule) for rule in Rule], [inbound] * len(rows))
    per = [None if rule in lacks or not journeys else 100 * counts[rule] / journeys for rule in Rule]
    table = table.append_column("per_100_journeys", pa.array(per, pa.float64()))
    return table.append_column("lacks", pa.array([lacks.get(rule) for rule in Rule], pa.string()))


def by_kind(view: View, savings: pa.Table, days: float, *, judged: bool) -> pa.Table:
    """Every kind of contact with the customer, with the share that was avoidable."""
    outward = "rows where direction is distinct from 'internal'"
    kinds = what_they_took(view, ("touchpoint", "channel"), outward, days, waits=False)
    avoidable: dict[tuple[str, str], int] = {}
    for row in savings.select(["touchpoint", "channel", "n"]).to_pylist():
        kind = (row["touchpoint"], row["channel"])
        avoidable[kind] = avoidable.get(kind, 0) + row["n"]
    which = zip(kinds["touchpoint"].to_pylist(), kinds["channel"].to_pylist(), strict=True)
    counts = [avoidable.get(kind, 0) if judged else None for kind in which]
    return with_shares(kinds, counts, kinds["n"].to_pylist())

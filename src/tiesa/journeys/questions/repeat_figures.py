"""The figures of repeats: their causes, lengths, places; what the customer asked where, and how often again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core.intervals import Share, share, wilson_interval
from tiesa.journeys.held import Held
from tiesa.journeys.questions.chains import Cause
from tiesa.journeys.questions.durations import FIGURES, by_group
from tiesa.journeys.questions.sides import ours
from tiesa.journeys.view import View

_PLACES = ("reason", "touchpoint", "channel", "unit")
_SOON_US = 600 * 1_000_000
_SHARE = [(c, pa.float64()) for c in ("share", "low", "high")]


def asked_by_place(view: View, holds: Held, days: int) -> pa.Table:
    """Per place: contacts with a reason (n), repeats among them, and first askings whose window has passed (ripe)."""
    unit = "unit" if holds["unit"] else "null::varchar as unit"
    known = "direction = 'inbound' and reason is not null and " + ours(view) if holds["reason"] else "false"
    return view.table(
        f"select reason, touchpoint, channel, {unit}, count(*)::bigint as n, "
        "count(*) filter (is_repeat)::bigint as repeats, count(*) filter (not is_repeat and "
        f"occurred_at <= {view.now_sql} - interval ({days}) day)::bigint as ripe from rows where {known} group by all"
    )


def soon_again(found: pa.Table | None) -> Share:
    """First repeats within ten minutes, of all."""
    if found is None:
        return share(0, 0)
    linked = found.filter(pc.field("is_linked"))
    until = pc.subtract(linked["again_us"], linked["asked_us"])
    return share(int(pc.sum(pc.less_equal(until, _SOON_US)).as_py() or 0), linked.num_rows)


_CAUSES = pa.schema(
    [("cause", pa.string()), ("n", pa.int64())]
    + [(c, pa.float64()) for c in ("share", "low", "high", "median_s", "low_s", "high_s")]
    + [("repeats", pa.int64()), ("timed", pa.int64()), ("hours", pa.float64()), ("timed_share", pa.float64())]
    + [("costed", pa.int64()), ("cost", pa.float64()), ("costed_share", pa.float64())]
    + [(c, pa.string()) for c in ("touchpoint", "channel", "unit")]
)


def by_cause(found: pa.Table | None) -> pa.Table:
    """One row per cause, also those that found nothing; nothing at all without a chain."""
    if found is None or not found.num_rows:
        return _CAUSES.empty_table()
    return pa.Table.from_pylist([_of_cause(cause, found) for cause in Cause], _CAUSES)


def _of_cause(cause: Cause, found: pa.Table) -> dict[str, Any]:
    mine = found.filter(pc.field("cause") == cause)
    n = mine.num_rows
    bounds = wilson_interval(n, found.num_rows)
    row: dict[str, Any] = {"cause": cause, "n": n, "share": n / found.num_rows}
    row |= {"low": bounds.low, "high": bounds.high}
    until = pc.drop_null(pc.subtract(mine["again_us"], mine["asked_us"])).to_numpy()
    times = by_group(np.zeros(len(until), np.int64), until, 1).select(FIGURES.names).to_pylist()[0]
    row |= {c: times[c] for c in ("median_s", "low_s", "high_s")}
    row |= {c: pc.sum(mine[c]).as_py() for c in ("hours", "cost")}
    row |= {c: pc.sum(mine[c]).as_py() or 0 for c in ("repeats", "timed", "costed")}
    row |= {f"{c}_share": row[c] / row["repeats"] if n else None for c in ("timed", "costed")}
    return row | {c: _most(mine[f"last_{c}"]) for c in ("touchpoint", "channel", "unit")}


def _most(values: pa.ChunkedArray) -> str | None:
    """The most frequent value, the first by name where two are."""
    counted = sorted((-v["counts"], v["values"]) for v in pc.value_counts(values.drop_null()).to_pylist())
    return counted[0][1] if counted else None


def by_length(found: pa.Table | None) -> pa.Table:
    """Chains by their number of repeats."""
    schema = pa.schema([("repeats", pa.int64()), ("n", pa.int64()), *_SHARE])
    if found is None or not found.num_rows:
        return schema.empty_table()
    counted = sorted((v["values"], v["counts"]) for v in pc.value_counts(found["repeats"]).to_pylist())
    bounds = [wilson_interval(n, found.num_rows) for _repeats, n in counted]
    rows = [
        {"repeats": repeats, "n": n, "share": n / found.num_rows, "low": b.low, "high": b.high}
        for (repeats, n), b in zip(counted, bounds, strict=True)
    ]
    return pa.Table.from_pylist(rows, schema)


def again_by_place(asked: pa.Table, first: pa.Table | None) -> pa.Table:
    """Per dimension and value the questions first asked there and those asked again; surest trouble first."""
    schema = pa.schema(
        [("dimension", pa.string()), ("value", pa.string()), ("n", pa.int64()), ("again", pa.int64()), *_SHARE]
    )
    rows = []
    for dimension in _PLACES:
        summed = asked.group_by(dimension).aggregate([("ripe", "sum")]).to_pylist()
        back = (
            {} if first is None else {v["values"]: v["counts"] for v in pc.value_counts(first[dimension]).to_pylist()}
        )
        counted = [] if first is None else pc.value_counts(first[dimension]).to_pylist()
        back = {v["values"]: v["counts"] for v in counted}
        for row in summed:
            value, n = row[dimension], row["ripe_sum"]
            if value is None or not n:
                continue
            bounds = wilson_interval(back.get(value, 0), n)
            figures = {"n": n, "again": back.get(value, 0), "share": back.get(value, 0) / n}
            rows.append({"dimension": dimension, "value": value, **figures, "low": bounds.low, "high": bounds.high})
    rows.sort(key=lambda r: (_PLACES.index(r["dimension"]), -r["low"], r["value"]))
    return pa.Table.from_pylist(rows, schema)

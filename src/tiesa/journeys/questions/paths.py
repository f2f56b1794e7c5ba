"""The paths that reach a goal fastest, compared only with journeys of the same difficulty."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tiesa.journeys.held import Held
from tiesa.journeys.questions.durations import durations
from tiesa.journeys.view import View

ENOUGH = 20
"""Journeys that a path needs before it is compared."""
_PER_STRATUM = 3
_DIFFICULTY = ("journey_type", "severity", "product", "reason")
PATHS = pa.schema(
    [
        ("journey_type", pa.string()),
        ("severity", pa.int8()),
        ("product", pa.string()),
        ("reason", pa.string()),
        ("path", pa.list_(pa.string())),
        ("n", pa.int64()),
        ("median_s", pa.float64()),
        ("low_s", pa.float64()),
        ("high_s", pa.float64()),
        ("all_n", pa.int64()),
        ("all_median_s", pa.float64()),
        ("all_low_s", pa.float64()),
        ("all_high_s", pa.float64()),
        ("is_faster", pa.bool_()),
    ]
)
"""One path: its difficulty, touchpoints, time to the goal, and that of all journeys of the same difficulty.

is_faster: the interval of its median lies wholly below that of all of them; never where no difficulty is known.
"""


@dataclass(frozen=True)
class Fastest:
    """The fastest paths per difficulty, the most frequent difficulty first. known: what difficulty was made of."""

    paths: pa.Table
    known: tuple[str, ...]


def fastest(view: View, holds: Held, *, top: int = 20) -> Fastest:
    """Up to three paths per difficulty with at least ENOUGH journeys each, `top` rows in all."""
    known = ["journey_type", *(c for c in ("severity", "product", "reason") if holds[c])]
    view.connection.execute(_reached(known))
    view.connection.execute(
        "create or replace temp table path_groups as select stratum, variant, count(*) as n, "
        "arg_min(customer_key, row(customer_key, journey_no)) as customer_key, "
        "arg_min(journey_no, row(customer_key, journey_no)) as journey_no from reached_journeys group by 1, 2 "
        f"having n >= {ENOUGH}"
    )
    names = tuple(c for c in known if view.one(f"select count({c}) from difficulties")[0])
    if not view.one("select count(*) from path_groups")[0]:
        return Fastest(PATHS.empty_table(), names)
    shared = "from reached_journeys semi join path_groups using (stratum"
    paths = durations(view, f"select stratum, variant, s {shared}, variant)", ("stratum", "variant"))
    whole = durations(view, f"select stratum, s {shared})", ("stratum",))
    return Fastest(_described(view, _chosen(paths, whole, top), bool(names)), names)


def _reached(known: list[str]) -> str:
    """Journeys that reached their goal, each with the number of its difficulty and the seconds to the goal."""
    by_row = [c for c in known if c in ("severity", "product")]
    made = {"severity": "max(severity)", "product": "arg_min(product, journey_position)"}
    columns = "".join(f", {made[c]} as {c}" for c in by_row)
    where = " or ".join(f"{c} is not null" for c in by_row)
    joined = (
        f" left join (select customer_key, journey_no{columns} from rows where {where} group by 1, 2) r "
        "using (customer_key, journey_no)"
        if by_row
        else ""
    )
    listed = ", ".join(f"{'r' if c in by_row else 'j'}.{c} as {c}" for c in known)
    each = ", ".join(known)
    same = " and ".join(f"q.{c} is not distinct from d.{c}" for c in known)
    return (
        f"create or replace temp table goal_journeys as select j.customer_key, j.journey_no, j.variant, {listed}, "
        "(epoch_us(j.goal_at) - epoch_us(j.start_at)) / 1e6 as s "
        f"from journeys j{joined} where j.goal_state = 'reached'; "
        f"create or replace temp table difficulties as select *, row_number() over (order by {each}) as stratum "
        f"from (select distinct {each} from goal_journeys); "
        "create or replace temp table reached_journeys as select q.customer_key, q.journey_no, q.variant, q.s, "
        f"d.stratum from goal_journeys q join difficulties d on {same}; drop table goal_journeys"
    )


def _chosen(paths: pa.Table, whole: pa.Table, top: int) -> list[dict[str, object]]:
    """The fastest few of each difficulty that has something to be compared with, the most frequent difficulty first."""
    of_all = {row["stratum"]: row for row in whole.to_pylist()}
    order = {"stratum": "ascending", "median_s": "ascending", "n": "descending", "variant": "ascending"}
    ranked = paths.sort_by(list(order.items()))
    per_stratum: dict[int, list[dict[str, object]]] = {}
    for row in ranked.to_pylist():
        everyone = of_all[row["stratum"]]
        if row["n"] < everyone["n"]:
            per_stratum.setdefault(row["stratum"], []).append(row | {f"all_{k}": v for k, v in everyone.items()})
    frequent = sorted(per_stratum, key=lambda stratum: (-of_all[stratum]["n"], stratum))
    return [row for stratum in frequent for row in per_stratum[stratum][:_PER_STRATUM]][:top]


def _described(view: View, chosen: list[dict[str, object]], is_alike: bool) -> pa.Table:
    """The chosen with the words of their difficulty and their touchpoints, from one journey of each."""
    if not chosen:
        return PATHS.empty_table()
    view.connection.register("chosen_paths", pa.Table.from_pylist(chosen).select(["stratum", "variant"]))
    paths = {
        (stratum, variant): touchpoints
        for stratum, variant, touchpoints in view.rows(
            "select c.stratum, c.variant, list(r.touchpoint order by r.journey_position) from chosen_paths c join "
            "path_groups g using (stratum, variant) join rows r on r.customer_key = g.customer_key and "
            "r.journey_no = g.journey_no group by 1, 2"
        )
    }
    view.connection.unregister("chosen_paths")
    words = {row["stratum"]: row for row in view.table("select * from difficulties").to_pylist()}
    rows = []
    for row in chosen:
        high, low = row["high_s"], row["all_low_s"]
        is_faster = is_alike and isinstance(high, float) and isinstance(low, float) and high < low
        key = (row["stratum"], row["variant"])
        rows.append(words[row["stratum"]] | row | {"path": paths[key], "is_faster": is_faster})
    return pa.Table.from_pylist([{c: row.get(c) for c in PATHS.names} for row in rows], PATHS)


def clearly_faster(paths: pa.Table) -> dict[str, object] | None:
    """The first path that is faster than all of its difficulty beyond chance."""
    sure = paths.filter(pc.field("is_faster"))
    return sure.slice(0, 1).to_pylist()[0] if sure.num_rows else None

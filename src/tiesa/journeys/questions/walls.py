"""Which wall stood between each meeting and what had been sent before it, counted by unit, channel and wall."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiesa.journeys.held import Held
from tiesa.journeys.questions.earlier import CUSTOMER, Pairs, brought, meeting, place
from tiesa.journeys.questions.shares import bounded, rows_table
from tiesa.journeys.view import View
from tiesa.journeys.visibility_rules import VisibilityRules, Wall

_WALLS = tuple(Wall)
_SEEN, NOT_JUDGED = -1, -2


def verdicts(pairs: Pairs, rules: VisibilityRules) -> NDArray[np.int64]:
    """Per pair: the place of its wall in _WALLS, _SEEN or NOT_JUDGED."""
    place_of = {wall: number for number, wall in enumerate(_WALLS)}
    cells = np.array(
        [
            [place_of[wall] if (wall := rules.wall(u, c)) else _SEEN for c in pairs.channels]
            if rules.knows(u)
            else [NOT_JUDGED] * len(pairs.channels)
            for u in pairs.units
        ],
        np.int64,
    ).reshape(len(pairs.units), len(pairs.channels))
    verdicts = cells[pairs.unit[pairs.meeting], pairs.channel]
    not_opened = np.where(verdicts == _SEEN, place_of[Wall.NOT_OPENED], place_of[Wall.NOT_TOLD])
    verdicts = np.where(pairs.logged & (verdicts < 0), not_opened, verdicts)
    verdicts = np.where(pairs.twin & (verdicts != NOT_JUDGED), place_of[Wall.IDENTITY], verdicts)
    return np.asarray(np.where(pairs.opened, _SEEN, verdicts))


def meetings_with(pairs: Pairs, which: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Per meeting: has it such a pair?"""
    found = np.zeros(pairs.meetings, np.bool_)
    found[pairs.meeting[which]] = True
    return found


def units_table(
    pairs: Pairs, with_before: NDArray[np.bool_], judged: NDArray[np.bool_], unseen: NDArray[np.bool_]
) -> pa.Table:
    every = np.ones(pairs.meetings, np.bool_)
    counts = [
        np.bincount(pairs.unit[w], minlength=len(pairs.units)).tolist() for w in (every, with_before, judged, unseen)
    ]
    rows = [
        {"unit": unit, "n": n, "before": before, "judged": known, "unseen": missed}
        | bounded(before, n, ("before_share", "low", "high"))
        | bounded(missed, known, ("unseen_share", "unseen_low", "unseen_high"))
        for unit, n, before, known, missed in zip(pairs.units, *counts, strict=True)
    ]
    names = ("before_share", "low", "high", "unseen_share", "unseen_low", "unseen_high")
    return rows_table(rows, ("unit",), ("n", "before", "judged", "unseen"), names).sort_by(
        [("n", "descending"), ("unit", "ascending")]
    )


def matrix_table(pairs: Pairs, verdicts: NDArray[np.int64]) -> pa.Table:
    """Per unit and channel, own and other numbers of the customer together: a meeting counts once."""
    width, size = len(pairs.channels), len(pairs.units) * len(pairs.channels)
    flags = (np.ones(len(verdicts), np.bool_), verdicts != NOT_JUDGED, verdicts >= 0)
    n, judged, unseen = (np.bincount(_cells(pairs, flag), minlength=size) for flag in flags)
    walled = verdicts >= 0
    cell = pairs.unit[pairs.meeting[walled]] * width + pairs.channel[walled]
    met = np.bincount(cell * len(_WALLS) + verdicts[walled], minlength=size * len(_WALLS)).reshape(size, len(_WALLS))
    rows: list[dict[str, Any]] = [
        {
            "unit": pairs.units[cell // width],
            "channel": pairs.channels[cell % width],
            "n": int(n[cell]),
            "judged": int(judged[cell]),
            "unseen": int(unseen[cell]),
            "wall": _WALLS[int(met[cell].argmax())].value if met[cell].any() else None,
        }
        | bounded(int(unseen[cell]), int(judged[cell]))
        for cell in np.flatnonzero(n).tolist()
    ]
    order = [("unseen", "descending"), ("n", "descending"), ("unit", "ascending"), ("channel", "ascending")]
    return rows_table(rows, ("unit", "channel", "wall"), ("n", "judged", "unseen")).sort_by(order)


def _cells(pairs: Pairs, which: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Unit x channel of the meetings with such a pair, once per meeting and channel."""
    width = len(pairs.channels)
    ids = pairs.meeting[which] * width + pairs.channel[which]
    if pairs.twin.any():
        ids = np.unique(ids)
    return np.asarray(pairs.unit[ids // width] * width + ids % width if width else ids)


def walls_table(verdicts: NDArray[np.int64]) -> pa.Table:
    met = np.bincount(verdicts[verdicts >= 0], minlength=len(_WALLS)).tolist()
    judged = int((verdicts != NOT_JUDGED).sum())
    rows = [{"wall": wall.value, "n": n} | bounded(n, judged) for wall, n in zip(_WALLS, met, strict=True) if n]
    return rows_table(rows, ("wall",), ("n",)).sort_by([("n", "descending"), ("wall", "ascending")])


def examples_table(view: View, holds: Held, pairs: Pairs, verdicts: NDArray[np.int64], top: int) -> pa.Table:
    """The latest pairs with both contacts; walled off ones where any are."""
    chosen = np.flatnonzero(verdicts >= 0 if (verdicts != NOT_JUDGED).any() else verdicts == NOT_JUDGED)
    when = pairs.meeting_at[chosen] % CUSTOMER
    chosen = chosen[np.lexsort((pairs.channel[chosen], pairs.meeting_at[chosen], -when))][:top]
    picked = [
        {
            "number": number,
            "met": int(pairs.meeting_at[pair]),
            "came": int(pairs.earlier_at[pair]),
            "by": pairs.channels[pairs.channel[pair]],
            "unit": pairs.units[pairs.unit[pairs.meeting[pair]]],
            "twin": bool(pairs.twin[pair]),
            "wall": _WALLS[verdicts[pair]].value if verdicts[pair] >= 0 else None,
        }
        for number, pair in enumerate(chosen.tolist())
    ]
    whole = rows_table(picked, ("by", "unit", "wall"), ("number", "met", "came"), ()).append_column(
        "twin", pa.array([row["twin"] for row in picked], pa.bool_())
    )
    view.connection.register("visibility_picked", whole)
    found = view.table(_examples_sql(view, holds, any(row["twin"] for row in picked)))
    view.connection.unregister("visibility_picked")
    return found


def _examples_sql(view: View, holds: Held, has_twins: bool) -> str:
    names = view.scope.names
    customers = f"(select distinct met // {CUSTOMER} as customer_key from visibility_picked)"
    mine = f"select *, {place()} as place from {{rows}} semi join {customers} using (customer_key) where {{what}}"
    came = f"select {place()} as place, false as twin, * from all_rows semi join {customers} using "
    came += f"(customer_key) where {brought(view)}"
    if has_twins:
        came += (
            f" union all select {place('t.customer_key')} as place, true as twin, r.* from all_rows r "
            f"join twins t on t.twin_key = r.customer_key semi join {customers} c on c.customer_key = t.customer_key "
            f"where {brought(view)}"
        )
    customer, employee = ("i.source_id", "m.employee") if names else ("null::varchar", "null::varchar")
    return (
        f"select any_value(m.occurred_at) as met_at, any_value({customer}) as customer, any_value({employee}) as "
        "employee, "
        "any_value(p.unit) as unit, any_value(m.channel) as channel, any_value(m.touchpoint) as touchpoint, "
        "any_value(e.occurred_at) as earlier_at, any_value(p.by) as earlier_channel, "
        "any_value(e.touchpoint) as earlier_touchpoint, any_value(p.wall) as wall, "
        "any_value(m.customer_key) as customer_key, any_value(m.journey_no) as journey_no from visibility_picked p "
        f"join ({mine.format(rows='rows', what=meeting(view, holds))}) m on m.place = p.met "
        "and m.unit is not distinct from p.unit and m.channel <> p.by "
        f"join ({came}) e on e.place = p.came and e.channel = p.by and e.twin = p.twin "
        f"left join (select customer_key, min(source_id) as source_id from identities semi join {customers} using "
        "(customer_key) group by 1) i on i.customer_key = m.customer_key group by p.number order by p.number"
    )

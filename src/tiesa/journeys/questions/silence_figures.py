"""Unanswered messages counted by cause, by channel, unit and reason, and where they rest."""

from __future__ import annotations

from itertools import accumulate

import pyarrow as pa

from tiesa.journeys.questions.shares import bounded, rows_table
from tiesa.journeys.questions.unanswered import MESSAGES, SILENT, State
from tiesa.journeys.view import View

LISTED = 100
"""Channels, units, reasons and desks that are listed at most, those with most silence."""
_ANSWERED = "answered_messages"
"""The temporary table of answered messages, counted by channel, unit, reason and insistence."""


def causes_table(view: View, silent: int) -> pa.Table:
    """Messages per cause, of all `silent` ones."""
    found = view.rows(f"select cause, count(*) from {MESSAGES} where {SILENT} group by 1 order by 2 desc, 1")
    return rows_table([{"cause": cause, "n": n} | bounded(n, silent) for cause, n in found], ("cause",), ("n",))


def insistence(view: View, *, knows: bool) -> tuple[int, int, int | None]:
    """How many messages were answered, how many only after insisting, and how often these were asked (median).

    Makes the table _ANSWERED for `places_table`. knows: False where the log cannot tell silence, nor answers then.
    """
    view.connection.execute(
        f"create or replace temp table {_ANSWERED} as select channel, unit, reason, insistence, count(*) as n "
        f"from rows where {'is_answered' if knows else 'false'} group by all"
    )
    asked = dict(view.rows(f"select insistence, sum(n)::bigint from {_ANSWERED} group by 1 order by 1"))
    often = [times for times in asked if times > 1]
    again = sum(asked[times] for times in often)
    until = accumulate(asked[times] for times in often)
    median = next((times for times, n in zip(often, until, strict=True) if 2 * n >= again), None)
    return sum(asked.values()), again, median


def places_table(view: View) -> pa.Table:
    """Messages whose reply was due, by channel, unit and reason; a value that is not known is left out."""
    sets = "grouping sets ((channel), (unit), (reason))"
    which = "['channel', 'unit', 'reason'][list_position([grouping(channel), grouping(unit), grouping(reason)], 0)]"
    found = view.rows(
        "select dimension, value, sum(silent)::bigint as silent, sum(n)::bigint as n, sum(open)::bigint as open from ("
        f"select {which} as dimension, coalesce(channel, unit, reason) as value, 0 as silent, sum(n) as n, 0 as open "
        f"from {_ANSWERED} group by {sets} union all "
        f"select {which}, coalesce(channel, unit, reason), count(*) filter ({SILENT}), count(*), "
        f"count(*) filter (state = '{State.OPEN}') from {MESSAGES} where state <> '{State.NOT_DUE}' "
        f"group by {sets}) where value is not null group by dimension, value "
        f"qualify row_number() over (partition by dimension order by sum(silent) desc, sum(n) desc, value) <= {LISTED} "
        "order by dimension, silent desc, n desc, value"
    )
    rows = [
        {"dimension": dimension, "value": value, "unanswered": silent, "n": n, "open": opened} | bounded(silent, n)
        for dimension, value, silent, n, opened in found
    ]
    return rows_table(rows, ("dimension", "value"), ("unanswered", "n", "open"))


def resting_table(view: View) -> pa.Table:
    """Where the open messages rest; those with neither unit nor employee are left out."""
    employee = "rests_with" if view.scope.names else "null::varchar"
    return view.table(
        f"select rests_in as unit, {employee} as employee, count(*) as n, max(waited_s)::double as oldest_s "
        f"from {MESSAGES} where state = '{State.OPEN}' group by all having unit is not null or employee is not null "
        f"order by n desc, oldest_s desc, unit, employee limit {LISTED}"
    )

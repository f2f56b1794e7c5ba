"""How long each message of a customer waited for its answer, in business time or by the clock."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tiesa.core.business_time import microseconds
from tiesa.journeys.view import View, instant


def reply_times(view: View, where: str = "true", columns: Sequence[str] = ()) -> pa.Table:
    """One row per message: `asked_us`, `answered_us` (null: not yet), `spent_us` in business time, then `columns`, and
    `closed_us` (when its journey was given up without an answer).

    where: an SQL condition on `rows`. What has no answer is counted until its journey was given up, else until now; a
    message without one whose journey reached its goal after it is settled, and left out (all as in question 4).
    """
    more = "".join(f", {c}" for c in columns)
    is_closed = "not is_answered and settled_us >= epoch_us(occurred_at)"
    messages = view.table(
        f"select epoch_us(occurred_at) as asked_us, epoch_us(answered_at) as answered_us{more}, "
        f"case when {is_closed} then settled_us end as closed_us "
        f"from (from rows where is_answered is not null and {where}) r left join (select customer_key as who, "
        "journey_no as no, goal_state as settled, epoch_us(goal_at) as settled_us from journeys "
        "where goal_at is not null) j on j.who = r.customer_key and j.no = r.journey_no "
        f"where not coalesce({is_closed} and settled = 'reached', false)"
    )
    until = pc.coalesce(messages["answered_us"], messages["closed_us"], pa.scalar(microseconds(view.now), pa.int64()))
    spent = business_us(view, messages["asked_us"].to_numpy(), until.to_numpy())
    return messages.add_column(2, "spent_us", pa.array(spent, pa.int64()))


def business_us(view: View, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Business microseconds of each span, by the calendar of the rules."""
    if not len(start):
        return np.zeros(0, np.int64)
    first, last = instant(int(start.min())), instant(int(max(end.max(), start.max())))
    assert first is not None
    assert last is not None
    table = view.rules.calendar.table(first, last)
    return np.asarray(table.elapsed_many(end) - table.elapsed_many(start))

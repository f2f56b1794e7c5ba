"""Public standards: norm, metric, target, tolerance; and whether they are kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core.business_time import microseconds
from tiesa.journeys.changes import CHANGES, changes
from tiesa.journeys.deadlines import chosen_deadline
from tiesa.journeys.held import Held, held
from tiesa.journeys.monthly import NOTHING, Figure, Series, shares, trends
from tiesa.journeys.standards_measures import measure, measure_complaints, missing
from tiesa.journeys.standards_report import (
    BREACHES,
    MONTHLY,
    STANDARDS,
    StandardsReport,
    by_bounds,
    months_in,
    n_to_tell,
)
from tiesa.journeys.standards_rules import Standard, Standards, default_standards, read_standards
from tiesa.journeys.view import View, instant

__all__ = ["StandardsReport", "n_to_tell", "standards"]
_IN_TIMES = frozenset({"insistence", "contacts_to_goal"})
"""Metrics whose breaches are so many times, not so much time."""


def standards(view: View, *, top: int = 20, holds: Held | None = None) -> StandardsReport:
    """The home's standards (`rules/standards.toml`), or those of its channels, measured on a view.

    Args: top: how many open breaches to name per standard.
    Raises: InvalidRules where standards or deadlines of the home cannot be read.
    """
    holds = holds or held(view)
    set_up = read_standards(view.home) or default_standards(view.rules, _message_channels(view))
    settled = bool(view.one("select count(*) from journeys where goal_state <> 'open'")[0])
    gaps = [missing(standard, holds, settled=settled) for standard in set_up.standards]
    found = [
        _Measured.without(standard) if gap else _measured(view, standard, top)
        for standard, gap in zip(set_up.standards, gaps, strict=True)
    ]
    complaints = _complaints(view, holds, set_up, top)
    told = trends([m.series for m in (*found, *complaints)])
    rows = [m.row(t, gap) for m, t, gap in zip(found, told, gaps, strict=False)]
    kept_apart = [
        m.row(t, "" if holds["kind"] else "kind") for m, t in zip(complaints, told[len(found) :], strict=True)
    ]
    monthly = [
        {"standard": m.standard.name} | row for m in (*found, *complaints) for row in m.series.months.to_pylist()
    ]
    by_month = pa.Table.from_pylist(monthly, MONTHLY)
    period = months_in(by_month)
    return StandardsReport(
        standards=pa.Table.from_pylist(rows, STANDARDS),
        breaches=pa.concat_tables([BREACHES.empty_table(), *(m.breaches for m in (*found, *complaints))]),
        months=by_month,
        complaints=pa.Table.from_pylist(kept_apart, STANDARDS),
        are_defaults=set_up.are_defaults,
        as_of=view.now,
        changes=changes(view, since=period[0], until=period[1]) if period else CHANGES.empty_table(),
    )


def _message_channels(view: View) -> tuple[str, ...]:
    return tuple(c for (c,) in view.rows("select distinct channel from rows where is_answered is not null order by 1"))


@dataclass(frozen=True)
class _Measured:
    standard: Standard
    metric: str
    series: Series
    kept: int
    broken: int
    breaches: pa.Table
    unit: str = ""

    @classmethod
    def without(cls, standard: Standard) -> _Measured:
        """A standard that the log cannot measure."""
        return cls(standard, standard.metric, NOTHING, 0, 0, BREACHES.empty_table())

    def row(self, trend: str, gap: str) -> dict[str, Any]:
        standard, whole = self.standard, self.series.whole
        is_told = trend != "unknown" and whole.n
        change = self.series.change if is_told and self.series.change else Figure(0, None, None, None)
        verdict = "unknown"
        if whole.low is not None and whole.high is not None:
            verdict = by_bounds(whole.low, whole.high, standard.needed)
        n_needed = n_to_tell(whole.value, standard.needed) if whole.value is not None and verdict == "unknown" else None
        return {
            "standard": standard.name, "metric": self.metric, "target": standard.target,
            "unit": self.unit or None, "business_time": standard.business_time, "needed": standard.needed,
            "n": whole.n, "kept": self.kept, "kept_share": whole.value, "low": whole.low, "high": whole.high,
            "verdict": verdict, "n_needed": n_needed, "breaches_now": self.broken, "trend": trend if whole.n else None,
            "change": change.value, "change_low": change.low, "change_high": change.high, "since": standard.since,
            "owner": standard.owner or None, "public": standard.public, "missing": gap or None,
        }  # fmt: skip


def _measured(view: View, standard: Standard, top: int) -> _Measured:
    measure(view, standard)
    until = _told_until(view, standard)
    return _read(view, standard, standard.metric, top, until)


def _complaints(view: View, holds: Held, set_up: Standards, top: int) -> list[_Measured]:
    """Complaints against the statutory deadline that the rules choose; every one of them has to be in time."""
    if set_up.complaints is None:
        return []
    deadline = chosen_deadline(view.home, *set_up.complaints)
    standard = Standard(deadline.name, "reply_time", deadline.deadline, tolerance=0.0)
    if not holds["kind"]:
        return [_Measured(standard, "complaints", NOTHING, 0, 0, BREACHES.empty_table(), deadline.unit)]
    measure_complaints(view, deadline)
    return [replace(_read(view, standard, "complaints", top, _undecided(view)), unit=deadline.unit)]


def _read(view: View, standard: Standard, metric: str, top: int, until: datetime | None) -> _Measured:
    """The figures of `measured`, which is dropped."""
    series = shares(view, "select instant, kept as hit from measured", until=until)
    kept, broken = view.one("select count(*) filter (kept), count(*) filter (breached) from measured")
    made = _Measured(standard, metric, series, kept, broken, _breaches(view, standard, top))
    view.connection.execute("drop table measured")
    return made


def _told_until(view: View, standard: Standard) -> datetime | None:
    """Until when everything is known to be kept or not."""
    if standard.metric in ("goal_reached", "unanswered"):  # what is still silent may yet be settled or answered
        windows = [view.rules.windows_of(name).same_reason for name in (None, *view.rules.types)]
        return view.now - max(windows)
    return _undecided(view) if standard.metric != "contacts_to_goal" else None


def _undecided(view: View) -> datetime | None:
    first = view.one("select min(epoch_us(instant)) from measured where kept is null")[0]
    before = instant(first)
    return None if before is None else before - timedelta(microseconds=1)


def _breaches(view: View, standard: Standard, top: int) -> pa.Table:
    names = view.scope.names
    times = "m.over" if standard.metric in _IN_TIMES else "null::double"
    found = view.table(
        f"select {'i.source_id' if names else 'null::varchar'} as customer, "
        f"{'j.case_id' if names else 'null::varchar'} as case_id, m.touchpoint, epoch_us(m.instant) as since, "
        f"({microseconds(view.now)} - epoch_us(m.instant)) / 1e6 as open_s, {times} as over_times, "
        f"m.customer_key, m.journey_no from (from measured where breached order by over desc, customer_key, journey_no "
        f"limit {top}) m join journeys j using (customer_key, journey_no) left join (select customer_key, "
        "min(source_id) as source_id from identities group by 1) i using (customer_key) "
        "order by m.over desc, m.customer_key, m.journey_no"
    )
    since = pc.cast(pc.cast(found["since"], pa.timestamp("us")), pa.timestamp("us", tz="UTC"))
    found = found.set_column(found.schema.get_field_index("since"), "since", since)
    named = pa.array([standard.name] * found.num_rows, pa.string())
    return found.append_column("standard", named).select(BREACHES.names).cast(BREACHES)

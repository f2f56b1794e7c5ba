"""What the organisation changed, as far as it concerns a view: marked on every picture whose axis is the calendar.

It says that something was changed, never that anything came of it.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, timedelta

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _, pgettext
from tiesa.core.scope import EVERYTHING
from tiesa.core.shown import Shown, ShownTable
from tiesa.core.tables import CHANGE
from tiesa.engines.duckdb import literal
from tiesa.journeys.selection import ALL
from tiesa.journeys.view import View
from tiesa.pictures.charts_marks import Annotation

CHANGES = pa.schema([("day", pa.date32()), ("what", pa.string()), ("scope", pa.string())])
_EVERY = pa.schema(
    [*CHANGES, ("live_from", pa.timestamp("us", tz="UTC")), ("source", pa.string()), ("import_id", pa.string())]
)
MOST_KEPT = 20
_kept: dict[Hashable, frozenset[str]] = {}
_OF_CONTACTS = ("unit", "process", "product", "channel", "touchpoint")


def changes(
    view: View, *, since: date | None = None, until: date | None = None, customer_key: int | None = None
) -> pa.Table:
    """What was changed between two days (both included) that holds for journeys of the view, by day (CHANGES).

    What is to be changed after the view's now is not there yet. customer_key: for journeys of this customer only.
    """
    found = every_change(view, customer_key=customer_key)
    wanted = [
        row["live_from"] <= view.now
        and (since is None or row["day"] >= since)
        and (until is None or row["day"] <= until)
        for row in found.select(["live_from", "day"]).to_pylist()
    ]
    return found.filter(pa.array(wanted, pa.bool_())).select(CHANGES.names)


def every_change(view: View, *, customer_key: int | None = None) -> pa.Table:
    """Every change that holds for journeys of the view, those to come too: CHANGES, live_from, source, import_id.

    Where a change holds is text, of words apart by commas. A word that is the name of a journey type, unit, process,
    product, channel or touchpoint of the log limits it to journeys with that one; a change none of whose words is such
    a name ("all journeys") holds everywhere.
    """
    if not view.has(CHANGE):
        return _EVERY.empty_table()
    found = view.table(
        "select make_timestamp(epoch_us(live_from))::date as day, what, scope, live_from, source, import_id "
        "from changes order by live_from, what, scope"
    ).cast(_EVERY)
    holds = _holding(view, [set(_words(scope)) for scope in found["scope"].to_pylist()], customer_key)
    return found.filter(pa.array(holds, pa.bool_()))


def last_day(month: date) -> date:
    """The last day of a month.

    >>> last_day(date(2026, 2, 1))
    datetime.date(2026, 2, 28)
    """
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def marks_of(found: pa.Table) -> tuple[Annotation, ...]:
    """Changes as marks of a chart."""
    return tuple(Annotation(row["day"], row["what"]) for row in found.to_pylist())


def changes_table(found: pa.Table) -> ShownTable:
    """Changes as a table for people."""
    days = pa.array([formats.day(day) for day in found["day"].to_pylist()], pa.string())
    columns = (
        Shown("day", pgettext("of a day", "from")),
        Shown("what", _("what was changed")),
        Shown("scope", _("where it holds")),
    )
    return ShownTable(
        "changes",
        _("What was changed in this time"),
        found.set_column(0, "day", days),
        columns,
        note=_("That something followed a change does not mean that it came of it."),
    )


def _words(scope: str) -> list[str]:
    return [word.strip().casefold() for word in scope.split(",") if word.strip()]


def _holding(view: View, wanted: list[set[str]], customer_key: int | None) -> list[bool]:
    """Of each set of words: does the view (or the customer) have such journeys, or is none of the words a name?"""
    words = set().union(*wanted)
    if not words or (customer_key is None and view.selection == ALL and view.scope == EVERYTHING):
        return [True] * len(wanted)
    names = _names_of_log(view, frozenset(words))
    if customer_key is None:
        here = _named(view, words, "rows", "journeys")
    else:
        theirs = [f"(from {of} where customer_key = {int(customer_key)})" for of in ("all_rows", "all_journeys")]
        here = _named(view, words, *theirs)
    return [not (of & names) or bool(of & here) for of in wanted]


def _names_of_log(view: View, words: frozenset[str]) -> frozenset[str]:
    """The words that are names of something in the evidence. Kept: they never change, and take a scan of it all."""
    key = (view.evidence.rows, view.evidence.recent_rows, words)
    if key not in _kept:
        found = frozenset(_named(view, set(words), view.evidence.rows_sql, view.evidence.journeys_sql))
        while len(_kept) >= MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = found
    return _kept[key]


def _named(view: View, words: set[str], rows: str, journeys: str) -> set[str]:
    """Which of the words are names of something in these contacts and journeys."""
    among = ", ".join(map(literal, sorted(words)))
    parts = [f"select distinct lower({c}) as word from {rows} where lower({c}) in ({among})" for c in _OF_CONTACTS]
    parts.append(f"select distinct lower(journey_type) from {journeys} where lower(journey_type) in ({among})")
    return {word for (word,) in view.rows(" union ".join(parts))}

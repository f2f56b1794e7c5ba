"""What stands behind a moment, on its sheet: how many it reaches and when, the contacts, what customers wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pyarrow as pa

from tiesa.contacts.private import Private
from tiesa.core import formats
from tiesa.core.intervals import share
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.core.small_groups import FEWEST, withheld
from tiesa.core.tables import WORDS
from tiesa.engines.duckdb import parquet
from tiesa.journeys.view import View
from tiesa.moments.kept import Estimate, episodes_words
from tiesa.moments.sheet import Part
from tiesa.pictures.charts_trend import trend

SAMPLE = 12
"""Contacts that stand on a sheet; files hold all."""
QUOTES = 5
LONGEST = 280
"""Characters of what a customer wrote that are shown."""
AFTER = timedelta(days=30)
"""What they wrote in the same journey so long after counts as said about it."""


@contextmanager
def _lent(view: View, exposed: pa.Table) -> Iterator[str]:
    """The contacts as a relation of the view's connection."""
    view.connection.register("moment_exposed", exposed)
    try:
        yield "moment_exposed"
    finally:
        view.connection.unregister("moment_exposed")


def reach(view: View, exposed: pa.Table, one: Estimate, *, withhold_few: bool = False) -> Part:
    """How many episodes and customers, and which share of those in contact, month by month. withhold_few: months in
    which few were in it are not told."""
    with _lent(view, exposed) as relation:
        episodes, customers = view.one(f"select count(*), count(distinct customer_key) from {relation}")
        (known,) = view.one("select count(distinct customer_key) from rows")
        months = view.table(
            "with active as (select date_trunc('month', occurred_at)::date as period, count(distinct customer_key) "
            "as n from rows group by 1), hit as (select date_trunc('month', occurred_at)::date as period, "
            "count(*) as episodes, count(distinct customer_key) as customers from rows semi join "
            f"{relation} using (customer_key, journey_no, journey_position) group by 1) select active.period, n, "
            "coalesce(episodes, 0) as episodes, coalesce(customers, 0) as customers from active left join hit "
            "using (period) order by 1"
        ).to_pylist()
    of_all = share(customers, known)
    answer = _("{episodes} of {customers} customers: {share} of those in the data.").format(
        episodes=episodes_words(episodes), customers=formats.number(customers), share=formats.whole_share(of_all)
    )
    hidden = withheld([row["customers"] for row in months]) if withhold_few else frozenset()
    rows = [_month(row, is_told=i not in hidden) for i, row in enumerate(months)]
    data = pa.Table.from_pylist(rows, schema=_MONTHS)
    columns = (
        Shown("month", _("month")),
        Shown("episodes", _("episodes"), Kind.COUNT),
        Shown("customers", _("customers"), Kind.COUNT),
        Shown("value", _("share of customers in contact"), Kind.SHARE, "low", "high"),
        Shown("n", _("customers in contact"), Kind.COUNT),
    )
    title = _("Customers in this situation, of those in contact that month")
    table = ShownTable("reach", _("Reach, the latest month first"), data.sort_by([("period", "descending")]), columns)
    return Part(
        "reach", _("How many it reaches"), answer, (), (table,),
        lambda theme, width: trend(data, unit="share", title=title, theme=theme, width=width),
        _("Counted over all customers who could still be lost at that time, both halves together, in the month of the "
          "contact. A month's share has a Wilson interval; of few customers in contact none is told."),
    )  # fmt: skip


_MONTHS = pa.schema(
    {
        "period": pa.date32(), "month": pa.string(), "n": pa.int64(), "episodes": pa.int64(), "customers": pa.int64(),
        "value": pa.float64(), "low": pa.float64(), "high": pa.float64(),
    }
)  # fmt: skip


def _month(row: dict[str, Any], *, is_told: bool) -> dict[str, Any]:
    if not is_told or row["n"] < FEWEST:
        return {"period": row["period"], "month": f"{row['period']:%Y-%m}", "n": row["n"]}
    found = share(row["customers"], row["n"])
    bounds = {"value": found.value, "low": found.interval.low, "high": found.interval.high}
    return row | bounds | {"month": f"{row['period']:%Y-%m}"}


def behind(view: View, exposed: pa.Table, one: Estimate) -> Part:
    """A sample of its contacts, spread over the years, with their journeys; and how to get all."""
    names = view.scope.names
    with _lent(view, exposed) as relation:
        rows = view.table(
            f"select * from (select *, row_number() over (order by hash(contact_id, source)) as drawn from {relation}) "
            f"where drawn <= {SAMPLE} order by exposed"
        ).to_pylist()
    columns = [
        Shown("exposed", _("came true"), Kind.INSTANT),
        Shown("touchpoint", _("touchpoint")),
        Shown("customer_key", _("customer no.")),
        Shown("journey_no", _("journey no.")),
    ]
    if names:
        columns.append(Shown("contact_id", _("contact"), whole=True))
    kept = ("customer_key", "journey_no", "touchpoint", "exposed", *(("contact_id",) if names else ()))
    data = exposed.select(kept).schema.empty_table()
    if rows:
        data = pa.Table.from_pylist([{name: row[name] for name in kept} for row in rows], schema=data.schema)
    answer = ngettext("{n} contact of {all}, drawn by chance.", "{n} contacts of {all}, drawn by chance.",
                      len(rows)).format(n=len(rows), all=formats.number(len(exposed)))  # fmt: skip
    note = _("All of them: `tiesa moments {id} --rows contacts.parquet`.").format(id=one["id"])
    table = ShownTable("behind", _("Contacts at which it came true"), data, tuple(columns), note=note)
    return Part("behind", _("The contacts and journeys behind it"), answer, (), (table,))


def customers_words(view: View, exposed: pa.Table) -> Part | None:
    """What customers wrote at these contacts or soon after, in the same journey: a few, drawn by chance."""
    files = [file.path for file in Private(view.home).words.version().current()]
    if not files:
        return None
    with _lent(view, exposed) as relation:
        rows = view.table(
            f"with said as (select e.customer_key, e.journey_no, r.occurred_at, r.touchpoint, t.text, "
            "row_number() over (partition by e.customer_key order by r.occurred_at) as nth "
            f"from {relation} e join rows r on r.customer_key = e.customer_key and r.journey_no = e.journey_no and "
            "r.journey_position >= e.journey_position and r.direction = 'inbound' "
            f"and r.occurred_at <= e.exposed + interval {AFTER.days} day "
            f"join {parquet(files, WORDS)} t on t.contact_id = r.contact_id and t.source = r.source) "
            "select *, count(*) over () as all_said from said where nth = 1 and length(text) > 20 "
            f"order by hash(customer_key, journey_no) limit {QUOTES}"
        ).to_pylist()
    if not rows:
        return None
    data = pa.table(
        {
            "touchpoint": [row["touchpoint"] for row in rows],
            "said": [_shortened(row["text"]) for row in rows],
            "when": [f"{row['occurred_at']:%Y-%m}" for row in rows],
        }
    )
    said = Shown("said", _("what they wrote"), whole=True)
    columns = (said, Shown("touchpoint", _("touchpoint")), Shown("when", _("month")))
    table = ShownTable("words", _("In customers' own words"), data, columns)
    answer = ngettext(
        "{n} of {all} customer who wrote then, drawn by chance.",
        "{n} of {all} customers who wrote then, drawn by chance.",
        rows[0]["all_said"],
    ).format(n=len(rows), all=formats.number(rows[0]["all_said"]))
    return Part("words", _("In customers' own words"), answer, (), (table,))


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text}”" if len(text) <= LONGEST else f"“{text[: LONGEST - 1].rstrip()}…”"

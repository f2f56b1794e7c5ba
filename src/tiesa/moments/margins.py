"""What customers bring a year, in the home's currency: amounts of several currencies are not compared as they stand."""

from __future__ import annotations

from tiesa.engines.duckdb import literal
from tiesa.journeys.exchange import dated_rates
from tiesa.journeys.view import View

YEAR_DAYS = 365
_LEAST_DAYS = 360
"""Versions a year apart may differ by some days."""


def margins(view: View) -> str:
    """SQL: what is known of customers, with `margin`: by the rate of the day; null where nobody knows one. An amount
    without a currency is one of the home's."""
    home = view.rules.currency
    return (
        f"(select c.*, case when coalesce(c.currency, {literal(home)}) = {literal(home)} then c.yearly_margin::double "
        "else c.yearly_margin::double * r.rate end as margin from customers c "
        f"asof left join ({dated_rates('rates', home)}) r on r.currency = c.currency and r.date <= c.as_of::date)"
    )


def margins_a_year_later(view: View) -> str:
    """SQL: customer_key, t, value, since, earlier: a margin, when it was known (microseconds), and that of the version
    which was in force a year before, when `since` was."""
    known = f"(select customer_key, as_of, margin from {margins(view)} where margin is not null)"
    return (
        "select n.customer_key, epoch_us(n.as_of) as t, n.margin as value, "
        f"epoch_us(n.as_of - interval {YEAR_DAYS} days) as since, e.margin as earlier "
        f"from {known} n asof join {known} e on e.customer_key = n.customer_key "
        f"and e.as_of <= n.as_of - interval {_LEAST_DAYS} days"
    )

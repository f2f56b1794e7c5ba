"""What one currency is worth in another, by day: SQL over the imported rates."""

from __future__ import annotations

from tiesa.engines.duckdb import literal


def dated_rates(rates: str, currency: str) -> str:
    """SQL: `currency`, `date`, `rate`: from that day on one unit is worth so many of `currency`, by rates either way.

    rates: a relation as `RATE` has it.
    """
    return (
        f"select from_currency as currency, date, rate::double as rate from {rates} "
        f"where to_currency = {literal(currency)} "
        f"union all select to_currency, date, 1 / rate::double from {rates} where from_currency = {literal(currency)}"
    )

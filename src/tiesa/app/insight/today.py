"""Today: who waits for us now, which standards are missed, what changed since last week."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from tiesa.app.insight.answers import RESULTS
from tiesa.app.insight.drilling import links
from tiesa.app.insight.looking import look
from tiesa.app.insight.paging import show, worked_out
from tiesa.app.people.gate import needs
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right
from tiesa.journeys.listing import Order, Which, journey_list
from tiesa.journeys.weekly import weekly

FIRST = 12
"""Customers who are named on the page; the list holds all."""


@needs(Right.SEE_FIGURES)
@worked_out
def today(request: HttpRequest) -> HttpResponse:
    """The first page of everybody."""
    access = access_of(request.user)
    seen = look(request)
    found = seen.ask_all({name: RESULTS[name] for name in ("waits", "standards", "silence")} | {"weekly": weekly})
    waiting = None
    if access.may(Right.SEE_CUSTOMERS):
        waiting = look(request, Right.SEE_CUSTOMERS).ask(
            ("list", Which.WAITING, Order.WAITING, 1),
            lambda view: journey_list(view, which=Which.WAITING, order=Order.WAITING),
        )
    standards = found["standards"]
    missed = [row for row in standards.rows if row["n"] and row["verdict"] == "not_kept"]
    breaches = next((t for t in standards.tables() if "customer_key" in t.data.column_names), None)
    return show(
        request,
        "insight/today.html",
        seen,
        waits=found["waits"],
        silence=found["silence"],
        standards=standards,
        missed=missed,
        breaches=breaches.head(FIRST) if breaches and access.may(Right.SEE_CUSTOMERS) else None,
        breach_links=links(breaches.head(FIRST), seen.filters, access) if breaches else [],
        weekly=found["weekly"],
        waiting=waiting,
        waiting_rows=waiting.rows.slice(0, FIRST).to_pylist() if waiting else [],
    )

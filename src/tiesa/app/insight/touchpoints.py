"""The inventory of touchpoints on screen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from tiesa.app.insight import answers
from tiesa.app.insight.drilling import links
from tiesa.app.insight.looking import look
from tiesa.app.insight.paging import show, worked_out
from tiesa.app.insight.small_groups import fit_for
from tiesa.app.people.gate import needs
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right


@needs(Right.SEE_FIGURES)
@worked_out
def touchpoints(request: HttpRequest) -> HttpResponse:
    """Every touchpoint, those before the purchase too: how often, who answers for it, what is known of feelings."""
    seen = look(request)
    found = seen.ask("touchpoints", answers.touchpoints)
    access = access_of(request.user)
    (table,) = fit_for(access, (found.table(),))
    return show(
        request, "insight/touchpoints.html", seen,
        found=found, table=table, links=links(table, seen.filters, access),
    )  # fmt: skip

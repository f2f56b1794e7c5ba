"""One customer on screen: finding them, their whole story, and the brief before a meeting."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tiesa.app.insight.looking import Look, look
from tiesa.app.insight.paging import worked_out
from tiesa.app.insight.seeing import note_seen
from tiesa.app.people.audit import record
from tiesa.app.people.gate import needs, person_of
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right
from tiesa.core.scope import NOTHING
from tiesa.journeys.story import Story, customers_found, story


@needs(Right.SEE_CUSTOMERS)
@worked_out
def customers(request: HttpRequest) -> HttpResponse:
    """Search for a customer by id, name, address or number."""
    seen = look(request, Right.SEE_CUSTOMERS)
    words = request.GET.get("q", "").strip()[:100]
    found = []
    if words:
        with seen.lent() as view:
            found = customers_found(view, words, limit=50)
    return render(request, "insight/customers.html", {"words": words, "found": found, "names": seen.scope.names})


def _told(request: HttpRequest, seen: Look, customer_key: int) -> Story:
    """The story, with what was written where the person may read it for every journey shown."""
    access = access_of(request.user)
    words = access.may(Right.SEE_WORDS) and access.scope(Right.SEE_WORDS) == seen.scope != NOTHING
    with seen.lent() as view:
        told = story(view, customer_key, words=words)
    if told is None:
        raise Http404
    return told


@needs(Right.SEE_CUSTOMERS)
@worked_out
def story_page(request: HttpRequest, customer_key: int) -> HttpResponse:
    """Everything between us and one customer, in one scroll."""
    seen = look(request, Right.SEE_CUSTOMERS)
    told = _told(request, seen, customer_key)
    record(request.user, "customer.open", about=f"customer {customer_key}")
    note_seen(person_of(request), told)
    return render(request, "insight/story.html", {"story": told, "names": seen.scope.names})


@needs(Right.SEE_NAMES)
@worked_out
def brief(request: HttpRequest, customer_key: int) -> HttpResponse:
    """What to know before meeting the customer, on a phone. Opening it counts as having seen (question 5)."""
    seen = look(request, Right.SEE_NAMES)
    told = _told(request, seen, customer_key)
    record(request.user, "brief.open", about=f"customer {customer_key}")
    note_seen(person_of(request), told)
    return render(request, "insight/brief.html", {"story": told})

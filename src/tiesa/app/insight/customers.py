"""One customer on screen: finding them, their whole story, and the brief before a meeting."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiesa.app.insight.downloads import asked_drawing
from tiesa.app.insight.looking import Look, look
from tiesa.app.insight.paging import worked_out
from tiesa.app.insight.seeing import note_seen
from tiesa.app.intake.same_person import may_decide
from tiesa.app.moments.flags import flags_of
from tiesa.app.people.audit import record
from tiesa.app.people.gate import needs, person_of
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right
from tiesa.core.scope import NOTHING
from tiesa.journeys.searching import customers_found
from tiesa.journeys.story import Story, story
from tiesa.journeys.story_emotion import emotion_picture, emotion_table
from tiesa.pictures.palette import Theme

SHOWN = 10
"""Known emotions that stand in the table; the story itself holds all."""


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
        told = story(view, view.numbers_of(customer_key)[0], words=words)  # each number of a person leads to them
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
    felt = None
    if told.felt:
        felt = {"picture": emotion_picture(told), "table": emotion_table(told).head(SHOWN)}
    context = {
        "story": told, "names": seen.scope.names, "felt": felt, "moments": flags_of(seen, told.customer_key),
        **_known_under(request, seen, customer_key),
    }  # fmt: skip
    return render(request, "insight/story.html", context)


def _known_under(request: HttpRequest, seen: Look, customer_key: int) -> dict[str, Any]:
    """Under how many numbers a customer is known; which, for who may see names."""
    ids: list[str] = []
    with seen.lent() as view:
        numbers = view.numbers_of(customer_key)
        if len(numbers) > 1 and seen.scope.names:
            found = view.rows(f"select source_id from identities where customer_key = {customer_key} order by 1")
            ids = [source_id for (source_id,) in found]
    return {"known_under": len(numbers), "known_ids": ids, "decides": may_decide(access_of(request.user))}


@needs(Right.SEE_CUSTOMERS)
@require_safe
def emotion(request: HttpRequest, customer_key: int) -> HttpResponse:
    """What the customer felt, as SVG. It belongs to the story, whose opening was noted."""

    def draw(theme: Theme, width: int) -> str | None:
        with look(request, Right.SEE_CUSTOMERS).lent() as view:
            told = story(view, customer_key)
        return emotion_picture(told, theme=theme, width=width).svg() if told and told.felt else None

    return asked_drawing(request, draw)


@needs(Right.SEE_NAMES)
@worked_out
def brief(request: HttpRequest, customer_key: int) -> HttpResponse:
    """What to know before meeting the customer, on a phone. Opening it counts as having seen (question 5)."""
    seen = look(request, Right.SEE_NAMES)
    told = _told(request, seen, customer_key)
    record(request.user, "brief.open", about=f"customer {customer_key}")
    note_seen(person_of(request), told)
    return render(request, "insight/brief.html", {"story": told})

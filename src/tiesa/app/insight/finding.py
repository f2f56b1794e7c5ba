"""The command palette: pages, touchpoints and customers by a few letters."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tiesa.app.insight.answers import places
from tiesa.app.insight.desk import NotYet
from tiesa.app.insight.journeys import question_words
from tiesa.app.insight.looking import look
from tiesa.app.people.gate import needs
from tiesa.app.people.navigation import entries
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right
from tiesa.core.errors import EmptyHome
from tiesa.core.folding import folded
from tiesa.core.locale import _
from tiesa.journeys.questions.asking import NUMBERS
from tiesa.journeys.searching import customers_found

MOST = 8


@needs(Right.SEE_FIGURES)
def find(request: HttpRequest) -> HttpResponse:
    """What these letters may mean, within what the person may see."""
    words = request.GET.get("q", "").strip()[:100]
    wanted = folded(words)
    access = access_of(request.user)
    found = [(entry.words, entry.address, _("page")) for entry in entries(access, request)]
    for name, argument, label in places():
        found.append((label, reverse(name, args=[argument] if argument else None), _("journeys")))
    for number, name in NUMBERS.items():
        found.append(
            (
                question_words(number),
                reverse("insight:journeys_answer", args=[name]),
                _("question {n}").format(n=number),
            )
        )
    hits = [hit for hit in found if all(part in folded(hit[0]) for part in wanted.split())][:MOST]
    if wanted:
        with suppress(NotYet, EmptyHome):
            hits += _in_data(request, words, wanted)
    template = "insight/found.html" if getattr(request, "htmx", False) else "insight/found_page.html"
    return render(request, template, {"words": words, "hits": hits})


def _in_data(request: HttpRequest, words: str, wanted: str) -> list[tuple[str, str, str]]:
    access = access_of(request.user)
    seen = look(request)
    hits = []
    for choice in seen.choices():
        if choice.name in ("touchpoint", "journey_type", "channel", "unit"):
            for value, _n in choice.values:
                if wanted in folded(value):
                    hits.append(
                        (value, reverse("insight:journeys") + "?" + urlencode({choice.name: value}), choice.words)
                    )
    hits = hits[:MOST]
    if access.may(Right.SEE_CUSTOMERS) and len(wanted) > 1:
        own = look(request, Right.SEE_CUSTOMERS)
        with own.lent() as view:
            for one in customers_found(view, words, limit=MOST):
                label = " · ".join(part for part in (one["name"], one["source_id"]) if part) or f"{one['customer_key']}"
                hits.append((label, reverse("insight:customer", args=[one["customer_key"]]), _("customer")))
    return hits

"""What every page of figures shares: it says when it is still being worked out, and when there is nothing yet."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tiesa.app.insight.desk import NotYet
from tiesa.app.insight.filters import chips
from tiesa.app.insight.looking import Look, look
from tiesa.app.insight.small_groups import TooFew, too_few_words
from tiesa.core.errors import EmptyHome
from tiesa.core.locale import _

View = Callable[..., HttpResponse]


def worked_out(view: View) -> View:
    """Where an answer is not there yet the page asks again by itself; without journeys it says how to begin."""

    @wraps(view)
    def patient(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        try:
            return view(request, *arguments, **named)
        except NotYet:
            response = render(request, "insight/working.html", {})
            response["Cache-Control"] = "no-store"
            return response
        except EmptyHome:
            return render(request, "insight/nothing_yet.html", {})
        except TooFew:
            return show(request, "insight/too_few.html", look(request), words=too_few_words())

    return patient


def show(request: HttpRequest, template: str, seen: Look, **context: Any) -> HttpResponse:
    """A page about journeys, with its filter bar and what it rests on."""
    bar = {
        "look": seen,
        "filters": seen.filters,
        "chips": chips(seen.filters),
        "choices": seen.choices() if context.get("has_filters", True) else (),
        "base": base_facts(seen),
    }
    return render(request, template, bar | context)


def base_facts(seen: Look) -> str:
    """What the page rests on, in one line."""
    from tiesa.core import formats

    parts = [
        _("as of {now} UTC").format(now=formats.moment(seen.found.last_contact)),
        _("evidence {n}").format(n=seen.found.version),
    ]
    return " · ".join(parts)

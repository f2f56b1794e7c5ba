"""The early warning on screen: whom to turn to today, why, and how well such lists did; and that somebody did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tiesa.app.insight.downloads import asked_drawing, kept_a_while
from tiesa.app.insight.looking import Look, look
from tiesa.app.insight.paging import worked_out
from tiesa.app.people.audit import record
from tiesa.app.people.gate import needs
from tiesa.app.people.models import Person
from tiesa.app.people.roles import Right
from tiesa.app.people.undoing import say_done
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _
from tiesa.journeys.selection import ALL
from tiesa.journeys.view import View
from tiesa.moments.kept import register_marks
from tiesa.moments.objections import objected_to_profiling
from tiesa.moments.warning import LEAVING, EarlyWarning
from tiesa.moments.warning_memory import Kept, held_out_before, remember_contact, remembered
from tiesa.pictures.palette import Theme

TOPS = (20, 50, 100)
"""How many a team can turn to."""


def _top(request: HttpRequest) -> int:
    """How many were asked for; of other numbers, 50."""
    top = request.GET.get("top", "")
    return int(top) if top in map(str, TOPS) else TOPS[1]


def warning_of(seen: Look, top: int, *, patience: float | None = 0.25) -> EarlyWarning | str:
    """Today's list as somebody may see it, or in words why there is none. An objection holds from the next look on.
    Raises: NotYet."""
    with seen.lent() as view:
        objected = objected_to_profiling(view)
        apart = held_out_before(seen.home, view.now, LEAVING)

    def made(view: View) -> EarlyWarning | str:
        from tiesa.moments.warning_today import early_warning

        try:
            return early_warning(view, top=top, objected=objected, stay_out=apart)
        except UnusableInput as error:
            return str(
                UnusableInput(error.what, remedy=error.remedy)
            )  # the folder of the home is nobody's business here

    name = ("early warning", top, objected, apart, register_marks(seen.home))
    return seen.drawn(name, made, selection=ALL, patience=patience)


@needs(Right.SEE_CUSTOMERS)
@worked_out
def warning(request: HttpRequest) -> HttpResponse:
    """The answer in a sentence, the list, and the test it rests on."""
    seen = look(request, Right.SEE_CUSTOMERS)
    found = warning_of(seen, _top(request))
    if isinstance(found, str):
        return render(request, "moments/warning.html", {"found": None, "why": found})
    keys = [one.customer_key for one in found.warned]
    context = {
        "found": found,
        "names": _names(seen, keys),
        "contacted": _contacted(seen, found),
        "picture": found.picture(),
        "figures": [table for table in found.tables() if table.name != "list"],
        "top": found.top,
        "tops": TOPS,
        "is_part": not seen.scope.sees_everything,
    }
    return render(request, "moments/warning.html", context)


def _names(seen: Look, keys: Iterable[int]) -> dict[int, str]:
    """Names by customer number, for who may see them."""
    listed = ", ".join(map(str, keys))
    if not seen.scope.names or not listed:
        return {}
    with seen.lent() as view:
        return dict(
            view.rows(
                "select customer_key, min(name) from persons where name is not null "
                f"and customer_key in ({listed}) group by 1"
            )
        )


def _contacted(seen: Look, found: EarlyWarning) -> dict[int, dict[str, Any]]:
    """The latest contact because of a list, by customer: when, and by whom."""
    kept = [one for one in remembered(seen.home) if one.kept == Kept.CONTACTED and one.target == found.target]
    who = dict(Person.objects.filter(pk__in={one.by for one in kept if one.by.isdecimal()}).values_list("pk", "name"))
    return {
        one.customer_key: {"at": one.at, "by": who.get(int(one.by)) if one.by.isdecimal() else None} for one in kept
    }


@needs(Right.SEE_CUSTOMERS)
def warning_picture(request: HttpRequest) -> HttpResponse:
    """What was said and what came, as SVG."""

    def draw(theme: Theme, width: int) -> str | None:
        found = warning_of(look(request, Right.SEE_CUSTOMERS), _top(request), patience=None)
        drawn = None if isinstance(found, str) else found.picture(theme=theme, width=width)
        return drawn.svg() if drawn else None

    return kept_a_while(asked_drawing(request, draw))


@needs(Right.SEE_CUSTOMERS, Right.ANNOTATE)
@require_POST
def warning_contacted(request: HttpRequest, customer_key: int) -> HttpResponse:
    """Remember that this person turned to a customer because of the list; only who is on it can be noted."""
    seen = look(request, Right.SEE_CUSTOMERS)
    found = warning_of(seen, _top(request), patience=None)
    listed = [] if isinstance(found, str) else [one for one in found.warned if one.customer_key == customer_key]
    if isinstance(found, str) or not listed:
        raise Http404
    remember_contact(seen.home, found, listed[0], by=str(request.user.pk))
    record(request.user, "warning.contacted", about=str(customer_key), target=LEAVING)
    say_done(request, _("It is noted that you turned to this customer."))
    return redirect(f"{reverse('moments:warning')}?top={found.top}#customer-{customer_key}")

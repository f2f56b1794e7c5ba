"""What was changed, on screen: the dated marks of every picture on the calendar, noted and taken back here."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tiesa.app.config.installation import installation
from tiesa.app.insight.changes_work import LONGEST, SOURCE, note_change, take_back_change
from tiesa.app.insight.looking import look, look_anew
from tiesa.app.insight.paging import worked_out
from tiesa.app.people.gate import needs
from tiesa.app.people.roles import Right
from tiesa.app.people.undoing import say_done, say_refused
from tiesa.core.errors import TiesaError
from tiesa.core.locale import _
from tiesa.journeys.changes import every_change

SHOWN = 50


@needs(Right.ANNOTATE)
@worked_out
def changes(request: HttpRequest) -> HttpResponse:
    """Every change that concerns the person, the latest first; a form for one more."""
    given = {name: request.POST.get(name, "").strip() for name in ("what", "day", "scope")}
    back, error = _back(request), ""
    if request.method == "POST":
        try:
            entry = note_change(installation().place, **given, by=request.user)
        except TiesaError as refused:
            error = refused.what
        else:
            look_anew()
            undo = reverse("insight:rules_change_undo")
            say_done(request, _("Noted: it stands on every picture over time."), undo=undo, entry=entry, next=back)
            return redirect(back or "insight:rules_changes")
    seen = look(request)
    rows = seen.ask("changes", every_change, patience=None).to_pylist()[::-1]
    context: dict[str, Any] = {
        "rows": rows[:SHOWN],
        "own": SOURCE,
        "names": _names(seen.choices()),
        "given": given,
        "error": error,
        "back": back,
        "today": timezone.now().date().isoformat(),
        "longest": LONGEST,
    }
    return render(request, "insight/changes.html", context, status=400 if error else 200)


@needs(Right.ANNOTATE)
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what was noted here."""
    try:
        take_back_change(installation().place, request.POST.get("entry", ""), by=request.user)
    except TiesaError as refused:
        say_refused(request, refused.what)
    else:
        look_anew()
        say_done(request, _("Taken back."))
    return redirect(_back(request) or "insight:rules_changes")


def _back(request: HttpRequest) -> str:
    """The page from which somebody came, to which they return."""
    address = request.POST.get("next", request.GET.get("next", ""))[:1000]
    return address if address.startswith("/") and url_has_allowed_host_and_scheme(address, None) else ""


def _names(choices: Any) -> list[str]:
    """What a change can be limited to."""
    return [value for choice in choices if choice.name in ("journey_type", "unit", "product", "channel")
            for value, _n in choice.values][:100]  # fmt: skip

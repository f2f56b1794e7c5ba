"""Units of the organisation on screen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tiesa.app.people import units as work
from tiesa.app.people.data_names import data_names
from tiesa.app.people.gate import needs
from tiesa.app.people.models import Unit
from tiesa.app.people.roles import Right
from tiesa.app.people.undoing import say_done, say_refused
from tiesa.app.people.work import NotAllowed
from tiesa.core.locale import _, ngettext


@needs(Right.MANAGE_PEOPLE)
@require_safe
def units(request: HttpRequest) -> HttpResponse:
    """The tree, and what the data name besides."""
    branches = work.tree()
    known = {branch.unit.name for branch in branches}
    found = data_names().units
    return render(
        request,
        "people/units.html",
        {
            "branches": branches,
            "missing": [name for name in found if name not in known],
            "in_data": set(found),
        },
    )


@needs(Right.MANAGE_PEOPLE)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Add units of the data, or one that stands above them."""
    wanted = request.POST.get("parent", "")
    parent = get_object_or_404(Unit, pk=wanted) if wanted.isdecimal() else None
    names = [*request.POST.getlist("found"), request.POST.get("name", "")]
    n = work.add(names, by=request.user, parent=parent)
    say_done(request, ngettext("{n} unit added.", "{n} units added.", n).format(n=n))
    return redirect("people:units")


@needs(Right.MANAGE_PEOPLE)
@require_POST
def move(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Move a unit below another."""
    unit = get_object_or_404(Unit, pk=unit_id)
    wanted = request.POST.get("parent", "")
    parent = get_object_or_404(Unit, pk=wanted) if wanted.isdecimal() else None
    before = str(unit.parent_id or "")
    try:
        work.move(unit, parent, by=request.user)
    except NotAllowed as error:
        say_refused(request, error.what)
    else:
        words = (
            _("{unit} lies below {parent}.").format(unit=unit, parent=parent)
            if parent
            else _("{unit} lies at the top.").format(unit=unit)
        )
        say_done(request, words, undo=reverse("people:unit_move", args=[unit.pk]), parent=before)
    return redirect("people:units")


@needs(Right.MANAGE_PEOPLE)
@require_POST
def remove(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Remove a unit that is empty."""
    unit = get_object_or_404(Unit, pk=unit_id)
    try:
        work.remove(unit, by=request.user)
    except NotAllowed as error:
        say_refused(request, error.what)
    else:
        words = _("{unit} is removed.").format(unit=unit)
        say_done(request, words, undo=reverse("people:unit_add"), name=unit.name, parent=str(unit.parent_id or ""))
    return redirect("people:units")

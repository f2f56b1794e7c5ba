"""Saved views, and the tour of somebody's first visit."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tiesa.app.insight.models import SavedView
from tiesa.app.people.audit import record
from tiesa.app.people.gate import needs, person_of, signed_in
from tiesa.app.people.roles import Right
from tiesa.core.locale import _


@needs(Right.SEE_FIGURES)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the page with its filters under a name."""
    name, address = request.POST.get("name", "").strip()[:80], request.POST.get("address", "")[:1000]
    if not url_has_allowed_host_and_scheme(address, None) or not address.startswith("/"):
        address = "/journeys/"
    if name:
        SavedView.objects.update_or_create(
            owner=person_of(request),
            name=name,
            defaults={"address": address, "is_shared": request.POST.get("shared") == "on"},
        )
        record(request.user, "view.save", about=name)
        messages.success(request, _("Kept as “{name}”: you find it under Journeys.").format(name=name))
    return redirect(address)


@needs(Right.SEE_FIGURES)
@require_POST
def remove(request: HttpRequest, view_id: int) -> HttpResponse:
    """Remove a saved view of one's own."""
    kept = get_object_or_404(SavedView, pk=view_id, owner=person_of(request))
    record(request.user, "view.remove", about=kept.name)
    kept.delete()
    return redirect("insight:journeys")


@signed_in
@require_POST
def tour(request: HttpRequest) -> HttpResponse:
    """The tour was seen."""
    person = person_of(request)
    person.tour_seen = True
    person.save(update_fields=["tour_seen"])
    return redirect("/")

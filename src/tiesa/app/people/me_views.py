"""My account: what I am called, how I sign in, where I am signed in, what I may see, what I did."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tiesa.app.people import work
from tiesa.app.people.audit import record
from tiesa.app.people.audit_reading import by_person, shown_entries
from tiesa.app.people.forms import SelfForm
from tiesa.app.people.gate import signed_in
from tiesa.app.people.in_words import may_see
from tiesa.app.people.models import Person
from tiesa.app.people.policies import access_of
from tiesa.app.people.undoing import say_done, say_refused
from tiesa.core.locale import _

LAST = 12


def oneself(request: HttpRequest) -> Person:
    """The person of the request (the gate lets nobody else through)."""
    assert isinstance(request.user, Person)
    return request.user


@signed_in
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """My account."""
    person = oneself(request)
    sessions = sorted(UserSession.objects.purge_and_list(person), key=lambda one: one.last_seen_at, reverse=True)
    return render(
        request,
        "people/me.html",
        {
            "sessions": sessions,
            "memberships": person.memberships.select_related("unit").order_by("role"),
            "sees": may_see(access_of(person)),
            "entries": shown_entries(by_person(person)[:LAST]),
            "has_password": person.has_usable_password(),
            "has_second_factor": is_mfa_enabled(person),
        },
    )


@signed_in
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Name and language."""
    person, form = oneself(request), SelfForm(request.POST)
    if not form.is_valid() or form.cleaned_data["language"] not in {"", *dict(settings.LANGUAGES)}:
        say_refused(request, _("A name is needed."))
        return redirect("people:me")
    before = {"name": person.name, "language": person.language}
    work.save_self(person, **form.cleaned_data)
    say_done(request, _("Saved."), undo=reverse("people:save_me"), **before)
    return redirect("people:me")


@signed_in
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one of my own sessions."""
    session = get_object_or_404(UserSession, pk=session_id, user=oneself(request))
    if session.session_key == request.session.session_key:
        return redirect("account_logout")
    session.end()
    record(request.user, "session.end")
    say_done(request, _("That browser is signed out."))
    return redirect(reverse("people:me") + "#sessions")

"""People on screen: who is here, with which roles, and who was invited."""

from __future__ import annotations

from typing import Any

from django.core.mail import send_mail
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tiesa.app.config.installation import installation
from tiesa.app.people import work
from tiesa.app.people.data_names import data_names
from tiesa.app.people.forms import InviteForm, PersonForm, PlaceForm
from tiesa.app.people.gate import needs
from tiesa.app.people.history import history_of
from tiesa.app.people.models import JoinInvitation, Membership, Person, Unit
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right, Role
from tiesa.app.people.undoing import say_done, say_refused
from tiesa.core.locale import _


@needs(Right.MANAGE_PEOPLE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, and the invitations that are open."""
    return render(request, "people/list.html", _everybody())


def _everybody() -> dict[str, Any]:
    listed = Person.objects.prefetch_related(
        Prefetch("memberships", Membership.objects.select_related("unit").order_by("role"))
    ).order_by("-is_active", "name", "email")
    open_ones = JoinInvitation.objects.select_related("unit", "invited_by").filter(
        used_at__isnull=True, withdrawn_at__isnull=True
    )
    return {
        "people": listed,
        "active": sum(person.is_active for person in listed),
        "invitations": open_ones.order_by("-created_at"),
        **choices(),
        "can_mail": bool(installation().mail_host),
    }


def choices() -> dict[str, Any]:
    """What roles can be given for."""
    return {"roles": list(Role), "units": list(Unit.objects.all()), "processes": data_names().processes}


@needs(Right.MANAGE_PEOPLE)
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the link is shown once, or sent."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        say_refused(request, _("The mail address is not one."))
        return redirect("people:list")
    address = form.cleaned_data["email"]
    try:
        invitation, token = work.invite(email=address, by=request.user, **form.place())
    except work.NotAllowed as error:
        say_refused(request, error.what)
        return redirect("people:list")
    link = installation().base_url.rstrip("/") + reverse("people:join", args=[token])
    if address and form.cleaned_data["by_mail"] and installation().mail_host:
        _send(address, link, request)
        say_done(request, _("The invitation is on its way."), undo=reverse("people:withdraw", args=[invitation.pk]))
        return redirect("people:list")
    return render(request, "people/invited.html", {"invitation": invitation, "link": link})


def _send(address: str, link: str, request: HttpRequest) -> None:
    words = {"link": link, "by": str(request.user), "days": work.INVITATION_DAYS}
    subject = render_to_string("people/mail/invitation_subject.txt", words).strip()
    send_mail(subject, render_to_string("people/mail/invitation.txt", words), None, [address])


@needs(Right.MANAGE_PEOPLE)
@require_POST
def withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Withdraw an invitation, or take that back."""
    invitation = get_object_or_404(JoinInvitation, pk=invitation_id)
    back = bool(request.POST.get("back"))
    work.withdraw(invitation, by=request.user, back=back)
    again = {} if back else {"back": "1"}
    words = _("The invitation holds again.") if back else _("The invitation is withdrawn.")
    say_done(request, words, undo=reverse("people:withdraw", args=[invitation_id]), **again)
    return redirect("people:list")


@needs(Right.MANAGE_PEOPLE)
@require_safe
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: their roles, their account, what became of both."""
    shown = get_object_or_404(Person, pk=person_id)
    return render(
        request,
        "people/person.html",
        {
            "shown": shown,
            "memberships": shown.memberships.select_related("unit").order_by("role"),
            "is_locked": work.is_locked(shown),
            "may_read_audit": access_of(request.user).may(Right.READ_AUDIT),
            "history": history_of(shown),
            **choices(),
        },
    )


@needs(Right.MANAGE_PEOPLE)
@require_POST
def change(request: HttpRequest, person_id: int) -> HttpResponse:
    """Name and employee number."""
    shown = get_object_or_404(Person, pk=person_id)
    form = PersonForm(request.POST)
    if form.is_valid():
        before = {"name": shown.name, "employee": shown.employee}
        work.set_employee(shown, by=request.user, **form.cleaned_data)
        say_done(request, _("Saved."), undo=reverse("people:change", args=[shown.pk]), **before)
    else:
        say_refused(request, _("A name is needed."))
    return redirect("people:person", shown.pk)


@needs(Right.MANAGE_PEOPLE)
@require_POST
def give(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give a role."""
    shown = get_object_or_404(Person, pk=person_id)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        say_refused(request, _("That role or unit does not exist."))
        return redirect("people:person", shown.pk)
    try:
        made = work.give(shown, by=request.user, **form.place())
    except work.NotAllowed as error:
        say_refused(request, error.what)
    else:
        words = _("{name} has the role: {role}.").format(name=shown, role=Role(made.role).in_words())
        say_done(request, words, undo=reverse("people:take", args=[made.pk]))
    return redirect("people:person", shown.pk)


@needs(Right.MANAGE_PEOPLE)
@require_POST
def take(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Take a role away."""
    held = get_object_or_404(Membership.objects.select_related("person", "unit"), pk=membership_id)
    try:
        work.take(held, by=request.user)
    except work.NotAllowed as error:
        say_refused(request, error.what)
    else:
        words = _("{name} no longer has the role: {role}.").format(name=held.person, role=Role(held.role).in_words())
        again = {"role": held.role, "unit": str(held.unit_id or ""), "process": held.process}
        say_done(request, words, undo=reverse("people:give", args=[held.person_id]), **again)
    return redirect("people:person", held.person_id)


@needs(Right.MANAGE_PEOPLE)
@require_POST
def switch(request: HttpRequest, person_id: int) -> HttpResponse:
    """Switch an account off or on."""
    shown = get_object_or_404(Person, pk=person_id)
    on = request.POST.get("on") == "1"
    try:
        work.set_active(shown, on, by=request.user)
    except work.NotAllowed as error:
        say_refused(request, error.what)
    else:
        words = _("{name} can sign in again.") if on else _("{name} is signed out everywhere and cannot sign in.")
        say_done(
            request, words.format(name=shown), undo=reverse("people:switch", args=[shown.pk]), on="0" if on else "1"
        )
    return redirect("people:person", shown.pk)


@needs(Right.MANAGE_PEOPLE)
@require_POST
def unlock(request: HttpRequest, person_id: int) -> HttpResponse:
    """Let somebody in at once who typed too many wrong passwords."""
    shown = get_object_or_404(Person, pk=person_id)
    work.unlock(shown, by=request.user)
    say_done(request, _("{name} can try again at once.").format(name=shown))
    return redirect("people:person", shown.pk)

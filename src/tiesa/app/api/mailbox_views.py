"""Mailboxes on screen: which are read, how far, and what is wrong where one is not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tiesa.app.api import mailbox_work
from tiesa.app.api.models import Mailbox
from tiesa.app.jobs.work import ask_once
from tiesa.app.people.gate import needs
from tiesa.app.people.roles import Right
from tiesa.app.people.undoing import say_done, say_refused
from tiesa.core.errors import TiesaError
from tiesa.core.locale import _

MINUTES = (1, 5, 15, 60)
WORDS = ("name", "host", "security", "user", "password", "folder", "source", "own")


def security_words() -> dict[str, str]:
    """How the connection is kept secret."""
    return {"tls": "TLS", "starttls": "STARTTLS", "plain": _("none (this machine only)")}


@needs(Right.MANAGE_INSTALLATION)
@require_safe
def boxes(request: HttpRequest) -> HttpResponse:
    """All mailboxes, and the form to add one."""
    return _listed(request, {})


def _listed(request: HttpRequest, given: dict[str, str], *, status: int = 200) -> HttpResponse:
    context = {"boxes": Mailbox.objects.all(), "securities": security_words(), "minutes": MINUTES, "given": given}
    return render(request, "api/mailboxes.html", context, status=status)


@needs(Right.MANAGE_INSTALLATION)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Add a mailbox; what was typed stays where it does not work, but for the password."""
    given = {name: request.POST.get(name, "") for name in WORDS}
    port, every = (_whole(request.POST.get(name, "")) for name in ("port", "every_minutes"))
    try:
        box = mailbox_work.add(**given, port=port, every_minutes=every, by=request.user)
    except TiesaError as error:
        say_refused(request, str(error))
        return _listed(request, {**given, "port": str(port), "password": ""}, status=422)
    _read_now(box, request)
    say_done(request, _("{name} is read from now on.").format(name=box.name), undo=_undo(box, "close"))
    return redirect("mailboxes:list")


def _whole(word: str) -> int:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 6 else 0


def _undo(box: Mailbox, word: str) -> str:
    return reverse(f"mailboxes:{word}", args=[box.pk])


def _read_now(box: Mailbox, request: HttpRequest) -> None:
    ask_once("mailbox", {"mailbox": box.pk}, by=request.user)


@needs(Right.MANAGE_INSTALLATION)
@require_POST
def set_open(request: HttpRequest, box_id: int, word: str) -> HttpResponse:
    """Read a mailbox again, or no longer."""
    box = get_object_or_404(Mailbox, pk=box_id)
    mailbox_work.set_open(box, word == "open", by=request.user)
    said = _("{name} is read from now on.") if word == "open" else _("{name} is no longer read.")
    say_done(request, said.format(name=box.name), undo=_undo(box, "close" if word == "open" else "open"))
    return redirect("mailboxes:list")


@needs(Right.MANAGE_INSTALLATION)
@require_POST
def read_now(request: HttpRequest, box_id: int) -> HttpResponse:
    """Look into a mailbox now."""
    box = get_object_or_404(Mailbox, pk=box_id, is_open=True)
    _read_now(box, request)
    say_done(request, _("{name} is being read.").format(name=box.name))
    return redirect("mailboxes:list")


@needs(Right.MANAGE_INSTALLATION)
@require_POST
def new_password(request: HttpRequest, box_id: int) -> HttpResponse:
    """Use another password."""
    box = get_object_or_404(Mailbox, pk=box_id)
    try:
        mailbox_work.new_password(box, request.POST.get("password", ""), by=request.user)
    except TiesaError as error:
        say_refused(request, str(error))
    else:
        say_done(request, _("The new password works and is kept."))
    return redirect("mailboxes:list")

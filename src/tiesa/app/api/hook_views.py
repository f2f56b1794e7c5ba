"""Webhooks on screen: who calls us, whom we call, and what became of each call."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tiesa.app.api import deliveries, hook_work
from tiesa.app.api.models import Batch, Delivery, Hook, Inlet
from tiesa.app.api.signing import HEADERS, SIGNATURE
from tiesa.app.config.installation import installation
from tiesa.app.people.gate import needs
from tiesa.app.people.roles import Right
from tiesa.app.people.undoing import say_done, say_refused
from tiesa.core.errors import TiesaError
from tiesa.core.locale import _

PAGE = 50


def shape_words() -> dict[str, str]:
    """The kinds of systems that may call us."""
    return {"generic": _("Any system, in our own words"), "chatwoot": "Chatwoot", "zendesk": "Zendesk"}


@needs(Right.MANAGE_INSTALLATION)
@require_safe
def hooks(request: HttpRequest) -> HttpResponse:
    """All webhooks in both directions, and the forms to make one."""
    counted = Hook.objects.annotate(
        waiting=Count("deliveries", Q(deliveries__state=Delivery.WAITING)),
        given_up=Count("deliveries", Q(deliveries__state=Delivery.GIVEN_UP)),
        delivered=Count("deliveries", Q(deliveries__state=Delivery.DELIVERED)),
    )
    context = {
        "inlets": [(inlet, address_of(inlet)) for inlet in Inlet.objects.all()],
        "hooks": counted,
        "events": deliveries.events(),
        "shapes": shape_words(),
        "refused": Batch.objects.filter(state=Batch.REFUSED),
    }
    return render(request, "api/hooks.html", context)


@needs(Right.MANAGE_INSTALLATION)
@require_POST
def batch_again(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take a batch that the log refused once more."""
    hook_work.batch_again(get_object_or_404(Batch, pk=batch_id, state=Batch.REFUSED), by=request.user)
    say_done(request, _("It is taken to the log once more within a few seconds."))
    return redirect("hooks:list")


def address_of(inlet: Inlet) -> str:
    """What the other system calls."""
    return installation().base_url.rstrip("/") + reverse("api:webhook", args=[inlet.pk])


@needs(Right.MANAGE_INSTALLATION)
@require_POST
def make_inlet(request: HttpRequest) -> HttpResponse:
    """Make an address that another system calls; the secret is shown once."""
    words = {name: request.POST.get(name, "") for name in ("name", "shape", "source", "secret")}
    try:
        inlet, secret = hook_work.make_inlet(**words, by=request.user)
    except TiesaError as error:
        say_refused(request, str(error))
        return redirect("hooks:list")
    shown = {"inlet": inlet, "address": address_of(inlet), "secret": secret, "headers": HEADERS[inlet.shape]}
    return render(request, "api/hook_made.html", shown)


@needs(Right.MANAGE_INSTALLATION)
@require_POST
def make_hook(request: HttpRequest) -> HttpResponse:
    """Make a webhook that we call; the secret is shown once."""
    try:
        hook, secret = hook_work.make_hook(
            name=request.POST.get("name", ""),
            url=request.POST.get("url", ""),
            events=request.POST.getlist("events"),
            by=request.user,
        )
    except TiesaError as error:
        say_refused(request, str(error))
        return redirect("hooks:list")
    shown = {"inlet": None, "hook": hook, "address": hook.url, "secret": secret, "headers": (SIGNATURE,)}
    return render(request, "api/hook_made.html", shown)


@needs(Right.MANAGE_INSTALLATION)
@require_POST
def set_inlet(request: HttpRequest, inlet_id: UUID, word: str) -> HttpResponse:
    """Open or close an address that others call."""
    inlet = get_object_or_404(Inlet, pk=inlet_id)
    _set(request, inlet, word, reverse(f"hooks:inlet_{_other(word)}", args=[inlet.pk]))
    return redirect("hooks:list")


@needs(Right.MANAGE_INSTALLATION)
@require_POST
def set_hook(request: HttpRequest, hook_id: int, word: str) -> HttpResponse:
    """Open or close a webhook that we call."""
    hook = get_object_or_404(Hook, pk=hook_id)
    _set(request, hook, word, reverse(f"hooks:hook_{_other(word)}", args=[hook.pk]))
    return redirect("hooks:list")


def _other(word: str) -> str:
    return "close" if word == "open" else "open"


def _set(request: HttpRequest, kept: Hook | Inlet, word: str, undo: str) -> None:
    hook_work.set_open(kept, word == "open", by=request.user)
    said = _("{name} is open.") if word == "open" else _("{name} is closed.")
    say_done(request, said.format(name=kept.name), undo=undo)


@needs(Right.MANAGE_INSTALLATION)
@require_safe
def calls(request: HttpRequest, hook_id: int) -> HttpResponse:
    """What became of the calls of one webhook, the newest first."""
    hook = get_object_or_404(Hook, pk=hook_id)
    page = Paginator(hook.deliveries.all(), PAGE).get_page(request.GET.get("page"))
    return render(request, "api/calls.html", {"hook": hook, "page": page, "events": deliveries.events()})


@needs(Right.MANAGE_INSTALLATION)
@require_POST
def send_again(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Send a call once more."""
    delivery = get_object_or_404(Delivery.objects.select_related("hook"), pk=delivery_id)
    hook_work.send_again(delivery, by=request.user)
    say_done(request, _("It is sent once more within a few seconds."))
    return redirect("hooks:calls", delivery.hook_id)

"""Keys of programs on screen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tiesa.app.people import keys as work
from tiesa.app.people.data_names import data_names
from tiesa.app.people.gate import needs
from tiesa.app.people.models import ApiKey, Unit
from tiesa.app.people.roles import KEY_RIGHTS, Right
from tiesa.app.people.undoing import say_done, say_refused
from tiesa.app.people.work import NotAllowed
from tiesa.core.locale import _

DAYS = (30, 90, 365, 730)


@needs(Right.MANAGE_KEYS)
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """All keys, those that hold first."""
    listed = list(ApiKey.objects.select_related("unit", "made_by"))
    return render(
        request,
        "people/keys.html",
        {
            "keys": sorted(listed, key=lambda key: not key.is_open),
            "open": sum(key.is_open for key in listed),
            "rights": [(str(right), work.right_words(right)) for right in KEY_RIGHTS],
            "right_words": {str(right): work.right_words(right) for right in KEY_RIGHTS},
            "units": list(Unit.objects.all()),
            "processes": data_names().processes,
            "days": DAYS,
        },
    )


@needs(Right.MANAGE_KEYS)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make a key; its secret is in this answer and nowhere else."""
    said = request.POST
    unit = get_object_or_404(Unit, pk=said["unit"]) if said.get("unit", "").isdecimal() else None
    chosen = [right for right in KEY_RIGHTS if right in said.getlist("rights")]
    days = int(said["days"]) if said.get("days", "").isdecimal() else 0
    try:
        key, secret = work.make_key(
            name=said.get("name", ""), rights=chosen, by=request.user, days=days, unit=unit,
            process=said.get("process", "").strip()[:200],
        )  # fmt: skip
    except NotAllowed as error:
        say_refused(request, error.what)
        return redirect("people:keys")
    response = render(request, "people/key_made.html", {"key": key, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response


@needs(Right.MANAGE_KEYS)
@require_POST
def withdraw(request: HttpRequest, key_id: int) -> HttpResponse:
    """Withdraw a key, or take that back."""
    key = get_object_or_404(ApiKey, pk=key_id)
    back = bool(request.POST.get("back"))
    work.withdraw_key(key, by=request.user, back=back)
    words = _("The key {name} holds again.") if back else _("The key {name} is withdrawn.")
    again = {} if back else {"back": "1"}
    say_done(request, words.format(name=key.name), undo=reverse("people:key_withdraw", args=[key.pk]), **again)
    return redirect("people:keys")

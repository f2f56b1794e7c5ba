"""What the house itself answers: is it well, what does it count, its colours, its pages for when something is wrong."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from tiesa.app.config.installation import installation
from tiesa.app.config.observing import REQUESTS
from tiesa.app.people.gate import public
from tiesa.core.errors import TiesaError
from tiesa.pictures.palette import DARK, LIGHT, PRINT, Theme

YEAR_S = 365 * 24 * 3600


@public
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 where the database answers and the home can be read, else 503: for a load balancer or systemd."""
    del request
    found = {"database": "ok", "home": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        found["database"] = "no answer"
    try:
        installation().place.check()
    except TiesaError:
        found["home"] = "not readable"
    well = set(found.values()) == {"ok"}
    return JsonResponse({"status": "ok" if well else "failing", **found}, status=200 if well else 503)


@public
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts of requests and jobs, in the text format that Prometheus reads."""
    token = installation().metrics_token
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    is_here = request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not installation().behind_proxy
    if not (secrets.compare_digest(shown.encode(), token.encode()) if token else is_here):
        return HttpResponse(status=404)
    from tiesa.app.jobs.models import Job

    lines = [*REQUESTS.lines(), "# TYPE tiesa_jobs gauge"]
    jobs = Job.objects.values("kind", "state").annotate(n=Count("pk")).order_by("kind", "state")
    lines += [f'tiesa_jobs{{kind="{row["kind"]}",state="{row["state"]}"}} {row["n"]}' for row in jobs]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")


@public
@require_safe
@cache_control(public=True, max_age=YEAR_S, immutable=True)
def tokens(request: HttpRequest) -> HttpResponse:
    """The colours of every page, from the same palette as the pictures'; its address carries the version."""
    del request

    def rule(theme: Theme) -> str:
        return "{" + ";".join(f"{name}:{value}" for name, value in theme.tokens.items()) + "}"

    css = [
        f":root{rule(LIGHT)}",
        ":root{color-scheme:light dark}",
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){rule(DARK)}}}",
        f"@media screen{{:root[data-theme=dark]{rule(DARK)}}}",
        ":root[data-theme=dark]{color-scheme:dark}:root[data-theme=light]{color-scheme:light}",
        f"@media print{{:root{rule(PRINT)}}}",
    ]
    return HttpResponse("\n".join(css), content_type="text/css")


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on."""
    chosen = request.POST.get("language", "")
    response = _back(request)
    if chosen in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            request.user.language = chosen
            request.user.save(update_fields=["language"])
        _keep(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system has it."""
    chosen = request.POST.get("theme", "")
    response = _back(request)
    if chosen in ("light", "dark"):
        response.set_cookie(
            "tiesa_theme", chosen, max_age=YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        response.delete_cookie("tiesa_theme")
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    """A choice that is no secret, kept in the browser for a year."""
    response.set_cookie(name, value, max_age=YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)


def _back(request: HttpRequest) -> HttpResponse:
    """To the page somebody came from, on this site only."""
    wanted = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        wanted = "/"
    return redirect(wanted)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404."""
    del exception
    return render(request, "not_found.html", status=404)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403."""
    del exception
    return render(request, "refused.html", status=403)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400."""
    del exception
    return render(request, "bad_request.html", status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """500: a page that needs nothing that could be broken."""
    from django.template.loader import render_to_string

    return HttpResponse(render_to_string("broken.html", using="pages"), status=500)

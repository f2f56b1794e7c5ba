"""What surrounds every request: its line in the log and its place in the counts, and the language it speaks."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from tiesa.app.config.languages import ours, spoken_by
from tiesa.app.config.observing import REQUESTS
from tiesa.core.locale import use_language

Answer = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("tiesa.requests")


def observed(answer: Answer) -> Answer:
    """Log and count every request by the name of its address: no path, no query, no person."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = answer(request)
        seconds = time.perf_counter() - started
        match = request.resolver_match
        name = (match.view_name if match else "") or "other"
        REQUESTS.add(name, request.method or "", response.status_code, seconds)
        if response.status_code >= 500 or seconds > 1:
            log.warning(
                "slow or failed request",
                extra={"view": name, "status": response.status_code, "ms": round(seconds * 1000)},
            )
        response["Server-Timing"] = f"app;dur={seconds * 1000:.1f}"
        return response

    return middleware


def speaking(answer: Answer) -> Answer:
    """Speak the person's language, else the one their browser asks for, else the installation's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        tag = spoken_by(request)
        with translation.override(tag), use_language(ours(tag)):
            request.LANGUAGE_CODE = tag
            response = answer(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()  # what is rendered later would speak another language
        response.headers.setdefault("Content-Language", tag)
        return response

    return middleware

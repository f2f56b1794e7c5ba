"""The application as a server starts it.

Everything of ours is synchronous, so a request crosses over to a thread once, with all its middleware: left to itself
Django would cross for nearly every one of them. The threads stay, and each keeps its connection to the database, so
that no request waits for one to be made.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tiesa.app.config.settings")

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse

HANDS = 12
"""So many requests are answered at a time; the others wait their turn."""


class OneCrossing(ASGIHandler):
    """Django's handler with the whole chain of middleware in one of our threads."""

    def load_middleware(self, is_async: bool = False) -> None:
        del is_async
        super().load_middleware(is_async=False)
        chain: Callable[[HttpRequest], HttpResponse] = self._middleware_chain  # type: ignore[has-type]

        def answer(request: HttpRequest) -> HttpResponse:
            close_old_connections()  # one that broke off, or is past its age
            return chain(request)

        hands = ThreadPoolExecutor(HANDS, thread_name_prefix="request")
        self._middleware_chain = sync_to_async(answer, thread_sensitive=False, executor=hands)


django.setup(set_prefix=False)
from tiesa.app.intake.uploading import limited  # noqa: E402 (its model needs the set-up)

application = limited(OneCrossing())  # type: ignore[arg-type]  # the stubs name the same otherwise

"""The application as a server starts it.

Everything of ours is synchronous, so a request crosses over to a thread once, with all its middleware: left to itself
Django would cross for nearly every one of them. The threads stay, and each keeps its connection to the database, so
that no request waits for one to be made.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tiesa.app.config.settings")

import django
from asgiref.sync import sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import connections
from django.http import FileResponse, HttpResponseBase
from django.urls import set_script_prefix

HANDS = 12
"""So many requests are answered at a time; the others wait their turn."""


class OneCrossing(ASGIHandler):
    """Django's handler with everything that a request sets off in one of our threads."""

    def __init__(self) -> None:
        super().__init__()
        hands = ThreadPoolExecutor(HANDS, thread_name_prefix="request")
        self._answered = sync_to_async(self._answer, thread_sensitive=False, executor=hands)

    def load_middleware(self, is_async: bool = False) -> None:
        del is_async
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request. One whose sender has gone meanwhile is answered to the end all the same."""
        if scope["type"] != "http":
            raise ValueError(scope["type"])
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        response: Any = await self._answered(scope, body)
        headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
        headers += [(b"Set-Cookie", cookie.OutputString().encode("ascii")) for cookie in response.cookies.values()]
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        if not response.streaming:
            await send({"type": "http.response.body", "body": response.content, "more_body": False})
            return
        alone = ThreadPoolExecutor(1, thread_name_prefix="stream")  # what is read on the way keeps to one connection
        following: Any = sync_to_async(next, thread_sensitive=False, executor=alone)
        try:  # part by part: Django would hold the whole of a file in memory
            parts = iter(response)
            while (part := await following(parts, None)) is not None:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await sync_to_async(_close, thread_sensitive=False, executor=alone)(response)
            alone.shutdown(wait=False)

    def _answer(self, scope: Any, body: IO[bytes]) -> HttpResponseBase:
        """The response, closed unless its content is still to be read."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refused = self.create_request(scope, body)
        response: Any = refused if request is None else self.get_response(request)
        response._handler_class = self.__class__
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if not response.streaming:
            response.close()
        if request is None:
            body.close()
        return response  # type: ignore[no-any-return]


def _close(response: HttpResponseBase) -> None:
    response.close()
    connections.close_all()  # those of a thread that ends


django.setup(set_prefix=False)
from tiesa.app.intake.uploading import limited  # noqa: E402 (its model needs the set-up)

application = limited(OneCrossing())

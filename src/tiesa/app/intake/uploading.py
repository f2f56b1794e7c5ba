"""Uploads go straight to a file in the home, whatever their size: nothing is held in memory."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from tiesa.app.config.installation import installation
from tiesa.app.intake.models import uploads

BESIDE_FILE = 2**20
"""Bytes that a form may have besides its file."""
LARGE_BODIES = ("/data/", "/api/")
"""The beginnings of addresses that take large bodies; elsewhere a form is small."""
SMALL_BODY = 12 * 2**20
STRAY = "upload-"
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


class ToFolder(TemporaryFileUploadHandler):
    """Streams to `app/uploads` of the home, sums the bytes up, and stops where the limit is passed."""

    def new_file(self, *arguments: Any, **named: Any) -> None:
        super(TemporaryFileUploadHandler, self).new_file(*arguments, **named)
        folder = uploads()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.file = _Kept(self.file_name, self.content_type, 0, self.charset, self.content_type_extra, str(folder))
        self.received = 0
        self.sum = hashlib.sha256()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > installation().upload_limit:
            self.file.close()
            self.request.too_large = True  # type: ignore[union-attr]
            raise StopUpload(connection_reset=True)
        self.sum.update(raw_data)
        super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        done = super().file_complete(file_size)
        self.file.sha256 = self.sum.hexdigest()  # type: ignore[attr-defined]
        return done


class _Kept(TemporaryUploadedFile):
    """An uploaded file that lies in a folder of ours, so that keeping it is a rename."""

    sha256 = ""

    def __init__(self, name: Any, content_type: Any, size: int, charset: Any, extra: Any, folder: str) -> None:
        file = tempfile.NamedTemporaryFile(prefix=STRAY, dir=folder)  # noqa: SIM115 (closed by the request)
        super(TemporaryUploadedFile, self).__init__(file, name, content_type, size, charset, extra)


def limited(application: Application) -> Application:
    """The application, spared bodies that are too large: refused before they are read where they say their length,
    else cut off where they pass the limit. Django would first write the whole of one to the system's temporary folder.
    """

    async def bounded(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        most = SMALL_BODY
        if scope["path"].startswith(LARGE_BODIES):
            most = installation().upload_limit + BESIDE_FILE
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if told.isdigit() and int(told) > most:
            headers = [(b"connection", b"close"), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 413, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return {"type": "http.disconnect"} if received > most else message

        await application(scope, counted, send)

    return bounded

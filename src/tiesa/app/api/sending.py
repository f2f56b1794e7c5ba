"""What programs send: rows one by one, and many as lines of JSON. Nobody is told 2xx before the row is durable."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from tiesa.app.api.checking import TAKEN, Reason, Row, Wrong, checker, decoded, place_of, plain
from tiesa.app.api.keys import WithKey
from tiesa.app.api.problems import Problem
from tiesa.app.api.routing import router
from tiesa.app.api.schemas import BulkReceipt, ProblemOut, Receipt, body, schema_of
from tiesa.app.config.installation import installation
from tiesa.app.intake.outbox import Taken, keep
from tiesa.app.people.roles import Right
from tiesa.core.columns import Table
from tiesa.core.locale import _

MOST_BYTES = 2**20
"""Of one row."""
CHUNK_ROWS = 5_000
MOST_REASONS = 1_000
READ_BYTES = 2**18
NDJSON = "application/x-ndjson"
Corrections = Literal["accept", "refuse"]
PROBLEMS = {400: ProblemOut, 401: ProblemOut, 403: ProblemOut, 413: ProblemOut, 422: ProblemOut, 429: ProblemOut}
TOO_MUCH = "too_long"


def read_body(request: HttpRequest, most: int = MOST_BYTES) -> bytes:
    """The whole body. Raises: Problem 413 where it is longer."""
    content = request.read(most + 1)
    if len(content) > most:
        raise Problem(413, _("This is too much for one request"))
    return content


def read_json(request: HttpRequest, most: int = MOST_BYTES) -> Any:
    """The body's value. Raises: Problem 400 where it is no JSON."""
    try:
        return decoded(read_body(request, most))
    except Wrong:
        raise Problem(400, _("The body is not JSON")) from None


def as_json(value: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(value), status=status, content_type="application/json")


def take_one(table: Table, given: Any, *, corrections: Corrections) -> HttpResponse:
    """Take a row and say what became of it. Raises: Problem 422 with reasons, 409 for a correction not wanted."""
    row = checker(table)(given)
    if isinstance(row, list):
        raise Problem(422, _("The row was not taken"), reasons=plain(row))
    taken = keep([row], corrections=corrections == "accept")
    if taken.changed:
        raise Problem(409, _("The row was not taken"), reasons=plain([Reason("", "changed")]))
    if taken.known:
        return as_json({"status": "known"})
    return as_json({"status": "corrected" if taken.corrected else "accepted"}, HTTPStatus.ACCEPTED)


@dataclass
class Intake:
    """Many rows on their way in, a chunk at a time: what became of them so far."""

    corrections: Corrections = "accept"
    rows: int = 0
    refused: int = 0
    durable_through: int = 0
    taken: Taken = field(default_factory=Taken)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    _chunk: list[tuple[int, Row]] = field(default_factory=list)

    def add(self, row: Row | list[Reason]) -> None:
        """The next row, checked."""
        self.rows += 1
        if isinstance(row, list):
            self.refuse(self.rows, row)
        else:
            self._chunk.append((self.rows, row))
            if len(self._chunk) >= CHUNK_ROWS:
                self.settle()

    def settle(self) -> None:
        """Make what came so far durable."""
        taken = keep([row for _line, row in self._chunk], corrections=self.corrections == "accept")
        for line, row in self._chunk if taken.changed else ():
            if row.name in taken.changed:
                self.refuse(line, [Reason("", "changed")])
        self._chunk.clear()
        self.taken += Taken(taken.accepted, taken.corrected, taken.known)
        self.durable_through = self.rows

    def refuse(self, line: int, reasons: Iterable[Reason]) -> None:
        self.refused += 1
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append({"line": line, "reasons": plain(reasons)})

    def as_plain(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "accepted": self.taken.accepted,
            "corrected": self.taken.corrected,
            "known": self.taken.known,
            "refused": self.refused,
            "durable_through": self.durable_through,
            "reasons": sorted(self.reasons, key=lambda one: int(one["line"])),
            "reasons_left_out": self.refused - len(self.reasons),
        }

    @property
    def status(self) -> int:
        """200 where every row was taken, 207 where some were, 422 where none was."""
        if not self.refused:
            return HTTPStatus.OK
        return HTTPStatus.MULTI_STATUS if self.refused < self.rows else HTTPStatus.UNPROCESSABLE_ENTITY


def take_all(rows: Iterable[Row | list[Reason]], *, corrections: Corrections = "accept") -> Intake:
    """Take rows, a chunk at a time. Raises: Problem 503 where the database fails midway; it says what is durable."""
    intake = Intake(corrections)
    try:
        for row in rows:
            intake.add(row)
        intake.settle()
    except OperationalError:
        raise Problem(503, _("The database does not answer just now"), retry_s=5, so_far=intake.as_plain()) from None
    return intake


def lines(request: HttpRequest, most: int = MOST_BYTES) -> Iterator[bytes | None]:
    """The lines of a body as they come in; None for one that is too long. Blank lines are left out."""
    rest, too_long, read = b"", False, 0
    while chunk := request.read(READ_BYTES):
        read += len(chunk)
        if read > installation().upload_limit:
            raise Problem(413, _("This is too much for one request"))
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if too_long:
                too_long = False
                yield None
            elif len(line) > 1 and not line.isspace():
                yield line if len(line) <= most else None
            elif line.strip():
                yield line
        if len(rest) > most:
            rest, too_long = b"", True
    if too_long:
        yield None
    elif rest.strip():
        yield rest


def checked(table: Table, rows: Iterable[bytes | None]) -> Iterator[Row | list[Reason]]:
    """Lines of JSON as rows of a table, or what is wrong with each."""
    check = checker(table)
    for line in rows:
        if line is None:
            yield [Reason("", TOO_MUCH)]
            continue
        try:
            value = decoded(line)
        except Wrong as wrong:
            yield [Reason("", str(wrong))]
        else:
            yield check(value)


def _operations(table: Table) -> None:
    """The two operations of a table: one row, and many."""
    one = body({"application/json": schema_of(table)})
    schema = {"type": "string", "description": f"One {table.name} per line, each as in POST {place_of(table)}"}
    many = body({NDJSON: schema})

    def send(request: HttpRequest, corrections: Corrections = "accept") -> HttpResponse:
        return take_one(table, read_json(request), corrections=corrections)

    def send_many(request: HttpRequest, corrections: Corrections = "accept") -> HttpResponse:
        intake = take_all(checked(table, lines(request)), corrections=corrections)
        if not intake.rows:
            raise Problem(400, _("The body holds no row"))
        return as_json(intake.as_plain(), intake.status)

    router.post(
        f"/{place_of(table)}",
        summary=f"Send one {table.name}",
        description=f"{table.meaning.capitalize()}. Durable when the answer is 2xx; sending it again is safe.",
        operation_id=f"send_one_{table.name}",
        auth=WithKey(Right.SEND_CONTACTS),
        tags=["send"],
        response={200: Receipt, 202: Receipt, 409: ProblemOut, **PROBLEMS},
        openapi_extra=one,
    )(send)
    router.post(
        f"/{place_of(table)}/bulk",
        summary=f"Send many {place_of(table)}",
        description="Lines of JSON. Rows are made durable as they come in; each refused row has its reasons.",
        operation_id=f"send_many_{place_of(table)}",
        auth=WithKey(Right.SEND_CONTACTS),
        tags=["send"],
        response={200: BulkReceipt, 207: BulkReceipt, 503: ProblemOut, **PROBLEMS, 422: BulkReceipt | ProblemOut},
        openapi_extra=many,
    )(send_many)


for _table in TAKEN:
    _operations(_table)

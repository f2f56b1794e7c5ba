"""What programs send in words that are not ours: Segment's calls, CloudEvents, and webhooks of other systems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Schema

from tiesa.app.api.checking import Reason, Row, Wrong, checker, decoded
from tiesa.app.api.keys import LIMIT, WithKey, WithKeyAsUser
from tiesa.app.api.models import Inlet
from tiesa.app.api.problems import Problem
from tiesa.app.api.routing import router
from tiesa.app.api.schemas import BulkReceipt, ProblemOut, body
from tiesa.app.api.sending import PROBLEMS, Intake, as_json, read_body, read_json, take_all
from tiesa.app.api.shapes import OWN_CUSTOMERS, SHAPES, Rows, cloud_event, segment
from tiesa.app.api.signing import HEADERS, is_signed
from tiesa.app.config.installation import installation
from tiesa.app.people.roles import Right
from tiesa.contacts.mapping import SHARED_CUSTOMERS
from tiesa.core.locale import _

MOST_BYTES = 10 * 2**20
MOST_CALLS = 5_000
SEGMENT_KINDS = ("identify", "track", "page", "screen")
STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
_TAKES = {
    200: BulkReceipt,
    207: BulkReceipt,
    409: ProblemOut,
    503: ProblemOut,
    **PROBLEMS,
    422: BulkReceipt | ProblemOut,
}
_CALL = {
    "type": "object",
    "properties": {
        "userId": {"type": ["string", "integer", "null"]},
        "anonymousId": {"type": ["string", "null"]},
        "messageId": {"type": ["string", "null"]},
        "timestamp": {"type": ["string", "null"], "format": "date-time"},
        "event": {"type": ["string", "null"]},
        "name": {"type": ["string", "null"]},
        "traits": {"type": ["object", "null"]},
        "properties": {"type": ["object", "null"]},
        "context": {"type": ["object", "null"]},
    },
}
_CALLS = {
    "type": "object",
    "required": ["batch"],
    "properties": {"batch": {"type": "array", "items": _CALL, "maxItems": MOST_CALLS}},
}
_EVENT = {
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1},
        "specversion": {"const": "1.0"},
        "type": {"type": "string", "minLength": 1},
        "subject": {"type": "string"},
        "time": {"type": "string", "format": "date-time"},
        "data": {},
    },
}


class SegmentReceipt(Schema):
    """As Segment answers."""

    success: bool = True


def _checked(rows: Rows, customers: str = SHARED_CUSTOMERS) -> Iterable[Row | list[Reason]]:
    for table, row in rows:
        yield checker(table)(row, customers=customers)


def _told(intake: Intake) -> HttpResponse:
    return as_json(intake.as_plain(), intake.status)


def _of_calls(calls: list[tuple[Any, str]]) -> HttpResponse:
    """Take Segment's calls; what cannot be taken of a batch is told, and the rest is durable."""
    intake = take_all(row for call, kind in calls for row in _checked(segment(call, kind)))
    return as_json({"success": True}) if not intake.refused else _told(intake)


def _segment_operation(kind: str) -> None:
    def take(request: HttpRequest) -> HttpResponse:
        return _of_calls([(read_json(request), kind)])

    router.post(
        f"/segment/{kind}",
        summary=f"Segment: {kind}",
        description="A version of the customer." if kind == "identify" else "A contact by the customer's own hand.",
        operation_id=f"segment_{kind}",
        auth=[WithKey(Right.SEND_CONTACTS), WithKeyAsUser(Right.SEND_CONTACTS)],
        tags=["segment"],
        response={**_TAKES, 200: SegmentReceipt},
        openapi_extra=body({"application/json": _CALL}),
    )(take)


for _kind in SEGMENT_KINDS:
    _segment_operation(_kind)


@router.post(
    "/segment/batch",
    summary="Segment: batch",
    operation_id="segment_batch",
    auth=[WithKey(Right.SEND_CONTACTS), WithKeyAsUser(Right.SEND_CONTACTS)],
    tags=["segment"],
    response={**_TAKES, 200: SegmentReceipt},
    openapi_extra=body(
        {"application/json": _CALLS}
    ),
)  # fmt: skip
def segment_batch(request: HttpRequest) -> HttpResponse:
    """Many calls at once; each says its type. Calls of other types (group, alias) are left out."""
    value = read_json(request, MOST_BYTES)
    calls = value.get("batch") if isinstance(value, dict) else None
    if not isinstance(calls, list) or len(calls) > MOST_CALLS:
        raise Problem(422, _("A batch is a list of at most {n} calls").format(n=MOST_CALLS))
    kinds = ((call, call.get("type") if isinstance(call, dict) else None) for call in calls)
    return _of_calls([(call, kind) for call, kind in kinds if kind in SEGMENT_KINDS])


@router.post(
    "/events",
    summary="CloudEvents 1.0",
    operation_id="cloud_events",
    auth=WithKey(Right.SEND_CONTACTS),
    tags=["events"],
    response={**_TAKES, 415: ProblemOut},
    openapi_extra=body({STRUCTURED: _EVENT, BATCH: {"type": "array", "items": _EVENT}}),
)
def events(request: HttpRequest) -> HttpResponse:
    """Events as structured content, as a batch, or with their attributes in `ce-` headers."""
    kind = request.content_type or ""
    if kind == BATCH:
        found = read_json(request, MOST_BYTES)
        if not isinstance(found, list) or len(found) > MOST_CALLS:
            raise Problem(422, _("A batch is a list of at most {n} calls").format(n=MOST_CALLS))
    elif kind == STRUCTURED:
        found = [read_json(request)]
    else:
        found = [_in_headers(request)]
    return _told(take_all(row for event in found for row in _of_event(event)))


def _in_headers(request: HttpRequest) -> dict[str, Any]:
    said = {name[3:].lower(): value for name, value in request.headers.items() if name.lower().startswith("ce-")}
    if not said:
        raise Problem(415, _("Send {structured}, {batch}, or the event's attributes in ce- headers").format(
            structured=STRUCTURED, batch=BATCH
        ))  # fmt: skip
    content = read_body(request)
    try:
        return {**said, "data": decoded(content) if content.strip() else None}
    except Wrong:
        raise Problem(400, _("The body is not JSON")) from None


def _of_event(event: Any) -> Iterable[Row | list[Reason]]:
    given = event if isinstance(event, dict) else {}
    missing = [name for name in ("id", "source", "specversion", "type") if not isinstance(given.get(name), str)]
    if missing:
        return [[Reason(name, "missing") for name in missing]]
    if given["specversion"] != "1.0":
        return [[Reason("specversion", "unknown_value")]]
    return _checked(cloud_event(given))


@router.post(
    "/hooks/{uuid:inlet_id}",
    summary="A webhook of another system",
    operation_id="webhook",
    url_name="webhook",
    auth=None,
    tags=["events"],
    response={**_TAKES, 404: ProblemOut},
    openapi_extra=body({"application/json": {}}),
)
def hook(request: HttpRequest, inlet_id: UUID) -> HttpResponse:
    """Called by the other system, signed with the secret shared with it and with the time, which may be off by five
    minutes at most."""
    inlet = Inlet.objects.filter(pk=inlet_id, is_open=True).first()
    if inlet is None:
        raise Problem(404, _("There is nothing at this address"))
    content = read_body(request, MOST_BYTES)
    if not is_signed(inlet.shape, inlet.secret, request.headers, content):
        what = _("The signature does not fit, or is too old: {headers}").format(headers=", ".join(HEADERS[inlet.shape]))
        _note(inlet, refused=1, problem=what)
        raise Problem(401, what)
    if wait_s := LIMIT.wait_s(-1 - inlet.pk.int % 2**60, installation().api_per_s):
        raise Problem(429, _("This key asks too often"), retry_s=int(wait_s) + 1)
    try:
        value = decoded(content)
    except Wrong:
        raise Problem(400, _("The body is not JSON")) from None
    customers = inlet.source if inlet.shape in OWN_CUSTOMERS else SHARED_CUSTOMERS
    intake = take_all(_checked(SHAPES[inlet.shape](value, inlet.source), customers))
    problem = intake.reasons[0]["reasons"][0] if intake.reasons else None
    said = f"{problem['field']}: {problem['reason']}" if problem else ""
    _note(inlet, taken=intake.rows - intake.refused, refused=intake.refused, problem=said)
    return _told(intake)


def _note(inlet: Inlet, *, taken: int = 0, refused: int = 0, problem: str = "") -> None:
    """What became of a call, for who looks after the webhook."""
    Inlet.objects.filter(pk=inlet.pk).update(
        taken=F("taken") + taken,
        refused=F("refused") + refused,
        used_at=timezone.now(),
        **({"last_problem": problem[:300]} if problem else {}),
    )

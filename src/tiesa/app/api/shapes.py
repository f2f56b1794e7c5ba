"""What other systems say, as rows of ours. Each function takes a value of JSON and yields (table, row); what it does
not know becomes attributes or is left out, and what is missing the check of the row says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from tiesa.app.api.checking import MOST_ATTRIBUTES, TAKEN, as_json, fields, place_of
from tiesa.core.columns import Table
from tiesa.core.tables import BY_NAME, CONTACT, CUSTOMER

Rows = Iterator[tuple[Table, dict[str, Any]]]
_TRAITS = {"name": "customer_name", "email": "customer_mail", "phone": "customer_phone"}
_OF_CONTACT = frozenset(fields(CONTACT)) - {"attributes"}


def inner(value: Any, *path: str) -> Any:
    """The value at a path of keys; None where there is none.

    >>> inner({"meta": {"sender": {"id": 7}}}, "meta", "sender", "id"), inner({"meta": None}, "meta", "sender")
    (7, None)
    """
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def segment(call: Any, kind: str) -> Rows:
    """A call of Segment's: `identify` is a version of the customer, the others are contacts by the customer's own hand.

    A customer without userId is known by the anonymousId. Without a messageId the content itself identifies the call.
    """
    who = inner(call, "userId")
    customer = f"anonymous:{inner(call, 'anonymousId')}" if who in (None, "") and inner(call, "anonymousId") else who
    at = inner(call, "timestamp") or inner(call, "originalTimestamp") or inner(call, "sentAt") or _now()
    if kind == "identify":
        traits = inner(call, "traits") or {}
        row = {
            "customer": customer,
            "as_of": at,
            "attributes": scalars(traits, without={*_TRAITS, "language", "segment"}),
        }
        row |= {ours: inner(traits, theirs) for theirs, ours in _TRAITS.items()}
        row |= {name: inner(traits, name) for name in ("segment", "language")}
        yield CUSTOMER, row
        return
    said = inner(call, "properties") or {}
    name = inner(call, "event") if kind == "track" else inner(call, "name") or inner(said, "url") or kind
    is_app = inner(call, "context", "device", "type") in ("ios", "android")
    own = {name: inner(said, name) for name in _OF_CONTACT if inner(said, name) is not None}
    yield (
        CONTACT,
        {
            "direction": "self_service",
            "channel": "mobile app" if is_app else "web",
            **own,
            "contact_id": inner(call, "messageId") or digest_of(call),
            "source": "segment",
            "customer": customer,
            "occurred_at": at,
            "touchpoint": name if kind == "track" else f"{kind}: {name}",
            "attributes": scalars(said, without=_OF_CONTACT),
        },
    )


def cloud_event(event: Any) -> Rows:
    """An event of CloudEvents 1.0. Where its type ends in the name of a table of ours, the data are such a row; any
    other event is a contact of its subject, at the time and with the name of its type."""
    kind, data = str(inner(event, "type") or ""), inner(event, "data")
    data = data if isinstance(data, dict) else {}
    source = inner(event, "source")
    table = BY_NAME.get(kind.rpartition(".")[2])
    if table in TAKEN:
        given = dict(data)
        if "source" in fields(table):
            given.setdefault("source", source)
        if table.id_column and table.id_column not in given:
            given[table.id_column] = inner(event, "id")
        yield table, given
        return
    own = {name: value for name, value in data.items() if name in _OF_CONTACT}
    yield (
        CONTACT,
        {
            "occurred_at": inner(event, "time") or _now(),
            "touchpoint": kind,
            "channel": "event",
            "customer": inner(event, "subject"),
            **own,
            "contact_id": inner(event, "id"),
            "source": source,
            "attributes": scalars(data, without=_OF_CONTACT),
        },
    )


def generic(value: Any, source: str) -> Rows:
    """Rows in our own words: one contact, a list of them, or an object of lists by table (`contacts`, `answers`, …)."""
    tables = {place_of(table): table for table in TAKEN}
    if isinstance(value, dict) and value and value.keys() <= tables.keys():
        named = [(tables[plural], row) for plural, rows in value.items() for row in _listed(rows)]
    else:
        named = [(CONTACT, row) for row in _listed(value)]
    for table, row in named:
        yield table, {"source": source, **row} if isinstance(row, dict) and "source" in fields(table) else row


def chatwoot(event: Any, source: str) -> Rows:
    """Messages of a Chatwoot conversation, and the rating at its end; other events are left out."""
    if inner(event, "event") not in ("message_created", "message_updated"):
        return
    kinds = {0: "incoming", 1: "outgoing", 2: "activity", 3: "template"}
    kind = kinds.get(inner(event, "message_type"), inner(event, "message_type"))
    talk = inner(event, "conversation") or {}
    owner = inner(talk, "meta", "sender") or (inner(event, "sender") if kind == "incoming" else None) or {}
    is_note = inner(event, "private") is True
    said = "internal note" if is_note else _CHATWOOT_TOUCHPOINTS.get(str(kind), "message")
    yield (
        CONTACT,
        {
            "contact_id": inner(event, "id"),
            "source": source,
            "case_id": inner(talk, "display_id") or inner(talk, "id"),
            "customer": inner(owner, "id"),
            "customer_name": inner(owner, "name"),
            "customer_mail": inner(owner, "email"),
            "customer_phone": inner(owner, "phone_number"),
            "occurred_at": instant(inner(event, "created_at")),
            "touchpoint": said,
            "channel": _CHATWOOT_CHANNELS.get(str(inner(talk, "channel")), "message"),
            "direction": {"incoming": "inbound", "outgoing": "internal" if is_note else "outbound"}.get(
                str(kind), "internal"
            ),
            "employee": inner(event, "sender", "id") if kind == "outgoing" else None,
            "unit": inner(talk, "meta", "team", "name"),
            "text": inner(event, "content"),
            "attributes": scalars(
                {
                    "status": inner(talk, "status"),
                    "priority": inner(talk, "priority"),
                    "inbox": inner(event, "inbox", "id"),
                }
            ),
        },
    )
    rating = inner(event, "content_attributes", "submitted_values", "csat_survey_response")
    if rating:
        yield (
            BY_NAME["answer"],
            {
                "answer_id": f"csat-{inner(event, 'id')}",
                "source": source,
                "customer": inner(owner, "id"),
                "answered_at": instant(inner(event, "updated_at") or inner(event, "created_at")),
                "question": "satisfaction with the conversation",
                "kind": "overall",
                "scale": "1-5",
                "value": inner(rating, "rating"),
                "contact_id": inner(event, "id"),
                "text": inner(rating, "feedback_message"),
            },
        )


_CHATWOOT_TOUCHPOINTS = {
    "incoming": "customer's message",
    "outgoing": "our message",
    "activity": "activity",
    "template": "automatic message",
}
_CHATWOOT_CHANNELS = {
    "Channel::WebWidget": "chat",
    "Channel::Email": "email",
    "Channel::Whatsapp": "whatsapp",
    "Channel::FacebookPage": "facebook",
    "Channel::Instagram": "instagram",
    "Channel::TwitterProfile": "twitter",
    "Channel::Telegram": "telegram",
    "Channel::Line": "line",
    "Channel::TwilioSms": "sms",
    "Channel::Sms": "sms",
    "Channel::Voice": "phone",
    "Channel::Api": "api",
}


def zendesk(event: Any, source: str) -> Rows:
    """A ticket's comment or its opening, as Zendesk's events say it, or a ticket with its comments as a trigger's own
    body does (`ticket`, as in the export); other events are left out."""
    if isinstance(ticket := inner(event, "ticket"), dict):
        yield from _zendesk_ticket(ticket, source)
        return
    kind, detail = str(inner(event, "type") or "").rpartition(".")[2], inner(event, "detail") or {}
    if kind not in ("created", "comment_added") or ":ticket." not in str(inner(event, "type")):
        return
    comment = inner(event, "event", "comment") or {}
    author, is_note = inner(comment, "author") or {}, inner(comment, "is_public") is False
    opens, is_ours = kind == "created", inner(author, "is_staff") is True
    if opens:
        touchpoint, direction = "ticket opened", "inbound"
    elif is_note:
        touchpoint, direction = "internal note", "internal"
    else:
        touchpoint, direction = ("our message", "outbound") if is_ours else ("customer's message", "inbound")
    yield (
        CONTACT,
        {
            "contact_id": f"ticket-{inner(detail, 'id')}" if opens else inner(comment, "id"),
            "source": source,
            "case_id": inner(detail, "id"),
            "customer": inner(detail, "requester_id"),
            "occurred_at": (inner(detail, "created_at") if opens else None) or inner(event, "time"),
            "touchpoint": touchpoint,
            "channel": _zendesk_channel(inner(detail, "via", "channel")),
            "direction": direction,
            "employee": inner(author, "id") if is_ours else None,
            "unit": inner(detail, "group_id"),
            "branch": inner(detail, "brand_id"),
            "severity": _ZENDESK_PRIORITIES.get(str(inner(detail, "priority")).lower()),
            "text": inner(detail, "description") if opens else inner(comment, "body"),
            "attributes": scalars(detail, only=("status", "type", "priority", "organization_id")),
        },
    )


def _zendesk_ticket(ticket: dict[str, Any], source: str) -> Rows:
    requester = inner(ticket, "requester_id")
    for comment in _listed(inner(ticket, "comments")):
        is_note = inner(comment, "public") is False
        is_theirs = inner(comment, "author_id") == requester or inner(comment, "author", "role") == "end-user"
        yield (
            CONTACT,
            {
                "contact_id": inner(comment, "id"),
                "source": source,
                "case_id": inner(ticket, "id"),
                "customer": requester,
                "customer_name": inner(ticket, "requester", "name"),
                "customer_mail": inner(ticket, "requester", "email"),
                "customer_phone": inner(ticket, "requester", "phone"),
                "occurred_at": inner(comment, "created_at"),
                "touchpoint": "internal note" if is_note else "customer's message" if is_theirs else "our message",
                "channel": _zendesk_channel(inner(comment, "via", "channel") or inner(ticket, "via", "channel")),
                "direction": "internal" if is_note else "inbound" if is_theirs else "outbound",
                "employee": None if is_theirs else inner(comment, "author_id"),
                "unit": inner(ticket, "group_id"),
                "branch": inner(ticket, "brand_id"),
                "severity": _ZENDESK_PRIORITIES.get(str(inner(ticket, "priority")).lower()),
                "text": inner(comment, "body"),
                "attributes": scalars(ticket, only=("status", "type", "priority", "organization_id")),
            },
        )


_ZENDESK_PRIORITIES = {"low": 1, "normal": 2, "high": 4, "urgent": 5}


def _zendesk_channel(word: Any) -> Any:
    known = {"voice": "phone", "native_messaging": "chat", "mobile_sdk": "mobile app", None: "web"}
    return known.get(word, word) if isinstance(word, str | None) else word


SHAPES: dict[str, Callable[[Any, str], Rows]] = {"generic": generic, "chatwoot": chatwoot, "zendesk": zendesk}
OWN_CUSTOMERS = frozenset({"chatwoot", "zendesk"})
"""Systems with customer numbers of their own, not the organisation's."""


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def scalars(value: Any, *, without: Any = (), only: Any = None) -> dict[str, Any] | None:
    """The single values of an object, as attributes take them."""
    if not isinstance(value, dict):
        return None
    wanted = [name for name in value if name not in without and (only is None or name in only) and name.strip()]
    kept = {name: value[name] for name in wanted if type(value[name]) in (str, int, float, bool)}
    return dict(list(kept.items())[:MOST_ATTRIBUTES]) or None


def instant(value: Any) -> Any:
    """A time that may be seconds since 1970; anything else as it is."""
    if type(value) in (int, float) and abs(value) < 1e11:
        return datetime.fromtimestamp(value, UTC).isoformat()
    return value


def digest_of(value: Any) -> str:
    """An id made of what was said, so that the same again is the same."""
    return blake2b(as_json(value).encode(errors="replace"), digest_size=16).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat()

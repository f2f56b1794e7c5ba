"""The same table definitions that check the rows, as JSON Schema for the description of the API."""

from __future__ import annotations

from typing import Any, Literal

import pyarrow as pa
from ninja import Schema

from tiesa.app.api.checking import AMOUNT, LONGEST, LONGEST_TEXT, MOST_ATTRIBUTES, checker, fields
from tiesa.core.columns import ATTRIBUTES, INSTANT, MONEY, TEXT, Column, Table

_PRIVATE = {
    "customer": "the organisation's own id of the customer; kept apart from the log",
    "customer_name": "kept apart from the log",
    "customer_mail": "kept apart from the log",
    "customer_phone": "kept apart from the log",
    "text": "the words; kept apart from the log",
}


def schema_of(table: Table) -> dict[str, Any]:
    """The schema of a row that programs send."""
    required = checker(table).required
    own = {name: _schema(table, name, must=name in required) for name in fields(table)}
    made: dict[str, Any] = {
        "title": table.name.capitalize(),
        "description": table.meaning,
        "type": "object",
        "properties": own,
        "required": sorted(required),
        "additionalProperties": False,
    }
    if "customer" in own and "case_id" in own:
        word = {"type": "string", "pattern": r"\S"}
        made["anyOf"] = [
            {"required": [name], "properties": {name: {"anyOf": [word, {"type": "integer"}]}}}
            for name in ("customer", "case_id")
        ]
    return made


def _schema(table: Table, name: str, *, must: bool) -> dict[str, Any]:
    column = table[name] if name in table else Column(name, TEXT, _PRIVATE[name])
    made: dict[str, Any] = {"description": column.meaning + (f" ({column.unit})" if column.unit else "")}
    made |= _kind(column, name, must=must)
    if name in checker(table).defaults:
        made["default"] = checker(table).defaults[name]
    return made


def _kind(column: Column, name: str, *, must: bool) -> dict[str, Any]:
    nothing = [] if must else ["null"]
    bounds = {key: value for key, value in (("minimum", column.low), ("maximum", column.high)) if value is not None}
    if column.choices:
        return {"type": ["string", *nothing], "enum": [*map(str, column.choices), *([] if must else [None])]}
    if column.type == TEXT:
        filled = {"pattern": r"\S"} if must else {}
        most = LONGEST_TEXT if name == "text" else LONGEST
        return {"type": ["string", "integer", *nothing], "maxLength": most, **filled}
    if column.type == INSTANT:
        return {"type": ["string", *nothing], "format": "date-time", "examples": ["2026-03-01T10:00:00+02:00"]}
    if column.type == MONEY:
        return {"type": ["string", "number", *nothing], "pattern": f"^{AMOUNT}$", **bounds}
    if column.type == ATTRIBUTES:
        inner = {"type": ["string", "number", "boolean", "null"], "maxLength": LONGEST}
        return {"type": ["object", "null"], "additionalProperties": inner, "maxProperties": MOST_ATTRIBUTES}
    if column.type == pa.bool_():
        return {"type": ["boolean", *nothing]}
    return {"type": ["integer" if pa.types.is_integer(column.type) else "number", *nothing], **bounds}


def body(content: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What an operation says of the body that it reads itself: schemas by media type."""
    return {"requestBody": {"required": True, "content": {kind: {"schema": s} for kind, s in content.items()}}}


class ReasonOut(Schema):
    """What is wrong with one field ("": with the row)."""

    field: str
    code: str
    reason: str


class ProblemOut(Schema):
    """Problem details of RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    reasons: list[ReasonOut] | None = None


class Receipt(Schema):
    """A row that is durable. known: the same row was sent before; corrected: another one with this id was."""

    status: Literal["accepted", "corrected", "known"]


class RefusedLine(Schema):
    """A row that was not taken. line: counted from 1."""

    line: int
    reasons: list[ReasonOut]


class BulkReceipt(Schema):
    """What became of many rows. Every row up to durable_through that is not among those refused is durable.

    reasons: of the first refused rows; reasons_left_out: how many more there were.
    """

    rows: int
    accepted: int
    corrected: int
    known: int
    refused: int
    durable_through: int
    reasons: list[RefusedLine]
    reasons_left_out: int

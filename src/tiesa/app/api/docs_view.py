"""The API described on a page of our own, made from its OpenAPI description: nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiesa.app.api.v1 import described
from tiesa.app.config.installation import installation
from tiesa.app.people.gate import public


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or one field of a body: kind says type, words allowed and bounds."""

    name: str
    kind: str
    must: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; anchor: its place on the page."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    media: str
    parameters: tuple[Field, ...]
    fields: tuple[Field, ...]
    answers: tuple[tuple[str, str], ...]


@public
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation with its fields."""
    return render(request, "api/docs.html", {"operations": operations(), "address": installation().base_url})


@cache
def operations() -> tuple[Operation, ...]:
    """The operations in the order of the description."""
    return tuple(
        _operation(path, method, said)
        for path, methods in described()["paths"].items()
        for method, said in methods.items()
    )


def _operation(path: str, method: str, said: dict[str, Any]) -> Operation:
    content = said.get("requestBody", {}).get("content", {})
    media, held = next(iter(content.items()), ("", {"schema": {}}))
    return Operation(
        anchor=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said["summary"],
        description=said.get("description", ""),
        media=", ".join(content) if content else media,
        parameters=tuple(
            Field(one["name"], _kind(one["schema"]), bool(one.get("required")), one.get("description", ""))
            for one in said.get("parameters", ())
        ),
        fields=tuple(_fields(held["schema"])),
        answers=tuple((str(status), HTTPStatus(int(status)).phrase) for status in sorted(said["responses"], key=int)),
    )


def _fields(schema: dict[str, Any]) -> Iterator[Field]:
    required = schema.get("required", ())
    named = sorted(schema.get("properties", {}).items(), key=lambda one: one[0] not in required)
    for name, inner in named:
        yield Field(name, _kind(inner), name in required, inner.get("description", ""))


def _kind(schema: dict[str, Any]) -> str:
    """Type, words and bounds of a value in one line."""
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"] if one.get("type") != "null"))
    if words := [str(word) for word in schema.get("enum", ()) if word is not None]:
        return " | ".join(words)
    kind = schema.get("type", "")
    kinds = [one for one in (kind if isinstance(kind, list) else [kind]) if one != "null"]
    said = schema.get("format") or " | ".join(kinds)
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        said += f", {low}–{high}"
    elif low is not None:
        said += f", ≥ {low}"
    return str(said)

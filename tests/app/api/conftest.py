"""Keys of programs, and a small way to call the API with one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from tiesa.app.api.keys import LIMIT, forget_keys
from tiesa.app.people.keys import make_key
from tiesa.app.people.models import Unit
from tiesa.app.people.roles import Right


class Program:
    """A program with a key."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.client = Client(headers={"authorization": f"Bearer {secret}"})

    def post(self, path: str, body: Any, content_type: str = "application/json", **headers: str) -> Any:
        raw = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.client.post(f"/api/v1/{path}", raw, content_type=content_type, headers=headers)

    def bulk(self, path: str, rows: list[Any]) -> Any:
        lines = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
        return self.post(f"{path}/bulk", lines, "application/x-ndjson")

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query)


@pytest.fixture(autouse=True)
def _rested() -> Iterator[None]:
    LIMIT.forget()
    forget_keys()
    yield
    LIMIT.forget()
    forget_keys()


@pytest.fixture
def program(db: None) -> Callable[..., Program]:
    """Makes a program whose key has these rights."""

    def make(*rights: Right, unit: str = "", process: str = "") -> Program:
        found = Unit.objects.get_or_create(name=unit)[0] if unit else None
        _key, secret = make_key(
            name="the shop", rights=rights or [Right.SEND_CONTACTS], by=None, days=30, unit=found, process=process
        )
        return Program(secret)

    return make


@pytest.fixture
def contact() -> dict[str, Any]:
    return {
        "contact_id": "call-1",
        "source": "shop",
        "customer": "api-customer-1",
        "occurred_at": "2026-03-01T10:00:00+02:00",
        "touchpoint": "call to the hotline",
        "channel": "phone",
        "direction": "inbound",
        "attributes": {"queue": "a"},
    }

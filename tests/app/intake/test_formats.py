"""Files of every other kind go the same way; and bodies that are too large are refused before they are read."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import datetime, timedelta

import openpyxl
import pytest
from tests.app.intake.conftest import form_of, through

from tiesa.app.config.installation import installation
from tiesa.app.intake.models import Step
from tiesa.app.intake.uploading import BESIDE_FILE, SMALL_BODY, limited
from tiesa.app.people.roles import Role

ROWS = 30
START = datetime(2026, 1, 5, 9, 0)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["customer", "date", "channel", "touchpoint"])
    for n in range(ROWS):
        book.active.append([f"c{n % 7}", START + timedelta(hours=n), ("phone", "mail")[n % 2], "call"])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def mailbox() -> bytes:
    letters = []
    for n in range(ROWS):
        at = START + timedelta(hours=n)
        letters.append(
            f"From customer{n % 7}@example.org {at:%a %b %d %H:%M:%S %Y}\n"
            f"From: Customer {n % 7} <customer{n % 7}@example.org>\nTo: help@our.example\n"
            f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\nMessage-ID: <{n}@example.org>\nSubject: Question {n % 3}\n\n"
            f"Where is my order {n}?\n\n"
        )
    return "".join(letters).encode()


def ocel() -> bytes:
    events = [
        {
            "id": f"e{n}",
            "type": ("ask", "answer")[n % 2],
            "time": f"{START + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}",
            "attributes": [],
            "relationships": [{"objectId": f"t{n % 7}", "qualifier": "ticket"}],
        }
        for n in range(ROWS)
    ]
    objects = [{"id": f"t{n}", "type": "ticket", "attributes": [], "relationships": []} for n in range(7)]
    kinds = [{"name": name, "attributes": []} for name in ("ask", "answer")]
    types = [{"name": "ticket", "attributes": []}]
    return json.dumps({"objectTypes": types, "eventTypes": kinds, "objects": objects, "events": events}).encode()


def xes() -> bytes:
    traces = []
    for case in range(6):
        events = "".join(
            f'<event><string key="concept:name" value="step {n}"/><date key="time:timestamp" '
            f'value="{START + timedelta(days=case, hours=n):%Y-%m-%dT%H:%M:%S}+00:00"/></event>'
            for n in range(5)
        )
        traces.append(f'<trace><string key="concept:name" value="case {case}"/>{events}</trace>')
    return f'<?xml version="1.0"?><log xes.version="1.0">{"".join(traces)}</log>'.encode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [("calls.xlsx", workbook), ("help.mbox", mailbox), ("tickets.jsonocel", ocel), ("cases.xes", xes)],
)
def test_a_file_of_another_kind_goes_the_same_way(own_home, client_of, bring, name, content) -> None:
    client = client_of(Role.ANALYST)
    upload = bring(client, content(), name)
    proposed = upload.mapping
    client.post(f"/data/files/{upload.pk}/mapping", form_of(client, upload))
    upload.refresh_from_db()
    assert upload.mapping == proposed  # the form says what the mapping said
    through(client, upload)
    assert (upload.step, upload.result["read"], upload.result["accepted"]) == (Step.IMPORTED, ROWS, ROWS)


def answer_to(path: str, told: int | None, sent: int) -> tuple[list[int], bool]:
    """The statuses a server sends to a body, and whether the application was told that the client is gone."""
    statuses: list[int] = []
    gone = False

    async def application(scope, receive, send):
        nonlocal gone
        while True:
            message = await receive()
            gone = message["type"] == "http.disconnect"
            if gone or not message.get("more_body"):
                break
        if not gone:
            await send({"type": "http.response.start", "status": 200, "headers": []})

    async def talk() -> None:
        left = sent

        async def receive():
            nonlocal left
            part, left = min(left, 2**20), left - min(left, 2**20)
            return {"type": "http.request", "body": b"x" * part, "more_body": left > 0}

        async def send(message):
            if "status" in message:
                statuses.append(message["status"])

        headers = [] if told is None else [(b"content-length", str(told).encode())]
        await limited(application)({"type": "http", "path": path, "headers": headers}, receive, send)

    asyncio.run(talk())
    return statuses, gone


def test_a_body_that_is_too_large_is_refused_before_it_is_read_or_cut_off(monkeypatch) -> None:
    monkeypatch.setattr(installation(), "upload_limit", 5 * 2**20)
    most = 5 * 2**20 + BESIDE_FILE
    assert answer_to("/data/bring", most, most) == ([200], False)
    assert answer_to("/data/bring", most + 1, 0) == ([413], False)
    assert answer_to("/data/bring", None, most + 1) == ([], True)
    assert answer_to("/people/", SMALL_BODY + 1, 0) == ([413], False)

"""Files of well-known systems need no mapping of one's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tiesa.contacts.importing import ImportResult, import_file
from tiesa.contacts.readers import open_source
from tiesa.contacts.recognise import ready_mappings, recognise
from tiesa.core.errors import InvalidMapping
from tiesa.core.home import Home
from tiesa.core.tables import ANSWER, CONTACT, CUSTOMER

XES = """<log><trace><string key="concept:name" value="c1"/>
<event><string key="concept:name" value="Ask"/><date key="time:timestamp" value="2025-03-01T10:00:00Z"/>{more}</event>
<event><string key="concept:name" value="Answer"/><date key="time:timestamp" value="2025-03-02T10:00:00Z"/></event>
</trace></log>"""

TICKET = {
    "id": 35436, "requester_id": 20978392, "submitter_id": 20978392, "assignee_id": 235323, "group_id": 98738,
    "created_at": "2025-03-01T10:15:00Z", "updated_at": "2025-03-04T08:00:00Z", "type": "question",
    "subject": "Where is my parcel?", "description": "It should have come on Monday.", "priority": "high",
    "status": "solved", "via": {"channel": "email", "source": {"rel": None}}, "tags": ["parcel"],
    "satisfaction_rating": {"id": 1234, "score": "good", "comment": "Quick!"},
}  # fmt: skip
OPEN_TICKET = TICKET | {
    "id": 35437, "requester_id": 20978393, "status": "open", "priority": None, "type": None,
    "satisfaction_rating": {"score": "unoffered"}, "via": {"channel": "voice"},
}  # fmt: skip


def comment(number: int, role: str, public: bool = True) -> dict[str, Any]:
    author = {"end-user": 20978392, "agent": 235323}[role]
    return {
        "id": number, "author_id": author, "author": {"id": author, "role": role}, "body": "Hello", "public": public,
        "created_at": f"2025-03-0{number}T10:15:00Z", "via": {"channel": "email"},
    }  # fmt: skip


def message(number: int, kind: int, sender: int | None, private: bool = False) -> dict[str, Any]:
    return {
        "id": number, "content": "Zdravo", "account_id": 1, "inbox_id": 4, "conversation_id": 17, "message_type": kind,
        "created_at": 1740823200 + number * 60, "private": private, "content_type": "text", "content_attributes": {},
        "sender": {"id": sender, "name": "Ana"} if sender else None,
    }  # fmt: skip


CONVERSATION = {
    "id": 17, "inbox_id": 4, "status": "resolved", "priority": None,
    "meta": {
        "sender": {"id": 900, "name": "Petar", "email": "petar@example.org", "phone_number": None},
        "channel": "Channel::WebWidget", "assignee": {"id": 3, "name": "Ana"},
    },
    "messages": [
        message(1, 0, 900), message(2, 3, None), message(3, 1, 3, private=True), message(4, 1, 3), message(5, 2, None),
    ],
}  # fmt: skip

MBOX = """From petar@example.org Sat Mar  1 10:00:00 2025
Message-ID: <a1@example.org>
Date: Sat, 1 Mar 2025 10:00:00 +0100
From: Petar <petar@example.org>
To: help@shop.example
Subject: Parcel

Where is it?

From help@shop.example Sat Mar  1 10:00:05 2025
Message-ID: <auto@shop.example>
Date: Sat, 1 Mar 2025 10:00:05 +0100
From: help@shop.example
To: petar@example.org
Subject: Re: Parcel
In-Reply-To: <a1@example.org>
References: <a1@example.org>
Auto-Submitted: auto-replied

We have your message.

From help@shop.example Sun Mar  2 10:00:00 2025
Message-ID: <a2@shop.example>
Date: Sun, 2 Mar 2025 10:00:00 +0100
From: help@shop.example
To: petar@example.org
Subject: Re: Parcel
In-Reply-To: <a1@example.org>
References: <a1@example.org>

On its way.

From vera@example.org Mon Mar  3 10:00:00 2025
Message-ID: <v1@example.org>
Date: Mon, 3 Mar 2025 10:00:00 +0100
From: vera@example.org
To: help@shop.example
Subject: Invoice

Where is it?

"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def taken(path: Path, home: Home) -> ImportResult:
    result = import_file(path, home, dry_run=True, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert result.quarantined == 0
    assert result.accepted == result.read > 0
    return result


def lines(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def test_every_ready_mapping_says_what_it_is_and_which_files_it_fits() -> None:
    ready = ready_mappings()
    assert {m.path for m in ready} >= {
        "helpdesk", "bpic2013_incidents", "bpic2012", "receipt", "airline_tweets", "xes", "zendesk_tickets",
        "zendesk_comments", "chatwoot", "calls", "mbox",
    }  # fmt: skip
    for mapping in ready:
        assert mapping.title
        assert mapping.required, mapping.path


def test_no_two_ready_mappings_ask_for_the_same_columns() -> None:
    asked = [mapping.required for mapping in ready_mappings()]
    assert len(set(asked)) == len(asked)


def test_a_plain_event_log_is_recognised(tmp_path: Path, home: Home) -> None:
    path = tmp_path / "log.xes"
    path.write_text(XES.format(more='<string key="org:resource" value="Ana"/>'))
    result = taken(path, home)
    assert result.recognised == "ready: xes"
    assert [(row["case_id"], row["touchpoint"]) for row in result.preview] == [("c1", "Ask"), ("c1", "Answer")]


def test_an_event_log_with_keys_of_its_own_gets_a_proposal(tmp_path: Path, home: Home) -> None:
    path = tmp_path / "log.xes"
    path.write_text(XES.format(more='<string key="mood" value="bad"/>'))
    assert taken(path, home).recognised == "proposed"


def test_zendesk_tickets_are_requests_with_their_state(tmp_path: Path, home: Home) -> None:
    result = taken(lines(tmp_path / "tickets.jsonl", TICKET, OPEN_TICKET), home)
    assert result.recognised == "ready: zendesk_tickets"
    solved, waiting = result.preview
    assert (solved["channel"], solved["direction"], solved["kind"], solved["goal"]) == (
        "email", "inbound", "question", "reached",
    )  # fmt: skip
    assert (waiting["channel"], waiting["waits_for"], waiting["goal"], waiting["kind"]) == ("phone", "us", None, None)


def test_a_zendesk_rating_is_an_answer_only_once_it_is_given(tmp_path: Path, home: Home) -> None:
    result = taken(lines(tmp_path / "tickets.jsonl", TICKET, OPEN_TICKET), home)
    assert result.tables[ANSWER.name].accepted == 1


def test_zendesk_tickets_without_optional_fields_come_in_too(tmp_path: Path, home: Home) -> None:
    bare = {key: value for key, value in TICKET.items() if key not in ("satisfaction_rating", "type", "description")}
    result = taken(lines(tmp_path / "tickets.jsonl", bare), home)
    assert result.recognised == "ready: zendesk_tickets"
    assert set(result.tables) == {CONTACT.name}


def test_zendesk_comments_say_who_spoke_to_whom(tmp_path: Path, home: Home) -> None:
    comments = [comment(1, "end-user"), comment(2, "agent", public=False), comment(3, "agent")]
    result = taken(lines(tmp_path / "export.jsonl", TICKET | {"comments": comments}), home)
    assert result.recognised == "ready: zendesk_comments"
    assert [row["direction"] for row in result.preview] == ["inbound", "internal", "outbound"]
    assert [row["employee"] for row in result.preview] == [None, "235323", "235323"]
    assert result.customers == 1


def test_chatwoot_messages_become_contacts(tmp_path: Path, home: Home) -> None:
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([CONVERSATION]), "utf-8")
    result = taken(path, home)
    assert result.recognised == "ready: chatwoot"
    assert [row["direction"] for row in result.preview] == ["inbound", "internal", "internal", "outbound", "internal"]
    assert [row["employee"] for row in result.preview] == [None, None, "3", "3", None]
    assert {row["channel"] for row in result.preview} == {"chat"}
    assert result.preview[0]["occurred_at"].startswith("2025-03-01 10:01")


def test_a_call_list_is_recognised_with_missed_calls(tmp_path: Path, home: Home) -> None:
    path = tmp_path / "cdr.csv"
    path.write_text(
        "caller,callee,direction,start,duration,agent,queue,disposition\n"
        "+381641234567,100,inbound,2025-03-01 10:00:00,65,Ana,sales,ANSWERED\n"
        "+381641234567,100,inbound,2025-03-02 10:00:00,0,,sales,NO ANSWER\n"
        "100,+381641234567,outbound,2025-03-02 11:00:00,30,Ana,sales,ANSWERED\n"
    )
    result = taken(path, home)
    assert result.recognised == "ready: calls"
    assert [row["touchpoint"] for row in result.preview] == ["call", "missed call", "call"]
    assert [row["channel"] for row in result.preview] == ["phone", "voicemail", "phone"]
    assert result.customers == 1


def test_a_mailbox_is_recognised_and_an_automatic_reply_answers_nobody(tmp_path: Path, home: Home) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_text(MBOX, "utf-8")
    result = taken(path, home)
    assert result.recognised == "ready: mbox"
    assert [row["direction"] for row in result.preview] == ["inbound", "internal", "outbound", "inbound"]
    assert [row["kind"] for row in result.preview] == [None, "notice", None, None]
    assert len({row["case_id"] for row in result.preview}) == 2


SAVED = """
source = "mine"
[contact]
case_id = "case:concept:name"
occurred_at = "time:timestamp"
touchpoint = "concept:name"
channel = { constant = "desk" }
"""


def test_a_mapping_saved_in_the_home_goes_first(tmp_path: Path, home: Home) -> None:
    path = tmp_path / "log.xes"
    path.write_text(XES.format(more=""))
    home.mappings.mkdir(parents=True)
    (home.mappings / "desk.toml").write_text(SAVED)
    mapping, how = recognise(open_source(path), home)
    assert (how, mapping.source) == ("saved: desk", "mine")


def test_a_saved_mapping_that_reads_other_columns_is_passed_over(tmp_path: Path, home: Home) -> None:
    path = tmp_path / "log.xes"
    path.write_text(XES.format(more=""))
    home.mappings.mkdir(parents=True)
    (home.mappings / "desk.toml").write_text(SAVED.replace('"concept:name"', '"Activity"'))
    assert recognise(open_source(path), home)[1] == "ready: xes"


def test_a_broken_saved_mapping_is_told_by_its_name(tmp_path: Path, home: Home) -> None:
    path = tmp_path / "log.xes"
    path.write_text(XES.format(more=""))
    home.mappings.mkdir(parents=True)
    (home.mappings / "desk.toml").write_text("source = ")
    with pytest.raises(InvalidMapping, match=r"desk\.toml"):
        recognise(open_source(path), home)


def test_only_mappings_of_the_asked_table_are_considered(tmp_path: Path, home: Home) -> None:
    path = lines(tmp_path / "tickets.jsonl", TICKET)
    mapping, how = recognise(open_source(path), home, CONTACT)
    assert (how, mapping.tables[0].table) == ("ready: zendesk_tickets", CONTACT)
    assert recognise(open_source(path), home, CUSTOMER)[1] == "proposed"

"""Mailboxes: one row per message, who wrote to whom, and which messages belong together."""

from __future__ import annotations

import gzip
import mailbox
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tiesa.contacts.readers import ROW, ReaderOptions, Source, open_source
from tiesa.contacts.readers.mail_message import topic_of
from tiesa.core.errors import UnusableInput

ANA, BEN, HELP, BOSS = "Ana Žagar <ana@gmail.com>", "ben@firm.example", "help@shop.example", "boss@shop.example"
COLUMNS = (
    "message_id",
    "date",
    "from_name",
    "from_address",
    "to_addresses",
    "subject",
    "topic",
    "text",
    "in_reply_to",
    "references",
    "auto_submitted",
    "thread",
    "direction",
    "customer_address",
    "customer_name",
    "employee_address",
)


def message(number: int, sender: str, receivers: str, *, answers: tuple[int, ...] = (), **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Message-ID"] = f"<{number}@x>"
    mail["Date"] = f"Mon, 06 Jan 2025 10:{number:02}:00 +0100"
    mail["From"], mail["To"], mail["Subject"] = sender, receivers, headers.pop("subject", "Pošiljka kasni")
    if answers:
        mail["References"] = " ".join(f"<{answered}@x>" for answered in answers)
        mail["In-Reply-To"] = f"<{answers[-1]}@x>"
    text = headers.pop("text", f"message {number}\n\n> quoted before\n")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


CONVERSATION = [
    message(1, ANA, HELP),
    message(2, HELP, ANA, answers=(1,)),
    message(3, ANA, HELP, answers=(1, 2)),
    message(4, HELP, BOSS, answers=(1, 2, 3)),
    message(5, BEN, f"{BOSS}, Office <{HELP}>", subject="Pošiljka kasni", Auto_Submitted="auto-replied; x"),
]


def mbox(path: Path, messages: list[EmailMessage]) -> Path:
    box = mailbox.mbox(path)
    for mail in messages:
        box.add(mail)
    box.close()
    return path


def rows_of(source: Source) -> list[dict[str, Any]]:
    rows = pa.Table.from_batches(source.batches()).to_pylist()
    return [{name: value for name, value in row.items() if name != ROW} for row in rows]


def test_messages_become_rows(tmp_path: Path) -> None:
    source = open_source(mbox(tmp_path / "mail.mbox", CONVERSATION))
    assert (source.format, source.columns) == ("mbox", COLUMNS)
    rows = rows_of(source)
    assert tuple(rows[0]) == COLUMNS
    assert rows[0] == {
        "message_id": "1@x",
        "date": "2025-01-06T10:01:00+01:00",
        "from_name": "Ana Žagar",
        "from_address": "ana@gmail.com",
        "to_addresses": "help@shop.example",
        "subject": "Pošiljka kasni",
        "topic": "Pošiljka kasni",
        "text": "message 1\n\n> quoted before",
        "in_reply_to": None,
        "references": None,
        "auto_submitted": None,
        "thread": "1@x",
        "direction": "inbound",
        "customer_address": "ana@gmail.com",
        "customer_name": "Ana Žagar",
        "employee_address": "help@shop.example",
    }
    assert rows[4]["to_addresses"] == "boss@shop.example|help@shop.example"
    assert rows[4]["auto_submitted"] == "auto-replied"
    assert rows_of(source) == rows


def test_direction_follows_the_organisations_own_addresses(tmp_path: Path) -> None:
    source = open_source(mbox(tmp_path / "mail.mbox", CONVERSATION))
    rows = rows_of(source)
    assert [row["direction"] for row in rows] == ["inbound", "outbound", "inbound", "internal", "inbound"]
    assert [row["customer_address"] for row in rows] == [*["ana@gmail.com"] * 3, None, "ben@firm.example"]
    assert rows[1]["customer_name"] == "Ana Žagar"
    assert rows[3]["employee_address"] == "help@shop.example"
    assert len(source.notes) == 1
    assert "@shop.example" in source.notes[0]


def test_the_mapping_may_say_which_addresses_are_own(tmp_path: Path) -> None:
    path = mbox(tmp_path / "mail.mbox", CONVERSATION)
    source = open_source(path, options=ReaderOptions(own=("Ben@firm.example", "@gmail.com")))
    assert [row["direction"] for row in rows_of(source)] == ["outbound", "inbound", "outbound", "inbound", "outbound"]
    assert source.notes == []


def test_a_shop_with_a_freemail_address_is_found_by_that_address(tmp_path: Path) -> None:
    shop = "shop@gmail.com"
    messages = [message(1, ANA, shop), message(2, "bo@gmail.com", shop), message(3, shop, "cy@firm.example")]
    source = open_source(mbox(tmp_path / "mail.mbox", messages))
    assert [row["direction"] for row in rows_of(source)] == ["inbound", "inbound", "outbound"]
    assert shop in source.notes[0]


def test_threads_follow_references_never_subjects(tmp_path: Path) -> None:
    rows = rows_of(open_source(mbox(tmp_path / "mail.mbox", CONVERSATION)))
    assert [row["thread"] for row in rows] == ["1@x", "1@x", "1@x", "1@x", "5@x"]


def test_threads_hold_without_the_messages_between(tmp_path: Path) -> None:
    late, later = message(8, ANA, HELP, answers=(6, 7)), message(9, HELP, ANA)
    later["In-Reply-To"] = "<8@x>"
    rows = rows_of(open_source(mbox(tmp_path / "mail.mbox", [later, late])))
    assert [row["thread"] for row in rows] == ["6@x", "6@x"]


def test_messages_that_answer_each_other_end_no_search(tmp_path: Path) -> None:
    first, second = message(1, ANA, HELP, answers=(2,)), message(2, HELP, ANA, answers=(1,))
    assert len(rows_of(open_source(mbox(tmp_path / "mail.mbox", [first, second])))) == 2


def test_html_only_messages_give_their_text(tmp_path: Path) -> None:
    mail = message(1, ANA, HELP)
    mail.set_content(
        "<html><head><style>p {color: red}</style></head><p>Dobar dan,<br>kasni &amp; kasni</p><p>Ana</p></html>",
        subtype="html",
    )
    assert rows_of(open_source(mbox(tmp_path / "m.mbox", [mail])))[0]["text"] == "Dobar dan,\nkasni & kasni\nAna"


def test_the_plain_part_is_taken_before_the_html_part(tmp_path: Path) -> None:
    mail = message(1, ANA, HELP, text="plain")
    mail.add_alternative("<p>html</p>", subtype="html")
    assert rows_of(open_source(mbox(tmp_path / "m.mbox", [mail])))[0]["text"] == "plain"


def test_a_line_that_starts_with_from_comes_back_unescaped(tmp_path: Path) -> None:
    mail = message(1, ANA, HELP, text="Hello\nFrom now on\n")
    assert rows_of(open_source(mbox(tmp_path / "m.mbox", [mail])))[0]["text"] == "Hello\nFrom now on"


@pytest.mark.parametrize("charset", ["koi8-r", "windows-1251", "no-such-charset"])
def test_old_charsets_are_decoded_and_unknown_ones_stop_nothing(tmp_path: Path, charset: str) -> None:
    body = "Где посылка?".encode(charset if charset != "no-such-charset" else "utf-8")
    raw = f"From ana Mon Jan  6 10:00:00 2025\nFrom: {ANA}\nTo: {HELP}\nContent-Type: text/plain; charset={charset}\n\n"
    (tmp_path / "m.mbox").write_bytes(raw.encode() + body + b"\n")
    assert rows_of(open_source(tmp_path / "m.mbox"))[0]["text"] == "Где посылка?"


def test_a_broken_message_stops_nothing(tmp_path: Path) -> None:
    path = mbox(tmp_path / "m.mbox", CONVERSATION[:2])
    with path.open("ab") as file:
        file.write(b"From nobody Mon Jan  6 10:00:00 2025\nno header here\n\n")
        file.write(
            b"From ana Mon Jan  6 10:00:00 2025\nFrom: ana@gmail.com\nDate: yesterday\nSubject: =?x?q?=\n\n\xff\n\n"
        )
    source = open_source(path)
    rows = rows_of(source)
    assert len(rows) == 3
    assert rows[2]["date"] is None
    assert [bad.row for bad in source.broken] == [3]
    assert "no header here" in (source.broken[0].value or "")


def test_a_packed_mbox_gives_the_same_rows(tmp_path: Path) -> None:
    path = mbox(tmp_path / "m.mbox", CONVERSATION)
    (tmp_path / "m.mbox.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert rows_of(open_source(tmp_path / "m.mbox.gz")) == rows_of(open_source(path))


def test_reading_leaves_the_mailbox_as_it_was(tmp_path: Path) -> None:
    path = mbox(tmp_path / "m.mbox", CONVERSATION)
    before = path.read_bytes()
    rows_of(open_source(path))
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.mbox"]


def test_a_maildir_is_read_with_its_folders(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    box.add(CONVERSATION[0])
    box.add_folder("Sent").add(CONVERSATION[1])
    source = open_source(tmp_path / "box", options=ReaderOptions(own=("@shop.example",)))
    assert source.format == "maildir"
    assert [(row["message_id"], row["direction"]) for row in rows_of(source)] == [
        ("1@x", "inbound"),
        ("2@x", "outbound"),
    ]


def test_an_empty_maildir_is_unusable(tmp_path: Path) -> None:
    mailbox.Maildir(tmp_path / "box")
    with pytest.raises(UnusableInput, match="no readable message"):
        open_source(tmp_path / "box")


@pytest.mark.parametrize(
    ("subject", "topic"),
    [
        ("Re: Sąskaita", "Sąskaita"),
        ("RE: Odg: FW: Račun", "Račun"),
        ("Отв: Re[2]: Счёт", "Счёт"),
        ("Ats.: Mokėjimas", "Ats.: Mokėjimas"),
        ("Regarding: my bill", "Regarding: my bill"),
        ("Re:", ""),
    ],
)
def test_the_topic_is_the_subject_without_what_answering_puts_before_it(subject: str, topic: str) -> None:
    assert topic_of(subject) == topic

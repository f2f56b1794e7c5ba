"""`tiesa try` on a help desk's mailbox with the forms real mail has: who waits, who was answered, what nobody asked."""

from __future__ import annotations

import json
import mailbox
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tiesa.contacts.importing import import_file
from tiesa.contacts.log import ContactLog
from tiesa.contacts.recognise import ready_mappings
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT

HELP = "Korisnička podrška <podrska@struja.example>"
IVA, BOGDAN, OLGA = "Ива Јовић <iva@gmail.com>", "Bogdan Pîrvu <bogdan@firma.example>", "Ольга <olga@mail.ru>"
BOSS = "sef@struja.example"


REPORT = b"""Return-Path: <>
From: MAILER-DAEMON@posta.example
To: podrska@struja.example
Subject: Undelivered Mail Returned to Sender
Date: Thu, 06 Mar 2025 10:05:00 +0100
Message-ID: <32@posta.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; posta.example

Final-Recipient: rfc822; bogdan@firma.example
Action: failed
Status: 5.2.2

--B
Content-Type: text/rfc822-headers

From: podrska@struja.example
To: bogdan@firma.example
Message-ID: <12@mail.example>

--B--
"""


def mail(day: int, sender: str, to: str, subject: str, body: str, *, number: int, **headers: str) -> EmailMessage:
    """A message of 2025-03-`day`; headers as `In_Reply_To`. charset and cte choose how the body is written."""
    made = EmailMessage()
    charset, cte = headers.pop("charset", "utf-8"), headers.pop("cte", "8bit")
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = datetime(2025, 3, day, 10, tzinfo=timezone(timedelta(hours=1)))
    if number:
        made["Message-ID"] = f"<{number}@mail.example>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(body, charset=charset, cte=cte)
    return made


def answer_to(*numbers: int) -> dict[str, str]:
    line = [f"<{n}@mail.example>" for n in numbers]
    return {"References": " ".join(line), "In_Reply_To": line[-1]}


def serbian() -> Iterator[EmailMessage]:
    """Question, automatic reply, answer above the quotation, insisting answer between quoted lines."""
    yield mail(
        3, IVA, HELP, "Погрешан рачун", "Добар дан,\nрачун за фебруар је погрешан.\nИва\n", number=1, cte="base64"
    )
    yield mail(
        3, HELP, IVA, "Aut. odgovor: Погрешан рачун", "Primili smo vašu poruku.\n", number=2,
        Auto_Submitted="auto-replied (vacation)", **answer_to(1),
    )  # fmt: skip
    yield mail(
        5, HELP, IVA, "Odg: Погрешан рачун",
        "Поштована, исправљамо.\n\nDana 3. 3. 2025. u 10:00, Ива Јовић je napisala:\n> Добар дан,\n> рачун ...\n",
        number=3, cte="quoted-printable", **answer_to(1),
    )  # fmt: skip
    yield mail(
        7, IVA, HELP, "Re: Погрешан рачун",
        "> Поштована, исправљамо.\nКада?\n>> рачун за фебруар\nОвај.\n", number=4, **answer_to(1, 3),
    )  # fmt: skip
    yield mail(
        8, BOSS, HELP, "Fwd: Погрешан рачун",
        "Reši ovo.\n\n---------- Forwarded message ---------\nFrom: Ива\nDate: 7. 3. 2025\n\nКада?\n",
        number=5, **answer_to(1, 3, 4),
    )  # fmt: skip


def romanian() -> Iterator[EmailMessage]:
    """Windows-1250, an HTML answer in Outlook's style, which threads by In-Reply-To only."""
    yield mail(
        4, BOGDAN, HELP, "Contor defect", "Bună ziua, contorul nu măsoară.\nMulțumesc\n".replace("ț", "ţ"),
        number=11, charset="windows-1250", cte="quoted-printable",
    )  # fmt: skip
    html = mail(6, HELP, BOGDAN, "RE: Contor defect", "", number=12, In_Reply_To="<11@mail.example>")
    html.set_content(
        "<html><head><style>p{}</style></head><body><p>Venim m&acirc;ine.</p>"
        "<div>-----Original Message-----<br>From: Bogdan</div></body></html>",
        subtype="html",
    )
    yield html


def russian() -> Iterator[EmailMessage]:
    """KOI8-R; only the out-of-office of a colleague came back, in an older program's words: still unanswered."""
    yield mail(
        10, OLGA, HELP, "Когда включат свет?", "Здравствуйте!\nСвета нет.\n", number=21, charset="koi8-r", cte="base64"
    )
    yield mail(10, HELP, OLGA, "Out of office", "Back on Monday.\n", number=22, X_Autoreply="yes", **answer_to(21))


def nobody_asked() -> Iterator[EmailMessage]:
    """A newsletter, and the report that an answer to Bogdan did not arrive."""
    yield mail(
        11, "Novosti <novosti@casopis.example>", HELP, "Bilten 3", "Čitajte!\n", number=31,
        List_Id="Bilten <bilten.casopis.example>", List_Unsubscribe="<mailto:x@casopis.example>", Precedence="bulk",
    )  # fmt: skip
    yield message_from_bytes(REPORT, policy=default)  # type: ignore[misc]


def without_an_id() -> Iterator[EmailMessage]:
    """A web form of our own site with the customer in Reply-To, and a forward as an attachment; neither has an id."""
    yield mail(
        12, "obrazac@struja.example", HELP, "Obrazac: kvar", "Nestalo je struje.\n", number=0,
        Reply_To="Ana Žagar <ana@siol.net>",
    )  # fmt: skip
    forwarded = mail(13, "Petar <petar@gmail.com>", HELP, "Fw: ponuda", "Da li je ovo od vas?\n", number=0)
    forwarded.add_attachment(mail(1, "lazni@lopov.example", "petar@gmail.com", "ponuda", "Platite!\n", number=98))
    yield forwarded


@pytest.fixture(scope="module")
def messages() -> list[EmailMessage]:
    return [*serbian(), *romanian(), *russian(), *nobody_asked(), *without_an_id()]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, messages: list[EmailMessage]) -> Path:
    path = tmp_path_factory.mktemp("mail") / "podrska.mbox"
    made = mailbox.mbox(path)
    for message in messages:
        made.add(message)
    made.close()
    return path


@pytest.fixture(scope="module")
def answer(box: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tiesa", "try", str(box), "--json"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def rows(box: Path) -> list[dict[str, Any]]:
    """The log's contacts in order of time, each with its words and its customer's address."""
    home = Home(box.parent / "home")
    import_file(box, home)
    log = ContactLog(home)

    def held(files: Any) -> list[dict[str, Any]]:
        return [row for f in files for row in pq.read_table(f.path, partitioning=None).to_pylist()]

    people = {p["customer_key"]: p["source_id"] for p in held(log.private.identities.version().files)}
    words = {w["contact_id"]: w["text"] for w in held(log.private.words.version().files)}
    contacts = sorted(held(log.files(CONTACT)), key=lambda r: r["occurred_at"])
    return [r | {"customer": people[r["customer_key"]], "text": words.get(r["contact_id"])} for r in contacts]


def test_try_takes_every_message_and_finds_the_own_side(answer: dict[str, Any]) -> None:
    imported = answer["import"]
    assert (imported["accepted"], imported["quarantined"]) == (13, 0)
    assert any("@struja.example" in note for note in imported["notes"])


def test_automatic_replies_and_reports_are_no_answers(answer: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    automatic = [r for r in rows if r["touchpoint"] == "automatic email"]
    assert [(r["direction"], r["kind"]) for r in automatic] == [("internal", "notice")] * 4
    # Iva's second question, Olga's, Ana's and Petar's wait; Iva's first and Bogdan's were answered by a person.
    figures = {question["number"]: question["figures"] for question in answer["questions"]}
    unanswered, not_due = figures[4]["unanswered"], figures[4]["not_due"]
    assert (unanswered["count"] + not_due, unanswered["n"] + not_due) == (4, 6)
    assert figures[1]["waiting_now"] == 4


def test_each_message_goes_the_right_way_to_the_right_customer(rows: list[dict[str, Any]]) -> None:
    spoken = [(r["direction"], r["customer"]) for r in rows if r["touchpoint"] != "automatic email"]
    assert spoken == [
        ("inbound", "iva@gmail.com"),
        ("inbound", "bogdan@firma.example"),
        ("outbound", "iva@gmail.com"),
        ("outbound", "bogdan@firma.example"),
        ("inbound", "iva@gmail.com"),
        spoken[5],
        ("inbound", "olga@mail.ru"),
        ("inbound", "ana@siol.net"),
        ("inbound", "petar@gmail.com"),
    ]
    assert spoken[5][0] == "internal"  # forwarded among us


def test_threads_hold_over_answers_forwards_and_reports(rows: list[dict[str, Any]]) -> None:
    threads: dict[str, list[int]] = {}
    for row in rows:
        threads.setdefault(row["case_id"], []).append(row["occurred_at"].day)
    assert sorted(threads.values()) == [[3, 3, 5, 7, 8], [4, 6, 6], [10, 10], [11], [12], [13]]


def test_words_are_read_in_every_charset_and_attachments_are_not_words(rows: list[dict[str, Any]]) -> None:
    words = {(r["occurred_at"].day, r["direction"]): r["text"] for r in rows}
    assert words[3, "inbound"] == "Добар дан,\nрачун за фебруар је погрешан.\nИва"
    assert words[4, "inbound"] == "Bună ziua, contorul nu măsoară.\nMulţumesc"
    assert words[6, "outbound"].startswith("Venim mâine.")
    assert words[10, "inbound"] == "Здравствуйте!\nСвета нет."
    assert words[13, "inbound"] == "Da li je ovo od vas?"
    assert [r["reason"] for r in rows if r["case_id"] == rows[0]["case_id"]][2:] == ["Погрешан рачун"] * 3


def test_messages_without_an_id_are_known_again_and_tell_nothing(
    box: Path, messages: list[EmailMessage], rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    home = Home(box.parent / "home")
    copy = mailbox.mbox(tmp_path / "sent.mbox")
    for message in messages[-2:]:
        copy.add(message)
    copy.close()
    known = next(m for m in ready_mappings() if m.path == "mbox")
    again = import_file(tmp_path / "sent.mbox", home, mapping=known)
    assert (again.accepted + again.duplicates, again.duplicates) == (2, 2)
    assert all(r["contact_id"].startswith("#") for r in rows)
    assert len({r["contact_id"] for r in rows}) == len(rows) == 13
    assert "@" not in str([{k: v for k, v in r.items() if k not in ("customer", "text")} for r in rows])

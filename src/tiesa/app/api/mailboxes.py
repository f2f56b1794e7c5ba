"""Mailboxes read by the clock: every message once, in the order of its number, and nothing in the mailbox is changed.

Messages are fetched a few hundred at a time into a file, which goes the way of any mailbox file: the library's reader
and its import. Only when the log has them does the high-water mark move; an import that was killed is begun again under
its own id, which adds nothing twice.
"""

from __future__ import annotations

import base64
import imaplib
import mailbox as files
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import F
from django.utils import timezone

from tiesa.app.api.models import Mailbox
from tiesa.app.config.installation import installation
from tiesa.app.jobs.kinds import KINDS, kind
from tiesa.app.jobs.work import Running, ask_once
from tiesa.app.jobs.worker import every
from tiesa.app.people.roles import Right
from tiesa.contacts.import_ids import new_import_id
from tiesa.contacts.importing import import_file
from tiesa.contacts.mapping import Mapping
from tiesa.contacts.recognise import ready_mappings
from tiesa.core.errors import TiesaError, UnusableInput
from tiesa.core.locale import _
from tiesa.core.whole_files import DRAFT, make_folder, remove, replacing
from tiesa.engines.locks import held

AT_ONCE = 500
MOST_BYTES = 25 * 2**20
"""Of one message; what is beyond is not fetched."""
TIMEOUT_S = 30.0
_UID = re.compile(rb"UID (\d+)")


class UnreadableMailbox(TiesaError):
    """A mailbox that does not let us in, or does not answer."""


def folder() -> Path:
    """Where messages lie between the mailbox and the log."""
    return installation().folder / "mail"


@contextmanager
def opened(box: Mailbox) -> Iterator[imaplib.IMAP4]:
    """The mailbox, open for reading only, its folder chosen. Raises: UnreadableMailbox; it says why."""
    server: imaplib.IMAP4 | None = None
    try:
        if box.security == Mailbox.TLS:
            server = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=_context(), timeout=TIMEOUT_S)
        else:
            server = imaplib.IMAP4(box.host, box.port, timeout=TIMEOUT_S)
            if box.security == Mailbox.STARTTLS:
                server.starttls(_context())
        server.login(_quoted(box.user), box.password)
        status, _said = server.select(_quoted(in_utf7(box.folder)), readonly=True)
        if status != "OK":
            raise UnreadableMailbox(_("There is no folder {name}").format(name=box.folder), where=box.host)
        yield server
    except (imaplib.IMAP4.error, OSError, EOFError) as error:
        why = str(error) if isinstance(error, imaplib.IMAP4.error) else type(error).__name__
        raise UnreadableMailbox(
            _("The mailbox cannot be read: {reason}").format(reason=why[:200]), where=box.host
        ) from error
    finally:
        if server is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()


def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def in_utf7(name: str) -> str:
    """The name of a folder as IMAP writes it (RFC 3501, 5.1.3).

    >>> in_utf7("Gesendet & mehr"), in_utf7("Išsiųsti")
    ('Gesendet &- mehr', 'I&AWE-si&AXM-sti')
    """

    def shifted(found: re.Match[str]) -> str:
        return "&" + base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"

    return re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))


def read(box: Mailbox, running: Running | None = None) -> dict[str, int]:
    """Take what is new in a mailbox. Returns: messages, and those of them that were new to the log.

    Raises: UnreadableMailbox.
    """
    taken = {"messages": 0, "accepted": 0}
    make_folder(folder())
    try:
        with held(folder() / f".{box.pk}.lock", wait_s=0):
            box.refresh_from_db()
            _sweep(box)
            _finish(box, taken)
            with opened(box) as server:
                _begin_anew_where_renumbered(box, server)
                for numbers in _new(box, server):
                    if running:
                        running.tell(_("Taking {n} messages").format(n=len(numbers)))
                    _fetch(box, server, numbers)
                    _finish(box, taken)
    except BlockingIOError:
        pass  # another worker reads it just now
    return taken


def _begin_anew_where_renumbered(box: Mailbox, server: imaplib.IMAP4) -> None:
    _code, said = server.response("UIDVALIDITY")
    validity = int(said[0]) if said and said[0] else 0
    if box.uidvalidity != validity:
        box.uidvalidity, box.last_uid = validity, 0
        box.save(update_fields=["uidvalidity", "last_uid"])


def _new(box: Mailbox, server: imaplib.IMAP4) -> Iterator[Sequence[int]]:
    """Numbers of messages that were not taken yet, some at a time."""
    status, said = server.uid("SEARCH", "UID", f"{box.last_uid + 1}:*")
    if status != "OK":
        raise UnreadableMailbox(_("The mailbox does not list its messages"), where=box.host)
    listed = sorted(int(n) for n in (said[0] or b"").split())
    numbers = [n for n in listed if n > box.last_uid]  # "*" names the last message even where it is older
    for start in range(0, len(numbers), AT_ONCE):
        yield numbers[start : start + AT_ONCE]


def _fetch(box: Mailbox, server: imaplib.IMAP4, numbers: Sequence[int]) -> None:
    """Write messages to a file and note which import will take it; none of them is marked as read."""
    import_id = new_import_id(datetime.now(UTC))
    with replacing(_file(box, import_id), mode=0o600) as draft:
        box_file = files.mbox(draft, create=False)
        for number in numbers:
            status, said = server.uid("FETCH", str(number), f"(UID BODY.PEEK[]<0.{MOST_BYTES}>)")
            if status != "OK":
                raise UnreadableMailbox(_("The mailbox does not give out a message"), where=box.host)
            found = [part for part in said if isinstance(part, tuple)]
            if found and found[0][1]:  # else it was deleted meanwhile
                box_file.add(found[0][1])
        box_file.close()
    box.pending = {"import_id": import_id, "upto": numbers[-1], "messages": len(numbers)}
    box.save(update_fields=["pending"])


def _finish(box: Mailbox, taken: dict[str, int]) -> None:
    """Take the file under way to the log, once, and move the mark behind it."""
    if not box.pending:
        return
    path = _file(box, box.pending["import_id"])
    accepted = 0
    if path.exists() and path.stat().st_size:
        try:
            result = import_file(
                path, installation().place, mapping=mapping_of(box), import_id=box.pending["import_id"]
            )
            accepted = result.accepted
        except UnusableInput as error:  # not one message among them can be used
            Mailbox.objects.filter(pk=box.pk).update(problem=str(error)[:300])
    taken["messages"] += box.pending["messages"]
    taken["accepted"] += accepted
    Mailbox.objects.filter(pk=box.pk).update(
        last_uid=box.pending["upto"], pending={}, taken=F("taken") + accepted, read_at=timezone.now()
    )
    box.refresh_from_db()
    remove(path)


def _file(box: Mailbox, import_id: str) -> Path:
    return folder() / f"{box.pk}-{import_id}.mbox"


def _sweep(box: Mailbox) -> None:
    """Files that a killed worker had not finished."""
    own = _file(box, box.pending["import_id"]).name if box.pending else ""
    for path in folder().iterdir():
        is_mine = path.name.startswith(f"{box.pk}-") or (path.name.startswith(DRAFT) and f"-{box.pk}-" in path.name)
        if is_mine and path.name != own:
            remove(path)


def mapping_of(box: Mailbox) -> Mapping:
    """How messages become contacts: as from any mailbox file, under this mailbox's source and own addresses."""
    ready = next(mapping for mapping in ready_mappings() if mapping.path == "mbox")
    return replace(ready, source=box.source, reader=replace(ready.reader, own=tuple(box.own)))


@kind("mailbox", right=Right.MANAGE_INSTALLATION, words=lambda: _("Reading a mailbox"))
def run(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """The job: take what is new; why it could not is kept for the page."""
    box = Mailbox.objects.filter(pk=arguments["mailbox"], is_open=True).first()
    if box is None:
        return {}
    try:
        taken = read(box, running)
    except TiesaError as error:
        Mailbox.objects.filter(pk=box.pk).update(problem=str(error)[:300])
        raise
    Mailbox.objects.filter(pk=box.pk).update(problem="", read_at=timezone.now())
    if taken["accepted"] and "build" in KINDS:
        ask_once("build", {}, by=None)
    return dict(taken)


@every("mailboxes", timedelta(seconds=30))
def ask_where_it_is_time() -> None:
    """By the clock: a job for each mailbox whose time has come."""
    now = timezone.now()
    for box in Mailbox.objects.filter(is_open=True, next_at__lte=now):
        Mailbox.objects.filter(pk=box.pk).update(next_at=now + timedelta(minutes=box.every_minutes))
        ask_once("mailbox", {"mailbox": box.pk}, by=None)

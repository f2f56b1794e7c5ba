"""Mailboxes (mbox, maildir): one row per message, with its thread and its direction."""

from __future__ import annotations

import mailbox
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.errors import MessageError
from pathlib import Path
from shutil import copyfileobj
from typing import Any

import pyarrow as pa

from tiesa.contacts.readers.mail_message import HIDDEN_COLUMNS, MESSAGE_COLUMNS, is_overgrown, read_message, split_list
from tiesa.contacts.readers.mail_threads import OwnSide, Parties, Threads
from tiesa.contacts.readers.source import ReaderOptions
from tiesa.contacts.readers.spool import Broken, Record, SpooledSource, spool
from tiesa.contacts.readers.unpacking import BLOCK, Content
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _

FOUND_COLUMNS = ("thread", "direction", "customer_address", "customer_name", "employee_address")
AUTOMATIC = "auto_submitted"
_TELLING = ("message_id", "from_address", "from_name", "to_addresses", AUTOMATIC)
TEXT = pa.string()
PARSER_FAILURES = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, MessageError)
"""What the standard parser raises on mail that keeps no rule."""


@dataclass(slots=True)
class MailSource(SpooledSource):
    """Messages as they stand, with what only the whole mailbox tells beside them. Of that, memory holds the message
    ids and the count of addresses; texts stay on disk."""

    threads: Threads
    own: OwnSide

    def batches(self) -> Iterator[pa.RecordBatch]:
        for batch in SpooledSource.batches(self):
            messages = batch.select([*_TELLING, *HIDDEN_COLUMNS]).to_pylist()
            found = [self._found(message) for message in messages]
            automatic = pa.array([self._automatic(message) for message in messages], TEXT)
            batch = batch.set_column(batch.schema.get_field_index(AUTOMATIC), AUTOMATIC, automatic)
            batch = batch.drop_columns(list(HIDDEN_COLUMNS))
            for name in FOUND_COLUMNS:
                batch = batch.append_column(name, pa.array([one[name] for one in found], TEXT))
            yield batch

    def _found(self, message: dict[str, Any]) -> Record:
        sender, receivers = message["from_address"], split_list(message["to_addresses"])
        names = dict(zip(receivers, split_list(message["to_names"]), strict=False))
        outside = [address for address in receivers if not self.own.holds(address)]
        found: Record = dict.fromkeys(FOUND_COLUMNS)
        found["thread"] = self.threads.root(message["message_id"]) if message["message_id"] else None
        if self._is_form(message):
            found |= {"direction": "inbound", "customer_address": message["reply_to_address"]}
            found["employee_address"] = receivers[0]
        elif not self.own.holds(sender):
            own = [address for address in receivers if self.own.holds(address)]
            found |= {"direction": "inbound", "customer_address": sender, "customer_name": message["from_name"]}
            found["employee_address"] = own[0] if own else None
        elif outside:
            found |= {"direction": "outbound", "customer_address": outside[0], "employee_address": sender}
            found["customer_name"] = names.get(outside[0]) or None
        else:
            found |= {"direction": "internal", "employee_address": sender}
        return found

    def _is_form(self, message: dict[str, Any]) -> bool:
        """A form on our own site: from us and to us, with the customer only where the answer goes."""
        answered, receivers = message["reply_to_address"], split_list(message["to_addresses"])
        if not answered or not receivers or self.own.holds(answered):
            return False
        return all(map(self.own.holds, [message["from_address"], *receivers]))

    def _automatic(self, message: dict[str, Any]) -> str | None:
        """What the message says of itself; a form is a customer's, a list of others is nobody's question to us (one of
        our own is how some desks share their address)."""
        if self._is_form(message):
            return None
        foreign = message["list_id"] and not self.own.holds(f"list@{message['list_id']}")
        return message[AUTOMATIC] or ("mailing-list" if foreign else None)


def open_mbox(content: Content, *, options: ReaderOptions) -> MailSource:
    with _unpacked(content) as path:
        box = mailbox.mbox(path, create=False)
        try:
            return _source(content.path, "mbox", [box], options)
        finally:
            box.close()


def open_maildir(path: Path, *, options: ReaderOptions) -> MailSource:
    """A maildir with its folders (what was sent often lies in one); messages in order of their file names."""
    box = mailbox.Maildir(path, create=False)
    folders = [box.get_folder(name) for name in sorted(box.list_folders())]
    return _source(path, "maildir", [box, *folders], options)


def is_maildir(path: Path) -> bool:
    return all((path / name).is_dir() for name in ("cur", "new"))


@contextmanager
def _unpacked(content: Content) -> Iterator[Path]:
    """Mailbox wants a file it can seek in."""
    if not content.packing:
        yield content.path
        return
    with tempfile.TemporaryDirectory(prefix="tiesa-") as folder:
        plain = Path(folder) / "mbox"
        with content.open() as packed, plain.open("wb") as target:
            copyfileobj(packed, target, BLOCK)
        yield plain


def _source(path: Path, kind: str, boxes: list[Any], options: ReaderOptions) -> MailSource:
    threads, parties = Threads(), Parties()
    kept = spool(_records(boxes, threads, parties))
    if not kept.rows:
        raise UnusableInput(_("The mailbox holds no readable message"), where=str(path))
    named = [name.strip().lower() for name in options.own if name.strip()]
    own = OwnSide(frozenset(named or [parties.likely_own()]))
    columns = tuple(name for name in kept.columns if name not in HIDDEN_COLUMNS) + FOUND_COLUMNS
    source = MailSource(path, kind, columns, kept, threads, own)
    if not named:
        guess = ", ".join(own.names)
        source.notes.append(
            _("{own} was taken for the organisation's own address, because it takes part in most messages").format(
                own=guess
            )
        )
    return source


def _records(boxes: list[Any], threads: Threads, parties: Parties) -> Iterator[Record | Broken]:
    for box in boxes:
        for key in sorted(box.keys()):
            raw = box.get_bytes(key)
            if is_overgrown(raw):
                yield Broken(_start(box, key), _("the message has too many parts"))
                continue
            try:
                record = read_message(raw)
            except PARSER_FAILURES as error:
                yield Broken(_start(box, key), _("the message cannot be read ({reason})").format(reason=error))
                continue
            if record is None:
                yield Broken(_start(box, key), _("the message has no sender"))
                continue
            message_id = record["message_id"]
            if message_id:
                threads.add(message_id, (record["references"] or "").split(), record["in_reply_to"] or "")
            parties.add([record["from_address"] or "", *split_list(record["to_addresses"])])
            yield {name: record[name] for name in MESSAGE_COLUMNS}


def _start(box: Any, key: Any) -> str:
    raw: bytes = box.get_bytes(key)
    return raw[:10_000].decode("utf-8", "replace")

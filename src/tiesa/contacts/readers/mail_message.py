"""One e-mail message as a row: headers decoded, addresses bare, the plain text of its body.

A message without a Message-ID gets one made of what it says; a delivery report answers the message it reports on.
"""

from __future__ import annotations

import hashlib
import html
import re
from datetime import datetime
from email import message_from_bytes, message_from_string
from email.message import EmailMessage, Message, MIMEPart
from email.policy import EmailPolicy
from email.utils import getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING

from tiesa.contacts.readers.spool import Record

if TYPE_CHECKING:
    _Policy = EmailPolicy[EmailMessage]
else:
    _Policy = EmailPolicy

SEPARATOR = "|"
MESSAGE_COLUMNS = (
    "message_id", "date", "from_name", "from_address", "to_addresses", "to_names", "subject", "topic", "text",
    "in_reply_to", "references", "auto_submitted", "reply_to_address", "list_id",
)  # fmt: skip
HIDDEN_COLUMNS = ("to_names", "reply_to_address", "list_id")
"""What only finds out whom a message is from and for."""
LONGEST_HEADER = 4_000
MOST_PARTS = 5_000
MOST_LINES_AND_PARTS = 20_000_000
NO_MESSAGE_ID = "without-message-id"
"""Domain of ids that were made here; with an `@`, so that the log gets a number instead."""
_AUTOMATIC = (("x-autoreply", ""), ("x-autorespond", ""), ("x-autoresponder", ""), ("precedence", "auto_reply"))
"""Headers that say of older programs' messages what Auto-Submitted says (RFC 3834); "": whatever their value."""
_ID = re.compile(r"<([^<>\s]+)>")
_UNSEEN = re.compile(r"<(?:(script|style|head)\b|!--)", re.IGNORECASE)
_UNSEEN_ENDS = {
    "": re.compile("-->"),
    **{tag: re.compile(rf"</{tag}\s*>", re.IGNORECASE) for tag in ("script", "style", "head")},
}
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_ANSWERED = re.compile(
    r"^(\s*(\[\d+\]|(re|fwd?|aw|wg|sv|vs|vá|odp|odg|pros|ats|atsakymas|persiųsta|ha|на|отв|ответ|пересл|răsp|ref|tr)"
    r"(\[\d+\])?\s*:))+",
    re.IGNORECASE,
)
_QUOTED_FROM = re.compile(r"^>(>*From )", re.MULTILINE)


class _ShortHeaders(_Policy):
    """Cuts headers of absurd length, at the end of a word: to decode one takes the parser time and memory that grow
    with the square of its length. References begin with the oldest message, so the thread is not lost."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        if len(value) <= LONGEST_HEADER:
            return name, value
        cut = value[:LONGEST_HEADER]
        return name, cut[: max(cut.rfind(" "), cut.rfind(",")) + 1] or cut


_SHORT_HEADERS = _ShortHeaders()


def is_overgrown(raw: bytes) -> bool:
    """Whether a message has more parts, or parts in parts, than the parser can take in reasonable time: it looks at
    every line once for each boundary that is open."""
    boundaries = raw.count(b"boundary")
    return boundaries * raw.count(b"\n") > MOST_LINES_AND_PARTS or (boundaries > 0 and raw.count(b"\n--") > MOST_PARTS)


def read_message(raw: bytes) -> Record | None:
    """The row of a message (columns MESSAGE_COLUMNS; several addresses joined by `|`); None without a sender."""
    message = message_from_bytes(raw, policy=_SHORT_HEADERS)
    senders = _addresses(message, "from") or _addresses(message, "sender")
    if not senders:
        return None
    receivers = [found for header in ("to", "cc") for found in _addresses(message, header)]
    reply_to = _addresses(message, "reply-to")
    replied = _ids(message, "in-reply-to") or _reported(message)
    record: Record = {
        "date": _date(message),
        "from_name": senders[0][0] or None,
        "from_address": senders[0][1],
        "to_addresses": SEPARATOR.join(address for _name, address in receivers) or None,
        "to_names": SEPARATOR.join(name.replace(SEPARATOR, " ") for name, _address in receivers) or None,
        "subject": _header(message, "subject") or None,
        "topic": topic_of(_header(message, "subject")) or None,
        "text": _QUOTED_FROM.sub(r"\1", _body(message)).strip() or None,
        "in_reply_to": replied[0] if replied else None,
        "references": " ".join(_ids(message, "references")) or None,
        "auto_submitted": _automatic(message) or None,
        "reply_to_address": reply_to[0][1] if reply_to else None,
        "list_id": _header(message, "list-id").rpartition("<")[2].rstrip("> ").lower() or None,
    }
    ids = _ids(message, "message-id")
    return {"message_id": ids[0] if ids else _made_id(record)} | record


def _made_id(record: Record) -> str:
    """The same for every copy of a message, however it is stored."""
    said = "\n".join(record[c] or "" for c in ("date", "from_address", "to_addresses", "subject", "text"))
    return f"{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:32]}@{NO_MESSAGE_ID}"


def _automatic(message: EmailMessage) -> str:
    """What Auto-Submitted says, or would say if the program that wrote the message knew it; "" where a person wrote."""
    said = re.split(r"[;(\s]", _header(message, "auto-submitted").lower())[0]
    if said:
        return said
    if message.get_content_type() == "multipart/report" or _header(message, "return-path") == "<>":
        return "auto-generated"
    for header, value in _AUTOMATIC:
        if header in message and (not value or _header(message, header).lower() == value):
            return "auto-replied"
    return ""


def _reported(message: EmailMessage) -> list[str]:
    """Id of the message a delivery report is about, which is attached whole or with its headers only."""
    if message.get_content_type() != "multipart/report":
        return []
    for part in message.walk():
        if part.get_content_type() == "text/rfc822-headers":
            return _ids(message_from_string(_part_text(part), policy=_SHORT_HEADERS), "message-id")
        attached = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(attached, list):
            originals = [original for original in attached if isinstance(original, Message)]
            return [found for original in originals for found in _ids(original, "message-id")]
    return []


def topic_of(subject: str) -> str:
    """The subject without what mail programs put before it when they answer or forward, in whatever language.

    >>> topic_of("RE: Odg: Re[2]: Broken meter")
    'Broken meter'
    """
    return _ANSWERED.sub("", subject).strip()


def split_list(joined: str | None) -> list[str]:
    return joined.split(SEPARATOR) if joined else []


def _header(message: Message, name: str) -> str:
    return _clean(re.sub(r"\s+", " ", str(message.get(name, "")))).strip()


def _clean(text: str) -> str:
    """Text without NULs and lone surrogates, which stand for bytes nobody could decode."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _addresses(message: EmailMessage, name: str) -> list[tuple[str, str]]:
    values = [_header_text(value) for value in message.get_all(name, [])]
    return [
        (_clean(shown).strip(), _clean(address).strip().lower())
        for shown, address in getaddresses(values)
        if "@" in address
    ]


def _header_text(value: object) -> str:
    return re.sub(r"[\r\n]+\s*", " ", str(value))


def _ids(message: Message, name: str) -> list[str]:
    text = _header(message, name)
    return _ID.findall(text) or text.split()


def _date(message: EmailMessage) -> str | None:
    """ISO time with its offset; a time that names no zone (`-0000`) is in UTC by the standard."""
    try:
        moment: datetime = parsedate_to_datetime(_header(message, "date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.isoformat() + ("" if moment.tzinfo else "+00:00")


def _body(message: EmailMessage) -> str:
    """The plain text; out of the HTML where there is no plain text, or an empty one beside it."""
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        if part is not None:
            text = _part_text(part)
            text = without_tags(text) if kind == "html" else _clean(text)
            if text.strip():
                return text
    return ""


def _part_text(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError, KeyError):  # an unknown or wrong charset
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)


def _seen(markup: str) -> str:
    """The markup without comments, scripts and styles. One that is never closed stays, and none of its kind is looked
    for again: to look from each would take time that grows with the square of the length."""
    kept, place, start = [], 0, 0
    unclosed: set[str] = set()
    while found := _UNSEEN.search(markup, start):
        start, kind = found.end(), (found[1] or "").lower()
        end = None if kind in unclosed else _UNSEEN_ENDS[kind].search(markup, start)
        if end is None:
            unclosed.add(kind)
            continue
        kept.append(markup[place : found.start()])
        place = start = end.end()
    return "".join([*kept, markup[place:]])


def without_tags(markup: str) -> str:
    r"""The text of an HTML body, a line per block.

    >>> without_tags("<p>Dobar dan,<br>gde je po&scaron;iljka?</p>")
    'Dobar dan,\ngde je pošiljka?'
    """
    text = _TAG.sub("", _BREAK.sub("\n", _seen(re.sub(r"\s+", " ", markup))))
    lines = (line.strip() for line in _clean(html.unescape(text)).replace("\u00a0", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

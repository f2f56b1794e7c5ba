"""One e-mail message as a row: headers decoded, addresses bare, the plain text of its body."""

from __future__ import annotations

import html
import re
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default
from email.utils import getaddresses, parsedate_to_datetime

from tiesa.contacts.readers.spool import Record

SEPARATOR = "|"
MESSAGE_COLUMNS = (
    "message_id", "date", "from_name", "from_address", "to_addresses", "to_names", "subject", "topic", "text",
    "in_reply_to", "references", "auto_submitted",
)  # fmt: skip
_ID = re.compile(r"<([^<>\s]+)>")
_UNSEEN = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_ANSWERED = re.compile(
    r"^(\s*(\[\d+\]|(re|fwd?|aw|wg|sv|vs|vá|odp|odg|pros|ats|atsakymas|persiųsta|ha|на|отв|ответ|пересл|răsp|ref|tr)"
    r"(\[\d+\])?\s*:))+",
    re.IGNORECASE,
)
_QUOTED_FROM = re.compile(r"^>(>*From )", re.MULTILINE)


def read_message(raw: bytes) -> Record | None:
    """The row of a message (columns MESSAGE_COLUMNS; several addresses joined by `|`); None without a sender."""
    message = message_from_bytes(raw, policy=default)
    senders = _addresses(message, "from") or _addresses(message, "sender")
    if not senders:
        return None
    receivers = [found for header in ("to", "cc") for found in _addresses(message, header)]
    ids = _ids(message, "message-id")
    replied = _ids(message, "in-reply-to")
    automatic = _header(message, "auto-submitted")
    return {
        "message_id": ids[0] if ids else None,
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
        "auto_submitted": automatic.split(";")[0].strip().lower() or None,
    }


def topic_of(subject: str) -> str:
    """The subject without what mail programs put before it when they answer or forward, in whatever language.

    >>> topic_of("RE: Odg: Re[2]: Broken meter")
    'Broken meter'
    """
    return _ANSWERED.sub("", subject).strip()


def split_list(joined: str | None) -> list[str]:
    return joined.split(SEPARATOR) if joined else []


def _header(message: EmailMessage, name: str) -> str:
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


def _ids(message: EmailMessage, name: str) -> list[str]:
    text = _header(message, name)
    return _ID.findall(text) or text.split()


def _date(message: EmailMessage) -> str | None:
    """ISO time with its offset; a time that names no zone (`-0000`) is in UTC by the standard."""
    text = _header(message, "date")
    try:
        moment: datetime = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return moment.isoformat() + ("" if moment.tzinfo else "+00:00")


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    text = _part_text(part)
    return without_tags(text) if part.get_content_type() == "text/html" else _clean(text)


def _part_text(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError, KeyError):  # an unknown or wrong charset
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)


def without_tags(markup: str) -> str:
    r"""The text of an HTML body, a line per block.

    >>> without_tags("<p>Dobar dan,<br>gde je po&scaron;iljka?</p>")
    'Dobar dan,\ngde je pošiljka?'
    """
    text = _TAG.sub("", _BREAK.sub("\n", _UNSEEN.sub("", re.sub(r"\s+", " ", markup))))
    lines = (line.strip() for line in _clean(html.unescape(text)).replace("\u00a0", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

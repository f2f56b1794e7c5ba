"""Signatures of webhooks: a keyed hash over time and body, so that nobody else can call, nor call again later."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Mapping
from datetime import datetime

TOLERANCE_S = 300
SIGNATURE = "Tiesa-Signature"
HEADERS = {
    "generic": (SIGNATURE,),
    "chatwoot": ("X-Chatwoot-Signature", "X-Chatwoot-Timestamp"),
    "zendesk": ("X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"),
}
"""Where each system puts its signature and its time."""


def signature(secret: str, content: bytes, at: int) -> str:
    """Our own signature: `t=SECONDS,v1=HEX`, a HMAC-SHA256 over "SECONDS.BODY".

    >>> signature("s", b"{}", 1_700_000_000)[:20]
    't=1700000000,v1=e923'
    """
    return f"t={at},v1={_hash(secret, f'{at}.'.encode() + content).hex()}"


def is_signed(shape: str, secret: str, headers: Mapping[str, str], content: bytes, *, now: float | None = None) -> bool:
    """Does a call carry a signature by this secret over this body, made within TOLERANCE_S of now?"""
    now = time.time() if now is None else now
    names = HEADERS[shape]
    given = headers.get(names[0], "")
    if shape == "generic":
        parts = dict(part.strip().partition("=")[::2] for part in given.split(","))
        at = _seconds(parts.get("t", ""))
        expected = signature(secret, content, int(at)) if at is not None else ""
    else:
        word = headers.get(names[1], "")
        if shape == "chatwoot":
            at = _seconds(word)
            expected = "sha256=" + _hash(secret, word.encode() + b"." + content).hex()
        else:
            at = _moment(word)
            expected = base64.b64encode(_hash(secret, word.encode() + content)).decode()
    if at is None or abs(now - at) > TOLERANCE_S:
        return False
    return hmac.compare_digest(expected.encode(), given.encode())


def _hash(secret: str, content: bytes) -> bytes:
    return hmac.digest(secret.encode(), content, "sha256")


def _seconds(word: str) -> float | None:
    return float(word) if word.isascii() and word.isdigit() and len(word) < 12 else None


def _moment(word: str) -> float | None:
    try:
        found = datetime.fromisoformat(word)
        return found.timestamp() if found.tzinfo else None
    except (ValueError, OverflowError):
        return None

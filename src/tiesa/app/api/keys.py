"""How a program signs in: by a key of its own, with the rights it was given, so many requests a second."""

from __future__ import annotations

import math
import time
from datetime import timedelta
from threading import Lock
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBasicAuth, HttpBearer

from tiesa.app.api.problems import Problem
from tiesa.app.config.installation import installation
from tiesa.app.people.audit import record
from tiesa.app.people.keys import key_of
from tiesa.app.people.models import ApiKey
from tiesa.app.people.policies import Access, access_of_key
from tiesa.app.people.roles import Right
from tiesa.core.locale import _

BURST_S = 10
"""A key that was quiet may send so many seconds' worth at once."""
KNOWN_S, MOST_KNOWN = 2.0, 1_000
_NOTED = timedelta(minutes=1)


class WithKey(HttpBearer):
    """Lets a request through whose key has one of these rights; `request.auth` is then the key."""

    openapi_name = "key"

    def __init__(self, *rights: Right) -> None:
        super().__init__()
        self.rights = rights

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        return let_in(request, token, self.rights)


class WithKeyAsUser(HttpBasicAuth):
    """The same for programs that can only send a user name: the key, with any password."""

    openapi_name = "key as user name"

    def __init__(self, *rights: Right) -> None:
        super().__init__()
        self.rights = rights

    def authenticate(self, request: HttpRequest, username: str, password: str) -> ApiKey | None:
        del password
        return let_in(request, username, self.rights)


def let_in(request: HttpRequest, token: str, rights: tuple[Right, ...]) -> ApiKey | None:
    """The key, where it holds and has one of the rights.

    Raises: Problem 403 without them, 429 when it asks too often.
    """
    found = _known(token)
    if found is None:
        return None
    key, access = found
    if wait_s := LIMIT.wait_s(key.pk, installation().api_per_s):
        raise Problem(429, _("This key asks too often"), retry_s=math.ceil(wait_s))
    if not any(access.may(right) for right in rights):
        raise Problem(403, _("This key was not given the right: {right}").format(right=rights[0].value))
    _note_use(key)
    request.access = access  # type: ignore[attr-defined]
    return key


def _known(token: str) -> tuple[ApiKey, Access] | None:
    """The key and what it may do; looked up once in KNOWN_S, which is so long as a withdrawn key may still open."""
    now = time.monotonic()
    if (held := _looked_up.get(token)) and held[0] > now:
        return held[1], held[2]
    _looked_up.pop(token, None)
    key = key_of(token)
    if key is None:
        return None
    if len(_looked_up) >= MOST_KNOWN:
        _looked_up.clear()
    access = access_of_key(key)
    _looked_up[token] = (now + KNOWN_S, key, access)
    return key, access


_looked_up: dict[str, tuple[float, ApiKey, Access]] = {}


def forget_keys() -> None:
    """Look every key up anew."""
    _looked_up.clear()


def access_of_request(request: Any) -> Access:
    """What the program behind a request may do."""
    access: Access = request.access
    return access


def _note_use(key: ApiKey) -> None:
    """When the key was last used, by the minute; its first use of a day goes into the audit log."""
    now = timezone.now()
    if key.used_at and now - key.used_at < _NOTED and key.used_at.date() == now.date():
        return
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        unused = ApiKey.objects.filter(Q(used_at=None) | Q(used_at__lt=today), pk=key.pk)
        key.used_at = now  # this one is known for a moment
        if unused.update(used_at=now):
            record(f"key {key.pk}", "key.use", about=f"key {key.pk}", day=now.date().isoformat())
        else:
            ApiKey.objects.filter(pk=key.pk).update(used_at=now)


class Limit:
    """So many requests a second for each key, and a burst after quiet times; counted in this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._left: dict[int, tuple[float, float]] = {}

    def wait_s(self, key: int, per_s: float) -> float:
        """Take one request from a key's share; 0, or the seconds after which there is one again."""
        now, most = time.monotonic(), per_s * BURST_S
        with self._lock:
            left, at = self._left.get(key, (most, now))
            left = min(most, left + (now - at) * per_s)
            if left < 1:
                self._left[key] = (left, now)
                return (1 - left) / per_s
            self._left[key] = (left - 1, now)
            return 0.0

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._left.clear()


LIMIT = Limit()

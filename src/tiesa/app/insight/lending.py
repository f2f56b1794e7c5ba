"""Views that stay open for short questions (one customer, a search): opening one costs more than the question.

Each is lent to one request at a time. A few are kept per evidence and scope, and those nobody asked for go first.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tiesa.core.home import Home
from tiesa.core.scope import Scope
from tiesa.journeys.view import View, open_view

KEPT = 8
"""Open views that wait for the next request, of all kinds together."""


@dataclass
class _Open:
    key: Hashable
    view: View
    stack: ExitStack
    used_at: float = field(default_factory=time.monotonic)


class Lender:
    """Keeps views open."""

    def __init__(self, kept: int = KEPT) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Open] = []
        self._kept = kept

    @contextmanager
    def lend(self, home: Home, scope: Scope, version: int, identities: int) -> Iterator[View]:
        """A view of everything within a scope, to be given back at the end of the block.

        identities: version of the table of who is who: a view of an older one is not lent any more.
        """
        key = (str(home.root), scope, version, identities)
        opened = self._take(key) or _opened(key, home, scope, version)
        try:
            yield opened.view
        except BaseException:
            opened.stack.close()  # it may have been left half-way
            raise
        self._give_back(opened)

    def _take(self, key: Hashable) -> _Open | None:
        with self._lock:
            for one in self._idle:
                if one.key == key:
                    self._idle.remove(one)
                    return one
        return None

    def _give_back(self, opened: _Open) -> None:
        opened.used_at = time.monotonic()
        with self._lock:
            self._idle.append(opened)
            self._idle.sort(key=lambda one: one.used_at)
            gone, self._idle = self._idle[: -self._kept], self._idle[-self._kept :]
        for one in gone:
            one.stack.close()


def _opened(key: Hashable, home: Home, scope: Scope, version: int) -> _Open:
    stack = ExitStack()
    view = stack.enter_context(open_view(home, scope=scope, version=version))
    # Many are asked at once: one thread each, and what a file says of itself is read once.
    view.connection.execute("set threads = 1; set parquet_metadata_cache = true")
    return _Open(key, view, stack)


LENDER = Lender()

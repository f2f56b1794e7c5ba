"""The desk at which answers are worked out: each once per evidence number, by few hands, and kept while it holds.

A page asks for an answer and gets it, or learns that it is being worked out and asks again; a web request never waits
long. Answers hold figures (decision 6), so one serves every language; what is drawn is kept per language.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from contextvars import copy_context
from typing import Any, TypeVar

from django.db import close_old_connections

Made = TypeVar("Made")
HANDS = 2
KEPT = 600
PATIENCE_S = 0.25
"""How long a request waits for an answer before it says that it is being worked out."""


class NotYet(Exception):
    """The answer is being worked out."""


class Desk:
    """Answers by key, worked out by a few threads."""

    def __init__(self, hands: int = HANDS, kept: int = KEPT) -> None:
        self._hands = ThreadPoolExecutor(hands, thread_name_prefix="desk")
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._kept = kept
        self._generation: Hashable = None

    def ask(self, key: Hashable, make: Callable[[], Made], *, patience: float | None = PATIENCE_S) -> Made:
        """The answer of that key, made by `make` where it is not known. patience: seconds; None waits to the end.

        Raises: NotYet when it takes longer; whatever `make` raises.
        """
        with self._lock:
            future = self._answers.get(key)
            if future is None or (future.done() and future.exception() is not None):
                try:
                    future = self._hands.submit(copy_context().run, _alone, make)
                except RuntimeError as error:  # the process is ending, and with it its threads
                    raise NotYet from error
                self._answers[key] = future
            self._answers.move_to_end(key)
            while len(self._answers) > self._kept:
                self._answers.popitem(last=False)
        try:
            return future.result(timeout=patience)  # type: ignore[no-any-return]
        except Late:
            if future.done():  # the error is the answer's own
                raise
            raise NotYet from None

    def forget(self) -> None:
        """Forget every answer (somebody was erased)."""
        with self._lock:
            self._answers.clear()


def _alone(make: Callable[[], Made]) -> Made:
    try:
        return make()
    finally:
        close_old_connections()


DESK = Desk()

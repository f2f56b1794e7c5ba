"""Commands that look after a home take turns, so that none removes what another is about to name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tiesa.core.errors import LostRace
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.engines.locks import held

LOCK = ".upkeep.lock"
WAIT_S = 60.0


@contextmanager
def turn(home: Home, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold the home's upkeep. Imports, builds and readers go on. Raises LostRace when another holds it for long."""
    try:
        with held(home.root / LOCK, wait_s=wait_s):
            yield
    except BlockingIOError as error:
        raise LostRace(
            _("Another command is looking after this home"),
            where=str(home.root),
            remedy=_("Try again when it is done"),
        ) from error

"""What stands in the way of a watch: told once, and tried again after pauses that grow."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tiesa.core.errors import TiesaError
from tiesa.core.locale import _
from tiesa.journeys.arrivals import Arrival

RETRY_AT_MOST_S = 60.0
SHORTEST_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Notice:
    """What to know that is no fault of a file's content.

    failed: False where it is just not time yet (a file is still being written, another watcher is at work).
    """

    where: Path
    why: str
    failed: bool = True


@dataclass(frozen=True, slots=True)
class _Later:
    """Tried again when the clock says `at`, `pause_s` after it failed."""

    at: float
    pause_s: float


@dataclass(frozen=True)
class TryingAgain:
    """What was told of each place, and when each piece of work is tried again (None stands for making journeys)."""

    told: dict[Path, str] = field(default_factory=dict)
    later: dict[Arrival | None, _Later] = field(default_factory=dict)

    def is_time(self, what: Arrival | None) -> bool:
        return what not in self.later or time.monotonic() >= self.later[what].at

    def put_off(self, what: Arrival | None, *, first_s: float, at_most_s: float = RETRY_AT_MOST_S) -> None:
        """Try again after `first_s` seconds, then after twice as long each time."""
        before = self.later.get(what)
        pause_s = min(2 * before.pause_s if before else first_s, at_most_s)
        self.later[what] = _Later(time.monotonic() + max(pause_s, SHORTEST_PAUSE_S), pause_s)

    def tell(self, where: Path, why: str, *, failed: bool = True) -> Iterator[Notice]:
        """The notice, unless it was the last that was told of this place."""
        if self.told.get(where) != why:
            self.told[where] = why
            yield Notice(where, why, failed)

    def worked(self, what: Arrival | None, where: Path) -> None:
        self.later.pop(what, None)
        self.told.pop(where, None)

    def forget_all_but(self, there: Collection[Arrival], folder: Path) -> None:
        """Files of the folder that are gone or have changed are nothing to wait for; the folder itself is back."""
        for what in [w for w in self.later if w is not None and w not in there]:
            del self.later[what]
        if self.told:
            names = {arrival.name for arrival in there}
            for where in [w for w in self.told if w == folder or (w.parent == folder and w.name not in names)]:
                del self.told[where]


def sentence(error: Exception) -> str:
    """What an error says to a person."""
    if isinstance(error, TiesaError):
        return str(error)
    said = error.strerror if isinstance(error, OSError) and error.strerror else " ".join(str(error).split())[:300]
    return _("This did not work and will be tried again: {error}").format(error=said)

"""What shall happen to a process, and what did."""

from __future__ import annotations

import errno
import json
from dataclasses import asdict, dataclass, field
from typing import Any

REACHED = ".reached"


@dataclass(frozen=True, slots=True)
class Plan:
    """Commands to run on a home, and how they shall be disturbed (at most one way).

    kill_at: before the n-th file call, from 1. kill_point: before the n-th passing of a named point.
    kill_after_s: after a time. full_from: from the n-th call on, what takes space ends with `error`; full_at: from the
    first passing of a named point on. hold_at: before the first passing of a named point it puts a file
    `hold_for`.reached there and waits until a file `hold_for` stands.
    """

    home: str
    commands: list[list[str]]
    kill_at: int | None = None
    kill_point: tuple[str, int] | None = None
    kill_after_s: float | None = None
    full_from: int | None = None
    full_at: str | None = None
    error: int = errno.ENOSPC
    hold_at: str | None = None
    hold_for: str = ""
    record: bool = False

    @property
    def watched(self) -> bool:
        """Whether its file calls are looked at."""
        wanted = (self.kill_at, self.kill_point, self.full_from, self.full_at, self.hold_at)
        return self.record or any(w is not None for w in wanted)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Plan:
        values = json.loads(line)
        if values["kill_point"]:
            values["kill_point"] = tuple(values["kill_point"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Fate:
    """How a process ended: the answers of the commands it finished, and where it was stopped.

    calls: the named points it passed, in order (when it was watched).
    """

    answers: list[dict[str, Any]]
    killed: bool
    status: int
    stopped_at: str | None
    calls: list[str] = field(repr=False)

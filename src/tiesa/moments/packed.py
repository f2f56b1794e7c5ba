"""Windows of thousands of candidates in little memory: the contact each hangs on, from which the rest follows.

A window begins some time after its contact, mostly the same time for all of a situation; it ends with the horizon, with
the next window of the customer or when the customer is gone. Four bytes instead of sixteen; loops unpack as they go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from tiesa.moments.episodes import SECOND_US, Seconds, Windows
from tiesa.moments.models import Floats
from tiesa.moments.people import Ints
from tiesa.moments.person_time import expected_marked, expected_packed, mark, unpack
from tiesa.moments.timeline import Timeline

MANY = 5_000_000
"""Windows from which it pays to look at candidates with several processors."""


@dataclass(frozen=True)
class Packed:
    """row: position in the timeline of the contact of each window, in the order of windows. They begin `delay` seconds
    after it; starts: when, where that differs, else empty. events, days: of all."""

    row: NDArray[np.int32]
    delay: int
    starts: Seconds
    events: int
    days: float

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class Packing:
    """What windows follow from: customer and time (seconds since observation began) of every contact, when each
    customer is gone, and the horizon in seconds."""

    customer: NDArray[np.int32]
    at: Seconds
    leave: Ints
    horizon: int

    @classmethod
    def of(cls, timeline: Timeline, horizon_us: int) -> Packing:
        people = timeline.people
        at = ((timeline.at - people.begins) // SECOND_US).astype(np.int32)
        return cls(timeline.customer, at, (people.leave - people.begins) // SECOND_US, horizon_us // SECOND_US)

    def packed(self, windows: Windows) -> Packed:
        delay = windows.start - self.at[windows.row]
        same = not len(delay) or bool((delay == delay[0]).all())
        first = int(delay[0]) if same and len(delay) else 0
        return Packed(windows.row, first, windows.start[: 0 if same else None], windows.events, windows.days)

    def unpacked(self, packed: Packed) -> Windows:
        customer, start, stop = (np.empty(len(packed), np.int32) for _ in range(3))
        unpack(packed.row, packed.delay, packed.starts, self.customer, self.at, self.leave, self.horizon,
               customer, start, stop)  # fmt: skip
        return Windows(packed.row, customer, start, stop, packed.events)

    def expected(self, cumulative: NDArray[np.float32], width: int, candidates: Sequence[Packed]) -> Floats:
        """How many outcomes are expected within the windows of each candidate.

        Where many begin after the same time, it is looked up once for every contact, not for every window.
        """
        found = np.zeros(len(candidates))
        same: dict[int, list[int]] = defaultdict(list)
        for i, one in enumerate(candidates):
            if len(one.starts):
                found[i] = self._expected(cumulative, width, one)
            else:
                same[one.delay].append(i)
        begins, ends = (np.zeros(len(self.at) if same else 0) for _ in range(2))
        for delay, places in same.items():
            windows = sum(len(candidates[i]) for i in places)
            if windows < len(self.at):
                for i in places:
                    found[i] = self._expected(cumulative, width, candidates[i])
                continue
            mark(cumulative, width, self.customer, self.at, delay, self.leave, self.horizon, begins, ends)

            def of(i: int) -> float:
                return float(expected_marked(candidates[i].row, self.customer, begins, ends))

            if windows < MANY:
                found[places] = [of(i) for i in places]
            else:
                with ThreadPoolExecutor(cpu_count()) as pool:
                    found[places] = list(pool.map(of, places))
        return found

    def _expected(self, cumulative: NDArray[np.float32], width: int, one: Packed) -> float:
        return float(
            expected_packed(
                cumulative, width, one.row, one.delay, one.starts, self.customer, self.at, self.leave, self.horizon
            )
        )

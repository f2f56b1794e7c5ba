"""When a situation came true for whom, and the days that follow: one episode a journey, windows of one horizon.

Times of windows are whole seconds since observation began: half the memory, and no outcome is timed more finely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiesa.moments.atoms import Atom
from tiesa.moments.people import Flags, Ints, People
from tiesa.moments.timeline import Timeline

SECOND_US = 1_000_000
Seconds = NDArray[np.int32]


@dataclass(frozen=True)
class Episodes:
    """The first time in each journey that a situation came true, sorted by customer and time.

    row: position in the timeline of the contact it hangs on. at: when it came true, in microseconds.
    """

    row: NDArray[np.int32]
    customer: NDArray[np.int32]
    at: Ints

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class Windows:
    """The days after episodes, cut where the next episode begins or the customer is gone: they never overlap.

    Sorted by customer and start. start, stop: seconds since observation began. events: customers with the outcome in
    the window that holds it (position of the window).
    """

    customer: NDArray[np.int32]
    start: Seconds
    stop: Seconds
    events: int

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def days(self) -> float:
        return float((self.stop.astype(np.int64) - self.start).sum() / 86400)

    def places(self, customers: int) -> NDArray[np.int64]:
        """For each customer where their windows begin; one more at the end."""
        return np.searchsorted(self.customer, np.arange(customers + 1))


def holds(atoms: Sequence[Atom], timeline: Timeline) -> Flags:
    """The contacts on which all atoms hold."""
    flags = atoms[0].flags(timeline)
    for atom in atoms[1:]:
        flags = flags & atom.flags(timeline)
    return flags


def episodes_of(atoms: Sequence[Atom], timeline: Timeline, rows: NDArray[Any] | None = None) -> Episodes:
    """The episodes of a situation among customers at risk. rows: where its atoms hold, if that is known already."""
    if rows is None:
        rows = np.flatnonzero(holds(atoms, timeline))
    at = atoms[0].instants(timeline, rows)
    for atom in atoms[1:]:
        at = np.maximum(at, atom.instants(timeline, rows))
    people = timeline.people
    customer = timeline.customer[rows]
    there = (at >= people.enter[customer]) & (at < people.leave[customer])
    rows, at, customer = rows[there], at[there], customer[there]
    first = np.diff(timeline.journey[rows], prepend=-1) != 0
    rows, at, customer = rows[first], at[first], customer[first]
    late = np.flatnonzero((np.diff(at) < 0) & (np.diff(customer) == 0))
    if len(late):
        order = np.lexsort((at, customer))
        rows, at, customer = rows[order], at[order], customer[order]
    return Episodes(rows.astype(np.int32), customer, at)


def windows_of(episodes: Episodes, people: People, horizon_us: int, *, cut: bool = True) -> Windows:
    """The windows of episodes. The outcome belongs to a window that it ends. cut: not beyond the outcome."""
    customer, at = episodes.customer, episodes.at
    stop = at + horizon_us
    if cut:
        stop = np.minimum(stop, people.leave[customer])
    if len(at) > 1:
        same = customer[1:] == customer[:-1]
        stop[:-1] = np.where(same, np.minimum(stop[:-1], at[1:]), stop[:-1])
    kept = stop > at
    customer, at, stop = customer[kept], at[kept], stop[kept]
    events = people.left[customer] & (stop == people.leave[customer])
    return Windows(
        customer,
        ((at - people.begins) // SECOND_US).astype(np.int32),
        ((stop - people.begins) // SECOND_US).astype(np.int32),
        int(events.sum()),
    )

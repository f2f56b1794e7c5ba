"""When a situation came true for whom, and the days that follow: one episode a journey, windows of one horizon.

Times of windows are whole seconds since observation began: half the memory, and no outcome is timed more finely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tiesa.moments.atoms import Atom
from tiesa.moments.people import Flags, Ints, People
from tiesa.moments.person_time import first_of_journeys, rows_of
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

    Sorted by customer and start. row: position in the timeline of the contact each hangs on. start, stop: seconds since
    observation began. events: customers with the outcome in the window that holds it (position of the window).
    """

    row: NDArray[np.int32]
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


def bits_of(flags: Flags) -> NDArray[np.uint8]:
    """One bit a contact: "and" is an "and" of bytes."""
    return np.packbits(flags, bitorder="little")


def episodes_of(atoms: Sequence[Atom], timeline: Timeline, bits: NDArray[np.uint8] | None = None) -> Episodes:
    """The episodes of a situation among customers at risk. bits: where its atoms hold, if that is known already."""
    if bits is None:
        bits = bits_of(holds(atoms, timeline))
    rows = np.empty(int(np.bitwise_count(bits).sum()), np.int32)
    rows_of(bits, rows)
    at, people = instants_of(atoms, timeline, rows), timeline.people
    n = first_of_journeys(rows, at, timeline.customer, timeline.journey, people.enter, people.leave)
    rows, at = rows[:n].copy(), at[:n].copy()
    customer = timeline.customer[rows]
    late = (np.diff(at) < 0) & (np.diff(customer) == 0)
    if late.any():
        order = np.lexsort((at, customer))
        rows, at, customer = rows[order], at[order], customer[order]
    return Episodes(rows, customer, at)


def instants_of(atoms: Sequence[Atom], timeline: Timeline, rows: Ints) -> Ints:
    """When all atoms are true on these contacts."""
    if not any(atom.by_date for atom in atoms):
        found: Ints = timeline.at[rows] + max(atom.delay_us for atom in atoms)
        return found
    at = atoms[0].instants(timeline, rows)
    for atom in atoms[1:]:
        at = np.maximum(at, atom.instants(timeline, rows))
    return at


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
    row, customer, at, stop = episodes.row[kept], customer[kept], at[kept], stop[kept]
    events = people.left[customer] & (stop == people.leave[customer])
    return Windows(
        row,
        customer,
        ((at - people.begins) // SECOND_US).astype(np.int32),
        ((stop - people.begins) // SECOND_US).astype(np.int32),
        int(events.sum()),
    )

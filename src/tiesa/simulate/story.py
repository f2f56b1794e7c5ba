"""The timeline read journey by journey: what came before, what came next, and where something came true."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tiesa.simulate.company import Flags, Ints
from tiesa.simulate.plan import Journeys
from tiesa.simulate.scene import NEVER
from tiesa.simulate.sheet import Timeline
from tiesa.simulate.vocabulary import DIRECTIONS, JOURNEY_TYPES

INBOUND, OUTBOUND = DIRECTIONS["inbound"], DIRECTIONS["outbound"]


@dataclass(frozen=True)
class Story:
    """The timeline journey by journey: rows of one journey lie together, in order of time."""

    timeline: Timeline
    journeys: Journeys

    @cached_property
    def order(self) -> Ints:
        return np.argsort(self.timeline.journey, kind="stable")

    @cached_property
    def journey(self) -> Ints:
        return self.timeline.journey[self.order]

    @cached_property
    def at(self) -> Ints:
        return self.timeline.at[self.order]

    @cached_property
    def first(self) -> Ints:
        """For each row the position of its journey's first row."""
        starts = np.flatnonzero(np.diff(self.journey, prepend=-1))
        return np.repeat(starts, np.diff(starts, append=len(self.journey)))

    def of_type(self, name: str) -> Flags:
        return self.journeys.type[self.journey] == JOURNEY_TYPES[name]  # type: ignore[no-any-return]

    def number(self, flags: Flags) -> Ints:
        """How many rows of the journey carry the flag up to this one."""
        so_far = np.cumsum(flags)
        return so_far - (so_far - flags)[self.first]

    @cached_property
    def turns(self) -> Flags:
        """Rows at which we speak with or to the customer: what answers a message and keeps a promise."""
        own, direction = self.timeline.organisation < 0, self.timeline.direction
        spoken = (direction == OUTBOUND) | ((direction == INBOUND) & self.timeline.live)
        return (own & spoken)[self.order]  # type: ignore[no-any-return]

    @cached_property
    def next_turn_at(self) -> Ints:
        """When we next speak to the customer in the journey; NEVER where we do not."""
        places = np.flatnonzero(self.turns)
        following = np.searchsorted(places, np.arange(len(self.order)), side="right")
        place = np.append(places, 0)[following]
        same = (following < len(places)) & (self.journey[place] == self.journey)
        return np.where(same, self.at[place], NEVER)


@dataclass(frozen=True)
class Episodes:
    """Where a situation came true: the first time in each journey. `row` is the contact of the timeline it hangs on."""

    journey: Ints
    row: Ints
    at: Ints
    customer: Ints

    def __len__(self) -> int:
        return len(self.row)

    def where(self, flags: Flags) -> Episodes:
        return Episodes(self.journey[flags], self.row[flags], self.at[flags], self.customer[flags])

"""What happened to customers and when it was known: dated events, counted over the days before an instant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tiesa.core.business_time import DAY_US
from tiesa.core.enums import ContactKind, Direction, OutcomeKind
from tiesa.journeys.view import View
from tiesa.moments.atoms import Atom
from tiesa.moments.episodes import SECOND_US, episodes_of
from tiesa.moments.landmarks import SPAN
from tiesa.moments.people import Flags, Ints
from tiesa.moments.situations import Situation
from tiesa.moments.timeline import Timeline

SLOW_H = 72
"""An answer that takes longer counts as late."""
BAD = -0.3
"""A feeling at or below this counts as bad."""


@dataclass(frozen=True)
class Events:
    """Instants of one kind, as sorted numbers of customer and second; the second is rounded up."""

    keys: NDArray[np.int64]

    @classmethod
    def of(cls, customer: Ints, at: Ints, begins: int) -> Events:
        seconds = np.clip(-((begins - at) // SECOND_US), 0, SPAN - 1)
        return cls(np.sort(customer.astype(np.int64) * SPAN + seconds))

    def count(self, customer: Ints, at: Ints, begins: int, days: int) -> NDArray[np.float64]:
        """How many of each customer fell into the days up to and with an instant."""
        base = customer.astype(np.int64) * SPAN
        until = base + (at - begins) // SECOND_US
        since = np.maximum(base, until - days * DAY_US // SECOND_US + 1)
        found = np.searchsorted(self.keys, until, side="right") - np.searchsorted(self.keys, since, side="left")
        made: NDArray[np.float64] = found.astype(np.float64)
        return made


def events_of(view: View, timeline: Timeline) -> dict[str, Events]:
    """Events by name: each dated by when it could be known (a late answer when it became late)."""
    begins = timeline.people.begins
    answered, promised = timeline.times["answered_at"], timeline.times["promised_at"]
    late = timeline.messages & (answered > timeline.at + SLOW_H * 3600 * SECOND_US)
    broken = Atom("promise", "promise", "broken").flags(timeline)
    with np.errstate(invalid="ignore"):
        bad = timeline.numbers["emotion"] <= BAD
    complained = timeline.has("kind", ContactKind.COMPLAINT.value) | timeline.has("kind", ContactKind.OBJECTION.value)
    dated: dict[str, tuple[Flags, Ints]] = {
        "turned": (timeline.inbound, timeline.at),
        "self_service": (timeline.has("direction", Direction.SELF_SERVICE.value), timeline.at),
        "late": (late, timeline.at + SLOW_H * 3600 * SECOND_US),
        "broken": (broken, promised),
        "bad": (bad, timeline.at),
        "complained": (complained, timeline.at),
        "repeated": (timeline.flags["is_repeat"] == 1, timeline.at),
        "handed": (timeline.flags["is_handover"] == 1, timeline.at),
    }
    found = {name: Events.of(timeline.customer[rows], at[rows], begins) for name, (rows, at) in dated.items()}
    first = timeline.starts
    found["journeys"] = Events.of(timeline.customer[first], timeline.at[first], begins)
    return found | _outcomes(view, timeline)


def _outcomes(view: View, timeline: Timeline) -> dict[str, Events]:
    """What customers did short of leaving."""
    found = {}
    for kind in (OutcomeKind.PRODUCT_CLOSED, OutcomeKind.BOUGHT):
        table = view.table(f"select customer_key, epoch_us(\"at\") as t from outcomes where kind = '{kind.value}'")
        key, at = table["customer_key"].to_numpy(), table["t"].to_numpy()
        place = np.searchsorted(timeline.people.key, key)
        known = place < len(timeline.people)
        known[known] = timeline.people.key[place[known]] == key[known]
        found[kind.value] = Events.of(place[known], at[known], timeline.people.begins)
    return found


def moments_as_events(timeline: Timeline, situations: tuple[Situation, ...]) -> dict[str, Events]:
    """When each known situation came true, by its id."""
    made = {}
    for situation in situations:
        episodes = episodes_of(situation.atoms, timeline)
        made[situation.id] = Events.of(episodes.customer, episodes.at, timeline.people.begins)
    return made

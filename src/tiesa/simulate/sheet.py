"""The sheet on which the scripts of the journeys write their contacts: blocks of rows, joined and sorted at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tiesa.simulate.clock import END_US, START_US
from tiesa.simulate.company import Codes, Flags, Floats, Ints
from tiesa.simulate.plan import Journeys
from tiesa.simulate.vocabulary import (
    CHANNELS,
    DIRECTIONS,
    GOALS,
    KINDS,
    LIVE_CHANNELS,
    ORGANISATIONS,
    REASONS,
    TOUCHPOINTS,
    WAITS_FOR,
    Words,
)

NONE = -1
NO_TIME = np.iinfo(np.int64).min
WORDS: dict[str, Words] = {
    "touchpoint": TOUCHPOINTS,
    "channel": CHANNELS,
    "direction": DIRECTIONS,
    "kind": KINDS,
    "waits_for": WAITS_FOR,
    "organisation": ORGANISATIONS,
    "goal": GOALS,
    "reason": REASONS,
}
MISSING: dict[str, tuple[type, float]] = {
    **dict.fromkeys(WORDS, (np.int32, NONE)),
    "employee": (np.int32, NONE),
    "unit": (np.int32, NONE),
    "reply_to": (np.int64, NONE),
    "promised_at": (np.int64, NO_TIME),
    "duration_s": (np.float64, np.nan),
    "amount": (np.float64, np.nan),
}
"""Every optional column of a row: its type and what stands where nothing was said."""


@dataclass
class Sheet:
    """Rows of contacts in the order in which scripts write them. `add` returns their numbers."""

    journeys: Journeys
    rows: int = 0
    _blocks: dict[str, list[np.ndarray]] = field(default_factory=lambda: {name: [] for name in ("journey", "at")})
    _columns: dict[str, list[np.ndarray]] = field(default_factory=lambda: {name: [] for name in MISSING})
    _attributes: list[tuple[str, Ints, np.ndarray]] = field(default_factory=list)

    def add(
        self,
        journey: Ints,
        at: Ints,
        *,
        attributes: dict[str, str | np.ndarray] | None = None,
        **columns: str | int | np.ndarray,
    ) -> Ints:
        """Write one row per journey. A column is one word or number for all rows, or an array of codes or numbers."""
        n = len(journey)
        numbers = np.arange(self.rows, self.rows + n)
        self._blocks["journey"].append(journey)
        self._blocks["at"].append(at)
        for name, (kind, missing) in MISSING.items():
            value = columns.pop(name, missing)
            if isinstance(value, str):
                value = WORDS[name][value]
            filled: np.ndarray = np.broadcast_to(np.asarray(value, kind), (n,))
            self._columns[name].append(filled)
        assert not columns, f"no such column: {sorted(columns)}"
        for key, words in (attributes or {}).items():
            told = np.broadcast_to(np.asarray(words, dtype=object), (n,))
            kept = np.flatnonzero(told != "")  # nothing is told with an empty word
            self._attributes.append((key, numbers[kept], told[kept]))
        self.rows += n
        return numbers

    def timeline(self) -> Timeline:
        """All rows of the two years, sorted by time; ties keep the order in which they were written."""
        at = np.concatenate(self._blocks["at"])
        order = np.argsort(at, kind="stable")
        at_sorted = at[order]
        order = order[np.searchsorted(at_sorted, START_US) : np.searchsorted(at_sorted, END_US)]
        place = np.full(self.rows, NONE, np.int64)
        place[order] = np.arange(len(order))
        columns = {name: np.concatenate(blocks)[order] for name, blocks in self._columns.items()}
        replied = columns["reply_to"]
        columns["reply_to"] = np.where(replied >= 0, place[np.maximum(replied, 0)], NONE)
        journey = np.concatenate(self._blocks["journey"])[order]
        attributes = []
        for key, numbers, words in self._attributes:
            rows = place[numbers]
            attributes.append((key, rows[rows >= 0], words[rows >= 0]))
        return Timeline(
            journey=journey,
            customer=self.journeys.customer[journey],
            at=at[order],
            attributes=attributes,
            **columns,
        )


@dataclass(frozen=True)
class Timeline:
    """Every contact that would happen if nobody left, sorted by time. Words are positions in vocabulary, -1 is null.

    `attributes`: key, rows, words. What a customer who left would still have met is cut off later: so the same
    timeline serves the world as it is and every counterfactual one.
    """

    journey: Ints
    customer: Ints
    at: Ints
    touchpoint: Codes
    channel: Codes
    direction: Codes
    kind: Codes
    waits_for: Codes
    organisation: Codes
    goal: Codes
    reason: Codes
    employee: Codes
    unit: Codes
    reply_to: Ints
    promised_at: Ints
    duration_s: Floats
    amount: Floats
    attributes: list[tuple[str, Ints, np.ndarray]]

    def __len__(self) -> int:
        return len(self.at)

    @property
    def live(self) -> Flags:
        return np.isin(self.channel, CHANNELS.all_of(*LIVE_CHANNELS))

    def attribute_is(self, key: str, *words: str) -> Flags:
        """Rows that carry the attribute with one of the words."""
        found = np.zeros(len(self), np.bool_)
        for name, rows, told in self.attributes:
            if name == key:
                found[rows[np.isin(told.astype(str), words)]] = True
        return found

    def is_touchpoint(self, *names: str) -> Flags:
        return np.isin(self.touchpoint, TOUCHPOINTS.all_of(*names))

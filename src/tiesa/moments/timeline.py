"""The contacts of some customers as arrays: journey by journey, each in order of time.

One element per contact. What atoms ask for (the k-th of something, how long until the answer) is worked out once, on
first use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiesa.core.enums import Direction, WaitOwner
from tiesa.journeys.arrow_views import NONE, Words
from tiesa.journeys.view import View
from tiesa.moments.attributes import Attributes, attributes_of
from tiesa.moments.missed import Missed, missed_in
from tiesa.moments.people import NEVER, Flags, Ints, People, in_order

BATCH = 500_000
WORDS = (
    "touchpoint", "channel", "direction", "kind", "reason", "journey_type", "employee", "unit", "organisation",
    "process", "product", "emotion_label", "wait_owner",
)  # fmt: skip
_FLAGS = ("is_repeat", "is_handover", "is_channel_change", "is_answered")
_TIMES = ("occurred_at", "answered_at", "promised_at")
_SQL = (
    "select customer_key, journey_no, journey_position, "
    + ", ".join(f"epoch_us({t}) as {t}" for t in _TIMES)
    + ", "
    + ", ".join("type_of_journey as journey_type" if w == "journey_type" else w for w in WORDS)
    + ", "
    + ", ".join(f"{f}::tinyint as {f}" for f in _FLAGS)
    + ", severity, emotion, duration_s::float as duration_s, wait_s::double as wait_s "
    "from rows order by customer_key, journey_no, journey_position"
)


@dataclass(frozen=True)
class Timeline:
    """Contacts sorted by customer, journey and place in the journey.

    people: whose they are; customer: position in it. journey: numbered from 0 through all customers. place: of the
    row among all rows of the view (its line in the file of exposures). words: codes by column, NONE for null.
    """

    people: People
    customer: NDArray[np.int32]
    journey: NDArray[np.int32]
    place: NDArray[np.int32]
    times: dict[str, Ints]
    words: dict[str, Words]
    flags: dict[str, NDArray[np.int8]]
    numbers: dict[str, NDArray[np.float32]]
    waits_after: NDArray[np.float64]
    """How long the next boundary contact of the journey is in coming, in seconds; beyond the log: inf."""
    waited_by: NDArray[np.int8]
    """Whose wait it is, as position in WaitOwner; NONE where the journey ends there and nobody waits."""
    attributes: Attributes
    missed: dict[str, Missed]
    """By name of the standard or statutory deadline, the rows it is about."""

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def at(self) -> Ints:
        return self.times["occurred_at"]

    @cached_property
    def first(self) -> Ints:
        """For each row the position of its journey's first row."""
        starts = self.starts
        return np.repeat(starts, np.diff(starts, append=len(self)))

    @cached_property
    def starts(self) -> Ints:
        """Positions at which journeys begin."""
        return np.flatnonzero(np.diff(self.journey, prepend=-1))

    def number(self, flags: Flags) -> NDArray[np.int32]:
        """How many rows of the journey carry the flag, up to and with this one."""
        so_far = np.cumsum(flags, dtype=np.int32)
        return so_far - (so_far - flags)[self.first]

    def has(self, column: str, word: str) -> Flags:
        """Rows with that word in the column."""
        words = self.words[column]
        code = words.texts.index(word).as_py()
        return words.codes == code if code >= 0 else np.zeros(len(self), np.bool_)

    def half(self, *, second: bool) -> Timeline:
        """The contacts of one half of the customers."""
        return self.where(self.people.second == second)

    def halves(self) -> tuple[Timeline, Timeline]:
        """Both halves; who needs nothing else lets the whole go."""
        return self.half(second=False), self.half(second=True)

    def where(self, chosen: Flags) -> Timeline:
        """The contacts of some of the customers."""
        rows = chosen[self.customer]
        people = self.people.where(chosen)
        moved = np.cumsum(rows, dtype=np.int32) - 1
        return Timeline(
            people,
            (np.cumsum(chosen, dtype=np.int32) - 1)[self.customer[rows]],
            np.cumsum(np.diff(self.journey[rows], prepend=-1) != 0, dtype=np.int32) - 1,
            self.place[rows],
            {name: column[rows] for name, column in self.times.items()},
            {name: words.take(rows) for name, words in self.words.items()},
            {name: column[rows] for name, column in self.flags.items()},
            {name: column[rows] for name, column in self.numbers.items()},
            self.waits_after[rows],
            self.waited_by[rows],
            self.attributes.where(rows, moved),
            {name: found.where(rows, moved) for name, found in self.missed.items()},
        )

    @cached_property
    def inbound(self) -> Flags:
        made: Ints = self.has("direction", Direction.INBOUND.value) & (self.words["organisation"].codes == NONE)
        return made

    @cached_property
    def messages(self) -> Flags:
        """The customer's messages that were due an answer."""
        made: Ints = self.flags["is_answered"] != NONE
        return made

    @cached_property
    def restated(self) -> Flags:
        """Rows at which the customer gives a reason that they gave in this journey before."""
        made: Flags = self.inbound & (self.words["reason"].codes != NONE)
        return made & ~self._first_of("reason", made)

    @cached_property
    def insistence(self) -> Flags:
        """The customer's messages that came while one from before, in the same journey, had no answer yet."""
        rows = np.flatnonzero(self.messages)
        times, rank = np.unique(self.times["answered_at"][rows], return_inverse=True)
        # The latest answer to any message so far: ranks of times, above those of every journey before.
        latest = np.maximum.accumulate(self.journey[rows].astype(np.int64) * len(times) + rank)
        same = np.diff(self.journey[rows]) == 0
        found = np.zeros(len(self), np.bool_)
        found[rows[1:][same]] = times[latest[:-1][same] % max(len(times), 1)] > self.at[rows[1:][same]]
        return found

    @cached_property
    def new_employee(self) -> Flags:
        """Rows at which an employee first comes into the journey."""
        return self._first_of("employee")

    @cached_property
    def new_unit(self) -> Flags:
        return self._first_of("unit")

    def _first_of(self, column: str, among: Flags | None = None) -> Flags:
        codes = self.words[column].codes
        known = np.flatnonzero(codes != NONE if among is None else among)
        order = known[np.lexsort((known, codes[known], self.journey[known]))]
        other = np.diff(self.journey[order], prepend=-1) != 0
        other |= np.diff(codes[order], prepend=-1) != 0
        found = np.zeros(len(self), np.bool_)
        found[order[other]] = True
        return found

    @cached_property
    def recent(self) -> NDArray[np.int32]:
        """How often the customer turned to us in the 30 days up to this contact, with it."""
        rows = np.flatnonzero(self.inbound)
        order = rows[np.lexsort((self.at[rows], self.customer[rows]))]
        at, customer = self.at[order], self.customer[order].astype(np.int64)
        key = in_order(customer, at, self.people.begins)
        earlier = np.searchsorted(key, key - 30 * 86_400, side="left")
        same = np.searchsorted(customer, customer, side="left")
        found = np.zeros(len(self), np.int32)
        found[order] = np.arange(len(order)) - np.maximum(earlier, same) + 1
        return found


def timeline_of(view: View, people: People, *, least: int) -> Timeline:
    """The selected contacts of these customers.

    least: an attribute's word that fewer customers have is not kept.
    """
    parts: dict[str, list[Any]] = {}
    codes: dict[str, dict[str, int]] = {name: {} for name in WORDS}
    place = 0
    for batch in _batches(view):
        key = _numbers(batch, "customer_key")
        customer = np.searchsorted(people.key, key)
        customer[customer == len(people)] = 0
        known = people.key[customer] == key if len(people) else np.zeros(len(key), np.bool_)
        kept = np.flatnonzero(known)
        columns: dict[str, Any] = {
            "customer": customer.astype(np.int32),
            "journey_no": _numbers(batch, "journey_no").astype(np.int32),
            "journey_position": _numbers(batch, "journey_position").astype(np.int32),
            "place": np.arange(place, place + len(key), dtype=np.int32),
            "severity": _reals(batch, "severity"),
            "emotion": _reals(batch, "emotion"),
            "duration_s": _reals(batch, "duration_s"),
            "wait_s": batch.column("wait_s").fill_null(np.nan).to_numpy(zero_copy_only=False),
        }
        columns |= {name: _numbers(batch, name, NEVER) for name in _TIMES}
        columns |= {name: _numbers(batch, name).astype(np.int8) for name in _FLAGS}
        columns |= {name: _codes(batch.column(name), codes[name]) for name in WORDS}
        place += len(key)
        for name, column in columns.items():
            parts.setdefault(name, []).append(column[kept])
    all_ = {name: np.concatenate(parts.pop(name)) for name in list(parts)}
    changes = np.diff(all_["customer"], prepend=-1) != 0
    changes |= np.diff(all_["journey_no"], prepend=-1) != 0
    journey = np.cumsum(changes, dtype=np.int32) - 1
    words = {
        name: Words(_short(all_.pop(name), len(codes[name])), pa.array([*codes[name]], pa.string())) for name in WORDS
    }
    after, by = _waits(view, people, all_, changes, words["wait_owner"])
    return Timeline(
        people,
        all_["customer"],
        journey,
        all_["place"],
        {name: all_[name] for name in _TIMES},
        words,
        {name: all_[name] for name in _FLAGS},
        {name: all_[name] for name in ("severity", "emotion", "duration_s")},
        after,
        by,
        attributes_of(view, all_["place"], least),
        missed_in(view, people.key, all_),
    )


def _batches(view: View) -> Iterator[pa.RecordBatch]:
    reader = view.connection.sql(_SQL).to_arrow_reader(BATCH)
    yield from reader


def _numbers(batch: pa.RecordBatch, name: str, null: Any = NONE) -> Ints:
    column = batch.column(name)
    made: Ints = column.cast(pa.int64()).fill_null(int(null)).to_numpy(zero_copy_only=False)
    return made


def _reals(batch: pa.RecordBatch, name: str) -> NDArray[np.float32]:
    made: NDArray[Any] = batch.column(name).cast(pa.float32()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return made


def _codes(column: pa.Array, known: dict[str, int]) -> NDArray[np.int32]:
    """Codes that mean the same in every batch."""
    encoded = column.dictionary_encode()
    meanings = np.array([known.setdefault(text, len(known)) for text in encoded.dictionary.to_pylist()], np.int32)
    meanings = np.append(meanings, np.int32(NONE))
    made: NDArray[Any] = meanings[encoded.indices.fill_null(len(meanings) - 1).to_numpy(zero_copy_only=False)]
    return made


def _short(codes: NDArray[np.int32], words: int) -> Ints:
    """The same codes in half the memory, where there are few words."""
    return codes.astype(np.int16) if words < 2**15 - 1 else codes


def _waits(
    view: View, people: People, columns: dict[str, Any], begins: Flags, owner: Words
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """For each boundary contact how long until the journey's next one, and whose wait that is.

    After a journey's last contact whoever it waits for waits on, until the log ends.
    """
    n = len(begins)
    after = np.full(n, np.inf)
    by = np.full(n, NONE, np.int8)
    owners = [WaitOwner(text) for text in owner.texts.to_pylist()]
    order = np.array([list(WaitOwner).index(o) for o in owners] + [NONE], np.int8)
    wait = columns["wait_s"]
    ends = np.flatnonzero(~np.isnan(wait))
    # The wait that a row ends began at the journey's boundary contact before it.
    boundary = np.flatnonzero(~np.isnan(wait) | begins)
    before = boundary[np.searchsorted(boundary, ends) - 1]
    after[before] = wait[ends]
    by[before] = order[owner.codes[ends]]
    last = np.flatnonzero(np.append(begins, True)[1:])
    open_ = view.table(
        "select customer_key, journey_no, waiting_for from journeys where waiting_for is not null "
        "order by customer_key, journey_no"
    )
    if len(open_):
        span = np.int64(2**20)
        sought = people.key[columns["customer"][last]] * span + columns["journey_no"][last]
        keys = open_["customer_key"].to_numpy() * span + open_["journey_no"].to_numpy()
        place = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
        found = keys[place] == sought
        names = open_["waiting_for"].to_pylist()
        meant = np.array([list(WaitOwner).index(WaitOwner(name)) for name in names], np.int8)
        tail = boundary[np.searchsorted(boundary, last, side="right") - 1]
        by[tail[found]] = meant[place[found]]
    return after, by

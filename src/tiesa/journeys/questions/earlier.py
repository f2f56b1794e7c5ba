"""What a customer had brought before each meeting or call on other channels, and which wall stood before it.

A meeting is paired with the *latest* thing on each other channel within the window: one pair per meeting and channel.
Instants are compared in whole seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiesa.contacts.private import Private
from tiesa.core.tables import IDENTITY, SEEN
from tiesa.engines.duckdb import literal, parquet
from tiesa.journeys.channels import one_spelling
from tiesa.journeys.held import Held
from tiesa.journeys.questions.sides import live, ours
from tiesa.journeys.view import View

TWINS_AT_MOST = 3
"""Customer numbers that one mail address or telephone may join; what more share is an office or a family."""
CUSTOMER = 1 << 34
"""A place in time is customer number x this + seconds since 1800: one number sorts both."""
_SINCE_1800 = 5_364_662_400


@dataclass(frozen=True)
class Pairs:
    """Meetings and, per meeting and other channel, the latest thing the customer had brought there.

    units, channels: their names; a null unit is not known. unit: place in `units` per meeting. meeting: place among
    the meetings per pair, channel: place in `channels`, twin: brought under another customer number of the same person.
    meeting_at, earlier_at: places in time (`place`). opened: the employee had opened it by the meeting's end;
    logged: a record would be there if they had.
    """

    units: list[str | None]
    channels: list[str]
    unit: NDArray[np.int64]
    meeting: NDArray[np.int64]
    channel: NDArray[np.int64]
    twin: NDArray[np.bool_]
    meeting_at: NDArray[np.int64]
    earlier_at: NDArray[np.int64]
    opened: NDArray[np.bool_]
    logged: NDArray[np.bool_]

    @property
    def meetings(self) -> int:
        return len(self.unit)


def meeting(view: View, holds: Held) -> str:
    """SQL: a conversation of ours with a known employee or unit."""
    spoke = "(direction is null or direction in ('inbound', 'outbound'))"
    always_known = holds.contacts in (holds["employee"], holds["unit"])  # spares reading a column of words
    known = "" if always_known else " and (employee is not null or unit is not null)"
    return f"({live(view, holds.channels)} and {ours(view)} and {spoke}{known})"


def brought(view: View) -> str:
    """SQL: the customer told or sent us something."""
    return f"(direction in ('inbound', 'self_service', 'indirect') and {ours(view)})"


def second(instant: str) -> str:
    """SQL: an instant in seconds since 1800."""
    return f"(epoch_us({instant}) // 1000000 + {_SINCE_1800})"


def place(customer: str = "customer_key") -> str:
    """SQL: the place in time of a contact."""
    return f"({customer} * {CUSTOMER} + {second('occurred_at')})"


def find_pairs(view: View, holds: Held, window: timedelta) -> Pairs:
    """Every meeting of the view with what was brought before it, in whatever journey that the scope may see."""
    has_seen, spelled = view.has(SEEN), one_spelling(holds.channels)
    channels = list(dict.fromkeys(spelled.values()))
    code = _code({channel: channels.index(first) for channel, first in spelled.items()})
    of_seen = f", employee, ({second('occurred_at')} + coalesce(duration_s, 0))::bigint as ends" if has_seen else ""
    unit_column = "unit" if holds["unit"] else "null::varchar as unit"
    meetings = view.table(
        f"select {place()} as at, {code} as channel, {unit_column}{of_seen} from rows where {meeting(view, holds)}"
    )
    at, own_channel = meetings["at"].to_numpy(), meetings["channel"].to_numpy()
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], int, bool]] = []
    for twin, things in enumerate(_things(view, code, twins=view.scope.names)):
        places, by = things["at"].to_numpy(), things["channel"].to_numpy()
        for channel in np.flatnonzero(np.bincount(by, minlength=len(channels))).tolist():
            elsewhere = np.flatnonzero(own_channel != channel)
            latest, index = _latest_before(at[elsewhere], np.sort(places[by == channel]), window)
            found.append((elsewhere[index], latest, channel, bool(twin)))
    unit, units = _units(meetings["unit"])
    which, earlier, channel_of, is_twin = _joined(found)
    opened = logged = np.zeros(len(which), np.bool_)
    if has_seen:
        opened, logged = _opened(view, meetings, which, earlier, channel_of, code)
    return Pairs(units, channels, unit, which, channel_of, is_twin, at[which], earlier, opened, logged)


def _code(places: dict[str, int]) -> str:
    """SQL: the place of a contact's channel in the list of channels."""
    cases = " ".join(f"when {literal(channel)} then {place}" for channel, place in places.items())
    return f"(case channel {cases} end)::smallint" if places else "null::smallint"


def _units(words: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str | None]]:
    """Units as places in the list of different ones; null is one of them."""
    coded = words.combine_chunks().dictionary_encode(null_encoding="encode")
    return coded.indices.to_numpy(zero_copy_only=False).astype(np.int64), coded.dictionary.to_pylist()


def _things(view: View, code: str, *, twins: bool) -> Iterator[pa.Table]:
    """Place and channel of everything brought: under the customer's own number, then under another of theirs."""
    yield view.table(
        f"select {place()} as at, {code} as channel from all_rows r where {brought(view)}{_of_the_view(view, 'r')}"
    )
    if twins and make_twins(view):
        yield view.table(
            f"select {place('t.customer_key')} as at, {code} as channel from all_rows r "
            f"join twins t on t.twin_key = r.customer_key where {brought(view)}{_of_the_view(view, 't')}"
        )


def _of_the_view(view: View, relation: str) -> str:
    """SQL: and the customer has a journey of the view, where it does not hold all of them."""
    if view.selection.is_everything:
        return ""
    return f" and {relation}.customer_key in (select customer_key from journeys)"


def make_twins(view: View) -> bool:
    """Make the temporary table `twins`: customer numbers with the same mail address, or of two sources with the same
    telephone (a family shares one, in one source each under their own number). False where there are none."""
    files = [f.path for f in Private(view.home).identities.version().files]
    known = " union all ".join(
        f"select '{c}' as way, {c} as address, customer_key, source from {parquet(files, IDENTITY)} where {c} is not "
        "null"
        for c in ("mail", "phone")
    )
    view.connection.execute(
        f"create or replace temp table twins as with known as ({known}), "
        "shared as (select way, address from known group by all "
        f"having count(distinct customer_key) between 2 and {TWINS_AT_MOST}) "
        "select distinct a.customer_key, b.customer_key as twin_key from known a join shared using (way, address) "
        "join known b using (way, address) where a.customer_key <> b.customer_key and "
        "(way = 'mail' or a.source <> b.source)"
    )
    return bool(view.one("select count(*) from twins")[0])


def _latest_before(
    meetings: NDArray[np.int64], things: NDArray[np.int64], window: timedelta
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The latest of the sorted things of the same customer before each meeting, and the meetings that have one.

    >>> day = 86_400
    >>> things = np.array([1 * day, 4 * day, 5 * day])
    >>> _latest_before(np.array([5 * day, 90 * day, CUSTOMER]), things, timedelta(days=30))
    (array([345600]), array([0]))
    """
    if not len(things):
        return things, np.zeros(0, np.int64)
    place_before = np.searchsorted(things, meetings) - 1
    latest = things[np.maximum(place_before, 0)]
    is_near = (place_before >= 0) & (meetings - latest <= int(window.total_seconds()))
    index = np.flatnonzero(is_near & (meetings // CUSTOMER == latest // CUSTOMER))
    return latest[index], index


def _joined(
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], int, bool]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Meeting, place in time, channel and twin of all pairs."""
    none = np.zeros(0, np.int64)
    lengths = [len(meeting) for meeting, *_rest in found]
    return (
        np.concatenate([none, *(f[0] for f in found)]),
        np.concatenate([none, *(f[1] for f in found)]),
        np.repeat(np.array([f[2] for f in found], np.int64), lengths),
        np.repeat(np.array([f[3] for f in found], np.bool_), lengths),
    )


def _opened(
    view: View,
    meetings: pa.Table,
    which: NDArray[np.int64],
    earlier: NDArray[np.int64],
    channel: NDArray[np.int64],
    code: str,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Per pair: had the employee opened it by the meeting's end, and were such records kept by then?"""
    pairs = pa.table(
        {
            "pair": pa.array(np.arange(len(which))),
            "employee": meetings["employee"].take(pa.array(which)),
            "ends": meetings["ends"].take(pa.array(which)),
            "earlier": pa.array(earlier),
            "channel": pa.array(channel, pa.int16()),
        }
    )
    view.connection.register("pairs_met", pairs)
    records = (
        f"select s.employee, {place('r.customer_key')} as earlier, {code} as channel, min({second('s.at')}) as opened "
        "from seens s "
        f"join (select contact_id, customer_key, occurred_at, channel from all_rows where "
        f"{brought(view)}) r "
        "using (contact_id) group by all"
    )
    found = view.table(
        f"select pair from pairs_met p join ({records}) s using (employee, earlier, channel) where s.opened <= p.ends"
    )
    since = view.one(f"select min({second('s.at')}) from seens s")[0]
    kept = view.table(f"select employee is not null and ends >= {since} as kept from pairs_met order by pair")
    view.connection.unregister("pairs_met")
    opened = np.zeros(len(which), np.bool_)
    opened[found["pair"].to_numpy()] = True
    return opened, kept["kept"].to_numpy()

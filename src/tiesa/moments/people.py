"""Who can leave, from when until when; which half of the customers they belong to; and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiesa.core.business_time import DAY_US
from tiesa.core.enums import OutcomeKind
from tiesa.journeys.arrow_views import NONE, Words, words_of
from tiesa.journeys.view import View
from tiesa.moments.margins import margins

Ints = NDArray[Any]
"""Whole numbers: int64 times in microseconds, int32 positions."""
Flags = NDArray[Any]
NEVER = np.int64(2**62)
YEAR_US = 365 * DAY_US
TENURE_YEARS = (1, 3)
"""Bounds of the classes of tenure, in years as a customer."""
MOST_WORDS = 12
"""A trait with more words than this adjusts nothing: each word would stand for few customers."""


@dataclass(frozen=True)
class Traits:
    """What is known of customers and nobody did to them, in versions sorted by customer and time.

    customer: position in `People`. at: from when, in microseconds. words: by trait, one code per version.
    """

    customer: Ints
    at: Ints
    words: dict[str, Words]

    def version_at(self, customer: Ints, at: Ints, begins: int) -> Ints:
        """Which version held for each customer at an instant (the first one, if all are later); NONE without any."""
        if not len(self.customer):
            return np.full(len(customer), NONE)
        key = in_order(self.customer, self.at, begins)
        place = np.searchsorted(key, in_order(customer, at, begins), side="right") - 1
        place = np.maximum(place, np.searchsorted(self.customer, customer))
        inside = np.minimum(place, len(self.customer) - 1)
        return np.where(self.customer[inside] == customer, inside, NONE)


@dataclass(frozen=True)
class Clocks:
    """Clocks of their own, for people who are journeys. begun: the instant that is 0 of each one's times. watched:
    until when of its own time each was watched. Microseconds."""

    begun: Ints
    watched: Ints


@dataclass(frozen=True)
class People:
    """The customers who can leave, sorted by number. Times in microseconds since 1970 UTC.

    key: customer numbers. enter, leave: at risk from the first to the second, which is when they left (`left`) or the
    end of observation. since: customer since; NEVER where nobody knows. second: whether they belong to the half on
    which findings are confirmed. cluster: who stands and falls together (a household, else the customer). clocks:
    where each has a clock of their own (see `journeys_as_people`); None: all times are of the calendar.
    """

    key: Ints
    enter: Ints
    leave: Ints
    left: Flags
    since: Ints
    second: Flags
    cluster: Ints
    begins: int
    ends: int
    traits: Traits
    clocks: Clocks | None = None

    def __len__(self) -> int:
        return len(self.key)

    def half(self, *, second: bool) -> People:
        """One of the two halves."""
        return self.where(self.second == second)

    def where(self, chosen: Flags) -> People:
        """Some of the customers."""
        place = np.cumsum(chosen) - 1
        kept = chosen[self.traits.customer]
        traits = Traits(
            place[self.traits.customer[kept]],
            self.traits.at[kept],
            {name: Words(words.codes[kept], words.texts) for name, words in self.traits.words.items()},
        )
        arrays = (self.key, self.enter, self.leave, self.left, self.since, self.second, self.cluster)
        key, enter, leave, left, since, second, cluster = (array[chosen] for array in arrays)
        clocks = self.clocks and Clocks(self.clocks.begun[chosen], self.clocks.watched[chosen])
        return People(key, enter, leave, left, since, second, cluster, self.begins, self.ends, traits, clocks)

    @property
    def are_journeys(self) -> bool:
        """Whether each "customer" is a journey on its own clock (`journeys_as_people`)."""
        return self.clocks is not None

    def in_calendar(self, customer: Ints, at: Ints) -> Ints:
        """Instants of these customers as microseconds since 1970 UTC."""
        return at if self.clocks is None else at + self.clocks.begun[customer]

    def watched_until(self, customer: Ints) -> Ints:
        """Until when these customers were watched."""
        return np.full(len(customer), self.ends) if self.clocks is None else self.clocks.watched[customer]

    def customers(self, customer: Ints) -> int:
        """How many customers these positions are of: journeys of one customer are one."""
        return len(np.unique(self.key[customer]))


def people_of(view: View, *, outcome: OutcomeKind = OutcomeKind.LEFT, ends: datetime | None = None) -> People:
    """Every customer in the scope of the view who was one at some time while the log was kept.

    A customer is at risk from `since`, or from the log's first contact where that is later or nobody knows, to the
    outcome, to leaving (who has left neither falls silent nor closes a product) or to the end of observation.
    """
    begins, last = view.one("select epoch_us(min(occurred_at)), epoch_us(max(occurred_at)) from all_rows")
    end = int(last) if ends is None else round(ends.timestamp() * 1_000_000)
    end = min(end, round(view.now.timestamp() * 1_000_000))
    known = "(select customer_key, min(since) as since from customers group by 1)"
    happened = (
        f"(select customer_key, min(\"at\") filter (kind = '{outcome.value}') as happened_at, "
        f"min(\"at\") filter (kind = '{OutcomeKind.LEFT.value}') as left_at "
        f'from outcomes where "at" <= make_timestamptz({end}) group by 1)'
    )
    found = view.table(
        "with everybody as (select distinct customer_key from all_rows union select customer_key from customers) "
        "select customer_key, epoch_us(k.since) as since, epoch_us(happened_at) as happened_at, "
        "epoch_us(left_at) as left_at "
        f"from everybody left join {known} k using (customer_key) left join {happened} o using (customer_key) "
        "order by customer_key"
    )
    key = _numbers(found["customer_key"])
    since, at, gone = (_numbers(found[name], NEVER) for name in ("since", "happened_at", "left_at"))
    enter = np.maximum(np.where(since == NEVER, begins, since), begins)
    leave = np.minimum(np.minimum(at, gone), end)
    household = _households(view, key)
    second = (_mixed(household) & np.uint64(1)).astype(np.bool_)
    left, traits = (at < end) & (at <= gone), _traits(view, key)
    people = People(key, enter, leave, left, since, second, household, int(begins), end, traits)
    return people.where(leave > enter)


def in_order(customer: Ints, at: Ints, begins: int) -> Ints:
    """One number for each customer and instant that sorts like both; instants to the second, 136 years either way.

    Never microseconds: with them the numbers of the 2,000th customer would not fit.

    >>> year = np.int64(YEAR_US)
    >>> bool(np.diff(in_order(np.array([0, 5_000_000, 5_000_000]), np.array([9 * year, -year, 0]), 0)).min() > 0)
    True
    """
    seconds = np.clip((at - begins) // 1_000_000 + 2**32, 0, 2**33 - 1)
    made: Ints = customer.astype(np.int64) * 2**33 + seconds
    return made


def _numbers(column: pa.ChunkedArray, null: Any = NONE) -> Ints:
    made: Ints = column.combine_chunks().fill_null(int(null)).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return made


def _households(view: View, key: Ints) -> Ints:
    """A number for those who stand together: the least customer number of a household, else the customer's own."""
    found = view.table(
        "with said as (select customer_key, attributes['household'] as household from customers "
        "where attributes['household'] is not null) "
        "select customer_key, min(customer_key) over (partition by household) as first from said"
    )
    cluster = key.copy()
    place = np.searchsorted(key, _numbers(found["customer_key"]))
    cluster[place] = _numbers(found["first"])
    return cluster


def _mixed(numbers: Ints) -> NDArray[np.uint64]:
    """Well-mixed bits of whole numbers (splitmix64): the halves depend on nothing else, on any machine."""
    bits = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _traits(view: View, key: Ints) -> Traits:
    """Versions of what is known; margins in thirds of what is known."""
    names = ("segment", "language", "acquired_by", "unit")
    found = view.table(
        f"with known as {margins(view)}, thirds as (select quantile_cont(margin, [1/3, 2/3]) as bound from known) "
        f"select customer_key, epoch_us(as_of) as since, {', '.join(names)}, case when margin is null then null "
        "when margin <= bound[1] then 'low' when margin <= bound[2] then 'middle' else 'high' end "
        "as value from known, thirds order by customer_key, as_of"
    )
    customer = np.searchsorted(key, _numbers(found["customer_key"]))
    words = {name: words_of(found[name].combine_chunks()) for name in (*names, "value")}
    useful = {name: w for name, w in words.items() if 1 < len(w.texts) <= MOST_WORDS}
    return Traits(customer, _numbers(found["since"]), useful)

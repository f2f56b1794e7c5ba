"""Business time: the seconds of a gap in which the organisation was open.

A calendar is working hours per weekday in one time zone, less public holidays (package `holidays`). It is
turned once into a table of opening intervals in UTC, so that the business time of a gap is the difference of
two look-ups, exact to the microsecond and right across changes of the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_US = 86_400_000_000
Hours = tuple[time, time]
OFFICE_WEEK: Mapping[int, tuple[Hours, ...]] = {day: ((time(8), time(16)),) for day in range(5)}


@dataclass(frozen=True)
class BusinessCalendar:
    """Opening hours of one site.

    Args: zone: IANA name. week: weekday (0 is Monday) -> opening intervals in local time; an interval may
    end at 00:00, which is midnight of the next day. country, subdivision: public holidays kept by that
    country (ISO 3166 code of package `holidays`; empty: none). closed, open: single days that differ.
    """

    zone: str = "UTC"
    week: Mapping[int, tuple[Hours, ...]] = field(default_factory=lambda: OFFICE_WEEK)
    country: str = ""
    subdivision: str = ""
    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()

    def __hash__(self) -> int:
        week = tuple(sorted(self.week.items()))
        return hash((self.zone, week, self.country, self.subdivision, self.closed, self.open))

    @classmethod
    def always(cls) -> BusinessCalendar:
        """Open day and night: business time is calendar time."""
        return cls(week={day: ((time(0), time(0)),) for day in range(7)})

    def holidays(self, first_year: int, last_year: int) -> frozenset[date]:
        if not self.country:
            return frozenset()
        import holidays

        days = holidays.country_holidays(
            self.country, subdiv=self.subdivision or None, years=range(first_year, last_year + 1)
        )
        return frozenset(days)

    def table(self, first: datetime, last: datetime) -> BusinessTable:
        """Opening intervals that cover every instant from first to last (both aware)."""
        return _table(self, (first - timedelta(days=2)).year, (last + timedelta(days=2)).year)


@dataclass(frozen=True)
class BusinessTable:
    """Opening intervals in microseconds since 1970 UTC, sorted and disjoint, with the open time before each.

    `first[d]` is the first interval that ends after the start of UTC day `first_day + d`: a look-up is one
    index and a step or two.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    before: NDArray[np.int64]
    first: NDArray[np.int64]
    first_day: int

    def elapsed(self, instant_us: int) -> int:
        """Open microseconds from the beginning of the table to the instant."""
        i = int(np.searchsorted(self.ends, instant_us, side="right"))
        if i == len(self.starts):
            return int(self.before[-1] + self.ends[-1] - self.starts[-1]) if len(self.starts) else 0
        return int(self.before[i]) + max(0, instant_us - int(self.starts[i]))

    def elapsed_many(self, instants_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """`elapsed` of many instants at once."""
        if not len(self.starts):
            return np.zeros(len(instants_us), np.int64)
        last = np.minimum(self._places(instants_us), len(self.starts) - 1)
        inside = self.before[last] + np.maximum(0, np.minimum(instants_us, self.ends[last]) - self.starts[last])
        return np.asarray(inside)

    def due_many(self, instants_us: NDArray[np.int64], open_us: int) -> NDArray[np.int64]:
        """When so much open time has passed since each instant; the highest number where the table ends before."""
        wanted = self.elapsed_many(instants_us) + open_us
        place = np.searchsorted(self.before + self.ends - self.starts, wanted, side="left")
        inside = place < len(self.starts)
        due = np.full(len(instants_us), np.iinfo(np.int64).max)
        due[inside] = self.starts[place[inside]] + wanted[inside] - self.before[place[inside]]
        return due

    def _places(self, instants_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """The first interval that ends after each instant, found from the day it lies in."""
        days = np.clip(instants_us // DAY_US - self.first_day, 0, len(self.first) - 1)
        places = self.first[days]
        ends = np.append(self.ends, np.iinfo(np.int64).max)
        behind = ends[places] <= instants_us
        while behind.any():
            places = places + behind
            behind = ends[places] <= instants_us
        return places

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Business time from start to end.

        >>> calendar = BusinessCalendar(zone="Europe/Belgrade")
        >>> friday = datetime(2025, 10, 24, 13, tzinfo=UTC)      # 15:00 in summer time
        >>> monday = datetime(2025, 10, 27, 8, tzinfo=UTC)       # 09:00 in winter time
        >>> print(calendar.table(friday, monday).between(friday, monday))
        2:00:00
        """
        return (self.elapsed(microseconds(end)) - self.elapsed(microseconds(start))) * MICROSECOND


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 UTC of an aware instant."""
    return (instant - EPOCH) // MICROSECOND


@lru_cache(maxsize=64)
def _table(calendar: BusinessCalendar, first_year: int, last_year: int) -> BusinessTable:
    zone, shut = ZoneInfo(calendar.zone), calendar.holidays(first_year, last_year) | calendar.closed
    intervals: list[tuple[int, int]] = []
    day, end_day = date(first_year, 1, 1), date(last_year, 12, 31)
    while day <= end_day:
        if day in calendar.open or day not in shut:
            for opens, closes in calendar.week.get(day.weekday(), ()):
                until = day if closes > opens else day + timedelta(days=1)
                start = microseconds(datetime.combine(day, opens, zone).astimezone(UTC))
                intervals.append((start, microseconds(datetime.combine(until, closes, zone).astimezone(UTC))))
        day += timedelta(days=1)
    merged: list[list[int]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        elif end > start:
            merged.append([start, end])
    spans = np.array(merged, np.int64).reshape(-1, 2)
    starts, ends = spans[:, 0].copy(), spans[:, 1].copy()
    first_day = microseconds(datetime(first_year, 1, 1, tzinfo=UTC)) // DAY_US - 2
    last_day = microseconds(datetime(last_year, 12, 31, tzinfo=UTC)) // DAY_US + 3
    midnights = np.arange(first_day, last_day + 1, dtype=np.int64) * DAY_US
    lengths = ends - starts
    return BusinessTable(
        starts, ends, np.cumsum(lengths) - lengths, np.searchsorted(ends, midnights, side="right"), first_day
    )

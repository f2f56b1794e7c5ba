"""The two years, summer time, and when somebody is at work. Times are microseconds since 1970 UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from tiesa.core.business_time import DAY_US, microseconds
from tiesa.simulate.company import HOUR_US, Floats, Ints

FIRST_DAY, END_DAY = date(2024, 10, 1), date(2026, 10, 1)
START_US = microseconds(datetime(2024, 10, 1, tzinfo=UTC))
END_US = microseconds(datetime(2026, 10, 1, tzinfo=UTC))
"""The first instant after the two years."""
DAYS = (END_DAY - FIRST_DAY).days
ZONE = "Europe/Belgrade"
CLOSED = (date(2025, 1, 1), date(2025, 1, 2), date(2026, 1, 1), date(2026, 1, 2))
MARGIN_DAYS = 200
"""Days known beyond the two years on either side: what begins inside them may end outside."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody is there: local hours of the day, and weekdays (0 is Monday)."""

    opens: int
    closes: int
    weekdays: tuple[int, ...]


OFFICE = Hours(8, 17, (0, 1, 2, 3, 4))
CENTRE = Hours(8, 20, (0, 1, 2, 3, 4, 5))
SHOP = Hours(9, 19, (0, 1, 2, 3, 4, 5))
ANY_DAY = Hours(7, 23, (0, 1, 2, 3, 4, 5, 6))


def _last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31)
    return day - timedelta(days=(day.weekday() + 1) % 7)


_TURNS = np.array(
    [
        microseconds(datetime.combine(_last_sunday(year, month), datetime.min.time(), UTC)) + HOUR_US
        for year in range(2023, 2029)
        for month in (3, 10)
    ]
)


def to_local(at: Ints) -> Ints:
    """UTC to the site's wall clock (central European time)."""
    summer = np.searchsorted(_TURNS, at, side="right") % 2
    return at + (1 + summer) * HOUR_US


def to_utc(local: Ints) -> Ints:
    """The wall clock to UTC; in the two odd hours of a year the result may be an hour off."""
    summer = np.searchsorted(_TURNS, local - 2 * HOUR_US, side="right") % 2
    return local - (1 + summer) * HOUR_US


def day_of(at: Ints) -> Ints:
    """Local day, 0 on the first day of the two years; outside the known margin the nearest known day."""
    return np.clip(to_local(at) // DAY_US - START_US // DAY_US, -MARGIN_DAYS, DAYS + MARGIN_DAYS - 1)


def _next_open(hours: Hours) -> Ints:
    """For each known day the day itself where it is open, else the next open one (as days of `day_of`)."""
    following = np.empty(DAYS + 2 * MARGIN_DAYS, np.int64)
    upcoming = DAYS + MARGIN_DAYS - 1
    for position in range(len(following) - 1, -1, -1):
        day = FIRST_DAY + timedelta(days=position - MARGIN_DAYS)
        if day.weekday() in hours.weekdays and day not in CLOSED:
            upcoming = position - MARGIN_DAYS
        following[position] = upcoming
    return following


_OPEN_DAYS = {hours: _next_open(hours) for hours in (OFFICE, CENTRE, SHOP, ANY_DAY)}


def into_hours(at: Ints, hours: Hours, uniform: Floats) -> Ints:
    """The instant itself where it lies in the hours, else one in the first part of the next opening.

    `uniform` in [0, 1) spreads those who had to wait over the first two hours.
    """
    following = _OPEN_DAYS[hours]
    local = to_local(at)
    day, second = local // DAY_US - START_US // DAY_US, local % DAY_US
    day = np.clip(day, -MARGIN_DAYS, DAYS + MARGIN_DAYS - 2)
    too_late = second >= hours.closes * HOUR_US
    wanted = day + too_late
    opening_day = following[wanted + MARGIN_DAYS]
    moved = too_late | (opening_day != day) | (second < hours.opens * HOUR_US)
    opening = (opening_day + START_US // DAY_US) * DAY_US + hours.opens * HOUR_US
    opening += (uniform * 2 * HOUR_US).astype(np.int64)
    return np.where(moved, to_utc(opening), at)


def end_of_office_day(at: Ints) -> Ints:
    """17:00 local time of the instant's day where the office is open, else of the next open day."""
    day = np.clip(to_local(at) // DAY_US - START_US // DAY_US, -MARGIN_DAYS, DAYS + MARGIN_DAYS - 2)
    day = _OPEN_DAYS[OFFICE][day + MARGIN_DAYS]
    return to_utc((day + START_US // DAY_US) * DAY_US + 17 * HOUR_US)

"""Business time: only open hours count, in local time, across changes of the clock and holidays."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiesa.core.business_time import BusinessCalendar

BELGRADE = BusinessCalendar(zone="Europe/Belgrade")
HOUR = timedelta(hours=1)


def at(text: str, zone: str = "Europe/Belgrade") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def between(calendar: BusinessCalendar, start: datetime, end: datetime) -> timedelta:
    return calendar.table(start, end).between(start, end)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2025-03-03 09:00", "2025-03-03 11:30", 2.5),
        ("2025-03-03 06:00", "2025-03-03 23:00", 8),
        ("2025-03-07 15:00", "2025-03-10 09:00", 2),  # over a weekend
        ("2025-03-28 15:00", "2025-03-31 09:00", 2),  # the clock goes forward on Sunday
        ("2025-10-24 15:00", "2025-10-27 09:00", 2),  # and back
        ("2025-03-08 10:00", "2025-03-09 20:00", 0),
    ],
)
def test_only_open_hours_count(start: str, end: str, hours: float) -> None:
    assert between(BELGRADE, at(start), at(end)) == hours * HOUR


def test_public_holidays_and_single_days_are_kept() -> None:
    serbia = BusinessCalendar(
        zone="Europe/Belgrade", country="RS", closed=frozenset({date(2025, 3, 4)}), open=frozenset({date(2025, 1, 7)})
    )
    assert between(serbia, at("2025-01-01 00:00"), at("2025-01-03 00:00")) == timedelta(0)
    assert between(serbia, at("2025-01-07 00:00"), at("2025-01-08 00:00")) == 8 * HOUR
    assert between(serbia, at("2025-03-04 00:00"), at("2025-03-05 00:00")) == timedelta(0)


def test_an_interval_may_end_at_midnight_and_touch_the_next_day() -> None:
    night = BusinessCalendar(week={0: ((time(22), time(0)),), 1: ((time(0), time(6)),)})
    monday = datetime(2025, 3, 3, 20, tzinfo=UTC)
    assert between(night, monday, monday + 24 * HOUR) == 8 * HOUR


@given(
    start=st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)).map(lambda t: t.replace(tzinfo=UTC)),
    length=st.timedeltas(timedelta(0), timedelta(days=400)),
)
def test_open_day_and_night_is_calendar_time(start: datetime, length: timedelta) -> None:
    assert between(BusinessCalendar.always(), start, start + length) == length


@given(st.lists(st.datetimes(datetime(2024, 1, 1), datetime(2026, 1, 1)), min_size=3, max_size=3).map(sorted))
def test_business_time_adds_up_and_never_exceeds_calendar_time(instants: list[datetime]) -> None:
    first, middle, last = (t.replace(tzinfo=UTC) for t in instants)
    whole = between(BELGRADE, first, last)
    assert between(BELGRADE, first, middle) + between(BELGRADE, middle, last) == whole
    assert timedelta(0) <= whole <= last - first

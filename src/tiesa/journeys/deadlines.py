"""Statutory deadlines of complaints: an editable table with source and date, to be checked with counsel."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from tiesa.core.business_time import BusinessCalendar
from tiesa.core.errors import InvalidRules
from tiesa.core.home import Home
from tiesa.core.locale import _, ngettext, told
from tiesa.core.shown import Shown, ShownTable
from tiesa.journeys import lengths
from tiesa.journeys.rules_section import Section, invalid, read_toml

FILE = "deadlines.toml"
EVERYWHERE = "EU"
MEMBERS = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
"""Where the rows of EU hold."""


class DeadlineUnit(StrEnum):
    """Days of the calendar, days that are neither weekend nor public holiday, or months."""

    DAYS = "days"
    BUSINESS_DAYS = "business days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a complaint has to be answered. longest: the extended deadline, where there is one."""

    country: str
    kind: str
    deadline: int
    unit: DeadlineUnit
    source: str
    note: str
    checked: str
    longest: int | None = None

    @property
    def name(self) -> str:
        """What a standard made of it is called."""
        return f"{self.country}: {self.kind}"

    def in_words(self, number: int | None = None) -> str:
        return length_in_words(self.deadline if number is None else number, self.unit)

    def due(self, received: datetime, hours: BusinessCalendar) -> datetime:
        """The end of the last day: the day of receipt does not count (Regulation (EEC, Euratom) 1182/71, article 3).

        hours: gives the time zone and single days closed; its country's public holidays, else those of the deadline's.
        Business days are Monday to Friday, whatever the opening hours.

        >>> week = Deadline("EU", "complaint", 5, DeadlineUnit.BUSINESS_DAYS, "", "", "")
        >>> week.due(datetime(2026, 3, 5, 12, tzinfo=UTC), BusinessCalendar()).date()
        datetime.date(2026, 3, 12)
        """
        zone = ZoneInfo(hours.zone)
        day = received.astimezone(zone).date()
        if self.unit == DeadlineUnit.DAYS:
            last = day + timedelta(days=self.deadline)
        elif self.unit == DeadlineUnit.MONTHS:
            last = _months_later(day, self.deadline)
        else:
            last = self._business_days_later(day, hours)
        return datetime.combine(last + timedelta(days=1), time(0), zone).astimezone(UTC) - timedelta(microseconds=1)

    def _business_days_later(self, day: date, hours: BusinessCalendar) -> date:
        country = hours.country or ("" if self.country == EVERYWHERE else self.country)
        shut = replace(hours, country=country).holidays(day.year, day.year + 1 + self.deadline // 200) | hours.closed
        left = self.deadline
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < 5 and day not in shut
        return day


def length_in_words(n: int, unit: str) -> str:
    """So many days, business days or months."""
    if unit == DeadlineUnit.DAYS:
        return ngettext("{n} day", "{n} days", n).format(n=n)
    if unit == DeadlineUnit.MONTHS:
        return ngettext("{n} month", "{n} months", n).format(n=n)
    return ngettext("{n} business day", "{n} business days", n).format(n=n)


def _months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def read_deadlines(home: Home) -> tuple[Deadline, ...]:
    """The table of the package, with the rows of the home's `rules/deadlines.toml` in place of theirs.

    Raises: InvalidRules on an unknown key or an impossible value.
    """
    rows = {(d.country, d.kind): d for d in shipped()}
    path = home.rules / FILE
    rows |= {(d.country, d.kind): d for d in (_read(path) if path.exists() else ())}
    return tuple(sorted(rows.values(), key=lambda d: (d.country != EVERYWHERE, d.country, d.kind)))


@lru_cache(maxsize=1)
def shipped() -> tuple[Deadline, ...]:
    """The rows of the package."""
    return _read(resources.files("tiesa.journeys") / FILE)


def in_country(deadlines: tuple[Deadline, ...], country: str) -> tuple[Deadline, ...]:
    """Those of one country, and in a member state those that hold in every member state.

    >>> [sorted({d.country for d in in_country(shipped(), country)}) for country in ("RS", "lt")]
    [['RS'], ['EU', 'LT']]
    """
    wanted = {country.upper(), *([EVERYWHERE] if country.upper() in MEMBERS else [])}
    return tuple(d for d in deadlines if d.country in wanted)


def chosen_deadline(home: Home, country: str, kind: str) -> Deadline:
    """The deadline of a country and kind. Raises: InvalidRules where the table has none such."""
    deadlines = in_country(read_deadlines(home), country)
    for deadline in deadlines:
        if deadline.kind.casefold() == kind.casefold():
            return deadline
    what = _("There is no deadline for {kind} in {country}").format(kind=repr(kind), country=country)
    allowed = _("Allowed: {keys}").format(keys="; ".join(d.kind for d in deadlines))
    raise InvalidRules(what, where="complaints.kind", remedy=allowed)


def deadlines_table(deadlines: tuple[Deadline, ...]) -> ShownTable:
    """The table as people read it."""
    rows = [
        {
            "country": d.country,
            "called": told(d.kind),
            "deadline": d.in_words(),
            "longest": d.in_words(d.longest) if d.longest else None,
            "source": d.source,
            "checked": told(d.checked),
            "note": told(d.note),
            "kind": d.kind,
        }
        for d in deadlines
    ]
    names = ("country", "called", "deadline", "longest", "source", "checked", "note", "kind")
    return ShownTable(
        "deadlines",
        _("Statutory deadlines for complaints"),
        pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in names])),
        (
            Shown("country", _("country")),
            Shown("called", _("kind")),
            Shown("deadline", _("deadline")),
            Shown("longest", _("at the longest")),
            Shown("source", _("source")),
            Shown("checked", _("checked"), extra=True),
            Shown("note", _("note"), extra=True),
            Shown("kind", _("kind, as the rules name it"), extra=True),
        ),
        note=_("No legal advice: check with counsel before you rely on a row."),
    )


def _read(file: Path | Traversable) -> tuple[Deadline, ...]:
    return read_toml(file, as_deadlines)


def as_deadlines(document: Section) -> tuple[Deadline, ...]:
    """The rows of a document."""
    rows = tuple(_deadline(section) for section in lengths.tables(document, "deadlines"))
    document.done()
    return rows


def _deadline(section: Section) -> Deadline:
    length = _whole(section, "deadline")
    if length is None:
        raise invalid(section.key("deadline"), _("A deadline needs a number"))
    made = Deadline(
        country=lengths.text(section, "country", required=True),
        kind=lengths.text(section, "kind", required=True),
        deadline=length,
        unit=DeadlineUnit(lengths.one_of(section, "unit", tuple(DeadlineUnit))),
        source=lengths.text(section, "source", required=True),
        note=lengths.text(section, "note"),
        checked=lengths.text(section, "checked", required=True),
        longest=_whole(section, "longest"),
    )
    section.done()
    return made


def _whole(section: Section, name: str) -> int | None:
    value = section.take(name, int, meaning := _("a whole number from 1 to 1000"), None)
    if value is not None and not 1 <= value <= 1000:
        raise lengths.refused(section, name, value, meaning)
    return value  # type: ignore[no-any-return]

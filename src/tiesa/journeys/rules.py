"""The rules by which contacts become journeys: windows, types, channels, calendar. All of them optional.

`Rules()` works without configuration; `read_rules` takes them from `journeys.toml` in a folder. The file may hold

    currency = "RSD"                                  # home currency
    third_party = ["bank transfer"]                   # touchpoints that another organisation answers for
    own_organisations = ["Insurance Ltd"]             # names that mean us, beside no name at all
    windows = {same_reason_days = 30, latest_days = 7, repeat_days = 14}

    [types.complaint]                                 # a journey type: what starts it, what ends it, its own windows
    start = ["complaint received"]
    reached = ["complaint settled"]
    abandoned = ["complaint withdrawn"]
    same_reason_days = 60

    [channels.email]
    mode = "delayed"                                  # or "live": question and answer in one contact
    reply_hours = 8                                   # standard reply time in business hours

    [calendar]                                        # business time
    zone = "Europe/Belgrade"
    country = "RS"                                    # whose public holidays are kept
    closed = [2026-01-02]
    hours = {monday = "08:00-16:00", saturday = ["09:00-12:00", "13:00-15:00"]}
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import time, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tiesa.core.business_time import BusinessCalendar, Hours
from tiesa.core.enums import GoalState
from tiesa.core.locale import _
from tiesa.journeys.channels import USUAL_CHANNELS, Channel, ChannelMode, plain_name
from tiesa.journeys.rules_section import Section, invalid, parse_toml, read_toml

FILE = "journeys.toml"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Windows:
    """How long a journey stays within reach of the customer's next contact.

    `same_reason`: of a contact that comes with the journey's reason. `latest`: of any contact, for the
    customer's latest journey. `repeat`: the same question within this time is a repeated one.
    """

    same_reason: timedelta = timedelta(days=30)
    latest: timedelta = timedelta(days=7)
    repeat: timedelta = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class JourneyType:
    """A kind of journey: the touchpoints that start it and that reach or give up its goal.

    A window that is None is that of the rules.
    """

    start: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    abandoned: tuple[str, ...] = ()
    same_reason: timedelta | None = None
    latest: timedelta | None = None
    repeat: timedelta | None = None


@dataclass(frozen=True)
class Rules:
    """What makes a journey, and whose wait a gap is. Immutable; `Rules()` holds the defaults of this module.

    Args: windows: defaults for every journey type. types: by name. channels: those that differ from
    USUAL_CHANNELS, by name in any case. third_party: touchpoints another organisation answers for.
    own_organisations: names that mean us, beside null. currency: home currency (ISO 4217).
    Raises: InvalidRules where the parts contradict each other.

    >>> rules = Rules(types={"claim": JourneyType(start=("claim filed",), latest=timedelta(days=21))})
    >>> rules.windows_of("claim").latest.days, rules.windows_of("claim").same_reason.days
    (21, 30)
    >>> rules.channel("Phone").mode, rules.channel("pigeon").mode
    (<ChannelMode.LIVE: 'live'>, <ChannelMode.DELAYED: 'delayed'>)
    """

    windows: Windows = Windows()
    types: Mapping[str, JourneyType] = field(default_factory=dict)
    third_party: frozenset[str] = frozenset()
    own_organisations: frozenset[str] = frozenset()
    channels: Mapping[str, Channel] = field(default_factory=dict)
    calendar: BusinessCalendar = field(default_factory=BusinessCalendar)
    currency: str = "EUR"

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", {plain_name(name): channel for name, channel in self.channels.items()})
        started: dict[str, str] = {}
        for name, kind in self.types.items():
            for touchpoint in kind.start:
                if started.setdefault(touchpoint, name) != name:
                    other = started[touchpoint]
                    what = _("{touchpoint} starts both {one} and {other}; a touchpoint may start one type")
                    raise invalid(f"types.{name}.start", what.format(touchpoint=touchpoint, one=other, other=name))
            both = set(kind.reached) & set(kind.abandoned)
            if both:
                what = _("{touchpoint} cannot both reach and give up the goal; name it once")
                raise invalid(f"types.{name}.abandoned", what.format(touchpoint=min(both)))

    def channel(self, name: str) -> Channel:
        """How the channel behaves: as configured, else as channels of that name usually do, else delayed."""
        plain = plain_name(name)
        return self.channels.get(plain) or USUAL_CHANNELS.get(plain) or Channel()

    def windows_of(self, journey_type: str | None) -> Windows:
        """The type's windows, with the defaults where it has none of its own."""
        kind = self.types.get(journey_type, JourneyType()) if journey_type is not None else JourneyType()
        own = {f.name: getattr(kind, f.name) for f in fields(Windows) if getattr(kind, f.name) is not None}
        return Windows(**{f.name: own.get(f.name, getattr(self.windows, f.name)) for f in fields(Windows)})

    def goals_of(self, journey_type: str | None) -> dict[str, GoalState]:
        """Touchpoint -> what it says of the goal; for a journey without a type those of every type.

        Where two types contradict each other, reached wins.
        """
        if journey_type is None:
            kinds = list(self.types.values())
        else:
            kinds = [self.types.get(journey_type, JourneyType())]
        goals = {touchpoint: GoalState.ABANDONED for kind in kinds for touchpoint in kind.abandoned}
        return goals | {touchpoint: GoalState.REACHED for kind in kinds for touchpoint in kind.reached}

    @property
    def starts(self) -> dict[str, str]:
        """Touchpoint -> the journey type it starts."""
        return {touchpoint: name for name, kind in self.types.items() for touchpoint in kind.start}

    @property
    def fingerprint(self) -> str:
        """A stable text of 32 hexadecimal digits: equal where every rule is equal, the usual channels included."""
        every_channel = _document(replace(self, channels={**USUAL_CHANNELS, **self.channels}))
        content = json.dumps(every_channel, sort_keys=True, default=str)
        return blake2b(content.encode(), digest_size=16).hexdigest()

    def to_toml(self) -> str:
        """The same rules as the text of `journeys.toml`."""
        import tomlkit

        return tomlkit.dumps(_document(self))


def read_rules(folder: Path) -> Rules:
    """The rules of `journeys.toml` in the folder; the defaults where there is no such file.

    Raises: InvalidRules on an unknown key or an impossible value, with the key and what is allowed.
    """
    path = folder / FILE
    return read_rules_file(path) if path.exists() else Rules()


def read_rules_file(path: Path) -> Rules:
    """The rules of one file of that form, wherever it lies. Raises: InvalidRules, as `read_rules`."""
    return read_toml(path, _rules)


def parse_rules(text: str, *, where: str) -> Rules:
    """The rules of a text of that form; `where` names it in errors. Raises: InvalidRules, as `read_rules`."""
    return parse_toml(text, _rules, where=where)


def _rules(file: Section) -> Rules:
    currency = file.take("currency", str, meaning := _("a three-letter currency code such as EUR"), "EUR")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise invalid("currency", _("{value!r} is not {meaning}").format(value=currency, meaning=meaning))
    rules = Rules(
        windows=_windows(file.section("windows")),
        types={name: _journey_type(section) for name, section in file.sections("types")},
        third_party=frozenset(file.words("third_party")),
        own_organisations=frozenset(file.words("own_organisations")),
        channels={name: _channel(section) for name, section in file.sections("channels")},
        calendar=_calendar(file.section("calendar")),
        currency=currency,
    )
    file.done()
    return rules


def _windows(section: Section) -> Windows:
    given = {f.name: section.days(f"{f.name}_days") for f in fields(Windows)}
    section.done()
    return Windows(**{name: days for name, days in given.items() if days is not None})


def _journey_type(section: Section) -> JourneyType:
    kind = JourneyType(
        start=section.words("start"),
        reached=section.words("reached"),
        abandoned=section.words("abandoned"),
        same_reason=section.days("same_reason_days"),
        latest=section.days("latest_days"),
        repeat=section.days("repeat_days"),
    )
    section.done()
    return kind


def _channel(section: Section) -> Channel:
    usual = USUAL_CHANNELS.get(plain_name(section.name.partition(".")[2]), Channel())
    mode = section.take("mode", str, meaning := _("live or delayed"), usual.mode.value)
    if mode not in set(ChannelMode):
        raise invalid(section.key("mode"), _("{value!r} is not {meaning}").format(value=mode, meaning=meaning))
    default = None if mode == ChannelMode.LIVE else usual.reply_hours or Channel().reply_hours
    hours = section.take("reply_hours", (int, float), meaning := _("a number of business hours above 0"), default)
    if hours is not None and not 0 < hours < float("inf"):
        raise invalid(section.key("reply_hours"), _("{value!r} is not {meaning}").format(value=hours, meaning=meaning))
    section.done()
    return Channel(ChannelMode(mode), None if hours is None else float(hours))


def _calendar(section: Section) -> BusinessCalendar:
    zone = section.take("zone", str, meaning := _("a time zone such as Europe/Belgrade"), "UTC")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        what = _("{value!r} is not {meaning}").format(value=zone, meaning=meaning)
        raise invalid(section.key("zone"), what) from error
    calendar = BusinessCalendar(
        zone=zone,
        country=section.take("country", str, _("a country code such as RS"), ""),
        subdivision=section.take("subdivision", str, _("a code of a part of the country"), ""),
        closed=section.dates("closed"),
        open=section.dates("open"),
        **({"week": _week(section.section("hours"))} if "hours" in section.content else {}),
    )
    section.done()
    try:
        calendar.holidays(2026, 2026)
    except NotImplementedError as error:
        what = _("{country} {subdivision} has no known public holidays; leave it out or take an ISO 3166 code")
        names = {"country": calendar.country, "subdivision": calendar.subdivision}
        raise invalid(section.key("country"), what.format(**names).replace("  ", " ")) from error
    return calendar


def _week(section: Section) -> dict[int, tuple[Hours, ...]]:
    week: dict[int, tuple[Hours, ...]] = {}
    for number, day in enumerate(WEEKDAYS):
        given = section.take(day, (str, list), meaning := _('hours such as "08:00-16:00", or a list of them'), [])
        try:
            hours = tuple(_hours(text) for text in ([given] if isinstance(given, str) else given))
        except (ValueError, TypeError, AttributeError) as error:
            what = _("{value!r} is not {meaning}").format(value=given, meaning=meaning)
            raise invalid(section.key(day), what) from error
        if hours:
            week[number] = hours
    section.done()
    return week


def _hours(text: str) -> Hours:
    """`08:00-16:00` -> its two times; 24:00 is midnight of the next day."""
    start, end = (time.fromisoformat(part.strip().replace("24:00", "00:00")) for part in text.split("-"))
    if start >= end and end != time(0):
        raise ValueError(text)
    return start, end


def _document(rules: Rules) -> dict[str, Any]:
    """The rules as plain tables, lists and words, in a fixed order; what is empty is left out."""
    calendar = rules.calendar
    days = {f"{f.name}_days": getattr(rules.windows, f.name) / timedelta(days=1) for f in fields(Windows)}
    hours = {
        WEEKDAYS[day]: [f"{start:%H:%M}-{end:%H:%M}" for start, end in spans]
        for day, spans in sorted(calendar.week.items())
    }
    document = {
        "currency": rules.currency,
        "third_party": sorted(rules.third_party),
        "own_organisations": sorted(rules.own_organisations),
        "windows": days,
        "types": {name: _type_document(kind) for name, kind in sorted(rules.types.items())},
        "channels": {
            name: _filled({"mode": channel.mode.value, "reply_hours": channel.reply_hours})
            for name, channel in sorted(rules.channels.items())
        },
        "calendar": _filled(
            {
                "zone": calendar.zone,
                "country": calendar.country,
                "subdivision": calendar.subdivision,
                "closed": sorted(calendar.closed),
                "open": sorted(calendar.open),
            }
        )
        | {"hours": hours},
    }
    return {key: value for key, value in document.items() if value not in ([], {})}


def _type_document(kind: JourneyType) -> dict[str, Any]:
    windows = {f"{f.name}_days": getattr(kind, f.name) for f in fields(Windows)}
    days = {name: window / timedelta(days=1) for name, window in windows.items() if window is not None}
    return _filled({"start": [*kind.start], "reached": [*kind.reached], "abandoned": [*kind.abandoned]}) | days


def _filled(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value not in (None, "", [])}

"""Values that rules files write as people do: lengths of time, yes or no, one word of a list, lists of tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from tiesa.core.locale import _
from tiesa.journeys.rules_section import Section, invalid

_SECONDS = {"s": 1, "min": 60, "h": 3600, "hour": 3600, "hours": 3600, "day": 86_400, "days": 86_400, "weeks": 604_800}
_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*")


def seconds_of(text: str) -> float:
    """Seconds of a length of time: `30 min`, `24 h`, `5 days`, `2 weeks`.

    Raises: ValueError where it is none, or nothing long.

    >>> seconds_of("24 h"), seconds_of("1.5 days")
    (86400.0, 129600.0)
    """
    found = _LENGTH.fullmatch(text)
    seconds = float(found[1]) * _SECONDS.get(found[2], 0) if found else 0.0
    if not seconds:
        raise ValueError(text)
    return seconds


def refused(section: Section, name: str, value: Any, meaning: str) -> Exception:
    """The error of a value that the key cannot have."""
    return invalid(section.key(name), _("{value!r} is not {meaning}").format(value=value, meaning=meaning))


def text(section: Section, name: str, *, required: bool = False) -> str:
    """A text; empty where the key is missing. Raises: InvalidRules where it must be there."""
    value: str = section.take(name, str, meaning := _("a text"), "")
    if required and not value.strip():
        raise refused(section, name, value, meaning)
    return value


def one_of(section: Section, name: str, allowed: Collection[str], default: str = "") -> str:
    """One of the allowed words."""
    value: str = section.take(name, str, meaning := _("one of {keys}").format(keys=", ".join(allowed)), default)
    if value not in allowed:
        raise refused(section, name, value, meaning)
    return value


def flag(section: Section, name: str, *, default: bool) -> bool:
    """true or false."""
    section.taken.add(name)
    value = section.content.get(name, default)
    if not isinstance(value, bool):
        raise refused(section, name, value, _("true or false"))
    return value


def number(section: Section, name: str, meaning: str, *, low: float, high: float) -> float | None:
    """A number from low to high; None where the key is missing."""
    value = section.take(name, (int, float), meaning, None)
    if value is not None and not low <= value <= high:
        raise refused(section, name, value, meaning)
    return None if value is None else float(value)


def length(section: Section, name: str) -> float | None:
    """A length of time in seconds; None where the key is missing."""
    value = section.take(name, str, meaning := _('a length of time such as "24 h" or "5 days"'), None)
    try:
        return None if value is None else seconds_of(value)
    except ValueError as error:
        raise refused(section, name, value, meaning) from error


def tables(section: Section, name: str) -> Iterator[Section]:
    """The tables of a list, `[[name]]`, numbered from 1 in errors."""
    listed = section.take(name, list, meaning := _("a list of tables"), [])
    for place, table in enumerate(listed, 1):
        if not isinstance(table, dict):
            raise refused(section, name, table, meaning)
        yield Section(table, section.key(f"{name}[{place}]"))

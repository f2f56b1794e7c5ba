"""A table of a rules file, taken key by key: what is missing has a default, what is unknown or impossible an error."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from tiesa.core.errors import InvalidRules
from tiesa.core.locale import _

Made = TypeVar("Made")


def read_toml(file: Path | Traversable, make: Callable[[Section], Made]) -> Made:
    """What `make` makes of a rules file. Raises: InvalidRules that names the file and, where known, the key."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        what = _("There is no rules file that can be read")
        raise InvalidRules(what, where=str(file), remedy=_("Name another one, or leave it out")) from error
    except UnicodeDecodeError as error:
        raise _no_toml(error, str(file)) from error
    return parse_toml(text, make, where=str(file))


def parse_toml(text: str, make: Callable[[Section], Made], *, where: str) -> Made:
    """What `make` makes of the text of a rules file; `where` names it in errors. Raises: InvalidRules."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(error, where) from error
    try:
        return make(Section(document))
    except InvalidRules as error:
        place = f"{where}, {error.where}" if error.where else where
        raise InvalidRules(error.what, where=place, remedy=error.remedy) from error


def _no_toml(error: ValueError, where: str) -> InvalidRules:
    what = _("This is not TOML ({error})").format(error=error)
    return InvalidRules(what, where=where, remedy=_("Mend that line"))


def invalid(key: str, what: str) -> InvalidRules:
    """The error of one key."""
    return InvalidRules(what, where=key)


class Section:
    """A table of the file: each key is taken once; `done` finds what is left over."""

    def __init__(self, content: Mapping[str, Any], name: str = "") -> None:
        self.content, self.name, self.taken = content, name, set[str]()

    def key(self, name: str) -> str:
        return f"{self.name}.{name}" if self.name else name

    def take(self, name: str, allowed: type | tuple[type, ...], meaning: str, default: Any) -> Any:
        self.taken.add(name)
        value = self.content.get(name, default)
        if value is not default and (not isinstance(value, allowed) or isinstance(value, bool)):
            raise invalid(self.key(name), _("{value!r} is not {meaning}").format(value=value, meaning=meaning))
        return value

    def words(self, name: str) -> tuple[str, ...]:
        words = self.take(name, list, meaning := _("a list of words"), [])
        if not all(isinstance(word, str) for word in words):
            raise invalid(self.key(name), _("{value!r} is not {meaning}").format(value=words, meaning=meaning))
        return tuple(words)

    def days(self, name: str) -> timedelta | None:
        days = self.take(name, (int, float), meaning := _("a number of days from 0 to 36500"), None)
        if days is not None and not 0 <= days <= 36_500:
            raise invalid(self.key(name), _("{value!r} is not {meaning}").format(value=days, meaning=meaning))
        return None if days is None else timedelta(days=days)

    def dates(self, name: str) -> frozenset[date]:
        dates = self.take(name, list, meaning := _("a list of dates such as 2026-01-02"), [])
        if not all(isinstance(day, date) and not isinstance(day, datetime) for day in dates):
            raise invalid(self.key(name), _("{value!r} is not {meaning}").format(value=dates, meaning=meaning))
        return frozenset(dates)

    def section(self, name: str) -> Section:
        return Section(self.take(name, dict, _("a table"), {}), self.key(name))

    def sections(self, name: str) -> Iterator[tuple[str, Section]]:
        tables = self.section(name)
        for inner in tables.content:
            yield inner, tables.section(inner)

    def done(self) -> None:
        for name in self.content:
            if name not in self.taken:
                what = _("There is no such key; allowed are {keys}").format(keys=", ".join(sorted(self.taken)))
                raise invalid(self.key(name), what)

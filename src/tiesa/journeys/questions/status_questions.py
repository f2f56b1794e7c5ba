"""Which names of reasons and touchpoints mean that a customer asks where a matter stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

from tiesa.contacts.proposing.names import fold


def status_names(names: Iterable[str | None]) -> tuple[str, ...]:
    """Those of the names that ask where it stands, sorted; the words stand in status_words.toml, in six languages.

    >>> status_names(["Order status", "Where is my refund?", "Marital status", "Статус захтева", "Estatus", None])
    ('Order status', 'Where is my refund?', 'Статус захтева')
    """
    asks, other = _patterns()
    found = {name for name in names if name and asks.search(fold(name)) and not other.search(fold(name))}
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    text = (resources.files("tiesa.journeys.questions") / "status_words.toml").read_text(encoding="utf-8")
    phrases: dict[str, list[str]] = tomllib.loads(text)
    other = phrases.pop("not")
    return _pattern(p for words in phrases.values() for p in words), _pattern(other)


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Any of the phrases, from the beginning of a word on."""
    listed = sorted({fold(phrase) for phrase in phrases} - {""})
    return re.compile(r"(?<![^\W_])(?:" + "|".join(re.escape(phrase) for phrase in listed) + ")")

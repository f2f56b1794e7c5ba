"""One gettext domain for everything a person can read: library, command line, pages.

Wrap a sentence in `_()` where it is written; plural forms in `ngettext`, a word that means two things in `pgettext`.
The language is that of the running context (`use_language`), so one server process can answer people in six languages.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

DOMAIN = "tiesa"
DIRECTORY = Path(__file__).resolve().parent.parent / "locale"
LANGUAGES = ("en", "sr", "sr_Latn", "lt", "ru", "sl", "ro")

_language: ContextVar[str] = ContextVar("tiesa_language", default="en")


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation(DOMAIN, str(DIRECTORY), languages=[language], fallback=True)


def _(sentence: str) -> str:
    """The sentence in the current language; unchanged where no translation exists."""
    return _catalogue(_language.get()).gettext(sentence)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The plural form for n in the current language."""
    return _catalogue(_language.get()).ngettext(singular, plural, n)


def pgettext(context: str, sentence: str) -> str:
    """The sentence as it is meant in a context, where the same English word means two things.

    >>> pgettext("of a thing", "Name")
    'Name'
    """
    return _catalogue(_language.get()).pgettext(context, sentence)


def told(words: str) -> str:
    """Words of a data file of ours in the current language; those that somebody wrote themselves stay as they are.

    >>> told("prompt help"), told("our own words")
    ('prompt help', 'our own words')
    """
    return _catalogue(_language.get()).gettext(words) if words else ""


def current_language() -> str:
    return _language.get()


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Speak `language` (one of LANGUAGES) inside the block."""
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {language!r}")
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)

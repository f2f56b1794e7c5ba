"""What the command `tiesa` runs first: it chooses the language, then loads the commands, whose help is made by then."""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from tiesa.core.locale import DIRECTORY, DOMAIN, LANGUAGES, use_language


def start() -> None:
    """Run the command line in the language of who runs it."""
    language = language_of(sys.argv[1:], os.environ)
    # The parser of the command line has words of its own and asks gettext for them, which asks our catalogue.
    gettext.bindtextdomain(DOMAIN, str(DIRECTORY))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language
    with use_language(language):
        from tiesa.cli.main import main

        main()


def language_of(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language to speak: `--language`, else TIESA_LANGUAGE, else the system's, as far as we know it; else English.

    words: of the command line. environment: its variables; the system's language as gettext reads it.

    >>> language_of(["pin", "--language", "ro"], {"LANG": "lt_LT.UTF-8"})
    'ro'
    >>> language_of([], {"LANG": "sr_RS.UTF-8@latin"}), language_of([], {"LANG": "C.UTF-8", "LANGUAGE": "lt"})
    ('sr_Latn', 'en')
    """
    for wanted in (*_named(words), environment.get("TIESA_LANGUAGE", ""), *_of_the_system(environment)):
        if language := known(wanted):
            return language
    return "en"


def _named(words: Sequence[str]) -> Iterator[str]:
    for word, following in pairwise([*words, ""]):
        if word == "--language":
            yield following
        elif word.startswith("--language="):
            yield word.partition("=")[2]


def _of_the_system(environment: Mapping[str, str]) -> list[str]:
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    chosen = next((name for name in names if name), "C")
    if chosen.partition(".")[0] in ("C", "POSIX"):
        return []
    return [*environment.get("LANGUAGE", "").split(":"), chosen]


def known(name: str) -> str:
    """Our name of a language that the system may call otherwise; "" for one that we do not speak.

    >>> [known(name) for name in ("lt_LT.UTF-8", "sr_RS", "sr-Latn", "sr_RS@latin", "de_DE", "")]
    ['lt', 'sr', 'sr_Latn', 'sr_Latn', '', '']
    """
    place, _mark, variant = name.partition("@")
    parts = place.partition(".")[0].replace("-", "_").lower().split("_")
    if parts[0] == "sr" and ("latn" in parts or variant.lower().startswith("lat")):
        return "sr_Latn"
    return parts[0] if parts[0] in LANGUAGES else ""

"""What a column may be by its name, in six languages and three scripts (data: names.toml)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping as Dict
from functools import cache, lru_cache
from importlib import resources
from typing import Any

LONGEST = 300
"""Characters of a text that may still be a name or a word of ours."""
SHORT = 3
"""Words of up to this many letters must be equal; longer ones need only begin alike."""
_CYRILLIC = (  # each letter with what stands for it
    "аa бb вv гg дd ђd еe жz зz иi јj кk лl љlj мm нn њnj оo пp рr сs тt ћc уu фf хh цc чc џdz шs щsc ъ ыi ь эe юju яja"
)
_LETTERS = {ord(pair[0]): pair[1:] for pair in [*_CYRILLIC.split(), "đd", "łl", "ßss"]}
_HUMPS = re.compile(r"(?<=[^\W\d_])(?=[A-ZА-ЯČŠŽĆĐ][a-zа-яčšžćđ])|(?<=[a-zа-яčšžćđ\d])(?=[A-ZА-ЯČŠŽĆĐ])")
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """The text in small Latin letters without diacritics, whichever script it is written in.

    >>> fold("Датум и време"), fold("Įvykio ŠALTINIS")
    ('datum i vreme', 'ivykio saltinis')
    """
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return plain.translate(_LETTERS)


@lru_cache(maxsize=10_000)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a column name, folded.

    >>> words_of("case:concept:name"), words_of("RequesterId"), words_of("meta.sender_name")
    (('case', 'concept', 'name'), ('requester', 'id'), ('meta', 'sender', 'name'))
    """
    return tuple(_WORD.findall(fold(_HUMPS.sub(" ", name))))


@lru_cache(maxsize=20_000)
def likeness(name: str, phrases: tuple[tuple[str, ...], ...]) -> float:
    """How much of the name the best phrase explains, from 0 (none fits) to 1 (the name is that phrase)."""
    if len(name) > LONGEST:
        return 0.0
    words = words_of(name)
    whole = sum(map(len, words))
    return max((_share(words, phrase, whole) for phrase in phrases), default=0.0)


def _share(words: tuple[str, ...], phrase: tuple[str, ...], whole: int) -> float:
    left, matched, ending = list(words), 0, 0
    for stem in phrase:
        found = next((word for word in left if _begins(word, stem)), None)
        if found is None:
            return 0.0
        left.remove(found)
        matched += len(stem)
        ending += len(found) - len(stem)
    return min(1.0, (matched + 0.5 * ending) / whole) if whole else 0.0


def _begins(word: str, stem: str) -> bool:
    if word == stem:
        return True
    if len(stem) <= SHORT:
        return False
    # A final vowel is an ending of inflection: "klijenta", "datuma".
    return word.startswith(stem) or (len(stem) > SHORT + 1 and stem[-1] in "aeiouy" and word.startswith(stem[:-1]))


@cache
def _names() -> dict[str, Any]:
    file = resources.files("tiesa.contacts") / "names.toml"
    return tomllib.loads(file.read_text("utf-8"))


@cache
def phrases(*path: str) -> tuple[tuple[str, ...], ...]:
    """The phrases at a place of names.toml, as folded words."""
    found: Any = _names()
    for key in path:
        found = found.get(key, {})
    return tuple(words_of(phrase) for phrase in found)


@cache
def enum_words(kind: str) -> Dict[str, tuple[tuple[str, ...], ...]]:
    """Our words for a kind of word ("direction", "kind", ...) with how others say them."""
    return {choice: tuple(map(words_of, said)) for choice, said in _names()["words"][kind].items()}


def clean_name(text: str) -> str:
    """A short name for a system or an attribute, from a file or column name.

    >>> clean_name("Pozivi 2025.csv.gz"), clean_name("case:department"), clean_name("Būsena")
    ('pozivi_2025', 'case_department', 'busena')
    """
    stem = re.sub(r"(?i)\.(csv|tsv|txt|jsonl?|ndjson|xlsx?|parquet|xes|mbox|zip|gz)(?=$|\.)", "", text)
    return "_".join(words_of(stem)) or "file"


def system_name(file: str) -> str:
    """The name of the system a file came from: its numbers (a month, a part, a copy) are left out, so that next
    month's file is of the same system and an overlap is noticed.

    >>> system_name("Pozivi 2025-03 (2).csv.gz"), system_name("2025.csv")
    ('pozivi', 'file')
    """
    return "_".join(word for word in clean_name(file).split("_") if not word.isdigit()) or "file"

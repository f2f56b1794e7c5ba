"""Customers' words: phrases of a language, by theme and mood, put together in many ways.

The phrases stand in `words/<language>.toml`; each is a whole clause or sentence, so that gender, case and number
agree whatever it is joined to. `{name}` inside a phrase stands for any of the phrases of [parts] of that name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "words"
SLOT = re.compile(r"\{(\w+)\}")

OPINIONS = {
    "neg": ("{Opening_neg}{clause}.", "{Clause}. {More_neg}", "{Clause}.", "{Clause}, {and} {other}.",
            "{Clause}. {More_neg}", "{Opening_neg}{clause}. {More_neg}", "{Clause}. {Other}.", "{Short_neg}"),
    "mid": ("{Praise}{but}{clause}.", "{Clause}{but}{praise}.", "{Praise}{but}{clause}. {More_mid}", "{Short_mid}"),
    "pos": ("{Opening_pos}{clause}.", "{Clause}. {More_pos}", "{Clause}.", "{Clause}, {and} {praise}.",
            "{Clause}. {Praise}. {More_pos}", "{Opening_pos}{clause}. {More_pos}", "{Short_pos}"),
}  # fmt: skip
"""How an opinion is put together. `clause` is of the theme, `other` and `praise` of the general one."""
FAULTS = ("internet", "app", "card", "transfer", "again")
"""Themes of requests to which a detail about a fault fits; to the others fits a note."""
REQUESTS = ("{Greeting} {request} {more} {sign}", "{Greeting} {request} {sign}", "{request} {more}", "{request}",
            "{Greeting} {request} {more}")  # fmt: skip
EMOJI = {"neg": ("😠", "😡", "👎", "🙄"), "mid": ("🤔", "😐"), "pos": ("😊", "👍", "🙏", "🎉"), "": ("🙏",)}
_PLAIN = str.maketrans("čćšžČĆŠŽąęėįųūĄĘĖĮŲŪăâîșțĂÂÎȘȚ", "ccszCCSZaeeiuuAEEIUUaaistAAIST")
"""As people write who have no such keys; đ becomes dj."""


@dataclass(frozen=True)
class Phrases:
    """One language: [parts] by name, [requests] by theme, [clauses] by theme and mood."""

    parts: dict[str, tuple[str, ...]]
    requests: dict[str, tuple[str, ...]]
    clauses: dict[str, dict[str, tuple[str, ...]]]


@cache
def phrases(language: str) -> Phrases:
    document = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return Phrases(
        parts={name: tuple(words) for name, words in document["parts"].items()},
        requests={theme: tuple(words) for theme, words in document["requests"].items()},
        clauses={
            theme: {mood: tuple(words) for mood, words in moods.items()} for theme, moods in document["clauses"].items()
        },
    )


def opinions(language: str, theme: str, mood: str, n: int, generator: np.random.Generator) -> list[str]:
    """n comments on a theme (clauses of the file) in a mood (neg, mid, pos).

    >>> opinions("en", "wait", "neg", 1, np.random.Generator(np.random.Philox(3)))[0][-1] != ""
    True
    """
    known = phrases(language)
    clause = known.clauses[theme]["pos" if mood == "pos" else "neg"]
    own = {
        "clause": clause,
        "other": known.clauses["general"]["neg"],
        "praise": known.clauses["general"]["pos"],
    }
    texts = _fill(OPINIONS[mood], {**known.parts, **own}, n, generator)
    return _as_people_write(texts, mood, generator)


def requests(language: str, theme: str, n: int, generator: np.random.Generator) -> list[str]:
    """n messages that ask for something (requests of the file)."""
    known = phrases(language)
    more = known.parts["detail" if theme in FAULTS else "note"]
    texts = _fill(REQUESTS, {**known.parts, "request": known.requests[theme], "more": more}, n, generator)
    return _as_people_write(texts, "", generator)


def _fill(
    shapes: Sequence[str], words: dict[str, tuple[str, ...]], n: int, generator: np.random.Generator
) -> list[str]:
    """n texts, each of any of the shapes with its slots filled; `{Name}` begins with a capital."""
    which = generator.integers(len(shapes), size=n)
    texts = [shapes[number] for number in which.tolist()]
    for number, shape in enumerate(shapes):
        if "{" not in shape:
            continue
        places = np.flatnonzero(which == number).tolist()
        if not places:
            continue
        columns: list[list[str]] = []
        for position, piece in enumerate(SLOT.split(shape)):
            if position % 2 == 0:
                columns.append([piece] * len(places))
            else:
                filled = _fill(words[piece.lower()], words, len(places), generator)
                columns.append([_capital(text) for text in filled] if piece[0].isupper() else filled)
        for place, parts in zip(places, zip(*columns, strict=True), strict=True):
            texts[place] = "".join(parts)
    return texts


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _as_people_write(texts: list[str], mood: str, generator: np.random.Generator) -> list[str]:
    """Some write without diacritics, without capitals, with a slip of the finger, with a little picture."""
    n = len(texts)
    habit, spot = generator.random(n), generator.random(n)
    emoji = EMOJI[mood]
    for i in np.flatnonzero(habit < 0.2).tolist():
        text = texts[i]
        if habit[i] < 0.06:
            texts[i] = text.translate(_PLAIN).replace("đ", "dj").replace("Đ", "Dj")
        elif habit[i] < 0.1:
            texts[i] = text.lower().rstrip(".")
        elif habit[i] < 0.14 and len(text) > 12:
            at = 2 + int(spot[i] * (len(text) - 5))
            texts[i] = text[:at] + text[at + 1] + text[at] + text[at + 2 :] if text[at : at + 2].isalpha() else text
        elif habit[i] < 0.17:
            texts[i] = f"{text} {emoji[int(spot[i] * len(emoji))]}"
        else:
            texts[i] = text.rstrip(".") + ("!!!" if mood == "neg" else "!" if mood == "pos" else "")
    return texts


_DIGRAPHS = {"lj": "љ", "nj": "њ", "dž": "џ", "Lj": "Љ", "Nj": "Њ", "Dž": "Џ", "LJ": "Љ", "NJ": "Њ", "DŽ": "Џ"}
_LETTERS = dict(
    zip("abvgdđežzijklmnoprstćufhcčšABVGDĐEŽZIJKLMNOPRSTĆUFHCČŠ",
        "абвгдђежзијклмнопрстћуфхцчшАБВГДЂЕЖЗИЈКЛМНОПРСТЋУФХЦЧШ", strict=True)
)  # fmt: skip
_LATIN = re.compile("|".join([*_DIGRAPHS, "."]), re.DOTALL)


def to_cyrillic(latin: str) -> str:
    """Serbian in Latin letters to Cyrillic, by the rule of the alphabet.

    >>> to_cyrillic("Ljubazna službenica, džep, njihov đak")
    'Љубазна службеница, џеп, њихов ђак'
    """
    return _LATIN.sub(lambda m: _DIGRAPHS.get(m[0]) or _LETTERS.get(m[0], m[0]), latin)

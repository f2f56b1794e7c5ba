"""Which encoding a text file is in, told by its bytes: marks first, then letters.

The three Windows code pages share their bytes, so the letters decide: for each language how often it uses
each of its letters outside ASCII, per thousand of them (counted in news sentences and subtitles).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from math import log

CYRILLIC_PAGE, CENTRAL_PAGE, BALTIC_PAGE = "cp1251", "cp1250", "cp1257"

LETTERS: dict[str, tuple[str, str]] = {
    "sl": (CENTRAL_PAGE, "č490 š283 ž223 ć2"),
    "sr_Latn": (CENTRAL_PAGE, "š405 ć210 č178 ž165 đ42"),
    "ro": (CENTRAL_PAGE, "ă450 ţ174 î155 ş146 â72"),
    "lt": (BALTIC_PAGE, "ė207 ų175 š152 ž122 ą104 į89 ū60 č59 ę29"),
    "ru": (
        CYRILLIC_PAGE,
        "о109 е84 и78 а77 т68 н67 с54 р51 в45 л41 к33 м31 п29 д29 у22 ы21 я20 г18 з16 ь16 б15 ч14 й13 х10 ж9 ю7 "
        "ш6 ц5 э4 ф4 щ4 ё2 ъ1",
    ),
    "sr": (
        CYRILLIC_PAGE,
        "а118 и96 е95 о92 н60 р51 т49 с48 у47 к38 д35 в35 м33 ј33 л30 п30 з18 г16 б14 ч10 ц8 ш8 њ7 х6 ж5 љ5 ћ5 ф4 "
        "ђ2 џ1",
    ),
}
LETTER_SHARE = {CYRILLIC_PAGE: 0.8, CENTRAL_PAGE: 0.04, BALTIC_PAGE: 0.06}
"""How many of a text's letters lie outside ASCII."""

_UNEXPECTED, _IMPOSSIBLE = log(1e-4), log(1e-8)
_UTF16_NUL_SHARE = 0.05
TELLING_WORDS = 1_000
# Without its bound, a run of letters would be looked through again from each of them.
_TELLING_WORD = re.compile(rb"[A-Za-z]{0,30}[\x80-\xff][A-Za-z\x80-\xff]*")
UNDECODABLE = "\udcff"
"""Stands in decoded text for bytes that mean nothing in the encoding (see `register_error` below)."""


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNDECODABLE, error.end


MARK = "tiesa-mark"
codecs.register_error(MARK, _mark_undecodable)


@dataclass(frozen=True, slots=True)
class _Language:
    encoding: str
    costs: tuple[float, ...]  # log-probability of each byte 0x80..0xFF; 0 where the byte tells nothing


@cache
def _languages() -> tuple[_Language, ...]:
    return tuple(_language(page, table) for page, table in LETTERS.values())


def _language(page: str, table: str) -> _Language:
    shares = {entry[0]: log(int(entry[1:]) / 1000) for entry in table.split()}
    return _Language(page, tuple(_cost(byte, page, shares) for byte in range(0x80, 0x100)))


def _cost(byte: int, page: str, shares: dict[str, float]) -> float:
    """Signs that all three pages share tell nothing; a sign that only this one has is unlikely in a text."""
    meanings = {page: bytes([byte]).decode(page, "replace") for page in LETTER_SHARE}
    letter = meanings[page]
    if letter == "\ufffd" or "\x80" <= letter < "\xa0":
        return _IMPOSSIBLE
    if letter.isalpha():
        return shares.get(letter.lower(), _UNEXPECTED)
    return 0.0 if len(set(meanings.values())) == 1 else _UNEXPECTED


def find_encoding(sample: bytes) -> str:
    """The encoding of a text, by a sample from its start: a Python codec name.

    utf-8, utf-8-sig (with mark), utf-16 (with mark), utf-16-le, utf-16-be, cp1250, cp1251 or cp1257. ASCII is
    utf-8. A text that is UTF-8 but for a few bytes is utf-8.

    >>> find_encoding("išsiųsta sąskaita".encode("cp1257"))
    'cp1257'
    """
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in sample and (utf16 := _utf16_by_nuls(sample)):
        return utf16
    if sample.isascii() or _mostly_utf8(sample):
        return "utf-8"
    return _code_page(sample)


def _utf16_by_nuls(sample: bytes) -> str:
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    needed = _UTF16_NUL_SHARE * len(sample) / 2
    if odd >= needed and even * 10 <= odd:
        return "utf-16-le"
    if even >= needed and odd * 10 <= even:
        return "utf-16-be"
    return ""


def _mostly_utf8(sample: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")(MARK)
    text = decoder.decode(sample)
    wrong = text.count(UNDECODABLE)
    right = sum(not letter.isascii() for letter in text) - wrong
    return right > wrong or (wrong == 0 and right == 0)


def _code_page(sample: bytes) -> str:
    words = b" ".join(match[0] for match in islice(_TELLING_WORD.finditer(sample), TELLING_WORDS))
    counts = [words.count(byte) for byte in range(0x80, 0x100)]
    best = max(_languages(), key=lambda language: _likelihood(language, counts, words))
    return best.encoding


def _likelihood(language: _Language, counts: list[int], sample: bytes) -> float:
    letters = sum(n * cost for n, cost in zip(counts, language.costs, strict=True))
    return letters + _neighbours(language, sample)


def _neighbours(language: _Language, sample: bytes) -> float:
    """Latin words mix ASCII with other letters; Cyrillic words never do."""
    is_other = [cost != 0 for cost in language.costs]
    beside_ascii = beside_other = 0
    for left, right in pairwise(sample):
        if left < 0x80 and right < 0x80:
            continue
        left_other = left >= 0x80 and is_other[left - 0x80]
        right_other = right >= 0x80 and is_other[right - 0x80]
        if left_other and right_other:
            beside_other += 1
        elif (left_other and _is_ascii_letter(right)) or (right_other and _is_ascii_letter(left)):
            beside_ascii += 1
    share = LETTER_SHARE[language.encoding]
    if language.encoding == CYRILLIC_PAGE:
        return beside_ascii * _UNEXPECTED + beside_other * log(share)
    return beside_ascii * log(1 - share) + beside_other * log(share)


def _is_ascii_letter(byte: int) -> bool:
    return 65 <= byte <= 90 or 97 <= byte <= 122

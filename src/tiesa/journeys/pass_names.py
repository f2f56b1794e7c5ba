"""Compiled loops over columns: texts as 64 well-mixed bits, meanings of codes, and whether the rows are in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from tiesa.journeys.arrow_views import NONE, Numbers

F = TypeVar("F", bound=Callable[..., Any])

EMPTY, EIGHT = np.uint64(0), np.uint64(8)
ODD = np.uint64(0x9E3779B97F4A7C15)


OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
"""No memory of Numba's own: else it counts references to every array, which costs many times the work itself."""


def compiled(function: F) -> F:
    return cast(F, numba.njit(cache=True, **OPTIONS)(function))


def inlined(function: F) -> F:
    return cast(F, numba.njit(forceinline=True, **OPTIONS)(function))


@inlined
def mixed(bits: Any) -> Any:
    """Every bit of the result depends on every bit given (the finaliser of MurmurHash3)."""
    bits = (bits ^ (bits >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    bits = (bits ^ (bits >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return bits ^ (bits >> np.uint64(33))


@inlined
def word_at(text: Numbers, start: Any, length: Any) -> Any:
    """Up to eight bytes of the text as one number. Unsigned places let the compiler load them at once."""
    word = np.uint64(0)
    for byte in range(length):
        word |= np.uint64(text[start + np.uint64(byte)]) << np.uint64(8 * byte)
    return word


@compiled
def name_texts(offsets: Numbers, text: Numbers, valid: Numbers, source: Numbers, kind: Any, names: Numbers) -> None:
    """Write a name for each (kind, source, text); 0 where there is no text."""
    for row in range(len(names)):
        if not valid[row]:
            names[row] = EMPTY
            continue
        start, end = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        bits = mixed((kind + np.uint64(source[row] + 1)) * ODD + (end - start))
        while start + EIGHT <= end:
            bits = mixed(bits * ODD + word_at(text, start, 8))
            start += EIGHT
        bits = mixed(bits * ODD + word_at(text, start, end - start))
        names[row] = max(bits, np.uint64(1))


@compiled
def look_up(meanings: Numbers, codes: Numbers, found: Numbers) -> None:
    """Write the meaning of each code; that of NONE stands at the end."""
    for row in range(len(codes)):
        found[row] = meanings[codes[row]]


@inlined
def text_precedes(offsets: Numbers, text: Numbers, one: int, other: int) -> bool:
    """Whether the text of one row sorts before that of the other, byte by byte."""
    a, b = offsets[one], offsets[other]
    while a < offsets[one + 1] and b < offsets[other + 1]:
        if text[a] != text[b]:
            return text[a] < text[b]  # type: ignore[no-any-return]
        a, b = a + 1, b + 1
    return a == offsets[one + 1] and b < offsets[other + 1]  # type: ignore[no-any-return]


@compiled
def first_unsorted(
    customer: Numbers, at: Numbers, source: Numbers, position: Numbers, offsets: Numbers, text: Numbers
) -> int:
    """The first row that stands behind a row it should precede; NONE where all is in order."""
    for row in range(1, len(at)):
        before = row - 1
        if customer[row] != customer[before]:
            wrong = customer[row] < customer[before]
        elif at[row] != at[before]:
            wrong = at[row] < at[before]
        elif source[row] != source[before]:
            wrong = source[row] < source[before]
        elif position[row] != position[before]:
            wrong = position[row] < position[before]
        else:
            wrong = text_precedes(offsets, text, row, before)
        if wrong:
            return row
    return NONE


@compiled
def most_contacts(customer: Numbers) -> int:
    """How many contacts the largest customer has."""
    most = start = 0
    for row in range(len(customer)):
        if customer[row] != customer[start]:
            start = row
        most = max(most, row - start + 1)
    return most

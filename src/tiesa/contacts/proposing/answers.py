"""What a score measures and on which scale, by its name and values."""

from __future__ import annotations

from tiesa.contacts.proposing.names import words_of
from tiesa.contacts.proposing.values import ColumnFacts


def answer_kind(facts: ColumnFacts) -> str:
    words = set(words_of(facts.name))
    if {"nps", "recommendation", "recommend"} & words:
        return "recommendation"
    return "effort" if {"ces", "effort"} & words else "overall"


def scale_of(facts: ColumnFacts) -> str:
    """The usual scale that holds the values seen."""
    low, high = min(facts.numbers), max(facts.numbers)
    if answer_kind(facts) == "recommendation" or high > 7:
        return "0-10" if low == 0 or answer_kind(facts) == "recommendation" else "1-10"
    if high > 5:
        return "1-7" if low >= 1 else "0-10"
    return "0-1" if high <= 1 else "1-5" if low >= 1 else "0-5"

"""What the values of a column say about it, from a sample of its rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from tiesa.contacts.proposing.names import enum_words, likeness, words_of
from tiesa.contacts.readers.arrays import values_of
from tiesa.contacts.readers.source import ROW, Source
from tiesa.contacts.readers.values import NumberFormat, TimeFormat, find_number_format, find_time_format

SAMPLE_ROWS, LEAST_ROWS = 5_000, 200
SAMPLE_CELLS = 500_000
SAMPLE_BYTES = 2**26
FEW = 60
"""A column with at most this many different values holds words that repeat."""
_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.\w+")
_PHONE = re.compile(r"(\+|00)?[\d ()/.\-]{6,20}")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?")
_LENGTH = re.compile(r"\d+:\d{2}(:\d{2})?")


@dataclass(frozen=True)
class ColumnFacts:
    """A column's name and its sampled values as texts; None where missing."""

    name: str
    texts: tuple[str | None, ...]
    typed: str = ""
    """The type the source itself gives: "time", "number" or ""."""

    @cached_property
    def filled(self) -> tuple[str, ...]:
        return tuple(t for t in self.texts if t is not None and t.strip())

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(text.strip() for text in self.filled)

    @property
    def is_empty(self) -> bool:
        return not self.filled

    @property
    def is_full(self) -> bool:
        return len(self.filled) == len(self.texts) > 0

    @property
    def is_unique(self) -> bool:
        return self.is_full and len(self.counts) == len(self.texts)

    @cached_property
    def has_few_words(self) -> bool:
        """The same words again and again: at most FEW, each seen twice and more on average."""
        return 0 < len(self.counts) <= FEW and (2 * len(self.counts) <= len(self.filled) or len(self.filled) <= 20)

    @cached_property
    def mean_length(self) -> float:
        return sum(map(len, self.filled)) / len(self.filled) if self.filled else 0.0

    @cached_property
    def is_free_text(self) -> bool:
        """Sentences that hardly repeat."""
        spaces = sum(text.count(" ") for text in self.filled)
        varied = len(self.counts) > 0.5 * len(self.filled)
        return varied and spaces >= 3 * len(self.filled) and not self.time and self.mean_length > 20

    @cached_property
    def time(self) -> TimeFormat | None:
        if self.typed == "time":
            return TimeFormat((), None, "none")
        found = find_time_format(self.texts)
        if found and found.epoch and not self._named_like_time:
            return None
        return found

    @property
    def _named_like_time(self) -> bool:
        return bool({"time", "timestamp", "at", "date", "created", "updated", "ts"} & set(words_of(self.name)))

    @cached_property
    def is_clock(self) -> bool:
        """A time of day without its date."""
        return self._all(_CLOCK)

    @cached_property
    def is_length(self) -> bool:
        """A length as minutes and seconds, which is no number."""
        return self._all(_LENGTH)

    @cached_property
    def number(self) -> NumberFormat | None:
        return NumberFormat(".", "") if self.typed == "number" else find_number_format(self.texts)

    @cached_property
    def numbers(self) -> tuple[float, ...]:
        """The values as numbers; empty where one of them is none."""
        form = self.number
        if form is None:
            return ()
        try:
            return tuple(_number(text, form) for text in self.filled)
        except ValueError:
            return ()

    def lies_within(self, low: float, high: float) -> bool:
        return bool(self.numbers) and low <= min(self.numbers) and max(self.numbers) <= high

    @cached_property
    def is_mail(self) -> bool:
        return self._all(_MAIL)

    @cached_property
    def is_phone(self) -> bool:
        if not self._all(_PHONE) or self.time:
            return False
        digits = [sum(c.isdigit() for c in text) for text in self.filled]
        marked = sum(text.strip().startswith(("+", "00")) for text in self.filled)
        return min(digits) >= 7 and marked > len(self.filled) / 2

    def _all(self, pattern: re.Pattern[str], share: float = 0.9) -> bool:
        return bool(self.filled) and sum(bool(pattern.fullmatch(t.strip())) for t in self.filled) >= share * len(
            self.filled
        )

    def said(self, kind: str) -> tuple[Dict[str, str], float]:
        """Its words that mean one of ours ("Dolazni" -> inbound), and the share of rows that have one of them."""
        if not self.has_few_words:
            return {}, 0.0
        found = {text: choice for text in self.counts if "\0" not in text and (choice := meaning(text, kind))}
        return found, sum(self.counts[text] for text in found) / len(self.filled)


def meaning(text: str, kind: str) -> str:
    """Our word for a value, or "" where none fits.

    >>> meaning("Входящий", "direction"), meaning("Odlazni poziv", "direction"), meaning("Ana", "direction")
    ('inbound', 'outbound', '')
    """
    scores = {choice: likeness(text, said) for choice, said in enum_words(kind).items()}
    best = max(scores, key=lambda choice: scores[choice])
    return best if scores[best] > 0.3 else ""


def _number(text: str, form: NumberFormat) -> float:
    plain = text.strip().replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")
    if form.thousands:
        plain = plain.replace(form.thousands, "")
    return float(plain.replace(form.decimal, "."))


def sample(source: Source) -> tuple[ColumnFacts, ...]:
    """Every column of a source with the values of its first rows: fewer of a wide one or of long texts. Empty when the
    source has no rows."""
    wanted = min(SAMPLE_ROWS, max(LEAST_ROWS, SAMPLE_CELLS // max(1, len(source.columns))))
    batches, rows, size = [], 0, 0
    for batch in source.batches():
        batches.append(batch.slice(0, wanted - rows))
        rows += len(batches[-1])
        size += batches[-1].nbytes
        if rows >= wanted or size >= SAMPLE_BYTES:
            break
    if not rows:
        return ()
    table = pa.Table.from_batches(batches)
    return tuple(_facts(name, table[name]) for name in table.column_names if name != ROW)


def _facts(name: str, values: pa.ChunkedArray) -> ColumnFacts:
    kind = values.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        typed = "time"
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        typed = "number"
    else:
        typed = ""
    texts = tuple(None if value is None else str(value) for value in values_of(values))
    return ColumnFacts(name, texts, typed)

"""What contacts carry besides the usual columns: words that enough customers have, and numbers, every one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tiesa.journeys.arrow_views import NONE
from tiesa.journeys.view import View
from tiesa.moments.people import Flags

Rows = NDArray[np.int32]
NUMBER = r"-?\d{1,9}(\.\d{1,6})?"
MOST_WORDS = 6
"""An attribute with more different numbers is measured; with as many or fewer they are words."""
NAMES, FEWEST_NAMES = 0.9, 100
"""Whole numbers of which so many are all different are names (of an invoice, say) and measure nothing."""


@dataclass(frozen=True)
class Numbers:
    """An attribute that is a number: the rows that have it, ascending, and its values."""

    rows: Rows
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Attributes:
    """words: rows, ascending, on which an attribute has a word. numbers: by name, those that are numbers."""

    words: dict[tuple[str, str], Rows]
    numbers: dict[str, Numbers]

    def measured(self) -> dict[str, NDArray[np.float64]]:
        """The values of those that have many."""
        return {name: n.values for name, n in self.numbers.items() if len(np.unique(n.values)) > MOST_WORDS}

    def where(self, chosen: Flags, moved: Rows) -> Attributes:
        """Of some of the rows. moved: the new position of each."""
        words = {name: moved[rows[chosen[rows]]] for name, rows in self.words.items()}
        numbers = {}
        for name, one in self.numbers.items():
            kept = chosen[one.rows]
            numbers[name] = Numbers(moved[one.rows[kept]], one.values[kept])
        return Attributes(words, numbers)


def attributes_of(view: View, place: Rows, least: int) -> Attributes:
    """The attributes of the contacts at these rows of the view.

    least: a word that fewer customers have is not kept.
    """
    if not view.one("select count(*) from (select 1 from rows where cardinality(attributes) > 0 limit 1)")[0]:
        return Attributes({}, {})
    ordered = (
        "(select customer_key, attributes, row_number() over (order by customer_key, journey_no, journey_position) - 1 "
        "as place from rows)"
    )
    said = (
        "(select customer_key, place, e.key as name, e.value as word from (select customer_key, place, "
        f"unnest(map_entries(attributes)) as e from {ordered} where cardinality(attributes) > 0))"
    )
    # Rows of the view -> rows of the timeline, which leaves out who is not at risk.
    moved = np.full(int(place[-1]) + 1 if len(place) else 0, NONE, np.int32)
    moved[place] = np.arange(len(place), dtype=np.int32)
    words = {(name, word): _moved(moved, rows)[0] for name, word, rows in _words(view, said, least)}
    numbers = {}
    for name, rows, values in _numbers(view, said):
        there, kept = _moved(moved, rows)
        numbers[name] = Numbers(there, values[kept])
    return Attributes(words, numbers)


def _moved(moved: Rows, rows: NDArray[np.int64]) -> tuple[Rows, Flags]:
    kept = rows < len(moved)
    kept[kept] = moved[rows[kept]] != NONE
    return moved[rows[kept]], kept


def _words(view: View, said: str, least: int) -> Iterator[tuple[str, str, NDArray[np.int64]]]:
    found = view.table(
        f"with said as {said}, "
        "often as (select name, word, row_number() over (order by name, word) - 1 as pair from said "
        f"group by name, word having count(distinct customer_key) >= {least}) "
        "select pair, place, name, word from said join often using (name, word) order by pair, place"
    )
    rows = found["place"].to_numpy()
    for start, end in _stretches(found["pair"].to_numpy()):
        yield found["name"][start].as_py(), found["word"][start].as_py(), rows[start:end]


def _numbers(view: View, said: str) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.float64]]]:
    found = view.table(
        f"with said as (select place, name, word from {said} where regexp_full_match(word, '{NUMBER}')), "
        "measured as (select name, row_number() over (order by name) - 1 as number from said group by name "
        f"having not (count(*) >= {FEWEST_NAMES} and count(distinct word) > {NAMES} * count(*) "
        "and bool_and(word not like '%.%'))) "
        "select number, place, name, word::double as value from said join measured using (name) order by number, place"
    )
    rows, values = found["place"].to_numpy(), found["value"].to_numpy()
    for start, end in _stretches(found["number"].to_numpy()):
        yield found["name"][start].as_py(), rows[start:end], values[start:end]


def _stretches(codes: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Where equal codes begin and end."""
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    return zip(starts.tolist(), [*starts[1:].tolist(), len(codes)] if len(starts) else [], strict=True)

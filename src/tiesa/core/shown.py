"""A table of figures as people see it: which column has which heading, unit and interval.

Command line, reports, spreadsheets and pages draw the same `ShownTable`, so that a figure looks alike everywhere and
never loses its n or its interval on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _


class Kind(StrEnum):
    """How a value is written: `seconds` as a length of time, `share` in per cent, `points` a difference of shares,
    `score` with sign and decimals."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"
    SCORE = "score"
    SHARE = "share"
    POINTS = "points"
    SECONDS = "seconds"
    MONEY = "money"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Shown:
    """One column: its name in the data, heading and kind; `low`, `high`: the columns that hold its 95 % interval.
    extra: may be left out where room is narrow (a terminal, a phone); files hold it always.
    whole: says nothing when cut, so it runs over several lines where room is narrow."""

    name: str
    heading: str
    kind: Kind = Kind.TEXT
    low: str = ""
    high: str = ""
    extra: bool = False
    whole: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind not in (Kind.TEXT, Kind.INSTANT)


@dataclass(frozen=True)
class ShownTable:
    """Rows and how to show them. name: a plain word for files; note: a sentence beneath; currency: of its money."""

    name: str
    title: str
    data: pa.Table
    columns: tuple[Shown, ...]
    note: str = ""
    currency: str = ""

    def __len__(self) -> int:
        return int(self.data.num_rows)

    def head(self, rows: int) -> ShownTable:
        """The first rows, with a note that says how many there are."""
        if len(self) <= rows:
            return self
        more = _("The first {n} of {total} rows.").format(n=rows, total=formats.number(len(self)))
        return replace(self, data=self.data.slice(0, rows), note=f"{self.note} {more}".strip())

    def narrowed(self, columns: int) -> ShownTable:
        """Without its last `columns` extra columns."""
        extra = [c for c in self.columns if c.extra]
        gone = set(extra[max(len(extra) - columns, 0) :])
        return replace(self, columns=tuple(c for c in self.columns if c not in gone))

    @property
    def is_wordy(self) -> bool:
        """Whether its rows are read rather than compared: where room is narrow each becomes a paragraph."""
        return sum(column.whole for column in self.columns) > 2

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(column.heading for column in self.columns)

    def cells(self) -> Iterator[tuple[str, ...]]:
        """The rows as people read them, one text per shown column; an interval stands in brackets after its figure."""
        needed = {n for c in self.columns for n in (c.name, c.low, c.high) if n}
        values = {n: self.data[n].to_pylist() for n in self.data.column_names if n in needed}
        for row in range(len(self)):
            yield tuple(self._cell(column, values, row) for column in self.columns)

    def _cell(self, column: Shown, values: dict[str, list[Any]], row: int) -> str:
        value = values[column.name][row]
        text = written(value, column.kind, self.currency)
        if not column.low or value is None:
            return text
        low, high = values[column.low][row], values[column.high][row]
        if low is None or high is None:
            return f"{text} ({_('too few')})"
        bounds = [written(bound, column.kind, self.currency) for bound in (low, high)]
        return f"{text} ({formats.between(*bounds)})"


def written(value: Any, kind: Kind, currency: str = "") -> str:
    """One value as people read it; "–" where there is none."""
    if value is None:
        return "–"
    if kind == Kind.COUNT:
        return formats.number(value)
    if kind == Kind.NUMBER:
        return formats.number(value, digits=1)
    if kind == Kind.SCORE:
        return formats.number(value, digits=2, sign=True)
    if kind == Kind.SHARE:
        return formats.share(value)
    if kind == Kind.POINTS:
        return formats.points(value)
    if kind == Kind.SECONDS:
        return formats.length(value)
    if kind == Kind.MONEY:
        return formats.money(value, currency) if currency else formats.number(value, digits=2)
    if kind == Kind.INSTANT:
        return formats.moment(value)
    return str(value)

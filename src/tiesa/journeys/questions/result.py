"""What every answer can do: say itself in a sentence, show its tables and its picture, explain its method."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields, is_dataclass
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from tiesa.core.locale import _
from tiesa.core.shown import ShownTable
from tiesa.pictures.palette import LIGHT, Theme

if TYPE_CHECKING:
    from tiesa.pictures.charts_frame import Picture


BARS = 8
"""Bars of a picture; the table holds every row."""


class Result(ABC):
    """An answer. number: of the question, 1 to 6, or 0. missing(): why it cannot be judged, and what would help."""

    number: ClassVar[int] = 0
    name: ClassVar[str]
    """A plain word for files and links, such as `waits`."""
    drawn: ClassVar[tuple[str, ...]] = ()
    """The table whose shares the picture shows as bars, and the columns that name its rows; empty: see `picture`."""

    @abstractmethod
    def question(self) -> str:
        """The question as a person asks it."""

    @abstractmethod
    def answer(self) -> str:
        """One or two plain sentences with n and interval; where the data cannot say, that and what would."""

    def findings(self) -> tuple[str, ...]:
        """Further sentences, the most important first."""
        return ()

    def missing(self) -> str:
        """What column would let the question be answered (better); empty where nothing is missing."""
        return ""

    @property
    def can_be_judged(self) -> bool:
        """False where the answer says only why there is none."""
        return True

    @property
    def needs_attention(self) -> bool:
        """Is this something a manager should look at first? Decided by the lower bound, never by a point alone."""
        return False

    @abstractmethod
    def tables(self) -> tuple[ShownTable, ...]:
        """The figures, the most important table first."""

    @abstractmethod
    def explain(self) -> str:
        """One plain paragraph: what was counted, how, with which interval, and the limits."""

    def picture(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        """The picture of the answer with its text alternative; None where a table says it better. width: pixels."""
        from tiesa.pictures.charts import bars

        table = next((t for t in self.tables() if self.drawn and t.name == self.drawn[0]), None)
        if table is None or not self.can_be_judged:
            return None
        shown = next(column for column in table.columns if column.low)
        rows = [
            {
                "label": ", ".join(str(row[name]) for name in self.drawn[1:] if row[name] is not None),
                "value": row[shown.name], "low": row[shown.low], "high": row[shown.high], "n": row["n"],
            }
            for row in table.data.to_pylist()[:BARS]
        ]  # fmt: skip
        title = f"{table.title}: {shown.heading}"
        return bars(pa.Table.from_pylist(rows), title=title, sort=False, theme=theme, width=width) if rows else None

    def over_time(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        """A second picture, of the same on the calendar with what was changed; None where there is none."""
        del theme, width
        return None

    def chart(self) -> Any:
        """The same picture as Altair's object, for a notebook; None where there is none."""
        picture = self.picture()
        return picture.chart() if picture else None

    def table(self) -> pa.Table:
        """The first table as Arrow."""
        shown = self.tables()
        return shown[0].data if shown else pa.table({})

    def as_plain(self) -> dict[str, Any]:
        """The whole answer as plain values, for JSON."""
        return {
            "number": self.number,
            "question": self.question(),
            "answer": self.answer(),
            "findings": list(self.findings()),
            "missing": self.missing() or None,
            "figures": plain_of(self),
            "explain": self.explain(),
        }

    def _repr_html_(self) -> str:
        from tiesa.pictures.tables import html_table

        parts = [f"<h3>{escape(self.question())}</h3><p><strong>{escape(self.answer())}</strong></p>"]
        parts += [f"<p>{escape(finding)}</p>" for finding in self.findings()]
        if picture := self.picture():
            parts.append(picture.svg())
        parts += [html_table(table.head(12)) for table in self.tables() if len(table)]
        method = escape(self.explain())
        return "".join(parts) + f"<details><summary>{escape(_('How this was made'))}</summary><p>{method}</p></details>"


def plain_of(value: Any) -> Any:
    """Tables, tuples and answers as plain values."""
    if isinstance(value, pa.Table):
        return value.to_pylist()
    if isinstance(value, tuple | list):
        return [plain_of(v) for v in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain_of(getattr(value, field.name)) for field in fields(value)}
    return value

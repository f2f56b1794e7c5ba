"""Two selections of one home compared, and the picture of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pyarrow as pa

from tiesa.core.home import Home
from tiesa.core.scope import EVERYTHING, Scope
from tiesa.core.shown import Kind
from tiesa.journeys.compare import Comparison, compare, measured, metric_in_words
from tiesa.journeys.selection import Selection
from tiesa.journeys.view import open_view
from tiesa.pictures.palette import Theme
from tiesa.reports.picture_file import Drawable

DRAWN = 12
"""Differences that the picture shows; the table holds all."""
_UNITS = {Kind.SHARE: "share", Kind.SECONDS: "seconds", Kind.NUMBER: "count", Kind.SCORE: "score"}


def compared(
    home: Home,
    first: Selection,
    second: Selection,
    *,
    scope: Scope = EVERYTHING,
    as_of: datetime | None = None,
    version: int | None = None,
) -> Comparison:
    """What differs between two selections of the journeys of a home."""
    sides = []
    for selection in (first, second):
        with open_view(home, selection, scope=scope, as_of=as_of, version=version) as view:
            sides.append(measured(view))
    return compare(*sides)


def comparison_picture(made: Comparison) -> Drawable:
    """The clearest differences as a chart, all of them as a table."""
    from tiesa.pictures.charts import compare as chart

    drawn = replace(made, differences=made.differences[:DRAWN])
    plain = chart(_rows(drawn), first=made.first.title, second=made.second.title)

    def draw(theme: Theme, upright: bool, frame: bool) -> str:
        width = 340 if upright else 1040
        return chart(_rows(drawn), first=made.first.title, second=made.second.title, theme=theme, width=width).svg()

    return Drawable(plain.title, made.answer(), plain.alternative, draw, made.table(), made.tables(), made.explain())


def _rows(made: Comparison) -> pa.Table:
    rows = [
        {
            "metric": metric_in_words(d.first), "unit": _UNITS[d.first.kind],
            "before": d.first.value, "before_low": d.first.low, "before_high": d.first.high, "before_n": d.first.n,
            "after": d.second.value, "after_low": d.second.low, "after_high": d.second.high, "after_n": d.second.n,
            "difference": d.value, "difference_low": d.low, "difference_high": d.high,
        }
        for d in made.differences
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)

"""Several figures over the same time, one above the other, so that what moves together is seen together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _
from tiesa.pictures import charts_marks as marks
from tiesa.pictures.charts_frame import Picture, Spec, empty, framed, in_words, inner_width
from tiesa.pictures.charts_marks import Annotation
from tiesa.pictures.charts_scales import LABEL_SIZE, Unit, calendar_label
from tiesa.pictures.charts_trend import calendar_of, day_of, height_scale, panel, says
from tiesa.pictures.palette import LIGHT, Theme
from tiesa.pictures.svg import clean, wrap

_HEIGHT = 110


@dataclass(frozen=True, slots=True)
class Run:
    """One of several figures over the same time. heading: its name. rows, standard: as `trend` takes them."""

    heading: str
    rows: pa.Table
    standard: float | None = None


def runs(
    given: Sequence[Run],
    *,
    unit: Unit = "share",
    title: str,
    annotations: Sequence[Annotation] = (),
    theme: Theme = LIGHT,
    width: int = 640,
) -> Picture:
    """Several figures on one calendar and one scale, each with its n, band and standard.

    Args: given: with `rows` as `trend` takes them; a run without rows is left out. annotations: rules down through all
        of them, numbered over the first, with their words beneath the last.
    """
    told = [run for run in given if run.rows.num_rows]
    if not told:
        return empty(title=title, table=pa.table({}), theme=theme, width=width)
    figures = [sorted(run.rows.to_pylist(), key=day_of) for run in told]
    days = sorted({day_of(row) for rows in figures for row in rows})
    counts = [_counts(rows, days) for rows in figures]
    calendar = calendar_of(days, counts, width, _HEIGHT)
    inside = marks.within(annotations, calendar.axis)
    y = height_scale([row for rows in figures for row in rows], unit, [run.standard for run in told])
    y = {**y, "axis": {**y["axis"], "tickCount": 3}}
    panels: list[Spec] = []
    facts: list[str] = []
    for i, (run, rows) in enumerate(zip(told, figures, strict=True)):
        is_last = i == len(told) - 1
        labels = [f"n {formats.number(n)}" for n in counts[i]]
        if is_last:
            labels = [
                f"{calendar_label(day, month=calendar.by_month)}\n{label}"
                for day, label in zip(days, labels, strict=True)
            ]
        under = marks.rules(inside, calendar.axis, theme) if i else marks.numbered(inside, calendar.axis, theme)
        under += marks.legend(inside, calendar.axis, theme) if is_last else []
        layers = panel(rows, calendar, unit, run.standard, theme, x=calendar.x(labels), y=y, under=under)
        heading = wrap(clean(run.heading), LABEL_SIZE, inner_width(width) * 0.9, lines=3, bold=True)
        named = {"text": heading, "anchor": "start", "frame": "group", "fontSize": LABEL_SIZE, "lineHeight": 14}
        named |= {"dx": -calendar.axis.left, "offset": 10}
        panels.append({"title": named, "layer": layers, "width": calendar.axis.plot, "height": _HEIGHT})
        ends = [rows[0], rows[-1]] if len(rows) > 1 else rows
        facts.append(f"{clean(run.heading)}: " + ", ".join(says(row, unit, by_month=calendar.by_month) for row in ends))
    named_rows = [run.rows.append_column("run", pa.array([clean(run.heading)] * len(run.rows))) for run in told]
    return framed(
        {"vconcat": panels, "spacing": 18},
        title=title,
        notes=[_("On one scale; n under each period, band 95 %."), *marks.note(inside)],
        alternative=in_words(title, [*facts, *marks.facts(inside)]),
        table=pa.concat_tables(named_rows),
        theme=theme,
        width=width,
    )


def _counts(rows: Sequence[dict[str, Any]], days: Sequence[Any]) -> list[int]:
    known = {day_of(row): row["n"] or 0 for row in rows}
    return [known.get(day, 0) for day in days]

"""A share or a median over weeks or months, with its band, the standard, and what happened on the way."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _
from tiesa.pictures import charts_marks as marks
from tiesa.pictures.charts_frame import (
    Picture,
    Spec,
    axis_column,
    axis_row,
    empty,
    framed,
    in_words,
    inner_width,
    layer,
    number_of,
    texts,
    unbroken,
)
from tiesa.pictures.charts_marks import Annotation
from tiesa.pictures.charts_scales import (
    LABEL_SIZE,
    Unit,
    calendar_label,
    fitting,
    lookup,
    span,
    span_ticks,
    written,
    written_figure,
)
from tiesa.pictures.palette import LIGHT, Theme
from tiesa.pictures.svg import text_width

_HEIGHT = 220
_AXIS = 52
_FOOT = 42  # ticks and the two lines of a label


@dataclass(frozen=True, slots=True)
class Calendar:
    """Periods along an axis: each is drawn in its middle, so that a dated mark stands where its day is among them.

    days: their first days. step: every which of them has room for its label.
    """

    days: tuple[date, ...]
    by_month: bool
    axis: marks.Axis
    step: int

    def middle(self, day: date) -> float:
        return _middle(day, self.days, by_month=self.by_month)

    def x(self, labels: Sequence[str]) -> Spec:
        """The axis, with those labels of the periods that have room."""
        across = {"domain": [self.axis.start, self.axis.end], "nice": False, "zero": False}
        ticks = [self.middle(day) for day in self.days[:: self.step]]
        return number_of("day", scale=across, axis=axis_row(ticks, labels[:: self.step]))


def calendar_of(days: Sequence[date], counts: Sequence[Sequence[int]], width: int, height: float) -> Calendar:
    """The axis of these periods in a picture so wide. counts: of each run, the n that stand under the periods."""
    by_month = len(days) > 1 and all(day.day == 1 for day in days)
    longest = [max(("n " + formats.number(of[i]) for of in counts), key=len) for i in range(len(days))]
    labels = [f"{calendar_label(day, month=by_month)}\n{n}" for day, n in zip(days, longest, strict=True)]
    edge = max(text_width(line, LABEL_SIZE) for line in labels[-1].split("\n")) / 2
    plot = inner_width(width) - _AXIS - edge
    start = days[0].toordinal() - 0.5
    end = days[-1].toordinal() + _length(days[-1], days, by_month=by_month) - 0.5
    at = [plot * (_middle(day, days, by_month=by_month) - start) / (end - start) for day in days]
    step = next(k for k in range(1, len(days) + 1) if len(fitting(labels[::k], at[::k])) == len(labels[::k]))
    axis = marks.Axis(start, end, plot, height, _FOOT, _AXIS, width, lambda day: day.toordinal())
    return Calendar(tuple(days), by_month, axis, step)


def _length(day: date, days: Sequence[date], *, by_month: bool) -> int:
    """Days of the period that begins on that day."""
    if by_month:
        return monthrange(day.year, day.month)[1]
    return min((after - before).days for before, after in pairwise(days)) if len(days) > 1 else 1


def _middle(day: date, days: Sequence[date], *, by_month: bool) -> float:
    return day.toordinal() + (_length(day, days, by_month=by_month) - 1) / 2


def trend(
    rows: pa.Table,
    *,
    unit: Unit = "share",
    title: str,
    standard: float | None = None,
    annotations: Sequence[Annotation] = (),
    theme: Theme = LIGHT,
    width: int = 640,
) -> Picture:
    """A value per period with its 95 % band; gaps where a period cannot be judged, n under the axis.

    Args: rows: one row per period: `period` (date or timestamp, its first day), `value` (null: cannot be judged),
        `low`, `high` (null: too few), `n`. standard: a value drawn as a line across. annotations: rules down with their
        words, numbered where these do not fit; those outside the periods are left out.
    """
    figures = sorted(rows.to_pylist(), key=lambda row: day_of(row))
    if not figures:
        return empty(title=title, table=rows, theme=theme, width=width)
    days = [day_of(row) for row in figures]
    calendar = calendar_of(days, [[row["n"] or 0 for row in figures]], width, _HEIGHT)
    labels = [f"{calendar_label(d, month=calendar.by_month)}\nn {formats.number(r['n'])}"
              for d, r in zip(days, figures, strict=True)]  # fmt: skip
    inside = marks.within(annotations, calendar.axis)
    y = height_scale(figures, unit, [standard])
    under = marks.drawn(inside, calendar.axis, theme)
    layers = panel(figures, calendar, unit, standard, theme, x=calendar.x(labels), y=y, under=under)
    by_month = calendar.by_month
    facts = [
        says(row, unit, by_month=by_month) for row in (figures if len(figures) <= 12 else [figures[0], figures[-1]])
    ]
    if standard is not None:
        facts.append(_("standard {value}").format(value=written(standard, unit)))
    facts += marks.facts(inside)
    missing = sum(row["value"] is None for row in figures)
    notes = [_("n {n} in all; band 95 %.").format(n=formats.number(sum(row["n"] or 0 for row in figures)))]
    if missing:
        notes.append(_("? marks periods that cannot be judged ({n}).").format(n=formats.number(missing)))
        facts.append(_("{n} periods cannot be judged").format(n=formats.number(missing)))
    view: Spec = {"layer": layers, "width": calendar.axis.plot, "height": _HEIGHT}
    return framed(
        view, title=title, notes=[*notes, *marks.note(inside)], alternative=in_words(title, facts), table=rows,
        theme=theme, width=width,
    )  # fmt: skip


def panel(
    figures: Sequence[dict[str, Any]], calendar: Calendar, unit: Unit, standard: float | None, theme: Theme, *, x: Spec,
    y: Spec, under: Sequence[Spec] = (),
) -> list[Spec]:  # fmt: skip
    """One run: gaps, what lies under the figures (dated marks), band, line, points, and the standard across."""
    height, plot = calendar.axis.height, calendar.axis.plot
    drawn = [
        {"day": calendar.middle(day_of(row)), "value": row["value"], "low": row["low"], "high": row["high"],
         "n": row["n"], "says": says(row, unit, by_month=calendar.by_month)}
        for row in figures
    ]  # fmt: skip
    known = [row for row in drawn if row["value"] is not None]
    layers = [*_gaps(drawn, theme, x=x, height=height), *under]
    layers += _bands(drawn, theme, x=x, y=y)
    layers.append(layer(drawn, {"type": "line", "color": theme.accent, "strokeWidth": 2}, x=x, y=y))
    point = {"type": "point", "filled": True, "fill": theme.card, "stroke": theme.accent, "strokeWidth": 1.6,
             "opacity": 1, "size": 34 if len(drawn) <= 30 else 14}  # fmt: skip
    layers.append(layer(known, point, x=x, y=y))
    if standard is not None:
        rule = [{"value": standard, "text": _("standard {value}").format(value=written(standard, unit))}]
        layers.append(layer(rule, {"type": "rule", "color": theme.ink, "strokeDash": [6, 4], "strokeWidth": 1.4}, y=y))
        layers += _standard_label(rule, known, standard, plot, theme, y=y)
    return layers


def day_of(row: Mapping[str, Any]) -> date:
    """The first day of a row's period."""
    period: date | datetime = row["period"]
    return period.date() if isinstance(period, datetime) else period


def says(row: dict[str, Any], unit: Unit, *, by_month: bool) -> str:
    """A period with its figure, interval and n."""
    day = day_of(row)
    when = calendar_label(day, month=True) if by_month else formats.day(day)
    return f"{when} {written_figure(row['value'], row['low'], row['high'], row['n'], unit)}"


def height_scale(figures: Sequence[dict[str, Any]], unit: Unit, standards: Sequence[float | None]) -> Spec:
    """The value axis: from zero for counts and lengths of time; shares and scores may start above."""
    values = [row[name] for row in figures for name in ("value", "low", "high") if row[name] is not None]
    values += [standard for standard in standards if standard is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    column = axis_column(_AXIS - 6)
    if unit == "seconds":
        ticks = span_ticks(high * 1.05, 5)
        axis = {"values": ticks, "labelExpr": lookup(ticks, [span(t) for t in ticks]), **column}
        return number_of("value", scale={"domain": [0, high * 1.08 or 1.0], "nice": False}, axis=axis)
    room = (high - low) * 0.12 or 0.05
    ends = [low - room, high + room]
    if unit == "share":
        ends = [max(0.0, ends[0]), min(1.0, ends[1])]
    elif unit == "count":
        ends[0] = 0.0
    # As many decimals as steps of a quarter of the height need.
    form = {"share": ".1%" if ends[1] - ends[0] < 0.05 else ".0%", "score": "+.2f", "count": ",.0f"}[unit]
    return number_of(
        "value", scale={"domain": ends, "nice": False, "zero": False}, axis={"format": form, "tickCount": 5, **column}
    )


def _gaps(drawn: list[dict[str, Any]], theme: Theme, *, x: Spec, height: float) -> list[Spec]:
    """A stripe for every period that cannot be judged, and a question mark at the foot of each run of them."""
    unknown = [row["value"] is None for row in drawn]
    firsts = [row for i, row in enumerate(drawn) if unknown[i] and not (i and unknown[i - 1])]
    signs = [{"day": row["day"], "text": "?"} for row in firsts]
    gaps = [{"day": row["day"], "says": row["says"]} for row in drawn if row["value"] is None]
    if not gaps:
        return []
    rule = {"type": "rule", "color": theme.band, "strokeWidth": 8, "strokeCap": "butt"}
    return [layer(gaps, rule, x=x), *texts(signs, theme, mark={"fontWeight": "bold"}, x=x, y={"value": height - 10})]


def _bands(drawn: list[dict[str, Any]], theme: Theme, *, x: Spec, y: Spec) -> list[Spec]:
    """The band, broken where there is a gap; a period alone between gaps has a whisker."""
    runs = unbroken([{name: row[name] for name in ("day", "value", "low", "high")} for row in drawn])
    ends = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    made = [
        layer(run, {"type": "area", "color": theme.accent, "opacity": 0.18}, **ends) for run in runs if len(run) > 1
    ]
    alone = [run[0] for run in runs if len(run) == 1]
    return made + ([layer(alone, {"type": "rule", "color": theme.accent, "strokeWidth": 2}, **ends)] if alone else [])


def _standard_label(
    rule: list[dict[str, Any]], known: list[dict[str, Any]], standard: float, plot: float, theme: Theme, *, y: Spec
) -> list[Spec]:
    """The words of the standard at the end, and on the side of its line, where the values leave it most room."""
    fifth = -(-len(known) // 5)
    ends = [[row["value"] - standard for row in part] for part in (known[:fifth], known[len(known) - fifth :])]
    left, right = (min(map(abs, end), default=0.0) for end in ends)
    over = sum(ends[0] if left > right else ends[1]) > 0
    mark = {"align": "left" if left > right else "right", "dy": 12 if over else -8, "fontWeight": "bold"}
    at = 4.0 if left > right else round(plot - 2, 1)
    return texts(rule, theme, halo=True, mark=mark, x={"value": at}, y=y)

"""A share or a median over weeks or months, with its band, the standard, and what happened on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _
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
from tiesa.pictures.svg import clean, shorten, text_width

_HEIGHT = 220
_AXIS = 52
_LANE = 16


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something that happened: a change went live, a price rose."""

    day: date
    text: str


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
        words; those outside the periods are left out.
    """
    figures = sorted(rows.to_pylist(), key=lambda row: _day(row["period"]))
    if not figures:
        return empty(title=title, table=rows, theme=theme, width=width)
    days = [_day(row["period"]) for row in figures]
    by_month = len(days) > 1 and all(day.day == 1 for day in days)
    labels = [
        f"{calendar_label(d, month=by_month)}\nn {formats.number(r['n'])}" for d, r in zip(days, figures, strict=True)
    ]
    edge = max(text_width(line, LABEL_SIZE) for line in labels[-1].split("\n")) / 2
    plot = inner_width(width) - _AXIS - edge
    start, end = days[0].toordinal() - 0.5, days[-1].toordinal() + 0.5
    at = [plot * (day.toordinal() - start) / (end - start) for day in days]
    step = next(k for k in range(1, len(days) + 1) if len(fitting(labels[::k], at[::k])) == len(labels[::k]))
    ticks = [day.toordinal() for day in days][::step]
    across = {"domain": [start, end], "nice": False, "zero": False}
    x = number_of("day", scale=across, axis=axis_row(ticks, labels[::step]))
    y = _height_scale(figures, unit, standard)
    drawn = [
        {"day": d.toordinal(), "value": row["value"], "low": row["low"], "high": row["high"], "n": row["n"],
         "says": _says(row, unit, by_month=by_month)}
        for d, row in zip(days, figures, strict=True)
    ]  # fmt: skip
    known = [row for row in drawn if row["value"] is not None]
    layers = _gaps(drawn, theme, x=x)
    layers += _bands(drawn, theme, x=x, y=y)
    layers.append(layer(drawn, {"type": "line", "color": theme.accent, "strokeWidth": 2}, x=x, y=y))
    point = {"type": "point", "filled": True, "fill": theme.card, "stroke": theme.accent, "strokeWidth": 1.6,
             "opacity": 1, "size": 34 if len(days) <= 30 else 14}  # fmt: skip
    layers.append(layer(known, point, x=x, y=y))
    if standard is not None:
        rule = [{"value": standard, "text": _("standard {value}").format(value=written(standard, unit))}]
        layers.append(layer(rule, {"type": "rule", "color": theme.ink, "strokeDash": [6, 4], "strokeWidth": 1.4}, y=y))
        layers += _standard_label(rule, known, standard, plot, theme, y=y)
    layers += _events(annotations, start, end, plot, theme, x=x)
    facts = [
        _says(row, unit, by_month=by_month) for row in (figures if len(figures) <= 12 else [figures[0], figures[-1]])
    ]
    if standard is not None:
        facts.append(_("standard {value}").format(value=written(standard, unit)))
    facts += [f"{formats.day(a.day)} {clean(a.text)}" for a in annotations if start <= a.day.toordinal() <= end]
    missing = len(drawn) - len(known)
    notes = [_("n {n} in all; band 95 %.").format(n=formats.number(sum(row["n"] or 0 for row in figures)))]
    if missing:
        notes.append(_("? marks periods that cannot be judged ({n}).").format(n=formats.number(missing)))
        facts.append(_("{n} periods cannot be judged").format(n=formats.number(missing)))
    view: Spec = {"layer": layers, "width": plot, "height": _HEIGHT}
    return framed(
        view, title=title, notes=notes, alternative=in_words(title, facts), table=rows, theme=theme, width=width
    )


def _day(period: date | datetime) -> date:
    return period.date() if isinstance(period, datetime) else period


def _says(row: dict[str, Any], unit: Unit, *, by_month: bool) -> str:
    day = _day(row["period"])
    when = calendar_label(day, month=True) if by_month else formats.day(day)
    return f"{when} {written_figure(row['value'], row['low'], row['high'], row['n'], unit)}"


def _height_scale(figures: list[dict[str, Any]], unit: Unit, standard: float | None) -> Spec:
    """The value axis: from zero for counts and lengths of time; shares and scores may start above."""
    values = [row[name] for row in figures for name in ("value", "low", "high") if row[name] is not None]
    values += [standard] if standard is not None else []
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


def _gaps(drawn: list[dict[str, Any]], theme: Theme, *, x: Spec) -> list[Spec]:
    """A stripe for every period that cannot be judged, and a question mark at the foot of each run of them."""
    unknown = [row["value"] is None for row in drawn]
    firsts = [row for i, row in enumerate(drawn) if unknown[i] and not (i and unknown[i - 1])]
    signs = [{"day": row["day"], "text": "?"} for row in firsts]
    gaps = [{"day": row["day"], "says": row["says"]} for row in drawn if row["value"] is None]
    if not gaps:
        return []
    rule = {"type": "rule", "color": theme.band, "strokeWidth": 8, "strokeCap": "butt"}
    return [layer(gaps, rule, x=x), *texts(signs, theme, mark={"fontWeight": "bold"}, x=x, y={"value": _HEIGHT - 10})]


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


def _events(
    annotations: Sequence[Annotation], start: float, end: float, plot: float, theme: Theme, *, x: Spec
) -> list[Spec]:
    """Rules down the plot with their words above it, in as many lanes as they need."""
    lanes: list[float] = []  # where the leftmost text of each lane begins, in pixels
    rules: list[dict[str, Any]] = []
    inside = sorted((a for a in annotations if start <= a.day.toordinal() <= end), key=lambda a: (a.day, a.text))
    for event in reversed(inside):  # from the right, so that no rule passes through the words of another
        day = event.day.toordinal()
        at = plot * (day - start) / (end - start)
        words = shorten(clean(event.text), LABEL_SIZE, plot)
        left = min(max(0.0, at - 2), plot - text_width(words, LABEL_SIZE))
        right = left + text_width(words, LABEL_SIZE) + 10
        lane = next((i for i, begin in enumerate(lanes) if right <= begin), len(lanes))
        lanes[lane : lane + 1] = [left]
        rules.append({"day": day, "text": words, "left": round(left, 1), "top": -8 - _LANE * lane})
    drop = {"type": "rule", "color": theme.flag, "strokeDash": [3, 3]}
    mark = {"align": "left", "baseline": "middle", "color": theme.flag}
    made = [layer([rule], drop, x=x, y={"value": rule["top"] + 7}, y2={"value": _HEIGHT}) for rule in rules]
    for rule in rules:
        place = {"x": {"value": rule["left"]}, "y": {"value": rule["top"]}}
        made += texts([rule], theme, halo=True, mark=mark, **place)
    return made

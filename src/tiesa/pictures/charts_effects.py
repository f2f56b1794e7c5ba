"""Effects side by side: a point with its 95 % interval each, around the line of no effect."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _
from tiesa.pictures.charts_frame import (
    Picture,
    Spec,
    axis_column,
    empty,
    framed,
    in_words,
    inner_width,
    label_column,
    layer,
    number_of,
    side_labels,
    texts,
)
from tiesa.pictures.charts_scales import LABEL_SIZE, Unit, written_change, written_difference
from tiesa.pictures.palette import LIGHT, Theme
from tiesa.pictures.svg import clean, text_width

_NARROW = 480


def effects(
    rows: pa.Table, *, unit: Unit = "share", title: str, note: str = "", theme: Theme = LIGHT, width: int = 640
) -> Picture:
    """Differences with their intervals, one below the other on one scale, in the order given.

    Args: rows: `label` (str), `value` (null: cannot be judged), `low`, `high` (null: no interval; such a point is
        hollow), `n`. unit: of what differs; differences of shares are written in points. note: how to read it.
    """
    figures = rows.to_pylist()
    if not figures:
        return empty(title=title, table=rows, theme=theme, width=width)
    narrow = width < _NARROW
    room = inner_width(width)
    notes = [f"{_figure(row, unit)}\n{_n(row)}" for row in figures]
    right = max(text_width(line, LABEL_SIZE) for note_ in notes for line in note_.split("\n")) + 14
    labels, left = label_column([str(row["label"]) for row in figures], (0.9 if narrow else 0.34) * room)
    left = 0.0 if narrow else left
    above = 14 * max(label.count("\n") for label in labels) if narrow else 0
    drop = 8 + above / 2 if narrow else 0
    plot = room - left - right - 8
    step = 54 + above if narrow else 40
    drawn = [
        {"line": i, "value": row["value"], "low": row["low"], "high": row["high"], "n": row["n"], "text": notes[i],
         "says": _says(row, unit)}
        for i, row in enumerate(figures)
    ]  # fmt: skip
    y = {
        "field": "line",
        "type": "ordinal",
        "scale": {"type": "band", "paddingInner": 0.0, "paddingOuter": 0.0},
        "axis": None,
    }
    column = {"domain": False, "ticks": False, "labels": False, **axis_column(left + 8)}
    shown = {**y, "axis": None if narrow else column}
    layers = _marks(drawn, shown, theme, drop=drop, rule=26 if narrow else step)
    beside = {"align": "left", "baseline": "middle", "yOffset": drop - 7}
    layers += texts(drawn, theme, mark=beside, x={"value": round(plot + 10, 1)}, y=shown)
    layers += side_labels(labels, theme, y=shown, over=drop - 21) if narrow else side_labels(labels, theme, y=shown)
    read = _("Thin upright line: no effect. Thick lines: 95 % intervals; a hollow point has none.")
    return framed(
        {"layer": layers, "width": plot, "height": {"step": step}},
        title=title,
        notes=[read, *([note] if note else [])],
        alternative=in_words(title, [_says(row, unit) for row in figures]),
        table=rows,
        theme=theme,
        width=width,
    )


def _marks(drawn: list[dict[str, Any]], y: Spec, theme: Theme, *, drop: float, rule: float) -> list[Spec]:
    """The line of no effect (of that height in each row), the intervals, and the points on them."""
    known = [v for row in drawn for v in (row["value"], row["low"], row["high"]) if v is not None]
    low, high = min(0.0, *known, 0.0), max(0.0, *known, 0.0)
    margin = 0.04 * (high - low) or 1.0
    x = number_of("value", scale={"domain": [low - margin, high + margin], "nice": False}, axis=None)
    zero = {"type": "tick", "orient": "vertical", "color": theme.ink2, "thickness": 1, "size": rule, "yOffset": drop}
    line = {"type": "rule", "color": theme.accent, "strokeWidth": 3, "strokeCap": "round", "yOffset": drop}
    point = {"type": "point", "shape": "circle", "filled": True, "size": 90, "opacity": 1, "yOffset": drop}
    bounded = [row for row in drawn if row["value"] is not None and row["low"] is not None]
    bare = [row for row in drawn if row["value"] is not None and row["low"] is None]
    none = [{"line": row["line"], "value": 0.0} for row in drawn]
    layers = [layer(none, zero, x=x, y=y)]
    if bounded:
        layers.append(layer(bounded, line, x={**x, "field": "low"}, x2={"field": "high"}, y=y))
        layers.append(layer(bounded, {**point, "color": theme.accent}, x=x, y=y))
    if bare:
        hollow = {**point, "fill": theme.card, "stroke": theme.ink2, "strokeWidth": 1.8}
        layers.append(layer(bare, hollow, x=x, y=y))
    return layers


def _figure(row: dict[str, Any], unit: Unit) -> str:
    if row["value"] is None:
        return _("cannot be judged")
    if row["low"] is None:
        return written_difference(row["value"], unit)
    return written_change(row["value"], row["low"], row["high"], unit)


def _n(row: dict[str, Any]) -> str:
    return _("n {n}").format(n=formats.number(row["n"] or 0))


def _says(row: dict[str, Any], unit: Unit) -> str:
    return f"{clean(str(row['label']))} {_figure(row, unit)}, {_n(row)}"

"""Horizontal bars of shares, counts or lengths of time, each with its interval and n."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _
from tiesa.pictures.charts_frame import (
    Picture,
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
from tiesa.pictures.charts_scales import LABEL_SIZE, Unit, written, written_figure, written_interval
from tiesa.pictures.palette import LIGHT, Theme
from tiesa.pictures.svg import clean, text_width

_NARROW = 480


def bars(
    rows: pa.Table,
    *,
    unit: Unit = "share",
    title: str,
    sort: bool = True,
    theme: Theme = LIGHT,
    width: int = 640,
) -> Picture:
    """Bars with whiskers of their 95 % intervals; value, interval and n are written beside each.

    Args: rows: `label` (str), `value` (null: cannot be judged, no bar), `low`, `high` (null: too few), `n`.
        sort: the largest on top; else in the order given.
    """
    figures = rows.to_pylist()
    if not figures:
        return empty(title=title, table=rows, theme=theme, width=width)
    if sort:
        figures.sort(key=lambda row: (row["value"] is None, -(row["value"] or 0), str(row["label"])))
    narrow = width < _NARROW
    room = inner_width(width)
    notes = [_figure_lines(row, unit) for row in figures]
    right = max(text_width(line, LABEL_SIZE) for note in notes for line in note.split("\n")) + 14
    labels, left = label_column([str(row["label"]) for row in figures], (0.9 if narrow else 0.34) * room)
    left = 0.0 if narrow else left
    above = 14 * max(label.count("\n") for label in labels) if narrow else 0  # for second lines of labels
    plot = room - left - right - 8
    step = 50 + above if narrow else 36
    drop = 8 + above / 2 if narrow else 0  # under its label, where that stands above the bar
    drawn = [
        {
            "line": i,
            "label": clean(str(row["label"])),
            "value": row["value"],
            "low": row["low"],
            "high": row["high"],
            "n": row["n"],
            "text": notes[i],
            "says": _says(row, unit),
        }
        for i, row in enumerate(figures)
    ]
    known = [v for row in figures for v in (row["value"], row["low"], row["high"]) if v is not None]
    ends = [min(0.0, *known, 0.0), max(0.0, *known, 0.0) or 1.0]
    x = number_of("value", scale={"domain": ends, "nice": False}, axis=None)
    y = {"field": "line", "type": "ordinal", "scale": {"paddingInner": 0.0, "paddingOuter": 0.0}, "axis": None}
    column = {"domain": False, "ticks": False, "labels": False, **axis_column(left + 8)}
    shown = {**y, "axis": None if narrow else column}
    bar = {"type": "bar", "color": theme.accent, "opacity": 0.75, "size": 14, "yOffset": drop}
    whisker = {"type": "rule", "color": theme.ink, "strokeWidth": 1.5, "yOffset": drop}
    cap = {"type": "tick", "color": theme.ink, "thickness": 1.5, "size": 8, "yOffset": drop, "orient": "vertical"}
    bounded = [row for row in drawn if row["low"] is not None and row["value"] is not None]
    layers = [layer([row for row in drawn if row["value"] is not None], bar, x=x, y=shown)]
    if bounded:
        layers.append(layer(bounded, whisker, x={**x, "field": "low"}, x2={"field": "high"}, y=shown))
        layers += [layer(bounded, cap, x={**x, "field": end}, y=shown) for end in ("low", "high")]
    # The second of two lines stands as far below the middle as the first above it.
    beside = {"align": "left", "baseline": "middle", "yOffset": drop - 7}
    layers += texts(drawn, theme, mark=beside, x={"value": round(plot + 10, 1)}, y=shown)
    if narrow:
        layers += side_labels(labels, theme, y=shown, over=drop - 21)
    else:
        layers += side_labels(labels, theme, y=shown)
    return framed(
        {"layer": layers, "width": plot, "height": {"step": step}},
        title=title,
        notes=[_("Whiskers: 95 % intervals.")],
        alternative=in_words(title, [_says(row, unit) for row in figures]),
        table=rows,
        theme=theme,
        width=width,
    )


def _figure_lines(row: dict[str, Any], unit: Unit) -> str:
    """Value and interval in one line, n under it."""
    n = _("n {n}").format(n=formats.number(row["n"]))
    if row["value"] is None:
        return _("cannot be judged") + "\n" + n
    return f"{written(row['value'], unit)} ({written_interval(row['low'], row['high'], unit)})\n{n}"


def _says(row: dict[str, Any], unit: Unit) -> str:
    figure = written_figure(row["value"], row["low"], row["high"], int(row["n"] or 0), unit)
    return f"{clean(str(row['label']))} {figure}"

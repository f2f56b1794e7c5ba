"""What was said and what came: each tenth of the customers by said risk, beside the line on which both agree."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _
from tiesa.pictures.charts_frame import Picture, axis_column, empty, framed, in_words, inner_width, layer, number_of
from tiesa.pictures.charts_scales import written, written_figure
from tiesa.pictures.palette import LIGHT, Theme

_AXIS = 44
_HEIGHT = 300


def calibration(rows: pa.Table, *, customers: int, title: str, theme: Theme = LIGHT, width: int = 640) -> Picture:
    """Points of said and observed shares with 95 % intervals; on the dashed line both are the same.

    Args: rows: `said` (mean risk), `value` (observed share), `low`, `high` (null: too few), `n`
            (customers), one row per group. customers: how many in all; one may be in several groups.
    """
    figures = rows.to_pylist()
    if not figures:
        return empty(title=title, table=rows, theme=theme, width=width)
    end = 1.05 * max(v for row in figures for v in (row["said"], row["value"], row["high"]) if v is not None)
    plot = inner_width(width) - _AXIS
    axis: dict[str, Any] = {"format": ".0%", "tickCount": 5, "titleFontSize": 12}
    scale = {"domain": [0, end], "nice": False}
    x = number_of("said", scale=scale, axis={**axis, "title": _("risk that was said"), "grid": False})
    y = number_of("value", scale=scale, axis={**axis, **axis_column(_AXIS - 6)})
    drawn = [{**row, "says": _says(row)} for row in figures if row["value"] is not None]
    bounded = [row for row in drawn if row["low"] is not None]
    line = [{"said": 0, "value": 0}, {"said": end, "value": end}]
    dashed = {"type": "line", "color": theme.ink2, "strokeDash": [5, 4], "strokeWidth": 1.2}
    whisker = {"type": "rule", "color": theme.accent, "strokeWidth": 1.5}
    point = {"type": "point", "filled": True, "size": 70, "color": theme.accent, "opacity": 1}
    view = {
        "layer": [
            layer(line, dashed, x=x, y=y),
            layer(bounded, whisker, x=x, y={**y, "field": "low"}, y2={"field": "high"}),
            layer(drawn, point, x=x, y=y),
        ],
        "width": plot,
        "height": min(_HEIGHT, plot),
    }
    n = formats.number(customers)
    notes = [
        _("n {n} customers in groups of one size; whiskers 95 %.").format(n=n),
        _("Upwards: share to whom it came; dashed: as many as was said."),
    ]
    said = [_says(row) for row in figures]
    return framed(
        view, title=title, notes=notes, alternative=in_words(title, said), table=rows, theme=theme, width=width
    )


def _says(row: dict[str, Any]) -> str:
    figure = written_figure(row["value"], row["low"], row["high"], row["n"], "share")
    return _("said {said}, came {figure}").format(said=written(row["said"], "share"), figure=figure)

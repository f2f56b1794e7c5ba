"""A heat table: a value for every pair of row and column, written in the cell with its interval and n."""

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
    mixed,
    side_labels,
    texts,
)
from tiesa.pictures.charts_scales import LABEL_SIZE, Unit, written, written_figure, written_interval
from tiesa.pictures.palette import LIGHT, Theme
from tiesa.pictures.svg import clean, text_width, wrap

_CELL = 54
"""Height of a cell: three lines of text."""


def matrix(
    rows: pa.Table,
    *,
    unit: Unit = "share",
    title: str,
    theme: Theme = LIGHT,
    width: int = 640,
) -> Picture:
    """Cells with value, 95 % interval and n; the higher, the stronger the ground; rows and columns in the order given.

    Args: rows: `row`, `column` (str), `value` (null: cannot be judged), `low`, `high` (null: too few), `n`. A pair that
        has no row is left blank. Where the columns do not stand side by side, they go on in a further block beneath.
    """
    figures = rows.to_pylist()
    if not figures:
        return empty(title=title, table=rows, theme=theme, width=width)
    down = list(dict.fromkeys(str(row["row"]) for row in figures))
    across = list(dict.fromkeys(str(row["column"]) for row in figures))
    room = inner_width(width)
    labels, left = label_column(down, 0.3 * room, lines=3)
    widest = max(text_width(_lines(row, unit)[1], LABEL_SIZE - 1) for row in figures) + 10
    fit = max(1, int((room - left - 12) / max(58.0, widest)))
    blocks = -(-len(across) // fit)
    fit = -(-len(across) // blocks)  # blocks of about one size
    cell = min(120.0, (room - left - 12) / fit)
    known = [row["value"] for row in figures if row["value"] is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    ends = (0.0, max(high, 1e-9)) if low >= 0 else (low, high if high > low else low + 1.0)
    made = []
    for start in range(0, len(across), fit):
        columns = across[start : start + fit]
        cells = [row for row in figures if str(row["column"]) in columns]
        made.append(_block(cells, down, columns, labels, left, cell, ends, unit, theme))
    return framed(
        made[0] if len(made) == 1 else {"vconcat": made, "spacing": 16},
        title=title,
        notes=[_("In each cell: value, 95 % interval, n. The stronger the ground, the higher.")],
        alternative=in_words(title, [f"{clean(r['row'])}, {clean(r['column'])}: {_figure(r, unit)}" for r in figures]),
        table=rows,
        theme=theme,
        width=width,
    )


def _block(
    cells: list[dict[str, Any]],
    down: list[str],
    columns: list[str],
    labels: list[str],
    left: float,
    cell: float,
    ends: tuple[float, float],
    unit: Unit,
    theme: Theme,
) -> Spec:
    """One heat table whose columns stand side by side."""
    drawn = []
    for row in cells:
        value, bounds, n = _lines(row, unit)
        part = 0.0 if row["value"] is None else (row["value"] - ends[0]) / (ends[1] - ends[0])
        drawn.append({
            "line": down.index(str(row["row"])), "place": columns.index(str(row["column"])),
            "value": row["value"], "low": row["low"], "high": row["high"], "n": row["n"],
            "fill": theme.card if row["value"] is None else mixed(theme.band, theme.accent_soft, part),
            "text": value, "bounds": f"{bounds}\n{n}",
            "says": f"{clean(str(row['row']))}, {clean(str(row['column']))}: {_figure(row, unit)}",
        })  # fmt: skip
    heads = ["\n".join(wrap(clean(name), LABEL_SIZE, cell - 6, lines=3)) for name in columns]
    order: Spec = {"type": "ordinal", "scale": {"paddingInner": 0.0, "paddingOuter": 0.0}}
    x: Spec = {"field": "place", **order, "sort": list(range(len(columns)))}
    x["axis"] = None
    y: Spec = {"field": "line", **order, "sort": list(range(len(down)))}
    y["axis"] = {"domain": False, "ticks": False, "grid": False, "labels": False, **axis_column(left + 8)}
    x["scale"] = {**order["scale"], "domain": list(range(len(columns)))}
    y["scale"] = {**order["scale"], "domain": list(range(len(down)))}
    ground = {"type": "rect", "stroke": theme.card, "strokeWidth": 2}
    fill = {"field": "fill", "type": "nominal", "scale": None}
    small = [{"line": row["line"], "place": row["place"], "text": row["bounds"]} for row in drawn]
    big = [{"line": row["line"], "place": row["place"], "text": row["text"]} for row in drawn]
    return {
        "layer": [
            layer(drawn, ground, x=x, y=y, fill=fill),
            *texts(big, theme, mark={"fontWeight": "bold", "fontSize": 12, "baseline": "middle", "yOffset": -15},
                   x=x, y=y),
            *texts(small, theme, mark={"color": theme.ink2, "fontSize": LABEL_SIZE - 1, "baseline": "middle",
                                       "yOffset": 1, "lineHeight": 13}, x=x, y=y),
            *_heads(heads, theme, x=x),
            *side_labels(labels, theme, y=y),
        ],
        "width": round(cell * len(columns), 1),
        "height": _CELL * len(down),
    }  # fmt: skip


def _heads(heads: list[str], theme: Theme, *, x: Spec) -> list[Spec]:
    """The names of the columns, their last lines on one height."""
    made: list[Spec] = []
    for breaks in sorted({head.count("\n") for head in heads}):
        named = [{"place": i, "text": head} for i, head in enumerate(heads) if head.count("\n") == breaks]
        mark = {"color": theme.ink2, "baseline": "alphabetic"}
        made += texts(named, theme, mark=mark, x=x, y={"value": -8 - 14 * breaks})
    return made


def _lines(row: dict[str, Any], unit: Unit) -> tuple[str, str, str]:
    n = _("n {n}").format(n=formats.number(row["n"] or 0))
    if row["value"] is None:
        return "?", _("not judged"), n
    return written(row["value"], unit), written_interval(row["low"], row["high"], unit), n


def _figure(row: dict[str, Any], unit: Unit) -> str:
    return written_figure(row["value"], row["low"], row["high"], row["n"], unit)

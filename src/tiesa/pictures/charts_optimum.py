"""How many contacts serve a customer best: the goal and the mood against the number of contacts."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _, ngettext
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
from tiesa.pictures.charts_scales import LABEL_SIZE, fitting, written_figure
from tiesa.pictures.palette import LIGHT, Theme

_HEIGHT = 130
_AXIS = 52
_PANELS = (("goal", "share"), ("emotion", "score"))


def optimum(
    rows: pa.Table,
    *,
    best: tuple[int, int] | None = None,
    title: str | None = None,
    theme: Theme = LIGHT,
    width: int = 640,
) -> Picture:
    """The share that reached the goal, and the emotion, by number of contacts, with bands; the best range is marked.

    Args: rows: one row per number of contacts: `contacts` (int), `goal`, `goal_low`, `goal_high` (share), `emotion`,
        `emotion_low`, `emotion_high` (in [-1, 1]); nulls cannot be judged; `n` (journeys).
        best: first and last number of contacts of the range that is not clearly worse than the best one.
    """
    title = title or _("How many contacts serve best")
    figures = sorted(rows.to_pylist(), key=lambda row: int(row["contacts"]))
    if not figures:
        return empty(title=title, table=rows, theme=theme, width=width)
    plot = inner_width(width) - _AXIS - 20
    counts = [int(row["contacts"]) for row in figures]
    ends = [counts[0] - 0.5, counts[-1] + 0.5]
    labels = [f"{formats.number(c)}\nn {formats.number(row['n'])}" for c, row in zip(counts, figures, strict=True)]
    at = [plot * (c - ends[0]) / (ends[1] - ends[0]) for c in counts]
    shown = fitting(labels, at)
    ticks = [counts[i] for i in shown]
    axis = axis_row(ticks, [labels[i] for i in shown])
    panels = []
    for i, (kind, _unit) in enumerate(_PANELS):
        below = {**axis, "title": _("contacts in the journey")} if i == len(_PANELS) - 1 else None
        x = number_of("contacts", scale={"domain": ends, "nice": False, "zero": False}, axis=below)
        panels.append(_panel(figures, kind, best, plot, theme, x=x))
    found = [_best(best)] if best is not None else []
    facts = [*found, *(_says(row) for row in figures)]
    n = formats.number(sum(row["n"] or 0 for row in figures))
    return framed(
        {"vconcat": panels, "spacing": 22},
        title=title,
        notes=[
            _("n {n} journeys; bands 95 %. An association, not a cause.").format(n=n),
            *(_("Dashed box: {best}.").format(best=fact) for fact in found),
        ],
        alternative=in_words(title, facts),
        table=rows,
        theme=theme,
        width=width,
    )


def _panel(
    figures: list[dict[str, Any]], kind: str, best: tuple[int, int] | None, plot: float, theme: Theme, *, x: Spec
) -> Spec:
    names = {"goal": _("goal reached"), "emotion": _("emotion, −1 to +1")}
    drawn = [
        {"contacts": row["contacts"], "value": row[kind], "low": row[f"{kind}_low"], "high": row[f"{kind}_high"],
         "n": row["n"], "says": _says(row)}
        for row in figures
    ]  # fmt: skip
    known = [row for row in drawn if row["value"] is not None]
    values = [row[name] for row in known for name in ("value", "low", "high") if row[name] is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = (high - low) * 0.15 or 0.05
    domain = [max(0.0, low - room), min(1.0, high + room)] if kind == "goal" else [low - room, high + room]
    form = ".0%" if kind == "goal" else "+.2f"
    axis = {"format": form, "tickCount": 4, **axis_column(_AXIS - 6)}
    y = number_of("value", scale={"domain": domain, "nice": False, "zero": False}, axis=axis)
    ends = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    layers: list[Spec] = []
    if best is not None:
        box = [{"contacts": best[0] - 0.5, "to": best[1] + 0.5}]
        ground = {"type": "rect", "color": theme.glad, "stroke": theme.accent, "strokeDash": [3, 3]}
        layers.append(layer(box, ground, x=x, x2={"field": "to"}, y={"value": 0}, y2={"value": _HEIGHT}))
    for run in unbroken(drawn):
        layers.append(layer(run, {"type": "area", "color": theme.accent, "opacity": 0.16}, **ends))
        layers.append(layer(run, {"type": "rule", "color": theme.accent, "strokeWidth": 1.2}, **ends))
    layers.append(layer(drawn, {"type": "line", "color": theme.accent, "strokeWidth": 2}, x=x, y=y))
    point = {"type": "point", "filled": True, "fill": theme.card, "stroke": theme.accent, "strokeWidth": 1.6,
             "opacity": 1, "size": 40, "shape": "circle" if kind == "goal" else "square"}  # fmt: skip
    layers.append(layer(known, point, x=x, y=y))
    gaps = [{"contacts": row["contacts"], "text": "?"} for row in drawn if row["value"] is None]
    if gaps:
        layers += texts(gaps, theme, mark={"fontWeight": "bold"}, x=x, y={"value": _HEIGHT - 10})
    return {
        "layer": [made for made in layers if made["data"]["values"]],
        "width": plot,
        "height": _HEIGHT,
        "title": {"text": names[kind], "anchor": "start", "frame": "group", "fontSize": LABEL_SIZE, "offset": 6},
    }


def _best(best: tuple[int, int]) -> str:
    if best[0] == best[1]:
        return ngettext("best at {n} contact", "best at {n} contacts", best[0]).format(n=formats.number(best[0]))
    return _("best from {low} to {high} contacts").format(low=formats.number(best[0]), high=formats.number(best[1]))


def _says(row: dict[str, Any]) -> str:
    goal = written_figure(row["goal"], row["goal_low"], row["goal_high"], row["n"], "share")
    mood = written_figure(row["emotion"], row["emotion_low"], row["emotion_high"], row["n"], "score")
    contacts = ngettext("{n} contact", "{n} contacts", row["contacts"]).format(n=formats.number(row["contacts"]))
    return _("{contacts}: goal reached {goal}, emotion {emotion}").format(contacts=contacts, goal=goal, emotion=mood)

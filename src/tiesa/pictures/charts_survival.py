"""What became of journeys over time: the share that reached their goal, gave up, or are still open."""

from __future__ import annotations

from bisect import bisect_right
from itertools import groupby
from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.enums import GoalState
from tiesa.core.locale import _
from tiesa.pictures.charts_frame import (
    DASHES,
    Picture,
    Spec,
    axis_column,
    axis_row,
    empty,
    framed,
    in_words,
    inner_width,
    layer,
    legend,
    legend_text,
    number_of,
    series_colours,
)
from tiesa.pictures.charts_scales import (
    LABEL_SIZE,
    Unit,
    fitting,
    span,
    span_ticks,
    written,
    written_interval,
)
from tiesa.pictures.palette import LIGHT, Theme
from tiesa.pictures.svg import text_width

_HEIGHT = 240
_AXIS = 44
_SHARE: Unit = "share"
_MOST_POINTS = 160  # steps drawn per curve; those between move it by less than a pixel and a half


def state_name(state: str) -> str:
    """What became of a journey, as a legend says it; a state of the caller's own stands for itself."""
    names = {GoalState.REACHED: _("goal reached"), GoalState.ABANDONED: _("given up"), GoalState.OPEN: _("still open")}
    return names[GoalState(state)] if state in set(GoalState) else state


def survival(
    curve: pa.Table, *, title: str | None = None, theme: Theme = LIGHT, width: int = 640, start: str | None = None
) -> Picture:
    """Curves of the share in each state by time since the start, with bands, and the numbers at risk under the axis.

    Args: curve: one row per state and step: `time_s` (seconds since the start), `state` (reached, abandoned, open, or a
        name), `value` (cumulative incidence, or the share still open; in [0, 1]), `low`, `high` (95 % bounds, null: too
        few), `at_risk` (journeys still followed just before that time; the largest is n).
        start: what time is counted from ("since the first contact").
    Returns: step curves; a value holds until the next row of its state.
    """
    title = title or _("What became of the journeys")
    rows = [row for row in curve.to_pylist() if row["value"] is not None]
    if not rows:
        return empty(title=title, table=curve, theme=theme, width=width)
    rows.sort(key=lambda row: (_order(row["state"]), row["state"], row["time_s"]))
    states = {state: list(steps) for state, steps in groupby(rows, key=lambda row: str(row["state"]))}
    end = max(float(row["time_s"]) for row in rows) or 1.0
    n = max(int(row["at_risk"]) for row in rows)
    ticks, labels = _ticks(rows, end, inner_width(width) - _AXIS)
    plot = inner_width(width) - _AXIS - max(text_width(line, LABEL_SIZE) for line in labels[-1].split("\n")) / 2
    names = {state: legend_text(state_name(state), _last(steps), plot) for state, steps in states.items()}
    x = number_of(
        "time_s",
        scale={"domain": [0, end], "nice": False},
        axis=axis_row(ticks, labels, title=[start or _("since the start"), _("second line: journeys still followed")]),
    )
    y = number_of("value", scale={"domain": [0, 1]}, axis={"format": ".0%", "tickCount": 5, **axis_column(_AXIS - 6)})
    colours = dict(zip(states, _colours(list(states), theme), strict=True))
    owner: Spec = {"field": "state", "type": "nominal"}
    domain = list(names.values())
    key = legend(symbolType="stroke")
    series = {
        "color": {**owner, "scale": {"domain": domain, "range": list(colours.values())}, "legend": key},
        "strokeDash": {
            **owner,
            "scale": {"domain": domain, "range": [list(DASHES[i % len(DASHES)]) for i in range(len(states))]},
            "legend": key,
        },
    }
    layers: list[Spec] = []
    for state, steps in states.items():
        drawn = _thinned(steps, end)
        bounds = [{"time_s": s["time_s"], "low": s["low"], "high": s["high"]} for s in drawn if s["low"] is not None]
        area = {"type": "area", "interpolate": "step-after", "opacity": 0.15, "color": colours[state]}
        layers.append(layer(bounds, area, x=x, y={**y, "field": "low"}, y2={"field": "high"}))
        line = [
            {"time_s": s["time_s"], "value": s["value"], "state": names[state], "says": _says(state, s)} for s in drawn
        ]
        mark = {"type": "line", "interpolate": "step-after", "strokeWidth": 2.2}
        layers.append(layer(line, mark, x=x, y=y, **series))
    known_n = _("n {n} journeys at the start; bands 95 %.").format(n=formats.number(n))
    return framed(
        {"layer": layers, "width": plot, "height": _HEIGHT},
        title=title,
        notes=[known_n],
        alternative=in_words(
            title, [_("n {n}").format(n=formats.number(n)), *(_says(s, steps[-1]) for s, steps in states.items())]
        ),
        table=curve,
        theme=theme,
        width=width,
    )


def _order(state: str) -> int:
    return list(GoalState).index(GoalState(state)) if state in set(GoalState) else len(GoalState)


def _colours(states: list[str], theme: Theme) -> list[str]:
    """Each state's own colour; names of the caller's take what is left of the row."""
    own = {GoalState.REACHED: theme.accent, GoalState.ABANDONED: theme.us, GoalState.OPEN: theme.customer}
    left = [c for c in series_colours(theme) if c not in own.values()]
    return [own[GoalState(s)] if s in set(GoalState) else left[i % len(left)] for i, s in enumerate(states)]


def _figure(step: dict[str, Any]) -> str:
    return f"{written(step['value'], _SHARE)} ({written_interval(step['low'], step['high'], _SHARE)})"


def _last(steps: list[dict[str, Any]]) -> str:
    last = steps[-1]
    return _("{figure} after {length}").format(figure=_figure(last), length=formats.length(last["time_s"]))


def _says(state: str, step: dict[str, Any]) -> str:
    return _("{state} after {length}: {figure}, {n} still followed").format(
        state=state_name(state),
        length=formats.length(step["time_s"]),
        figure=_figure(step),
        n=formats.number(step["at_risk"]),
    )


def _ticks(rows: list[dict[str, Any]], end: float, plot: float) -> tuple[list[float], list[str]]:
    """Ticks with their labels: the time, and under it how many are still followed just before it."""
    steps = sorted((float(row["time_s"]), -int(row["at_risk"])) for row in rows)
    times = [time for time, _count in steps]
    ticks = span_ticks(end, 6 if plot > 400 else 4)
    labels = []
    for tick in ticks:
        at = min(bisect_right(times, tick - 1e-9), len(steps) - 1)  # the first step at or after the tick
        labels.append(f"{span(tick)}\n{formats.number(-steps[at][1])}")
    kept = fitting(labels, [plot * tick / end for tick in ticks])
    return [ticks[i] for i in kept], [labels[i] for i in kept]


def _thinned(steps: list[dict[str, Any]], end: float) -> list[dict[str, Any]]:
    """The first and last steps and those that move the curve or its bounds by a pixel or so."""
    kept = [steps[0]]
    for step in steps[1:-1]:
        if step["value"] == kept[-1]["value"]:
            continue
        far = step["time_s"] - kept[-1]["time_s"] >= end / _MOST_POINTS
        if far or abs(step["value"] - kept[-1]["value"]) >= 1 / _MOST_POINTS:
            kept.append(step)
    return [*kept, steps[-1]] if len(steps) > 1 else kept

"""How long waits took, by whose wait they were: the share answered within each length of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core import formats
from tiesa.core.enums import WaitOwner
from tiesa.core.intervals import Share, quantile_ranks, share
from tiesa.core.locale import _
from tiesa.pictures.charts_frame import (
    DASHES,
    Picture,
    Spec,
    axis_row,
    empty,
    framed,
    in_words,
    inner_width,
    layer,
    legend,
    legend_text,
    number_of,
    texts,
)
from tiesa.pictures.charts_scales import LABEL_SIZE, LOG_TICKS, fitting, span, written_figure
from tiesa.pictures.palette import LIGHT, Theme
from tiesa.pictures.svg import text_width

_HEIGHT = 240
_AXIS = 44


@dataclass(frozen=True, slots=True)
class _Waits:
    """The waits of one owner, sorted, in seconds."""

    owner: WaitOwner
    seconds: npt.NDArray[np.float64]

    @property
    def n(self) -> int:
        return len(self.seconds)

    def median(self) -> tuple[float, float | None, float | None]:
        """The discrete median and the bounds of its 95 % interval (None: too few)."""
        ranks = quantile_ranks(self.n, 0.5)
        middle = float(self.seconds[(self.n - 1) // 2])
        if ranks is None:
            return middle, None, None
        return middle, float(self.seconds[ranks[0] - 1]), float(self.seconds[ranks[1] - 1])

    def within(self, limit_s: float) -> Share:
        return share(int(np.searchsorted(self.seconds, limit_s, side="right")), self.n)

    def band(self) -> float:
        """Half the width of the 95 % band around the whole curve (Dvoretzky, Kiefer & Wolfowitz; Massart 1990)."""
        return sqrt(log(2 / 0.05) / (2 * self.n))


def owner_name(owner: str) -> str:
    """Whose wait, as a legend says it."""
    return {
        WaitOwner.US: _("waits for us"),
        WaitOwner.CUSTOMER: _("waits for the customer"),
        WaitOwner.THIRD_PARTY: _("waits for a third party"),
        WaitOwner.NOBODY: _("nothing outstanding"),
    }.get(WaitOwner(owner), _("owner of the wait unknown"))


def wait_distribution(
    waits: pa.Table,
    *,
    standard_s: float | None = None,
    title: str | None = None,
    theme: Theme = LIGHT,
    width: int = 640,
) -> Picture:
    """The share of waits that were over within each length of time, one curve per owner of the wait.

    Args: waits: one row per finished wait: `owner` (WaitOwner), `wait_s` (seconds, >= 0; null is left out).
        standard_s: the standard for waits for us, drawn as a rule with the share that kept it.
    Returns: curves with the 95 % band of the whole curve, medians with their intervals. Waits still going on are not in
    it: a survival chart shows them. The bands take waits as independent; those of one customer are not.
    The curves are thinned to one pixel of height, never further from the exact one.

    >>> picture = wait_distribution(pa.table({"owner": ["us"] * 9, "wait_s": [3600.0 * h for h in range(1, 10)]}))
    >>> picture.alternative
    'How long waits take: waits for us: half within 5.0 h (2.0–8.0 h), n 9.'
    """
    title = title or _("How long waits take")
    groups = _groups(waits)
    if not groups:
        return empty(title=title, table=_table([], standard_s), theme=theme, width=width)
    high = _end(groups, standard_s)
    plot = inner_width(width) - _AXIS - text_width(span(high), LABEL_SIZE) / 2
    low = float(LOG_TICKS[0])
    names = {g.owner: legend_text(owner_name(g.owner), _half(g), plot) for g in groups}
    ticks = [float(t) for t in LOG_TICKS if low <= t <= high]
    at = [plot * log(t / low) / log(high / low) for t in ticks]
    shown = fitting([span(t) for t in ticks], at)
    x_title = _("length of the wait, logarithmic scale")
    x_axis = axis_row([ticks[i] for i in shown], [span(ticks[i]) for i in shown], title=x_title, grid=True)
    x_scale = {"type": "log", "domain": [low, high], "nice": False, "clamp": True}
    y_axis = {"format": ".0%", "tickCount": 5, "title": None, "minExtent": _AXIS - 6, "maxExtent": _AXIS - 6}
    x = number_of("wait_s", scale=x_scale, axis=x_axis)
    y = number_of("within", scale={"domain": [0, 1]}, axis=y_axis)
    layers: list[Spec] = []
    for i, group in enumerate(groups):
        curve, smooth = _thinned(group, low, high)
        ends = group.band()
        colour, says = theme.wait(group.owner), f"{owner_name(group.owner)}: {_half(group)}"
        step = {"interpolate": "linear" if smooth else "step-after"}
        every = max(1, len(curve) // 60)
        edges = [p for j, p in enumerate(curve) if j % every == 0 or j == len(curve) - 1]
        bounds = [{"wait_s": a, "low": max(0.0, f - ends), "high": min(1.0, f + ends)} for a, f in edges]
        band = {"type": "area", "color": colour, "opacity": 0.14, **step}
        layers.append(layer(bounds, band, x=x, y={**y, "field": "low"}, y2={"field": "high"}))
        rows = [{"wait_s": a, "within": f, "owner": names[group.owner], "says": says} for a, f in curve]
        line = {"type": "line", "strokeWidth": 2.4 if i == 0 else 1.8, **step}
        layers.append(layer(rows, line, x=x, y=y, **_series(groups, names, theme)))
    if standard_s is not None:
        layers += _standard(standard_s, plot=plot, low=low, high=high, theme=theme, x=x)
    words = [f"{owner_name(g.owner)}: {_half(g)}" for g in groups]
    kept = [_kept(groups, standard_s)] if standard_s is not None else []
    return framed(
        {"layer": layers, "width": plot, "height": _HEIGHT},
        title=title,
        notes=[_("Share of waits that were over within the time; bands 95 %."), *kept],
        alternative=in_words(title, [*words, *kept]),
        table=_table(groups, standard_s),
        theme=theme,
        width=width,
    )


def _groups(waits: pa.Table) -> list[_Waits]:
    made = []
    for owner in WaitOwner:
        seconds = waits.filter(pc.equal(waits["owner"], owner.value))["wait_s"].drop_null()
        if len(seconds):
            made.append(_Waits(owner, np.sort(seconds.to_numpy().astype(np.float64))))
    return made


def _half(group: _Waits) -> str:
    middle, low, high = group.median()
    return _("half within {figure}").format(figure=written_figure(middle, low, high, group.n, "seconds"))


def _end(groups: list[_Waits], standard_s: float | None) -> float:
    """The right end of the axis in seconds: the first tick that 99 in 100 waits of every owner stay below."""
    longest = max(float(g.seconds[min(g.n - 1, int(0.99 * g.n))]) for g in groups)
    return float(next((t for t in LOG_TICKS[3:] if t >= max(longest, standard_s or 0.0)), LOG_TICKS[-1]))


def _thinned(group: _Waits, low: float, high: float) -> tuple[list[tuple[float, float]], bool]:
    """The curve's points, at most one per pixel of height, and whether they are dense enough to join by lines."""
    values, last = np.unique(group.seconds, return_index=True)
    shares = np.append(last[1:], group.n) / group.n
    points: list[tuple[float, float]] = []
    start = 0.0
    for value, reached in zip(values.tolist(), shares.tolist(), strict=True):
        if value <= low:
            start = reached
        elif value <= high and (not points or reached - points[-1][1] >= 1 / _HEIGHT or reached == 1.0):
            points.append((round(value, 1), round(reached, 4)))
    whole = [(low, round(start, 4)), *points]
    end = round(float(np.searchsorted(group.seconds, high, side="right")) / group.n, 4)
    if whole[-1][0] < high:
        whole.append((high, end))
    return whole, len(values) > _HEIGHT


def _series(groups: list[_Waits], names: Mapping[WaitOwner, str], theme: Theme) -> Spec:
    domain = [names[g.owner] for g in groups]
    colours, dashes = [theme.wait(g.owner) for g in groups], [list(DASHES[i]) for i in range(len(groups))]
    owner = {"field": "owner", "type": "nominal"}
    return {
        "color": {**owner, "scale": {"domain": domain, "range": colours}, "legend": legend(symbolType="stroke")},
        "strokeDash": {**owner, "scale": {"domain": domain, "range": dashes}, "legend": legend(symbolType="stroke")},
    }


def _kept(groups: list[_Waits], standard_s: float) -> str:
    ours = next((g for g in groups if g.owner == WaitOwner.US), None)
    text = _("standard {length}").format(length=formats.length(standard_s))
    if ours is None:
        return text
    kept = formats.whole_share(ours.within(standard_s))
    return _("{standard}, kept {share}").format(standard=text, share=kept)


def _standard(standard_s: float, *, plot: float, low: float, high: float, theme: Theme, x: Spec) -> list[Spec]:
    """The rule of the standard and its name, on its left at the top, where only a nearly full curve can stand."""
    at = plot * log(max(standard_s, low) / low) / log(high / low)
    words = _("standard {length}").format(length=formats.length(standard_s))
    left = text_width(words, LABEL_SIZE, bold=True) + 8 < at
    row = [{"wait_s": standard_s, "text": words}]
    rule = layer(row, {"type": "rule", "color": theme.ink, "strokeWidth": 1.5, "strokeDash": [5, 3]}, x=x)
    mark = {"align": "right" if left else "left", "fontWeight": "bold", "dx": -6 if left else 6}
    return [rule, *texts(row, theme, halo=True, mark=mark, x=x, y={"value": 10})]


def _table(groups: list[_Waits], standard_s: float | None) -> pa.Table:
    rows = []
    for group in groups:
        middle, low, high = group.median()
        kept = group.within(standard_s) if standard_s is not None else None
        rows.append({
            "owner": group.owner.value, "n": group.n, "median_s": middle, "low_s": low, "high_s": high,
            "kept": kept.value if kept else None, "kept_low": kept.interval.low if kept else None,
            "kept_high": kept.interval.high if kept else None,
        })  # fmt: skip
    schema = pa.schema([("owner", pa.string()), ("n", pa.int64()), *((name, pa.float64()) for name in
        ("median_s", "low_s", "high_s", "kept", "kept_low", "kept_high"))])  # fmt: skip
    return pa.Table.from_pylist(rows, schema)

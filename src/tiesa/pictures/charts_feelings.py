"""What one person felt over time: every emotion that is known, by how it came to be known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _
from tiesa.pictures import charts_marks as marks
from tiesa.pictures.charts_dotted import day_ticks, noon
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
    legend,
    number_of,
    texts,
)
from tiesa.pictures.charts_marks import Annotation
from tiesa.pictures.charts_scales import LABEL_SIZE, lookup, written
from tiesa.pictures.palette import LIGHT, Theme
from tiesa.pictures.svg import clean, shorten, text_width

_HEIGHT, _AXIS, _FOOT = 200, 74, 28
_SHAPES = {"stated": "circle", "observed": "square", "inferred": "diamond", "": "triangle-up"}
_LINE = 13


@dataclass(frozen=True, slots=True)
class _Felt:
    """One known emotion: when (seconds since the epoch), at which touchpoint, in which run of contacts."""

    at: float
    value: float
    source: str
    what: str
    run: Any


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def distance(self, x: float, y: float) -> float:
        """From a point to the nearest place of the box, in pixels."""
        return max(self.left - x, x - self.right, 0.0) + max(self.top - y, y - self.bottom, 0.0)

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def source_words(source: str | None) -> str:
    """How an emotion came to be known.

    >>> source_words("stated")
    'said by the customer'
    """
    return {
        "stated": _("said by the customer"),
        "observed": _("noted by an employee"),
        "inferred": _("read from words or behaviour"),
    }.get(source or "", _("not known how"))


def feelings(
    rows: pa.Table,
    *,
    since: datetime,
    until: datetime,
    of: int,
    title: str | None = None,
    annotations: Sequence[Annotation] = (),
    theme: Theme = LIGHT,
    width: int = 640,
) -> Picture:
    """Known emotions of one person over time, -1 (upset) to +1 (glad): shape by how each is known, and words at the
    first, the worst and the last.

    Args: rows: `at` (timestamp), `value` (in [-1, 1]; null is left out), `source` (stated, observed, inferred, null),
        `what` (the touchpoint), `run` (contacts of one run are joined by a line; nothing is known between two runs).
        since, until: of the whole time. of: contacts in that time, most of which say nothing of a feeling.
    """
    title = title or _("What they felt")
    felt = _felt(rows)
    if not felt:
        return empty(title=title, table=rows, theme=theme, width=width)
    first = min(since.timestamp(), felt[0].at)
    last = max(until.timestamp(), felt[-1].at, first + timedelta(days=1).total_seconds())
    room = (last - first) * 0.03  # so that no sign is cut at the edge
    ticks, words = day_ticks(first - room, last + room, round(inner_width(width) - _AXIS - 30) + 90)
    plot = inner_width(width) - _AXIS - text_width(words[-1], LABEL_SIZE) / 2
    axis = marks.Axis(first - room, last + room, plot, _HEIGHT, _FOOT, _AXIS, width, noon)
    inside = marks.within(annotations, axis)
    x = number_of("t", scale={"domain": [axis.start, axis.end], "nice": False, "zero": False},
                  axis=axis_row(ticks, words))  # fmt: skip
    ends = [_("upset {value}"), "0", _("glad {value}")]
    named = [ends[0].format(value=written(-1.0, "score")), ends[1], ends[2].format(value=written(1.0, "score"))]
    y = number_of("value", scale={"domain": [-1.08, 1.08], "nice": False},
                  axis={"values": [-1, 0, 1], "labelExpr": lookup([-1, 0, 1], named), "grid": False,
                        **axis_column(_AXIS - 6)})  # fmt: skip
    counts = Counter(one.source for one in felt)
    known = {s: f"{source_words(s)}: {formats.number(counts[s])}" for s in _SHAPES if counts[s]}
    layers = _ground(theme, plot)
    layers += marks.drawn(inside, axis, theme)
    layers += _lines(felt, theme, x=x, y=y)
    key = legend(columns=2 if width >= 500 else 1, symbolSize=70, offset=10 + marks.above(inside, axis))
    said: Spec = {"field": "known", "type": "nominal"}
    points = [{"t": f.at, "value": f.value, "known": known[f.source], "says": _says(f)} for f in felt]
    point = {"type": "point", "filled": True, "size": 70, "opacity": 1, "fill": theme.accent, "stroke": theme.card,
             "strokeWidth": 1}  # fmt: skip
    shape = {**said, "scale": {"domain": list(known.values()), "range": [_SHAPES[s] for s in known]}, "legend": key}
    layers.append(layer(points, point, x=x, y=y, shape=shape))
    layers += _labels(felt, axis, theme)
    note = _("An emotion is known of {n} of {of} contacts.").format(n=formats.number(len(felt)), of=formats.number(of))
    told = felt if len(felt) <= 12 else [felt[i] for i in sorted(_told(felt))]
    facts = [note.rstrip("."), *known.values(), *(_says(one) for one in told), *marks.facts(inside)]
    return framed(
        {"layer": layers, "width": plot, "height": _HEIGHT},
        title=title,
        notes=[note, *marks.note(inside)],
        alternative=in_words(title, facts),
        table=rows,
        theme=theme,
        width=width,
    )


def _felt(rows: pa.Table) -> list[_Felt]:
    found = [
        _Felt(row["at"].replace(tzinfo=row["at"].tzinfo or UTC).timestamp(), max(-1.0, min(1.0, row["value"])),
              row["source"] if row["source"] in _SHAPES else "", clean(row["what"] or ""), row["run"])
        for row in rows.to_pylist()
        if row["value"] is not None
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.at)


def _told(felt: Sequence[_Felt]) -> dict[int, str]:
    """Which emotions have words in the picture: their places, and what they are."""
    worst = min(range(len(felt)), key=lambda i: (felt[i].value, i))
    names: dict[int, list[str]] = {}
    for place, name in ((0, _("first")), (worst, _("worst")), (len(felt) - 1, _("last"))):
        names.setdefault(place, []).append(name)
    if len(felt) == 1:
        return {0: _("the only one")}
    return {place: ", ".join(of) for place, of in names.items()}


def _says(one: _Felt) -> str:
    day = formats.day(datetime.fromtimestamp(one.at, UTC))
    return _("{day}, {what}: {value}, {source}").format(
        day=day, what=one.what, value=written(one.value, "score"), source=source_words(one.source)
    )


def _ground(theme: Theme, plot: float) -> list[Spec]:
    """The glad and the upset half, and the line between them."""
    half = _HEIGHT / 2
    sides = ((0.0, half, theme.glad), (half, float(_HEIGHT), theme.upset))
    made = [
        layer([{}], {"type": "rect", "color": colour}, x={"value": 0}, x2={"value": plot}, y={"value": top},
              y2={"value": bottom})
        for top, bottom, colour in sides
    ]  # fmt: skip
    rule = {"type": "rule", "color": theme.ink2, "strokeWidth": 0.8}
    return [*made, layer([{}], rule, x={"value": 0}, x2={"value": plot}, y={"value": half})]


def _lines(felt: Sequence[_Felt], theme: Theme, *, x: Spec, y: Spec) -> list[Spec]:
    """A thin line within each run."""
    rows = [
        {"t": one.at, "value": one.value, "run": number}
        for number, (before, after) in enumerate(pairwise(felt))
        if before.run == after.run
        for one in (before, after)
    ]
    detail = {"field": "run", "type": "nominal"}
    mark = {"type": "line", "color": theme.accent, "strokeWidth": 1.4, "opacity": 0.75}
    return [layer(rows, mark, x=x, y=y, detail=detail)] if rows else []


def _labels(felt: Sequence[_Felt], axis: marks.Axis, theme: Theme) -> list[Spec]:
    """Words at the first, the worst and the last: beside no other words, over as few signs as may be."""
    signs = [_at(one, axis) for one in felt]
    taken: list[_Box] = []
    made: list[Spec] = []
    for place, name in _told(felt).items():
        one, (px, py) = felt[place], signs[place]
        widest = min(200.0, axis.plot * 0.72)
        figure = written(one.value, "score")
        known = f"{figure}, {source_words(one.source)}"  # its shape tells the source where there is no room
        lines = [
            shorten(f"{name}: {one.what}", LABEL_SIZE, widest),
            known if text_width(known, LABEL_SIZE) <= widest else figure,
        ]
        wide = max(text_width(line, LABEL_SIZE) for line in lines) + 4

        def burden(box: _Box, px: float = px, py: float = py, place: int = place) -> float:
            words = sum(box.meets(other) for other in taken)
            hidden = sum(box.meets(_Box(x - 6, y - 6, x + 6, y + 6)) for i, (x, y) in enumerate(signs) if i != place)
            return 1000 * words + 40 * hidden + box.distance(px, py)

        box = min(_places(px, py, wide, axis), key=burden)
        taken.append(box)
        mark = {"align": "left", "baseline": "top", "lineHeight": _LINE}
        x, y = {"value": round(box.left + 2, 1)}, {"value": round(box.top, 1)}
        ground = theme.glad if box.top + _LINE < axis.height / 2 else theme.upset
        halo = {**mark, "stroke": ground, "strokeWidth": 4, "strokeJoin": "round"}
        made += _leader(px, py, box, theme)
        for how in (halo, mark):
            made += texts([{"text": "\n".join(lines)}], theme, mark=how, x=x, y=y)
    return made


def _leader(px: float, py: float, box: _Box, theme: Theme) -> list[Spec]:
    """A hair from a sign to its words, where they do not stand beside it."""
    x, y = max(box.left + 2, min(px, box.right - 2)), max(box.top, min(py, box.bottom))
    if abs(x - px) + abs(y - py) < 16:
        return []
    hair = {"type": "rule", "color": theme.ink2, "strokeWidth": 0.7}
    ends = {"x": {"value": round(px, 1)}, "x2": {"value": round(x, 1)}, "y": {"value": round(py, 1)}}
    return [layer([{}], hair, **ends, y2={"value": round(y, 1)})]


def _places(px: float, py: float, wide: float, axis: marks.Axis) -> list[_Box]:
    """Where two lines of words may stand about a sign, all of them inside the plot."""
    tall = 2.0 * _LINE
    lefts = [max(0.0, min(px + shift, axis.plot - wide)) for shift in (9, -wide - 9, -wide / 2, -wide * 3 / 4)]
    tops = [py - tall / 2, *(14.0 * i for i in range(int((axis.height - tall) / 14) + 1))]
    inside = [max(0.0, min(top, axis.height - tall)) for top in tops]
    boxes = [_Box(left, top, left + wide, top + tall) for top in inside for left in lefts]
    own = _Box(px - 6, py - 6, px + 6, py + 6)
    return [box for box in boxes if not box.meets(own)] or boxes


def _at(one: _Felt, axis: marks.Axis) -> tuple[float, float]:
    return axis.plot * (one.at - axis.start) / (axis.end - axis.start), axis.height * (1.08 - one.value) / 2.16

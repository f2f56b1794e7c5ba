"""Before and after, or A and B: each metric's two values and the difference between them, all with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tiesa.core.locale import _
from tiesa.pictures.charts_frame import Picture, Spec, empty, framed, in_words, inner_width, layer, number_of, texts
from tiesa.pictures.charts_scales import (
    LABEL_SIZE,
    written_change,
    written_figure,
)
from tiesa.pictures.palette import LIGHT, Theme
from tiesa.pictures.svg import clean, text_width, wrap

_NARROW = 480


@dataclass(frozen=True, slots=True)
class _Strip:
    """Where a strip of values stands in the picture: pixels from its left, and the values at its ends."""

    left: float
    right: float
    low: float
    high: float

    def at(self, value: float) -> float:
        return self.left + (self.right - self.left) * (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class _Place:
    """The parts of one metric's block, in pixels from its top and left."""

    block: float
    name_width: float
    points: tuple[float, float]
    points_y: float
    difference: tuple[float, float]
    difference_y: float


def compare(
    rows: pa.Table,
    *,
    first: str | None = None,
    second: str | None = None,
    title: str | None = None,
    theme: Theme = LIGHT,
    width: int = 640,
) -> Picture:
    """Two points with intervals per metric, and the difference with its own, what changed most on top.

    Args: rows: `metric` (str), `unit` (share, seconds, count, score), `before`, `before_low`, `before_high`,
        `before_n`, the same four of `after`, and `difference`, `difference_low`, `difference_high` (after less
        before). Null values cannot be judged. first, second: the names of the two sides, else "before" and "after".
    Returns: metrics of one unit share one scale; they are ordered by the difference in halves of its own interval,
    which needs no common unit.
    """
    title = title or _("What changed")
    names = first or _("before"), second or _("after")
    figures = sorted(rows.to_pylist(), key=lambda row: (-_size(row), str(row["metric"])))
    if not figures:
        return empty(title=title, table=rows, theme=theme, width=width)
    room = inner_width(width)
    place = _wide(room)
    if width < _NARROW or not all(_fits(row, names, place) for row in figures):
        place = _small(room, max(len(_name(row, room, lines=2)) for row in figures))
    scales = {unit: _ends(figures, unit) for unit in {row["unit"] for row in figures}}
    marks: dict[str, list[dict[str, Any]]] = {
        kind: [] for kind in ("line", "bound", "before", "after", "difference", "text")
    }
    for i, row in enumerate(figures):
        _block(row, i * place.block, place, scales[row["unit"]], names, marks)
    height = len(figures) * place.block
    canvas = {"nice": False, "zero": False}
    x = number_of("x", scale={"domain": [0, room], **canvas}, axis=None)
    y = number_of("y", scale={"domain": [0, height], "reverse": True, **canvas}, axis=None)
    hollow = {"type": "point", "shape": "circle", "size": 70, "filled": True, "fill": theme.card, "opacity": 1}
    full = {"type": "point", "filled": True, "size": 80, "opacity": 1}
    across = {"x": x, "y": y, "x2": {"field": "x2"}}
    layers: list[Spec] = [
        layer(marks["line"], {"type": "rule", "color": theme.line}, **across, y2={"field": "y2"}),
        layer(marks["bound"], {"type": "rule", "color": theme.ink2, "strokeWidth": 2}, **across),
        layer(marks["before"], {**hollow, "stroke": theme.customer, "strokeWidth": 2}, x=x, y=y),
        layer(marks["after"], {**full, "shape": "circle", "color": theme.accent}, x=x, y=y),
        layer(marks["difference"], {**full, "shape": "diamond", "color": theme.flag}, x=x, y=y),
    ]
    for align in ("left", "right"):
        for bold in (False, True):
            words = [t for t in marks["text"] if t["align"] == align and t["bold"] == bold]
            if words:
                mark = {"align": align, "fontWeight": "bold" if bold else "normal", "baseline": "middle"}
                layers += texts(words, theme, mark=mark, x=x, y=y)
    read = _(
        "○ {before}, ● {after}, ◆ difference; lines: 95 % intervals. What changed most for its interval is on top."
    )
    return framed(
        {"layer": [made for made in layers if made["data"]["values"]], "width": room, "height": height},
        title=title,
        notes=[read.format(before=names[0], after=names[1])],
        alternative=in_words(title, [_says(row, names) for row in figures]),
        table=rows,
        theme=theme,
        width=width,
    )


def verdict(row: dict[str, Any]) -> str:
    """What the interval of a difference allows to say.

    >>> verdict({"difference": -0.05, "difference_low": -0.07, "difference_high": -0.03})
    'a clear difference'
    """
    if row["difference"] is None or row["difference_low"] is None or row["difference_high"] is None:
        return _("cannot be judged")
    if row["difference_low"] > 0 or row["difference_high"] < 0:
        return _("a clear difference")
    return _("no clear difference")


def _size(row: dict[str, Any]) -> float:
    """The difference in halves of its interval; -1 where there is none."""
    if row["difference"] is None or row["difference_low"] is None or row["difference_high"] is None:
        return -1.0
    half = (row["difference_high"] - row["difference_low"]) / 2
    return abs(row["difference"]) / half if half else float("inf")


def _fits(row: dict[str, Any], names: tuple[str, str], place: _Place) -> bool:
    """Whether the words of one metric have room above and below their strips."""
    sides = max(text_width(text, LABEL_SIZE) for text in _sides(row, names))
    change = max(text_width(_change(row), LABEL_SIZE, bold=True), text_width(verdict(row), LABEL_SIZE))
    return sides <= place.points[1] - place.points[0] and change <= place.difference[1] - place.difference[0]


def _sides(row: dict[str, Any], names: tuple[str, str]) -> list[str]:
    return [
        f"{name} {written_figure(row[side], row[f'{side}_low'], row[f'{side}_high'], row[f'{side}_n'], row['unit'])}"
        for side, name in zip(("before", "after"), names, strict=True)
    ]


def _change(row: dict[str, Any]) -> str:
    """The difference with its interval; nothing where there is none."""
    if row["difference"] is None:
        return ""
    return written_change(row["difference"], row["difference_low"], row["difference_high"], row["unit"])


def _wide(room: float) -> _Place:
    return _Place(76, 0.23 * room, (0.26 * room, 0.61 * room), 36, (0.65 * room, room - 6), 36)


def _small(room: float, lines: int) -> _Place:
    """One under the other, below a name of so many lines."""
    more = 14 * (lines - 1)
    return _Place(146 + more, room, (6, room - 6), 50 + more, (6, room - 6), 108 + more)


def _name(row: dict[str, Any], room: float, *, lines: int) -> list[str]:
    return wrap(clean(row["metric"]), LABEL_SIZE, room, lines=lines, bold=True)


def _ends(figures: list[dict[str, Any]], unit: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ends of the scale of a unit's values (from zero on) and of its differences (the same to both sides)."""
    of_unit = [row for row in figures if row["unit"] == unit]
    sides = [row[f"{side}{end}"] for row in of_unit for side in ("before", "after") for end in ("", "_low", "_high")]
    values = [value for value in sides if value is not None]
    changes = [abs(row[f"difference{end}"] or 0.0) for row in of_unit for end in ("", "_low", "_high")]
    furthest = max(changes, default=0.0) or 1.0
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    return (low, high if high > low else low + 1.0), (-furthest, furthest)


def _block(
    row: dict[str, Any],
    top: float,
    place: _Place,
    ends: tuple[tuple[float, float], tuple[float, float]],
    names: tuple[str, str],
    marks: dict[str, list[dict[str, Any]]],
) -> None:
    """The marks of one metric."""
    beside = place.name_width < place.points[0]
    name = _name(row, place.name_width, lines=3 if beside else 2)
    name_y = top + place.points_y - 7 * (len(name) - 1) if beside else top + 14
    marks["text"].append({"x": 0, "y": name_y, "text": "\n".join(name), "align": "left", "bold": True})
    strip, changes = _Strip(*place.points, *ends[0]), _Strip(*place.difference, *ends[1])
    y, change_y = top + place.points_y, top + place.difference_y
    says = _says(row, names)
    marks["line"].append({"x": strip.left, "x2": strip.right, "y": y, "y2": y})
    marks["line"].append({"x": changes.at(0), "x2": changes.at(0), "y": change_y - 13, "y2": change_y + 13})
    for side, text, over in zip(("before", "after"), _sides(row, names), (-5, 5), strict=True):
        value, low, high = row[side], row[f"{side}_low"], row[f"{side}_high"]
        at = strip.left if value is None else strip.at(value)
        marks["text"].append(_placed(text, at, y + 4 * over, strip))
        if value is None:
            continue
        marks[side].append({"x": at, "y": y + over, "value": value, "n": row[f"{side}_n"], "says": says})
        if low is not None and high is not None:
            marks["bound"].append({"x": strip.at(low), "x2": strip.at(high), "y": y + over, "low": low, "high": high})
    change, low, high = row["difference"], row["difference_low"], row["difference_high"]
    middle = changes.at(change or 0.0)
    if change is not None:
        marks["text"].append(_placed(_change(row), middle, change_y - 20, changes, bold=True))
    marks["text"].append(_placed(verdict(row), middle, change_y + 20, changes))
    if change is not None:
        marks["difference"].append({"x": middle, "y": change_y, "value": change, "says": says})
    if low is not None and high is not None:
        marks["bound"].append({"x": changes.at(low), "x2": changes.at(high), "y": change_y, "low": low, "high": high})


def _placed(text: str, at: float, y: float, strip: _Strip, *, bold: bool = False) -> dict[str, Any]:
    """A text centred over its mark as far as its strip allows."""
    size = text_width(text, LABEL_SIZE, bold=bold)
    left = min(max(strip.left, at - size / 2), strip.right - size)
    if at - size / 2 > left:  # pushed back by the right end: held there, should the text come out narrower
        return {"x": strip.right, "y": y, "text": text, "align": "right", "bold": bold}
    return {"x": max(left, strip.left), "y": y, "text": text, "align": "left", "bold": bold}


def _says(row: dict[str, Any], names: tuple[str, str]) -> str:
    change = _change(row)
    said = f"{clean(row['metric'])}: {', '.join(_sides(row, names))}; "
    return said + (f"{change}, {verdict(row)}" if change else verdict(row))

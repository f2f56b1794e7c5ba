"""Dated marks on a calendar axis: what was changed, and when. They say that it was, never what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tiesa.core import formats
from tiesa.core.locale import _, ngettext
from tiesa.pictures.charts_frame import Spec, layer, texts
from tiesa.pictures.charts_scales import LABEL_SIZE
from tiesa.pictures.palette import Theme
from tiesa.pictures.svg import clean, text_width, wrap

MOST = 12
"""Marks with a number of their own, the latest ones; those before them are rules only, and the table names all."""
_WRITTEN_OUT = 500  # pixels of a picture from which on marks may carry their words
_LANES = 3  # rows of words above the plot that stay calm
_LANE, _TAG, _LINE = 16, 15, 15


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something that happened: a change went live, a price rose."""

    day: date
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A calendar axis: `start` to `end` over `plot` pixels, `place` tells where a day lies between them.

    height: of the plot, in pixels. foot: what stands beneath it (ticks, labels, title). left: from the picture's edge
    to the plot. width: of the whole picture.
    """

    start: float
    end: float
    plot: float
    height: float
    foot: float
    left: float
    width: float
    place: Callable[[date], float]

    def pixel(self, day: date) -> float:
        return round(self.plot * (self.place(day) - self.start) / (self.end - self.start), 1)


def within(annotations: Sequence[Annotation], axis: Axis) -> list[Annotation]:
    """The marks of an axis by day; those of one day are one, and those before or after it are left out."""
    by_day: dict[date, list[str]] = {}
    for one in sorted(annotations, key=lambda a: (a.day, a.text)):
        if axis.start <= axis.place(one.day) <= axis.end:
            by_day.setdefault(one.day, []).append(clean(one.text))
    return [Annotation(day, "; ".join(dict.fromkeys(told))) for day, told in by_day.items()]


def facts(marks: Sequence[Annotation]) -> list[str]:
    """The same for the text alternative."""
    return [_("changed on {day}: {what}").format(day=formats.day(mark.day), what=mark.text) for mark in marks]


def note(marks: Sequence[Annotation]) -> list[str]:
    """The line under the title that says what the marks mean; none without marks."""
    return [_("Dated marks say what was changed, not what it caused.")] if marks else []


def rules(marks: Sequence[Annotation], axis: Axis, theme: Theme) -> list[Spec]:
    """The thin rules alone: for a plot whose words stand at another one above it."""
    return [_rule(axis.pixel(mark.day), 0.0, axis, theme) for mark in marks]


def drawn(marks: Sequence[Annotation], axis: Axis, theme: Theme) -> list[Spec]:
    """Thin rules with their words above them where there is room; else numbered, with the words beneath the axis.

    No text touches another: words and numbers stand in lanes of their own.
    """
    if not marks:
        return []
    said = [f"{formats.day(mark.day)}: {mark.text}" for mark in marks]
    if axis.width >= _WRITTEN_OUT:
        wide = [text_width(words, LABEL_SIZE) for words in said]
        lanes = _in_lanes([(axis.pixel(mark.day), w) for mark, w in zip(marks, wide, strict=True)], axis.plot)
        if lanes is not None:
            return _written_out(marks, said, lanes, axis, theme)
    first = max(0, len(marks) - MOST)
    return rules(marks[:first], axis, theme) + numbered(marks, axis, theme) + legend(marks, axis, theme)


def _written_out(
    marks: Sequence[Annotation], said: Sequence[str], lanes: Sequence[tuple[int, float]], axis: Axis, theme: Theme
) -> list[Spec]:
    made: list[Spec] = []
    for mark, words, (lane, left) in zip(marks, said, lanes, strict=True):
        top = -8.0 - _LANE * lane
        made.append(_rule(axis.pixel(mark.day), top + 7, axis, theme))
        place = {"x": {"value": round(left, 1)}, "y": {"value": top}}
        made += texts([{"text": words}], theme, halo=True, mark={"align": "left", "baseline": "middle"}, **place)
    return made


def numbered(marks: Sequence[Annotation], axis: Axis, theme: Theme) -> list[Spec]:
    """The rules of the latest marks, each under its number."""
    first = max(0, len(marks) - MOST)
    made: list[Spec] = []
    for number, (mark, lane) in enumerate(zip(marks[first:], _lanes_of_tags(marks[first:], axis), strict=True), 1):
        at = axis.pixel(mark.day)
        top = -9.0 - _LANE * lane
        made += [_rule(at, top + 8, axis, theme), *_tag(number, at, top, theme)]
    return made


def above(marks: Sequence[Annotation], axis: Axis) -> float:
    """How far marks reach above the plot at most, in pixels."""
    lanes = _lanes_of_tags(marks[-MOST:], axis)
    return 20.0 + _LANE * max(lanes) if lanes else 0.0


def _lanes_of_tags(marks: Sequence[Annotation], axis: Axis) -> list[int]:
    ends: list[float] = []  # where the last tag of each lane ends, in pixels
    lanes = []
    for at in (axis.pixel(mark.day) for mark in marks):
        lane = next((i for i, end in enumerate(ends) if at - _TAG / 2 >= end + 1), len(ends))
        ends[lane : lane + 1] = [at + _TAG / 2]
        lanes.append(lane)
    return lanes


def legend(marks: Sequence[Annotation], axis: Axis, theme: Theme) -> list[Spec]:
    """What the numbers mean, in lines beneath the axis as wide as the picture."""
    first = max(0, len(marks) - MOST)
    made: list[Spec] = []
    y = axis.height + axis.foot + _LINE
    left = -axis.left + _TAG / 2 + 1
    room = (axis.left + axis.plot - _TAG - 8) * 0.95
    for number, mark in enumerate(marks[first:], 1):
        made += _tag(number, left, y, theme)
        for line in wrap(f"{formats.day(mark.day)}: {mark.text}", LABEL_SIZE, room, lines=3):
            made += _line(line, left + _TAG / 2 + 6, y, theme)
            y += _LINE
        y += 3
    if first:
        more = ngettext("{n} earlier change stands in the table.", "{n} earlier changes stand in the table.", first)
        made += _line(more.format(n=formats.number(first)), left + _TAG / 2 + 6, y, theme)
    return made


def _in_lanes(words: Sequence[tuple[float, float]], plot: float) -> list[tuple[int, float]] | None:
    """(lane, left) of each text, given the pixel of its rule and its width, so that it touches no other text and no
    rule but its own; None where the lanes do not suffice."""
    placed: list[tuple[int, float, float, float]] = []  # lane, left, right, rule
    for at, wide in reversed(words):  # an earlier text above a later rule is not crossed by it
        left = min(max(0.0, at - 2), plot - wide)
        right = left + wide + 10
        for lane in range(_LANES):
            above = [p for p in placed if p[0] > lane]
            level = [p for p in placed if p[0] == lane]
            below = [p for p in placed if p[0] < lane]
            if (
                not any(left - 4 <= rule <= right for _lane, _left, _right, rule in above)
                and not any(left < end and begin < right for _lane, begin, end, _rule in level)
                and not any(begin - 4 <= at <= end for _lane, begin, end, _rule in below)
                and left >= 0
            ):
                placed.append((lane, left, right, at))
                break
        else:
            return None
    return [(lane, left) for lane, left, _right, _rule in reversed(placed)]


def _rule(at: float, top: float, axis: Axis, theme: Theme) -> Spec:
    mark = {"type": "rule", "color": theme.ink2, "strokeDash": [2, 3], "strokeWidth": 1}
    return layer([{}], mark, x={"value": at}, y={"value": top}, y2={"value": axis.height})


def _tag(number: int, x: float, y: float, theme: Theme) -> list[Spec]:
    """A number in a small ring."""
    place: dict[str, Any] = {"x": {"value": round(x, 1)}, "y": {"value": y}}
    ring = {"type": "point", "filled": True, "fill": theme.card, "stroke": theme.ink2, "strokeWidth": 1, "size": 170,
            "opacity": 1, "shape": "circle"}  # fmt: skip
    mark = {"align": "center", "baseline": "middle", "fontSize": 9.5}
    return [layer([{}], ring, **place), *texts([{"text": str(number)}], theme, mark=mark, **place)]


def _line(text: str, x: float, y: float, theme: Theme) -> list[Spec]:
    mark = {"align": "left", "baseline": "middle"}
    return texts([{"text": text}], theme, mark=mark, x={"value": round(x, 1)}, y={"value": y})

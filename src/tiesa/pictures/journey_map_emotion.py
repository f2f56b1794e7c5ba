"""The emotion strip of the lying journey map: ground, band, means with n, and gaps that stay gaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from tiesa.core.formats import number
from tiesa.core.locale import _
from tiesa.pictures import journey_map_text as words
from tiesa.pictures.journey_map_layout import Box, Point, calmest_place, emotion_reach, judged_runs
from tiesa.pictures.journey_map_parts import paragraph, write
from tiesa.pictures.svg import Element, element, path, text_width, wrap

if TYPE_CHECKING:
    from tiesa.pictures.journey_map import Feeling, JourneyMap

HEIGHT = 200.0
_PAD = 36.0  # room above and below the scale, where the labels of extreme values go


@dataclass(frozen=True, slots=True)
class Measured:
    """A feeling with an interval, and where it is drawn."""

    feeling: Feeling
    x: float
    low: float
    mean: float
    high: float


def emotion_strip(
    map: JourneyMap,
    middle: Callable[[int], float],
    sides: tuple[float, float],
    top: float,
    column: float,
    label: Callable[..., None],
) -> list[Element]:
    """The strip, HEIGHT tall. label: writes a name at the left, given (y, text)."""
    left, right = sides
    reach, half = emotion_reach(map.feelings), HEIGHT / 2
    zero = top + half

    def at(value: float) -> float:
        return zero - max(-1.0, min(1.0, value / reach)) * (half - _PAD)

    made = [
        element("rect", x=left, y=top, width=right - left, height=half, class_="jm-glad"),
        element("rect", x=left, y=zero, width=right - left, height=half, class_="jm-upset"),
        element("path", d=path([("M", (left, zero)), ("L", (right, zero))]), class_="jm-zero"),
    ]
    label(at(reach), _("glad {value}").format(value=number(reach, digits=2, sign=True)), size=11)
    label(zero, _("Emotion"), bold=True)
    label(at(-reach), _("upset {value}").format(value=number(-reach, digits=2, sign=True)), size=11)
    runs = [
        [Measured(f, middle(f.stage), at(f.low or 0.0), at(f.mean), at(f.high or 0.0)) for f in run]
        for run in judged_runs(map.feelings)
    ]
    busy = [(left + 3 * i, zero) for i in range(int((right - left) / 3))]
    for run in runs:
        made += _curve(run)
        for before, after in pairwise(run):
            for y0, y1 in ((before.low, after.low), (before.mean, after.mean), (before.high, after.high)):
                busy += [(before.x + (after.x - before.x) * t / 20, y0 + (y1 - y0) * t / 20) for t in range(21)]
    judged = [one for run in runs for one in run]
    gaps, taken = _gaps(map, {one.feeling.stage for one in judged}, middle, zero, column)
    taken += [Box(one.x - 7, one.high - 3, one.x + 7, one.low + 3) for one in judged]
    for one in judged:
        made += _figure(one, Box(left, top, right, top + HEIGHT), column, taken, busy)
    return made + gaps


def _curve(run: Sequence[Measured]) -> list[Element]:
    """Band and curve through neighbouring stages, and each stage's interval as a whisker."""
    made: list[Element] = []
    if len(run) > 1:
        outline = [*((one.x, one.high) for one in run), *((one.x, one.low) for one in reversed(run))]
        band = path([("M", outline[0]), *(("L", point) for point in outline[1:]), ("Z", ())])
        line = path([("M" if i == 0 else "L", (one.x, one.mean)) for i, one in enumerate(run)])
        made += [element("path", d=band, class_="jm-spread"), element("path", d=line, class_="jm-curve")]
    for x, low, high in ((one.x, one.low, one.high) for one in run):
        ends = [(x - 5, high), (x + 5, high), (x, high), (x, low), (x - 5, low), (x + 5, low)]
        data = path([("ML"[i % 2], end) for i, end in enumerate(ends)])
        made.append(element("path", d=data, class_="jm-whisker"))
    return made


def _gaps(
    map: JourneyMap, judged: set[int], middle: Callable[[int], float], zero: float, column: float
) -> tuple[list[Element], list[Box]]:
    """What stands where nothing, or too little, was measured; and the room it takes."""
    few = {feeling.stage: feeling for feeling in map.feelings}
    made, taken = [], []
    for stage in range(len(map.stages)):
        if stage in judged:
            continue
        said = ", ".join(words.feeling_figure(few[stage])) if stage in few else _("not measured here")
        lines = wrap(said, 11, column - 12, lines=3)
        first, x = zero - 6 - (len(lines) - 1) * 11 * 1.32, middle(stage)
        half = max(text_width(line, 11) for line in lines) / 2
        made += paragraph(x, first, lines, 11, tone="ink2", anchor="middle")
        taken.append(Box(x - half, first - 10, x + half, zero))
    return made, taken


def _figure(one: Measured, strip: Box, column: float, taken: list[Box], busy: Sequence[Point]) -> list[Element]:
    """The point, and its mean, interval and n above or below it, whichever the curve leaves freer."""
    figure, count = words.feeling_figure(one.feeling)
    small = wrap(count, 10, column - 6, lines=3)
    tall = 12 + len(small) * 12.5
    half = max(text_width(figure, 11.5, bold=True), *(text_width(line, 10) for line in small)) / 2
    downs = (one.high - tall - 7, one.low + 7, one.high - tall - 13, one.low + 13)
    places = [Box(one.x - half, down, one.x + half, down + tall) for down in downs]
    beside = (one.x + half + 10, one.x - half - 10)
    places += [Box(x - half, one.mean - tall / 2, x + half, one.mean + tall / 2) for x in beside]
    places = [box for box in places if strip.holds((box.left, box.top)) and strip.holds((box.right, box.bottom))]
    box = places[calmest_place(places, taken, busy, gap=0)]
    taken.append(box)
    x = (box.left + box.right) / 2
    return [
        element("circle", cx=one.x, cy=one.mean, r=4.5, class_="jm-mean"),
        write(x, box.top + 10, figure, 11.5, anchor="middle", bold=True),
        *paragraph(x, box.top + 22, small, 10, tone="ink2", anchor="middle", step=1.25),
    ]

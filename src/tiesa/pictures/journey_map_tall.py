"""The journey map upright, 360 wide, for phones: stages top to bottom, told in words at the left, lanes in the middle,
and the emotion running down at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import radians, sin
from typing import TYPE_CHECKING

from tiesa.core.formats import number
from tiesa.core.locale import _
from tiesa.pictures import journey_map_text as words
from tiesa.pictures.journey_map_head import foot, head, keys, nothing
from tiesa.pictures.journey_map_layout import (
    Box,
    Grid,
    Point,
    around,
    beside_each_other,
    by_place,
    calmest_place,
    emotion_reach,
    fitted,
    judged_runs,
    strongest,
)
from tiesa.pictures.journey_map_parts import (
    SMALLEST_RADIUS,
    again_mark,
    back_mark,
    bubble,
    curve,
    paragraph,
    pennant,
    pennant_box,
    ribbon,
    whole,
    write,
)
from tiesa.pictures.journey_map_waits import MOST_UPRIGHT, chosen_waits, scale_end, wait_box, wait_height, wait_lines
from tiesa.pictures.palette import Theme
from tiesa.pictures.svg import Element, element, path, shorten, text_width, wrap

if TYPE_CHECKING:
    from tiesa.pictures.journey_map import Feeling, Flow, JourneyMap, Wait

_WIDTH, _EDGE, _TEXT, _ROW = 360.0, 10.0, 132.0, 15.0
_EMOTION = (266.0, 354.0)


@dataclass(slots=True)
class Strip:
    """The lanes and where each stage lies, filled from top to bottom."""

    map: JourneyMap
    across: list[float]
    y: float
    along: list[float] = field(default_factory=list)
    tops: list[float] = field(default_factory=list)
    made: list[Element] = field(default_factory=list)
    bands: list[Element] = field(default_factory=list)


def drawn(map: JourneyMap, theme: Theme, *, frame: bool) -> Element:
    """The whole picture. frame: with headline and footer."""
    made, y = head(map, _EDGE, _WIDTH, frame=frame)
    if map.is_empty:
        lines, y = nothing(_EDGE, y, _WIDTH)
        end, y = foot(map, y + 8, _WIDTH, frame=frame)
        return whole(map, theme, *made, *lines, *end, size=(_WIDTH, y), shape=f"tall {frame}")
    first = _EDGE + _TEXT + 14
    last = _EMOTION[0] - 10 if map.feelings else _WIDTH - 14
    pitch = min(34.0, (last - first) / len(map.lanes))
    strip = Strip(map, [first + (i + 0.5) * pitch for i in range(len(map.lanes))], y)
    waits = chosen_waits(map, MOST_UPRIGHT)
    _lane_names(strip, pitch)
    top = strip.y
    for stage in range(len(map.stages)):
        _stage(strip, stage, [wait for wait in waits if wait.after_stage == stage], scale_end(waits))
    emotion = _emotion(strip, top) if map.feelings else []
    flows = strongest(map.flows)
    largest = min(15.0, 0.48 * pitch)
    lanes = _lanes(strip, top, largest, flows, min(12.0, 0.6 * pitch))
    left_out = words.not_drawn(map, flows=flows, waits=waits)
    if not map.feelings:
        left_out.insert(0, words.emotion_unmeasured())
    end, height = foot(map, strip.y + 22, _WIDTH, frame=frame, keys=keys(map, largest, flows, waits), left_out=left_out)
    return whole(
        map, theme, *made, *strip.bands, *emotion, *lanes, *strip.made, *end, size=(_WIDTH, height),
        shape=f"tall {frame}",
    )  # fmt: skip


def _lane_names(strip: Strip, pitch: float) -> None:
    """Slanted names above the lanes, leaning over the empty room at the left; steeper where lanes lie close."""
    lean, size = (50.0, 11.0) if pitch > 14.95 else (70.0, 10.5)
    names = [shorten(name, size, 104) for name in strip.map.lanes]
    strip.y += 16 + max(text_width(name, size) for name in names) * sin(radians(lean))
    for x, name in zip(strip.across, names, strict=True):
        strip.made.append(write(x + 3, strip.y, name, size, tone="ink2", anchor="end", turn=lean))
    strip.y += 10


def _stage(strip: Strip, stage: int, waits: Sequence[Wait], longest_s: float) -> None:
    """Name, contacts by lane, moments of truth and then the waits after the stage, in the column at the left."""
    map, top = strip.map, strip.y
    name = fitted(map.stages[stage], _TEXT, (13.5, 12.5, 11.5), lines=4, bold=True)
    y = top + 20
    strip.made += paragraph(_EDGE, y, name.lines, name.size, bold=True, step=1.25)
    y += (len(name.lines) - 1) * name.size * 1.25 + 4
    for one in sorted((b for b in map.bubbles if b.stage == stage), key=lambda b: b.lane):
        y += _ROW
        _row(strip, y, map.lanes[one.lane], number(one.contacts))
    for label, mark, counts in (
        (_("again in the stage"), again_mark(), words.kept_in_stage(map)),
        (_("back to an earlier stage"), back_mark(), words.gone_back(map)),
    ):
        if counts.get(stage):
            figure = number(counts[stage])
            beside = fitted(label, _TEXT - 22 - text_width(figure, 11), (11,), lines=2)
            lines = beside.lines if beside.whole else wrap(label, 11, _TEXT - 14, lines=3)
            y += _ROW + 1
            strip.made.append(element("g", mark, transform=f"translate({_EDGE + 1:.1f} {y - 4:.1f})"))
            strip.made += paragraph(_EDGE + 14, y, lines, 11, tone="ink2", step=1.2)
            y += (len(lines) - 1) * 13.2
            if 14 + text_width(lines[-1], 11) + 8 + text_width(figure, 11) > _TEXT:
                y += 13.2
            strip.made.append(write(_EDGE + _TEXT, y, figure, 11, anchor="end"))
    for count, flag in enumerate(map.flags, start=1):
        if flag.stage == stage:
            title = wrap(flag.title, 11, _TEXT - 24, lines=5, bold=True)
            detail = wrap(flag.detail, 11, _TEXT - 24, lines=4)
            strip.made += pennant(_EDGE + 2, y + 34, count)
            strip.made += paragraph(_EDGE + 24, y + 20, title, 11, tone="flag-text", bold=True)
            strip.made += paragraph(_EDGE + 24, y + 20 + len(title) * 14.5, detail, 11)
            y += max(34.0, 8 + (len(title) + len(detail)) * 14.5)
    end = max(y + 12, top + 84)
    strip.tops.append(top)
    strip.along.append(top + 30)
    if stage % 2 == 0:
        strip.bands.append(element("rect", x=4, y=top, width=_WIDTH - 8, height=end - top, rx=6, class_="jm-band"))
    y = end + 8
    for wait in waits:
        lines = wait_lines(wait, words.wait_course(map, wait), _TEXT - 16)
        height = wait_height(lines, ours=wait.owner == "us")
        box = Box(_EDGE, y, _EDGE + _TEXT, y + height)
        strip.made += wait_box(wait, box, lines, longest_s, anchor="start")
        y += height + 8
    strip.y = y if stage < len(map.stages) - 1 or waits else end


def _row(strip: Strip, y: float, label: str, figure: str) -> None:
    room = _TEXT - text_width(figure, 11) - 8
    strip.made.append(write(_EDGE, y, shorten(label, 11, room), 11, tone="ink2"))
    strip.made.append(write(_EDGE + _TEXT, y, figure, 11, anchor="end"))


def _lanes(strip: Strip, top: float, largest: float, flows: Sequence[Flow], widest: float) -> list[Element]:
    map = strip.map
    made = [element("path", d=path([("M", (x, top)), ("L", (x, strip.y))]), class_="jm-rule") for x in strip.across]
    grid = Grid(strip.along, strip.across, by_place(map.bubbles, largest), clearance=1.0)
    most = max((flow.n for flow in flows), default=1)
    widths = [max(1.0, widest * flow.n / most) for flow in flows]
    for flow, width, aside in zip(flows, widths, beside_each_other(flows, widths), strict=True):
        data = curve(grid.route(flow, aside), upright=True)
        made.append(ribbon(data, width, flow.owner, words.flow_words(map, flow)))
    taken = [around(strip.across[la], strip.along[s], max(r, SMALLEST_RADIUS)) for (s, la), r in grid.radii.items()]
    for one in map.bubbles:
        tooltip = words.bubble_words(map, one.stage, one.lane, one.contacts)
        made.append(bubble(strip.across[one.lane], strip.along[one.stage], grid.radii[one.stage, one.lane], tooltip))
    for count, flag in enumerate(map.flags, start=1):
        lane = flag.lane if flag.lane is not None else 0
        x, y = strip.across[lane], strip.along[flag.stage]
        radius = max(grid.radii.get((flag.stage, lane), 0.0), SMALLEST_RADIUS) if flag.lane is not None else 0.0
        feet = [(x + dx, y - radius) for dx in (0, -18)]
        feet += [(x + dx, y + radius + 27 * down) for down in range(1, 9) for dx in (0, -19, 19, -38, 38)]
        low, high = _EDGE + _TEXT + 3, (_EMOTION[0] if map.feelings else _WIDTH) - 20
        feet = [(min(max(at, low), high), down) for at, down in feet]
        chosen = calmest_place([pennant_box(*at) for at in feet], taken, (), gap=0)
        taken.append(pennant_box(*feet[chosen]))
        made += pennant(*feet[chosen], count)
    return made


def _emotion(strip: Strip, top: float) -> list[Element]:
    """Upset at the left, glad at the right; the curve runs down, its figures beside it where it is calm."""
    left, right = _EMOTION
    zero, reach = (left + right) / 2, emotion_reach(strip.map.feelings)

    def at(value: float) -> float:
        return zero + max(-1.0, min(1.0, value / reach)) * ((right - left) / 2 - 6)

    made = [
        element("rect", x=left, y=top, width=zero - left, height=strip.y - top, class_="jm-upset"),
        element("rect", x=zero, y=top, width=right - zero, height=strip.y - top, class_="jm-glad"),
        element("path", d=path([("M", (zero, top)), ("L", (zero, strip.y))]), class_="jm-zero"),
        *_scale(left, right, top, reach),
    ]
    busy: list[Point] = [(zero, top + 9 * i) for i in range(int((strip.y - top) / 9))]
    runs = judged_runs(strip.map.feelings)
    for run in runs:
        means = [(at(f.mean), strip.along[f.stage]) for f in run]
        lows = [(at(f.low or 0.0), strip.along[f.stage]) for f in run]
        highs = [(at(f.high or 0.0), strip.along[f.stage]) for f in run]
        if len(run) > 1:
            outline = [*lows, *reversed(highs)]
            band = path([("M", outline[0]), *(("L", p) for p in outline[1:]), ("Z", ())])
            made.append(element("path", d=band, class_="jm-spread"))
            made.append(element("path", d=path([("M", means[0]), *(("L", p) for p in means[1:])]), class_="jm-curve"))
        for (low, y), (high, _y) in zip(lows, highs, strict=True):
            ends = [(low, y - 4), (low, y + 4), (low, y), (high, y), (high, y - 4), (high, y + 4)]
            made.append(
                element("path", d=path([("ML"[i % 2], end) for i, end in enumerate(ends)]), class_="jm-whisker")
            )
        for (x0, y0), (x1, y1) in pairwise(means):
            busy += [(x0 + (x1 - x0) * t / 80, y0 + (y1 - y0) * t / 80) for t in range(81)]
    taken = [Box(left, top - 46, right, top)]  # what the scale above takes
    judged = {f.stage for run in runs for f in run}
    few = {f.stage: f for f in strip.map.feelings if f.stage not in judged}
    for stage, y in enumerate(strip.along):
        if stage not in judged:
            said = ", ".join(words.feeling_figure(few[stage])) if stage in few else _("not measured here")
            lines = wrap(said, 10.5, right - left - 6, lines=4)
            made += paragraph(zero, y - 8, lines, 10.5, tone="ink2", anchor="middle", step=1.25)
            taken.append(Box(left, y - 18, right, y - 8 + 13.2 * len(lines)))
    for run in runs:
        for one in run:
            x, y = at(one.mean), strip.along[one.stage]
            made.append(element("circle", cx=x, cy=y, r=4.2, class_="jm-mean"))
            made += _figure(one, (at(one.low or 0.0), at(one.high or 0.0)), y, taken, busy)
    return made


def _scale(left: float, right: float, top: float, reach: float) -> list[Element]:
    """Above the emotion: its name, and what its two sides mean."""
    name = wrap(_("Emotion"), 11, right - left, lines=1, bold=True)
    upset, glad = shorten(_("upset"), 10.5, 36), shorten(_("glad"), 10.5, 36)
    figures = [number(value, digits=2, sign=True) for value in (-reach, reach)]
    made = paragraph((left + right) / 2, top - 34, name, 11, tone="ink2", anchor="middle", bold=True)
    for x, anchor, word, figure in ((left, "start", upset, figures[0]), (right, "end", glad, figures[1])):
        made += paragraph(x, top - 18, [word, figure], 10.5, tone="ink2", anchor=anchor, step=1.2)
    return made


def _figure(
    one: Feeling, ends: tuple[float, float], y: float, taken: list[Box], busy: Sequence[Point]
) -> list[Element]:
    """Mean, half-width and n, short lines below each other where the curve leaves room."""
    left, right = _EMOTION
    figure, count = words.feeling_figure(one)
    first, plus, half = figure.partition(" ± ")
    small = ([f"± {half}"] if plus else []) + wrap(count, 10, right - left - 8, lines=4)
    width = max(text_width(first, 11, bold=True), *(text_width(line, 10) for line in small))
    tall = 13 + len(small) * 12.5
    sides = (ends[1] + 6, ends[0] - 6 - width, left + 1, right - 1 - width)
    places = [
        Box(x, down, x + width, down + tall)
        for down in (y - 12, y + 8, y - 24, y + 18, y - tall - 6)
        for x in sides
        if left - 5 <= x and x + width <= right + 3
    ]
    point = Box(ends[0] - 4, y - 5, ends[1] + 4, y + 5)
    box = places[calmest_place(places, [point, *taken], busy, gap=0)]
    taken.append(box)
    x = (box.left + box.right) / 2
    made = [write(x, box.top + 10, first, 11, anchor="middle", bold=True)]
    return made + paragraph(x, box.top + 22.5, small, 10, tone="ink2", anchor="middle", step=1.25)

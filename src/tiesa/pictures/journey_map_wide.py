"""The journey map lying: stages left to right, and below each other lanes, waits, emotion and moments of truth."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tiesa.core.formats import number
from tiesa.core.locale import _
from tiesa.pictures import journey_map_text as words
from tiesa.pictures.journey_map_emotion import HEIGHT as EMOTION_HEIGHT
from tiesa.pictures.journey_map_emotion import emotion_strip
from tiesa.pictures.journey_map_head import foot, head, keys, nothing
from tiesa.pictures.journey_map_layout import (
    Box,
    Grid,
    Point,
    around,
    beside_each_other,
    by_place,
    calmest_place,
    fitted,
    free_place,
    samples,
    strongest,
    text_box,
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
from tiesa.pictures.journey_map_waits import MOST_WIDE, chosen_waits, wait_strip
from tiesa.pictures.palette import Theme
from tiesa.pictures.svg import Element, element, path, wrap

if TYPE_CHECKING:
    from tiesa.pictures.journey_map import Bubble, Flow, JourneyMap

_GUTTER, _EDGE, _PITCH, _LARGEST, _WIDEST = 132.0, 16.0, 52.0, 22.0, 15.0


@dataclass(slots=True)
class Sheet:
    """The columns, and how far down the drawing has come."""

    map: JourneyMap
    column: float
    width: float
    y: float
    made: list[Element] = field(default_factory=list)

    def middle(self, stage: int) -> float:
        return _GUTTER + (stage + 0.5) * self.column

    @property
    def left(self) -> float:
        return _GUTTER

    @property
    def right(self) -> float:
        return _GUTTER + len(self.map.stages) * self.column

    def label(self, y: float, text: str, *, size: float = 12, bold: bool = False) -> None:
        """A name at the left of a strip, in at most two lines, its middle at y."""
        fit = fitted(text, _GUTTER - _EDGE - 12, (size, size - 1, size - 2), lines=2, bold=bold)
        top = y + (0.36 - (len(fit.lines) - 1) * 0.6) * fit.size
        self.made += paragraph(_GUTTER - 12, top, fit.lines, fit.size, tone="ink2", anchor="end", bold=bold, step=1.2)


def drawn(map: JourneyMap, theme: Theme, *, frame: bool) -> Element:
    """The whole picture. frame: with headline and footer."""
    stages = max(1, len(map.stages))
    column = 136.0 if stages > 7 else max(150.0, (860.0 if stages < 4 else 1050.0) / stages)
    width = _GUTTER + stages * column + _EDGE
    made, y = head(map, 28, width, frame=frame)
    if map.is_empty:
        lines, y = nothing(28 if frame else _EDGE, y, width)
        end, y = foot(map, y + 8, width, frame=frame)
        return whole(map, theme, *made, *lines, *end, size=(width, y), shape=f"wide {frame}")
    sheet = Sheet(map, column, width, y)
    top = sheet.y
    _stage_names(sheet)
    flows = _lanes(sheet)
    _again_and_back(sheet)
    sheet.y += 10
    waits = chosen_waits(map, MOST_WIDE)
    if waits:
        sheet.label(sheet.y + 22, _("Waits between contacts"), bold=True)
        drawings, sheet.y = wait_strip(map, waits, sheet.middle, (sheet.left, sheet.right), sheet.y + 8, column)
        sheet.made += drawings
    sheet.y += 14
    if map.feelings:
        sheet.made += emotion_strip(map, sheet.middle, (sheet.left, sheet.right), sheet.y, column, sheet.label)
        sheet.y += EMOTION_HEIGHT
    else:
        sheet.label(sheet.y + 16, _("Emotion"), bold=True)
        said = wrap(words.emotion_unmeasured(), 11, sheet.right - sheet.left - 16, lines=2)
        sheet.made += paragraph(sheet.left + 8, sheet.y + 20, said, 11, tone="ink2")
        sheet.y += 22 + len(said) * 14.5
    _moments(sheet)
    bands = [
        element("rect", x=_GUTTER + i * column, y=top, width=column, height=sheet.y - top, class_="jm-band")
        for i in range(0, stages, 2)
    ]
    left_out = words.not_drawn(map, flows=flows, waits=waits)
    end, height = foot(map, sheet.y + 26, width, frame=frame, keys=keys(map, _LARGEST, flows, waits), left_out=left_out)
    return whole(map, theme, *made, *bands, *sheet.made, *end, size=(width, height), shape=f"wide {frame}")


def _stage_names(sheet: Sheet) -> None:
    """The names at the top, all in one size: two lines, or three where two would cut one of them."""
    width, names = sheet.column - 12, sheet.map.stages
    size, rows = next(
        (
            (size, lines)
            for lines, sizes in ((2, (13.5, 12.5, 11.5)), (3, (11.5, 10.5)))
            for size in sizes
            if all(fitted(name, width, (size,), lines=lines, bold=True).whole for name in names)
        ),
        (10.5, 3),
    )
    made = [wrap(name, size, width, lines=rows, bold=True) for name in names]
    rows = max(map(len, made))
    for stage, lines in enumerate(made):
        first = sheet.y + 22 + (rows - len(lines)) * size * 0.66
        sheet.made += paragraph(sheet.middle(stage), first, lines, size, anchor="middle", bold=True)
    sheet.y += 22 + rows * size * 1.32


def _lanes(sheet: Sheet) -> tuple[Flow, ...]:
    """Rules, flows, bubbles with their numbers and flags; the flows that are drawn are returned."""
    map = sheet.map
    first = sheet.y + (44 if map.flags else 38)
    across = [first + i * _PITCH for i in range(len(map.lanes))]
    for y, name in zip(across, map.lanes, strict=True):
        sheet.label(y, name)
        sheet.made.append(element("path", d=path([("M", (sheet.left, y)), ("L", (sheet.right, y))]), class_="jm-rule"))
    grid = Grid([sheet.middle(i) for i in range(len(map.stages))], across, by_place(map.bubbles, _LARGEST))
    flows = strongest(map.flows)
    most = max((flow.n for flow in flows), default=1)
    widths = [max(1.0, _WIDEST * flow.n / most) for flow in flows]
    busy: list[Point] = []
    for flow, width, aside in zip(flows, widths, beside_each_other(flows, widths), strict=True):
        points = grid.route(flow, aside)
        busy += samples(points)
        sheet.made.append(ribbon(curve(points), width, flow.owner, words.flow_words(map, flow)))
    discs = {
        (stage, lane): around(grid.along[stage], across[lane], max(radius, SMALLEST_RADIUS) + 1)
        for (stage, lane), radius in grid.radii.items()
    }
    ordered = sorted(map.bubbles, key=lambda b: (-b.contacts, b.stage, b.lane))
    for one in ordered:
        x, y, radius = grid.along[one.stage], across[one.lane], grid.radii[one.stage, one.lane]
        sheet.made.append(bubble(x, y, radius, words.bubble_words(map, one.stage, one.lane, one.contacts)))
    taken = [*discs.values(), *_pennants(sheet, grid, discs)]
    for one in ordered:
        x, y, radius = grid.along[one.stage], across[one.lane], grid.radii[one.stage, one.lane]
        taken.append(_bubble_number(sheet, one, (x, y, radius), taken, busy))
    sheet.y = across[-1] + 40
    return flows


def _pennants(sheet: Sheet, grid: Grid, discs: Mapping[tuple[int, int], Box]) -> list[Box]:
    """A numbered flag at the edge of each moment's bubble, or under the stage's name where no lane is meant."""
    taken: list[Box] = []
    for count, flag in enumerate(sheet.map.flags, start=1):
        here = (flag.stage, flag.lane if flag.lane is not None else -1)
        x, y = grid.along[flag.stage], grid.across[flag.lane] if flag.lane is not None else grid.across[0] - 4
        edge = 0.7 * max(grid.radii.get(here, 0.0), SMALLEST_RADIUS)
        others = [disc for place, disc in discs.items() if place != here] + taken
        right = [(x + edge + dx, y - edge) for dx in (0, 18, 36)]
        left = [(x - edge - 17 - dx, y - edge) for dx in (0, 18, 36)]
        feet = [at for pair in zip(right, left, strict=True) for at in pair]
        feet += [(x + dx, y - edge + 27 * down) for down in (1, 2) for dx in (edge + 3, -edge - 20, 45, -62)]
        chosen = calmest_place([pennant_box(*at) for at in feet], others, (), gap=0.5)
        taken.append(pennant_box(*feet[chosen]))
        sheet.made += pennant(*feet[chosen], count)
    return taken


def _bubble_number(
    sheet: Sheet, one: Bubble, circle: tuple[float, float, float], taken: Sequence[Box], busy: Sequence[Point]
) -> Box:
    """The number inside its bubble where it fits, else beside it where there is room."""
    x, y, radius = circle
    text = number(one.contacts)
    inside = text_box(x, y + 3.8, text, 10.5, anchor="middle", bold=True)
    if inside.right - inside.left <= 2 * radius - 5:
        sheet.made.append(write(x, y + 3.8, text, 10.5, tone="on", anchor="middle", bold=True))
        return inside
    away = max(radius, SMALLEST_RADIUS + 1) + 3
    places = [
        (x, y - away - 1, "middle"), (x, y + away + 8.5, "middle"), (x + away + 1, y - 4, "start"),
        (x - away - 1, y - 4, "end"), (x + away + 1, y + 11, "start"), (x - away - 1, y + 11, "end"),
        *((x + side * (away + 1), y + down, "start" if side > 0 else "end") for down in (-16, 23) for side in (1, -1)),
        (x + away + 1, y + 3.8, "start"),
    ]  # fmt: skip
    boxes = [text_box(a, b, text, 10.5, anchor=anchor) for a, b, anchor in places]
    chosen = calmest_place(boxes, taken, busy, gap=0.5)
    a, b, anchor = places[chosen]
    halo = "jm-halo-band" if one.stage % 2 == 0 else "jm-halo"
    sheet.made.append(write(a, b, text, 10.5, anchor=anchor, also=halo))
    return boxes[chosen]


def _again_and_back(sheet: Sheet) -> None:
    """How often a journey stayed in a stage or went back: counted below the lanes, where arcs would tangle."""
    rows = (
        (_("again in the stage"), again_mark(), words.kept_in_stage(sheet.map)),
        (_("back to an earlier stage"), back_mark(), words.gone_back(sheet.map)),
    )
    for label, sign, counts in rows:
        if not any(counts.values()):
            continue
        sheet.label(sheet.y + 12, label, size=11)
        for stage, n in sorted(counts.items()):
            x, text = sheet.middle(stage), number(n)
            box = text_box(x + 7, sheet.y + 16, text, 10.5, anchor="middle")
            mark = element("g", sign, transform=f"translate({box.left - 14:.1f} {sheet.y + 12:.1f})")
            sheet.made += [mark, write(x + 7, sheet.y + 16, text, 10.5, tone="ink2", anchor="middle")]
        sheet.y += 28


def _moments(sheet: Sheet) -> None:
    """The moments of truth in words under their stage, numbered as their flags are."""
    flags = sheet.map.flags
    if not flags:
        return
    sheet.y += 14
    sheet.label(sheet.y + 16, _("Moments of truth"), bold=True)
    taken: list[Box] = []
    for count, flag in enumerate(flags, start=1):
        left = sheet.middle(flag.stage) - sheet.column / 2 + 4
        following = min((f.stage for f in flags if f.stage > flag.stage), default=len(sheet.map.stages))
        width = min(290.0, (following - flag.stage) * sheet.column - 8)
        title = wrap(flag.title, 11.5, width - 34, lines=5, bold=True)
        detail = wrap(flag.detail, 11, width - 34, lines=4)
        height = 12 + (len(title) + len(detail)) * 15.2
        (box,) = free_place(
            ((Box(left, y, left + width, y + height),) for y in itertools.count(sheet.y, 4.0)), taken, gap=6
        )
        taken.append(box)
        sheet.made += pennant(left + 6, box.top + 28, count)
        sheet.made += paragraph(left + 30, box.top + 14, title, 11.5, tone="flag-text", bold=True)
        sheet.made += paragraph(left + 30, box.top + 14 + len(title) * 15.2, detail, 11)
    sheet.y = max(box.bottom for box in taken) + 4

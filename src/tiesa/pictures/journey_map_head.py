"""Above and below the journey map: the answer in words, the legend, what is left out, what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tiesa.core.enums import WaitOwner
from tiesa.core.formats import number
from tiesa.core.locale import _
from tiesa.pictures import journey_map_text as words
from tiesa.pictures.journey_map_layout import fitted, radius_of
from tiesa.pictures.journey_map_parts import SMALLEST_RADIUS, Key, legend, owner_key, owners_of, paragraph
from tiesa.pictures.svg import Element, element, path, wrap

if TYPE_CHECKING:
    from tiesa.pictures.journey_map import Flow, JourneyMap, Wait


def head(map: JourneyMap, left: float, width: float, *, frame: bool) -> tuple[list[Element], float]:
    """Title, answer and note, and where they end. Without a frame: nothing, the page has said it."""
    if not frame:
        return [], 8.0
    narrow = width < 500
    room, y = width - 2 * left, 30.0 if narrow else 38.0
    made: list[Element] = []
    for text, sizes, lines, tone, step in (
        (map.title, (13, 12), 2, "accent-text", 1.32),
        (map.answer, (18, 16, 15) if narrow else (25, 22, 19), 9 if narrow else 5, "ink", 1.28),
        (map.note, (12.5, 12) if narrow else (14, 13), 12 if narrow else 4, "ink2", 1.45),
    ):
        if not text.strip():
            continue
        wide = min(room, 900) if text is map.note else room
        fit = fitted(text, wide, sizes, lines=lines, bold=tone != "ink2")
        made += paragraph(left, y, fit.lines, fit.size, tone=tone, bold=tone != "ink2", step=step)
        y += len(fit.lines) * fit.size * step + (13 if tone == "accent-text" else 3)
    return made, y + 5


def nothing(left: float, y: float, width: float) -> tuple[list[Element], float]:
    """The words of an empty map."""
    lines = wrap(words.nothing_to_draw(), 14, width - 2 * left, lines=6)
    return paragraph(left, y + 26, lines, 14, tone="ink2"), y + 26 + len(lines) * 14 * 1.32


def keys(map: JourneyMap, largest: float, flows: Sequence[Flow], waits: Sequence[Wait]) -> list[Key]:
    """The legend, of what the picture holds only."""
    most = max((bubble.contacts for bubble in map.bubbles), default=0)
    made = [_bubble_key(most, largest)]
    if any(radius_of(b.contacts, most, largest) < SMALLEST_RADIUS for b in map.bubbles):
        ring = element("circle", cx=4, cy=0, r=SMALLEST_RADIUS + 0.5, class_="jm-ring")
        made.append(Key((ring,), 8, _("ring: too few contacts to draw to scale")))
    if flows:
        wide = element("path", d=path([("M", (0, 3)), ("L", (30, -6)), ("L", (30, 6)), ("Z", ())]), class_="jm-spread")
        said = _("width: moves from one contact to the next, in proportion, the widest {n}").format(
            n=number(max(flow.n for flow in flows))
        )
        made.append(Key((wide,), 30, said))
    made += [owner_key(owner) for owner in owners_of(flows, waits)]
    if waits:
        made.append(Key((), 0, _("waits: median, its 95 % interval, n")))
    if any(wait.owner == WaitOwner.US for wait in waits):
        made.append(_scale_key())
    if any(feeling.low is not None for feeling in map.feelings):
        spread = element("rect", x=0, y=-6, width=30, height=12, class_="jm-spread")
        line = element("path", d=path([("M", (0, 0)), ("L", (30, 0))]), class_="jm-curve")
        point = element("circle", cx=15, cy=0, r=4, class_="jm-mean")
        made.append(
            Key((spread, line, point), 30, _("measured emotion: mean and 95 % interval, from −1 upset to +1 glad"))
        )
    return made


def foot(
    map: JourneyMap,
    y: float,
    width: float,
    *,
    frame: bool,
    keys: Sequence[Key] = (),
    left_out: Sequence[str] = (),
) -> tuple[list[Element], float]:
    """Legend, what is left out and, with a frame, what the picture rests on; and the height of the whole."""
    left = 10.0 if width < 500 else 28.0
    made: list[Element] = []
    if keys:
        drawn, y = legend(keys, left, y, width - 2 * left)
        made += drawn
        y += 8
    for text, tone in ((" ".join(left_out), "ink2"), (" · ".join(words.footer(map)) if frame else "", "ink2")):
        if text:
            lines = wrap(text, 11, width - 2 * left, lines=8)
            made += paragraph(left, y + 11, lines, 11, tone=tone, step=1.4)
            y += len(lines) * 11 * 1.4 + 5
    return made, y + 14


def _bubble_key(most: int, largest: float) -> Key:
    """A bubble of a round number of contacts, drawn to scale."""
    if most < 1:
        return Key((), 0, _("area: contacts"))
    step = 10 ** (len(str(most)) - 1)
    shown = max(value for value in (step, 2 * step, 5 * step) if value <= most)
    if radius_of(shown, most, largest) > 9:
        smaller = [value for value in (shown // 2, shown // 4, shown // 5, shown // 10) if value >= 1]
        shown = next((v for v in smaller if radius_of(v, most, largest) <= 9), shown)
    radius = radius_of(shown, most, largest)
    if radius > 10:
        return Key((), 0, _("area: contacts"))
    sign = element("circle", cx=radius, cy=0, r=radius, class_="jm-bubble")
    return Key((sign,), 2 * radius, _("area: contacts, this one {n}").format(n=number(shown)))


def _scale_key() -> Key:
    track = element("rect", x=0, y=-2.5, width=34, height=5, class_="jm-track")
    bar = element("rect", x=0, y=-2.5, width=26, height=5, class_="jm-by-us")
    standard = element("path", d=path([("M", (18, -6)), ("L", (18, 6))]), class_="jm-standard")
    return Key((track, bar, standard), 34, _("bar: our median waits on one scale; upright line: the standard"))

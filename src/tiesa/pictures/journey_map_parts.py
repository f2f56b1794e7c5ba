"""What both drawings of the journey map are put together from: stylesheet, texts, bubbles, ribbons, flags, legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

from tiesa.core.enums import WaitOwner
from tiesa.pictures import journey_map_text as words
from tiesa.pictures.journey_map_layout import Box, Point
from tiesa.pictures.palette import FONT, Theme
from tiesa.pictures.svg import Element, drawing, element, path, text_width, wrap

if TYPE_CHECKING:
    from tiesa.pictures.journey_map import Flow, JourneyMap, Wait

DASHES: dict[str, str | None] = {
    WaitOwner.US: None,
    WaitOwner.CUSTOMER: "7 4",
    WaitOwner.THIRD_PARTY: "9 3 2 3",
    WaitOwner.NOBODY: "1.5 3.5",
    WaitOwner.UNKNOWN: "3 5",
}
"""The line of each owner's waits, so that colour is never the only difference."""

SMALLEST_RADIUS = 2.0
"""A bubble smaller than this is drawn as a ring of this size: seen, and seen not to be to scale."""


def stylesheet(scope: str, theme: Theme) -> str:
    """Every rule of the drawing, in literal colours (resvg knows no custom properties), under the class `scope`."""
    rules = {
        "text": f"font-family:{FONT};font-variant-numeric:tabular-nums",
        ".jm-ink": f"fill:{theme.ink}",
        ".jm-ink2": f"fill:{theme.ink2}",
        ".jm-us-text": f"fill:{theme.us}",
        ".jm-flag-text": f"fill:{theme.flag}",
        ".jm-accent-text": f"fill:{theme.accent}",
        ".jm-on": f"fill:{theme.card}",
        ".jm-bold": "font-weight:700",
        ".jm-italic": "font-style:italic",
        ".jm-halo": f"paint-order:stroke;stroke:{theme.card};stroke-width:3px;stroke-linejoin:round",
        ".jm-halo-band": f"paint-order:stroke;stroke:{theme.band};stroke-width:3px;stroke-linejoin:round",
        ".jm-paper": f"fill:{theme.paper}",
        ".jm-card": f"fill:{theme.card}",
        ".jm-band": f"fill:{theme.band}",
        ".jm-rule": f"stroke:{theme.line};stroke-width:1;fill:none",
        ".jm-bubble": f"fill:{theme.accent};stroke:{theme.card};stroke-width:1.5",
        ".jm-ring": f"fill:{theme.card};stroke:{theme.accent};stroke-width:1.2",
        ".jm-glad": f"fill:{theme.glad}",
        ".jm-upset": f"fill:{theme.upset}",
        ".jm-zero": f"stroke:{theme.ink2};stroke-width:1;stroke-dasharray:2 3;opacity:0.7;fill:none",
        ".jm-spread": f"fill:{theme.accent};fill-opacity:0.2",
        ".jm-whisker": f"stroke:{theme.accent};stroke-width:1.5;stroke-opacity:0.55;fill:none",
        ".jm-curve": f"fill:none;stroke:{theme.accent};stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round",
        ".jm-mean": f"fill:{theme.card};stroke:{theme.accent};stroke-width:2.5",
        ".jm-box": f"fill:{theme.card};stroke:{theme.line};stroke-width:1",
        ".jm-mark": f"stroke:{theme.ink2};stroke-width:1.4;fill:none;stroke-linejoin:round;stroke-linecap:round",
        ".jm-standard": f"stroke:{theme.ink};stroke-width:2;fill:none",
        ".jm-track": f"fill:{theme.band}",
        ".jm-flag": f"fill:{theme.flag};stroke:{theme.card};stroke-width:1",
        ".jm-pole": f"stroke:{theme.flag};stroke-width:1.5;fill:none",
        ".jm-ribbon": "fill:none;stroke-opacity:0.34",
        ".jm-ribbon.jm-of-us": "stroke-opacity:0.5",
        ".jm-line": "fill:none;stroke-width:1.3",
    }
    owners = {f".jm-of-{owner}": f"stroke:{theme.wait(owner)}" for owner in WaitOwner}
    filled = {f".jm-by-{owner}": f"fill:{theme.wait(owner)}" for owner in WaitOwner}
    return "".join(f".{scope} {chosen}{{{rule}}}" for chosen, rule in (rules | owners | filled).items())


def whole(map: JourneyMap, theme: Theme, *children: Element, size: tuple[float, float], shape: str) -> Element:
    """The outermost element: card as ground, described in words, styled under a class of its own."""
    scope = "jm-" + sha256(f"{map.title}\n{theme.name}\n{shape}".encode(errors="backslashreplace")).hexdigest()[:10]
    ground = element("rect", x=0, y=0, width=size[0], height=size[1], rx=10, class_="jm-card")
    svg = drawing(
        *size, ground, *children, title=map.title, description=words.in_words(map), style=stylesheet(scope, theme)
    )
    svg.attributes |= {"class_": f"jm {scope}"}
    return svg


def write(
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    tone: str = "ink",
    anchor: str = "start",
    bold: bool = False,
    also: str = "",
    turn: float | None = None,
) -> Element:
    """A text with its baseline at y. tone: ink, ink2, us-text, flag-text, accent-text, on; also: further classes."""
    chosen = " ".join(filter(None, [f"jm-{tone}", "jm-bold" if bold else "", also]))
    turned = None if turn is None else f"rotate({turn:g} {x:.1f} {y:.1f})"
    return element("text", text=text, x=x, y=y, font_size=size, text_anchor=anchor, class_=chosen, transform=turned)


def paragraph(
    x: float, y: float, lines: Sequence[str], size: float, *, tone: str = "ink", anchor: str = "start",
    bold: bool = False, step: float = 1.32,
) -> list[Element]:  # fmt: skip
    """Lines below each other; y is the baseline of the first."""
    return [
        write(x, y + i * size * step, line, size, tone=tone, anchor=anchor, bold=bold) for i, line in enumerate(lines)
    ]


def curve(points: Sequence[Point], *, upright: bool = False) -> str:
    """Path data of a calm curve through points given (along, across): handles half way along each stretch."""

    def at(along: float, across: float) -> Point:
        return (across, along) if upright else (along, across)

    data: list[tuple[str, Sequence[float]]] = [("M", at(*points[0]))]
    for (a0, c0), (a1, c1) in pairwise(points):
        half = (a0 + a1) / 2
        data.append(("C", (*at(half, c0), *at(half, c1), *at(a1, c1))))
    return path(data)


def ribbon(data: str, width: float, owner: str, tooltip: str) -> Element:
    """A flow: a soft ribbon as wide as its n, and a thin line in its owner's dash along its middle."""
    kind = owner if owner in DASHES else WaitOwner.UNKNOWN
    soft = element("path", d=data, stroke_width=width, class_=f"jm-ribbon jm-of-{kind}")
    line = element("path", d=data, stroke_dasharray=DASHES[kind], class_=f"jm-line jm-of-{kind}")
    return element("g", element("title", text=tooltip), *([soft] if width > 1.3 else []), line)


def bubble(x: float, y: float, radius: float, tooltip: str) -> Element:
    """A bubble to scale, or a ring where to scale it would not be seen."""
    small = radius < SMALLEST_RADIUS
    return element(
        "circle",
        element("title", text=tooltip),
        cx=x,
        cy=y,
        r=SMALLEST_RADIUS + 0.5 if small else radius,
        class_="jm-ring" if small else "jm-bubble",
    )


def pennant(x: float, y: float, count: int) -> list[Element]:
    """A flag on a pole whose foot stands at (x, y), with its number."""
    top = y - 24
    return [
        element("path", d=path([("M", (x, y)), ("L", (x, top))]), class_="jm-pole"),
        element(
            "path",
            d=path([("M", (x, top)), ("L", (x + 17, top)), ("L", (x + 13, top + 6.5)), ("L", (x + 17, top + 13)),
                    ("L", (x, top + 13)), ("Z", ())]),
            class_="jm-flag",
        ),
        write(x + 6.8, top + 10, str(count), 9.5, tone="on", anchor="middle", bold=True),
    ]  # fmt: skip


def pennant_box(x: float, y: float) -> Box:
    return Box(x - 1, y - 25, x + 18, y)


def again_mark() -> Element:
    """A small loop, for moves within a stage; its left end at (0, 0)."""
    data: list[tuple[str, Sequence[float]]] = [
        ("M", (0, -3.5)), ("C", (6, -7, 9, 4, 2.5, 4)), ("M", (5.2, 1.6)), ("L", (2.2, 4.1)), ("L", (5.2, 6.4)),
    ]  # fmt: skip
    return element("path", d=path(data), class_="jm-mark")


def back_mark() -> Element:
    """A small arrow to the left, for moves back to an earlier stage."""
    data = [("M", (8, 0)), ("L", (0, 0)), ("M", (3.2, -3)), ("L", (0, 0)), ("L", (3.2, 3))]
    return element("path", d=path(data), class_="jm-mark")


def arrow_head(x: float, y: float, direction: float, owner: str) -> Element:
    """A small triangle whose tip is at (x, y), pointing right (1) or left (-1)."""
    points = [("M", (x, y)), ("L", (x - 6 * direction, y - 3.2)), ("L", (x - 6 * direction, y + 3.2)), ("Z", ())]
    return element("path", d=path(points), class_=f"jm-by-{owner if owner in DASHES else WaitOwner.UNKNOWN}")


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend: a sign `width` wide, drawn with its middle at (0, 0) of its left end, and its words."""

    sign: tuple[Element, ...]
    width: float
    words: str


def owner_key(owner: str) -> Key:
    """The line and ribbon of an owner."""
    data = path([("M", (0, 0)), ("L", (34, 0))])
    soft = element("path", d=data, stroke_width=7, class_=f"jm-ribbon jm-of-{owner}")
    line = element("path", d=data, stroke_dasharray=DASHES[owner], class_=f"jm-line jm-of-{owner}")
    return Key((soft, line), 34, words.owner_words(owner))


def legend(
    keys: Sequence[Key], left: float, top: float, width: float, *, size: float = 11
) -> tuple[list[Element], float]:
    """The entries in rows of at most `width`, words wrapped where one alone is wider; and where it ends."""
    made: list[Element] = []
    x, y = left, top
    for key in keys:
        indent = key.width + 8 if key.sign else 0.0
        lines = wrap(key.words, size, width - indent, lines=4)
        taken = indent + max(text_width(line, size) for line in lines)
        if x > left and x + taken > left + width:
            x, y = left, y + 22
        if key.sign:
            made.append(element("g", *key.sign, transform=f"translate({x:.1f} {y:.1f})"))
        made += paragraph(x + indent, y + 4, lines, size, tone="ink2")
        x += taken + 24
        if len(lines) > 1:
            x, y = left, y + 22 + (len(lines) - 1) * size * 1.32
    return made, y + (14 if x > left else -8)


def owners_of(flows: Sequence[Flow], waits: Sequence[Wait]) -> list[str]:
    """The owners that have a flow or a wait, in the vocabulary's order."""
    given = [flow.owner for flow in flows] + [wait.owner for wait in waits]
    seen = {owner if owner in DASHES else WaitOwner.UNKNOWN for owner in given}
    return [owner for owner in WaitOwner if owner in seen]

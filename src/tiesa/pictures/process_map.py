"""The process map: which touchpoint follows which, how often, and how long it takes.

`draw` makes one picture, `process_levels.interactive` a page part with a slider for the detail and a switch between
frequency and time that work without script.
"""

from __future__ import annotations

from collections.abc import Sequence

from tiesa.core import formats
from tiesa.core.enums import WaitOwner
from tiesa.core.locale import _
from tiesa.pictures.journey_map_text import nothing_to_draw, owner_words
from tiesa.pictures.palette import FONT, LIGHT, Theme
from tiesa.pictures.process_figures import Edge, Node, ProcessMap, counts
from tiesa.pictures.process_layout import Placed, place
from tiesa.pictures.process_marks import (
    Show,
    box_marks,
    dot_marks,
    label_marks,
    line_colour,
    line_marks,
    wait_colour,
)
from tiesa.pictures.svg import Element, drawing, element, text_width, wrap

__all__ = ["Edge", "Node", "ProcessMap", "Show", "draw"]

_PHONE, _READABLE, _PAGE = 360.0, 384.0, 640.0
AROUND_WIDE, AROUND_UPRIGHT = (58.0, 24.0), (12.0, 30.0)
"""Room beside and above the map itself, for the names of start and end."""
_TITLE, _TEXT, _SMALL = 16.0, 12.5, 10.5


def draw(
    map: ProcessMap,
    *,
    theme: Theme = LIGHT,
    show: Show = "frequency",
    detail: float = 0.5,
    upright: bool = False,
    frame: bool = True,
) -> str:
    """The process map as SVG.

    Args: show: label lines with n, or with the median time and the colour of whose wait it mostly is. detail: 0 (the
    backbone) to 1 (everything), see `ProcessMap.simplified`. upright: runs down, for a page of 360 px; there the detail
    is lowered as far as names stay readable, and the picture says how much it draws. frame: with title, answer, legend
    and what it rests on; without it only the map itself.
    Raises: ValueError for a detail outside 0 to 1 or an unknown `show`.
    """
    if show not in ("frequency", "time"):
        raise ValueError(f"show must be frequency or time, not {show!r}")
    shown, placed = fitted(map, detail=detail, upright=upright)
    around = AROUND_UPRIGHT if upright else AROUND_WIDE
    width = placed.width + 2 * around[0]
    if frame or upright:
        width = max(width, _PHONE if upright else _PAGE)
    left = (width - placed.width) / 2 if upright else around[0]
    top = around[1]
    parts: list[Element] = []
    if frame:
        heading, top = _heading(map, width, theme)
        parts += heading
        top += around[1]
    parts.append(
        element("g", *_marks(placed, theme, show, upright=upright), transform=f"translate({left:.1f} {top:.1f})")
    )
    height = top + placed.height + around[1]
    if frame:
        legend, height = _legend(placed, theme, show, width, height)
        notes, height = _notes(shown, placed, width, height, theme)
        parts += [*legend, *notes]
    ground = element("rect", width=width, height=height, fill=theme.card)
    whole = element("g", *parts, font_family=FONT, fill=theme.ink)
    return str(drawing(width, height, ground, whole, title=map.title, description=shown.in_words()))


def fitted(map: ProcessMap, *, detail: float, upright: bool) -> tuple[ProcessMap, Placed]:
    """The simplified map and its layout; an upright one with no more detail than a narrow page can carry."""
    shown = map.simplified(detail=detail)
    placed = place(shown, upright=upright)
    while upright and detail > 0 and placed.width > _READABLE - 2 * AROUND_UPRIGHT[0]:
        detail = max(0.0, round(detail - 0.08, 4))
        shown = map.simplified(detail=detail)
        placed = place(shown, upright=True)
    return shown, placed


def _marks(placed: Placed, theme: Theme, show: Show, *, upright: bool) -> list[Element]:
    """The map itself, the boxes over the lines and the labels over all."""
    return [
        line_marks(placed, theme, show),
        dot_marks(placed, theme, upright=upright),
        box_marks(placed, theme),
        label_marks(placed, theme, show),
    ]


def legend_items(placed: Placed, theme: Theme, show: Show) -> list[tuple[str, bool, str]]:
    """Colour, dashed or not, and words of what the lines mean."""
    most = max((line.n for line in placed.lines), default=1)
    plain = next((line for line in placed.lines if line.edge and line.n == most), None)
    if show == "time":
        met = {line.edge.owner or WaitOwner.UNKNOWN for line in placed.lines if line.edge}
        items = [(wait_colour(owner, theme), False, owner_words(owner)) for owner in WaitOwner if owner in met]
        items.append((theme.ink2, False, _("label: median time; thicker: more often")))
    else:
        colour = line_colour(plain, theme, show, most) if plain else theme.ink2
        items = [(colour, False, _("label: how often; thicker: more often"))]
    if any(line.is_backward for line in placed.lines):
        items.append((theme.ink2, True, _("back to an earlier touchpoint")))
    return items


def footer(map: ProcessMap) -> str:
    """What the picture rests on."""
    said = [counts(map.journeys, map.contacts), _("as of {moment}").format(moment=formats.moment(map.as_of))]
    return " · ".join([*said, _("made-up company")] if map.made_up else said)


def _heading(map: ProcessMap, width: float, theme: Theme) -> tuple[list[Element], float]:
    y, parts = 12.0, []
    for line in wrap(map.title, _TITLE, width - 32, lines=3, bold=True):
        y += 20
        parts.append(element("text", text=line, x=16, y=y, font_size=_TITLE, font_weight="700"))
    y += 3
    for line in wrap(map.answer, _TEXT, width - 32, lines=5):
        y += 17
        parts.append(element("text", text=line, x=16, y=y, font_size=_TEXT, fill=theme.ink2))
    return parts, y


def _legend(placed: Placed, theme: Theme, show: Show, width: float, top: float) -> tuple[list[Element], float]:
    parts: list[Element] = []
    x, y = 16.0, top + 6
    for colour, dashed, words in legend_items(placed, theme, show):
        room = 28 + text_width(words, _SMALL) + 16
        if x > 16 and x + room > width - 8:
            x, y = 16.0, y + 17
        dash = "6 4" if dashed else None
        parts.append(element("path", d=f"M{x:.1f} {y:.1f}h22", stroke=colour, stroke_width=3, stroke_dasharray=dash))
        parts.append(element("text", text=words, x=x + 28, y=y + 3.5, font_size=_SMALL, fill=theme.ink2))
        x += room
    return parts, y + 14


def _notes(shown: ProcessMap, placed: Placed, width: float, top: float, theme: Theme) -> tuple[list[Element], float]:
    nothing = "" if shown.nodes else nothing_to_draw()
    y, parts = top, []
    for said in (nothing, shown.hidden, placed.unlabelled, footer(shown)):
        for line in _lines(said, width):
            y += 15
            parts.append(element("text", text=line, x=16, y=y, font_size=_SMALL, fill=theme.ink2))
    return parts, y + 14


def _lines(text: str, width: float) -> Sequence[str]:
    return wrap(text, _SMALL, width - 32, lines=4)

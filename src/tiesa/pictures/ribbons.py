"""The ways customers go, one row each: touchpoints as blocks, the waits between them, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass

from tiesa.core import formats
from tiesa.core.enums import WaitOwner
from tiesa.core.locale import _, ngettext
from tiesa.pictures.journey_map_text import nothing_to_draw, owner_words
from tiesa.pictures.palette import FONT, LIGHT, Theme
from tiesa.pictures.ribbon_figures import Block, Ribbon, Ribbons, Step, folded, sequence, shortened, told
from tiesa.pictures.svg import Element, drawing, element, full_lines, path, shorten, text_width, wrap
from tiesa.pictures.touchpoint_colours import colours_for, other_ground, weights_of

__all__ = ["Ribbon", "Ribbons", "Step", "draw_ribbons"]

_TITLE, _TEXT, _FIGURE, _SMALL = 16.0, 12.5, 11.0, 10.5
_NAME, _WAIT = 10.0, 9.5
_EDGE = 16.0
_LINES_IN_BLOCK = 3
_BLOCK_HEIGHT, _POINT = 39.0, 8.0


@dataclass(frozen=True, slots=True)
class _Shape:
    """How rows are measured: width of the picture, where blocks begin, how wide they are, how many fit in a line, and
    how many lines a way may take."""

    width: float
    left: float
    block: float
    in_line: int
    lines: int
    upright: bool


_WIDE = _Shape(1120, 190, 96, 8, 1, False)
_UPRIGHT = _Shape(360, _EDGE, 109, 3, 4, True)


def draw_ribbons(ribbons: Ribbons, *, theme: Theme = LIGHT, upright: bool = False, frame: bool = True) -> str:
    """The ways as SVG.

    A way too long for its row is cut in the middle ("… 12 steps …"); its title holds all of it. upright: for a page of
    360 px, blocks over several lines. frame: with title, answer and what it rests on.
    """
    shape = _UPRIGHT if upright else _WIDE
    ways = [([step.name for step in ribbon.steps], float(ribbon.journeys.count)) for ribbon in ribbons.ribbons]
    colours = colours_for(weights_of(ways), theme)
    parts, y = _heading(ribbons, shape, theme) if frame else ([], 8.0)
    if not upright:
        parts.append(_column_names(shape, y, theme))
        y += 20
    widest = max((ribbon.journeys.value or 0.0 for ribbon in ribbons.ribbons), default=0.0)
    for number, ribbon in enumerate(ribbons.ribbons, 1):
        row, y = _row(ribbon, number, widest, y, shape, colours, theme)
        parts.append(row)
    legend, y = _legend(ribbons, shape, y, theme)
    parts += legend
    if frame:
        footer, y = _footer(ribbons, shape, y, theme)
        parts += footer
    ground = element("rect", width=shape.width, height=y + 8, fill=theme.card)
    whole = element("g", *parts, font_family=FONT, fill=theme.ink)
    return str(drawing(shape.width, y + 8, ground, whole, title=ribbons.title, description=ribbons.in_words()))


def _row(
    ribbon: Ribbon, number: int, widest: float, top: float, shape: _Shape, colours: dict[str, str], theme: Theme
) -> tuple[Element, float]:
    """One way: its figures, its blocks, the waits beneath."""
    row = element("g", element("title", text=f"{sequence(ribbon)}. {', '.join(told(ribbon))}."))
    row.add(element("path", d=path([("M", (_EDGE, top)), ("L", (shape.width - _EDGE, top))]), stroke=theme.line))
    share_text = formats.share(ribbon.journeys.value)
    bounds = _("{interval}, n {n}").format(
        interval=formats.interval(ribbon.journeys.interval), n=formats.number(ribbon.journeys.count)
    )
    ends = _ends(ribbon)
    bar = 154 * (ribbon.journeys.value or 0.0) / widest if widest else 0.0
    row.add(
        element("text", text=formats.number(number), x=_EDGE, y=top + 20, font_size=_SMALL, fill=theme.ink2),
        element("text", text=share_text, x=_EDGE + 21, y=top + 20, font_size=13, font_weight="700"),
        element("text", text=bounds, x=_EDGE + 27 + text_width(share_text, 13, bold=True), y=top + 20, font_size=_WAIT,
                fill=theme.ink2),
        element("rect", x=_EDGE, y=top + 27, width=max(bar, 1.5), height=5, rx=2, fill=theme.accent),
    )  # fmt: skip
    if shape.upright:
        y = top + 40
        for figure, bounded in ends:
            said = _("{figure} ({bounds})").format(figure=figure, bounds=bounded)
            for line in wrap(said, _SMALL, shape.width - 2 * _EDGE):
                row.add(element("text", text=line, x=_EDGE, y=y + 12, font_size=_SMALL, fill=theme.ink2))
                y += 15
        y += 6
    else:
        for i, (strong, quiet) in enumerate(ends):
            x = shape.left + shape.block * shape.in_line + 18
            row.add(element("text", text=strong, x=x, y=top + 16 + 25 * i, font_size=_FIGURE, font_weight="600"))
            row.add(element("text", text=quiet, x=x, y=top + 28 + 25 * i, font_size=_WAIT, fill=theme.ink2))
        y = top + 8
    first, left_out, last = shortened(folded(ribbon.steps), shape.in_line * shape.lines)
    drawn: list[Block | int] = [*first, *([left_out] if left_out else []), *last]
    for i, block in enumerate(drawn):
        x = shape.left + (i % shape.in_line) * shape.block
        line_y = y + (i // shape.in_line) * (_BLOCK_HEIGHT + 22)
        row.add(*_block(block, x, line_y, i == 0, shape, colours, theme))
    lines = max(-(-len(drawn) // shape.in_line), 1)
    return row, y + lines * (_BLOCK_HEIGHT + 22) + 6


def _ends(ribbon: Ribbon) -> list[tuple[str, str]]:
    """Goal share and length: the figure, and what bounds it."""
    ends = []
    if ribbon.reached is not None:
        ends.append(
            (
                _("goal {share}").format(share=formats.share(ribbon.reached.value)),
                _("{interval}, n {n}").format(
                    interval=formats.interval(ribbon.reached.interval), n=formats.number(ribbon.reached.n)
                ),
            )
        )
    if ribbon.median_s is not None:
        if ribbon.low_s is None or ribbon.high_s is None:
            quiet = _("too few for an interval")
        else:
            quiet = formats.between(formats.length(ribbon.low_s), formats.length(ribbon.high_s))
        ends.append((_("median {length}").format(length=formats.length(ribbon.median_s)), quiet))
    return ends


def _block(
    block: Block | int, x: float, y: float, is_first: bool, shape: _Shape, colours: dict[str, str], theme: Theme
) -> list[Element]:
    """A chevron with its name, and beneath its left edge the wait before it; a number stands for the steps left out."""
    width, height = shape.block - 3, _BLOCK_HEIGHT
    notch = 0.0 if is_first else _POINT
    outline = path([
        ("M", (x, y)), ("L", (x + width - _POINT + 2, y)), ("L", (x + width + 2, y + height / 2)),
        ("L", (x + width - _POINT + 2, y + height)), ("L", (x, y + height)), ("L", (x + notch, y + height / 2)),
        ("Z", ()),
    ])  # fmt: skip
    room = width - _POINT - notch - 5
    middle = x + notch + (width - _POINT - notch) / 2 + 1
    if isinstance(block, int):
        words = ngettext("… {n} step …", "… {n} steps …", block).format(n=formats.number(block))
        texts = wrap(words, _NAME, room)
        shape_ = element("path", d=outline, fill="none", stroke=theme.ink2, stroke_dasharray="2 3")
    else:
        times = _("×{times}").format(times=formats.number(block.times)) if block.times > 1 else ""
        texts = _name_lines(block.name, times, room)
        shape_ = element("path", d=outline, fill=colours.get(block.name, other_ground(theme)))
    start = y + height / 2 + 3.6 - (len(texts) - 1) * 5.75
    made = [shape_] + [
        element("text", text=text, x=middle, y=start + i * 11.5, font_size=_NAME, text_anchor="middle")
        for i, text in enumerate(texts)
    ]
    if isinstance(block, Block) and block.waits_s is not None and not is_first:
        colour, text = theme.wait(block.owner or WaitOwner.UNKNOWN), formats.length(block.waits_s)
        left = x + 2 if x == shape.left else x - text_width(text, _WAIT) / 2 - 5
        made.append(element("rect", x=left, y=y + height + 4, width=7, height=7, rx=2, fill=colour))
        made.append(element("text", text=text, x=left + 10, y=y + height + 11, font_size=_WAIT, fill=theme.ink2))
    return made


def _name_lines(name: str, times: str, room: float) -> list[str]:
    """The name in three lines at most; how often it is repeated is never cut off."""
    lines = full_lines(f"{name} {times}".strip(), _NAME, room) or ["–"]
    if len(lines) <= _LINES_IN_BLOCK:
        return lines
    lines = full_lines(name, _NAME, room)
    kept = lines[: _LINES_IN_BLOCK - bool(times)]
    kept[-1] = shorten(kept[-1] + "…", _NAME, room) if len(lines) > len(kept) else kept[-1]
    return [*kept, times] if times else kept


def _column_names(shape: _Shape, y: float, theme: Theme) -> Element:
    right = shape.left + shape.block * shape.in_line + 18
    names = ((_EDGE, _("share of journeys")), (shape.left, _("way, with the median wait before each step")))
    return element(
        "g",
        *(element("text", text=text, x=x, y=y + 12) for x, text in (*names, (right, _("how it ends")))),
        font_size=_SMALL,
        fill=theme.ink2,
    )


def _heading(ribbons: Ribbons, shape: _Shape, theme: Theme) -> tuple[list[Element], float]:
    y, parts = 12.0, []
    for line in wrap(ribbons.title, _TITLE, shape.width - 2 * _EDGE, lines=3, bold=True):
        y += 20
        parts.append(element("text", text=line, x=_EDGE, y=y, font_size=_TITLE, font_weight="700"))
    y += 3
    for line in wrap(ribbons.answer, _TEXT, shape.width - 2 * _EDGE, lines=5):
        y += 17
        parts.append(element("text", text=line, x=_EDGE, y=y, font_size=_TEXT, fill=theme.ink2))
    return parts, y + 14


def _legend(ribbons: Ribbons, shape: _Shape, top: float, theme: Theme) -> tuple[list[Element], float]:
    """Whose waits the colours under the blocks are."""
    met = {
        step.owner or WaitOwner.UNKNOWN
        for ribbon in ribbons.ribbons
        for step in ribbon.steps[1:]
        if step.waits_s is not None
    }
    parts: list[Element] = []
    x, y = _EDGE, top + 10
    for owner in (owner for owner in WaitOwner if owner in met):
        words = owner_words(owner)
        room = 14 + text_width(words, _SMALL) + 16
        if x > _EDGE and x + room > shape.width - 8:
            x, y = _EDGE, y + 17
        parts.append(element("rect", x=x, y=y - 4, width=8, height=8, rx=2, fill=theme.wait(owner)))
        parts.append(element("text", text=words, x=x + 14, y=y + 3.5, font_size=_SMALL, fill=theme.ink2))
        x += room
    return parts, y + 10 if met else top


def _footer(ribbons: Ribbons, shape: _Shape, top: float, theme: Theme) -> tuple[list[Element], float]:
    count = ngettext("{n} journey", "{n} journeys", ribbons.journeys).format(n=formats.number(ribbons.journeys))
    rests = [count, _("as of {moment}").format(moment=formats.moment(ribbons.as_of))]
    if ribbons.made_up:
        rests.append(_("made-up company"))
    y, parts = top, []
    for said in (ribbons.hidden if ribbons.ribbons else nothing_to_draw(), " · ".join(rests)):
        for line in wrap(said, _SMALL, shape.width - 2 * _EDGE, lines=4):
            y += 15
            parts.append(element("text", text=line, x=_EDGE, y=y, font_size=_SMALL, fill=theme.ink2))
    return parts, y + 6

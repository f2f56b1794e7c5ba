"""The marks of a process map that is laid out: lines, boxes, labels, in literal colours and without style sheets."""

from __future__ import annotations

from typing import Literal

from tiesa.core import formats
from tiesa.core.enums import WaitOwner
from tiesa.core.locale import _, ngettext
from tiesa.pictures.charts_frame import mixed
from tiesa.pictures.palette import Theme
from tiesa.pictures.process_figures import Node, edge_in_words
from tiesa.pictures.process_layout import (
    COUNT_SIZE,
    DOT,
    LABEL_SIZE,
    LINE_HEIGHT,
    NAME_SIZE,
    Placed,
    PlacedLine,
    PlacedNode,
    label_texts,
)
from tiesa.pictures.svg import Element, element, path, text_width

Show = Literal["frequency", "time"]


def line_marks(placed: Placed, theme: Theme, show: Show, *, classes: str = "") -> Element:
    """All lines with their arrowheads, the rarest first so that the commonest lie on top.

    classes: each line's group gets the class `<classes><wait owner>`, for a page whose style sheet colours them.
    """
    most = max((line.n for line in placed.lines), default=1)
    group = element("g", fill="none")
    for line in sorted(placed.lines, key=lambda line: line.n):
        colour = line_colour(line, theme, show, most)
        drawn = element(
            "path",
            d=_curve(line),
            stroke=colour,
            stroke_width=line.thickness,
            stroke_dasharray="6 4" if line.is_backward else None,
        )
        owned = f"{classes}{line.edge.owner or WaitOwner.UNKNOWN}" if classes and line.edge else None
        title = element("title", text=_line_title(line))
        group.add(element("g", title, drawn, _arrowhead(line, colour), class_=owned))
    return group


def line_colour(line: PlacedLine, theme: Theme, show: Show, most: int) -> str:
    """Frequency: the more often, the darker. Time: by whose wait it mostly is. Lines of start and end stay pale."""
    pale = mixed(theme.ink2, theme.card, 0.62)
    if line.edge is None:
        return pale
    if show == "time":
        return wait_colour(line.edge.owner, theme)
    return mixed(pale, mixed(theme.accent, theme.ink2, 0.35), min(1.0, 0.25 + 0.75 * (line.n / max(most, 1)) ** 0.5))


def wait_colour(owner: str | None, theme: Theme) -> str:
    """The colour of a line by whose wait it mostly is."""
    return mixed(theme.wait(owner or WaitOwner.UNKNOWN), theme.card, 0.12)


def box_marks(placed: Placed, theme: Theme) -> Element:
    """The touchpoints: name, contacts, and a bar for these; start and end."""
    most = max((drawn.node.contacts for drawn in placed.nodes), default=1)
    group = element("g", text_anchor="middle", fill=theme.ink)
    for drawn in placed.nodes:
        group.add(_box(drawn, theme, most))
    return group


def dot_marks(placed: Placed, theme: Theme, *, upright: bool) -> Element:
    """Where journeys begin (a full dot) and end (a ringed one), with their names."""
    (ax, ay), (bx, by) = placed.start, placed.end
    start, end = _("start"), _("end")
    if upright:
        names = [_text(start, ax, ay - DOT - 5, "middle"), _text(end, bx, by + DOT + 13, "middle")]
    else:
        names = [_text(start, ax - DOT - 5, ay + 3.5, "end"), _text(end, bx + DOT + 5, by + 3.5, "start")]
    return element(
        "g",
        element("circle", cx=ax, cy=ay, r=DOT, fill=theme.ink2),
        element("circle", cx=bx, cy=by, r=DOT - 1, fill=theme.card, stroke=theme.ink2, stroke_width=2),
        element("circle", cx=bx, cy=by, r=DOT - 4, fill=theme.ink2),
        element("g", *names, font_size=LABEL_SIZE + 0.5, fill=theme.ink2),
    )


def label_marks(placed: Placed, theme: Theme, show: Show) -> Element:
    """The labels on the lines: n, or the median gap."""
    group = element("g", font_size=LABEL_SIZE, text_anchor="middle", fill=theme.ink)
    for i, (x, y) in sorted(placed.labels.items()):
        edge = placed.lines[i].edge
        text = label_texts(edge)[show == "time"] if edge else ""
        if not text:
            continue
        half = text_width(text, LABEL_SIZE) / 2 + 2
        top, height = y - LABEL_SIZE / 2 - 1.5, LABEL_SIZE + 3
        ground = element(
            "rect", x=x - half, y=top, width=2 * half, height=height, rx=3, fill=theme.card, fill_opacity="0.86"
        )
        group.add(ground, element("text", text=text, x=x, y=y + 3.5))
    return group


def node_title(node: Node) -> str:
    """A touchpoint with all its figures."""
    return _("{name}: {contacts} in {journeys}; {starts} begin here, {ends} end here").format(
        name=node.name,
        contacts=ngettext("{n} contact", "{n} contacts", node.contacts).format(n=formats.number(node.contacts)),
        journeys=ngettext("{n} journey", "{n} journeys", node.journeys).format(n=formats.number(node.journeys)),
        starts=formats.number(node.starts),
        ends=formats.number(node.ends),
    )


def _line_title(line: PlacedLine) -> str:
    if line.edge is not None:
        return edge_in_words(line.edge)
    tail, head = line.names
    if tail is None:
        return _("{n} journeys begin with {name}").format(n=formats.number(line.n), name=head)
    return _("{n} journeys end with {name}").format(n=formats.number(line.n), name=tail)


def _box(drawn: PlacedNode, theme: Theme, most: int) -> Element:
    left, top, right, bottom = drawn.box
    middle, share = (left + right) / 2, drawn.node.contacts / max(most, 1)
    tinted = mixed(theme.card, theme.accent_soft, 0.25 + 0.75 * share)
    edge = mixed(theme.accent, theme.card, 0.35)
    names = [element("text", text=line, x=middle, y=top + 15 + i * LINE_HEIGHT) for i, line in enumerate(drawn.lines)]
    length = right - left - 16
    return element(
        "g",
        element("title", text=node_title(drawn.node)),
        element("rect", x=left, y=top, width=right - left, height=bottom - top, rx=6, fill=tinted, stroke=edge),
        element("g", *names, font_size=NAME_SIZE, font_weight="600"),
        element("text", text=formats.number(drawn.node.contacts), x=middle, y=bottom - 9, font_size=COUNT_SIZE,
                fill=theme.ink2),
        element("rect", x=left + 8, y=bottom - 5, width=max(length * share, 1.5), height=2, rx=1, fill=theme.accent),
    )  # fmt: skip


def _text(text: str, x: float, y: float, anchor: str) -> Element:
    return element("text", text=text, x=x, y=y, text_anchor=anchor)


def _curve(line: PlacedLine) -> str:
    commands: list[tuple[str, tuple[float, ...]]] = [("M", line.bends[0][0])]
    for one, first, second, other in line.bends:
        if one == other:
            continue
        if one[0] == other[0] or one[1] == other[1]:
            commands.append(("L", other))
        else:
            commands.append(("C", (*first, *second, *other)))
    return path(commands)


def _arrowhead(line: PlacedLine, colour: str) -> Element:
    (tip_x, tip_y), (x, y) = line.tip, line.bends[-1][-1]
    half = 2.5 + line.thickness * 0.75
    if tip_y == y:
        corners = ((x, y - half), (x, y + half))
    else:
        corners = ((x - half, y), (x + half, y))
    return element(
        "path", d=path([("M", (tip_x, tip_y)), ("L", corners[0]), ("L", corners[1]), ("Z", ())]), fill=colour
    )

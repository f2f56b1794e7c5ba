"""A process map laid out: boxes with their names, lines and labels in the drawing's own coordinates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tiesa.core import formats
from tiesa.core.locale import ngettext
from tiesa.pictures.layered import Box, Layout, Link, Route, Spacing, lay_out
from tiesa.pictures.layered_labels import Point, Rectangle, Wanted, curve_points, place_labels
from tiesa.pictures.process_figures import Edge, Node, ProcessMap
from tiesa.pictures.svg import full_lines, text_width

NAME_SIZE, LINE_HEIGHT, COUNT_SIZE, LABEL_SIZE = 11.5, 14.0, 10.0, 10.0
LOOP_HEIGHT, ARROW = 17.0, 6.0
DOT = 7.0
_LABELS_AT_MOST, _LOOP_THICKEST = 160, 3.0
_START, _END = "start", "end"


@dataclass(frozen=True, slots=True)
class Shape:
    """How maps of one orientation are measured. name: room for a line of a name, longest_word: for one that has a long
    word; widest: boxes in a layer; beside: how far a label may stand out of the map."""

    upright: bool
    name: float
    longest_word: float
    spacing: Spacing
    widest: int | None
    thickest: float
    beside: float


WIDE = Shape(False, 108, 168, Spacing(boxes=20, lines=11, layers=62, layers_at_most=120), None, 9, 18)
UPRIGHT = Shape(True, 104, 138, Spacing(boxes=10, lines=7, layers=44, layers_at_most=58), 2, 6, 8)


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A touchpoint's box and the lines of its name."""

    node: Node
    box: Rectangle
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line of the map. edge: None for a line from start or to end. bends: cubic curves from tail to head, up to where
    the arrowhead begins; tip: of the arrowhead. names: the touchpoints it joins, None for start and end."""

    edge: Edge | None
    n: int
    names: tuple[str | None, str | None]
    bends: tuple[tuple[Point, Point, Point, Point], ...]
    tip: Point
    thickness: float
    is_backward: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """Everything of a map with its place. labels: centre of each line's label, by its position in `lines`; the labels
    of frequency and time stand at the same place and have room for either."""

    width: float
    height: float
    nodes: tuple[PlacedNode, ...]
    lines: tuple[PlacedLine, ...]
    labels: Mapping[int, Point]
    start: Point
    end: Point

    @property
    def unlabelled(self) -> str:
        """How many lines found no room for their label, in words; empty when all have one."""
        missing = sum(1 for line in self.lines if line.edge) - len(self.labels)
        if not missing:
            return ""
        return ngettext(
            "{n} rarer line has no room for its label; the table has its figures.",
            "{n} rarer lines have no room for their label; the table has their figures.",
            missing,
        ).format(n=formats.number(missing))


def place(given: ProcessMap, *, upright: bool) -> Placed:
    """Lay out a map: boxes along the flow, to the right or (upright) down."""
    shape = UPRIGHT if upright else WIDE
    loops = {edge.from_node for edge in given.edges if edge.from_node == edge.to_node}
    names = {node.name: _name_lines(node.name, shape) for node in given.nodes}
    sizes = {node.name: _size(node, names[node.name]) for node in given.nodes}
    links = _links(given, shape)
    boxes = [Box(_START, 2 * DOT, 2 * DOT), Box(_END, 2 * DOT, 2 * DOT)]
    for node in given.nodes:
        width, height = sizes[node.name]
        along, across = (height, width) if upright else (width, height)
        boxes.append(Box(_key(node.name), along, across, _loop_room(upright) if node.name in loops else 0))
    layout = lay_out(
        boxes,
        list(links),
        spacing=shape.spacing,
        widest=shape.widest,
        first=_START,
        last=_END,
        order=[_START, *map(_key, given.flow), _END],
    )
    turn = _turned(upright)
    nodes = tuple(
        PlacedNode(node, _around(turn(layout.centres[_key(node.name)]), sizes[node.name]), names[node.name])
        for node in given.nodes
    )
    lines = tuple(_lines(links, layout, turn)) + tuple(_loops(given, {n.node.name: n for n in nodes}, shape))
    width, height = turn((layout.along, layout.across))
    start, end = turn(layout.centres[_START]), turn(layout.centres[_END])
    return Placed(
        width,
        height,
        nodes,
        lines,
        _labels(nodes, lines, (start, end), (-shape.beside, -4, width + shape.beside, height + 4)),
        start,
        end,
    )


def label_texts(edge: Edge) -> tuple[str, str]:
    """What a line is labelled with: n, and the median gap (with its n where that is too small for an interval)."""
    if edge.median_s is None:
        return formats.number(edge.n), ""
    length = formats.length(edge.median_s)
    return formats.number(edge.n), length if edge.low_s is not None else f"{length} (n {formats.number(edge.n)})"


def _key(name: str) -> str:
    return "touchpoint " + name


def _name_lines(name: str, shape: Shape) -> tuple[str, ...]:
    """The whole name; a box grows for a long word before the word is parted."""
    longest = max((text_width(word, NAME_SIZE, bold=True) for word in name.split()), default=0.0)
    room = min(max(shape.name, longest), shape.longest_word)
    return tuple(full_lines(name, NAME_SIZE, room, bold=True)) or ("–",)


def _size(node: Node, lines: tuple[str, ...]) -> tuple[float, float]:
    widest = max(text_width(line, NAME_SIZE, bold=True) for line in lines)
    widest = max(widest, text_width(formats.number(node.contacts), COUNT_SIZE))
    return max(widest + 16, 64), len(lines) * LINE_HEIGHT + 24


def _loop_room(upright: bool) -> float:
    return 2 * LOOP_HEIGHT + 14 if upright else LOOP_HEIGHT + 12


def _links(given: ProcessMap, shape: Shape) -> dict[Link, tuple[Edge | None, int, tuple[str | None, str | None]]]:
    """Every line of the map as a link, loops aside; thickness in proportion to n."""
    most = _most(given)
    found: dict[Link, tuple[Edge | None, int, tuple[str | None, str | None]]] = {}

    def add(tail: str, head: str, n: int, edge: Edge | None, names: tuple[str | None, str | None]) -> None:
        found[Link(tail, head, max(n, 1), _thickness(n, most, shape))] = edge, n, names

    for node in given.nodes:
        if node.name in given.entries:
            add(_START, _key(node.name), node.starts or 0, None, (None, node.name))
        if node.name in given.exits:
            add(_key(node.name), _END, node.ends or 0, None, (node.name, None))
    for edge in given.edges:
        if edge.from_node != edge.to_node:
            names = (edge.from_node, edge.to_node)
            add(_key(edge.from_node), _key(edge.to_node), edge.n, edge, names)
    return found


def _most(given: ProcessMap) -> int:
    """The n of the thickest line. Loops do not count: they stay thin."""
    lines = [edge.n for edge in given.edges if edge.from_node != edge.to_node]
    return max(lines + [max(node.starts or 0, node.ends or 0) for node in given.nodes], default=1)


def _thickness(n: int, most: int, shape: Shape) -> float:
    return 1 + (shape.thickest - 1) * min(n / max(most, 1), 1.0)


def _turned(upright: bool) -> Callable[[Point], Point]:
    return (lambda point: (point[1], point[0])) if upright else (lambda point: point)


def _around(centre: Point, size: tuple[float, float]) -> Rectangle:
    (x, y), (width, height) = centre, size
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _lines(
    links: Mapping[Link, tuple[Edge | None, int, tuple[str | None, str | None]]],
    layout: Layout,
    turn: Callable[[Point], Point],
) -> list[PlacedLine]:
    lines = []
    for link, (edge, n, names) in links.items():
        route = layout.routes[link.tail, link.head]
        tip = route.points[-1]
        towards = -1 if route.is_backward else 1
        neck = (tip[0] - towards * _arrow(link.thickness), tip[1])
        points = (*route.points[:-1], neck)
        if points[-2] == tip:  # the box fills its layer: the bend before it leaves room for the arrowhead
            points = (*route.points[:-2], neck)
        bends = tuple((turn(a), turn(b), turn(c), turn(d)) for a, b, c, d in Route(points, route.is_backward).bends())
        lines.append(PlacedLine(edge, n, names, bends, turn(tip), link.thickness, route.is_backward))
    return lines


def _arrow(thickness: float) -> float:
    return ARROW + thickness * 0.6


def _loops(given: ProcessMap, nodes: Mapping[str, PlacedNode], shape: Shape) -> list[PlacedLine]:
    """Small loops: over the top of a box, or at the left of one in an upright map."""
    most, lines = _most(given), []
    for edge in given.edges:
        if edge.from_node != edge.to_node:
            continue
        left, top, right, bottom = nodes[edge.from_node].box
        thickness = min(_thickness(edge.n, most, shape), _LOOP_THICKEST)
        if shape.upright:
            low, high, edge_x = (top + bottom) / 2 - 9, (top + bottom) / 2 + 9, left
            out = edge_x - LOOP_HEIGHT
            tip, neck = (edge_x, high), (edge_x - _arrow(thickness), high)
            bend = ((edge_x, low), (out, low - 4), (out - 2, high), neck)
        else:
            begin, finish = (left + right) / 2 - 13, (left + right) / 2 + 13
            tip, neck = (finish, top), (finish, top - _arrow(thickness))
            bend = ((begin, top), (begin - 4, top - LOOP_HEIGHT * 1.25), (finish, top - LOOP_HEIGHT * 1.35), neck)
        lines.append(PlacedLine(edge, edge.n, (edge.from_node, edge.to_node), (bend,), tip, thickness, False))
    return lines


def _labels(
    nodes: tuple[PlacedNode, ...],
    lines: tuple[PlacedLine, ...],
    dots: tuple[Point, Point],
    bounds: Rectangle,
) -> dict[int, Point]:
    """Places for the labels of the commonest lines; loops first, as theirs can stand nowhere else."""
    ranked = sorted(
        (i for i, line in enumerate(lines) if line.edge is not None),
        key=lambda i: (lines[i].names[0] != lines[i].names[1], -lines[i].n, i),
    )[:_LABELS_AT_MOST]
    wanted = []
    for i in ranked:
        edge = lines[i].edge
        if edge is None:
            continue
        width = max(text_width(text, LABEL_SIZE) for text in label_texts(edge)) + 4
        points = curve_points(lines[i].bends)
        if edge.from_node == edge.to_node:
            points = _loop_label(lines[i], width)
        wanted.append(Wanted(i, points, width, LABEL_SIZE + 3))
    boxes = [node.box for node in nodes] + [(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in dots]
    others = [curve_points(line.bends) for line in lines if line.edge is None]
    placed = place_labels(wanted, boxes, bounds, lines=others)
    return {key: point for key, point in placed.items() if isinstance(key, int)}


def _loop_label(line: PlacedLine, width: float) -> list[Point]:
    """The short stretch at the far side of a loop where its label may stand."""
    xs = [point[0] for bend in line.bends for point in bend]
    ys = [point[1] for bend in line.bends for point in bend]
    if line.tip[1] == line.bends[-1][-1][1]:  # an upright map: the loop lies left of its box
        x = min(xs) - width / 2 + 8
        return [(x, sum(ys) / 4 - 8), (x, sum(ys) / 4 + 8)]
    return [(sum(xs) / 4 - 6, min(ys) + 1), (sum(xs) / 4 + 6, min(ys) + 1)]

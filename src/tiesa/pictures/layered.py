"""A layered layout: boxes in layers along the flow, lines that run with it, and around no box.

The four steps of Sugiyama, Tagawa & Toda (1981), IEEE Transactions on Systems, Man, and Cybernetics 11(2): turn the few
links that run backward, give each box a layer, order the layers so that few lines cross, place everything. All lengths
are in the drawing's unit, and in two directions only: *along* the flow and *across* it, so that one layout serves maps
that run to the right and maps that run down. The same boxes and links give the same layout.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from tiesa.pictures.layered_chains import Chains, chains_of, first_order, pulls_of, spines_of
from tiesa.pictures.layered_crossings import order_layers
from tiesa.pictures.layered_layers import flow_order, layers_of
from tiesa.pictures.layered_places import across_positions, nearest_in_order, straightened

Point = tuple[float, float]
_DOUBLED = 1.6
_LEAST_GAP, _LABEL_GAP = 2.5, 12.0
_BEND = 34.0  # about the height of a box: a spine bent by less is drawn straight


@dataclass(frozen=True, slots=True)
class Box:
    """What is laid out: its key, its size, and room to keep free before it across the flow (`loop`)."""

    key: str
    along: float
    across: float
    loop: float = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A line between two boxes; `weight` > 0 says how much it pulls, `thickness` how wide it is drawn."""

    tail: str
    head: str
    weight: float
    thickness: float = 1


@dataclass(frozen=True, slots=True)
class Spacing:
    """Room between boxes of a layer, between lines, and between layers (at least; at most where lines are steep)."""

    boxes: float = 26
    lines: float = 13
    layers: float = 64
    layers_at_most: float = 120


@dataclass(frozen=True, slots=True)
class Route:
    """A line from its tail to its head, as (along, across) points: straight through a layer (points 1 to 2, 3 to 4,
    ...), bent from layer to layer (0 to 1, 2 to 3, ...). is_backward: it runs against the flow."""

    points: tuple[Point, ...]
    is_backward: bool

    def bends(self) -> tuple[tuple[Point, Point, Point, Point], ...]:
        """The line as cubic curves, each leaving and entering along the flow."""
        curves = []
        for one, other in zip(self.points, self.points[1:], strict=False):
            middle = (one[0] + other[0]) / 2
            curves.append((one, (middle, one[1]), (middle, other[1]), other))
        return tuple(curves)


@dataclass(frozen=True, slots=True)
class Layout:
    """Centres of the boxes and routes of the links (by tail and head) in a drawing of this size; layer numbers."""

    along: float
    across: float
    centres: Mapping[str, Point]
    layers: Mapping[str, int]
    routes: Mapping[tuple[str, str], Route]


def lay_out(
    boxes: Sequence[Box],
    links: Sequence[Link],
    *,
    spacing: Spacing | None = None,
    widest: int | None = None,
    first: str | None = None,
    last: str | None = None,
    order: Sequence[str] = (),
) -> Layout:
    """Lay out a graph.

    Args: boxes: with different keys. links: no two with the same tail and head; a link of a box with itself is left
    to the box's `loop`. widest: at most so many boxes in a layer (for narrow pages). first, last: keys of boxes that
    stand before and after all others; links into the first and out of the last run backward.
    order: all keys (first and last may be missing), where it is known which way is forward; else it is found.
    Raises: KeyError for a link to a box that is not given.

    >>> made = lay_out([Box("a", 60, 30), Box("b", 60, 30)], [Link("a", "b", 5)])
    >>> made.layers["a"], made.layers["b"], made.routes["a", "b"].is_backward
    (0, 1, False)
    """
    spacing = spacing or Spacing()
    number = {box.key: i for i, box in enumerate(boxes)}
    drawn = [link for link in links if link.tail != link.head]
    ends = [(number[link.tail], number[link.head], link.weight) for link in drawn]
    flow = [number[key] for key in order if key in number] if order else flow_order(len(boxes), ends)
    flow = _between(flow, number.get(first or ""), number.get(last or ""))
    rank = {box: i for i, box in enumerate(flow)}
    backward = [rank[tail] > rank[head] for tail, head, _weight in ends]
    forward = [
        (head, tail, weight) if turned else (tail, head, weight)
        for (tail, head, weight), turned in zip(ends, backward, strict=True)
    ]
    held = [(flow[0], box, 0.0) for box in flow[1:]] if first is not None else []
    held += [(box, flow[-1], 0.0) for box in flow[:-1]] if last is not None else []
    layer = layers_of(flow, [*forward, *held], widest=widest)
    parts = chains_of(layer, forward)
    ordered = order_layers(first_order(parts, forward, flow), parts.up, parts.down)
    sizes = _sizes(boxes, drawn, parts, spacing)
    across = across_positions(ordered, *pulls_of(parts, forward), sizes, sweeps=_sweeps(len(parts.layer)))
    rounds = 4 if len(sizes) < 3000 else 2 if len(sizes) < 9000 else 1
    across = straightened(across, spines_of(parts, forward), ordered, sizes, ends_move=True, bend=_BEND, rounds=rounds)
    across = straightened(across, parts.chains, ordered, sizes, rounds=rounds)
    top = min((across[v] - sizes[v][0] for v in range(len(sizes))), default=0.0)
    across = [place - top for place in across]
    columns = _columns(boxes, parts, across, spacing)
    entry, leaving = _ports(boxes, drawn, parts, across)
    routes = {}
    for i, link in enumerate(drawn):
        points = _points(parts.chains[i], parts.layer, across, boxes, columns, leaving[i], entry[i])
        routes[link.tail, link.head] = Route(tuple(points[::-1] if backward[i] else points), backward[i])
    return Layout(
        along=columns[-1][1] if columns else 0.0,
        across=max((across[v] + sizes[v][1] for v in range(len(sizes))), default=0.0),
        centres={box.key: (sum(columns[layer[i]]) / 2, across[i]) for i, box in enumerate(boxes)},
        layers={box.key: layer[i] for i, box in enumerate(boxes)},
        routes=routes,
    )


def _between(order: list[int], first: int | None, last: int | None) -> list[int]:
    """The order with these boxes at its ends."""
    middle = [box for box in order if box not in (first, last)]
    return [*([first] if first is not None else []), *middle, *([last] if last is not None else [])]


def _sizes(boxes: Sequence[Box], drawn: Sequence[Link], parts: Chains, spacing: Spacing) -> list[tuple[float, float]]:
    half = spacing.boxes / 2
    sizes = [(box.across / 2 + box.loop + half, box.across / 2 + half) for box in boxes]
    sizes += [(0.0, 0.0)] * (len(parts.layer) - len(boxes))
    for link, chain in zip(drawn, parts.chains, strict=True):
        for place in chain[1:-1]:
            room = (link.thickness + spacing.lines) / 2
            sizes[place] = (room, room)
    return sizes


def _sweeps(places: int) -> int:
    return 80 if places < 1000 else 32 if places < 3000 else 12 if places < 9000 else 6


def _columns(
    boxes: Sequence[Box], parts: Chains, across: Sequence[float], spacing: Spacing
) -> list[tuple[float, float]]:
    """Where each layer begins and ends along the flow; more room between layers where lines are steep or where several
    join the same two boxes, whose labels would meet."""
    layers = max(parts.layer, default=-1) + 1
    thick = [0.0] * layers
    for i, box in enumerate(boxes):
        thick[parts.layer[i]] = max(thick[parts.layer[i]], box.along)
    steep = [0.0] * layers
    least = [spacing.layers] * layers
    for place, others in enumerate(parts.down):
        if len(set(others)) < len(others):
            least[parts.layer[place]] = spacing.layers * _DOUBLED
        for other in others:
            rise = abs(across[place] - across[other])
            steep[parts.layer[place]] = max(steep[parts.layer[place]], rise)
    columns, start = [], 0.0
    for size, rise, room in zip(thick, steep, least, strict=True):
        columns.append((start, start + size))
        start += size + max(room, min(rise * 0.28, spacing.layers_at_most))
    return columns


def _ports(
    boxes: Sequence[Box], drawn: Sequence[Link], parts: Chains, across: Sequence[float]
) -> tuple[list[float], list[float]]:
    """Where each line enters and leaves its boxes: side by side, each as near as can be to where it goes."""
    entering: dict[int, list[int]] = defaultdict(list)
    going: dict[int, list[int]] = defaultdict(list)
    for i, chain in enumerate(parts.chains):
        going[chain[0]].append(i)
        entering[chain[-1]].append(i)
    entry, leaving = [0.0] * len(drawn), [0.0] * len(drawn)
    for side, found, towards in ((entering, entry, -2), (going, leaving, 1)):
        for box, lines in side.items():
            goals, lines = map(list, zip(*sorted((across[parts.chains[i][towards]], i) for i in lines), strict=True))
            widths = [drawn[i].thickness for i in lines]
            for i, place in zip(lines, _side_by_side(boxes[box], across[box], goals, widths), strict=True):
                found[i] = place
    return entry, leaving


def _side_by_side(box: Box, centre: float, goals: Sequence[float], widths: Sequence[float]) -> list[float]:
    room = max(box.across / 2 - 5, 0.0)
    free = (2 * room - sum(widths)) / max(len(widths) - 1, 1)
    gap = min(max(free, _LEAST_GAP), _LABEL_GAP)  # lines of equal ends get room for labels one above the other
    apart = [(one + other) / 2 + gap for one, other in pairwise(widths)]
    if sum(apart) > 2 * room:
        apart = [step * 2 * room / sum(apart) for step in apart]
    nearest = [min(max(goal, centre - room), centre + room) for goal in goals]
    placed = nearest_in_order(nearest, [width * width for width in widths], apart)
    offsets = [0.0, *accumulate(apart)]
    return [
        min(max(place - offset, centre - room), centre + room - offsets[-1]) + offset
        for place, offset in zip(placed, offsets, strict=True)
    ]


def _points(
    chain: Sequence[int],
    layer: Sequence[int],
    across: Sequence[float],
    boxes: Sequence[Box],
    columns: Sequence[tuple[float, float]],
    leaving: float,
    entry: float,
) -> list[Point]:
    """The line's points from layer to layer, in the direction of the flow."""
    first, last = chain[0], chain[-1]
    begin, end = columns[layer[first]], columns[layer[last]]
    points = [(sum(begin) / 2 + boxes[first].along / 2, leaving)]
    if points[0][0] < begin[1]:
        points.append((begin[1], leaving))
    else:
        points.append(points[0])
    for place in chain[1:-1]:
        points.extend((edge, across[place]) for edge in columns[layer[place]])
    points.append((end[0], entry))
    points.append((sum(end) / 2 - boxes[last].along / 2, entry))
    return points

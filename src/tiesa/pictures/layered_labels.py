"""Labels on lines: each on its own line, on no box and on no other label."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

Point = tuple[float, float]
Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom."""
_Cell = tuple[int, int]
_CELL = 4.0
_CANDIDATES = tuple(sorted((i / 40 for i in range(5, 36)), key=lambda t: (abs(t - 0.5), t)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label of this size for the line along these points; `key` says whose it is."""

    key: Hashable
    line: Sequence[Point]
    width: float
    height: float


def curve_points(bends: Iterable[tuple[Point, Point, Point, Point]], *, steps: int = 10) -> list[Point]:
    """Points on a chain of cubic curves."""
    points: list[Point] = []
    for (ax, ay), (bx, by), (cx, cy), (dx, dy) in bends:
        if not points:
            points.append((ax, ay))
        for i in range(1, steps + 1) if ay != dy and ax != dx else (steps,):
            t = i / steps
            u = 1 - t
            p, q, r, s = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
            points.append((p * ax + q * bx + r * cx + s * dx, p * ay + q * by + r * cy + s * dy))
    return points


def place_labels(
    wanted: Sequence[Wanted], boxes: Iterable[Rectangle], bounds: Rectangle, *, lines: Iterable[Sequence[Point]] = ()
) -> dict[Hashable, Point]:
    """The centre of every label that finds room, given in order of importance.

    A label stands on its line, as near to the middle as it can without touching a box, a label placed before it or the
    bounds, and where the fewest other lines (those of the other labels, and `lines`) run beneath. One that finds no
    room is left out: its figure is in the tables and in the line's title.

    >>> place_labels([Wanted("a", [(0, 0), (100, 0)], 20, 10)], [], (-50, -50, 150, 50))
    {'a': (50.0, 0.0)}
    """
    taken = {cell for box in boxes for cell in _cells(box)}
    crossed: dict[_Cell, int] = {}
    for number, line in enumerate([*(label.line for label in wanted), *lines]):
        for x, y in _evenly(line, 1.5 * _CELL):
            cell = int(x // _CELL), int(y // _CELL)
            crossed[cell] = number if crossed.get(cell, number) == number else -1
    placed: dict[Hashable, Point] = {}
    for number, label in enumerate(wanted):
        best = _best_place(label, number, taken, crossed, bounds)
        if best is not None:
            placed[label.key] = best[1]
            taken.update(best[2])
    return placed


def _best_place(
    label: Wanted, number: int, taken: set[_Cell], crossed: dict[_Cell, int], bounds: Rectangle
) -> tuple[float, Point, list[_Cell]] | None:
    """Its score (the less the better), its centre and the cells it takes; beside the line only if nowhere on it."""
    half, rise = label.width / 2, label.height / 2
    for beside in (0.0, -rise, rise):
        best: tuple[float, Point, list[_Cell]] | None = None
        for share, (x, on_line) in _at_shares(label.line):
            aside = 24 * abs(share - 0.5)
            if best is not None and aside >= best[0]:
                break
            y = on_line + beside
            box = (x - half, y - rise, x + half, y + rise)
            if box[0] < bounds[0] or box[1] < bounds[1] or box[2] > bounds[2] or box[3] > bounds[3]:
                continue
            cells = list(_cells(box))
            if not taken.isdisjoint(cells):
                continue
            score = sum(crossed.get(cell, number) != number for cell in cells) + aside
            if best is None or score < best[0]:
                best = score, (x, y), cells
        if best is not None:
            return best
    return None


def _cells(box: Rectangle) -> Iterable[_Cell]:
    left, top, right, bottom = (int(side // _CELL) for side in box)
    return ((x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))


def _evenly(line: Sequence[Point], step: float) -> Iterable[Point]:
    for (ax, ay), (bx, by) in pairwise(line):
        pieces = max(int(hypot(bx - ax, by - ay) / step), 1)
        for i in range(pieces):
            yield ax + (bx - ax) * i / pieces, ay + (by - ay) * i / pieces


def _at_shares(line: Sequence[Point]) -> Iterable[tuple[float, Point]]:
    """Points at shares of the line's length, the middle first."""
    reached = [0.0]
    for (ax, ay), (bx, by) in pairwise(line):
        reached.append(reached[-1] + hypot(bx - ax, by - ay))
    for share in _CANDIDATES:
        goal = share * reached[-1]
        i = min(max(bisect_left(reached, goal), 1), len(reached) - 1)
        span = reached[i] - reached[i - 1]
        part = (goal - reached[i - 1]) / span if span else 0.0
        (ax, ay), (bx, by) = line[i - 1], line[i]
        yield share, (ax + part * (bx - ax), ay + part * (by - ay))

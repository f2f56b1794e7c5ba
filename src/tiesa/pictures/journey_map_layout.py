"""Where things go on the journey map: boxes that may not meet, flows that go round bubbles, scales."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, sqrt
from typing import TYPE_CHECKING

from tiesa.pictures.svg import text_width, wrap

if TYPE_CHECKING:
    from tiesa.pictures.journey_map import Bubble, Feeling, Flow

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with its sides; it may have no height."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box, *, gap: float = 0.0) -> bool:
        """Whether they overlap, or come nearer than `gap`."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )

    def holds(self, point: Point) -> bool:
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom

    def moved(self, right: float = 0.0, down: float = 0.0) -> Box:
        return replace(
            self, left=self.left + right, right=self.right + right, top=self.top + down, bottom=self.bottom + down
        )


def text_box(x: float, y: float, text: str, size: float, *, anchor: str = "start", bold: bool = False) -> Box:
    """The room a text takes. y: its baseline."""
    width = text_width(text, size, bold=bold)
    left = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
    return Box(left, y - 0.8 * size, left + width, y + 0.24 * size)


def around(x: float, y: float, radius: float) -> Box:
    """The square around a circle."""
    return Box(x - radius, y - radius, x + radius, y + radius)


def free_place(candidates: Iterable[tuple[Box, ...]], taken: Sequence[Box], *, gap: float = 2.0) -> tuple[Box, ...]:
    """The first candidate (boxes that go together) that meets nothing; the last one where all do.

    Raises: ValueError where there is no candidate.
    """
    candidate: tuple[Box, ...] | None = None
    for candidate in candidates:
        if not any(box.meets(other, gap=gap) for box in candidate for other in taken):
            break
    if candidate is None:
        raise ValueError("a box needs at least one place to go")
    return candidate


def calmest_place(candidates: Sequence[Box], taken: Sequence[Box], busy: Sequence[Point], *, gap: float = 2.0) -> int:
    """Of the candidates that meet nothing, the one with the fewest `busy` points in it; earlier wins a tie."""
    free = [i for i, box in enumerate(candidates) if not any(box.meets(other, gap=gap) for other in taken)]
    return min(free or [len(candidates) - 1], key=lambda i: (sum(map(candidates[i].holds, busy)), i))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text in lines of a size; whole: nothing was cut."""

    lines: list[str]
    size: float
    whole: bool


def fitted(text: str, width: float, sizes: Sequence[float], *, lines: int, bold: bool = False) -> Fitted:
    """The text in its largest size that fits whole, else cut in the smallest."""
    made: list[str] = []
    for size in sizes:
        made = wrap(text, size, width, lines=lines, bold=bold)
        if "".join(made).replace(" ", "") == "".join(text.split(" ")):
            return Fitted(made, size, True)
    return Fitted(made, sizes[-1], False)


def radius_of(contacts: int, most: int, largest: float) -> float:
    """The radius whose area is the contacts' share of the largest circle's.

    >>> radius_of(25, 100, 20)
    10.0
    """
    return largest * sqrt(contacts / most) if most > 0 else 0.0


def forward(flow: Flow) -> bool:
    return flow.to_stage > flow.from_stage


def strongest(flows: Sequence[Flow], *, covering: float = 0.9, most: int = 24) -> tuple[Flow, ...]:
    """The forward flows that cover this share of all forward moves, at most so many; the strongest first."""
    ordered = sorted(
        (flow for flow in flows if forward(flow) and flow.n > 0),
        key=lambda f: (-f.n, f.from_stage, f.from_lane, f.to_stage, f.to_lane, f.owner),
    )
    wanted, covered, taken = covering * sum(flow.n for flow in ordered), 0, []
    for flow in ordered[:most]:
        if covered >= wanted:
            break
        taken.append(flow)
        covered += flow.n
    return tuple(taken)


def beside_each_other(flows: Sequence[Flow], widths: Sequence[float]) -> list[float]:
    """How far each flow is moved aside, so that those between the same two bubbles do not cover each other."""
    together: dict[tuple[int, int, int, int], list[int]] = {}
    for i, flow in enumerate(flows):
        together.setdefault((flow.from_stage, flow.from_lane, flow.to_stage, flow.to_lane), []).append(i)
    aside = [0.0] * len(flows)
    for group in together.values():
        at = -sum(widths[i] for i in group) / 2
        for i in group:
            aside[i] = at + widths[i] / 2 if len(group) > 1 else 0.0
            at += widths[i]
    return aside


@dataclass(slots=True)
class Grid:
    """Where stages and lanes lie: `along` the journey, and `across` it. Bubbles have a radius.

    The same grid serves both drawings: upright, along is down and across is to the right.
    """

    along: Sequence[float]
    across: Sequence[float]
    radii: dict[tuple[int, int], float]
    clearance: float = 4.0
    _runs: list[tuple[int, int, float]] | None = None

    def route(self, flow: Flow, aside: float) -> list[Point]:
        """Points (along, across) of a flow: start, end and, where it passes stages, a straight run between them.

        The run is the level that meets the fewest bubbles, then the fewest runs laid before, then the shortest way.
        """
        start = (self.along[flow.from_stage], self.across[flow.from_lane] + aside)
        end = (self.along[flow.to_stage], self.across[flow.to_lane] + aside)
        if flow.to_stage - flow.from_stage < 2:
            return [start, end]
        first, last = flow.from_stage + 1, flow.to_stage - 1
        runs = self._runs = self._runs if self._runs is not None else []
        level = min(
            self._levels(),
            key=lambda at: (
                self._met(first, last, at + aside),
                sum(abs(at - other) < 3 and first <= until and last >= since for since, until, other in runs),
                abs(at - start[1]) + abs(at - end[1]),
                at,
            ),
        )
        runs.append((first, last, level))
        margin = min(28.0, 0.3 * min(b - a for a, b in pairwise(self.along)))
        return [start, (self.along[first] - margin, level + aside), (self.along[last] + margin, level + aside), end]

    def _levels(self) -> list[float]:
        between = [(a + b) / 2 for a, b in pairwise(self.across)]
        return sorted([*self.across, *between])

    def _met(self, first: int, last: int, level: float) -> int:
        return sum(
            first <= stage <= last and abs(self.across[lane] - level) < radius + self.clearance
            for (stage, lane), radius in self.radii.items()
        )


def samples(points: Sequence[Point], *, steps: int = 16) -> list[Point]:
    """Points on the cubic curves through these, whose handles lie half way along each stretch."""
    found: list[Point] = []
    for (a0, c0), (a1, c1) in pairwise(points):
        for step in range(steps + 1):
            t = step / steps
            found.append((a0 + (a1 - a0) * (1.5 * t * (1 - t) + t**3), c0 + (c1 - c0) * t * t * (3 - 2 * t)))
    return found


def emotion_reach(feelings: Sequence[Feeling]) -> float:
    """The end of the emotion scale: the furthest bound, up to the next quarter, at least a half and at most 1."""
    bounds = [abs(b) for feeling in feelings for b in (feeling.low, feeling.high) if b is not None]
    return min(1.0, max(0.5, ceil(4 * max(bounds, default=0.0) - 1e-9) / 4))


def judged_runs(feelings: Sequence[Feeling]) -> list[list[Feeling]]:
    """Measured feelings in stretches of stages without a gap: a curve is drawn within a stretch, never across."""
    runs: list[list[Feeling]] = []
    for feeling in sorted((f for f in feelings if f.low is not None and f.high is not None), key=lambda f: f.stage):
        if runs and runs[-1][-1].stage == feeling.stage - 1:
            runs[-1].append(feeling)
        else:
            runs.append([feeling])
    return runs


def by_place(bubbles: Sequence[Bubble], largest: float) -> dict[tuple[int, int], float]:
    """The radius of every bubble."""
    most = max((bubble.contacts for bubble in bubbles), default=0)
    return {(b.stage, b.lane): radius_of(b.contacts, most, largest) for b in bubbles}

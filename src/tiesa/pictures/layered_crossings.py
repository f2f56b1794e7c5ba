"""The order of boxes within their layers, so that few lines cross.

A line that spans several layers is a chain of places, one per layer; every place has its neighbours one layer up and
one layer down.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

Neighbours = Sequence[Sequence[int]]
_PATIENCE = 4
_LARGE, _VERY_LARGE = 3000, 9000


def crossings(upper: Sequence[int], down: Neighbours, at: Sequence[int]) -> int:
    """How many pairs of lines cross between a layer and the next.

    >>> crossings([0, 1], [[3], [2], [], []], [0, 1, 0, 1])
    1
    """
    seen: list[int] = []
    found = 0
    for box in upper:
        ends = sorted(at[other] for other in down[box])
        found += sum(len(seen) - bisect_right(seen, end) for end in ends)
        for end in ends:
            insort(seen, end)
    return found


def order_layers(layers: Sequence[Sequence[int]], up: Neighbours, down: Neighbours) -> list[list[int]]:
    """The layers, each in an order with few crossings; the same input gives the same order.

    Weighted medians of the neighbours, swept down and up, then swaps of adjacent places while these gain; the best
    order met is kept. Source: Gansner, Koutsofios, North & Vo (1993), IEEE Transactions on Software Engineering 19(3),
    section 3. Very large drawings get fewer sweeps and no swaps, by their size and never by the clock.
    """
    best = [list(layer) for layer in layers]
    at = [0] * len(up)
    for layer in best:
        _number(layer, at)
    fewest = _all_crossings(best, down, at)
    current = [list(layer) for layer in best]
    places = sum(map(len, layers))
    sweeps, waited = (24 if places < _LARGE else 10 if places < _VERY_LARGE else 4), 0
    for sweep in range(sweeps):
        if not fewest or waited >= _PATIENCE:
            break
        downward = sweep % 2 == 0
        for layer in current[1:] if downward else current[-2::-1]:
            _by_median(layer, up if downward else down, at, right_on_ties=sweep % 4 >= 2)
        if places < _LARGE:
            _swap_neighbours(current, up, down, at)
        found = _all_crossings(current, down, at)
        waited += 1
        if found < fewest:
            best, fewest, waited = [list(layer) for layer in current], found, 0
    return best


def _number(layer: Sequence[int], at: list[int]) -> None:
    for i, box in enumerate(layer):
        at[box] = i


def _all_crossings(layers: Sequence[Sequence[int]], down: Neighbours, at: Sequence[int]) -> int:
    return sum(crossings(layer, down, at) for layer in layers)


def _by_median(layer: list[int], neighbours: Neighbours, at: list[int], *, right_on_ties: bool) -> None:
    """Sort a layer by the medians of its neighbours; a place without any stays where it is."""
    medians = {box: _median(sorted(at[other] for other in neighbours[box])) for box in layer if neighbours[box]}
    ranked = sorted(medians, key=lambda box: (medians[box], -at[box] if right_on_ties else at[box]))
    moving = iter(ranked)
    layer[:] = [next(moving) if box in medians else box for box in layer]
    _number(layer, at)


def _median(places: Sequence[int]) -> float:
    """The middle; of an even number, the two in the middle weighed by how closely the others stand on their side."""
    half = len(places) // 2
    if len(places) % 2:
        return float(places[half])
    if len(places) == 2:
        return (places[0] + places[1]) / 2
    left, right = places[half - 1] - places[0], places[-1] - places[half]
    if not left + right:
        return (places[half - 1] + places[half]) / 2
    return (places[half - 1] * right + places[half] * left) / (left + right)


def _swap_neighbours(layers: list[list[int]], up: Neighbours, down: Neighbours, at: list[int]) -> None:
    for _round in range(8):
        gained = 0
        for layer in layers:
            for i in range(len(layer) - 1):
                one, other = layer[i], layer[i + 1]
                gain = _gain(up[one], up[other], at) + _gain(down[one], down[other], at)
                if gain > 0:
                    layer[i], layer[i + 1] = other, one
                    at[one], at[other] = i + 1, i
                    gained += gain
        if not gained:
            break


def _gain(left: Sequence[int], right: Sequence[int], at: Sequence[int]) -> int:
    """How many crossings fewer there are when the right place comes first."""
    return sum((at[a] > at[b]) - (at[a] < at[b]) for a in left for b in right)

"""The first half of a layered layout: which links run backward, and in which layer each box stands.

Boxes are numbered 0 to n - 1; links are (tail, head, weight) with a positive weight, self-loops already taken out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

WeightedLink = tuple[int, int, float]


def flow_order(boxes: int, links: Sequence[WeightedLink]) -> list[int]:
    """The boxes in an order that little weight runs against: heavy links keep their direction.

    Sources and sinks are peeled off, then the box whose outgoing weight most exceeds the incoming one (Eades, Lin &
    Smyth (1993), Information Processing Letters 47(6)); each box is then moved to its best place until none gains.

    >>> flow_order(3, [(0, 1, 9.0), (1, 2, 9.0), (2, 0, 1.0)])
    [0, 1, 2]
    """
    out: list[dict[int, float]] = [defaultdict(float) for _box in range(boxes)]
    into: list[dict[int, float]] = [defaultdict(float) for _box in range(boxes)]
    for tail, head, weight in links:
        out[tail][head] += weight
        into[head][tail] += weight
    return _improved(_peeled(out, into), out, into)


def _peeled(out: list[dict[int, float]], into: list[dict[int, float]]) -> list[int]:
    """The greedy sequence: sinks to the end, sources to the front, else the strongest giver to the front."""
    left = list(range(len(out)))
    leaving = [sum(heads.values()) for heads in out]
    coming = [sum(tails.values()) for tails in into]
    out_degree, in_degree = [len(heads) for heads in out], [len(tails) for tails in into]
    front: list[int] = []
    back: list[int] = []
    alive = [True] * len(out)
    while left:
        sink = next((v for v in left if not out_degree[v] and in_degree[v]), None)
        source = next((v for v in left if not in_degree[v]), None)
        if sink is not None:
            chosen = sink
            back.append(chosen)
        else:
            chosen = max(left, key=lambda v: (leaving[v] - coming[v], -v)) if source is None else source
            front.append(chosen)
        left.remove(chosen)
        alive[chosen] = False
        for head, weight in out[chosen].items():
            if alive[head]:
                coming[head] -= weight
                in_degree[head] -= 1
        for tail, weight in into[chosen].items():
            if alive[tail]:
                leaving[tail] -= weight
                out_degree[tail] -= 1
    return front + back[::-1]


def _improved(order: list[int], out: list[dict[int, float]], into: list[dict[int, float]]) -> list[int]:
    """Each box at the place where the least weight runs backward, the others standing still; three rounds at most."""
    for _round in range(3):
        moved = False
        for box in sorted(order):
            here = order.index(box)
            others = order[:here] + order[here + 1 :]
            against = sum(into[box].values())
            costs = [against]
            for other in others:
                against += out[box].get(other, 0.0) - into[box].get(other, 0.0)
                costs.append(against)
            least = min(costs)
            if least < costs[here] - 1e-9:
                place = min((abs(i - here), i) for i, cost in enumerate(costs) if cost <= least + 1e-9)[1]
                order = [*others[:place], box, *others[place:]]
                moved = True
        if not moved:
            break
    return order


def layers_of(order: Sequence[int], links: Sequence[WeightedLink], *, widest: int | None = None) -> list[int]:
    """The layer of each box, from 0: every link runs from a lower to a higher layer.

    Args: order: the boxes such that all links run forward. widest: at most so many boxes in a layer.
    Method: longest paths, then each box moves within its slack towards the heavier of its sides (the objective of
    Gansner, Koutsofios, North & Vo (1993), IEEE Transactions on Software Engineering 19(3), by single moves rather
    than by network simplex); with `widest`, boxes take the first layer with room after all they follow (the list
    scheduling of Coffman & Graham (1972), Acta Informatica 1).

    >>> layers_of([0, 1, 2], [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0)])
    [0, 1, 2]
    """
    before: dict[int, list[tuple[int, float]]] = defaultdict(list)
    after: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for tail, head, weight in links:
        before[head].append((tail, weight))
        after[tail].append((head, weight))
    layer = [0] * len(order)
    filled: dict[int, int] = defaultdict(int)
    for box in order:
        at = max((layer[tail] + 1 for tail, _weight in before[box]), default=0)
        while widest and filled[at] >= widest:
            at += 1
        filled[at] += 1
        layer[box] = at
    if widest is None:
        _tighten(layer, order, before, after)
    return layer


def _tighten(
    layer: list[int],
    order: Sequence[int],
    before: dict[int, list[tuple[int, float]]],
    after: dict[int, list[tuple[int, float]]],
) -> None:
    last = max(layer, default=0)
    for sweep in range(6):
        moved = False
        for box in order if sweep % 2 else reversed(order):
            if not after[box] and not before[box]:
                continue
            low = max((layer[tail] + 1 for tail, _weight in before[box]), default=0)
            high = min((layer[head] - 1 for head, _weight in after[box]), default=last)
            pull = sum(w for _head, w in after[box]) - sum(w for _tail, w in before[box])
            wanted = high if pull > 0 else low if pull < 0 else layer[box]
            if wanted != layer[box]:
                layer[box], moved = wanted, True
        if not moved:
            break

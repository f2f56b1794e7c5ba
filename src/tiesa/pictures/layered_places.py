"""Where places stand across the flow: as near to their neighbours as their order and their sizes allow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import inf


def nearest_in_order(wanted: Sequence[float], weights: Sequence[float], apart: Sequence[float]) -> list[float]:
    """Positions in the given order, at least `apart[i]` between i and i + 1, as near to the wanted ones as can be.

    Least squares under order: pool adjacent violators (Ayer et al. (1955), Annals of Mathematical Statistics 26(4)).

    >>> nearest_in_order([5, 5, 9], [1, 1, 1], [2, 2])
    [4.0, 6.0, 9.0]
    """
    blocks: list[tuple[float, float, int]] = []
    offsets = [0.0, *accumulate(apart)]
    for want, weight, offset in zip(wanted, weights, offsets, strict=False):
        value, total, size = float(want - offset), weight, 1
        while blocks and blocks[-1][0] > value:
            earlier, heavy, many = blocks.pop()
            value = (value * total + earlier * heavy) / (total + heavy)
            total, size = total + heavy, size + many
        blocks.append((value, total, size))
    levels = [value for value, _total, size in blocks for _member in range(size)]
    return [level + offset for level, offset in zip(levels, offsets, strict=False)]


def across_positions(
    layers: Sequence[Sequence[int]],
    up: Sequence[Sequence[tuple[int, float]]],
    down: Sequence[Sequence[tuple[int, float]]],
    sizes: Sequence[tuple[float, float]],
    *,
    sweeps: int = 24,
) -> list[float]:
    """Positions across the flow of all places, with their order in each layer kept and no two overlapping.

    Args: layers: places in order. up, down: neighbours one layer before and after, with the pull of each line.
    sizes: room each place needs before and after its position. sweeps: passes over all layers.
    Method: the priority method of Sugiyama, Tagawa & Toda (1981), IEEE Transactions on Systems, Man, and Cybernetics
    11(2), where each layer is solved exactly (`nearest_in_order`) instead of by priorities.
    """
    at = [0.0] * len(sizes)
    aparts = [[sizes[one][1] + sizes[other][0] for one, other in pairwise(layer)] for layer in layers]
    for layer, apart in zip(layers, aparts, strict=True):
        middle, place = sum(apart) / 2, 0.0
        for box, gap in zip(layer, [*apart, 0.0], strict=True):
            at[box] = place - middle
            place += gap
    for sweep in range(sweeps):
        numbers = range(len(layers)) if sweep % 2 == 0 else range(len(layers) - 1, -1, -1)
        both = sweep >= sweeps // 3
        for number in numbers:
            layer = layers[number]
            wanted, weights = [], []
            for box in layer:
                total = pulled = 0.0
                for other, weight in up[box] if both or sweep % 2 == 0 else ():
                    total += weight
                    pulled += weight * at[other]
                for other, weight in down[box] if both or sweep % 2 else ():
                    total += weight
                    pulled += weight * at[other]
                wanted.append(pulled / total if total else at[box])
                weights.append(total or 0.01)
            for box, place in zip(layer, nearest_in_order(wanted, weights, aparts[number]), strict=True):
                at[box] = place
    return at


def straightened(
    at: Sequence[float],
    chains: Sequence[Sequence[int]],
    layers: Sequence[Sequence[int]],
    sizes: Sequence[tuple[float, float]],
    *,
    ends_move: bool = False,
    bend: float = inf,
    rounds: int = 4,
) -> list[float]:
    """The positions, with the bends of chains taken out where nothing stands in the way.

    Args: at: positions that keep order and sizes. chains: places one layer after the other; their ends move only where
    `ends_move` says so. bend: how far a place may stand from the run before it to be drawn level with it.
    Each chain is cut into as few level runs as the places beside it allow, then the next chain has its turn, since
    every one that is straight makes room for others.
    """
    found = list(at)
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    for layer in layers:
        before.update(zip(layer[1:], layer, strict=False))
        after.update(pairwise(layer))

    def room(place: int) -> tuple[float, float]:
        left, right = before.get(place), after.get(place)
        low = -inf if left is None else found[left] + sizes[left][1] + sizes[place][0]
        high = inf if right is None else found[right] - sizes[right][0] - sizes[place][1]
        return low, high

    for _round in range(rounds):
        for chain in chains:
            moving = chain if ends_move else chain[1:-1]
            start = 0
            while start < len(moving):
                low, high = room(moving[start])
                total, end = found[moving[start]], start + 1
                while end < len(moving) and abs(found[moving[end]] - total / (end - start)) <= bend:
                    next_low, next_high = room(moving[end])
                    if max(low, next_low) > min(high, next_high):
                        break
                    low, high = max(low, next_low), min(high, next_high)
                    total, end = total + found[moving[end]], end + 1
                goal = total / (end - start)
                if not ends_move and end == len(moving) and low <= found[chain[-1]] <= high:
                    goal = found[chain[-1]]
                if not ends_move and start == 0 and low <= found[chain[0]] <= high:
                    goal = found[chain[0]]
                if low <= high:
                    for place in moving[start:end]:
                        found[place] = min(max(goal, low), high)
                start = end
    return found

"""Links as chains of places: a place in every layer that a link passes, and how strongly the places hold together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tiesa.pictures.layered_layers import WeightedLink


@dataclass(slots=True)
class Chains:
    """Places (boxes first, then the bends of long links), their neighbours and the chain of places of each link."""

    layer: list[int]
    up: list[list[int]]
    down: list[list[int]]
    chains: list[list[int]]


def chains_of(box_layers: Sequence[int], forward: Sequence[WeightedLink]) -> Chains:
    """A place in every layer that a link passes."""
    layer = list(box_layers)
    chains = []
    for tail, head, _weight in forward:
        passed = range(box_layers[tail] + 1, box_layers[head])
        chains.append([tail, *range(len(layer), len(layer) + len(passed)), head])
        layer.extend(passed)
    up: list[list[int]] = [[] for _place in layer]
    down: list[list[int]] = [[] for _place in layer]
    for chain in chains:
        for one, other in pairwise(chain):
            down[one].append(other)
            up[other].append(one)
    return Chains(layer, up, down, chains)


def first_order(parts: Chains, forward: Sequence[WeightedLink], order: Sequence[int]) -> list[list[int]]:
    """The layers as a walk meets them that follows the heaviest lines first."""
    weight = _step_weights(parts, forward)
    layers: list[list[int]] = [[] for _layer in range(max(parts.layer, default=-1) + 1)]
    met = [False] * len(parts.layer)
    for start in order:
        waiting = [start]
        while waiting:
            place = waiting.pop()
            if met[place]:
                continue
            met[place] = True
            layers[parts.layer[place]].append(place)
            waiting.extend(
                other for _weight, _number, other in sorted((weight[place, o], -o, o) for o in parts.down[place])
            )
    return layers


def _step_weights(parts: Chains, forward: Sequence[WeightedLink]) -> dict[tuple[int, int], float]:
    weight: dict[tuple[int, int], float] = {}
    for chain, (_tail, _head, given) in zip(parts.chains, forward, strict=True):
        for step in pairwise(chain):
            weight[step] = weight.get(step, 0.0) + given
    return weight


def spines_of(parts: Chains, forward: Sequence[WeightedLink]) -> list[list[int]]:
    """Chains of places that are each other's heaviest neighbours: what a reader follows first, the heaviest first."""
    weight = _step_weights(parts, forward)
    ranked = sorted(weight, key=lambda step: (-weight[step], step))
    onward: dict[int, int] = {}
    backward: dict[int, int] = {}
    for one, other in ranked:
        onward.setdefault(one, other)
        backward.setdefault(other, one)
    spines = []
    met: set[int] = set()
    for one, _other in ranked:
        while backward.get(one) is not None and onward.get(backward[one]) == one:
            one = backward[one]
        if one in met:
            continue
        spine = [one]
        while spine[-1] in onward and backward[onward[spine[-1]]] == spine[-1]:
            spine.append(onward[spine[-1]])
        met.update(spine)
        spines.append(spine)
    return spines


def pulls_of(
    parts: Chains, forward: Sequence[WeightedLink]
) -> tuple[list[list[tuple[int, float]]], list[list[tuple[int, float]]]]:
    """How strongly neighbours want to stand level: long lines are to be straight, then heavy ones (1 : 2 : 8 as in
    Gansner et al. (1993), section 4)."""
    heaviest = max((weight for _tail, _head, weight in forward), default=1.0)
    up: list[list[tuple[int, float]]] = [[] for _place in parts.layer]
    down: list[list[tuple[int, float]]] = [[] for _place in parts.layer]
    for chain, (_tail, _head, weight) in zip(parts.chains, forward, strict=True):
        for i, (one, other) in enumerate(pairwise(chain)):
            bends = (i > 0) + (i < len(chain) - 2)
            pull = (1, 2, 8)[bends] * (0.1 + 6 * weight / heaviest)
            down[one].append((other, pull))
            up[other].append((one, pull))
    return up, down

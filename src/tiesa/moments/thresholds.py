"""From which limit on a situation works: each with its interval over a grid, or that it cannot be located.

On the half that confirms, the limit is moved over a grid while everything else of the joint model stays; limits that
explain the outcomes about as well as the best are its interval (profile likelihood: Venzon & Moolgavkar 1988, Applied
Statistics 37). Where all of them do, there is a limit, and the data cannot tell where.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tiesa.moments.atoms import SEVERITY, WAITS_H, Atom
from tiesa.moments.confirm import Tested
from tiesa.moments.episodes import episodes_of
from tiesa.moments.situations import Situation
from tiesa.moments.timeline import Timeline

NOT_WORSE = 1.92
"""Half of the 95 % quantile of chi squared with one degree of freedom: a profile interval."""
QUANTILES = np.arange(0.05, 1, 0.05)
"""Of lengths and amounts, those at which a limit is looked for."""
_ORDER = ("unanswered", "silence", "over", "attribute_over")
"""Kinds of condition that have a limit, those first that a standard can be set for."""


def learned_thresholds(tested: Tested, k: int) -> list[dict[str, Any]]:
    """Each limit of situation number k: `condition` (as the register keeps one), `value`, `best`, and `low` and `high`
    of its 95 % interval, or `cannot_be_located`; in hours, seconds or the unit of the data. grid: what was looked at.
    """
    atoms = [atom for atom in tested.situations[k].atoms if atom.kind in _ORDER and not atom.is_reaction]
    return [_located(tested, k, atom) for atom in sorted(atoms, key=lambda atom: _ORDER.index(atom.kind))]


def _located(tested: Tested, k: int, atom: Atom) -> dict[str, Any]:
    own = float(atom.value)
    grid = sorted({own, *_grid(atom, tested.timeline)})
    worth = [_log_likelihood(tested, k, atom, value) for value in grid]
    best = max(worth)
    inside = [value for value, one in zip(grid, worth, strict=True) if one >= best - NOT_WORSE]
    told = {"condition": atom.as_plain(), "value": own, "grid": grid, "best": grid[worth.index(best)]}
    if len(inside) == len(grid):
        return told | {"cannot_be_located": True}
    return told | {"low": min(inside), "high": max(inside)}


def _grid(atom: Atom, timeline: Timeline) -> list[float]:
    if atom.kind == "unanswered":
        return list(map(float, WAITS_H))
    if atom.kind == "silence":
        return [float(hours) for hours in WAITS_H if hours >= 24]
    if atom.name == "severity" and atom.kind == "over":
        return list(map(float, SEVERITY))
    of_attribute = atom.kind == "attribute_over"
    values = np.asarray(timeline.attributes.numbers[atom.name].values if of_attribute else timeline.numbers[atom.name])
    values = values[~np.isnan(values)]
    return sorted({float(f"{bound:.2g}") for bound in np.quantile(values, QUANTILES) if bound > values.min()})


def _log_likelihood(tested: Tested, k: int, atom: Atom, value: float) -> float:
    other = Situation.of(
        one if one is not atom else Atom(one.kind, one.name, value) for one in tested.situations[k].atoms
    )
    exposures = list(tested.exposures)
    exposures[k] = tested.model.exposed(episodes_of(other.atoms, tested.timeline))
    return tested.model.fit(exposures).log_likelihood

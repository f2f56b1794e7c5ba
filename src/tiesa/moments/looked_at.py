"""What was looked at and not selected: how far from what is expected it is alone, and beside what was selected.

Most of what looks strong alone says the same as a selected situation in other words, or follows from it: beside it
little is left. Both are of the half that was searched, and test nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiesa.moments.search import Search
from tiesa.moments.situations import Situation

MOST = 100


@dataclass(frozen=True)
class LookedAt:
    """A candidate. alone, beside: in standard errors. n: episodes followed, or journeys measured."""

    situation: Situation
    alone: float
    beside: float
    n: int


def looked_at(searched: Search, most: int = MOST) -> tuple[LookedAt, ...]:
    """Of what was not selected what looks strongest alone, the strongest first."""
    alone = searched.first_z
    if alone is None or searched.fit is None:
        return ()
    selected = set(searched.selected)
    strongest = [i for i in map(int, np.argsort(-abs(alone), kind="stable")) if i not in selected][:most]
    chosen = searched.exposures(searched.selected)
    packed = [searched.candidates[i].packed for i in strongest]
    beside = searched.model.scores(searched.fit, chosen, packed)
    return tuple(
        LookedAt(searched.candidates[i].situation, float(alone[i]), float(z), len(searched.exposure(i)))
        for i, z in zip(strongest, beside, strict=True)
    )

"""What stands beside a moment without being one: what brings it about, and how it shows.

Both look significant when nothing else is looked at, and lose their weight beside the moment: they act through it, or
because of it. What mostly begins before the moment is told as "comes from", what begins after it as "seen as". This
describes; it tests nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tiesa.moments.atoms import atoms_of
from tiesa.moments.episodes import episodes_of
from tiesa.moments.models import Exposure
from tiesa.moments.search import FOLD_Z, REMEMBERED, STOP_Z, UNLIKE, Search
from tiesa.moments.situations import Situation
from tiesa.moments.timeline import Timeline
from tiesa.moments.words import situation_in_words

BESIDE = 0.3
"""Share of the smaller one's time that both must have in common."""
BEFORE = 0.75
MOST = 3


@dataclass(frozen=True)
class _Near:
    situation: Situation
    exposure: Exposure
    z: float


def relations(
    searched: Search, situation: Situation, first: Timeline, instead_of: int | None = None
) -> list[dict[str, Any]]:
    """What comes before and after a situation on the searched half, the strongest first: id, situation, kind and share
    (of the situation's time that it covers). instead_of: the candidate that was selected, in the place of which it
    stands."""
    model = searched.model
    own = model.exposed(episodes_of(situation.atoms, first))
    # What has all its conditions and more is a part of it, and it a part of what has fewer: neither before nor after.
    near = [one for one in _strongest(searched, first) if not one.situation.is_nested(situation)]
    near = [one for one in near if _shared(searched, own, one.exposure) >= BESIDE]
    if not near or not model.size(own):
        return []
    rest = [i for i in searched.selected if i != instead_of and searched.candidates[i].situation != situation]
    chosen = [own, *searched.exposures(rest)]
    z = model.scores(model.fit(chosen), chosen, [model.packed(one.exposure) for one in near])
    found: dict[str, list[_Near]] = {"comes_from": [], "seen_as": []}
    for one, beside in zip(near, z, strict=True):
        if abs(beside) >= FOLD_Z:
            continue
        order = model.order(one.exposure, own)  # what begins together is neither
        before, after = (times / max(sum(order), 1) for times in order[:2])
        kind = "comes_from" if before >= BEFORE else "seen_as" if after >= BEFORE else ""
        if kind and len(found[kind]) < MOST and all(_unlike(searched, one, other) for other in found[kind]):
            found[kind].append(one)
    return [
        {
            "id": one.situation.id,
            "situation": situation_in_words(one.situation),
            "condition": one.situation.as_plain(),
            "kind": kind,
            "share": model.common(one.exposure, own) / model.size(own),
        }
        for kind, those in found.items()
        for one in those
    ]


def _strongest(searched: Search, first: Timeline) -> list[_Near]:
    """Candidates and reactions that look significant one by one, the strongest first."""
    found = []
    for i in searched.strongest(REMEMBERED):
        assert searched.first_z is not None
        z = float(searched.first_z[i])
        if abs(z) >= STOP_Z and i not in searched.selected:
            found.append(_Near(searched.candidates[i].situation, searched.exposure(i), z))
    for atom in atoms_of(first):
        situation = Situation.of([atom])
        if atom.is_reaction and searched.admits(situation):
            exposure = searched.model.exposed(episodes_of((atom,), first))
            look = searched.model.first_look(exposure)
            if look is not None and abs(look) >= STOP_Z:
                found.append(_Near(situation, exposure, look))
    return sorted(found, key=lambda one: -abs(one.z))


def _shared(searched: Search, one: Exposure, other: Exposure) -> float:
    smaller = min(searched.model.size(one), searched.model.size(other))
    return searched.model.common(one, other) / max(smaller, 1e-9)


def _unlike(searched: Search, one: _Near, other: _Near) -> bool:
    model = searched.model
    shared = model.common(one.exposure, other.exposure)
    every = model.size(one.exposure) + model.size(other.exposure) - shared
    return shared < UNLIKE * every

"""Colours that tell touchpoints apart, beside their names: calm, and not by red against green alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tiesa.pictures.palette import Theme

_GROUNDS = (
    "#76aced", "#febb8d", "#4cc3af", "#c2c3a1", "#b887c4", "#a39a55", "#eddcfd", "#6da1a8", "#b9f1b3", "#b98e89",
    "#4ad0f6", "#71a56c",
)  # fmt: skip
"""Found by search: as far apart as twelve colours of low chroma can be, seen with all cones, without the red or without
the green ones (Machado, Oliveira & Fernandes (2009), IEEE Transactions on Visualization and Computer Graphics 15(6)),
while dark letters on them keep a contrast of 4.5."""
_DARK_GROUNDS = (
    "#276a85", "#885836", "#236a4b", "#5b5613", "#74446f", "#3e63a1", "#9d494f", "#24364c", "#6e5f68", "#2d2961",
    "#571f01", "#313125",
)  # fmt: skip
"""The same for light letters."""


def colours_for(weights: Mapping[str, float], theme: Theme) -> dict[str, str]:
    """The ground of each touchpoint: the heaviest get a colour of their own, all others share a grey.

    >>> from tiesa.pictures.palette import LIGHT
    >>> colours_for({"call": 9, "visit": 3}, LIGHT)
    {'call': '#76aced', 'visit': '#febb8d'}
    """
    grounds = grounds_of(theme)
    ranked = sorted(weights, key=lambda name: (-weights[name], name))
    return {name: grounds[i] if i < len(grounds) else other_ground(theme) for i, name in enumerate(ranked)}


def grounds_of(theme: Theme) -> tuple[str, ...]:
    """The colours of a theme, in the order they are given out."""
    return _DARK_GROUNDS if theme.name == "dark" else _GROUNDS


def other_ground(theme: Theme) -> str:
    """The grey of touchpoints without a colour of their own."""
    return "#3d4650" if theme.name == "dark" else "#dddddd"


def weights_of(ways: Iterable[tuple[Iterable[str], float]]) -> dict[str, float]:
    """How often each touchpoint is met, from ways and the journeys that go them."""
    weights: dict[str, float] = {}
    for names, journeys in ways:
        for name in names:
            weights[name] = weights.get(name, 0.0) + journeys
    return weights

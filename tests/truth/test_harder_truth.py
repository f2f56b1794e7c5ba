"""Made-up companies that break what the method assumes: what is confirmed there is true still, but for what a cause
that no table shows makes look harmful.

Where intervals promise too much stands in docs/truth.md and on the sheets: how many say how they feel, whether journeys
tell of several matters, how strong a hidden cause would have to be. A usual run has one world of each; a long one
(`./tiesa test --long`) twelve.
"""

from __future__ import annotations

import pytest
from tests.truth import figures
from tests.truth.worlds import LONG, World, worlds

from tiesa.core.intervals import share

HARDER = ("drift", "households", "mood_nonresponse", "hidden", "heavy_tails")
CONFOUNDED, PLANTED = "contract terms", "contract_terms_asked"
"""The contact that a hidden trait makes look harmful: that the terms are asked for, and that they are sent."""


def harder(option: str) -> list[World]:
    first = 31_000 + 100 * HARDER.index(option) if LONG else 9_301 + HARDER.index(option)
    seeds, customers = (12, 8_000) if LONG else (1, 5_000)
    return worlds([(range(first, first + seeds), customers)], option)


@pytest.mark.parametrize("option", HARDER)
def test_what_is_confirmed_is_true(option: str) -> None:
    found = harder(option)
    confirmed = [one for world in found for one in world.confirmed]
    false = [one["situation"] for one in confirmed if one["verdict"] == "false"]
    if option == "hidden":
        false = [situation for situation in false if CONFOUNDED not in situation]
    felt = figures.false_share(found, figures.SCORE)
    assert len(confirmed) >= len(found) // 2
    assert felt.n >= len(found)
    # A dozen worlds confirm some thirty: a twentieth of them cannot be ruled out.
    assert share(len(false), len(confirmed)).interval.low <= 0.05, false
    assert felt.interval.low <= 0.05, felt
    if LONG:  # of 13 situations named before; one world tells too little
        named = [one for one in figures.named(found) if option != "hidden" or one.name != PLANTED]
        held = figures.together(one.covered for one in named)
        assert held.n >= 8 * len(found)
        assert (held.value or 0) >= 0.88, figures.told(held)

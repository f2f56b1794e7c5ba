"""How many tell how they feel after a situation, beside comparable contacts: silence can hide what it does.

Where the dissatisfied keep silent, effects on scores come out too small, with intervals that promise too much. The
answers cannot show it; how many there are may. It is told and not judged: who is asked differs by touchpoint too, and
on made-up companies single shares do not tell those in which mood keeps people silent from others (docs/truth.md).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tiesa.journeys.monthly import difference, share_of
from tiesa.moments.confirm import Tested
from tiesa.moments.measured import Measured
from tiesa.moments.opportunities import controls_of


def who_answers(tested: Tested, k: int) -> dict[str, Any] | None:
    """Shares of journeys that came into situation number k, and of comparable ones, after which something was measured:
    `exposed`, `compared`, and the 95 % bounds of their difference. None where nothing is measured of journeys, or too
    few were."""
    model = tested.model
    if not isinstance(model, Measured) or not model.values.of_journeys:
        return None
    episodes, timeline = tested.episodes[k], tested.timeline
    could = controls_of(timeline, tested.situations[k].atoms, episodes)
    met, others = tested.exposures[k], model.exposed(could)
    journeys = [len(np.unique(timeline.journey[one.row])) for one in (episodes, could)]
    exposed, compared = (share_of(min(len(one), n), n) for one, n in zip((met, others), journeys, strict=True))
    gap = difference(compared, exposed)
    if gap is None:
        return None
    return {
        "exposed": exposed.value, "exposed_n": journeys[0], "compared": compared.value, "compared_n": journeys[1],
        "low": gap.low, "high": gap.high,
    }  # fmt: skip

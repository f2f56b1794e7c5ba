"""Whether the journeys behind a situation tell of one matter: where several were joined, counts go over all of them.

A third adviser, say, is counted over a journey. If two matters were joined to one, each with an adviser or two, there
is one who did no harm, and the effect of the situation looks smaller than it is. The reasons that customers named say
how often that may be so. It is told and not judged: one matter can have two reasons, and two matters the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tiesa.core.intervals import share
from tiesa.journeys.arrow_views import NONE
from tiesa.moments.episodes import Episodes
from tiesa.moments.people import Ints
from tiesa.moments.timeline import Timeline

LEAST_KNOWN = 30


def several_matters(found: Sequence[tuple[Episodes, Timeline]]) -> dict[str, Any] | None:
    """In how many episodes customers had named more than one reason in the journey by then: `several`, of `known`, in
    which they had named any; `share` with 95 % bounds. None where too few are known."""
    reasons = np.concatenate([_reasons(episodes, timeline) for episodes, timeline in found])
    known = int((reasons > 0).sum())
    if known < LEAST_KNOWN:
        return None
    told = share(int((reasons > 1).sum()), known)
    return {
        "several": told.count, "known": known, "share": told.value,
        "low": told.interval.low, "high": told.interval.high,
    }  # fmt: skip


def _reasons(episodes: Episodes, timeline: Timeline) -> Ints:
    """How many different reasons had been named in the journey by each episode."""
    begun = np.zeros(int(timeline.journey[-1]) + 1 if len(timeline) else 0, np.bool_)
    begun[timeline.journey[episodes.row]] = True
    codes = timeline.words["reason"].codes
    named = np.flatnonzero((codes != NONE) & begun[timeline.journey])
    each = timeline.journey[named].astype(np.int64) * (len(timeline.words["reason"].texts) + 1) + codes[named]
    new = np.zeros(len(timeline), np.bool_)
    new[named[np.unique(each, return_index=True)[1]]] = True
    return timeline.number(new)[episodes.row]

"""What a situation seems to do to something it cannot have changed, since it was before: it should be nothing.

Where it is not, those exposed were different before, and the effect may be that difference too. Source: Lipsitch,
Tchetgen Tchetgen & Cohen (2010), Epidemiology 21. What was before are the customer's own contacts in the journey
before, until this one began.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tiesa.journeys.arrow_views import NONE
from tiesa.moments.compare import LEAST_SAMPLE, Opinion, compare
from tiesa.moments.confirm import Tested
from tiesa.moments.landmark import (
    LEAST_MEASURED,
    STIFF,
    are_enough,
    covariates,
    known_before,
    rows_compared,
    units_compared,
)
from tiesa.moments.measured import Measured
from tiesa.moments.people import Ints
from tiesa.moments.timeline import Timeline


def negative_control(tested: Tested, k: int, horizon_us: int) -> dict[str, Any] | None:
    """How many contacts more the exposed of situation number k had before, with 95 % bounds, compared as for the second
    opinion; n: rows. None where nobody comparable had any time before."""
    if isinstance(tested.model, Measured):
        return _of_measured(tested, k, tested.model)
    timeline = tested.timeline
    row, at, treated = rows_compared(tested, k, horizon_us)
    before = _in_journey_before(timeline, row)
    there = before != NONE
    if min((treated & there).sum(), (~treated & there).sum()) < LEAST_SAMPLE:
        return None
    x = covariates(tested, k, row[there], at[there])
    cluster = timeline.people.cluster[timeline.customer[row[there]]]
    return _told(compare(x, treated[there], before[there] * 1.0, cluster), int(there.sum()))


def _of_measured(tested: Tested, k: int, model: Measured) -> dict[str, Any] | None:
    unit, at, treated, row = units_compared(tested, k, model)
    before = _in_journey_before(tested.timeline, row)
    there = before != NONE
    if not are_enough(treated[there]):
        return None
    x = known_before(tested, k, model, unit[there], at[there])
    cluster = model.cluster[unit[there]]
    return _told(compare(x, treated[there], before[there] * 1.0, cluster, LEAST_MEASURED, STIFF), int(there.sum()))


def _told(opinion: Opinion, n: int) -> dict[str, Any] | None:
    if opinion.why_not:
        return None
    return {"outcome": "contacts", "effect": opinion.value, "low": opinion.low, "high": opinion.high, "n": n}


def _in_journey_before(timeline: Timeline, row: Ints) -> Ints:
    """How often the customer turned to us in the journey before the one of each row, until this one began; else -1."""
    starts, people = timeline.starts, timeline.people
    at = people.in_calendar(timeline.customer, timeline.at)  # where journeys are at risk, each has its own clock
    whose = people.key[timeline.customer[starts]]
    journey = timeline.journey[row]
    found = np.full(len(row), NONE)
    own = np.flatnonzero((journey > 0) & (whose[np.maximum(journey - 1, 0)] == whose[journey]))
    so_far = np.concatenate([[0], np.cumsum(timeline.inbound)])
    for i in own:
        first, end = starts[journey[i] - 1], starts[journey[i]]
        last = first + int(np.searchsorted(at[first:end], at[end]))
        found[i] = so_far[last] - so_far[first]
    return found

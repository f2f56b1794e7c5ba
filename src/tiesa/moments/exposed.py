"""The contacts at which known situations came true: looked up again, without any search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from tiesa.core.business_time import DAY_US
from tiesa.core.enums import OutcomeKind
from tiesa.journeys.view import View
from tiesa.moments.episodes import episodes_of
from tiesa.moments.journeys_as_people import courses_of, journeys_of
from tiesa.moments.outcomes import Outcome, is_of_journeys
from tiesa.moments.people import people_of
from tiesa.moments.situations import Situation
from tiesa.moments.timeline import timeline_of

EXPOSED = pa.schema(
    {
        "moment": pa.string(), "customer_key": pa.int64(), "journey_no": pa.int64(), "journey_position": pa.int64(),
        "contact_id": pa.string(), "source": pa.string(), "touchpoint": pa.string(),
        "exposed": pa.timestamp("us", tz="UTC"),
    }
)  # fmt: skip
"""One row per contact at which a moment came true; exposed: when it did."""
_NAMES = [name for name in EXPOSED.names if name not in ("moment", "exposed")]


def exposed_of(view: View, estimates: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Contacts of the view at which kept moments came true, in the columns of `EXPOSED`, in order of customers.

    estimates: as the register keeps them. Only customers at risk at that time count, as in the estimate.
    """
    parts = [EXPOSED.empty_table()]
    if view.one("select count(*) from (select 1 from rows limit 1)")[0]:
        for risk in dict.fromkeys(_at_risk_of(estimate) for estimate in estimates):
            asked = [estimate for estimate in estimates if _at_risk_of(estimate) == risk]
            parts += _of_risk(view, risk, asked)
    return pa.concat_tables(parts)


def exposed_contacts(view: View, estimate: Mapping[str, Any]) -> pa.Table:
    """Contacts of the view at which a kept moment came true: contact_id, source, exposed (when), in order of customers.

    estimate: as the register keeps it. Only customers at risk at that time count, as in the estimate.
    """
    return exposed_of(view, [estimate]).select(["contact_id", "source", "exposed"])


def _at_risk_of(estimate: Mapping[str, Any]) -> tuple[Outcome, int]:
    """What ends the time in which the situation counts; for outcomes that end nothing, that the customer left. Where
    journeys are at risk, and not customers, the horizon in days; else 0."""
    outcome = Outcome(estimate["outcome"])
    if is_of_journeys(estimate):
        return outcome, estimate["horizon_days"]
    return outcome if outcome.event else Outcome.LEFT, 0


def _of_risk(view: View, risk: tuple[Outcome, int], estimates: Sequence[Mapping[str, Any]]) -> list[pa.Table]:
    ends, horizon_days = risk
    timeline = timeline_of(view, people_of(view, outcome=ends.event or OutcomeKind.LEFT), least=1)
    if horizon_days:
        timeline = journeys_of(view, timeline, courses_of(view, timeline, ends), horizon_days * DAY_US)
    names = view.table(f"select {', '.join(_NAMES)} from rows order by customer_key, journey_no, journey_position")
    made = []
    for estimate in estimates:
        found = episodes_of(Situation.from_plain(estimate["condition"]).atoms, timeline)
        instants = timeline.people.in_calendar(found.customer, found.at)
        at = pa.array(instants, pa.int64()).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
        rows = names.take(pa.array(timeline.place[found.row]))
        columns = {"moment": pa.array([estimate["id"]] * len(at), pa.string()), "exposed": at}
        columns |= {name: rows[name] for name in _NAMES}
        made.append(pa.table({name: columns[name] for name in EXPOSED.names}).cast(EXPOSED))
    return made

"""The contacts at which a known situation came true: looked up again, without any search."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tiesa.core.enums import OutcomeKind
from tiesa.journeys.view import View
from tiesa.moments.episodes import episodes_of
from tiesa.moments.people import people_of
from tiesa.moments.situations import Situation
from tiesa.moments.timeline import timeline_of


def exposed_contacts(view: View, estimate: dict[str, Any]) -> pa.Table:
    """Contacts of the view at which a kept moment came true: contact_id, source, exposed (when), in order of customers.

    estimate: as the register keeps it. Only customers at risk at that time count, as in the estimate.
    """
    people = people_of(view, outcome=OutcomeKind(estimate["outcome"]))
    timeline = timeline_of(view, people, least=1)
    found = episodes_of(Situation.from_plain(estimate["condition"]).atoms, timeline)
    names = view.table("select contact_id, source from rows order by customer_key, journey_no, journey_position")
    at = pa.array(found.at, pa.int64()).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    return names.take(pa.array(timeline.place[found.row])).append_column("exposed", at)

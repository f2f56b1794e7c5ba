"""What was measured of journeys and customers: scores, moods, recommendations, margins, as arrays.

One value a journey (its last answer, its last known emotion), or one a customer and time where no journey is
named. What happened after it counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiesa.core.business_time import DAY_US
from tiesa.core.enums import AnswerKind
from tiesa.journeys.arrow_views import NONE, Words, words_of
from tiesa.journeys.view import View
from tiesa.moments.margins import margins_a_year_later
from tiesa.moments.models import Floats
from tiesa.moments.outcomes import Outcome
from tiesa.moments.people import Ints
from tiesa.moments.timeline import Timeline

NEGATIVE = -0.3
"""An emotion (-1 to +1) below this is a bad mood."""
SCORES = (AnswerKind.OVERALL, AnswerKind.SERVICE_QUALITY, AnswerKind.EFFORT, AnswerKind.EMOTION)
"""What a journey's score is: the first of these that is asked often enough. All on 0 to 10."""
OFTEN = 100
BEFORE_US = 180 * DAY_US
"""Where no journey is named, situations of so long before count."""

PLACED = (
    "placed as (select contact_id, customer_key, journey_no, emotion, touchpoint, occurred_at, "
    "row_number() over (order by customer_key, journey_no, journey_position) - 1 as place from rows)"
)
"""SQL: the rows of the view with their number."""
_ON_TEN = (
    "(value - split_part(scale, '-', 1)::double) * 10 "
    "/ (split_part(scale, '-', 2)::double - split_part(scale, '-', 1)::double)"
)
_SCALED = "value is not null and regexp_matches(scale, '^[0-9]+-[0-9]+$')"


@dataclass(frozen=True)
class Values:
    """Sorted by customer and time. customer: position in the timeline's people. row: position in the timeline of a
    contact of the journey, NONE where none is named. since, at: situations from the one to the other count,
    microseconds. value: what was measured. earlier: the same before (NaN where nothing is). asked: the question, or the
    touchpoint at which a feeling was seen (some are gladder than others by nature). ended: how the journey that is
    scored had ended by then."""

    customer: Ints
    row: Ints
    since: Ints
    at: Ints
    value: Floats
    earlier: Floats
    asked: Words
    ended: Words

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def of_journeys(self) -> bool:
        return bool((self.row != NONE).any())


def measured(view: View, outcome: Outcome) -> pa.Table:
    """What the log holds of an outcome: customer_key, place (of a row of the view; null), since, t, value, earlier,
    asked; of scores also ended. Empty where nothing was measured."""
    # What happens at the contact that is felt is no cause of it: only what was before counts.
    match outcome:
        case Outcome.SCORE:
            return _scores(view)
        case Outcome.RECOMMENDATION:
            return view.table(
                f"select customer_key, null::bigint as place, epoch_us(answered_at) - {BEFORE_US} as since, "
                f"epoch_us(answered_at) as t, {_ON_TEN} as value, null::double as earlier, question as asked "
                f"from answers where kind = '{AnswerKind.RECOMMENDATION.value}' and {_SCALED} "
                "and customer_key is not null order by customer_key, t"
            )
        case Outcome.NEGATIVE_EMOTION:
            return view.table(
                f"with {PLACED} select customer_key, place, 0::bigint as since, epoch_us(occurred_at) - 1 as t, "
                f"(emotion < {NEGATIVE})::double as value, null::double as earlier, touchpoint as asked from placed "
                "where emotion is not null qualify row_number() over "
                "(partition by customer_key, journey_no order by place desc) = 1 order by customer_key, t"
            )
        case Outcome.MARGIN:
            return view.table(
                "select customer_key, null::bigint as place, since, t, value, earlier, null::varchar as asked "
                f"from ({margins_a_year_later(view)}) order by customer_key, t"
            )
    raise ValueError(outcome)


def _scores(view: View) -> pa.Table:
    for kind in SCORES:
        found = view.table(
            f"with {PLACED}, said as (select p.customer_key, place, p.journey_no, epoch_us(answered_at) as t, "
            f"{_ON_TEN} as value, question as asked, case when goal_at <= answered_at then goal_state end as ended "
            "from answers join placed p using (contact_id) join journeys j on j.customer_key = p.customer_key "
            f"and j.journey_no = p.journey_no where kind = '{kind.value}' and {_SCALED}) "
            "select customer_key, place, 0::bigint as since, t, value, null::double as earlier, asked, ended "
            "from said qualify row_number() over (partition by customer_key, journey_no order by t desc, place desc) "
            "= 1 order by customer_key, t"
        )
        if len(found) >= OFTEN:
            break
    return found


def values_of(found: pa.Table, timeline: Timeline) -> Values:
    """What was measured of the customers of a timeline while they were at risk."""
    people = timeline.people
    key = found["customer_key"].to_numpy()
    customer = np.minimum(np.searchsorted(people.key, key), max(len(people) - 1, 0))
    at = found["t"].to_numpy()
    kept = (people.key[customer] == key) & (at > people.enter[customer]) & (at <= people.leave[customer])
    place = found["place"].combine_chunks().fill_null(NONE).to_numpy(zero_copy_only=False)
    row = np.minimum(np.searchsorted(timeline.place, place), max(len(timeline) - 1, 0))
    named = place != NONE
    kept &= ~named | (timeline.place[row] == place)
    asked = words_of(found["asked"].combine_chunks())
    ended = found["ended"].combine_chunks() if "ended" in found.column_names else pa.nulls(len(found))
    rows = np.flatnonzero(kept)
    return Values(
        customer[kept],
        np.where(named, row, NONE)[kept],
        found["since"].to_numpy()[kept],
        at[kept],
        _reals(found, "value")[kept],
        _reals(found, "earlier")[kept],
        asked.take(rows),
        words_of(ended).take(rows),
    )


def _reals(found: pa.Table, name: str) -> NDArray[np.float64]:
    made: NDArray[np.float64] = found[name].combine_chunks().fill_null(np.nan).to_numpy(zero_copy_only=False)
    return made

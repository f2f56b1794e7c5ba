"""From what the pass wrote to Arrow: annotated contacts and journeys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tiesa.core.columns import MONEY, TEXT
from tiesa.core.enums import GoalState, WaitOwner
from tiesa.core.tables import JOURNEY, JOURNEY_CONTACT
from tiesa.journeys import arrow_views as views
from tiesa.journeys.arrow_views import NONE, Numbers, Words
from tiesa.journeys.pass_shapes import TOTAL, Marks, Totals

if TYPE_CHECKING:
    from tiesa.journeys.pass_input import Input


def room_for_marks(n: int) -> Marks:
    """Room for the pass to write, one place per contact."""
    types: dict[str, Any] = {
        **dict.fromkeys(("gap", "gap_open", "wait", "wait_open"), (np.int64, 2)),
        **dict.fromkeys(("has_wait", "repeat", "handover", "channel_change"), np.bool_),
        "answered_at": np.int64,
        "turn": np.int8,
    }
    return Marks(**{name: np.empty(n, types.get(name, np.int32)) for name in Marks._fields})


def room_for_totals(n: int) -> Totals:
    """Room for the pass to write, one place per journey; there are as many as contacts at most."""
    gaps = np.zeros((2, len(WaitOwner), n, 2), np.int64)
    return Totals(np.empty(n, TOTAL), np.empty(n, np.int64), np.empty(n, np.uint64), *gaps)


def _choices(places: Numbers, choices: list[Any]) -> pa.DictionaryArray:
    return Words(places, pa.array([str(choice) for choice in choices], TEXT)).column()


def annotated(given: Input, marks: Marks, totals: Totals, journeys: int) -> pa.RecordBatch:
    """The contacts with what the pass says of each, and of its journey."""
    answer = marks.answer
    total = totals.total[:journeys]
    mine = _places(given, marks, total)
    is_message, has_answer, has_previous = answer >= NONE, answer >= 0, marks.position > 1
    columns = {
        "journey_no": pa.array(marks.journey),
        "journey_position": pa.array(marks.position),
        "journey_start_at": views.instants(given.at[total["first"][mine]]),
        "type_of_journey": Words(total["type"][mine], given.words["type"].texts).column(),
        "previous_touchpoint": Words(marks.previous_touchpoint, given.words["touchpoint"].texts).column(),
        "gap_s": views.seconds(marks.gap, has_previous),
        "gap_business_s": views.seconds(marks.gap_open, has_previous),
        "wait_owner": _choices(marks.turn, list(WaitOwner)),
        "wait_s": views.seconds(marks.wait, marks.has_wait),
        "wait_business_s": views.seconds(marks.wait_open, marks.has_wait),
        "is_repeat": views.flags(marks.repeat),
        "is_answered": views.flags(has_answer, is_message),
        "answered_at": views.instants(marks.answered_at, has_answer),
        "answered_by": Words(marks.answered_by, given.words["employee"].texts).column(),
        "answered_channel": Words(marks.answered_channel, given.words["channel"].texts).column(),
        "answered_contact_id": given.texts["contact_id"].take(pa.array(answer, mask=~has_answer)),
        "insistence": views.nullable(pa.int32(), marks.insistence, is_message),
        "is_handover": views.flags(marks.handover),
        "is_channel_change": views.flags(marks.channel_change),
    }
    fields = [_field(JOURNEY_CONTACT.schema.field(name), column) for name, column in columns.items()]
    schema = pa.schema([*given.batch.schema, *fields])
    return pa.RecordBatch.from_arrays([*given.batch.columns, *columns.values()], schema=schema)


def _places(given: Input, marks: Marks, total: Any) -> Numbers:
    """Where each contact's journey stands among the journeys, which are in order of customer and number."""
    customer = views.whole_numbers_of(given.column("customer_key"), pa.int64())
    return np.searchsorted(customer[total["first"]], customer) + marks.journey - 1


def journeys_of(given: Input, totals: Totals, journeys: int) -> pa.RecordBatch:
    """The journeys: as many as the pass has counted."""
    total = views.fields_of(totals.total[:journeys])
    first, last, turn_row, goal_row = (total[name] for name in ("first", "last", "turn_row", "goal_row"))
    start_at, end_at, cost = given.at[first], given.at[last], totals.cost[:journeys].copy()
    is_waiting = (total["turn"] != list(WaitOwner).index(WaitOwner.NOBODY)) & (turn_row != NONE)
    touchpoint, starts = given.words["touchpoint"], pa.array(first)
    columns = {
        "customer_key": given.column("customer_key").take(starts).cast(pa.int64()),
        "journey_no": pa.array(total["journey"]),
        "journey_type": Words(total["type"], given.words["type"].texts).column(),
        "source": given.source.take(first).column(),
        "case_id": given.texts["case_id"].take(starts),
        "reason": Words(total["reason"], given.words["reason"].texts).column(),
        "start_at": views.instants(start_at),
        "end_at": views.instants(end_at),
        "start_touchpoint": touchpoint.take(first).column(),
        "end_touchpoint": touchpoint.take(last).column(),
        "duration_s": views.seconds(views.wide(end_at - start_at)),
        "variant": pa.array(totals.variant[:journeys].view(np.int64).copy()),
        "goal_state": _choices(total["goal"], list(GoalState)),
        "goal_at": views.instants(given.at[goal_row], goal_row != NONE),
        "organisations": pa.array(total["lanes"]),
        "cost": views.nullable(MONEY, views.wide(cost), cost != views.NO_MONEY),
        "waiting_for": _choices(np.where(turn_row != NONE, total["turn"], NONE), list(WaitOwner)),
        "waiting_since": views.instants(given.at[turn_row], is_waiting),
    }
    for place, owner in enumerate(WaitOwner):
        columns[f"wait_{owner}_s"] = views.seconds(totals.gaps[place, :journeys])
        columns[f"wait_{owner}_business_s"] = views.seconds(totals.gaps_open[place, :journeys])
    for name in ("emotion_start", "emotion_worst", "emotion_end"):
        columns[name] = views.nullable(pa.float32(), total[name], total["emotion_n"] > 0)
    columns |= {name: pa.array(total[name]) for name in JOURNEY.names if name not in columns}
    fields = [_field(field, columns[field.name]) for field in JOURNEY.schema]
    return pa.RecordBatch.from_arrays([columns[name] for name in JOURNEY.names], schema=pa.schema(fields))


def _field(field: pa.Field, column: pa.Array) -> pa.Field:
    """The field of the contract, as a dictionary where the column is one."""
    return field.with_type(column.type) if pa.types.is_dictionary(column.type) else field

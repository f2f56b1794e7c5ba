"""What the one pass reads, writes and works with: the numbers that words become, records, and sets of arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tiesa.journeys.arrow_views import Numbers

# The words of core.enums by their place in the list.
INBOUND, OUTBOUND, SELF_SERVICE, INDIRECT, INTERNAL = range(5)
US, CUSTOMER, THIRD_PARTY, NOBODY, UNKNOWN = OWNERS = tuple(range(5))
REACHED, ABANDONED, OPEN = range(3)
SAME_REASON, LATEST, REPEAT = range(3)

NO_MESSAGE, UNANSWERED = -2, -1
"""What `answer` says of a contact that needs no answer, and of one that has none."""

JOURNEY = np.dtype(
    [
        ("last_at", np.int64),  # of its latest contact of any kind, and the business time until then
        ("last_open", np.int64),
        ("boundary_at", np.int64),  # of its latest contact that could change whose turn it is
        ("boundary_open", np.int64),
        ("first", np.int32),
        ("last", np.int32),
        ("boundary", np.int32),
        ("newer", np.int32),  # neighbours among the customer's open journeys, by latest contact
        ("older", np.int32),
        ("type", np.int32),
        ("reason", np.int32),  # the latest one
        ("goal", np.int32),
        ("goal_row", np.int32),
        ("turn", np.int32),  # whose it is: one of OWNERS
        ("turn_row", np.int32),  # the contact since which it is theirs
        ("message", np.int32),  # newest one without an answer
        ("forgiven", np.int32),  # messages up to this row are no longer owed an answer
        ("asked", np.int32),  # times the customer turned to us
        ("promised", np.bool_),
        ("asked_back", np.bool_),  # the customer was told to come back
    ],
    align=True,
)


class Rows(NamedTuple):
    """The contacts: one array per column, sorted, all of the same length."""

    customer: Numbers  # int64
    at: Numbers  # int64
    case: Numbers  # uint64 names of case, contact and answered contact; 0 is none
    contact: Numbers
    reply_to: Numbers
    touchpoint: Numbers  # int32 codes
    channel: Numbers
    reason: Numbers
    type: Numbers
    employee: Numbers
    unit: Numbers
    lane: Numbers
    direction: Numbers  # int8
    waits_for: Numbers
    goal: Numbers
    live: Numbers  # bool
    third_party: Numbers
    promises: Numbers
    emotion: Numbers  # float32, NaN is none
    cost: Numbers  # int64, NO_MONEY is none


class Tables(NamedTuple):
    """The rules as look-ups. A row of `windows` and `goals` is a journey type + 1; the first one is of none."""

    windows: Numbers  # int64: type x (SAME_REASON, LATEST, REPEAT)
    goals: Numbers  # int8: type x touchpoint
    variants: Numbers  # uint64 of the touchpoint's text
    opens: Numbers  # int64: the business calendar, see core.business_time; the last interval never comes
    closes: Numbers
    open_before: Numbers
    first_interval: Numbers
    first_day: Numbers  # int64: the day of the first of them
    longest: Numbers  # int64: the longest window in which a journey is found again


class Marks(NamedTuple):
    """What the pass says of each contact. A decimal is two words of 64 bits, of which the high one stays 0."""

    journey: Numbers  # int32, from 1
    position: Numbers  # int32, from 1
    previous_touchpoint: Numbers  # int32 codes
    gap: Numbers  # decimals of microseconds
    gap_open: Numbers
    wait: Numbers
    wait_open: Numbers
    turn: Numbers  # int8
    answer: Numbers  # int32 row, UNANSWERED or NO_MESSAGE
    answered_by: Numbers  # int32 codes
    answered_channel: Numbers
    answered_at: Numbers  # int64
    insistence: Numbers  # int32
    has_wait: Numbers  # bool
    repeat: Numbers
    handover: Numbers
    channel_change: Numbers


TOTAL = np.dtype(
    [
        ("journey", np.int32),  # from 1
        ("first", np.int32),  # rows
        ("last", np.int32),
        ("turn_row", np.int32),
        ("goal_row", np.int32),
        ("type", np.int32),  # codes
        ("reason", np.int32),
        ("goal", np.int32),
        ("turn", np.int32),
        ("contacts", np.int32),
        ("internal_steps", np.int32),
        ("inbound", np.int32),
        ("repeats", np.int32),
        ("unanswered", np.int32),
        ("insistence", np.int32),
        ("handovers", np.int32),
        ("channel_changes", np.int32),
        ("employees", np.int32),
        ("units", np.int32),
        ("channels", np.int32),
        ("lanes", np.int32),
        ("emotion_n", np.int32),
        ("emotion_start", np.float32),
        ("emotion_worst", np.float32),
        ("emotion_end", np.float32),
    ]
)
"""What the pass says of a journey in four bytes each: side by side, since one journey is written at a time."""


class Totals(NamedTuple):
    """What the pass says of each journey."""

    total: Any  # TOTAL
    cost: Numbers  # int64
    variant: Numbers  # uint64
    gaps: Numbers  # decimals of microseconds: owner x journey, all 0 at first
    gaps_open: Numbers


class Desk(NamedTuple):
    """Room to work in, made beforehand."""

    running: Any  # JOURNEY: as many as the largest customer has contacts
    names: Numbers  # uint64: a power of two, at least four times as many
    named_row: Numbers  # int32: the row that bears the name in that slot
    following: Numbers  # int32: the next contact of the same journey
    older_message: Numbers  # int32: the message before in the same journey
    asked_row: Numbers  # int32 by reason: the latest row that asked with it, of whichever customer
    employee_seen: Numbers  # int32 by code: the latest journey that met it
    unit_seen: Numbers
    channel_seen: Numbers
    lane_seen: Numbers

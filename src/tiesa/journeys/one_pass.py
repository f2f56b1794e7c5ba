"""The one pass over sorted contacts: journeys, waits, answers and sums, compiled by Numba.

Customer by customer in two steps. `follow` takes the customer's contacts in order, finds the journey of each
and keeps, per running journey, whose turn it is and which messages wait for an answer. `sum_up` then walks
each journey by itself and counts. Rows and journeys are numbers of positions; NONE stands for null.

Words arrive as codes, times as microseconds since 1970 UTC, money as ten-thousandths. Every array has one
fixed type, and every array that is only read is marked so: one specialisation is ever compiled. All compiled
functions stand in this file because Numba's cache looks at the age of no other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from tiesa.journeys.arrow_views import NO_MONEY, NONE

F = TypeVar("F", bound=Callable[..., Any])
Numbers = NDArray[Any]

# The words of core.enums by their place in the list.
INBOUND, OUTBOUND, SELF_SERVICE, INDIRECT, INTERNAL = range(5)
US, CUSTOMER, THIRD_PARTY, NOBODY, UNKNOWN = OWNERS = tuple(range(5))
REACHED, ABANDONED, OPEN = range(3)
SAME_REASON, LATEST, REPEAT = range(3)

NO_MESSAGE, UNANSWERED = -2, -1
"""What `answer` says of a contact that needs no answer, and of one that has none."""

DAY_US = 86_400_000_000
EMPTY, EIGHT = np.uint64(0), np.uint64(8)
ODD = np.uint64(0x9E3779B97F4A7C15)

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


class Totals(NamedTuple):
    """What the pass says of each journey."""

    journey: Numbers  # int32, from 1
    first: Numbers  # int32 rows
    last: Numbers
    boundary: Numbers
    goal_row: Numbers
    type: Numbers  # int32 codes
    reason: Numbers
    goal: Numbers  # int8
    turn: Numbers
    contacts: Numbers  # int32
    internal_steps: Numbers
    inbound: Numbers
    repeats: Numbers
    unanswered: Numbers
    insistence: Numbers
    handovers: Numbers
    channel_changes: Numbers
    employees: Numbers
    units: Numbers
    channels: Numbers
    lanes: Numbers
    emotion_n: Numbers
    emotion_start: Numbers  # float32
    emotion_worst: Numbers
    emotion_end: Numbers
    cost: Numbers  # int64
    variant: Numbers  # uint64
    gaps: Numbers  # decimals of microseconds: owner x journey, all 0 at first
    gaps_open: Numbers


class Desk(NamedTuple):
    """Room to work in, made beforehand: without Numba's own memory there is no counting of references, which
    would cost many times the work itself.
    """

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


def compiled(function: F) -> F:
    return cast(F, numba.njit(nogil=True, cache=True, error_model="numpy", _nrt=False)(function))


def inlined(function: F) -> F:
    return cast(F, numba.njit(nogil=True, error_model="numpy", forceinline=True, _nrt=False)(function))


# --- names: texts as 64 well-mixed bits --------------------------------------------------------------------


@inlined
def mixed(bits: Any) -> Any:
    """Every bit of the result depends on every bit given (the finaliser of MurmurHash3)."""
    bits = (bits ^ (bits >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    bits = (bits ^ (bits >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return bits ^ (bits >> np.uint64(33))


@inlined
def word_at(text: Numbers, start: Any, length: Any) -> Any:
    """Up to eight bytes of the text as one number. Unsigned places let the compiler load them at once."""
    word = np.uint64(0)
    for byte in range(length):
        word |= np.uint64(text[start + np.uint64(byte)]) << np.uint64(8 * byte)
    return word


@compiled
def name(offsets: Numbers, text: Numbers, valid: Numbers, source: Numbers, kind: Any, names: Numbers) -> None:
    """Write a name for each (kind, source, text); 0 where there is no text."""
    for row in range(len(names)):
        if not valid[row]:
            names[row] = EMPTY
            continue
        start, end = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        bits = mixed((kind + np.uint64(source[row] + 1)) * ODD + (end - start))
        while start + EIGHT <= end:
            bits = mixed(bits * ODD + word_at(text, start, 8))
            start += EIGHT
        bits = mixed(bits * ODD + word_at(text, start, end - start))
        names[row] = max(bits, np.uint64(1))


@compiled
def look_up(meanings: Numbers, codes: Numbers, found: Numbers) -> None:
    """Write the meaning of each code; that of NONE stands at the end."""
    for row in range(len(codes)):
        found[row] = meanings[codes[row]]


@inlined
def slot_of(names: Numbers, mask: Any, sought: Any) -> Any:
    """Where the name stands in the table, or where it would stand."""
    slot = np.int64(sought) & mask
    while names[slot] != EMPTY and names[slot] != sought:
        slot = (slot + 1) & mask
    return slot


@inlined
def text_precedes(offsets: Numbers, text: Numbers, one: int, other: int) -> bool:
    """Whether the text of one row sorts before that of the other, byte by byte."""
    a, b = offsets[one], offsets[other]
    while a < offsets[one + 1] and b < offsets[other + 1]:
        if text[a] != text[b]:
            return text[a] < text[b]  # type: ignore[no-any-return]
        a, b = a + 1, b + 1
    return a == offsets[one + 1] and b < offsets[other + 1]  # type: ignore[no-any-return]


@compiled
def first_unsorted(
    customer: Numbers, at: Numbers, source: Numbers, position: Numbers, offsets: Numbers, text: Numbers
) -> int:
    """The first row that stands behind a row it should precede; NONE where all is in order."""
    for row in range(1, len(at)):
        before = row - 1
        if customer[row] != customer[before]:
            wrong = customer[row] < customer[before]
        elif at[row] != at[before]:
            wrong = at[row] < at[before]
        elif source[row] != source[before]:
            wrong = source[row] < source[before]
        elif position[row] != position[before]:
            wrong = position[row] < position[before]
        else:
            wrong = text_precedes(offsets, text, row, before)
        if wrong:
            return row
    return NONE


@inlined
def write(decimals: Numbers, row: int, units: int) -> None:
    """Write a decimal that is not below 0."""
    decimals[row, 0], decimals[row, 1] = units, 0


# --- which journey -----------------------------------------------------------------------------------------


@inlined
def begin(journey: Any, row: int, at: int, open_at: int) -> None:
    """A new journey with this first contact: nothing is outstanding."""
    journey.first = journey.last = row
    journey.last_at, journey.last_open = at, open_at
    journey.boundary_at, journey.boundary_open = at, open_at
    journey.boundary = NONE
    journey.newer = NONE
    journey.older = NONE
    journey.type = NONE
    journey.reason = NONE
    journey.goal = OPEN
    journey.goal_row = NONE
    journey.turn = NOBODY
    journey.message = NONE
    journey.forgiven = NONE
    journey.asked = 0
    journey.promised = False
    journey.asked_back = False


@inlined
def put_first(journeys: Any, newest: int, chosen: int) -> int:
    """Put a journey at the head of the open ones."""
    journeys[chosen].newer = NONE
    journeys[chosen].older = newest
    if newest != NONE:
        journeys[newest].newer = chosen
    return chosen


@inlined
def take_out(journeys: Any, newest: int, chosen: int) -> int:
    """Take a journey out of the open ones."""
    newer, older = journeys[chosen].newer, journeys[chosen].older
    if newer != NONE:
        journeys[newer].older = older
    if older != NONE:
        journeys[older].newer = newer
    return older if newest == chosen else newest


@inlined
def within_reach(journeys: Any, newest: int, at: int, kind: int, reason: int, windows: Numbers, longest: int) -> int:
    """The open journey a contact joins that names neither case nor contact: same reason first, else the latest."""
    latest = NONE
    candidate = newest
    while candidate != NONE:
        journey = journeys[candidate]
        gap = at - journey.last_at
        if gap > longest:
            break
        if kind == NONE or kind == journey.type:
            if reason != NONE and reason == journey.reason and gap <= windows[journey.type + 1, SAME_REASON]:
                return candidate
            if latest == NONE:
                latest = candidate
                if reason == NONE:
                    break
        candidate = journey.older
    if latest != NONE:
        journey = journeys[latest]
        if at - journey.last_at > windows[journey.type + 1, LATEST]:
            latest = NONE
    return latest


# --- whose turn --------------------------------------------------------------------------------------------


@inlined
def answered(message: int, row: int, asked: int, answer: Numbers, insistence: Numbers) -> None:
    """The row answers the message. Until now `insistence` held how often the customer had asked before it."""
    answer[message] = row
    insistence[message] = asked - insistence[message]


@inlined
def owed(journey: Any, answer: Numbers, older_message: Numbers) -> bool:
    """Whether we owe the customer something: an answer or what was promised."""
    while journey.message != NONE and answer[journey.message] >= 0:  # answered from another journey
        journey.message = older_message[journey.message]
    return journey.promised or journey.message > journey.forgiven  # type: ignore[no-any-return]


@inlined
def open_until(at: int, tables: Tables) -> int:
    """Business time from the calendar's first day to the instant, in microseconds."""
    interval = tables.first_interval[at // DAY_US - tables.first_day[0]]
    while tables.closes[interval] <= at:
        interval += 1
    return tables.open_before[interval] + max(0, at - tables.opens[interval])  # type: ignore[no-any-return]


@inlined
def take_turns(
    journey: Any, row: int, named: int, goal: int, running: Any, rows: Rows, marks: Marks, older_message: Numbers
) -> None:
    """Whose turn it is after a boundary contact, with the messages it opens or answers and the promise it gives.

    `named` is the earlier contact it says it answers, `goal` what it says of the goal.
    """
    direction, own, live = rows.direction[row], not rows.third_party[row], rows.live[row]
    inbound = own and direction == INBOUND
    if inbound:
        journey.asked += 1
    if own and (direction == OUTBOUND or (direction == INBOUND and live)):
        journey.promised = False
        while journey.message != NONE:
            message = journey.message
            if marks.answer[message] == UNANSWERED:
                answered(message, row, journey.asked, marks.answer, marks.insistence)
            journey.message = older_message[message]
        if named != NONE and marks.answer[named] == UNANSWERED:
            elsewhere = running[marks.journey[named] - 1]
            answered(named, row, elsewhere.asked, marks.answer, marks.insistence)
    elif inbound:
        marks.answer[row] = UNANSWERED
        marks.insistence[row] = journey.asked - 1
        older_message[row] = journey.message
        journey.message = row
    if own and rows.promises[row]:
        journey.promised = True
    if goal != NONE:
        journey.promised = False
        journey.forgiven = row

    if rows.waits_for[row] != NONE:
        journey.turn = rows.waits_for[row]
    elif goal != NONE:
        journey.turn = NOBODY
    elif direction == NONE:
        journey.turn = UNKNOWN
    elif owed(journey, marks.answer, older_message):
        journey.turn = US
    elif not own:
        journey.turn = THIRD_PARTY
    elif direction == OUTBOUND and not live:
        journey.turn = CUSTOMER
    else:
        journey.turn = NOBODY


# --- one customer: every contact in order ------------------------------------------------------------------


@inlined
def follow(start: int, end: int, mask: int, desk: Desk, rows: Rows, tables: Tables, marks: Marks) -> int:
    """Give each contact of one customer its journey, its wait and its answer; the number of journeys.

    `mask` is the size of the customer's table of names less one; 0 where no contact names anything.
    """
    running, names, named_row, older_message = desk.running, desk.names, desk.named_row, desk.older_message
    count = 0
    newest = NONE
    for row in range(start, end):
        at, kind, reason, case, reply_to = rows.at[row], rows.type[row], rows.reason[row], rows.case[row], rows.reply_to[row]
        open_at = open_until(at, tables)

        named = NONE
        if reply_to != EMPTY:
            slot = slot_of(names, mask, reply_to)
            if names[slot] != EMPTY:
                named = named_row[slot]
        chosen = NONE
        if case != EMPTY:
            slot = slot_of(names, mask, case)
            if names[slot] != EMPTY:
                chosen = marks.journey[named_row[slot]] - 1
            else:
                names[slot], named_row[slot] = case, row
        elif named != NONE:
            chosen = marks.journey[named] - 1
        else:
            chosen = within_reach(running, newest, at, kind, reason, tables.windows, tables.longest[0])
        if mask != 0:
            slot = slot_of(names, mask, rows.contact[row])
            names[slot], named_row[slot] = rows.contact[row], row

        is_new = chosen == NONE
        if is_new:
            chosen = count
            count += 1
            begin(running[chosen], row, at, open_at)
        journey = running[chosen]
        marks.journey[row] = chosen + 1
        write(marks.gap, row, at - journey.last_at)
        write(marks.gap_open, row, open_at - journey.last_open)
        marks.turn[row] = NONE if is_new else journey.turn
        desk.following[journey.last] = row
        desk.following[row] = NONE
        journey.last, journey.last_at, journey.last_open = row, at, open_at
        if journey.type == NONE:
            journey.type = kind
        if reason != NONE:
            journey.reason = reason

        goal = np.int64(rows.goal[row])
        if goal == NONE:
            goal = np.int64(tables.goals[journey.type + 1, rows.touchpoint[row]])
        if journey.goal == OPEN:
            if not is_new and (goal != NONE or newest != chosen):
                newest = take_out(running, newest, chosen)
            if goal == NONE and newest != chosen:
                newest = put_first(running, newest, chosen)
        if goal != NONE:
            journey.goal, journey.goal_row = goal, row

        marks.answer[row] = NO_MESSAGE
        marks.insistence[row] = NONE
        marks.repeat[row] = False
        if rows.direction[row] == INBOUND and not rows.third_party[row] and reason != NONE:
            before = desk.asked_row[reason]
            if before >= start and not journey.asked_back:
                marks.repeat[row] = at - rows.at[before] <= tables.windows[journey.type + 1, REPEAT]
            desk.asked_row[reason] = row
        boundary = rows.direction[row] != INTERNAL or rows.waits_for[row] != NONE or goal != NONE
        has_wait = boundary and journey.boundary != NONE
        marks.has_wait[row] = has_wait
        write(marks.wait, row, at - journey.boundary_at if has_wait else 0)
        write(marks.wait_open, row, open_at - journey.boundary_open if has_wait else 0)
        if boundary:
            take_turns(journey, row, named, goal, running, rows, marks, older_message)
            journey.boundary, journey.boundary_at, journey.boundary_open = row, at, open_at
            journey.asked_back = rows.waits_for[row] == CUSTOMER
    return count


# --- one journey: its contacts by themselves ---------------------------------------------------------------


@inlined
def first_seen(seen: Numbers, code: int, journey: int) -> bool:
    """Whether the journey meets the code for the first time; `seen` is shared by all journeys, one after another."""
    is_new = seen[code] != journey
    seen[code] = journey
    return is_new  # type: ignore[no-any-return]


@inlined
def sum_up(
    journey: Any, number: int, place: int, desk: Desk, rows: Rows, tables: Tables, marks: Marks, totals: Totals
) -> None:
    """Count one journey: its totals at `place`, and the marks that need nothing but the contact before.

    Written without branches where it can be: what one contact has and the next has not cannot be foretold.
    """
    position = internal_steps = repeats = unanswered = insistence = handovers = channel_changes = 0
    employees = units = channels = lanes = emotions = 0
    emotion_start = emotion_end = np.float32(np.nan)
    emotion_worst = np.float32(np.inf)
    cost, has_cost = np.int64(0), False
    variant = np.uint64(0)
    first_reason, last_employee, last_channel, last_touchpoint = NONE, NONE, NONE, NONE
    row = np.int64(journey.first)
    while row != NONE:
        position += 1
        marks.position[row] = position
        marks.previous_touchpoint[row] = last_touchpoint
        last_touchpoint = rows.touchpoint[row]
        variant = mixed(variant * ODD + tables.variants[last_touchpoint])
        turn = max(marks.turn[row], 0)  # the first contact has none, and a gap of 0
        totals.gaps[turn, place, 0] += marks.gap[row, 0]
        totals.gaps_open[turn, place, 0] += marks.gap_open[row, 0]

        employee, unit, channel = rows.employee[row], rows.unit[row], rows.channel[row]
        handover = (employee != NONE) & (last_employee != NONE) & (employee != last_employee)
        marks.handover[row] = handover
        handovers += handover
        last_employee = employee if employee != NONE else last_employee
        employees += first_seen(desk.employee_seen, employee, place) & (employee != NONE)
        units += first_seen(desk.unit_seen, unit, place) & (unit != NONE)
        internal = rows.direction[row] == INTERNAL
        internal_steps += internal
        channel_change = (not internal) & (last_channel != NONE) & (channel != last_channel)
        marks.channel_change[row] = channel_change
        channel_changes += channel_change
        last_channel = last_channel if internal else channel
        channels += first_seen(desk.channel_seen, channel, place)
        lanes += first_seen(desk.lane_seen, rows.lane[row], place)

        repeats += marks.repeat[row]
        answer = marks.answer[row]
        unanswered += answer == UNANSWERED
        asked_before = marks.insistence[row]
        asked = journey.asked - asked_before if answer == UNANSWERED else asked_before
        marks.insistence[row] = asked
        insistence = max(insistence, asked)
        replier = max(answer, 0)
        marks.answered_at[row] = rows.at[replier]
        marks.answered_by[row] = rows.employee[replier] if answer >= 0 else NONE
        marks.answered_channel[row] = rows.channel[replier] if answer >= 0 else NONE
        first_reason = rows.reason[row] if first_reason == NONE else first_reason

        emotion = rows.emotion[row]  # NaN, which is no emotion, equals nothing and is less than nothing
        emotions += emotion == emotion
        emotion_start = emotion_start if emotion_start == emotion_start else emotion
        emotion_worst = emotion if emotion < emotion_worst else emotion_worst
        emotion_end = emotion if emotion == emotion else emotion_end
        has_cost |= rows.cost[row] != NO_MONEY
        cost += rows.cost[row] if rows.cost[row] != NO_MONEY else 0
        row = np.int64(desk.following[row])

    totals.journey[place] = number + 1
    totals.first[place] = journey.first
    totals.last[place] = journey.last
    totals.boundary[place] = journey.boundary
    totals.goal_row[place] = journey.goal_row
    totals.type[place] = journey.type
    totals.reason[place] = first_reason
    totals.goal[place] = journey.goal
    totals.turn[place] = journey.turn
    totals.contacts[place] = position
    totals.internal_steps[place] = internal_steps
    totals.inbound[place] = journey.asked
    totals.repeats[place] = repeats
    totals.unanswered[place] = unanswered
    totals.insistence[place] = insistence
    totals.handovers[place] = handovers
    totals.channel_changes[place] = channel_changes
    totals.employees[place] = employees
    totals.units[place] = units
    totals.channels[place] = channels
    totals.lanes[place] = lanes
    totals.emotion_n[place] = emotions
    totals.emotion_start[place] = emotion_start
    totals.emotion_worst[place] = emotion_worst
    totals.emotion_end[place] = emotion_end
    totals.cost[place] = cost if has_cost else NO_MONEY
    totals.variant[place] = variant


# --- all customers -----------------------------------------------------------------------------------------


@compiled
def most_contacts(customer: Numbers) -> int:
    """How many contacts the largest customer has."""
    most = start = 0
    for row in range(len(customer)):
        if customer[row] != customer[start]:
            start = row
        most = max(most, row - start + 1)
    return most


@compiled
def run(desk: Desk, rows: Rows, tables: Tables, marks: Marks, totals: Totals) -> int:
    """Follow every customer and sum up every journey; the number of journeys."""
    n = len(rows.at)
    journeys = start = 0
    while start < n:
        end, has_names = start, False
        while end < n and rows.customer[end] == rows.customer[start]:
            has_names = has_names or rows.case[end] != EMPTY or rows.reply_to[end] != EMPTY
            end += 1
        mask = 0
        if has_names:  # at most a case and a contact per row: the table stays half empty
            while mask < 4 * (end - start) - 1:
                mask = 2 * mask + 1
            for slot in range(mask + 1):
                desk.names[slot] = EMPTY
        count = follow(start, end, mask, desk, rows, tables, marks)
        for number in range(count):
            sum_up(desk.running[number], number, journeys + number, desk, rows, tables, marks, totals)
        journeys += count
        start = end
    return journeys

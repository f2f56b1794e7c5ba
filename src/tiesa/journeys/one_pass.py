"""The one pass over sorted contacts: journeys, waits, answers and sums, compiled by Numba.

Customer by customer in two steps. `follow` takes the customer's contacts in order, finds the journey of each
and keeps, per running journey, whose turn it is and which messages wait for an answer. `sum_up` then walks
each journey by itself and counts. Rows and journeys are numbers of positions; NONE stands for null.

Words arrive as codes, times as microseconds since 1970 UTC, money as ten-thousandths. Every array has one
fixed type, and every array that is only read is marked so: one specialisation is ever compiled. What `run`
calls stands in this file, because Numba's cache looks at the age of no other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tiesa.core.business_time import DAY_US
from tiesa.journeys.arrow_views import NO_MONEY, NONE, Numbers
from tiesa.journeys.pass_names import EMPTY, ODD, compiled, inlined, mixed
from tiesa.journeys.pass_shapes import (
    CUSTOMER,
    INBOUND,
    INTERNAL,
    LATEST,
    NO_MESSAGE,
    NOBODY,
    OPEN,
    OUTBOUND,
    REPEAT,
    SAME_REASON,
    THIRD_PARTY,
    UNANSWERED,
    UNKNOWN,
    US,
    Desk,
    Marks,
    Rows,
    Tables,
    Totals,
)


@inlined
def write(decimals: Numbers, row: int, units: int) -> None:
    """Write a decimal that is not below 0."""
    decimals[row, 0], decimals[row, 1] = units, 0


@inlined
def open_until(at: int, tables: Tables) -> int:
    """Business time from the calendar's first day to the instant, in microseconds."""
    interval = tables.first_interval[at // DAY_US - tables.first_day[0]]
    while tables.closes[interval] <= at:
        interval += 1
    return tables.open_before[interval] + max(0, at - tables.opens[interval])  # type: ignore[no-any-return]


# --- which journey -----------------------------------------------------------------------------------------


@inlined
def slot_of(names: Numbers, mask: Any, sought: Any) -> Any:
    """Where the name stands in the table, or where it would stand."""
    slot = np.int64(sought) & mask
    while names[slot] != EMPTY and names[slot] != sought:
        slot = (slot + 1) & mask
    return slot


@inlined
def begin(journey: Any, row: int, at: int, open_at: int) -> None:
    """A new journey with this first contact: nothing is outstanding."""
    journey.first = journey.last = row
    journey.last_at, journey.last_open = at, open_at
    journey.boundary_at, journey.boundary_open = at, open_at
    journey.boundary = NONE
    journey.turn_row = NONE
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
        at, kind, reason = rows.at[row], rows.type[row], rows.reason[row]
        case, contact, reply_to = rows.case[row], rows.contact[row], rows.reply_to[row]
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
        if mask != 0 and contact != EMPTY:
            slot = slot_of(names, mask, contact)
            names[slot], named_row[slot] = contact, row

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

        goal = int(rows.goal[row])
        if goal == NONE:
            goal = int(tables.goals[journey.type + 1, rows.touchpoint[row]])
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
            turn = journey.turn
            take_turns(journey, row, named, goal, running, rows, marks, older_message)
            if journey.turn != turn or journey.turn_row == NONE:
                journey.turn_row = row
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
    row = int(journey.first)
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
        emotion_worst = min(emotion_worst, emotion)
        emotion_end = emotion if emotion == emotion else emotion_end
        known = rows.cost[row] != NO_MONEY
        has_cost |= known
        cost += rows.cost[row] if known else 0
        row = int(desk.following[row])

    total = totals.total[place]
    total.journey = number + 1
    total.first = journey.first
    total.last = journey.last
    total.turn_row = journey.turn_row
    total.goal_row = journey.goal_row
    total.type = journey.type
    total.reason = first_reason
    total.goal = journey.goal
    total.turn = journey.turn
    total.contacts = position
    total.internal_steps = internal_steps
    total.inbound = journey.asked
    total.repeats = repeats
    total.unanswered = unanswered
    total.insistence = insistence
    total.handovers = handovers
    total.channel_changes = channel_changes
    total.employees = employees
    total.units = units
    total.channels = channels
    total.lanes = lanes
    total.emotion_n = emotions
    total.emotion_start = emotion_start
    total.emotion_worst = emotion_worst
    total.emotion_end = emotion_end
    totals.cost[place] = cost if has_cost else NO_MONEY
    totals.variant[place] = variant


# --- all customers -----------------------------------------------------------------------------------------


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

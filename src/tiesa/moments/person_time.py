"""Compiled loops over customers' days: where somebody is at risk, in which cell, in which windows.

A customer's time is cut into bins. Within a bin the cell (what is the case whatever we did) is that of its start; the
windows of situations begin and end at their exact second.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tiesa.journeys.pass_names import compiled, inlined

Array = Any


@compiled
def fill_cells(
    cells: Array,
    width: int,
    enter: Array,
    since: Array,
    tenure_bounds: Array,
    month: Array,
    months: int,
    version_of: Array,
    version_at: Array,
    static: Array,
    begun_of: Array,
    begun_at: Array,
    horizon: int,
    most: int,
) -> None:
    """Write the cell of every bin of every customer: static trait, tenure, month, journeys begun of late.

    Times are seconds since observation began. version_of, begun_of: where the customer's versions and begun journeys
    stand. static: code of each version.
    """
    n, bins = cells.shape
    for customer in range(n):
        version = version_of[customer]
        first, last = begun_of[customer], begun_of[customer]
        for b in range(bins):
            at = b * width
            while version + 1 < version_of[customer + 1] and version_at[version + 1] <= max(at, enter[customer]):
                version += 1
            code = static[version] if version < version_of[customer + 1] else 0
            tenure = len(tenure_bounds) + 1
            if since[customer] > -(2**62):
                tenure = 0
                while tenure < len(tenure_bounds) and at - since[customer] >= tenure_bounds[tenure]:
                    tenure += 1
            while last < begun_of[customer + 1] and begun_at[last] <= at:
                last += 1
            while first < last and begun_at[first] <= at - horizon:
                first += 1
            journeys = min(last - first, most)
            code = code * (len(tenure_bounds) + 2) + tenure
            code = code * months + month[b]
            cells[customer, b] = code * (most + 1) + journeys


@inlined
def within(at: int, k: int, place: Array, end: Array, start: Array, stop: Array) -> Any:
    """Whether an instant lies in a window of situation k, and until when that stays so."""
    while place[k] < end[k] and stop[place[k]] <= at:
        place[k] += 1
    if place[k] == end[k]:
        return False, np.int64(2**62)
    if start[place[k]] <= at:
        return True, np.int64(stop[place[k]])
    return False, np.int64(start[place[k]])


@compiled
def add_up(
    days: Array, events: Array, cells: Array, width: int, enter: Array, leave: Array, left: Array,
    first: Array, start: Array, stop: Array, pattern_of: Array, place: Array, end: Array,
) -> int:  # fmt: skip
    """Add each customer's seconds and outcome within windows to (pattern of windows, cell); the number of patterns met.

    first: for each situation and customer where their windows begin in start and stop. pattern_of: number of each
    combination of situations, NONE where it was not met yet; those beyond the rows of days are met, but not added.
    Pattern 0, time in no window, is left out: it is what remains of all time at risk.
    """
    n, bins = cells.shape
    k_all = len(first)
    met = 1
    for customer in range(n):
        at, until = leave[customer], leave[customer]
        for k in range(k_all):
            place[k], end[k] = first[k, customer], first[k, customer + 1]
            if place[k] < end[k]:
                at = min(at, np.int64(start[place[k]]))
        at = max(at, enter[customer])
        while at < until:
            bits, to = 0, until
            for k in range(k_all):
                inside, changes = within(at, k, place, end, start, stop)
                bits |= np.int64(inside) << k  # type: ignore[assignment]
                to = min(to, changes)
            if bits == 0:
                at = to
                continue
            if pattern_of[bits] < 0:
                pattern_of[bits] = met
                met += 1
            pattern = pattern_of[bits]
            while at < to:
                b = min(at // width, bins - 1)
                step = min(to, (b + 1) * width) if b < bins - 1 else to
                if pattern < len(days):
                    days[pattern, cells[customer, b]] += step - at
                    if step == until and left[customer]:
                        events[pattern, cells[customer, b]] += 1
                at = step
    return met


@compiled
def add_up_all(
    days: Array, events: Array, cells: Array, width: int, enter: Array, leave: Array, left: Array
) -> None:  # fmt: skip
    """Add all seconds at risk and outcomes to their cells."""
    n, bins = cells.shape
    for customer in range(n):
        at, until = enter[customer], leave[customer]
        while at < until:
            b = min(at // width, bins - 1)
            step = min(until, (b + 1) * width) if b < bins - 1 else until
            days[cells[customer, b]] += step - at
            if step == until and left[customer]:
                events[cells[customer, b]] += 1
            at = step


@compiled
def rows_of(bits: Array, rows: Array) -> int:
    """Write the positions of the bits that are set (little end first); how many there are."""
    n = 0
    for byte in range(len(bits)):
        held = bits[byte]
        if held:
            for bit in range(8):
                if held >> bit & 1:
                    rows[n] = byte * 8 + bit
                    n += 1
    return n


@compiled
def first_of_journeys(rows: Array, when: Array, customer: Array, journey: Array, enter: Array, leave: Array) -> int:
    """Keep the first of these rows in each journey whose instant (when) falls into the customer's time at risk: both
    are written to the front; how many there are."""
    n, last = 0, -1
    for i in range(len(rows)):
        row, begins = rows[i], when[i]
        who = customer[row]
        if journey[row] != last and begins >= enter[who] and begins < leave[who]:
            last = journey[row]
            rows[n], when[n] = row, begins
            n += 1
    return n


@compiled
def accumulate(
    cumulative: Array, cells: Array, width: int,
    first: Array, start: Array, stop: Array, base: Array, effect: Array, place: Array, end: Array,
) -> None:  # fmt: skip
    """Write how many outcomes are expected of each customer up to the start of each bin, as if they were always there.

    base: rate a second of each cell without any situation. effect: factor of each situation. Only differences mean
    something: between two instants at which the customer is at risk.
    """
    n, bins = cells.shape
    k_all = len(first)
    for customer in range(n):
        any_window = False
        for k in range(k_all):
            place[k], end[k] = first[k, customer], first[k, customer + 1]
            any_window |= place[k] < end[k]
        total = 0.0
        for b in range(bins):
            cumulative[customer, b] = total
            at, until = b * width, (b + 1) * width
            rate = base[cells[customer, b]]
            while at < until:
                to, factor = until, 1.0
                if any_window:
                    for k in range(k_all):
                        inside, changes = within(at, k, place, end, start, stop)
                        if inside:
                            factor *= effect[k]
                        to = min(to, changes)
                total += rate * factor * (to - at)
                at = to
        cumulative[customer, bins] = total


@inlined
def until(cumulative: Array, width: int, customer: int, at: int) -> Any:
    """What is expected of a customer up to an instant."""
    b = at // width
    low = cumulative[customer, b]
    return low + (cumulative[customer, b + 1] - low) * (np.float64(at - b * width) / width)


@compiled
def expected(cumulative: Array, width: int, customer: Array, start: Array, stop: Array) -> float:
    """How many outcomes are expected within windows."""
    total = 0.0
    for i in range(len(customer)):
        total += until(cumulative, width, customer[i], stop[i]) - until(cumulative, width, customer[i], start[i])
    return total


@compiled
def expected_each(cumulative: Array, width: int, customer: Array, start: Array, stop: Array, found: Array) -> None:
    """The same, window by window."""
    for i in range(len(customer)):
        found[i] = until(cumulative, width, customer[i], stop[i]) - until(cumulative, width, customer[i], start[i])


@inlined
def start_of(i: int, row: Array, delay: int, starts: Array, at: Array) -> Any:
    """When a packed window begins."""
    return np.int64(starts[i]) if len(starts) else np.int64(at[row[i]]) + delay


@compiled
def unpack(
    row: Array, delay: int, starts: Array, customer_of: Array, at: Array, leave: Array, horizon: int,
    customer: Array, start: Array, stop: Array,
) -> None:  # fmt: skip
    """Write the windows that hang on these contacts, in order."""
    for i in range(len(row)):
        who = customer_of[row[i]]
        begins = start_of(i, row, delay, starts, at)
        customer[i], start[i], stop[i] = who, begins, min(begins + horizon, leave[who])
        if i and customer[i - 1] == who:
            stop[i - 1] = min(stop[i - 1], begins)


@compiled
def expected_packed(
    cumulative: Array, width: int,
    row: Array, delay: int, starts: Array, customer_of: Array, at: Array, leave: Array, horizon: int,
) -> float:  # fmt: skip
    """How many outcomes are expected within packed windows."""
    total = 0.0
    n = len(row)
    if n == 0:
        return total
    who = customer_of[row[0]]
    begins = start_of(0, row, delay, starts, at)
    for i in range(n):
        ends = min(begins + horizon, leave[who])
        here, since = who, begins
        if i + 1 < n:
            who = customer_of[row[i + 1]]
            begins = start_of(i + 1, row, delay, starts, at)
            if who == here:
                ends = min(ends, begins)
        total += until(cumulative, width, here, ends) - until(cumulative, width, here, since)
    return total


@compiled
def mark(
    cumulative: Array, width: int, customer_of: Array, at: Array, delay: int, leave: Array, horizon: int,
    begins: Array, ends: Array,
) -> None:  # fmt: skip
    """Write, for a window after each contact, what is expected of the customer up to its begin, and up to its end were
    it not cut by the next one. What begins after the customer is gone is left as it was."""
    for row in range(len(at)):
        who, since = customer_of[row], int(at[row]) + delay
        if since < leave[who]:
            begins[row] = until(cumulative, width, who, since)
            ends[row] = until(cumulative, width, who, min(since + horizon, leave[who]))


@compiled
def expected_marked(row: Array, customer_of: Array, begins: Array, ends: Array) -> float:
    """How many outcomes are expected within packed windows, from what was marked: it grows with time, so what is up to
    the earlier of two ends is the less of both."""
    total = 0.0
    if len(row) == 0:
        return total
    who, since = customer_of[row[0]], begins[row[0]]
    for i in range(len(row)):
        here, low, high = who, since, ends[row[i]]
        if i + 1 < len(row):
            who, since = customer_of[row[i + 1]], begins[row[i + 1]]
            if who == here:
                high = min(high, since)
        total += high - low
    return total


@compiled
def sums(units: Array, values: Array, columns: Array, shared: Array) -> float:
    """The sum of the values of these units; the sums of their columns are written into shared."""
    total = 0.0
    shared[:] = 0.0
    for i in range(len(units)):
        unit = units[i]
        total += values[unit]
        for j in range(len(shared)):
            shared[j] += columns[unit, j]
    return total


@compiled
def common(
    customer: Array, start: Array, stop: Array, other_customer: Array, other_start: Array, other_stop: Array
) -> int:
    """Seconds that lie in windows of both; each list is sorted and does not overlap itself."""
    total = np.int64(0)
    i = j = 0
    while i < len(customer) and j < len(other_customer):
        if customer[i] < other_customer[j]:
            i += 1
        elif customer[i] > other_customer[j]:
            j += 1
        else:
            low = max(start[i], other_start[j])
            high = min(stop[i], other_stop[j])
            total += max(0, high - low)
            if stop[i] <= other_stop[j]:
                i += 1
            else:
                j += 1
    return total  # type: ignore[return-value]


@compiled
def earlier(
    customer: Array, start: Array, stop: Array, other_customer: Array, other_start: Array, other_stop: Array,
    counts: Array,
) -> None:  # fmt: skip
    """Count pairs of overlapping windows in which the first list's begins before the other's, after it, and with it.

    counts: three numbers, added to.
    """
    i = j = 0
    while i < len(customer) and j < len(other_customer):
        if customer[i] < other_customer[j]:
            i += 1
        elif customer[i] > other_customer[j]:
            j += 1
        else:
            if start[i] < other_stop[j] and other_start[j] < stop[i]:
                if start[i] < other_start[j]:
                    counts[0] += 1
                elif start[i] > other_start[j]:
                    counts[1] += 1
                else:
                    counts[2] += 1
            if stop[i] <= other_stop[j]:
                i += 1
            else:
                j += 1

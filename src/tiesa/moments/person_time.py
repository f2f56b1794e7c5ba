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
    """Add each customer's seconds at risk and outcome to (pattern of windows, cell); the number of patterns met.

    first: for each situation and customer where their windows begin in start and stop. pattern_of: number of each
    combination of situations, NONE where it was not met yet; those beyond the rows of days are met, but not added.
    """
    n, bins = cells.shape
    k_all = len(first)
    met = 1
    for customer in range(n):
        any_window = False
        for k in range(k_all):
            place[k], end[k] = first[k, customer], first[k, customer + 1]
            any_window |= place[k] < end[k]
        at, until = enter[customer], leave[customer]
        pattern = 0
        while at < until:
            b = min(at // width, bins - 1)
            to = min(until, (b + 1) * width) if b < bins - 1 else until
            pattern = 0
            if any_window:
                bits = 0
                for k in range(k_all):
                    inside, changes = within(at, k, place, end, start, stop)
                    bits |= np.int64(inside) << k  # type: ignore[assignment]
                    to = min(to, changes)
                if bits != 0:
                    if pattern_of[bits] < 0:
                        pattern_of[bits] = met
                        met += 1
                    pattern = pattern_of[bits]
            if pattern < len(days):
                days[pattern, cells[customer, b]] += to - at
                if to == until and left[customer]:
                    events[pattern, cells[customer, b]] += 1
            at = to
    return met


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
    """Count pairs of overlapping windows in which the first list's begins before the other's, and after it.

    counts: two numbers, added to.
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
            if stop[i] <= other_stop[j]:
                i += 1
            else:
                j += 1

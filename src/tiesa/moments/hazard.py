"""How often customers have the outcome: a Poisson model of person-time, with situations and what else is the case.

Days at risk and outcomes are added up over cells (traits x tenure x calendar month x journeys begun of late) and over
combinations of situations, and a log-linear rate is fitted to the sums: a piecewise exponential model, the Cox model
of counting processes in collapsed form. Sources: Holford (1980), Biometrics 36; Laird & Olivier (1981), JASA 76.

Assumes that a situation multiplies the rate by one factor for the whole horizon, and that what is not in the cells does
not make both the situation and the outcome likelier: that is what the negative control and the E-value ask about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiesa.journeys.arrow_views import NONE
from tiesa.moments.cells import Cells, cells_of, seconds
from tiesa.moments.episodes import SECOND_US, Episodes, Windows, windows_of
from tiesa.moments.models import Floats
from tiesa.moments.packed import Packed, Packing
from tiesa.moments.people import Ints, People
from tiesa.moments.person_time import (
    accumulate,
    add_up,
    add_up_all,
    common,
    earlier,
    expected,
    expected_each,
)
from tiesa.moments.rates import design_of, poisson
from tiesa.moments.timeline import Timeline

LEAST_EXPECTED = 8
"""Outcomes to be expected in the windows of a candidate, else it cannot be told from chance."""
MATERIAL = 1.1
"""A moment's factor on the rate must lie beyond this (or below its inverse) with its whole interval."""
_Z = 1.959963984540054


@dataclass(frozen=True)
class Fit:
    """A fitted rate. base: outcomes a second of each cell without any situation. effect: log of each situation's
    factor; covariance: of everything fitted, situations first. log_likelihood: sum(outcomes * log rate) - expected, up
    to what does not depend on the model: comparable across collapsings. factors: the design behind base, for deltas.
    """

    base: Floats
    effect: Floats
    covariance: Floats
    log_likelihood: float
    events: int
    design: Any
    cells: Ints
    parameters: Floats

    @property
    def error(self) -> Floats:
        """Standard error of each situation's log factor."""
        made: Floats = np.sqrt(np.diag(self.covariance)[: len(self.effect)])
        return made

    @property
    def z(self) -> Floats:
        return self.effect / self.error

    @property
    def n(self) -> int:
        return self.events

    @property
    def ratio_low(self) -> Floats:
        return _factor(self.effect - _Z * self.error)

    @property
    def ratio_high(self) -> Floats:
        return _factor(self.effect + _Z * self.error)

    @property
    def limit(self) -> float:
        """The factor from which an effect matters."""
        return MATERIAL

    @property
    def material(self) -> NDArray[np.bool_]:
        """Whether the interval of the factor lies beyond what matters."""
        return (self.ratio_low > self.limit) | (self.ratio_high < 1 / self.limit)


@dataclass(frozen=True)
class Held:
    """Windows of several situations as the compiled loops want them."""

    first: NDArray[np.int64]
    start: NDArray[np.int32]
    stop: NDArray[np.int32]


def held(windows: Sequence[Windows], customers: int) -> Held:
    first = np.zeros((len(windows), customers + 1), np.int64)
    offset = 0
    for k, one in enumerate(windows):
        first[k] = one.places(customers) + offset
        offset += len(one)
    start = np.concatenate([w.start for w in windows]) if windows else np.empty(0, np.int32)
    stop = np.concatenate([w.stop for w in windows]) if windows else np.empty(0, np.int32)
    return Held(first, start, stop)


@dataclass(frozen=True)
class PersonTime:
    """One half of the customers in cells, ready to be added up by whatever situations. A `Model` of leaving."""

    people: People
    cells: Cells
    enter: Ints
    leave: Ints
    horizon_us: int
    packing: Packing

    def exposed(self, episodes: Episodes) -> Windows:
        """The days after episodes."""
        return windows_of(episodes, self.people, self.horizon_us)

    def packed(self, exposure: Windows) -> Packed:
        return self.packing.packed(exposure)

    def unpacked(self, packed: Packed) -> Windows:
        return self.packing.unpacked(packed)

    def first_look(self, exposure: Windows) -> float | None:
        expected_ = self.expected(self._alone, exposure)
        return (exposure.events - expected_) / np.sqrt(expected_) if expected_ >= LEAST_EXPECTED else None

    @cached_property
    def _alone(self) -> NDArray[np.float32]:
        return self.cumulative(self.fit([]), [])

    def scores(self, fit: Fit, chosen: Sequence[Windows], candidates: Sequence[Packed]) -> Floats:
        """(observed - expected) / sqrt(expected) of each."""
        expected_ = self.packing.expected(self.cumulative(fit, chosen), self.cells.width, candidates)
        events = np.array([one.events for one in candidates])
        found: Floats = (events - expected_) / np.sqrt(np.maximum(expected_, 1e-9))
        return found

    def size(self, exposure: Windows) -> float:
        """Days."""
        return exposure.days

    def common(self, one: Windows, other: Windows) -> float:
        """Days in windows of both."""
        return common(*_lists(one), *_lists(other)) / 86400

    def whose(self, exposure: Windows) -> tuple[Floats, Floats]:
        return exposure.customer, self.people.begins + exposure.start.astype(np.int64) * SECOND_US

    def part(self, exposure: Windows, chosen: NDArray[np.bool_]) -> Windows:
        customer, start, stop = (array[chosen] for array in _lists(exposure))
        return Windows(exposure.row[chosen], customer, start, stop, int(self._ended(customer, stop).sum()))

    def surplus(
        self, fit: Fit, chosen: Sequence[Windows], exposures: Iterable[Windows]
    ) -> Iterator[tuple[Floats, Floats]]:
        """Of each, outcomes less expected ones, window by window, and the expected ones."""
        cumulative = self.cumulative(fit, chosen)
        for windows in exposures:
            expected_ = self.expected_each(cumulative, *_lists(windows))
            yield self._ended(windows.customer, windows.stop) - expected_, expected_

    def _ended(self, customer: Ints, stop: Ints) -> NDArray[np.bool_]:
        """Whether windows end with the outcome."""
        ended: NDArray[np.bool_] = self.people.left[customer] & (stop == self.leave[customer])
        return ended

    def order(self, one: Windows, other: Windows) -> tuple[int, int, int]:
        """Pairs of overlapping windows in which the one's begins first, the other's, and both at once."""
        counts = np.zeros(3, np.int64)
        earlier(*_lists(one), *_lists(other), counts)
        return int(counts[0]), int(counts[1]), int(counts[2])

    def fit(self, windows: Sequence[Windows]) -> Fit:
        """The joint model of these situations."""
        days, events, bits = self._collapsed(windows)
        return _fitted(days, events, bits, self.cells)

    @cached_property
    def _everybody(self) -> tuple[Floats, Floats]:
        """All seconds at risk and outcomes by cell."""
        days, events = np.zeros(self.cells.count), np.zeros(self.cells.count)
        add_up_all(days, events, self.cells.codes, self.cells.width, self.enter, self.leave, self.people.left)
        return days, events

    def _collapsed(self, windows: Sequence[Windows]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Seconds and outcomes by pattern and cell, and which situations each pattern has."""
        k, n, many = len(windows), len(self.people), 2 ** len(windows)
        w = held(windows, n)
        pattern_of = np.full(many, NONE, np.int64)
        pattern_of[0] = 0
        rows = min(many, 64)
        while True:
            shape = (rows, self.cells.count)
            days, events = np.zeros(shape), np.zeros(shape)
            place, end = np.zeros(max(k, 1), np.int64), np.zeros(max(k, 1), np.int64)
            met = int(
                add_up(
                    days, events, self.cells.codes, self.cells.width, self.enter, self.leave, self.people.left,
                    w.first, w.start, w.stop, pattern_of, place, end,
                )
            )  # fmt: skip
            if met <= rows:  # patterns keep their numbers: a second pass meets no new one
                break
            rows = met
        days[0], events[0] = self._everybody[0] - days.sum(axis=0), self._everybody[1] - events.sum(axis=0)
        bits = np.zeros((len(days), k), np.bool_)
        for mask in np.flatnonzero(pattern_of != NONE):
            for j in range(k):
                bits[pattern_of[mask], j] = mask >> j & 1
        return days, events, bits

    def cumulative(self, fit: Fit, windows: Sequence[Windows]) -> NDArray[np.float32]:
        """What is expected of each customer up to the start of each bin, as if always there (customers x bins + 1)."""
        w = held(windows, len(self.people))
        k = len(windows)
        found = np.zeros((len(self.people), self.cells.codes.shape[1] + 1), np.float32)
        place, end = np.zeros(max(k, 1), np.int64), np.zeros(max(k, 1), np.int64)
        accumulate(
            found, self.cells.codes, self.cells.width, w.first, w.start, w.stop,
            fit.base, np.exp(fit.effect), place, end,
        )  # fmt: skip
        return found

    def expected(self, cumulative: NDArray[np.float32], windows: Windows) -> float:
        return float(expected(cumulative, self.cells.width, windows.customer, windows.start, windows.stop))

    def expected_each(self, cumulative: NDArray[np.float32], customer: Any, start: Any, stop: Any) -> Floats:
        found = np.zeros(len(customer))
        expected_each(cumulative, self.cells.width, customer, start, stop, found)
        return found


def _factor(log: Floats) -> Floats:
    """A factor of which nothing is known is between 0 and infinity."""
    with np.errstate(over="ignore"):
        found: Floats = np.exp(log)
    return found


def _lists(windows: Windows) -> tuple[Any, Any, Any]:
    return windows.customer, windows.start, windows.stop


def _fitted(days: Floats, events: Floats, bits: NDArray[np.bool_], cells: Cells) -> Fit:
    from scipy import sparse

    pattern, cell = np.nonzero(days > 0)
    seconds, counts = days[pattern, cell], events[pattern, cell]
    base, names = design_of(cells.factors(cell), counts)
    k = bits.shape[1]
    design = sparse.hstack([base, sparse.csr_matrix(bits[pattern].astype(np.float64))]).tocsr() if k else base
    parameters, value, covariance = poisson(design, counts, seconds)
    p = base.shape[1]
    order = np.concatenate([np.arange(p, p + k), np.arange(p)])
    every = np.arange(cells.count)
    factors = cells.factors(every)
    log_base = np.full(cells.count, parameters[0])
    for (name, word), value_of in zip(names[1:], parameters[1:p], strict=True):
        log_base += np.where(factors[name] == word, value_of, 0.0)
    return Fit(
        base=np.exp(log_base),
        effect=parameters[p:],
        covariance=covariance[np.ix_(order, order)],
        log_likelihood=value,
        events=int(counts.sum()),
        design=names,
        cells=cell,
        parameters=parameters,
    )


def person_time(timeline: Timeline, *, horizon_us: int, traits: Sequence[str]) -> PersonTime:
    """The customers of a timeline in cells. traits: those of `Traits` that adjust."""
    people = timeline.people
    enter, leave = seconds(people, people.enter), seconds(people, people.leave)
    cells = cells_of(timeline, horizon_us, traits)
    return PersonTime(people, cells, enter, leave, horizon_us, Packing.of(timeline, horizon_us))

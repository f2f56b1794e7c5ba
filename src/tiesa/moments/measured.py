"""What situations do to what is measured: a linear model of journeys (or customers), with what else is the case.

Each measured journey is one row: its value, and whether a situation came true in it before the value was taken. The
joint model is least squares after what is the case whatever we did (traits, tenure, month, journeys of late, kind of
journey, how bad it was at the start, the question asked; of scores, how the journey had ended) has been taken out of
both sides (Frisch & Waugh 1933, Lovell 1963); errors are clustered by household (Liang & Zeger 1986). For yes-or-no
values it is the linear probability model: an effect is a difference of shares.

Assumes that effects add up, and that who answers does not depend on both the situation and the score in other ways:
the share of exposed and other journeys that answer stands beside the effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiesa.journeys.arrow_views import NONE
from tiesa.moments.cells import MOST_JOURNEYS
from tiesa.moments.episodes import Episodes
from tiesa.moments.models import Floats
from tiesa.moments.people import NEVER, TENURE_YEARS, YEAR_US, Flags, Ints, in_order
from tiesa.moments.person_time import sums
from tiesa.moments.timeline import Timeline
from tiesa.moments.values import BEFORE_US, Values

LEAST = 20
"""Measured journeys with a situation, and without it, else nothing can be told."""
MATERIAL_SD = 0.1
"""An effect must lie beyond this many standard deviations of the value with its whole interval."""
MOST_WORDS = 40
_Z = 1.959963984540054


@dataclass(frozen=True)
class Met:
    """The measured journeys in which a situation had come true. unit: positions, ascending; at: when, microseconds.
    own: how many of them the context does not tell already (their squared length after it was taken out)."""

    unit: NDArray[np.int32]
    at: Ints
    own: float

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True)
class LinearFit:
    """Least squares. effect: of each situation, in units of the value; covariance clustered. spread: of the value, its
    standard deviation. residual: what is left, and exposure (units x situations) after the context was taken out."""

    effect: Floats
    covariance: Floats
    log_likelihood: float
    n: int
    spread: float
    residual: Floats
    exposure: Floats

    @property
    def error(self) -> Floats:
        made: Floats = np.sqrt(np.diag(self.covariance))
        return made

    @property
    def z(self) -> Floats:
        return self.effect / np.maximum(self.error, 1e-12)

    @property
    def limit(self) -> float:
        """From when on a change matters, in the unit of what is measured."""
        return MATERIAL_SD * self.spread

    @property
    def material(self) -> NDArray[np.bool_]:
        made: NDArray[np.bool_] = abs(self.effect) - _Z * self.error > self.limit
        return made


@dataclass(frozen=True)
class Measured:
    """One half of the customers with what was measured of them. A `Model`. context: units x columns, the first ones."""

    timeline: Timeline
    values: Values
    context: Floats
    cluster: Ints

    def __len__(self) -> int:
        return len(self.values)

    @property
    def adjusted_for(self) -> tuple[str, ...]:
        """What the context holds, by name."""
        values = self.values
        told = {
            "journey type": values.of_journeys, "channel": values.of_journeys, "severity": values.of_journeys,
            "question": len(values.asked.texts) > 1, "end": len(values.ended.texts) > 0,
            "value before": not np.isnan(values.earlier).all(),
        }  # fmt: skip
        return (
            *self.timeline.people.traits.words,
            "tenure",
            "month",
            "journeys",
            *(n for n, is_so in told.items() if is_so),
        )

    @cached_property
    def basis(self) -> Floats:
        """Orthonormal columns that span the context."""
        q, r = np.linalg.qr(self.context)
        found: Floats = q[:, abs(np.diag(r)) > 1e-8 * max(abs(np.diag(r)).max(initial=0), 1)]
        return found

    @cached_property
    def adjusted(self) -> Floats:
        """The value after the context was taken out."""
        found: Floats = self.values.value - self.basis @ (self.basis.T @ self.values.value)
        return found

    def exposed(self, episodes: Episodes) -> Met:
        """Measured journeys whose own journey came into the situation before; else customers who did so of late."""
        values, timeline = self.values, self.timeline
        at = np.full(len(values), NEVER)
        if values.of_journeys:
            first = self._first
            journeys = timeline.journey[episodes.row]
            first[journeys] = episodes.at
            at = first[timeline.journey[values.row]]
            first[journeys] = NEVER
        elif len(episodes):
            key = in_order(episodes.customer, episodes.at, timeline.people.begins)
            sought = in_order(values.customer, values.at, timeline.people.begins)
            place = np.searchsorted(key, sought, side="right") - 1
            inside = np.maximum(place, 0)
            there = (place >= 0) & (episodes.customer[inside] == values.customer)
            at = np.where(there & (episodes.at[inside] > values.since), episodes.at[inside], NEVER)
        unit = np.flatnonzero(at <= values.at)
        return self._met(unit.astype(np.int32), at[unit])

    def _met(self, unit: NDArray[np.int32], at: Ints) -> Met:
        shared = self.basis[unit].sum(axis=0)
        return Met(unit, at, len(unit) - float(shared @ shared))

    @cached_property
    def _first(self) -> Ints:
        """When each journey came into a situation: filled and emptied again with every situation."""
        return np.full(int(self.timeline.journey[-1]) + 1 if len(self.timeline) else 0, NEVER)

    def packed(self, exposure: Met) -> Met:
        return exposure

    def unpacked(self, packed: Met) -> Met:
        return packed

    def first_look(self, exposure: Met) -> float | None:
        if min(len(exposure), len(self) - len(exposure)) < LEAST:
            return None
        nothing = np.zeros((len(self), 0))
        return self._partial(nothing, self.adjusted, exposure)

    def _partial(self, beside: Floats, residual: Floats, met: Met) -> float:
        """How far the mean residual of these units is from 0, in standard errors. beside: orthonormal columns that were
        taken out on top of the context."""
        shared = np.zeros(beside.shape[1])
        total = sums(met.unit, residual, beside, shared)
        own = met.own - float(shared @ shared)
        freedom = len(self) - self.basis.shape[1] - beside.shape[1] - 1
        variance = float(residual @ residual) / max(freedom, 1)
        if own <= 1e-6 * max(len(met), 1) or variance <= 0:
            return 0.0
        return float(total / np.sqrt(variance * own))

    def fit(self, exposures: Sequence[Met]) -> LinearFit:
        x = np.zeros((len(self), len(exposures)))
        for k, met in enumerate(exposures):
            x[met.unit, k] = 1.0
        x -= self.basis @ (self.basis.T @ x)
        inverse = np.linalg.pinv(x.T @ x, hermitian=True)
        effect = inverse @ (x.T @ self.adjusted)
        residual = self.adjusted - x @ effect
        _names, place = np.unique(self.cluster, return_inverse=True)
        groups = int(place.max(initial=0)) + 1
        summed = np.stack([np.bincount(place, x[:, k] * residual, groups) for k in range(x.shape[1])], axis=1) \
            if len(exposures) else np.zeros((groups, 0))  # fmt: skip
        n = len(self)
        freedom = n - self.basis.shape[1] - x.shape[1]  # what the context takes counts: some hundred columns
        meat = summed.T @ summed * groups / max(groups - 1, 1) * (n - 1) / max(freedom, 1)
        left = float(residual @ residual)
        value = -0.5 * n * np.log(max(left, 1e-12) / max(n, 1))
        spread = float(self.values.value.std()) if n else 0.0
        return LinearFit(effect, inverse @ meat @ inverse, float(value), n, spread, residual, x)

    def scores(self, fit: LinearFit, chosen: Sequence[Met], candidates: Sequence[Met]) -> Floats:
        """Partial correlations as z."""
        q = np.ascontiguousarray(np.linalg.qr(fit.exposure)[0])
        return np.array([self._partial(q, fit.residual, met) for met in candidates])

    def size(self, exposure: Met) -> float:
        return float(len(exposure))

    def common(self, one: Met, other: Met) -> float:
        return float(len(np.intersect1d(one.unit, other.unit, assume_unique=True)))

    def whose(self, exposure: Met) -> tuple[Floats, Floats]:
        customer: Floats = self.values.customer[exposure.unit]
        return customer, exposure.at

    def part(self, exposure: Met, chosen: NDArray[np.bool_]) -> Met:
        return self._met(exposure.unit[chosen], exposure.at[chosen])

    def surplus(
        self, fit: LinearFit, chosen: Sequence[Met], exposures: Iterable[Met]
    ) -> Iterator[tuple[Floats, Floats]]:
        """Residuals, and the variance of all residuals for each."""
        variance = float(fit.residual @ fit.residual) / max(len(self) - 1, 1)
        for met in exposures:
            yield fit.residual[met.unit], np.full(len(met), variance)

    def order(self, one: Met, other: Met) -> tuple[int, int, int]:
        _units, i, j = np.intersect1d(one.unit, other.unit, assume_unique=True, return_indices=True)
        first, last = int((one.at[i] < other.at[j]).sum()), int((one.at[i] > other.at[j]).sum())
        return first, last, len(i) - first - last


def measured_model(timeline: Timeline, values: Values) -> Measured:
    """What was measured of the customers of a timeline, with what was the case."""
    cluster = timeline.people.cluster[values.customer]
    return Measured(timeline, values, _context(timeline, values), cluster)


def _context(timeline: Timeline, values: Values) -> Floats:
    """A column of 1, and one for each word (but one) of everything that was the case before anything happened."""
    people = timeline.people
    columns: list[Any] = [np.ones(len(values))]
    # What a value was before is known as of then: traits of its own day would hold the value itself.
    known = np.where(np.isnan(values.earlier), values.at, values.since)
    version = people.traits.version_at(values.customer, known, people.begins)
    for words in people.traits.words.values():
        columns += _dummies(np.where(version == NONE, NONE, words.codes[version]))
    years = np.where(people.since == NEVER, -1.0, 0.0)[values.customer]
    tenure = (values.at - people.since[values.customer]) / YEAR_US
    columns += _dummies(np.where(years < 0, NONE, np.searchsorted(TENURE_YEARS, tenure, side="right")))
    columns += _dummies((values.at - people.begins) // (YEAR_US // 12))
    columns += _dummies(values.asked.codes)
    columns += _dummies(values.ended.codes)
    columns += _dummies(_journeys_begun(timeline, values))
    if values.of_journeys:
        first = timeline.first[values.row]
        columns += _dummies(timeline.words["journey_type"].codes[first])
        columns += _dummies(timeline.words["channel"].codes[first])
        severity = timeline.numbers["severity"][first]
        columns += _dummies(np.where(np.isnan(severity), NONE, np.nan_to_num(severity)).astype(np.int64))
    if not np.isnan(values.earlier).all():
        columns.append(np.nan_to_num(values.earlier, nan=float(np.nanmean(values.earlier))))
    return np.stack(columns, axis=1).astype(np.float64)


def _journeys_begun(timeline: Timeline, values: Values) -> Ints:
    """How many journeys the customer began in the half year before, up to a few."""
    begun = timeline.starts
    order = np.lexsort((timeline.at[begun], timeline.customer[begun]))
    begun = begun[order]
    begins = timeline.people.begins
    key = in_order(timeline.customer[begun], timeline.at[begun], begins)
    upto = np.searchsorted(key, in_order(values.customer, values.at, begins), side="right")
    since = np.searchsorted(key, in_order(values.customer, values.at - BEFORE_US, begins), side="right")
    found: Ints = np.clip(upto - since, 0, MOST_JOURNEYS)
    return found


def _dummies(codes: Ints) -> list[Flags]:
    """A column for each of the more frequent words but the most frequent one; the rare ones stand with that one."""
    words, counts = np.unique(codes, return_counts=True)
    order = np.argsort(-counts, kind="stable")[1 : MOST_WORDS + 1]
    return [codes == words[i] for i in order if counts[i] >= LEAST]

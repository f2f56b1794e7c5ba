"""Which customer begins which journey when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiesa.core.business_time import DAY_US
from tiesa.simulate.clock import DAYS, END_US, START_US, to_utc
from tiesa.simulate.company import HOUR_US, Codes, Company, Draws, Floats, Ints
from tiesa.simulate.people import People
from tiesa.simulate.vocabulary import JOURNEY_TYPES, REASONS

YEARLY = {"pre-purchase": 0.75, "registration": 0.12, "payment": 1.7, "problem solving": 0.95, "moving": 0.13}
"""Journeys a year of a customer of average need. A newcomer signs up besides."""
WEEKDAY = np.array([1.25, 1.1, 1.0, 1.0, 1.05, 0.6, 0.45])
HOUR_SHARE = np.array([1, 1, 1, 1, 1, 1, 3, 6, 10, 12, 12, 11, 10, 9, 9, 9, 9, 10, 10, 9, 8, 6, 4, 2], np.float64)
PROBLEM_REASONS = ("no internet", "slow internet", "app does not work", "card does not work", "money transfer missing")


@dataclass(frozen=True)
class Journeys:
    """One element per planned journey, sorted by type. A journey ends early where its customer leaves."""

    type: Codes
    customer: Ints
    start: Ints
    reason: Codes
    severity: Codes
    has_case: np.ndarray

    def __len__(self) -> int:
        return len(self.customer)

    def of(self, name: str) -> Ints:
        """The journeys of one type, as positions."""
        return np.flatnonzero(self.type == JOURNEY_TYPES[name])


def daily_intensity(company: Company) -> Floats:
    """How busy each day is, 1 on average: weekday, season, and spells of trouble that last some days."""
    draws = Draws(company.seed, "days")
    day = np.arange(DAYS)
    weekday = WEEKDAY[(day + 1) % 7]  # the first day is a Tuesday
    season = 1 + 0.15 * np.cos(2 * np.pi * (day - 60) / 365)
    shocks = draws.normal("shock", DAYS)
    trouble = np.zeros(DAYS)
    for i in range(1, DAYS):
        trouble[i] = 0.85 * trouble[i - 1] + 0.13 * shocks[i]
    intensity = weekday * season * np.exp(trouble)
    relative: Floats = intensity / intensity.mean()
    return relative


def make_journeys(people: People, company: Company) -> Journeys:
    draws, n = Draws(company.seed, "plan"), len(people)
    busy = np.concatenate([[0.0], np.cumsum(daily_intensity(company))])
    begin = np.interp(people.at_risk_from, START_US + np.arange(DAYS + 1) * DAY_US, busy)
    years = (busy[-1] - begin) / 365
    types, customers, starts = [], [], []
    for code, (name, rate) in enumerate(YEARLY.items()):
        counts = draws.poisson(f"{name} count", rate * people.need * years)
        customer = np.repeat(np.arange(n), counts)
        share = draws.uniform(f"{name} day", len(customer))
        place = begin[customer] + share * (busy[-1] - begin[customer])
        day = np.clip(np.searchsorted(busy, place, side="right") - 1, 0, DAYS - 1)
        start = _within(day, draws.uniform(f"{name} hour", len(customer)))
        types.append(np.full(len(customer), code, np.int32))
        customers.append(customer)
        starts.append(np.maximum(start, people.at_risk_from[customer]))
        if name == "registration":
            newcomer = np.flatnonzero(people.since > START_US)
            lead = draws.hours("sign-up lead", len(newcomer), median=50, spread=0.6)
            types.append(np.full(len(newcomer), code, np.int32))
            customers.append(newcomer)
            starts.append(np.maximum(people.since[newcomer] - lead, START_US))
    kind, total = np.concatenate(types), sum(map(len, types))
    return Journeys(
        type=kind,
        customer=np.concatenate(customers),
        start=np.minimum(np.concatenate(starts), END_US - 1),
        reason=_reasons(kind, draws),
        severity=1 + draws.pick("severity", total, [0.2, 0.3, 0.3, 0.15, 0.05]),
        has_case=draws.chance("case", total, np.array([0.0, 0.9, 0.8, 0.9, 1.0])[kind]),
    )


def _within(day: Ints, uniform: Floats) -> Ints:
    """An instant of the local day, in the hours in which people are up."""
    shares = np.concatenate([[0.0], np.cumsum(HOUR_SHARE / HOUR_SHARE.sum())])
    hour = np.interp(uniform, shares, np.arange(25.0))
    return to_utc(START_US + day * DAY_US + (hour * HOUR_US).astype(np.int64))


def _reasons(kind: Codes, draws: Draws) -> Codes:
    usual = np.array(
        REASONS.all_of("new contract", "sign-up", "bill too high", "no internet", "moving house"), np.int32
    )
    reason = usual[kind]
    problems = np.flatnonzero(kind == JOURNEY_TYPES["problem solving"])
    ways = np.array(REASONS.all_of(*PROBLEM_REASONS, "stranded abroad"), np.int32)
    reason[problems] = ways[draws.pick("problem", len(problems), [0.26, 0.24, 0.18, 0.15, 0.12, 0.05])]
    bills = np.flatnonzero(kind == JOURNEY_TYPES["payment"])
    words = np.array(REASONS.all_of("bill too high", "bill unclear"), np.int32)
    reason[bills] = words[draws.pick("bill", len(bills), [0.55, 0.45])]
    return reason

"""Employees by unit, their absences, who is at work on a day, and how loaded a unit is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiesa.core.business_time import DAY_US
from tiesa.simulate.clock import DAYS, MARGIN_DAYS, START_US, day_of, into_hours, to_utc
from tiesa.simulate.company import Codes, Company, Draws, Flags, Floats, Ints
from tiesa.simulate.plan import Journeys
from tiesa.simulate.vocabulary import JOURNEY_TYPES, UNIT_NAMES, UNITS

CUSTOMERS_PER_EMPLOYEE = 90
FEWEST = 4
HOLIDAYS, ILLNESSES = 5, 4
"""Absences of an employee over the two years. The head of a unit is always there."""
KNOWN_DAYS = DAYS + 2 * MARGIN_DAYS
WORK_OF_UNIT = {
    "billing": ("payment",),
    "moving desk": ("moving",),
    "sales": ("pre-purchase", "registration"),
    "e-mail desk": ("problem solving", "payment"),
    "technical support": ("problem solving",),
}
"""Which journeys load a unit; the units not named here are loaded by all of them."""


@dataclass(frozen=True)
class Staff:
    """Who works where and when.

    unit: of each employee. away: per employee and known day. present: per unit and known day its employees,
    those at work first; present_n: how many these are. load: arrivals per person at work by unit and day of the
    two years, 1 on average. slower: by how much replies take longer at the end of the two years.
    """

    unit: Codes
    away: Flags
    absent_employee: Codes
    absent_from: Ints
    absent_to: Ints
    present: Codes
    present_n: Ints
    load: Floats
    slower: float

    def pick(self, unit: Codes, at: Ints, uniform: Floats, avoid: Codes | None = None) -> Codes:
        """Somebody of the unit who is at work that day; another one than `avoid` where there is one."""
        day = day_of(at) + MARGIN_DAYS
        n = self.present_n[unit, day]
        place = (uniform * n).astype(np.int64)
        chosen = self.present[unit, day, place]
        if avoid is not None:
            chosen = np.where(chosen == avoid, self.present[unit, day, (place + 1) % n], chosen)
        return chosen

    def at_work(self, employee: Codes, at: Ints) -> Flags:
        """Whether the employee is at work on the day of the instant; false where there is none (-1)."""
        return (employee >= 0) & ~self.away[np.maximum(employee, 0), day_of(at) + MARGIN_DAYS]

    def wait_factor(self, unit: Codes, at: Ints) -> Floats:
        """By how much a reply takes longer than usual: grows faster than the load."""
        day = np.clip(day_of(at), 0, DAYS - 1)
        factor: Floats = self.load[unit, day] ** 1.3 * (1 + self.slower * day / DAYS)
        return factor

    def when_open(self, unit: Codes, at: Ints, uniform: Floats) -> Ints:
        """The instant, moved into the unit's hours."""
        moved = at.copy()
        for code in np.unique(unit):
            rows = unit == code
            moved[rows] = into_hours(at[rows], UNITS[code].hours, uniform[rows])
        return moved


def make_staff(journeys: Journeys, company: Company) -> Staff:
    draws = Draws(company.seed, "staff")
    total = company.customers / CUSTOMERS_PER_EMPLOYEE
    sizes = np.array([max(FEWEST, round(total * unit.share / 100)) for unit in UNITS])
    unit = np.repeat(np.arange(len(UNITS), dtype=np.int32), sizes)
    heads = np.cumsum(sizes) - sizes
    absences = _absences(len(unit), np.isin(np.arange(len(unit)), heads), draws)
    away = _away(len(unit), *absences)
    present = np.zeros((len(UNITS), KNOWN_DAYS, sizes.max()), np.int32)
    present_n = np.zeros((len(UNITS), KNOWN_DAYS), np.int64)
    for code, (head, size) in enumerate(zip(heads, sizes, strict=True)):
        gone = away[head : head + size].T
        present[code, :, :size] = head + np.argsort(gone, axis=1, kind="stable")
        present_n[code] = size - gone.sum(axis=1)
    at_work = present_n[:, MARGIN_DAYS : MARGIN_DAYS + DAYS] / sizes[:, None]
    employee, first, last = absences
    return Staff(
        unit=unit,
        away=away,
        absent_employee=employee,
        absent_from=to_utc(START_US + first * DAY_US),
        absent_to=to_utc(START_US + last * DAY_US),
        present=present,
        present_n=present_n,
        load=_load(journeys, at_work),
        slower=0.5 if company.drift else 0.0,
    )


def _absences(employees: int, head: Flags, draws: Draws) -> tuple[Codes, Ints, Ints]:
    """Employee, first day away, first day back (local days of the two years); those of one employee never overlap."""
    each = HOLIDAYS + ILLNESSES
    employee = np.repeat(np.arange(employees, dtype=np.int32), each)
    slot = np.tile(np.arange(each), employees)
    n = len(employee)
    room = DAYS // each
    length = np.where(
        slot % 2 == 0, 4 + draws.pick("holiday", n, [1] * 11), 1 + draws.pick("illness", n, [5, 4, 3, 2, 1])
    )
    first = slot * room + (draws.uniform("first day", n) * (room - length)).astype(np.int64)
    kept = ~head[employee] & draws.chance("taken", n, 0.85)
    return employee[kept], first[kept], (first + length)[kept]


def _away(employees: int, employee: Codes, first: Ints, back: Ints) -> Flags:
    steps = np.zeros((employees, KNOWN_DAYS + 1), np.int32)
    np.add.at(steps, (employee, first + MARGIN_DAYS), 1)
    np.add.at(steps, (employee, back + MARGIN_DAYS), -1)
    return np.cumsum(steps, axis=1)[:, :-1] > 0


def _load(journeys: Journeys, at_work: Floats) -> Floats:
    """Arrivals of the last seven days over the people at work; drawn towards the average where journeys are few."""
    day = np.clip(day_of(journeys.start), 0, DAYS - 1)
    load = np.empty_like(at_work)
    for code, name in enumerate(UNIT_NAMES.words):
        work = JOURNEY_TYPES.all_of(*WORK_OF_UNIT.get(name, JOURNEY_TYPES.words))
        arrivals = np.bincount(day[np.isin(journeys.type, work)], minlength=DAYS).astype(np.float64)
        so_far = np.concatenate([[0.0], np.cumsum(arrivals)])
        until = np.arange(1, DAYS + 1)
        since = np.maximum(until - 7, 0)
        usual = max(arrivals.mean(), 1e-9)
        recent = (so_far[until] - so_far[since] + 10) / ((until - since) * usual + 10)
        load[code] = recent / at_work[code]
    relative: Floats = np.clip(load / load.mean(axis=1, keepdims=True), 0.4, 3.0)
    return relative

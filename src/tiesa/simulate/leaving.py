"""When customers leave: a rate that segment, tenure, season and the planted situations move, and one draw each.

A customer leaves when the rate, added up since they became at risk, passes their own exponential draw. The draw and
the timeline are the same in every world, so a world without one situation differs in nothing but that situation's
effect: its leavings are paired, customer by customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiesa.core.business_time import DAY_US
from tiesa.simulate.clock import DAYS, END_US, START_US
from tiesa.simulate.company import HORIZON_DAYS, Company, Draws, Floats, Ints
from tiesa.simulate.people import TENURE_BOUNDS_US, TENURE_FACTOR, People, leaving_rate
from tiesa.simulate.scene import NEVER
from tiesa.simulate.situations import Situation
from tiesa.simulate.story import Episodes

HORIZON_US = HORIZON_DAYS * DAY_US
LAST_US = END_US + HORIZON_US
"""Until when the rate is known: the horizon of an episode on the last day."""
_MS = 1000
_SPAN = (LAST_US - START_US) // _MS + 1
DRIFT = 0.5
"""With drift the rate is half as high again at the end of the two years."""


@dataclass(frozen=True)
class Rate:
    """Leaving rates of all customers as steps: customer after customer, each from `at_risk_from` on.

    key: customer and time of a step in one number. before: the customer's rate added up until the step. first: each
    customer's first step.
    """

    key: Ints
    at: Ints
    per_us: Floats
    before: Floats
    first: Ints

    def until(self, customer: Ints, at: Ints) -> Floats:
        """The customer's rate added up until an instant that is not before their first step."""
        at = np.clip(at, START_US, LAST_US)
        step = np.searchsorted(self.key, _key(customer, at), side="right") - 1
        return self.before[step] + self.per_us[step] * (at - self.at[step])

    def leaves_at(self, draw: Floats) -> Ints:
        """When each customer leaves; NEVER where that is beyond the last known instant."""
        steps = np.diff(self.first, append=len(self.at))
        passed = np.add.reduceat(self.before <= np.repeat(draw, steps), self.first, dtype=np.int64)
        step = self.first + passed - 1
        at = self.at[step] + ((draw - self.before[step]) / self.per_us[step]).astype(np.int64)
        return np.where(at < LAST_US, at, NEVER)


def _key(customer: Ints, at: Ints) -> Ints:
    return customer * _SPAN + (at - START_US) // _MS


@dataclass(frozen=True)
class World:
    """What can make customers leave: people, options, and the episodes of every situation, left or not."""

    company: Company
    people: People
    situations: Mapping[str, Situation]
    episodes: Mapping[str, Episodes]
    draw: Floats

    def rate(self, *, without: str = "") -> Rate:
        """The rates, as they are or without the effect of one situation."""
        steps = [_own_steps(self.people, self.company)]
        for name, situation in self.situations.items():
            if name != without and situation.hazard_ratio != 1:
                steps.append(_windows(self.episodes[name], np.log(situation.hazard_ratio)))
        customer, at, change = (np.concatenate(parts) for parts in zip(*steps, strict=True))
        at = np.maximum(at, self.people.at_risk_from[customer])
        kept = at < LAST_US
        customer, at, change = customer[kept], at[kept], change[kept]
        key = _key(customer, at)
        order = np.argsort(key, kind="stable")
        key, customer, at, change = key[order], customer[order], at[order], change[order]
        first = np.searchsorted(customer, np.arange(len(self.people)))
        per_us = np.exp(_running_sum(change, first))
        following = np.append(at[1:], LAST_US)
        following[first[1:] - 1] = LAST_US
        grown = per_us * (following - at)
        return Rate(key, at, per_us, _running_sum(grown, first) - grown, first)


def _running_sum(values: Floats, first: Ints) -> Floats:
    """Sums up to each value within each customer. Added customer by customer: who leaves when depends on no other."""
    total = values.copy()
    steps = np.diff(first, append=len(values))
    for place in range(1, int(steps.max())):
        rows = first[steps > place] + place
        total[rows] += total[rows - 1]
    return total


def make_draw(people: People, company: Company) -> Floats:
    """The exponential draw of each customer; members of a household may share theirs, and so tend to leave together."""
    draws, n = Draws(company.seed, "leaving"), len(people)
    draw = draws.exponential("draw", n)
    if company.households:
        shared = draws.chance("together", n, 0.5)
        draw = np.where(shared, draw[people.household], draw)
    return draw


def _own_steps(people: People, company: Company) -> tuple[Ints, Ints, Floats]:
    """What moves the rate without any contact: tenure, the quarters of the year, drift."""
    n = len(people)
    everybody = np.arange(n)
    start = people.at_risk_from
    base = np.log(leaving_rate(people, company) / (365 * DAY_US))
    tenure = np.searchsorted(TENURE_BOUNDS_US, start - people.since, side="right")
    steps = [(everybody, start, base + np.log(TENURE_FACTOR[tenure]))]
    for place, bound in enumerate(TENURE_BOUNDS_US):
        later = people.since + bound
        crosses = later > start
        change = np.log(TENURE_FACTOR[place + 1] / TENURE_FACTOR[place])
        steps.append((everybody[crosses], later[crosses], np.full(crosses.sum(), change)))
    level = 0.0
    for quarter in range((DAYS + HORIZON_DAYS) // 91):
        day = quarter * 91
        wanted = 0.12 * np.cos(2 * np.pi * day / 365)
        if company.drift:
            wanted += np.log(1 + DRIFT * day / DAYS)
        steps.append((everybody, np.full(n, START_US + day * DAY_US), np.full(n, wanted - level)))
        level = wanted
    customer, at, change = zip(*steps, strict=True)
    return np.concatenate(customer), np.concatenate(at), np.concatenate(change)


def _windows(episodes: Episodes, change: float) -> tuple[Ints, Ints, Floats]:
    """Steps up and down of the union of each customer's windows of 180 days."""
    order = np.lexsort((episodes.at, episodes.customer))
    customer, at = episodes.customer[order], episodes.at[order]
    gap = _gap_before(customer, at)
    opens = np.flatnonzero(gap >= HORIZON_US)
    last = np.append(opens[1:], len(at))[: len(opens)] - 1
    who = np.concatenate([customer[opens], customer[opens]])
    when = np.concatenate([at[opens], at[last] + HORIZON_US])
    return who, when, np.repeat([change, -change], len(opens))


def _gap_before(customer: Ints, at: Ints) -> Ints:
    """Time since the same customer's episode before; NEVER at their first."""
    gap = np.full(len(at), NEVER)
    if len(at) > 1:
        gap[1:] = np.where(np.diff(customer) == 0, np.diff(at), NEVER)
    return gap


@dataclass(frozen=True)
class Effect:
    """What one situation does to leaving within the horizon.

    effect: risk with the episode less risk without this one episode, everything else as it is, averaged over the
    episodes met: the paired counterfactual, with the leaving draw integrated out. se: over customers, as another
    sample of them would move it. paired, paired_se: the same from the one draw that was made. leavings_caused: in
    the two years, against the world in which the situation never has its effect (below 0: leavings prevented).
    apparent_hazard_ratio: what a look without adjustment sees.
    """

    effect: float
    se: float
    paired: float
    paired_se: float
    leavings_caused: int
    apparent_hazard_ratio: float


def effect_of(world: World, name: str, met: Episodes, left_at: Ints, rate: Rate) -> Effect:
    """The effect of one situation over the episodes its customers met while they were customers."""
    ratio = world.situations[name].hazard_ratio
    order = np.lexsort((met.at, met.customer))
    customer, at = met.customer[order], met.at[order]
    n = len(world.people)
    if not len(at):
        return Effect(0.0, 0.0, 0.0, 0.0, 0, float("nan"))
    before, after = _gap_before(customer, at), np.append(_gap_before(customer, at)[1:], NEVER)
    begins = at + np.maximum(0, HORIZON_US - before)
    ends = at + np.minimum(HORIZON_US, after)
    alone = np.where(ends > begins, rate.until(customer, ends) - rate.until(customer, begins), 0.0)
    whole = rate.until(customer, at + HORIZON_US) - rate.until(customer, at)
    without = whole - alone * (1 - 1 / ratio)
    difference = np.exp(-without) - np.exp(-whole)
    to_go = world.draw[customer] - rate.until(customer, at)
    paired: Floats = (to_go < whole).astype(np.float64) - (to_go < without)
    off = world.rate(without=name).leaves_at(world.draw)
    return Effect(
        effect=float(difference.mean()),
        se=_clustered_error(difference, customer, n),
        paired=float(paired.mean()),
        paired_se=_clustered_error(paired, customer, n),
        leavings_caused=int((left_at < END_US).sum() - (off < END_US).sum()),
        apparent_hazard_ratio=_apparent(world.people, customer, at, left_at),
    )


def _clustered_error(values: NDArray[np.floating[Any]], customer: Ints, customers: int) -> float:
    """Standard error of a mean whose values hang together by customer."""
    residual = np.bincount(customer, values - values.mean(), minlength=customers)
    return float(np.sqrt((residual**2).sum()) / len(values))


def _apparent(people: People, customer: Ints, at: Ints, left_at: Ints) -> float:
    """Leavings per day in the 180 days after an episode over leavings per day at all other times: unadjusted."""
    end = np.minimum(left_at, END_US)
    windows = _windows(Episodes(customer, customer, at, customer), 1.0)
    half = len(windows[0]) // 2
    who, start, stop = windows[0][:half], windows[1][:half], windows[1][half:]
    inside = np.maximum(np.minimum(stop, end[who]) - start, 0)
    events = ((left_at[who] < np.minimum(stop, END_US)) & (left_at[who] >= start)).sum()
    total = np.maximum(end - people.at_risk_from, 0).sum() - inside.sum()
    others = (left_at < END_US).sum() - events
    if not events or not others or not inside.sum():
        return float("nan")
    return float(events / inside.sum() / (others / total))

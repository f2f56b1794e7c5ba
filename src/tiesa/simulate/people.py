"""The customers: who they are, what they are worth, what they prefer, how easily they leave by themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiesa.core.business_time import DAY_US
from tiesa.simulate.clock import END_US, START_US
from tiesa.simulate.company import Codes, Company, Draws, Flags, Floats, Ints
from tiesa.simulate.vocabulary import LANGUAGES, SHOP_OF_LANGUAGE

YEAR_US = 365 * DAY_US
YEARLY_LEAVING = 0.094
"""Leaving rate a year of a standard customer of one to three years who meets nothing bad."""
SEGMENT_FACTOR = np.array([2.0, 0.95, 0.6, 0.5])
TENURE_BOUNDS_US = (YEAR_US, 3 * YEAR_US)
TENURE_FACTOR = np.array([1.7, 1.0, 0.65])
"""Leaving under one year, from one to three, and after three years as a customer."""
SEGMENT_SHARE = [0.28, 0.45, 0.16, 0.11]
SEGMENT_MARGIN = np.array([90.0, 180.0, 420.0, 950.0])
LANGUAGE_SHARE = [0.30, 0.15, 0.15, 0.12, 0.18, 0.10]
NEWCOMERS = 0.18


@dataclass(frozen=True)
class People:
    """One array per trait, one element per customer. `mood` and `need` have no column in any table."""

    segment: Codes
    language: Codes
    cyrillic: Flags
    acquired: Codes
    product: Codes
    shop: Codes
    since: Ints
    margin: Floats
    digital: Floats
    need: Floats
    mood: Floats
    frailty: Floats
    hidden: Floats
    household: Ints
    patience: Floats

    def __len__(self) -> int:
        return len(self.since)

    @property
    def at_risk_from(self) -> Ints:
        """From when a customer can leave in these two years."""
        return np.maximum(self.since, START_US)


def make_people(company: Company) -> People:
    draws, n = Draws(company.seed, "people"), company.customers
    household = _households(draws, n) if company.households else np.arange(n)
    segment = draws.pick("segment", n, SEGMENT_SHARE)
    language = draws.pick("language", n, LANGUAGE_SHARE)[household]
    newcomer = draws.chance("newcomer", n, NEWCOMERS)
    long_ago = START_US - (draws.exponential("tenure", n) * 3.2 * YEAR_US).astype(np.int64)
    lately = START_US + (draws.uniform("arrival", n) * (END_US - START_US - 20 * DAY_US)).astype(np.int64)
    since = np.where(newcomer, lately, np.maximum(long_ago, START_US - 22 * YEAR_US))
    spread, need_shape = (1.3, 0.5) if company.heavy_tails else (0.45, 4.0)
    margin = SEGMENT_MARGIN[segment] * np.exp(spread * draws.normal("margin", n))
    mood = draws.normal("mood", n)
    if company.households:
        mood = 0.6 * mood[household] + 0.8 * mood
    hidden = draws.normal("hidden", n)
    frailty = draws.gamma("frailty", n, shape=12.0)[household]
    return People(
        segment=segment,
        language=language,
        cyrillic=(language == LANGUAGES["sr"]) & draws.chance("cyrillic", n, 0.22),
        acquired=draws.pick("acquired", n, [0.3, 0.18, 0.25, 0.2, 0.07]),
        product=draws.pick("product", n, [0.4, 0.3, 0.2, 0.1]),
        shop=np.array(SHOP_OF_LANGUAGE, np.int32)[language],
        since=since,
        margin=np.round(margin, 2),
        digital=draws.uniform("digital", n),
        need=draws.gamma("need", n, shape=need_shape),
        mood=mood,
        frailty=frailty,
        hidden=hidden,
        household=household,
        patience=np.exp(0.35 * draws.normal("patience", n)),
    )


def _households(draws: Draws, n: int) -> Ints:
    """For each customer the first member of their household; households have one to four members."""
    sizes = 1 + draws.pick("household size", n, [0.45, 0.3, 0.15, 0.1]).astype(np.int64)
    firsts = np.cumsum(sizes) - sizes
    return np.repeat(firsts, sizes)[:n]


def leaving_rate(people: People, company: Company) -> Floats:
    """Leavings a year by themselves, in the middle tenure class: what no contact brings about."""
    rate = YEARLY_LEAVING * SEGMENT_FACTOR[people.segment] * people.frailty
    if company.hidden:
        rate = rate * np.exp(0.6 * people.hidden - 0.18)
    return rate

"""What the scripts of the journeys share: the people, the staff and the sheet, and a few ways of acting on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tiesa.simulate.company import HOUR_US, Codes, Company, Draws, Flags, Floats, Ints
from tiesa.simulate.people import People
from tiesa.simulate.plan import Journeys
from tiesa.simulate.sheet import NONE, Sheet
from tiesa.simulate.staff import Staff
from tiesa.simulate.vocabulary import CHANNELS, UNIT_NAMES

MINUTE_US = 60_000_000
NEVER = np.int64(2**62)
PHONE, EMAIL, CHAT, APP, WEB, SHOP, SMS, VISIT = range(len(CHANNELS))
QUEUE_WORDS = ("under 5 min", "5 to 20 min", "over 20 min")


@dataclass(frozen=True)
class Scene:
    """One company while its journeys are written down."""

    company: Company
    people: People
    journeys: Journeys
    staff: Staff
    sheet: Sheet

    def add(self, flags: Flags, journey: Ints, at: Ints, **columns: Any) -> Ints:
        """Rows on the sheet for the flagged journeys only; arrays among the columns are cut the same way.

        Returns: the number of each journey's row, -1 where there is none.
        """
        numbers = np.full(len(journey), NONE, np.int64)
        numbers[flags] = self.sheet.add(journey[flags], at[flags], **{k: _cut(v, flags) for k, v in columns.items()})
        return numbers

    def customer(self, journey: Ints) -> Ints:
        return self.journeys.customer[journey]

    def way(self, draws: Draws, name: str, journey: Ints, shares: dict[int, tuple[float, float]]) -> Codes:
        """A channel for each journey; shares of each for people who like screens least, and most."""
        digital = self.people.digital[self.customer(journey)]
        weights = np.stack([low + (high - low) * digital for low, high in shares.values()], axis=1)
        ways = np.array(list(shares), np.int32)
        return ways[draws.pick(name, len(journey), weights)]

    def desk(
        self, journey: Ints, channel: Codes, written: str = "e-mail desk", spoken: str = "contact centre"
    ) -> Codes:
        """The unit that answers on the channel: the shop of the customer's language, the line, or the written desk."""
        unit = np.where(channel == PHONE, UNIT_NAMES[spoken], UNIT_NAMES[written])
        unit = np.where(channel == CHAT, UNIT_NAMES["contact centre"], unit)
        return np.where(channel == SHOP, self.people.shop[self.customer(journey)], unit).astype(np.int32)

    def reply_wait(self, draws: Draws, name: str, unit: Codes, at: Ints, *, median: float, spread: float) -> Ints:
        """How long a written reply takes, in microseconds, by the load of the unit on that day. `median` in hours."""
        spread *= 1.7 if self.company.heavy_tails else 1.0
        wait = draws.hours(name, len(at), median=median, spread=spread)
        return (wait * self.staff.wait_factor(unit, at)).astype(np.int64)

    def owner(self, draws: Draws, name: str, unit: Codes, at: Ints, before: Codes, stays: float) -> Codes:
        """Who takes it: with chance `stays` the one before, if at work; else another one of the unit."""
        u = draws.uniform(f"{name} who", len(at))
        other = self.staff.pick(unit, at, u, avoid=before)
        keeps = draws.chance(f"{name} keeps", len(at), stays) & self.staff.at_work(before, at)
        return np.where(keeps, before, other).astype(np.int32)

    def talk_s(self, draws: Draws, name: str, n: int, *, minutes: float = 6.0) -> Floats:
        """How long live contacts last, in whole seconds."""
        return np.round(60 * minutes * np.exp(0.5 * draws.normal(name, n)))

    def queue(self, draws: Draws, name: str, channel: Codes, unit: Codes, at: Ints) -> dict[str, np.ndarray]:
        """Attributes of a visit to the shop: minutes in the queue, and its class; empty words on other channels."""
        minutes = 9 * np.exp(0.75 * draws.normal(name, len(at))) * np.sqrt(self.staff.wait_factor(unit, at))
        minutes = np.clip(np.round(minutes), 0, 90).astype(np.int64)
        in_shop = channel == SHOP
        words = np.array([str(m) for m in range(91)], dtype=object)
        classes = np.array(QUEUE_WORDS, dtype=object)
        return {
            "queue_min": np.where(in_shop, words[minutes], ""),
            "queue": np.where(in_shop, classes[np.searchsorted([5, 21], minutes, side="right")], ""),
        }


def later(at: Ints, hours: Floats | float) -> Ints:
    """The instant so many hours later."""
    return at + (np.asarray(hours) * HOUR_US).astype(np.int64)


def nobody(n: int) -> Codes:
    return np.full(n, NONE, np.int32)


def _cut(value: Any, flags: Flags) -> Any:
    if isinstance(value, dict):
        return {name: _cut(told, flags) for name, told in value.items()}
    return value[flags] if isinstance(value, np.ndarray) else value

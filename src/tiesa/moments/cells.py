"""Cells: what is the case of a customer whatever we did, bin by bin of their time.

Traits x tenure x calendar month x journeys begun of late: rates are compared within them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from tiesa.core.business_time import DAY_US
from tiesa.moments.episodes import SECOND_US
from tiesa.moments.people import NEVER, TENURE_YEARS, YEAR_US, Ints, People, Traits
from tiesa.moments.person_time import fill_cells
from tiesa.moments.timeline import Timeline

MOST_JOURNEYS = 4
MEMORY = 600_000_000
"""Bytes that the bins of one half may take; more customers get longer bins."""


@dataclass(frozen=True)
class Cells:
    """The cell of every customer in every bin, and the traits by which cells differ.

    codes: int32, customers x bins. width: of a bin, in seconds. levels: how many words each factor of a cell has, the
    last one changing fastest.
    """

    codes: NDArray[np.int32]
    width: int
    levels: dict[str, int]
    static: NDArray[np.int64]
    """For each code of the static traits, the codes of its single traits (static x traits)."""
    traits: tuple[str, ...]

    @property
    def count(self) -> int:
        return int(np.prod(list(self.levels.values())))

    def factors(self, cells: Ints) -> dict[str, Ints]:
        """The word of each factor in these cells, as codes."""
        found, rest = {}, cells
        for name in reversed(self.levels):
            found[name] = rest % self.levels[name]
            rest = rest // self.levels[name]
        static = found.pop("static")
        return {name: self.static[static, i] for i, name in enumerate(self.traits)} | found


def cells_of(timeline: Timeline, horizon_us: int, traits: Sequence[str]) -> Cells:
    """The cells of the customers of a timeline. traits: those of `Traits` that adjust."""
    people = timeline.people
    n = max(len(people), 1)
    span = (people.ends - people.begins + horizon_us) // SECOND_US + 1
    least = 5 * 86400
    width = int(max(least, -(-span * n * 8 // MEMORY)))
    bins = -(-span // width)
    month = np.array([_month(people.begins + b * width * SECOND_US, people.ends) for b in range(bins)], np.int64)
    month -= month.min()
    months = int(month.max()) + 1
    static, of_version = _static(people.traits, traits)
    tenure = np.array([years * YEAR_US // SECOND_US for years in TENURE_YEARS], np.int64)
    levels = {
        "static": max(len(static), 1), "tenure": len(tenure) + 2, "month": months, "journeys": MOST_JOURNEYS + 1,
    }  # fmt: skip
    codes = np.zeros((len(people), bins), np.int32)
    since = np.where(people.since == NEVER, -(2**62), (people.since - people.begins) // SECOND_US)
    begun = timeline.starts
    order = np.lexsort((timeline.at[begun], timeline.customer[begun]))
    begun = begun[order]
    everybody = np.arange(len(people) + 1)
    fill_cells(
        codes, width, seconds(people, people.enter), since, tenure, month, months,
        np.searchsorted(people.traits.customer, everybody), (people.traits.at - people.begins) // SECOND_US, of_version,
        np.searchsorted(timeline.customer[begun], everybody), seconds(people, timeline.at[begun]),
        int(horizon_us // SECOND_US), MOST_JOURNEYS,
    )  # fmt: skip
    return Cells(codes, width, levels, static, tuple(traits))


def seconds(people: People, at: Ints) -> Ints:
    """Whole seconds since observation began."""
    return (at - people.begins) // SECOND_US


def _month(at: int, ends: int) -> int:
    """The calendar month of an instant, as a number; beyond the end of observation that of the end."""
    when = datetime.fromtimestamp(min(at, ends - DAY_US) / SECOND_US, UTC)
    return when.year * 12 + when.month


def _static(traits: Traits, chosen: Sequence[str]) -> tuple[NDArray[np.int64], Ints]:
    """The combinations of traits that occur, and which of them each version is. Null is a word of its own (0)."""
    if not chosen:
        return np.zeros((1, 0), np.int64), np.zeros(len(traits.customer), np.int64)
    codes = np.stack([traits.words[name].codes + 1 for name in chosen], axis=1).astype(np.int64)
    if not len(codes):
        return np.zeros((1, len(chosen)), np.int64), np.zeros(0, np.int64)
    found, of_version = np.unique(codes, axis=0, return_inverse=True)
    return found, of_version.reshape(-1)

"""Landmarks to learn from or to test on, what came after them, and what each of them weighs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiesa.core.business_time import DAY_US
from tiesa.moments.calibration import Reals
from tiesa.moments.people import Flags, Ints
from tiesa.moments.warning_features import Known

QUARTER_DAYS = 91


@dataclass(frozen=True)
class Examples:
    """Landmarks to learn from or to test on. when: what is warned of came, in microseconds; NEVER: it did not."""

    known: Known
    customer: Ints
    cluster: Ints
    at: Ints
    when: Ints
    horizon_us: int

    def __len__(self) -> int:
        return len(self.at)

    def where(self, chosen: Flags | Ints) -> Examples:
        """Some of them."""
        return Examples(
            self.known.where(chosen), self.customer[chosen], self.cluster[chosen], self.at[chosen], self.when[chosen],
            self.horizon_us,
        )  # fmt: skip

    @property
    def came(self) -> Flags:
        """Whether it came within the horizon."""
        made: Flags = (self.when > self.at) & (self.when <= self.at + self.horizon_us)
        return made

    @property
    def weight(self) -> Reals:
        """One for each customer, shared by the customer's landmarks."""
        return weight_of(self.customer)

    def weight_by_quarter(self, now: int) -> Reals:
        """One for each customer and quarter, counted back from an instant at or after every landmark."""
        quarter = (now - self.at) // (QUARTER_DAYS * DAY_US)
        return weight_of(self.customer.astype(np.int64) * (int(quarter.max(initial=0)) + 1) + quarter)

    @property
    def customers(self) -> int:
        return len(np.unique(self.customer))

    @property
    def events(self) -> int:
        """Customers to whom it came."""
        return len(np.unique(self.customer[self.came]))


def weight_of(group: Ints) -> Reals:
    """One for each group, shared by the group's rows."""
    _names, place, rows = np.unique(group, return_inverse=True, return_counts=True)
    made: Reals = 1.0 / rows[place]
    return made

"""Standards and the statutory deadline that single contacts missed: on which of them, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiesa.journeys.deadlines import chosen_deadline
from tiesa.journeys.held import held
from tiesa.journeys.standards_measures import missing
from tiesa.journeys.standards_missed import missed, missed_deadlines
from tiesa.journeys.standards_rules import read_standards
from tiesa.journeys.view import View
from tiesa.moments.people import NEVER, Flags, Ints

SPAN = np.int64(2**20)
"""More journeys than a customer has, and more contacts than a journey has."""


@dataclass(frozen=True)
class Missed:
    """The contacts one standard is about. rows: in the timeline, ascending; at: when it was missed, NEVER where not."""

    rows: NDArray[np.int32]
    at: Ints

    def where(self, chosen: Flags, moved: NDArray[np.int32]) -> Missed:
        """Those of some rows of the timeline, by their new positions."""
        kept = chosen[self.rows]
        return Missed(moved[self.rows[kept]], self.at[kept])

    @property
    def missed(self) -> NDArray[np.int32]:
        """The contacts on which it was missed."""
        found: NDArray[np.int32] = self.rows[self.at != NEVER]
        return found

    def instants(self, rows: Ints) -> Ints:
        """When it was missed on these contacts, each of which it is about."""
        found: Ints = self.at[np.searchsorted(self.rows, rows)]
        return found


NOTHING = Missed(np.empty(0, np.int32), np.empty(0, np.int64))
"""Of a standard that the home does not have."""


def missed_in(view: View, customers: Ints, columns: dict[str, Any]) -> dict[str, Missed]:
    """Everything that the home's standards and its statutory deadline say of single contacts, by name of the standard.

    customers: the numbers of those in the timeline. columns: `customer` (position in them), `journey_no` and
    `journey_position` of its contacts, sorted by all three.
    """
    tables = dict(_tables(view))
    if not tables or not len(columns["customer"]):
        return {}
    own = _key(columns["customer"], columns["journey_no"], columns["journey_position"])
    return {name: _placed(table, customers, own) for name, table in tables.items()}


def _tables(view: View) -> Iterator[tuple[str, pa.Table]]:
    set_up = read_standards(view.home)
    if set_up is None:
        return
    holds = held(view)
    settled = bool(view.one("select count(*) from journeys where goal_state <> 'open'")[0])
    for standard in set_up.standards:
        if not missing(standard, holds, settled=settled) and (found := missed(view, standard)) is not None:
            yield standard.name, found
    if set_up.complaints and holds["kind"]:
        deadline = chosen_deadline(view.home, *set_up.complaints)
        yield deadline.name, missed_deadlines(view, deadline)


def _placed(table: pa.Table, customers: Ints, own: Ints) -> Missed:
    numbers = table["customer_key"].to_numpy()
    place = np.minimum(np.searchsorted(customers, numbers), len(customers) - 1)
    sought = _key(place, table["journey_no"].to_numpy(), table["journey_position"].to_numpy())
    row = np.minimum(np.searchsorted(own, sought), len(own) - 1)
    there = (customers[place] == numbers) & (own[row] == sought)
    row, at = row[there], table["missed_us"].fill_null(int(NEVER)).to_numpy()[there]
    order = np.argsort(row, kind="stable")
    return Missed(row[order].astype(np.int32), at[order])


def _key(customer: Ints, journey_no: Ints, position: Ints) -> Ints:
    made: Ints = (customer.astype(np.int64) * SPAN + journey_no) * SPAN + position
    return made

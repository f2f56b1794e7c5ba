"""Small groups: who may see figures only sees no row that is one customer's, and no figure that tells of so few."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.compute as pc

from tiesa.app.people.policies import Access
from tiesa.app.people.roles import Right
from tiesa.core.locale import ngettext
from tiesa.core.shown import ShownTable

FEWEST = 5
_COUNTS = ("n", "contacts", "journeys", "customers")
_OF_ONE = ("customer_key", "customer", "case_id", "contact_id")


def fit_for(access: Access, tables: tuple[ShownTable, ...]) -> tuple[ShownTable, ...]:
    """The tables as somebody may see them: whole for who may see single customers, else without small groups."""
    if access.may(Right.SEE_CUSTOMERS):
        return tables
    return tuple(_without_few(table) for table in tables if not set(_OF_ONE) & set(table.data.column_names))


def _without_few(table: ShownTable) -> ShownTable:
    counts = [name for name in _COUNTS if name in table.data.column_names]
    if not counts or not len(table):
        return table
    # None counted is no group: the row says that there is nothing.
    many = pc.or_(pc.equal(table.data[counts[0]], 0), pc.greater_equal(table.data[counts[0]], FEWEST))
    data = table.data.filter(pc.fill_null(many, True))
    if not (hidden := len(table) - data.num_rows):
        return table
    note = ngettext(
        "{n} row of fewer than {few} is not shown, for privacy.",
        "{n} rows of fewer than {few} are not shown, for privacy.",
        hidden,
    ).format(n=hidden, few=FEWEST)
    return replace(table, data=data, note=f"{table.note} {note}".strip())

"""From a figure to what is behind it: the address a row of a table leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from tiesa.app.insight.filters import Filters
from tiesa.app.people.policies import Access
from tiesa.app.people.roles import Right
from tiesa.core.shown import ShownTable

_PARTS = ("touchpoint", "channel", "unit", "journey_type", "product", "segment", "language")


def links(table: ShownTable, filters: Filters, access: Access) -> list[str]:
    """One address per row of a table ("" where nothing is behind it that may be seen): the customer's story where the
    row is one journey, the sheet where it is a moment, else the journeys that the row counts."""
    if not access.may(Right.SEE_CUSTOMERS) and "moment" not in table.data.column_names:
        return [""] * len(table)
    known = [c for c in ("customer_key", "journey_no", "moment", *_PARTS) if c in table.data.column_names]
    rows = table.data.select(known).to_pylist() if known else [{}] * len(table)
    return [_link(row, filters) for row in rows]


def _link(row: Mapping[str, Any], filters: Filters) -> str:
    if row.get("customer_key") is not None:
        anchor = f"#journey-{row['journey_no']}" if row.get("journey_no") is not None else ""
        return reverse("insight:customer", args=[row["customer_key"]]) + anchor
    if row.get("moment") is not None:
        return reverse("moments:sheet", args=[row["moment"]])
    chosen = {part: row[part] for part in _PARTS if isinstance(row.get(part), str)}
    if not chosen:
        return ""
    return reverse("insight:journeys_list") + "?" + urlencode(filters.chosen | chosen)

"""Which journeys an answer is about: a type, a segment, a period, one customer, one unit; and as SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from tiesa.core import formats
from tiesa.core.locale import _
from tiesa.core.scope import EVERYTHING, Scope
from tiesa.engines.duckdb import literal


@dataclass(frozen=True, slots=True)
class Selection:
    """Journeys to look at; what is None does not choose. Period: journeys that began in [since, until).

    journey_type, segment: as the data name them (segment: of the customer's version in force when the journey began).
    unit, channel, product, touchpoint, language: journeys with at least one such contact. customer: the source's own
    id.

    >>> Selection(journey_type="problem solving", unit="north").in_words()
    'journeys of type problem solving, unit north'
    """

    journey_type: str | None = None
    segment: str | None = None
    customer: str | None = None
    unit: str | None = None
    channel: str | None = None
    product: str | None = None
    touchpoint: str | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_everything(self) -> bool:
        return all(getattr(self, f.name) is None for f in fields(self))

    def in_words(self) -> str:
        """What was chosen, for headings and explanations."""
        words = {
            "journey_type": _("journeys of type {x}"),
            "segment": _("segment {x}"),
            "customer": _("customer {x}"),
            "unit": _("unit {x}"),
            "channel": _("channel {x}"),
            "product": _("product {x}"),
            "touchpoint": _("touchpoint {x}"),
            "language": _("language {x}"),
            "since": _("begun from {x}"),
            "until": _("begun before {x}"),
        }
        chosen = []
        for name, sentence in words.items():
            value = getattr(self, name)
            if value is not None:
                chosen.append(sentence.format(x=formats.day(value) if isinstance(value, datetime) else value))
        return ", ".join(chosen) or _("all journeys")


ALL = Selection()
BY_CONTACT = ("unit", "channel", "product", "touchpoint", "language")
"""Parts of a selection that ask for a contact of the journey."""


def conditions(selection: Selection, scope: Scope = EVERYTHING) -> Iterator[str]:
    """SQL conditions on `j` (a row of all_journeys, with `segment` where one is chosen), to be joined by `and`."""
    if selection.journey_type is not None:
        yield f"j.journey_type = {literal(selection.journey_type)}"
    if selection.segment is not None:
        yield f"j.segment = {literal(selection.segment)}"
    if selection.since is not None:
        yield f"j.start_at >= timestamptz {literal(selection.since.isoformat())}"
    if selection.until is not None:
        yield f"j.start_at < timestamptz {literal(selection.until.isoformat())}"
    if selection.customer is not None:
        yield f"j.customer_key in (select customer_key from identities where source_id = {literal(selection.customer)})"
    for column in BY_CONTACT:
        if (value := getattr(selection, column)) is not None:
            yield _has_contact(f"{column} = {literal(value)}")
    if scope.units is not None:
        units = ", ".join(map(literal, sorted(scope.units))) or "null"
        yield _has_contact(f"unit in ({units})")


def _has_contact(condition: str) -> str:
    return f"(j.customer_key, j.journey_no) in (select (customer_key, journey_no) from all_rows where {condition})"

"""Which journeys an answer is about: a type, a segment, a period, one customer, one unit; and as SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from tiesa.core import formats
from tiesa.core.locale import _
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


@dataclass(frozen=True, slots=True)
class Conditions:
    """A selection as SQL, each part to be joined by `and`.

    of_journey: what holds of `j` (a row of all_journeys, with `segment` where one is chosen). of_contact: what can be
    told of their contacts alone (rows of all_rows). suffices: whether that chooses exactly the contacts of these
    journeys, or only leaves out many others before the journeys are looked up.
    """

    of_journey: tuple[str, ...]
    of_contact: tuple[str, ...]
    suffices: bool


def conditions(selection: Selection) -> Conditions:
    """What the journeys of a selection fulfil."""
    told = tuple(_told_by_contacts(selection))
    of_contact = tuple(f"{contact} {test}" for _journey, contact, test in told)
    others = tuple(_told_by_journeys(selection, of_contact))
    of_journey = tuple(f"j.{journey} {test}" for journey, _contact, test in told) + others
    return Conditions(of_journey, of_contact, suffices=not others)


def _told_by_contacts(selection: Selection) -> Iterator[tuple[str, str, str]]:
    """Column of the journey, the same column of its contacts, and what holds of it."""
    if selection.journey_type is not None:
        yield "journey_type", "type_of_journey", f"= {literal(selection.journey_type)}"
    if selection.customer is not None:
        known = f"(select customer_key from identities where source_id = {literal(selection.customer)})"
        yield "customer_key", "customer_key", f"in {known}"
    for instant, sign in ((selection.since, ">="), (selection.until, "<")):
        if instant is not None:
            yield "start_at", "journey_start_at", f"{sign} timestamptz {literal(instant.isoformat())}"


def _told_by_journeys(selection: Selection, of_contact: tuple[str, ...]) -> Iterator[str]:
    if selection.segment is not None:
        yield f"j.segment = {literal(selection.segment)}"
    for column in BY_CONTACT:
        if (value := getattr(selection, column)) is not None:
            yield _has_contact(f"{column} = {literal(value)}", *of_contact)


def _has_contact(*conditions: str) -> str:
    where = " and ".join(conditions)
    return f"(j.customer_key, j.journey_no) in (select (customer_key, journey_no) from all_rows where {where})"

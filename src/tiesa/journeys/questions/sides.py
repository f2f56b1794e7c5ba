"""Whose a contact is, whether it was a conversation, and what a person may look at: as SQL on the rows of a view."""

from __future__ import annotations

from collections.abc import Iterable

from tiesa.engines.duckdb import literal
from tiesa.journeys.channels import ChannelMode
from tiesa.journeys.view import View


def listed(words: Iterable[str]) -> str:
    """Words for `in (...)`; an empty list matches nothing."""
    return ", ".join(map(literal, sorted(words))) or "null"


def of_another(view: View) -> str:
    """SQL: the contact names an organisation that is not us."""
    own = view.rules.own_organisations
    return (
        f"(organisation is not null and organisation not in ({listed(own)}))" if own else "(organisation is not null)"
    )


def ours(view: View) -> str:
    """SQL: a contact with us; not with another organisation, nor at a touchpoint that one answers for."""
    elsewhere = f" and touchpoint not in ({listed(view.rules.third_party)})" if view.rules.third_party else ""
    return f"(not {of_another(view)}{elsewhere})"


def names_of(customers: str) -> str:
    """SQL relation: the sources' own id of the customers of a relation, one each: customer_key, source_id."""
    return (
        "(select customer_key, min(source_id) as source_id from identities "
        f"where customer_key in (select customer_key from {customers}) group by 1)"
    )


def live(view: View, channels: Iterable[str]) -> str:
    """SQL: a conversation, by the channels of the log (`Held.channels`)."""
    return f"(channel in ({listed(c for c in channels if view.rules.channel(c).mode == ChannelMode.LIVE)}))"

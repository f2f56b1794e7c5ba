"""Where somebody may go from every page: only what exists and what they may open."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from tiesa.app.people.policies import Access
from tiesa.app.people.roles import Right
from tiesa.core.locale import _


@dataclass(frozen=True, slots=True)
class Entry:
    """One place: its words, address, the drawing beside it, and whether it is where the reader is."""

    words: str
    address: str
    icon: str
    is_here: bool
    group: str = "work"


def entries(access: Access, request: HttpRequest) -> list[Entry]:
    """The places of the main navigation."""
    match = request.resolver_match
    here = match.view_name if match else ""
    section = (here or "").partition(":")[0] + ":" + (here or "").partition(":")[2].partition("_")[0]
    places = [
        ("insight:today", _("Today"), "today", Right.SEE_FIGURES, "work", ("insight:today",)),
        ("insight:journeys", _("Journeys"), "journeys", Right.SEE_FIGURES, "work", ("insight:journeys",)),
        ("moments:register", _("Moments"), "moments", Right.SEE_FIGURES, "work", ("moments:",)),
        ("insight:customers", _("Customers"), "customers", Right.SEE_CUSTOMERS, "work",
         ("insight:customers", "insight:customer", "insight:brief")),
        ("insight:touchpoints", _("Touchpoints"), "touchpoints", Right.SEE_FIGURES, "work", ("insight:touchpoints",)),
        ("intake:data", _("Data"), "data", Right.IMPORT, "work", ("intake:",)),
        ("insight:rules", _("Rules"), "rules", Right.EDIT_RULES, "house", ("insight:rules",)),
        ("people:list", _("People"), "people", Right.MANAGE_PEOPLE, "house",
         ("people:list", "people:units", "people:invite", "people:person")),
        ("privacy:start", _("Privacy"), "privacy", Right.ERASE, "house", ("privacy:",)),
        ("people:keys", _("Keys"), "keys", Right.MANAGE_KEYS, "house", ("people:keys", "people:key")),
        ("people:audit", _("Audit log"), "audit", Right.READ_AUDIT, "house", ("people:audit",)),
    ]  # fmt: skip
    return [
        Entry(
            words,
            reverse(name),
            icon,
            any(section.startswith(s) or (here or "").startswith(s) for s in sections),
            group,
        )
        for name, words, icon, right, group, sections in places
        if access.may(right)
    ]

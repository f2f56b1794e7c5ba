"""What became of a person's account and roles, oldest last: from the history that every record keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from tiesa.app.people.models import Membership, Person
from tiesa.app.people.roles import Role
from tiesa.core.locale import _


@dataclass(frozen=True, slots=True)
class Change:
    """One change: when, by whom ("" where nobody was signed in), and what, in words."""

    at: datetime
    by: str
    words: str


def history_of(person: Person, *, most: int = 100) -> list[Change]:
    """The latest changes of a person and of their roles."""
    found = [*_of_account(person, most), *_of_roles(person, most)]
    return sorted(found, key=attrgetter("at"), reverse=True)[:most]


def _of_account(person: Person, most: int) -> Iterator[Change]:
    records: list[Any] = list(Person.history.filter(id=person.pk).order_by("-history_date", "-history_id")[:most])
    for now, before in zip(records, [*records[1:], None], strict=True):
        by = str(now.history_user or "")
        if before is None:
            if now.history_type == "+":
                yield Change(now.history_date, by, _("The account was made."))
            continue
        for delta in now.diff_against(before).changes:
            if words := _changed(delta.field, delta.new):
                yield Change(now.history_date, by, words)


def _changed(field: str, new: Any) -> str:
    if field == "is_active":
        return _("The account was switched on.") if new else _("The account was switched off.")
    return {
        "name": _("The name was changed."),
        "email": _("The mail address was changed."),
        "employee": _("The employee number was changed."),
        "language": _("The language was changed."),
    }.get(field, "")


def _of_roles(person: Person, most: int) -> Iterator[Change]:
    records = Membership.history.filter(person_id=person.pk).select_related("history_user", "unit")
    for one in records.order_by("-history_date")[:most]:
        role = Role(one.role).in_words()
        place = ", ".join(str(part) for part in (one.unit, one.process) if part)
        named = f"{role} ({place})" if place else role
        words = {"+": _("Role given: {role}."), "-": _("Role taken away: {role}.")}.get(one.history_type)
        if words:
            yield Change(one.history_date, str(one.history_user or ""), words.format(role=named))

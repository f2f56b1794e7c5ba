"""Units of the organisation as a tree: which there are, which the data name besides, and moving one below another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count

from tiesa.app.people.audit import record
from tiesa.app.people.models import Unit
from tiesa.app.people.work import NotAllowed
from tiesa.core.locale import _


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit at its place in the tree. depth: 0 at the top. people: memberships in this very unit."""

    unit: Unit
    depth: int
    people: int
    is_empty: bool


def tree() -> list[Branch]:
    """All units, each after the one it lies below."""
    units = list(Unit.objects.annotate(people=Count("memberships", distinct=True)))
    below: dict[int | None, list[Any]] = {}
    for unit in units:
        below.setdefault(unit.parent_id, []).append(unit)

    def branches(parent: int | None, depth: int) -> Iterable[Branch]:
        for unit in below.get(parent, ()):
            yield Branch(unit, depth, unit.people, unit.pk not in below and not unit.people)
            yield from branches(unit.pk, depth + 1)

    return list(branches(None, 0))


@transaction.atomic
def add(names: Iterable[str], *, by: Any, parent: Unit | None = None) -> int:
    """Add units by name, below another or at the top; returns how many are new."""
    added = 0
    for name in names:
        plain = name.strip()[:200]
        if plain and Unit.objects.get_or_create(name=plain, defaults={"parent": parent})[1]:
            added += 1
            record(by, "unit.add", about=plain)
    return added


@transaction.atomic
def move(unit: Unit, parent: Unit | None, *, by: Any) -> None:
    """Put a unit below another, or at the top. Raises: NotAllowed where it would lie below itself."""
    above = parent
    while above is not None:
        if above.pk == unit.pk:
            raise NotAllowed(_("A unit cannot lie below itself"))
        above = above.parent
    if unit.parent_id == (parent.pk if parent else None):
        return
    unit.parent = parent
    unit.save(update_fields=["parent"])
    record(by, "unit.move", about=unit.name, below=parent.name if parent else "")


@transaction.atomic
def remove(unit: Unit, *, by: Any) -> None:
    """Remove a unit that nobody belongs to and nothing lies below. Raises: NotAllowed."""
    if unit.children.exists() or unit.memberships.exists() or unit.apikey_set.exists():
        raise NotAllowed(_("Somebody or something belongs to this unit"))
    record(by, "unit.remove", about=unit.name)
    unit.delete()

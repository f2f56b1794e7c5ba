"""Who may do what, and which customers it concerns: the one place that pages, API, exports and jobs ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tiesa.app.people.roles import RIGHTS, Right, Role
from tiesa.core.scope import NOTHING, Scope


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights within units and processes; None: everywhere."""

    rights: frozenset[Right]
    units: frozenset[str] | None = None
    processes: frozenset[str] | None = None

    @property
    def is_everywhere(self) -> bool:
        return self.units is None and self.processes is None


@dataclass(frozen=True, slots=True)
class Access:
    """Everything somebody (a person, a program) may do.

    >>> unit = Access((Grant(RIGHTS[Role.ADVISER], units=frozenset({"north"})),))
    >>> unit.may(Right.SEE_NAMES), unit.may(Right.IMPORT), unit.scope(Right.SEE_FIGURES).units
    (True, False, frozenset({'north'}))
    """

    grants: tuple[Grant, ...] = ()
    roles: tuple[Role, ...] = field(default=(), compare=False)

    def may(self, right: Right) -> bool:
        """Is it allowed for anybody or anything at all?"""
        return any(right in grant.rights for grant in self.grants)

    def scope(self, right: Right) -> Scope:
        """The journeys a right holds for; names only where they may be seen for every one of those journeys."""
        of_right = [grant for grant in self.grants if right in grant.rights]
        if not of_right:
            return NOTHING
        names = all(Right.SEE_NAMES in grant.rights for grant in of_right) or any(
            Right.SEE_NAMES in grant.rights and grant.is_everywhere for grant in of_right
        )
        if any(grant.is_everywhere for grant in of_right):
            return Scope(names=names)
        parts = [Scope(grant.units, grant.processes, names) for grant in of_right]
        unique = tuple(dict.fromkeys(parts))
        return Scope(unique[0].units, unique[0].processes, names, besides=unique[1:])


NOBODY = Access()


def access_of(person: Any) -> Access:
    """What a signed-in person may do, by their memberships; worked out once per request."""
    if person is None or not getattr(person, "is_authenticated", False) or not person.is_active:
        return NOBODY
    if (known := getattr(person, "_access", None)) is not None:
        return known  # type: ignore[no-any-return]
    memberships = list(person.memberships.select_related("unit"))
    below = _units_below() if any(m.unit_id for m in memberships) else {}
    grants = tuple(
        Grant(
            RIGHTS[Role(m.role)],
            units=frozenset(below[m.unit_id]) if m.unit_id else None,
            processes=frozenset({m.process}) if m.process else None,
        )
        for m in memberships
    )
    person._access = Access(grants, tuple(dict.fromkeys(Role(m.role) for m in memberships)))
    return person._access  # type: ignore[no-any-return]


def access_of_key(key: Any) -> Access:
    """What a program may do by its key."""
    units = frozenset(_units_below()[key.unit_id]) if key.unit_id else None
    processes = frozenset({key.process}) if key.process else None
    return Access((Grant(frozenset(map(Right, key.rights)), units, processes),))


def _units_below() -> dict[int, set[str]]:
    """Of each unit: its own name and those of all units below it."""
    from tiesa.app.people.models import Unit

    units = list(Unit.objects.all())
    children: dict[int | None, list[Unit]] = {}
    for unit in units:
        children.setdefault(unit.parent_id, []).append(unit)

    def names(unit: Unit) -> Iterable[str]:
        yield unit.name
        for child in children.get(unit.pk, ()):
            yield from names(child)

    return {unit.pk: set(names(unit)) for unit in units}

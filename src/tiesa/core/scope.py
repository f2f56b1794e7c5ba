"""Who may see what: every library query takes a `Scope` as a filter, so that nothing is filtered afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """What one person may see.

    units, processes: journeys with a contact of one of these units in one of these processes; None: of any.
    names: the source's own customer ids, cases and employees; False: numbers and counts only.
    besides: further parts of the same sight; a journey in any of them is seen (their `names` are not looked at).

    >>> Scope(units=frozenset({"north"}), names=False).sees_everything
    False
    """

    units: frozenset[str] | None = None
    processes: frozenset[str] | None = None
    names: bool = True
    besides: tuple[Scope, ...] = ()

    @property
    def sees_everything(self) -> bool:
        """Is every journey within it?"""
        return any(part.units is None and part.processes is None for part in self.parts())

    def parts(self) -> Iterator[Scope]:
        """The parts whose sum it is."""
        yield self
        yield from self.besides


EVERYTHING = Scope()
NOTHING = Scope(units=frozenset(), names=False)

"""Who may see what: every library query takes a `Scope` as a filter, so that nothing is filtered afterwards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """What one person may see.

    units: journeys in which one of these units took part; None: every journey. names: the source's own customer ids,
    cases and employees; False: numbers and counts only.

    >>> Scope(units=frozenset({"north"}), names=False)
    Scope(units=frozenset({'north'}), names=False)
    """

    units: frozenset[str] | None = None
    names: bool = True


EVERYTHING = Scope()

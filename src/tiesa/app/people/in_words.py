"""What somebody may see and do, in plain words."""

from __future__ import annotations

from tiesa.app.people.policies import Access
from tiesa.app.people.roles import Right
from tiesa.core.locale import _
from tiesa.core.scope import Scope


def may_see(access: Access) -> list[str]:
    """One sentence for each thing somebody may see or do."""
    said = []
    if access.may(Right.SEE_FIGURES):
        said.append(_("You see figures of {where}.").format(where=where(access.scope(Right.SEE_FIGURES))))
    if access.may(Right.SEE_CUSTOMERS):
        scope = access.scope(Right.SEE_CUSTOMERS)
        names = _("with names") if scope.names else _("by number, without names")
        said.append(_("You see single customers of {where}, {names}.").format(where=where(scope), names=names))
    else:
        said.append(_("You see no single customers."))
    if access.may(Right.SEE_WORDS):
        said.append(_("You read what customers wrote, of {where}.").format(where=where(access.scope(Right.SEE_WORDS))))
    for right, words in _doings().items():
        if access.may(right):
            said.append(words)
    return said


def where(scope: Scope) -> str:
    """Which part of the organisation a scope is."""
    if scope.units is None and scope.processes is None:
        return _("the whole organisation")
    parts = [_part(scope.units, scope.processes), *(_part(one.units, one.processes) for one in scope.besides)]
    return _(" and ").join(parts)


def _part(units: frozenset[str] | None, processes: frozenset[str] | None) -> str:
    named = []
    if units is not None:
        named.append(_("the unit {names}").format(names=", ".join(sorted(units))))
    if processes is not None:
        named.append(_("the process {names}").format(names=", ".join(sorted(processes))))
    return ", ".join(named) or _("the whole organisation")


def _doings() -> dict[Right, str]:
    return {
        Right.EXPORT: _("You may export what you see."),
        Right.ANNOTATE: _("You may write notes on what changed."),
        Right.IMPORT: _("You may bring data in, and take them back."),
        Right.EDIT_RULES: _("You may change rules and standards."),
        Right.ERASE: _("You may export and erase everything about one person."),
        Right.MANAGE_PEOPLE: _("You look after people, roles and units."),
        Right.MANAGE_KEYS: _("You look after the keys of programs."),
        Right.MANAGE_INSTALLATION: _("You look after the installation and its jobs."),
        Right.READ_AUDIT: _("You may read the audit log."),
    }

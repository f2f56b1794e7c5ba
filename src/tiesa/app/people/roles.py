"""Roles and what each may do. The one table of rights: pages, API, exports and jobs ask nothing else."""

from __future__ import annotations

from enum import StrEnum

from tiesa.core.locale import _


class Right(StrEnum):
    """Something a person may do; those on customers hold within the membership's unit and process."""

    SEE_FIGURES = "see_figures"
    SEE_CUSTOMERS = "see_customers"
    SEE_NAMES = "see_names"
    SEE_WORDS = "see_words"
    EXPORT = "export"
    ANNOTATE = "annotate"
    IMPORT = "import"
    EDIT_RULES = "edit_rules"
    ERASE = "erase"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_KEYS = "manage_keys"
    MANAGE_INSTALLATION = "manage_installation"
    READ_AUDIT = "read_audit"
    SEND_CONTACTS = "send_contacts"

    @property
    def is_within_scope(self) -> bool:
        """Does it hold for some customers only, those of the membership's unit and process?"""
        return self in _WITHIN


_WITHIN = {Right.SEE_FIGURES, Right.SEE_CUSTOMERS, Right.SEE_NAMES, Right.SEE_WORDS, Right.EXPORT}


class Role(StrEnum):
    """What somebody is in the work on customers' journeys."""

    ADMINISTRATOR = "administrator"
    CX_MANAGER = "cx_manager"
    PROCESS_OWNER = "process_owner"
    ADVISER = "adviser"
    COMMITTEE_MEMBER = "committee_member"
    ANALYST = "analyst"
    VIEWER = "viewer"

    def in_words(self) -> str:
        return _roles()[self][0]

    def meaning(self) -> str:
        """What the role is for, in a sentence."""
        return _roles()[self][1]


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset(
        {Right.SEE_FIGURES, Right.IMPORT, Right.ERASE, Right.MANAGE_PEOPLE, Right.MANAGE_KEYS,
         Right.MANAGE_INSTALLATION, Right.READ_AUDIT}
    ),
    Role.CX_MANAGER: frozenset(
        {Right.SEE_FIGURES, Right.SEE_CUSTOMERS, Right.SEE_NAMES, Right.SEE_WORDS, Right.EXPORT, Right.ANNOTATE,
         Right.IMPORT, Right.EDIT_RULES, Right.ERASE}
    ),
    Role.PROCESS_OWNER: frozenset(
        {Right.SEE_FIGURES, Right.SEE_CUSTOMERS, Right.SEE_NAMES, Right.SEE_WORDS, Right.EXPORT, Right.ANNOTATE}
    ),
    Role.ADVISER: frozenset({Right.SEE_FIGURES, Right.SEE_CUSTOMERS, Right.SEE_NAMES, Right.SEE_WORDS}),
    Role.COMMITTEE_MEMBER: frozenset({Right.SEE_FIGURES}),
    Role.ANALYST: frozenset(
        {Right.SEE_FIGURES, Right.SEE_CUSTOMERS, Right.EXPORT, Right.ANNOTATE, Right.IMPORT, Right.EDIT_RULES}
    ),
    Role.VIEWER: frozenset({Right.SEE_FIGURES}),
}  # fmt: skip

KEY_RIGHTS = (Right.SEND_CONTACTS, Right.SEE_FIGURES, Right.SEE_CUSTOMERS, Right.SEE_NAMES)
"""What the key of a program may be given."""


def _roles() -> dict[Role, tuple[str, str]]:
    return {
        Role.ADMINISTRATOR: (
            _("Administrator"),
            _("Looks after the installation and its people; sees figures, no customers."),
        ),
        Role.CX_MANAGER: (_("CX manager"), _("Sees every journey and customer, imports data, sets rules.")),
        Role.PROCESS_OWNER: (_("Process owner"), _("Sees the journeys and customers of a process.")),
        Role.ADVISER: (_("Adviser"), _("Sees the customers of a unit, and what they sent, before a meeting.")),
        Role.COMMITTEE_MEMBER: (_("Committee member"), _("Sees figures of the whole organisation.")),
        Role.ANALYST: (_("Analyst"), _("Sees journeys without names, imports and exports.")),
        Role.VIEWER: (_("Viewer"), _("Sees figures.")),
    }

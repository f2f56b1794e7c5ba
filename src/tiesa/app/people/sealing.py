"""The audit log in the database itself: nobody changes or removes an entry, whatever program they use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TABLE = "people_auditentry"
TRIGGERS = 2
"""How many there are, on either database."""
SQLITE = (
    f"create trigger people_audit_no_update before update on {TABLE} "
    "begin select raise(abort, 'audit entries are never changed'); end",
    f"create trigger people_audit_no_delete before delete on {TABLE} "
    "begin select raise(abort, 'audit entries are never removed'); end",
)
POSTGRESQL = (
    "create or replace function people_audit_refuse() returns trigger language plpgsql as "
    "$$ begin raise exception 'audit entries are never changed or removed'; end $$",
    f"create trigger people_audit_no_change before update or delete on {TABLE} "
    "for each row execute function people_audit_refuse()",
    f"create trigger people_audit_no_truncate before truncate on {TABLE} "
    "for each statement execute function people_audit_refuse()",
)


def seal_table(vendor: str, execute: Callable[[str], Any]) -> None:
    """Make the triggers. vendor: of the database, as Django calls it. execute: runs one statement there."""
    for sql in POSTGRESQL if vendor == "postgresql" else SQLITE:
        execute(sql)


def unseal_table(vendor: str, execute: Callable[[str], Any]) -> None:
    """Take the triggers away: going back a migration, and tests that empty or tamper with the table."""
    if vendor == "postgresql":
        for name in ("people_audit_no_change", "people_audit_no_truncate"):
            execute(f"drop trigger if exists {name} on {TABLE}")
        execute("drop function if exists people_audit_refuse()")
    else:
        for name in ("people_audit_no_update", "people_audit_no_delete"):
            execute(f"drop trigger if exists {name}")

"""What `tiesa check` finds in the application's database: does the audit log hold? It only reads."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tiesa.app.people.chain import COLUMNS, breaks
from tiesa.app.people.sealing import TABLE, TRIGGERS
from tiesa.core.home import Home
from tiesa.core.locale import _, ngettext
from tiesa.upkeep.findings import Finding, error, warning

_SQL = f"select {', '.join(COLUMNS)} from {TABLE} order by number"


@dataclass(slots=True)
class _Row:
    number: int
    at: datetime
    who: str
    what: str
    about: str
    details: dict[str, Any]
    previous: str
    hash: str


def check_audit(home: Home) -> Iterator[Finding]:
    """Findings about the audit log; none where the home has no application yet."""
    address = os.environ.get("TIESA_DATABASE_URL", "")
    file = home.root / "app" / "tiesa.sqlite3"
    if address:
        yield from _check_postgresql(address)
    elif file.exists():
        yield from _check_sqlite(file)


def _check_sqlite(file: Path) -> Iterator[Finding]:
    where = f"app/{file.name}"
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            if not connection.execute("select 1 from sqlite_master where name = ?", [TABLE]).fetchall():
                return
            triggers = "select count(*) from sqlite_master where type = 'trigger' and tbl_name = ?"
            ((seals,),) = connection.execute(triggers, [TABLE]).fetchall()
            rows = (
                _Row(
                    number, datetime.fromisoformat(at).replace(tzinfo=UTC), who, what, about, json.loads(details), *rest
                )
                for number, at, who, what, about, details, *rest in connection.execute(_SQL)
            )
            yield from _judge(list(breaks(rows)), seals, where)
    except (sqlite3.DatabaseError, ValueError) as failure:
        yield _unreadable(where, failure)


def _check_postgresql(address: str) -> Iterator[Finding]:
    import psycopg

    where = "TIESA_DATABASE_URL"
    try:
        with psycopg.connect(address, connect_timeout=10) as connection:
            connection.read_only = True
            known = connection.execute("select to_regclass(%s) is not null", [TABLE]).fetchone()
            if not known or not known[0]:
                return
            triggers = "select count(*) from pg_trigger where tgrelid = to_regclass(%s) and not tgisinternal"
            counted = connection.execute(triggers, [TABLE]).fetchone()
            with connection.cursor("audit") as cursor:
                found = list(breaks(_Row(*row) for row in cursor.execute(_SQL)))
            yield from _judge(found, counted[0] if counted else 0, where)
    except psycopg.Error as failure:
        yield _unreadable(where, failure)


def _judge(found: list[tuple[int, datetime]], seals: int, where: str) -> Iterator[Finding]:
    if found:
        number, at = found[0]
        line = ngettext(
            "The audit log was changed behind the application's back: the chain breaks at {n:,} entry, first at number "
            "{number} of {at:%Y-%m-%d %H:%M} UTC",
            "The audit log was changed behind the application's back: the chain breaks at {n:,} entries, first at "
            "number {number} of {at:%Y-%m-%d %H:%M} UTC",
            len(found),
        )
        remedy = _("Compare it with a backup; find out who may write to the database")
        yield error("audit-chain", line.format(n=len(found), number=number, at=at), where, remedy)
    if seals < TRIGGERS:
        what = _("The database does not refuse to change the audit log: its triggers are gone")
        yield warning("audit-triggers", what, where, _("Restore the database from a backup"))


def _unreadable(where: str, failure: Exception) -> Finding:
    what = _("The application's database cannot be read ({error})").format(error=failure)
    return error("app-database", what, where, _("Restore it from a backup"))

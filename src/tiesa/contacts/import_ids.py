"""Names of imports, and whether an import stands in the log already: who names it beforehand may begin it again."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from tiesa.contacts.log import ContactLog
from tiesa.core.columns import Table
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _

CLOCKS = timedelta(days=1)
"""Clocks of two machines that write one home may differ by so much."""
_FORM = "%Y%m%d-%H%M%S"
_ID = re.compile(r"(\d{8}-\d{6})-[0-9a-f]{6}")


def new_import_id(at: datetime | None = None) -> str:
    """A name for an import.

    >>> new_import_id(datetime(2026, 9, 30, 12, 5, tzinfo=UTC))[:16]
    '20260930-120500-'
    """
    return f"{(at or datetime.now(UTC)).astimezone(UTC):{_FORM}}-{secrets.token_hex(3)}"


def named_at(import_id: str) -> datetime:
    """When an import was named. Raises WrongUsage where no import can have that name.

    >>> named_at("20260930-120500-a1b2c3")
    datetime.datetime(2026, 9, 30, 12, 5, tzinfo=datetime.timezone.utc)
    """
    found = _ID.fullmatch(import_id)
    try:
        return datetime.strptime(found[1] if found else "", _FORM).replace(tzinfo=UTC)
    except ValueError as error:
        raise WrongUsage(_("An import cannot be called {name}").format(name=repr(import_id))) from error


def standing(log: ContactLog, table: Table, import_id: str) -> dict[str, Any]:
    """The facts of an import in one table of the log; empty where it brought nothing there, or was never made.

    Its commit is younger than its name, so that the log is not read further back than that.
    """
    store, since = log.store(table), (named_at(import_id) - CLOCKS).isoformat()
    for number in range(store.version().number, -1, -1):
        facts = store.facts(number)[0]
        if facts.get("action") == "import" and facts.get("import_id") == import_id:
            return facts
        if str(facts.get("at") or since) < since:
            break
    return {}

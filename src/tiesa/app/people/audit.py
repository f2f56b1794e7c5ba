"""The audit log: who did what, when, about whom. Append-only, each entry sealed with the one before it.

What this gives: an entry that is changed, removed or put in between breaks the chain, and `tiesa check` says where.
What it does not: somebody who rules the database can cut off the end, or write the whole chain anew; keep the last
hash elsewhere (the page shows it, and a backup holds it) to see that too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from tiesa.app.people.chain import FIRST, breaks, seal
from tiesa.app.people.models import AuditEntry

_LOCK = 7_309_453_601


def record(who: Any, what: str, *, about: str = "", **details: Any) -> AuditEntry:
    """Write one entry. who: a person, or the name of a program. Within a transaction it is kept or lost with it."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        last = AuditEntry.objects.order_by("-number").first()
        entry = AuditEntry(
            number=last.number + 1 if last else 1,
            at=timezone.now(),
            who=name_of(who),
            what=what,
            about=str(about)[:200],
            details=details,
            previous=last.hash if last else FIRST,
        )
        entry.hash = seal(entry)
        entry.save(force_insert=True)
    return entry


def name_of(who: Any) -> str:
    """How somebody stands in the log: people by number, so that the log need not change when a name does."""
    if who is None:
        return "nobody"
    if isinstance(who, str):
        return who
    return f"person {who.pk}" if getattr(who, "pk", None) else "nobody"


def broken() -> Iterator[tuple[int, datetime]]:
    """The entries at which the chain does not hold: number and time."""
    return breaks(AuditEntry.objects.order_by("number").iterator(chunk_size=2000))

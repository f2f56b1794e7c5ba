"""What the organisation changed, noted by people: put into the log as any other source would, and taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

import pyarrow as pa
from django.db import transaction

from tiesa.app.people.audit import record
from tiesa.contacts.importing import import_source, undo_import
from tiesa.contacts.log import ContactLog
from tiesa.contacts.mapping import Field, Mapping, TableMapping
from tiesa.contacts.readers import frame_source
from tiesa.core.errors import UnknownImport, WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import CHANGE

SOURCE = "changes page"
LONGEST = 200
_COLUMNS = ("change_id", "what", "live_from", "scope")


@transaction.atomic
def note_change(home: Home, *, what: str, day: str, scope: str, by: Any) -> str:
    """Note that something was changed on a day (YYYY-MM-DD); returns the import's id, by which it can be taken back.

    Raises: WrongUsage where a word is missing or too long, or the day is none.
    """
    what, scope = " ".join(what.split()), " ".join(scope.split())
    if not what or not scope:
        raise WrongUsage(_("Say what was changed, and where it holds"))
    if max(len(what), len(scope)) > LONGEST:
        raise WrongUsage(_("That is too long: {n} letters are enough").format(n=LONGEST))
    try:
        live_from = datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError:
        raise WrongUsage(_("That is no day")) from None
    frame = pa.table(
        {
            "change_id": [uuid4().hex], "what": [what], "scope": [scope],
            "live_from": pa.array([live_from], pa.timestamp("us", tz="UTC")),
        }
    )  # fmt: skip
    mapping = Mapping(source=SOURCE, tables=(TableMapping(CHANGE, {c: Field(columns=(c,)) for c in _COLUMNS}),))
    import_id = import_source(frame_source(frame), home, mapping=mapping, recognised=SOURCE).import_id
    record(by, "change.note", about=import_id, day=day)
    return import_id


@transaction.atomic
def take_back_change(home: Home, import_id: str, *, by: Any) -> None:
    """Take back what `note_change` put in, and nothing else. Raises: UnknownImport."""
    facts = ContactLog(home).store(CHANGE).facts(limit=100_000)
    if not any(f.get("import_id") == import_id and f.get("by") == SOURCE for f in facts):
        raise UnknownImport(_("There is no such entry, or it was taken back already"))
    undo_import(home, import_id)
    record(by, "change.undo", about=import_id)

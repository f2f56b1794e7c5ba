"""What customers agreed or objected to: read from the log's own table, and added to it as any other source would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from tiesa.contacts.importing import import_source, undo_import
from tiesa.contacts.log import ContactLog
from tiesa.contacts.mapping import Field, Mapping, TableMapping
from tiesa.contacts.readers import frame_source
from tiesa.core.enums import ConsentState
from tiesa.core.errors import UnknownImport, WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import CONSENT, PROFILING
from tiesa.engines.duckdb import engine, parquet
from tiesa.upkeep.person import Person
from tiesa.upkeep.privacy_rules import Basis

SOURCE = "privacy page"
ANY_CHANNEL = "all"
_COLUMNS = ("customer", "purpose", "channel", "basis", "state", "at")


@dataclass(frozen=True, slots=True)
class Consent:
    """One entry of the ledger. is_latest: no later one of the same purpose and channel."""

    purpose: str
    channel: str
    basis: str
    state: str
    at: datetime
    source: str
    is_latest: bool


def state_words(state: str) -> str:
    return {"given": _("agreed"), "withdrawn": _("withdrew"), "objected": _("objected")}[state]


def purpose_words(purpose: str) -> str:
    return _("profiling") if purpose == PROFILING else purpose


def ledger_of(home: Home, number: int) -> list[Consent]:
    """What one customer said, newest first."""
    files = [f.path for f in ContactLog(home).files(CONSENT)]
    if not files:
        return []
    with engine(spill=home.spill) as connection:
        rows = connection.execute(
            "select purpose, channel, basis, state, \"at\" at time zone 'UTC', source, row_number() over "
            '(partition by purpose, channel order by "at" desc, recorded_at desc) = 1 '
            f'from {parquet(files)} where customer_key = {int(number)} order by "at" desc, recorded_at desc, purpose'
        ).fetchall()
    return [Consent(p, c, b, s, at.replace(tzinfo=UTC), source, latest) for p, c, b, s, at, source, latest in rows]


def ledger_totals(home: Home) -> list[tuple[str, str, str, int]]:
    """How many customers stand where: purpose, channel, state, customers; the latest word of each counts."""
    files = [f.path for f in ContactLog(home).files(CONSENT)]
    if not files:
        return []
    with engine(spill=home.spill) as connection:
        rows = connection.execute(
            "select purpose, channel, state, count(*) from (select purpose, channel, state, row_number() over "
            '(partition by customer_key, purpose, channel order by "at" desc, recorded_at desc) as n '
            f"from {parquet(files)}) where n = 1 group by all order by 1, 2, 3"
        ).fetchall()
    return [(str(p), str(c), str(s), int(n)) for p, c, s, n in rows]


def add_consent(home: Home, person: Person, *, purpose: str, channel: str, basis: str, state: str, at: datetime) -> str:
    """Put what somebody said into the log; returns the import's id, by which it can be taken back.

    Raises: WrongUsage where a word is missing or none of those there are, or the customer is erased.
    """
    if not person.source_id:
        raise WrongUsage(_("This customer is erased"))
    if not purpose.strip() or not channel.strip():
        raise WrongUsage(_("Say for which purpose and by which way"))
    if state not in set(ConsentState) or basis not in set(Basis):
        raise WrongUsage(_("That is no basis or state"))
    frame = pa.table(
        {
            "customer": [person.source_id], "purpose": [purpose.strip()], "channel": [channel.strip()],
            "basis": [basis], "state": [state], "at": pa.array([at], pa.timestamp("us", tz="UTC")),
        }
    )  # fmt: skip
    fields = {column: Field(columns=(column,)) for column in _COLUMNS}
    mapping = Mapping(source=SOURCE, customers=person.source, tables=(TableMapping(CONSENT, fields),))
    return import_source(frame_source(frame), home, mapping=mapping, recognised=SOURCE).import_id


def undo_consent(home: Home, import_id: str) -> None:
    """Take back what `add_consent` put in, and nothing else. Raises: UnknownImport."""
    facts = ContactLog(home).store(CONSENT).facts(limit=100_000)
    if not any(f.get("import_id") == import_id and f.get("by") == SOURCE for f in facts):
        raise UnknownImport(_("There is no such entry, or it was taken back already"))
    undo_import(home, import_id)

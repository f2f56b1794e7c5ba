"""Checks of what the tables say together: keys, evidence, customers, words, rates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tiesa.contacts.log import ContactLog
from tiesa.core.columns import Table
from tiesa.core.errors import TiesaError
from tiesa.core.home import Home
from tiesa.core.locale import _, ngettext
from tiesa.core.tables import ANSWER, CONTACT, IMPORTABLE, RATE
from tiesa.engines.duckdb import columns_of, count, parquet
from tiesa.engines.store import StoredFile
from tiesa.journeys.evidence import evidence
from tiesa.upkeep.check_files import Known
from tiesa.upkeep.findings import Finding, error, warning
from tiesa.upkeep.past import EVIDENCE

if TYPE_CHECKING:
    import duckdb


def check_keys(connection: duckdb.DuckDBPyConnection, table: Table, known: Known) -> Iterator[Finding]:
    """Does every key stand once among the rows that hold? Is every rate one that can be used?"""
    latest = known.latest(table.plural)
    files = _paths(latest.current()) if latest else []
    if not files:
        return
    twice = count(
        connection,
        f"select count(*) from (select 1 from {parquet(files)} group by {columns_of(table.key)} having count(*) > 1)",
    )
    if twice:
        what = ngettext("{n:,} row stands more than once", "{n:,} rows stand more than once", twice)
        yield error("key-twice", what.format(n=twice), table.plural, _("Undo the import that brought it again"))
    if table is RATE and (
        bad := count(connection, f"select count(*) from {parquet(files)} where not coalesce(rate > 0, false)")
    ):
        what = ngettext("{n:,} exchange rate is not above 0", "{n:,} exchange rates are not above 0", bad)
        remedy = _("Import the right rates (`tiesa import FILE --as rate`)")
        yield error("rate", what.format(n=bad), table.plural, remedy)


def check_evidence(connection: duckdb.DuckDBPyConnection, home: Home, number: int, known: Known) -> Iterator[Finding]:
    """Do rows, journeys, contacts and rules of an evidence number fit together?"""
    where, again = _("evidence {n}").format(n=number), _("Build anew: `tiesa build --full`")
    for folder, linked in known.pasts[EVIDENCE].links[number].items():
        if folder in known.damaged:
            return
        if folder not in known.pasts or linked > known.pasts[folder].latest:
            what = _("It was made of version {n} of {table}, which is not there").format(n=linked, table=folder)
            yield error("evidence-link", what, where, _("Restore the home from a backup (`tiesa restore`)"))
            return
    if not known.is_whole(EVIDENCE, "journeys", "contacts"):
        return
    found = evidence(home, number)
    try:
        found.rules  # noqa: B018  reading them is the check
    except TiesaError as fault:
        yield error("evidence-rules", fault.what, where, again)
    rows = count(connection, f"select count(*) from {found.rows_sql}")
    counted = count(connection, f"select coalesce(sum(contacts), 0) from {found.journeys_sql}")
    contacts = known.versions["contacts"][found.contacts_version].rows_of(None)
    if not rows == counted == contacts:
        what = _("It has {rows:,} rows, its journeys count {counted:,} and the log had {contacts:,}")
        yield error("evidence-counts", what.format(rows=rows, counted=counted, contacts=contacts), where, again)


def check_customers(connection: duckdb.DuckDBPyConnection, home: Home, known: Known) -> Iterator[Finding]:
    """Is there one identity, or what stands in its place, for each customer number, without a gap?"""
    if "private/identities" in known.damaged:
        return
    latest = known.latest("private/identities")
    identities = _paths(latest.files) if latest else []
    where, again = "private/identities", _("Restore the home from a backup (`tiesa restore`)")
    missing = False
    for table in IMPORTABLE:
        files = _paths(found.files) if "customer_key" in table and (found := known.latest(table.plural)) else []
        if not files:
            continue
        named = f"(select distinct customer_key from {parquet(files)} where customer_key is not null)"
        held = f"(select customer_key from {parquet(identities)})" if identities else "(select -1 as customer_key)"
        if unknown := count(connection, f"select count(*) from {named} anti join {held} using (customer_key)"):
            missing = True
            what = ngettext("{n:,} customer has no identity", "{n:,} customers have no identity", unknown)
            yield error("identity-missing", what.format(n=unknown), table.plural, again)
    if not identities:
        return
    n, keys, ids, highest = connection.execute(
        "select count(*), count(distinct customer_key), count(distinct (source, source_id)), max(customer_key) "
        f"from {parquet(identities)}"
    ).fetchall()[0]
    if not n == keys == ids:
        yield error("identity-twice", _("A customer or a number stands more than once"), where, again)
    elif highest != n - 1 and not missing:
        what = _("The numbers of customers have gaps: {n:,} customers, highest number {highest:,}")
        yield error("identity-gap", what.format(n=n, highest=highest), where, again)


def check_words(connection: duckdb.DuckDBPyConnection, home: Home, known: Known) -> Iterator[Finding]:
    """Do the words belong to contacts and answers of the log?"""
    latest = known.latest("private/texts")
    words = _paths(latest.files) if latest else []
    if not words or "contacts" in known.damaged or "answers" in known.damaged:
        return
    log, lost = ContactLog(home), 0
    for table in (CONTACT, ANSWER):
        files = _paths(log.store(table).version().files)
        held = f"(select source, {table.id_column} from {parquet(files, table)})"
        lost += count(
            connection,
            f"select count(*) from (from {parquet(words)} where {table.id_column} is not null) anti join {held} "
            f"using (source, {table.id_column})",
        )
    if lost:
        what = ngettext(
            "{n:,} text belongs to no contact or answer", "{n:,} texts belong to no contact or answer", lost
        )
        remedy = _("An import was broken off: send its file again")
        yield warning("text-alone", what.format(n=lost), "private/texts", remedy)


def _paths(files: tuple[StoredFile, ...]) -> list[str]:
    return [str(f.path) for f in files]

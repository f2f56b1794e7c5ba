"""Whom new contacts touch: the customers whose journeys must be made anew, and all their contacts.

A customer is touched when one of their contacts came, went or was corrected since an earlier version of the log, when
one of their numbers was joined with others or parted from them, or when they share a case with such a contact (a case
belongs to its first customer, and who that is may have changed).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tiesa.core.tables import CONTACT, JOURNEY
from tiesa.engines.duckdb import columns_of, count, parquet
from tiesa.engines.store import StoredFile, Version
from tiesa.journeys.evidence import Evidence
from tiesa.journeys.feed import settle_cases
from tiesa.journeys.joining.links import PERSONS, of_persons, read_persons

if TYPE_CHECKING:
    import duckdb

WORK = "contacts_of_touched"
_CHANGED = "customer_key, source, case_id"


def find_touched(
    connection: duckdb.DuckDBPyConnection,
    then: Version,
    now: Version,
    *,
    joins: tuple[Version | None, Version],
    journeys: str,
) -> None:
    """Fill the temp table `touched` (customer_key) with everybody touched between two versions of the log.

    Args: joins: as they stood then and stand now; the connection reads through those of now afterwards.
    journeys: SQL of the journeys as they stood then; they know whose each case was.
    The files of both versions must still be there.
    """
    files, earlier = ({f.relative: f for f in version.current()} for version in (now, then))
    came = [f for name, f in files.items() if name not in earlier]
    went = [f for name, f in earlier.items() if name not in files]
    connection.execute(f"create or replace temp table changed as {_changed_rows(came, went)}")
    if read_persons(connection, joins[0]):
        connection.execute(f"create or replace temp table persons_then as from {PERSONS}")
    else:
        connection.execute("create or replace temp table persons_then (customer_key bigint, person_key bigint)")
    is_joined = read_persons(connection, joins[1])
    if not is_joined:
        connection.execute(f"create or replace temp table {PERSONS} (customer_key bigint, person_key bigint)")
    if (joins[0].number if joins[0] else 0) != max(joins[1].number, 0):
        _changed_persons(connection, now)
    connection.execute(
        f"create or replace temp table touched as select customer_key from {of_persons('changed', 'persons_then')} "
        f"union select customer_key from {of_persons('changed')}"
    )
    if count(connection, "select count(*) from changed where case_id is not null"):
        cases = "(select distinct source, case_id from changed where case_id is not null)"
        _touch_too(connection, f"{journeys} semi join {cases} using (source, case_id)")


def _changed_persons(connection: duckdb.DuckDBPyConnection, now: Version) -> None:
    """The contacts of every number that is another person's now, or with whom others were joined or parted."""
    connection.execute(
        "create or replace temp table other_persons as select customer_key, person_key from persons_then "
        f"except select customer_key, person_key from {PERSONS}"
    )
    connection.execute(
        f"insert into other_persons select customer_key, person_key from {PERSONS} "
        "except select customer_key, person_key from persons_then"
    )
    numbers = "(select customer_key from other_persons union select person_key from other_persons)"
    files = parquet([f.path for f in now.current()], CONTACT)
    connection.execute(f"insert into changed select {_CHANGED} from {files} semi join {numbers} using (customer_key)")


def find_gone(connection: duckdb.DuckDBPyConnection, before: Evidence) -> list[int]:
    """Customers of base who have no contact now: those touched whom `gather` found no contact of, and earlier ones."""
    earlier = f" union select unnest([{', '.join(map(str, before.gone))}]::bigint[])" if before.gone else ""
    rows = connection.execute(
        f"select customer_key from (select customer_key from touched{earlier}) "
        f"anti join {WORK} using (customer_key) "
        f"semi join {parquet(before.journeys, JOURNEY)} using (customer_key) order by 1"
    ).fetchall()
    return [int(key) for (key,) in rows]


def _touch_too(connection: duckdb.DuckDBPyConnection, customers: str) -> None:
    connection.execute(
        f"insert into touched select distinct customer_key from {customers} where customer_key not in (from touched)"
    )


def _changed_rows(came: Sequence[StoredFile], went: Sequence[StoredFile]) -> str:
    """Rows that stand in one version only; what was merely written anew beside them stands in both."""
    identity = f"source, contact_id, import_id, {_CHANGED.replace('source, ', '')}"
    new, old = (f"(select {identity} from {parquet([f.path for f in files], CONTACT)})" for files in (came, went))
    if not went:
        return f"select {_CHANGED} from {new}"
    return f"select {_CHANGED} from (from ({new} except all {old}) union all from ({old} except all {new}))"


def gather(
    connection: duckdb.DuckDBPyConnection, now: Version, filled: set[str], *, cases_span: bool
) -> tuple[int, int]:
    """Fill the temp table WORK with all contacts of the touched.

    Args: filled: columns that hold anything. cases_span: some case of the log names several customers; then the owners
    of all such cases are settled first, else only touched customers can share one.
    Returns: how many contacts, and how many cases were settled.
    """
    columns = [c for c in CONTACT.names if c in filled]
    connection.execute(
        "create or replace temp table touched_numbers as from touched "
        f"union select p.customer_key from {PERSONS} p semi join touched t on t.customer_key = p.person_key"
    )
    source, owner, settled = of_persons(f"(from {_rows(now)} semi join touched_numbers using (customer_key))"), "", 0
    if cases_span:
        source = of_persons(_rows(now))
    if cases_span and (settled := settle_cases(connection, source)):
        _touch_too(connection, "case_owner semi join changed using (source, case_id)")
        columns.remove("customer_key")
        owner = "coalesce(o.customer_key, c.customer_key) as customer_key, "
        source = f"{source} c left join case_owner o on o.source = c.source and o.case_id = c.case_id"
    select = f"select {owner}{columns_of(columns, 'c.' if owner else '')} from {source}"
    connection.execute(
        f"create or replace temp table {WORK} as select * from ({select}) semi join touched using (customer_key)"
    )
    return count(connection, f"select count(*) from {WORK}"), settled


def _rows(version: Version) -> str:
    return parquet([f.path for f in version.current()], CONTACT)

"""Whom new contacts touch: the customers whose journeys must be made anew, and all their contacts.

A customer is touched when one of their contacts came, went or was corrected since an earlier version of the log, or
when they share a case with such a contact (a case belongs to its first customer, and who that is may have changed).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tiesa.core.tables import CONTACT
from tiesa.engines.duckdb import columns_of, count, parquet
from tiesa.engines.store import StoredFile, Version
from tiesa.journeys.feed import settle_cases

if TYPE_CHECKING:
    import duckdb

WORK = "contacts_of_touched"
_CHANGED = "customer_key, source, case_id"


def find_touched(connection: duckdb.DuckDBPyConnection, then: Version, now: Version, *, journeys: str) -> int:
    """Fill the temp table `touched` (customer_key) with everybody touched between two versions of the log.

    Args: journeys: SQL of the journeys as they stood then; they know whose each case was.
    Returns: how many. The files of both versions must still be there.
    """
    files, earlier = ({f.relative: f for f in version.current()} for version in (now, then))
    came = [f for name, f in files.items() if name not in earlier]
    went = [f for name, f in earlier.items() if name not in files]
    connection.execute(f"create or replace temp table changed as {_changed_rows(came, went)}")
    connection.execute("create or replace temp table touched as select distinct customer_key from changed")
    if count(connection, "select count(*) from changed where case_id is not null"):
        cases = "(select distinct source, case_id from changed where case_id is not null)"
        _touch_too(connection, f"{journeys} semi join {cases} using (source, case_id)")
    return count(connection, "select count(*) from touched")


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
    source, owner, settled = _rows(now), "", 0
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

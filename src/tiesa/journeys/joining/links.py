"""The table of joins: which numbers are one person, which are not, and the reading of the log through it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tiesa.contacts.private import write
from tiesa.core.enums import JoinReason, JoinState
from tiesa.core.home import Home
from tiesa.core.tables import JOIN
from tiesa.engines.duckdb import count, parquet
from tiesa.engines.store import NewFile, Store, Version

if TYPE_CHECKING:
    import duckdb

FOLDER = "joins"
MEMBERS = "members"
"""The partition that holds each number that is not its person's lowest, with that one."""
PERSONS = "persons_of_numbers"
"""The temp table (customer_key, person_key) of a connection that reads the log through the joins."""


@dataclass(frozen=True, slots=True)
class Link:
    """What is said of two numbers, low < high."""

    low: int
    high: int
    state: JoinState
    reason: JoinReason
    said_by: str
    at: datetime

    @property
    def pair(self) -> tuple[int, int]:
        return self.low, self.high


def join_store(home: Home) -> Store:
    return Store(home.root / FOLDER, JOIN.schema, "part")


def links_of(version: Version) -> list[Link]:
    """Everything that is said in a version of the joins, in order of the pairs."""
    rows = [row for f in version.current() for row in pq.read_table(f.path, partitioning=None).to_pylist()]
    found = [
        Link(
            row["customer_key"],
            row["other_key"],
            JoinState(row["state"]),
            JoinReason(row["reason"]),
            row["said_by"],
            row["at"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda link: link.pair)


def write_links(
    connection: duckdb.DuckDBPyConnection, store: Store, links: Iterable[Link], persons: dict[int, int]
) -> list[NewFile]:
    """The files of a new version: the links, and the members that follow from them (number -> its person's lowest)."""
    every = sorted(links, key=lambda link: link.pair)
    since = {number: link.at for link in every if link.state == JoinState.JOINED for number in link.pair}
    members = [
        Link(number, person, JoinState.JOINED, JoinReason.PERSON, "", since[number])
        for number, person in sorted(persons.items())
        if number != person
    ]
    return [
        *_written(connection, store, every, None),
        *_written(connection, store, members, MEMBERS),
    ]


def _written(
    connection: duckdb.DuckDBPyConnection, store: Store, links: Sequence[Link], partition: str | None
) -> list[NewFile]:
    columns = {
        "customer_key": [link.low for link in links],
        "other_key": [link.high for link in links],
        "state": [link.state.value for link in links],
        "reason": [link.reason.value for link in links],
        "said_by": [link.said_by for link in links],
        "at": [link.at for link in links],
    }
    connection.register("links_to_write", pa.table(columns, schema=JOIN.schema))
    try:
        return write(connection, store, "from links_to_write", partition=partition)
    finally:
        connection.unregister("links_to_write")


def read_persons(connection: duckdb.DuckDBPyConnection, version: Version | None) -> bool:
    """Fill the temp table PERSONS from a version of the joins; False where nobody is joined, and there is none then."""
    files = [f.path for f in version.current(MEMBERS)] if version else []
    if not files:
        return False
    connection.execute(
        f"create or replace temp table {PERSONS} as select customer_key, other_key as person_key from {parquet(files)}"
    )
    return count(connection, f"select count(*) from {PERSONS}") > 0


def of_persons(sql: str, table: str = PERSONS) -> str:
    """SQL of the same rows with the person's number in place of the customer's (see `read_persons`)."""
    return (
        f"(select r.* replace (coalesce(p.person_key, r.customer_key) as customer_key) from {sql} r "
        f"left join {table} p on p.customer_key = r.customer_key)"
    )


def joins_at(home: Home, number: int | None) -> Version | None:
    """The joins that evidence was made with; None: there were none."""
    return join_store(home).version(number) if number else None


def numbers_of(version: Version | None, customer_key: int) -> tuple[int, ...]:
    """All numbers of the person that a number belongs to, the lowest first."""
    files = version.current(MEMBERS) if version else ()
    if not files:
        return (customer_key,)
    columns = ["customer_key", "other_key"]
    members = pa.concat_tables(pq.read_table(f.path, columns=columns, partitioning=None) for f in files)
    own = members.filter(pc.equal(members["customer_key"], customer_key))
    person = own["other_key"][0].as_py() if len(own) else customer_key
    others = members.filter(pc.equal(members["other_key"], person))["customer_key"].to_pylist()
    return (person, *sorted(others))

"""What is taken out: contacts and journeys of one evidence number, as views, a range of customers at a time.

Costs leave as the source stated them, in their own currency: a build converts them to the home currency, and a reader
who converts again would count twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from tiesa.contacts.log import ContactLog
from tiesa.contacts.private import Private
from tiesa.core.columns import ATTRIBUTES, INSTANT, TEXT, Column, Table
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT, IDENTITY, JOURNEY, JOURNEY_CONTACT
from tiesa.engines.duckdb import count, engine, name, parquet
from tiesa.journeys.evidence import Evidence, evidence
from tiesa.journeys.joining.links import joins_at, of_persons, read_persons
from tiesa.reports.writing import FORBIDDEN

if TYPE_CHECKING:
    import duckdb

ROWS_AT_ONCE = 100_000
ATTRIBUTE = "attributes."
"""Before the name of what else the source says, where each has a place of its own."""
ORDER = "customer_key, journey_no, journey_position"
_NUMBERED = "'#' || r.customer_key"
_MACROS = rf"""
create macro clean(t) as case when regexp_matches(t, '{FORBIDDEN}')
    then regexp_replace(t, '{FORBIDDEN}', chr(65533), 'g') else t end;
create macro xml(t) as case when regexp_matches(t, '[&<>"\t\r\n]')
    then replace(replace(replace(replace(replace(replace(replace(t, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
        '"', '&quot;'), chr(9), '&#9;'), chr(10), '&#10;'), chr(13), '&#13;') else t end;
create macro stamp(t) as case when epoch_us(t) % 1000 = 0
    then strftime(t, '%Y-%m-%dT%H:%M:%S.%g+00:00') else strftime(t, '%Y-%m-%dT%H:%M:%S.%f+00:00') end;
create macro id_part(t) as replace(replace(t, '%', '%25'), ':', '%3A');
"""


@dataclass(frozen=True, slots=True)
class LogView:
    """An open log. `connection` has the views `contacts` (contract columns, what the build found, `customer`) and
    `journeys`; `customer` is the source's own id where `named`, else `#` and the number.

    attribute_names: of all contacts, sorted. empty: columns (of either view) without any value.
    """

    connection: duckdb.DuckDBPyConnection
    evidence: Evidence
    named: bool
    contacts: int
    journeys: int
    customers: int
    attribute_names: tuple[str, ...]
    empty: frozenset[str]

    def filled(self, table: Table) -> tuple[Column, ...]:
        """The columns of contacts or journeys that hold something, or always would."""
        return tuple(c for c in table.columns if not c.null or f"{table.name}.{c.name}" not in self.empty)

    def ranges(self) -> Iterator[str]:
        """SQL conditions that part the customers, in order, into pieces of some ROWS_AT_ONCE contacts each."""
        bounds = self.connection.execute(
            f"select min(customer_key), max(customer_key) from (select customer_key, "
            f"(sum(n) over (order by customer_key) - n) // {ROWS_AT_ONCE} as piece from "
            "(select customer_key, count(*) as n from contacts group by 1)) group by piece order by 1"
        ).fetchall()
        yield from (f"customer_key between {low} and {high}" for low, high in bounds)

    def unprintable(self, *tables: Table) -> int:
        """How many values hold a character that XML forbids."""
        found = 0
        for table in tables:
            texts = [f"{name(c.name)}::varchar" for c in self.filled(table) if c.type in (TEXT, ATTRIBUTES)]
            each = " + ".join(f"coalesce(regexp_matches({t}, '{FORBIDDEN}'), false)::int" for t in texts)
            found += count(self.connection, f"select coalesce(sum({each}), 0)::bigint from {VIEWS[table]}")
        return found


VIEWS = {JOURNEY_CONTACT: "contacts", JOURNEY: "journeys"}


@contextmanager
def open_log(home: Home, *, version: int | None, selection_sql: str | None, names: bool) -> Iterator[LogView]:
    """Open what an evidence number names. selection_sql: a query of (customer_key, journey_no) of the journeys
    wanted, else all. Raises EmptyHome before the first build."""
    view = evidence(home, version)
    with engine(spill=home.spill, ordered=True) as connection:
        connection.execute(_MACROS)
        connection.execute(f"create view all_rows as from {view.rows_sql}")
        connection.execute(f"create view all_journeys as from {view.journeys_sql}")
        cost, stated = _stated_costs(connection, home, view)
        customer, named = _customers(connection, home, view) if names else (_NUMBERED, "")
        chosen = ""
        if selection_sql is not None:
            connection.execute(f"create temp table chosen as {selection_sql}")
            chosen = " semi join chosen using (customer_key, journey_no)"
        connection.execute(
            f"create view contacts as select r.* replace ({cost} as cost), {customer} as customer "
            f"from (from all_rows{chosen}) r{stated}{named}"
        )
        connection.execute(
            f"create view journeys as select r.*, {customer} as customer from (from all_journeys{chosen}) r{named}"
        )
        yield _described(connection, view, names)


def _stated_costs(connection: duckdb.DuckDBPyConnection, home: Home, view: Evidence) -> tuple[str, str]:
    """SQL of a contact's cost as stated, and the join it needs; nothing to join where no cost has a currency."""
    files = [f.path for f in ContactLog(home).files(CONTACT, view.contacts_version)]
    stated = f"(select source, contact_id, cost from {parquet(files, CONTACT)} where cost is not null"
    stated += " and currency is not null)"
    if not count(connection, f"select count(*) from {stated}"):
        return "r.cost", ""
    join = f" left join {stated} stated on stated.source = r.source and stated.contact_id = r.contact_id"
    return "coalesce(stated.cost, r.cost)", join


def _customers(connection: duckdb.DuckDBPyConnection, home: Home, view: Evidence) -> tuple[str, str]:
    """SQL of the source's own id of a customer (the first of several), and the join it needs. An erased customer keeps
    the number."""
    known = parquet([f.path for f in Private(home).identities.version().current()], IDENTITY)
    if read_persons(connection, joins_at(home, view.joins_version)):
        known = of_persons(known)
    ids = f"(select customer_key, min(source_id) as id from {known} group by 1)"
    return f"coalesce(ids.id, {_NUMBERED})", f" left join {ids} ids using (customer_key)"


def _described(connection: duckdb.DuckDBPyConnection, view: Evidence, named: bool) -> LogView:
    empty, counts = set(), {}
    for table, source in VIEWS.items():
        held = connection.execute(
            f"select count(*), {', '.join(f'count({name(c)})' for c in table.names)} from {source}"
        ).fetchall()[0]
        counts[table] = held[0]
        empty |= {f"{table.name}.{c}" for c, n in zip(table.names, held[1:], strict=True) if not n}
    keys = connection.execute(
        "select distinct unnest(map_keys(attributes)) as k from contacts where cardinality(attributes) > 0 order by k"
    ).fetchall()
    return LogView(
        connection,
        view,
        named,
        counts[JOURNEY_CONTACT],
        counts[JOURNEY],
        count(connection, "select count(distinct customer_key) from journeys"),
        tuple(k for (k,) in keys),
        frozenset(empty),
    )


def kind_of(kind: pa.DataType) -> str:
    """What a type is to other programs: text, instant, integer, decimal, float, boolean or other."""
    if kind == TEXT or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    if kind == INSTANT:
        return "instant"
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_decimal(kind):
        return "decimal"
    if pa.types.is_floating(kind):
        return "float"
    return "boolean" if pa.types.is_boolean(kind) else "other"

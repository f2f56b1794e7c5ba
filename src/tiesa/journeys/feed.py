"""The log, sorted for the kernel: one stream of Arrow batches, words as dictionaries, costs in home currency.

Columns that hold nothing in the whole log are left out of the sort (the kernel takes a missing column for null). A
case belongs to one customer, its first: which one that is, is settled here, where all rows of the case are at hand,
so that it does not depend on how and in which order files came in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tiesa.core.columns import TEXT
from tiesa.core.tables import CONTACT, JOURNEY_CONTACT, RATE
from tiesa.engines.duckdb import count, literal, name, parquet
from tiesa.engines.store import StoredFile
from tiesa.journeys.exchange import dated_rates

if TYPE_CHECKING:
    import duckdb

BATCH_ROWS = 500_000
SORTED_BY = ("customer_key", "occurred_at", "source", "position", "contact_id")
_FREE_TEXT = ("contact_id", "reply_to", "case_id")
"""Columns with (almost) as many words as rows; the others become dictionaries."""
_KEPT = tuple(c for c in JOURNEY_CONTACT.names if c in CONTACT)


@dataclass(frozen=True, slots=True)
class Feed:
    """The sorted stream and what was noticed while it was made."""

    batches: Iterator[pa.RecordBatch]
    moved_cases: int
    unrated: dict[str, int]


def sorted_contacts(
    connection: duckdb.DuckDBPyConnection, source: str, filled: set[str], rates: Sequence[StoredFile], *, currency: str
) -> Feed:
    """The rows of a relation in kernel order, with customers of cases settled and costs in `currency`.

    Args: source: SQL of contacts, all of every case. filled: columns that hold anything (see filled_columns).
    """
    moved = settle_cases(connection, source) if "case_id" in filled else 0
    unrated = _convert(connection, source, [f.path for f in rates], currency) if {"cost", "currency"} <= filled else {}
    joins = ""
    expressions = {c: f"c.{name(c)}" for c in _KEPT if c in filled}
    if moved:
        joins += " left join case_owner o on o.source = c.source and o.case_id = c.case_id"
        expressions["customer_key"] = "coalesce(o.customer_key, c.customer_key)"
    if "converted" in _tables(connection):
        joins += " left join converted k on k.source = c.source and k.contact_id = c.contact_id"
        expressions["cost"] = "case when k.contact_id is null then c.cost else k.cost end"
    for column in expressions:
        if CONTACT[column].type == TEXT and column not in _FREE_TEXT:
            _words(connection, source, column)
            expressions[column] = f"{expressions[column]}::{name('words ' + column)}"
    select = ", ".join(f"{sql} as {name(column)}" for column, sql in expressions.items())
    order = ", ".join(SORTED_BY[:3]).replace("source", "c.source") + ", position, c.contact_id"
    order = order.replace("customer_key", expressions["customer_key"], 1)
    reader = connection.sql(f"select {select} from {source} c{joins} order by {order}").to_arrow_reader(BATCH_ROWS)
    return Feed(iter(reader), moved, unrated)


def filled_columns(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> set[str]:
    """Columns with at least one value in some file, by the files' own statistics; unsure counts as filled."""
    listed = ", ".join(literal(str(f)) for f in files)
    empty = connection.execute(
        "select path_in_schema from (select path_in_schema, "
        "bool_and(coalesce(stats_null_count = num_values, false)) as empty "
        f"from parquet_metadata([{listed}]) group by 1) where empty"
    ).fetchall()
    gone = {path.split(",")[0] for (path,) in empty}
    return {c for c in CONTACT.names if c not in gone}


def settle_cases(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    """Fill case_owner (source, case_id, customer_key) for cases that name several customers; returns how many."""
    connection.execute(
        f"create or replace temp table case_owner as select source, case_id, "
        "arg_min(customer_key, row(occurred_at, position, contact_id)) as customer_key "
        f"from {source} where case_id is not null and hash(source, case_id) in (select h from (select hash(source, "
        "case_id) as h, "
        f"min(customer_key) as low, max(customer_key) as high from {source} where case_id is not null group by 1) "
        "where low <> high) group by source, case_id having min(customer_key) <> max(customer_key)"
    )
    return count(connection, "select count(*) from case_owner")


def _convert(
    connection: duckdb.DuckDBPyConnection, source: str, rates: Sequence[object], currency: str
) -> dict[str, int]:
    """Fill `converted` (source, contact_id, cost) for costs in other currencies; returns contacts without a rate."""
    foreign = f"{source} where cost is not null and currency is not null and currency <> {literal(currency)}"
    if not count(connection, f"select count(*) from {foreign}"):
        return {}
    known = parquet([str(f) for f in rates], RATE)
    connection.execute(
        f"create or replace temp table converted as with dated as ({dated_rates(known, currency)}) "
        "select f.source, f.contact_id, f.currency, (f.cost * r.rate)::decimal(18,4) as cost from "
        f"(select source, contact_id, currency, cost, occurred_at::date as day from {foreign}) f "
        "asof left join dated r on r.currency = f.currency and r.date <= f.day"
    )
    rows = connection.execute(
        "select currency, count(*) from converted where cost is null group by 1 order by 1"
    ).fetchall()
    return dict(rows)


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()}


def _words(connection: duckdb.DuckDBPyConnection, source: str, column: str) -> None:
    """An enum of the column's words: a word sorts and travels as a number."""
    connection.execute(
        f"create or replace type {name('words ' + column)} as enum "
        f"(select distinct {name(column)} from {source} where {name(column)} is not null order by 1)"
    )

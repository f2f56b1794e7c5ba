"""Looks into a home, as a reader does: what the log holds, whether an evidence is whole, whether two homes agree."""

from __future__ import annotations

import hashlib
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from tests.crash.story import expected

from tiesa.contacts.log import ContactLog
from tiesa.core.home import Home
from tiesa.core.tables import ANSWER, CONTACT, IDENTITY, WORDS
from tiesa.engines.duckdb import parquet
from tiesa.journeys.evidence import evidence

_OF_THE_HOME = ("customer_key", "import_id", "recorded_at", "contact_id", "answered_contact_id")
"""Columns whose values depend on which file came first, or when."""
_MONEY = Decimal("0.0001")


def connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'; set threads = 1")
    return connection


def _rows(sql: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    table = sql.sql(query).to_arrow_table()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def holds(home: Home) -> dict[str, Counter[tuple[object, ...]]]:
    """The rows that hold, table by table, each with how often it stands there."""
    log = ContactLog(home)
    contacts = parquet([f.path for f in log.files(CONTACT)], CONTACT)
    answers = parquet([f.path for f in log.files(ANSWER)], ANSWER)
    identities = parquet([f.path for f in log.private.identities.version().current()], IDENTITY)
    words = parquet([f.path for f in log.private.words.version().current()], WORDS)
    numbers = parquet([f.path for f in log.private.identities.version().files], IDENTITY)  # those of the erased too
    named = f"left join {identities} i using (customer_key)"
    asked = {
        "contacts": f"select reason, i.source_id, occurred_at, touchpoint, cost from {contacts} {named}",
        # Answers and texts are kept before their contacts are, so they are told by what they say.
        "answers": f"select i.source_id, answered_at, value from {answers} {named}",
        "texts": f"select source, text from {words}",
        "contacts' texts": f"select c.reason, t.text from {contacts} c join {words} t using (source, contact_id)",
        "customers": f"select source_id, name from {identities}",
        "numbers": f"select customer_key from {numbers}",
    }
    with connect() as sql:
        return {what: Counter(_rows(sql, query)) for what, query in asked.items()}


@cache
def wanted(files: tuple[int, ...], erased: str = "") -> dict[str, Counter[tuple[object, ...]]]:
    """What `holds` must find when exactly these files of the story were taken in, and a person was erased."""
    contacts = expected(files)
    people = {c.person for c in contacts} - {erased}
    said = [c for c in contacts if c.words and c.person != erased]
    who = {p: p for p in people}  # of the erased one the rows stay, under a number that nobody can name
    return {
        "contacts": Counter(
            (c.topic, who.get(c.person), c.at, c.touchpoint, c.cost.quantize(_MONEY)) for c in contacts
        ),
        "answers": Counter((who.get(c.person), c.at, c.score) for c in contacts if c.score is not None),
        "texts": Counter(("desk", c.words) for c in said),
        "contacts' texts": Counter((c.topic, c.words) for c in said),
        "customers": Counter((p, f"Name of {p.split()[1]}") for p in people),
        "numbers": Counter((n,) for n in range(len(people) + bool(erased))),
    }


def faults_of_evidence(home: Home) -> tuple[int, list[str]]:
    """The evidence number that readers see now, and what in it does not belong together."""
    view = evidence(home)
    log = ContactLog(home).files(CONTACT, view.contacts_version)
    counted = f"(select customer_key, journey_no, count(*) as n from {view.rows_sql} group by all)"
    told_of = f"(select source, contact_id, occurred_at, touchpoint from {view.rows_sql})"
    with connect() as sql:
        rows, ids = sql.sql(f"select count(*), count(distinct (source, contact_id)) from {view.rows_sql}").fetchall()[0]
        told, journeys = sql.sql(f"select coalesce(sum(contacts), 0), count(*) from {view.journeys_sql}").fetchall()[0]
        unmatched = sql.sql(
            f"select count(*) from {counted} r full join {view.journeys_sql} j using (customer_key, journey_no) "
            "where r.n is distinct from j.contacts"
        ).fetchall()[0][0]
        other = sql.sql(
            f"select count(*) from {told_of} r full join {parquet([f.path for f in log], CONTACT)} c "
            "using (source, contact_id, occurred_at, touchpoint) where r.touchpoint is null or c.touchpoint is null"
        ).fetchall()[0][0]
    faults = []
    if not rows == ids == told == view.facts["contacts"]:
        faults.append(f"{rows} rows, {ids} of them different, {told} in journeys, {view.facts['contacts']} as told")
    if journeys != view.facts["journeys"]:
        faults.append(f"{journeys} journeys, {view.facts['journeys']} as told")
    if unmatched:
        faults.append(f"{unmatched} journeys have not the contacts they count")
    if other:
        faults.append(f"{other} contacts are not those of version {view.contacts_version} of the log")
    if view.contacts_version != view.facts["contacts_version"]:
        faults.append("the facts speak of another version of the log")
    return view.version, [f"evidence {view.version}: {fault}" for fault in faults]


def fingerprint(home: Home, number: int) -> str:
    """A sum over the bytes of every file that an evidence number names."""
    view = evidence(home, number)
    files = sorted((*view.rows, *view.recent_rows, *view.journeys, *view.recent_journeys))
    whole = hashlib.sha256()
    for file in files:
        whole.update(Path(file).read_bytes())
    return whole.hexdigest()


def journeys_of(home: Home) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Rows and journeys of the latest evidence, with customers by their own ids and without book-keeping."""
    view, log = evidence(home), ContactLog(home)
    identities = parquet([f.path for f in log.private.identities.version().current()], IDENTITY)
    known = f"(select customer_key, source_id as customer from {identities})"
    with connect() as sql:
        columns = [c[0] for c in sql.sql(f"describe select * from {view.rows_sql}").fetchall()]
        left_out = [c for c in _OF_THE_HOME if c in columns]
        rows = _rows(
            sql,
            f"select customer, r.* exclude ({', '.join(left_out)}) from {view.rows_sql} r left join {known} "
            "using (customer_key) order by all",
        )
        journeys = _rows(
            sql,
            f"select customer, j.* exclude (customer_key) from {view.journeys_sql} j left join {known} "
            "using (customer_key) order by all",
        )
    return rows, journeys


def traces_of(home: Home, person: str) -> list[str]:
    """Files of the private tables in which a person still stands, whether a version names them or not."""
    number = person.split()[1]
    called = (person, f"Name of {number}", f"{number}@people.example")
    found = []
    for path in sorted(home.private.rglob("*")):
        if path.suffix == ".parquet":
            table = pq.ParquetFile(path).read()
            said = {value for column in table.columns for value in column.to_pylist() if isinstance(value, str)}
            held = any(name in said for name in called)
        else:
            held = path.is_file() and any(name.encode() in path.read_bytes() for name in called[1:])
        if held:
            found.append(str(path.relative_to(home.root)))
    return found

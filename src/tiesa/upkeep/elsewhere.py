"""Where a home still says who a person is, beyond what an erasure may change: told, so that somebody can decide.

A mapping may take a column that names people into a touchpoint, a reason or an attribute, a colleague may quote them
in another customer's words, and a file's name may be theirs. Rows that figures rest on are never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tiesa.contacts.log import ContactLog
from tiesa.contacts.private import Private
from tiesa.core.columns import ATTRIBUTES, LIST, Column, Table
from tiesa.core.home import Home
from tiesa.core.tables import WORDS
from tiesa.engines.duckdb import count, literal, name, parquet
from tiesa.upkeep.kept import kept_files
from tiesa.upkeep.person import SHORT, Person, plain_mail

if TYPE_CHECKING:
    import duckdb

_OWN_FILES = ("rules/**/*.toml", "mappings/*.toml", "pins.toml", "watched/*.json")


def places(connection: duckdb.DuckDBPyConnection, home: Home, person: Person) -> dict[str, int]:
    """Where it stands, as `contacts.reason` or `mappings/desk.toml`, and in how many rows or lines."""
    said = [one.casefold() for one in (person.source_id, person.name, plain_mail(person.mail), person.phone) if one]
    said = [one for one in said if len(one) >= SHORT]
    if not said:
        return {}
    found: dict[str, int] = {}
    for table, files in kept_files(home).items():
        found |= _in_log(connection, table, parquet(files), said, person.number)
    if files := [f.path for f in Private(home).words.version().files]:
        others = f"from {parquet(files)} where customer_key is distinct from {person.number}"
        found["private/texts"] = count(connection, f"select count(*) {others} and {_says(WORDS['text'], said)}")
    for pattern in _OWN_FILES:
        for path in home.root.glob(pattern):
            lines = path.read_text("utf-8", errors="replace").splitlines()
            found[str(path.relative_to(home.root))] = sum(person.stands_in(line) for line in lines)
    names = [str(fact.get("file", "")) for fact in ContactLog(home).imports()]
    found["imports"] = sum(person.stands_in(file) for file in names)
    return {place: n for place, n in found.items() if n}


def _in_log(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: str, said: list[str], number: int
) -> dict[str, int]:
    columns = [c for c in table.columns if c.type in (pa.string(), ATTRIBUTES, LIST) and c.choices is None]
    counted = ", ".join(f"count(*) filter ({_says(c, said)})" for c in columns)
    answer = connection.execute(f"select {counted} from {rows} where customer_key = {number}").fetchall()[0]
    return {f"{table.plural}.{c.name}": int(n) for c, n in zip(columns, answer, strict=True)}


def _says(column: Column, said: list[str]) -> str:
    """SQL: the column's text holds one of these (in small letters)."""
    return "(" + " or ".join(f"contains(lower({name(column.name)}::varchar), {literal(one)})" for one in said) + ")"

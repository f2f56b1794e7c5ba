"""Everything a home holds about one person: for themselves, when they ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from tiesa.contacts.log import HISTORY, ContactLog
from tiesa.contacts.private import Private
from tiesa.core.columns import Table
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT, IDENTITY, IMPORTABLE, JOURNEY, PSEUDONYM, SEEN, WORDS
from tiesa.engines.duckdb import engine, literal, name, parquet
from tiesa.journeys.joining.links import join_store, numbers_of
from tiesa.upkeep.person import Person, find
from tiesa.upkeep.set_aside import rows_of

if TYPE_CHECKING:
    import duckdb

_OURS = ("position", "import_id", "recorded_at")
"""Columns of our own book-keeping, left out."""


@dataclass(frozen=True, slots=True)
class ToldOf:
    """person: who it is. tables: name of a table -> its rows of theirs, those without any left out. `earlier`: with
    `replaced_by`, the import that corrected the row."""

    person: Person
    tables: Mapping[str, pa.Table]

    @property
    def counts(self) -> dict[str, int]:
        return {table: rows.num_rows for table, rows in self.tables.items()}


def told_of(
    home: Home, customer: str = "", *, number: int | None = None, source: str = "", version: int | None = None
) -> ToldOf:
    """Everything about one person: who they are, what happened, what they wrote and answered, what was made of it.

    Under all numbers that are joined with theirs.

    Args: customer, number, source: who, as `erase` takes it. version: evidence whose journeys are given (the latest).
    Raises: UnknownCustomer where nobody, or more than one, is called so.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import tiesa
    >>> with TemporaryDirectory() as folder:
    ...     home = Home(Path(folder))
    ...     imported = tiesa.import_file("examples/support.csv", home)
    ...     told_of(home, "K1112").counts
    {'identities': 1, 'contacts': 3, 'answers': 1}
    """
    home.check()
    with engine(spill=home.spill) as connection:
        person = find(connection, home, customer=customer, number=number, source=source)
        numbers = numbers_of(join_store(home).version(), person.number)
        found = {**_private(connection, home, numbers), **_log(connection, home, numbers)}
        found |= _journeys(home, numbers, version)
        rows = list(rows_of(home, person))
        for other in numbers:
            if other != person.number:
                rows += [row for row in rows_of(home, find(connection, home, number=other)) if row not in rows]
    if rows:
        found["rows_set_aside"] = pa.table({"row": [" | ".join(row) for row in rows]})
    return ToldOf(person, {table: rows for table, rows in found.items() if rows.num_rows})


def _private(connection: duckdb.DuckDBPyConnection, home: Home, numbers: Sequence[int]) -> dict[str, pa.Table]:
    private, theirs = Private(home), _theirs(numbers)
    identities = [f.path for f in private.identities.version().current()]
    words = [f.path for f in private.words.version().files]
    found = {"identities": _rows(connection, f"from {parquet(identities, IDENTITY)} where {theirs}", IDENTITY)}
    if words:
        found["texts"] = _rows(connection, f"from {parquet(words)} where {theirs} order by all", WORDS)
    pseudonyms = [f.path for f in private.pseudonyms.version().current()]
    contacts = [f.path for f in ContactLog(home).files(CONTACT)]
    if pseudonyms and contacts:
        columns = [name(c.name) for c in CONTACT.columns if c.pseudonym and c.name != "employee"]
        ids = " union ".join(
            f"select source, try_cast(substr({c}, 2) as bigint) from {parquet(contacts)} where {theirs} "
            f"and starts_with({c}, '#')"
            for c in columns
        )
        found["ids"] = _rows(
            connection, f"from {parquet(pseudonyms, PSEUDONYM)} where (source, number) in ({ids})", PSEUDONYM
        )
    return found


def _theirs(numbers: Sequence[int]) -> str:
    return f"customer_key in ({', '.join(map(str, numbers))})"


def _log(connection: duckdb.DuckDBPyConnection, home: Home, numbers: Sequence[int]) -> dict[str, pa.Table]:
    log, found = ContactLog(home), dict[str, pa.Table]()
    for table in IMPORTABLE:
        if "customer_key" not in table or not log.store(table).exists:
            continue
        of_them = f"where {_theirs(numbers)} order by all"
        version = log.store(table).version()
        if now := [f.path for f in version.current()]:
            found[table.plural] = _rows(connection, f"from {parquet(now)} {of_them}", table)
        if earlier := [(f.partition, f.path) for f in version.files if f.partition is not None]:
            past = " union all ".join(
                f"select *, {literal(by)} as {HISTORY} from {parquet([path])}" for by, path in earlier
            )
            found[f"{table.plural}_earlier"] = _rows(connection, f"from ({past}) {of_them}", table, HISTORY)
    if (seen := log.files(SEEN)) and (contacts := log.files(CONTACT)):
        theirs = f"select contact_id from {parquet([f.path for f in contacts])} where {_theirs(numbers)}"
        opened = f"from {parquet([f.path for f in seen])} where contact_id in ({theirs}) order by all"
        found[SEEN.plural] = _rows(connection, opened, SEEN)
    return found


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, table: Table, *more: str) -> pa.Table:
    columns = [name(c) for c in (*table.names, *more) if c not in _OURS]
    return connection.sql(f"select {', '.join(columns)} {sql}").to_arrow_table()


def _journeys(home: Home, numbers: Sequence[int], version: int | None) -> dict[str, pa.Table]:
    """The journeys that were made of their contacts."""
    from tiesa.core.errors import EmptyHome
    from tiesa.journeys.view import open_view

    try:
        with open_view(home, version=version) as view:
            columns = ", ".join(name(c) for c in JOURNEY.names)
            sql = f"select {columns} from all_journeys where {_theirs(numbers)} order by start_at"
            return {"journeys": view.connection.sql(sql).to_arrow_table()}
    except EmptyHome:
        return {}

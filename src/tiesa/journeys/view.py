"""One consistent look at a home: an evidence number, a selection of journeys, a scope, and a "now", as SQL views.

Whoever asks a question opens a `View` and queries `rows` (contacts with what their journeys make of them) and
`journeys`. Where "now" lies before the log's last contact, both are made anew by the kernel from the contacts until
then: the answer is what a person would have read at that time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tiesa.contacts.log import ContactLog
from tiesa.contacts.private import CASE_PREFIX, Private
from tiesa.core.columns import Table
from tiesa.core.home import Home
from tiesa.core.scope import EVERYTHING, Scope
from tiesa.core.tables import ABSENCE, CUSTOMER, IDENTITY, IMPORTABLE, JOURNEY, JOURNEY_CONTACT, SEEN
from tiesa.engines.duckdb import count, engine, literal, parquet, table_of
from tiesa.journeys.evidence import Evidence, evidence
from tiesa.journeys.joining.links import joins_at, numbers_of, of_persons, read_persons
from tiesa.journeys.rules import Rules
from tiesa.journeys.selection import ALL, Selection, conditions

if TYPE_CHECKING:
    import duckdb

FEW = 20_000
"""So many selected journeys are kept in memory, and their contacts with them; more are read at each query."""


@dataclass(frozen=True)
class View:
    """An open look (see the module). now: what counts as now. rules: those the journeys were made by.

    Views of the connection: `rows`, `journeys` (the selected ones), `all_rows`, `all_journeys`, `identities`
    (customer_key, source_id; without those made of a case where a log names no customers), `persons` (the same with
    name, mail and phone; empty where the scope shows no names), and every importable table by its plural (`customers`,
    `answers`, `absences`, ...). All of them end where the scope ends, and name several numbers of one person by the
    lowest, as the journeys do; `identities` and `persons` have a row for each number.
    """

    connection: duckdb.DuckDBPyConnection
    home: Home
    evidence: Evidence
    rules: Rules
    selection: Selection
    scope: Scope
    now: datetime

    def table(self, sql: str) -> pa.Table:
        """A query's result."""
        return table_of(self.connection, sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def one(self, sql: str) -> tuple[Any, ...]:
        """The first row of a query's result."""
        return self.rows(sql)[0]

    @property
    def now_sql(self) -> str:
        return f"timestamptz {literal(self.now.isoformat())}"

    @property
    def window_sql(self) -> str:
        """SQL: the seconds of silence after which a journey (a row with journey_type) counts as over, by its type."""
        window = str(self.rules.windows.same_reason.total_seconds())
        for name in sorted(self.rules.types):
            own = self.rules.windows_of(name).same_reason.total_seconds()
            window = f"case when journey_type = {literal(name)} then {own} else {window} end"
        return f"({window})"

    def numbers_of(self, customer_key: int) -> tuple[int, ...]:
        """All numbers of a person, the lowest first, as the private tables know them."""
        return numbers_of(joins_at(self.home, self.evidence.joins_version), customer_key)

    def has(self, table: Table) -> bool:
        """Is there any row of that table in the log?"""
        return bool(ContactLog(self.home).files(table))


@contextmanager
def open_view(
    home: Home,
    selection: Selection = ALL,
    *,
    scope: Scope = EVERYTHING,
    as_of: datetime | None = None,
    version: int | None = None,
) -> Iterator[View]:
    """Look at the latest build (or evidence number `version`) of a home.

    Args: as_of: "now"; else the log's last contact.
    Raises: EmptyHome before the first build.

    >>> from tempfile import TemporaryDirectory
    >>> import tiesa
    >>> with TemporaryDirectory() as folder:
    ...     home = Home(Path(folder))
    ...     _imported, _built = tiesa.import_file("examples/support.csv", home), tiesa.build(home)
    ...     with open_view(home, Selection(channel="phone")) as view:
    ...         view.one("select count(*) from journeys")
    (48,)
    """
    found = evidence(home, version)
    now = as_of or found.last_contact
    with engine(spill=home.spill) as connection, TemporaryDirectory(prefix="tiesa-then-", dir=_spill(home)) as folder:
        if now < found.last_contact:
            found = _until(connection, found, now, Path(folder))
        _views(connection, home, found, scope)
        _select(connection, selection)
        yield View(connection, home, found, found.rules, selection, scope, now)


def _spill(home: Home) -> Path:
    home.spill.mkdir(parents=True, exist_ok=True)
    return home.spill


def _views(connection: duckdb.DuckDBPyConnection, home: Home, found: Evidence, scope: Scope) -> None:
    """Everything that can be asked, within the scope: no query after this sees more."""
    log, private = ContactLog(home), Private(home).identities.version()
    sources = {"all_rows": found.rows_sql, "all_journeys": found.journeys_sql}
    sources["identities"] = (
        f"(select customer_key, source, source_id from {parquet([f.path for f in private.current()], IDENTITY)} "
        f"where not starts_with(source_id, {literal(CASE_PREFIX)}))"
    )
    who = parquet([f.path for f in private.current()] if scope.names else [], IDENTITY)
    sources["persons"] = f"(from {who} where not starts_with(source_id, {literal(CASE_PREFIX)}))"
    sources |= {table.plural: parquet([f.path for f in log.files(table)], table) for table in IMPORTABLE[1:]}
    if read_persons(connection, joins_at(home, found.joins_version)):
        sources |= _of_persons(sources)
    limits = dict.fromkeys(sources, "")
    if not scope.sees_everything:
        connection.execute(
            "create temp table in_scope as select distinct customer_key, journey_no "
            f"from {found.rows_sql} where {_of_scope(scope)}"
        )
        limits |= {table.plural: _LIMITS.get(table, "") for table in IMPORTABLE[1:]}
        limits |= {"all_rows": _JOURNEYS, "all_journeys": _JOURNEYS, "identities": _CUSTOMERS, "persons": _CUSTOMERS}
    for name, sql in sources.items():
        connection.execute(f"create view {name} as from {sql} {limits[name]}")


def _of_persons(sources: Mapping[str, str]) -> dict[str, str]:
    """The tables that name customers, several numbers of one person by the lowest. Of what is known of a person at one
    moment, one row stands: that of the first system in order of name."""
    found = {one: of_persons(sources[one]) for one in ("identities", "persons")}
    found |= {
        table.plural: of_persons(sources[table.plural]) for table in IMPORTABLE[1:] if "customer_key" in table.names
    }
    one_each = f"select distinct on (customer_key, as_of) * from {found[CUSTOMER.plural]}"
    return found | {CUSTOMER.plural: f"({one_each} order by customer_key, as_of, source)"}


def _of_scope(scope: Scope) -> str:
    """SQL: a contact that brings its journey into the scope."""
    parts = []
    for part in scope.parts():
        wanted = {"unit": part.units, "process": part.processes}
        tests = [
            f"{c} in ({', '.join(map(literal, sorted(of))) or 'null'})" for c, of in wanted.items() if of is not None
        ]
        parts.append(f"({' and '.join(tests)})")
    return " or ".join(parts)


_JOURNEYS = "semi join in_scope using (customer_key, journey_no)"
_CUSTOMERS = "semi join in_scope using (customer_key)"
_LIMITS = {table: _CUSTOMERS for table in IMPORTABLE if "customer_key" in table} | {
    SEEN: "semi join all_rows using (contact_id)",
    ABSENCE: "semi join all_rows using (employee)",
}
"""How each table ends where the scope ends; those not named hold nothing of a customer or an employee's day."""


def _select(connection: duckdb.DuckDBPyConnection, selection: Selection) -> None:
    """Make the views `rows` and `journeys`: all of them, or those whose journey is selected."""
    wanted = conditions(selection)
    if not wanted.of_journey:
        connection.execute("create view rows as from all_rows; create view journeys as from all_journeys")
        return
    source = f"({segmented()})" if selection.segment is not None else "all_journeys"
    chosen = f"from {source} j where {' and '.join(wanted.of_journey)}"
    found = {"journeys": chosen, "rows": f"from all_rows where {' and '.join(wanted.of_contact) or 'true'}"}
    if not wanted.suffices:
        connection.execute(f"create temp table selected as select j.customer_key, j.journey_no {chosen}")
        among = "semi join selected using (customer_key, journey_no)"
        found = {"journeys": f"from all_journeys {among}", "rows": f"from ({found['rows']}) {among}"}
    if count(connection, f"select count(*) {found['journeys']}") > FEW:
        for one, sql in found.items():
            connection.execute(f"create view {one} as {sql}")
        return
    connection.execute(f"create temp table journeys as {found['journeys']}")
    first, last = connection.execute("select min(customer_key), max(customer_key) from journeys").fetchall()[0]
    within = f"customer_key between {first} and {last}" if first is not None else "false"
    connection.execute(f"create temp table rows as from ({found['rows']}) where {within}")


def segmented(journeys: str = "all_journeys") -> str:
    """SQL: journeys with `segment`, that of the customer's version in force at the start, else of their first."""
    versions = "(select customer_key, as_of, segment from customers where segment is not null)"
    return (
        f"select j.*, coalesce(v.segment, f.segment) as segment from {journeys} j "
        f"asof left join {versions} v on v.customer_key = j.customer_key and v.as_of <= j.start_at "
        f"left join (select customer_key, arg_min(segment, as_of) as segment from {versions} group by 1) f "
        "on f.customer_key = j.customer_key"
    )


def _until(connection: duckdb.DuckDBPyConnection, found: Evidence, now: datetime, folder: Path) -> Evidence:
    """The same evidence as it stood at `now`: files made by the kernel from the contacts until then."""
    from tiesa.journeys.kernel import annotate, sort_order, whole_customers

    kept = ", ".join(c for c in JOURNEY_CONTACT.names[: JOURNEY_CONTACT.names.index("journey_no")])
    reader = connection.sql(
        f"select {kept} from {found.rows_sql} where occurred_at <= timestamptz {literal(now.isoformat())} "
        f"order by {', '.join(sort_order)}"
    ).to_arrow_reader(500_000)
    files = {table: folder / f"{table.name}s.parquet" for table in (JOURNEY_CONTACT, JOURNEY)}
    writers = {table: pq.ParquetWriter(path, table.schema) for table, path in files.items()}
    for batch in whole_customers(reader):
        for table, made in zip(files, annotate(batch, found.rules), strict=True):
            writers[table].write_table(_of_contract(made, table))
    for writer in writers.values():
        writer.close()
    made = {"rows": (files[JOURNEY_CONTACT],), "journeys": (files[JOURNEY],)}
    return replace(found, **made, recent_rows=(), recent_journeys=(), is_layered=False)


def _of_contract(batch: pa.RecordBatch, table: Table) -> pa.Table:
    held = pa.Table.from_batches([batch])
    missing = [c for c in table.columns if c.name not in held.column_names]
    for column in missing:
        held = held.append_column(column.name, pa.nulls(held.num_rows, column.type))
    return held.select(table.names).cast(table.schema)


def instant(microseconds: int | None) -> datetime | None:
    """Microseconds since 1970 UTC as an instant."""
    if microseconds is None:
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)

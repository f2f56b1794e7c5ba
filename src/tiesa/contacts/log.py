"""The log of a home: what was kept, version by version, and how an import is added or taken back.

Each table of the log (contacts, customers, outcomes, answers, ...) is a Delta table whose files all have the
contract's schema. Its partition column `replaced_by` is not in the files: null marks what holds now; otherwise the
files hold rows that the named import corrected. So one commit can add rows, replace rows and keep the old ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tiesa.contacts.private import TRIES, Private, small_files, write
from tiesa.core.columns import Table
from tiesa.core.errors import LostRace, UnknownImport
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import ANSWER, CONTACT, IMPORTABLE
from tiesa.engines.duckdb import columns_of, count, literal, name, parquet
from tiesa.engines.store import NewFile, Overtaken, Store, StoredFile, Version

if TYPE_CHECKING:
    import duckdb

HISTORY = "replaced_by"
_NOT_CONTENT = ("position", "import_id", "recorded_at")
_KNOWN = "select tiesa_row as last_row from found where same"
_EQUAL = f"from repeats where equal or last_row in ({_KNOWN})"
_SUPERSEDED = f"from repeats where not equal and last_row not in ({_KNOWN})"


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a table's rows: `accepted` includes `corrected`."""

    accepted: int
    corrected: int
    duplicates: int
    version: int


@dataclass(frozen=True)
class ContactLog:
    """The log of one home.

    >>> from pathlib import Path
    >>> ContactLog(Home(Path("nowhere"))).files(CONTACT)
    ()
    """

    home: Home
    private: Private = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "private", Private(self.home))

    def store(self, table: Table) -> Store:
        """The Delta table that holds rows of `table`."""
        bounded = tuple(c for c in (table.id_column, "import_id") if c)
        return Store(self.home.root / table.plural, table.schema, HISTORY, bounded=bounded)

    def files(self, table: Table, version: int | None = None) -> tuple[StoredFile, ...]:
        """Files of the rows that hold in a version (the latest where none is given)."""
        return self.store(table).version(version).current()

    def imports(self) -> list[dict[str, Any]]:
        """Facts of every import and undo, newest first."""
        facts = [f for f in self.store(CONTACT).facts(limit=100_000) if "action" in f]
        for table in IMPORTABLE[1:]:
            known = {f.get("import_id") for f in facts}
            facts += [
                f for f in self.store(table).facts(limit=100_000) if "action" in f and f.get("import_id") not in known
            ]
        return sorted(facts, key=lambda f: str(f.get("at", "")), reverse=True)

    def put_together(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make one file of many small ones, as a folder that is watched leaves them; no row changes.

        Where an import is faster the next build tries again. The small files stay for those who read them.
        """
        store = self.store(CONTACT)
        version = store.version()
        if small := small_files(version):
            written = write(connection, store, f"from {parquet([f.path for f in small])}")
            try:
                store.commit(after=version, add=written, remove=small)
            except Overtaken:
                store.discard(written)
        self.private.put_together(connection)

    def append(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        rows: str,
        *,
        import_id: str,
        recorded_at: str,
        facts: dict[str, Any],
        repeated: bool,
        total: int | None = None,
        keep: bool = True,
        plain: Callable[[Store], list[NewFile]] | None = None,
    ) -> Kept:
        """Add rows by their key, in one commit: new ones are added, equal ones are duplicates, changed ones replace.

        Args: rows: SQL with the table's columns (but import_id, recorded_at) and tiesa_row, sorting rows of equal
        key: the last one holds. repeated: the rows may hold a key more than once. total: how many rows there are,
        where known. keep: False only counts. plain: writes all these rows in a cheaper way.
        """
        store = self.store(table)
        if total is None:
            total = count(connection, f"select count(*) from ({rows})")
        latest = self._settle_repeats(connection, table, rows) if repeated else rows
        for _attempt in range(TRIES):
            version = store.version()
            self._compare(connection, table, latest, version.current())
            same = count(connection, "select count(*) from found where same")
            changed = count(connection, "select count(*) from found where not same")
            equal = count(connection, f"select count(*) from ({_EQUAL})") if repeated else 0
            earlier = count(connection, f"select count(*) from ({_SUPERSEDED})") if repeated else 0
            kept = Kept(total - same - equal, changed + earlier, same + equal, version.number)
            if not keep or not kept.accepted:
                return kept
            selected = ", ".join(_bookkept(c, import_id, recorded_at) for c in table.names)
            fresh = f"from ({latest}) anti join (from found where same) using (tiesa_row)" if same else latest
            add: list[NewFile] = []
            remove: list[StoredFile] = []
            with store.discarding(add):
                if plain and not same and not repeated:
                    add += plain(store)
                else:
                    add += write(connection, store, f"select {selected} from ({fresh})")
                if changed:
                    remove = self._replace(connection, table, version.current(), import_id, add)
                if earlier:
                    superseded = f"from ({rows}) semi join ({_SUPERSEDED}) using (tiesa_row)"
                    add += write(connection, store, f"select {selected} {superseded}", partition=import_id)
            counts = {"accepted": kept.accepted, "corrected": kept.corrected, "duplicates": kept.duplicates}
            try:
                return replace(
                    kept, version=store.commit(after=version, add=add, remove=remove, facts={**facts, **counts})
                )
            except Overtaken:
                store.discard(add)
        raise LostRace(_("Other imports kept writing at the same time"), remedy=_("Try again"))

    def _settle_repeats(self, connection: duckdb.DuckDBPyConnection, table: Table, rows: str) -> str:
        """SQL of the row that holds of each key: the last in the file.

        The others stand in the temp table `repeats` (tiesa_row, last_row, equal): equal to the row that holds or to
        a later one among them, or superseded."""
        key, content = columns_of(table.key), columns_of(c for c in table.names if c not in _NOT_CONTENT)
        connection.execute(
            f"create or replace temp table repeats as with r as (select tiesa_row, count(*) over key as n, "
            f"last_value(tiesa_row) over whole as last_row, hash(row({content})) as content, "
            f"last_value(hash(row({content}))) over whole as last_content, "
            f"row_number() over (partition by {key}, hash(row({content})) order by tiesa_row desc) as nth "
            f"from ({rows}) window key as (partition by {key}), whole as (partition by {key} order by tiesa_row "
            "rows between unbounded preceding and unbounded following)) "
            "select tiesa_row, last_row, content = last_content or nth > 1 as equal from r where n > 1 and "
            "tiesa_row <> last_row"
        )
        return f"from ({rows}) anti join repeats using (tiesa_row)"

    def _compare(
        self, connection: duckdb.DuckDBPyConnection, table: Table, rows: str, current: Sequence[StoredFile]
    ) -> None:
        """Fill the temp table `found` (tiesa_row, file, same) with the rows whose key stands in the log."""
        connection.execute("create or replace temp table found (tiesa_row bigint, file varchar, same boolean)")
        if current and table.id_column:
            limits = f"select min({table.id_column}), max({table.id_column}) from ({rows})"
            low, high = connection.execute(limits).fetchall()[0]
            current = [f for f in current if low is not None and f.may_hold(table.id_column, low, high)]
        if not current:
            return
        content = [c for c in table.names if c not in (*_NOT_CONTENT, *table.key)]
        same = " and ".join(f"r.{name(c)} is not distinct from e.{name(c)}" for c in content) or "true"
        on = " and ".join(f"r.{name(c)} = e.{name(c)}" for c in table.key)
        connection.execute(
            f"insert into found select r.tiesa_row, e.filename, {same} from ({rows}) r "
            f"join {parquet([f.path for f in current], filename=True)} e on {on}"
        )

    def _replace(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        current: Sequence[StoredFile],
        import_id: str,
        add: list[NewFile],
    ) -> list[StoredFile]:
        """Rewrite the files that hold corrected rows (into `add`): these move to the history of this import.

        Returns the files that go."""
        store, key = self.store(table), columns_of(table.key)
        touched = {r[0] for r in connection.execute("select distinct file from found where not same").fetchall()}
        corrected = f"(select {key} from {parquet([store.root / f.relative for f in add])})"
        gone = [f for f in current if str(f.path) in touched]
        for old in gone:
            held = f"from {parquet([old.path])}"
            add += write(connection, store, f"{held} anti join {corrected} using ({key})")
            add += write(connection, store, f"{held} semi join {corrected} using ({key})", partition=import_id)
        return gone

    def undo(self, connection: duckdb.DuckDBPyConnection, import_id: str) -> dict[str, int]:
        """Take an import back: its rows go, and what they had replaced comes back, table by table.

        Returns rows taken out per table. Raises UnknownImport. Texts go first: while a row of it stands, the same call,
        made again after a crash, still knows the import and does the rest.
        """
        self._undo_words(connection, import_id)
        taken = {}
        for table in IMPORTABLE:
            if self.store(table).exists and (n := self._undo_table(connection, table, import_id)) is not None:
                taken[table.name] = n
        if not taken:
            raise UnknownImport(
                _("No import {import_id} stands in this home").format(import_id=import_id),
                where=str(self.home.root),
                remedy=_("`tiesa imports` lists them"),
            )
        return taken

    def _undo_words(self, connection: duckdb.DuckDBPyConnection, import_id: str) -> None:
        """Of the rows that the import holds, its texts go; also those of an import that was killed after it had kept
        them: the same file, sent again, found them there."""
        files = {t: [f.path for f in self.files(t)] for t in (CONTACT, ANSWER) if self.store(t).exists}
        ids = {CONTACT: "contact_id, null::varchar as answer_id", ANSWER: "null::varchar as contact_id, answer_id"}
        rows = " union all ".join(
            f"select source, {ids[table]} from {parquet(paths, table)} where import_id = {literal(import_id)}"
            for table, paths in files.items()
        )
        if not rows:
            return
        others = [i for i in self.private.imports_of_words(connection, rows) if i != import_id]
        killed = [i for i in others if not any(self._holds(connection, table, i) for table in files)]
        self.private.undo_words(connection, rows, [import_id, *killed])

    def _holds(self, connection: duckdb.DuckDBPyConnection, table: Table, import_id: str) -> bool:
        """Whether a row of the import stands in a table, be it in its history."""
        files = [f.path for f in self.store(table).version().files if f.may_hold("import_id", import_id, import_id)]
        return bool(
            count(connection, f"select count(*) from {parquet(files, table)} where import_id = {literal(import_id)}")
        )

    def _undo_table(self, connection: duckdb.DuckDBPyConnection, table: Table, import_id: str) -> int | None:
        """How many rows that held went; None when the import has no part in this table."""
        store = self.store(table)
        for _attempt in range(TRIES):
            version = store.version()
            add, remove, n = self._undo_files(connection, table, version, import_id)
            if not remove:
                return None
            try:
                store.commit(
                    after=version, add=add, remove=remove, facts={"action": "undo", "import_id": import_id, "rows": n}
                )
            except Overtaken:
                store.discard(add)
                continue
            return n
        raise LostRace(_("Other imports kept writing at the same time"), remedy=_("Try again"))

    def _undo_files(
        self, connection: duckdb.DuckDBPyConnection, table: Table, version: Version, import_id: str
    ) -> tuple[list[NewFile], list[StoredFile], int]:
        """Files to add and remove so that the import never was; and how many of its rows held."""
        store, mine = self.store(table), f"import_id = {literal(import_id)}"
        add: list[NewFile] = []
        remove: list[StoredFile] = []
        held = 0
        for f in version.files:
            if f.partition == import_id or not f.may_hold("import_id", import_id, import_id):
                continue
            n = count(connection, f"select count(*) from {parquet([f.path])} where {mine}")
            if n:
                add += write(
                    connection, store, f"select * from {parquet([f.path])} where not ({mine})", partition=f.partition
                )
                remove.append(f)
                held += n if f.partition is None else 0
        for f in version.current(import_id):
            remove.append(f)
            restored = f"select * from {parquet([f.path])} where not ({mine})"
            for later in {g.partition for g in remove if g.partition != import_id} | {None}:
                add += write(
                    connection,
                    store,
                    f"{restored} and {self._where_belongs(table, version, import_id, later)}",
                    partition=later,
                )
        return add, remove, held

    def _where_belongs(self, table: Table, version: Version, import_id: str, later: str | None) -> str:
        """SQL: rows whose version by this import stood in `later` (null: it held; else that import replaced it)."""
        files = [f.path for f in version.files if f.partition == later]
        if not files:
            return "false"
        keys = f"(select {columns_of(table.key)} from {parquet(files)} where import_id = {literal(import_id)})"
        return f"({columns_of(table.key)}) in {keys}"


def _bookkept(column: str, import_id: str, recorded_at: str) -> str:
    if column == "import_id":
        return f"{literal(import_id)} as import_id"
    if column == "recorded_at":
        return f"timestamptz {literal(recorded_at)} as recorded_at"
    return name(column)

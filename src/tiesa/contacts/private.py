"""The private tables: who a customer number is, which id a number stands for, and the words people wrote.

They are never pinned and can be erased; the log refers to them by number only. Numbers are given at first sight,
densely, and derive from nothing. Of an erased customer the partition `erased` keeps the number and a keyed hash in
place of the id (see erased.py), so that a file that is sent again brings nobody back.

Whoever writes here holds a shared lock, so that an erasure, which holds it alone, knows that every file no version
names is a dead process's.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tiesa.contacts.erased import ERASED, keyed, keyed_sql
from tiesa.core.columns import Table
from tiesa.core.errors import LostRace
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import IDENTITY, PSEUDONYM, WORDS
from tiesa.core.whole_files import creating
from tiesa.engines.duckdb import SQL_TYPES, count, literal, name, parquet
from tiesa.engines.locks import held
from tiesa.engines.store import NewFile, Overtaken, Store, StoredFile, Version

if TYPE_CHECKING:
    import duckdb

Made = TypeVar("Made")
Step = Callable[[Version], tuple[list[NewFile], list[StoredFile], Made]]
"""Looks at a version and says which files to add, which to remove, and its answer."""

TRIES = 20
SMALL, MANY = 100_000, 32
"""Files of fewer rows than SMALL become one where there are MANY: every import leaves some."""
PERSON = ("name", "mail", "phone")
LOCK = ".lock"
_PARTS = re.compile(r"""[,;|\t"]""")
CASE_PREFIX = "case:"
"""How the stand-in for a customer's id begins that is made of a case, where a log names no customers."""


@dataclass(frozen=True)
class Private:
    """The private tables of a home."""

    home: Home
    identities: Store = field(init=False)
    pseudonyms: Store = field(init=False)
    words: Store = field(init=False)

    def __post_init__(self) -> None:
        for attribute, folder, table in (
            ("identities", "identities", IDENTITY),
            ("pseudonyms", "pseudonyms", PSEUDONYM),
            ("words", "texts", WORDS),
        ):
            object.__setattr__(self, attribute, Store(self.home.private / folder, table.schema, "part"))

    def salt(self) -> str:
        """The home's secret that goes into ids made from values; a fresh one where the home has none yet."""
        path = self.home.private / "salt"
        return path.read_text("ascii").strip() if path.exists() else secrets.token_hex(16)

    def keep_salt(self, salt: str) -> str:
        """Make this the home's secret unless it has one; returns the one that holds. Readable by the owner only."""
        path = self.home.private / "salt"
        if not path.exists():
            # Lost with the power, rows that are sent again would get other ids; of two processes the first wins.
            with suppress(FileExistsError), creating(path, mode=0o600) as draft:
                draft.write_text(salt, "ascii")
        return self.salt()

    @contextmanager
    def writing(self, *, alone: bool = False) -> Iterator[None]:
        """While this is open no erasure goes on; alone: nobody else writes here. Not to be nested."""
        if not self.home.private.is_dir():  # nothing to erase yet
            yield
            return
        with held(self.home.private / LOCK, shared=not alone):
            yield

    def number_customers(
        self, connection: duckdb.DuckDBPyConnection, wanted: str, *, source: str, keep: bool
    ) -> tuple[int, int]:
        """Give every customer id a number; fills the temp table customer_keys (source_id, customer_key).

        Args: wanted: SQL with source_id, first_row, name, mail, phone. keep: False only tries it out.
        Returns: how many customers the rows name, and how many of them are new. Erased ones keep their number, and the
        temp table erased_customers (customer_key) holds those among them.
        """
        owned = f"select {literal(source)} as source, * from ({wanted})"
        total, new = self._number(connection, owned, self.identities, IDENTITY, "customer_key", "customer_keys", keep)
        erased = self.identities.version().current(ERASED)
        connection.execute(
            "create or replace temp table erased_customers as select customer_key from "
            f"{parquet([f.path for f in erased], IDENTITY)} semi join customer_keys using (customer_key)"
        )
        if keep and new < total:
            self._complete_identities(connection)
        return total, new

    def number_ids(self, connection: duckdb.DuckDBPyConnection, wanted: str, *, keep: bool) -> None:
        """Give every id that carries personal data a number; fills the temp table id_numbers (source, source_id,
        number). wanted: SQL with source, source_id, first_row."""
        self._number(connection, wanted, self.pseudonyms, PSEUDONYM, "number", "id_numbers", keep)

    def _number(
        self,
        connection: duckdb.DuckDBPyConnection,
        wanted: str,
        store: Store,
        table: Table,
        number: str,
        result: str,
        keep: bool,
    ) -> tuple[int, int]:
        connection.execute(f"create or replace temp table wanted as {wanted}")

        def step(version: Version) -> tuple[list[NewFile], list[StoredFile], tuple[int, int]]:
            every = parquet([f.path for f in version.files], table)
            held = self._held(connection, version, table, number)
            connection.execute(
                f"create or replace temp table {result} as select source, source_id, {number} from {held} "
                "semi join wanted using (source, source_id)"
            )
            connection.execute(
                f"create or replace temp table fresh as select w.*, (select coalesce(max({number}) + 1, 0) from "
                f"{every}) + row_number() over (order by first_row, w.source_id) - 1 as {number} "
                f"from wanted w anti join {result} using (source, source_id)"
            )
            connection.execute(f"insert into {result} select source, source_id, {number} from fresh")
            total = count(connection, f"select count(*) from {result}")
            new = count(connection, "select count(*) from fresh")
            if not keep or not new:
                return [], [], (total, new)
            select = ", ".join(f"{name(c.name)}::{SQL_TYPES[c.type]} as {name(c.name)}" for c in table.columns)
            return write(connection, store, f"select {select} from fresh"), [], (total, new)

        return self._settle(store, step)

    def _held(self, connection: duckdb.DuckDBPyConnection, version: Version, table: Table, number: str) -> str:
        """SQL of the numbers (source, source_id, number) that are given already; those of erased ids as far as they
        are wanted."""
        known = f"select source, source_id, {number} from {parquet([f.path for f in version.current()], table)}"
        erased = version.current(ERASED)
        if not erased:
            return f"({known})"
        keyed = keyed_sql(self.salt(), "w.source", "w.source_id")
        connection.execute(
            "create or replace temp table returned as select w.source, w.source_id, "
            f"e.{number} from (from wanted anti join ({known}) using (source, source_id)) w "
            f"join {parquet([f.path for f in erased])} e on e.source = w.source and e.source_id = {keyed}"
        )
        return f"({known} union all from returned)"

    def _complete_identities(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Names and addresses that the wanted rows bring of customers known already: files may come in any order."""
        if not count(connection, f"select count(*) from wanted where coalesce({', '.join(PERSON)}) is not null"):
            return
        learnt = ", ".join(f"coalesce(w.{c}, e.{c}) as {c}" for c in PERSON)
        differs = " or ".join(f"(w.{c} is not null and w.{c} is distinct from e.{c})" for c in PERSON)

        def step(version: Version) -> tuple[list[NewFile], list[StoredFile], None]:
            remove: list[StoredFile] = []
            add: list[NewFile] = []
            for f in version.current():
                held = f"{parquet([f.path])} e join wanted w using (source, source_id)"
                if count(connection, f"select count(*) from {held} where {differs}"):
                    remove.append(f)
                    held = f"{parquet([f.path])} e left join wanted w using (source, source_id)"
                    add += write(
                        connection, self.identities, f"select e.customer_key, source, source_id, {learnt} from {held}"
                    )
            return add, remove, None

        self._settle(self.identities, step)

    def tells_of_erased(self, source: str) -> Callable[[str], bool] | None:
        """Whether a text, or a part of a broken line, is the id of an erased customer of that source; None where nobody
        was erased."""
        import pyarrow.parquet as pq

        files = self.identities.version().current(ERASED)
        if not files:
            return None
        salt, erased = self.salt(), set[str]()
        for f in files:
            erased.update(pq.read_table(f.path, columns=["source_id"], partitioning=None)["source_id"].to_pylist())
        return lambda text: any(keyed(salt, source, part.strip()) in erased for part in (text, *_PARTS.split(text)))

    def keep_words(self, connection: duckdb.DuckDBPyConnection, sql: str, *, import_id: str) -> int:
        """Keep texts (columns of the text table): a known text is left, a changed one replaced, and of an erased
        customer none is kept. Returns how many. What is replaced stands in the partition of this import, for undo."""
        key = _same_words("r", "e")

        def step(version: Version) -> tuple[list[NewFile], list[StoredFile], int]:
            held = parquet([f.path for f in version.current()], WORDS)
            fresh = f"select r.* from ({sql}) r anti join {held} e on {key} and r.text = e.text"
            if erased := self.identities.version().current(ERASED):
                fresh += f" anti join {parquet([f.path for f in erased])} p on p.customer_key = r.customer_key"
            written = write(connection, self.words, fresh)
            if not written:
                return [], [], 0
            n, new = written[0].rows, parquet([self.words.root / written[0].relative])
            replaced = f"select e.* from {held} e semi join {new} r on {key}"
            if not count(connection, f"select count(*) from ({replaced})"):
                return written, [], n
            written += write(connection, self.words, replaced, partition=import_id)
            written += write(connection, self.words, f"select e.* from {held} e anti join {new} r on {key}")
            return written, list(version.current()), n

        return self._settle(self.words, step)

    def undo_words(self, connection: duckdb.DuckDBPyConnection, rows: str, imports: Sequence[str]) -> None:
        """Take back what imports said of some rows; the texts that they had replaced come back.

        Args: rows: SQL with source, contact_id, answer_id."""
        listed, key = ", ".join(literal(i) for i in imports), _same_words("r", "e")

        def step(version: Version) -> tuple[list[NewFile], list[StoredFile], None]:
            history = {i: [f.path for f in version.current(i)] for i in imports if version.current(i)}
            held = parquet([f.path for f in version.current()], WORDS)
            theirs = f"import_id in ({listed})"
            going = f"select e.* from {held} e semi join ({rows}) r on {key} where {theirs}"
            if not count(connection, f"select count(*) from ({going})"):
                return [], [], None
            earlier = parquet([path for paths in history.values() for path in paths], WORDS)
            add = write(
                connection,
                self.words,
                f"select e.* from {held} e anti join ({going}) r on {key} union all "
                f"select e.* from {earlier} e semi join ({going}) r on {key} where not ({theirs})",
            )
            for import_id, paths in history.items():
                kept = f"select e.* from {parquet(paths)} e anti join ({going}) r on {key}"
                add += write(connection, self.words, kept, partition=import_id)
            return add, [f for f in version.files if f.partition is None or f.partition in history], None

        self._settle(self.words, step)

    def imports_of_words(self, connection: duckdb.DuckDBPyConnection, rows: str) -> list[str]:
        """The imports whose texts stand at some rows (SQL with source, contact_id, answer_id)."""
        held = parquet([f.path for f in self.words.version().current()], WORDS)
        found = f"select distinct e.import_id from {held} e semi join ({rows}) r on {_same_words('r', 'e')} order by 1"
        return [import_id for (import_id,) in connection.execute(found).fetchall()]

    def put_together(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make one file of many small ones, table by table."""
        for store in (self.identities, self.pseudonyms, self.words):

            def step(version: Version, store: Store = store) -> tuple[list[NewFile], list[StoredFile], None]:
                small = small_files(version)
                if not small:
                    return [], [], None
                return write(connection, store, f"from {parquet([f.path for f in small])}"), small, None

            if store.exists:
                self._settle(store, step)

    def _settle(self, store: Store, step: Step[Made]) -> Made:
        """Look, decide, commit, until no other writer came between; what is removed goes from the disk at once."""
        import duckdb

        for _attempt in range(TRIES):
            with self.writing():
                version = store.version()
                try:
                    add, remove, made = step(version)
                except duckdb.IOException:  # another process removed a file that this version names
                    if store.version().number == version.number:
                        raise
                    continue
                if not add and not remove:
                    return made
                try:
                    store.commit(after=version, add=add, remove=remove)
                except Overtaken:
                    store.discard(add)
                    continue
                for f in remove:
                    f.path.unlink(missing_ok=True)
                return made
        raise LostRace(_("Other imports kept writing at the same time"), remedy=_("Try again"))


def _same_words(one: str, other: str) -> str:
    """SQL: two rows of texts speak of the same contact or answer."""
    ids = " and ".join(f"{one}.{c} is not distinct from {other}.{c}" for c in ("contact_id", "answer_id"))
    return f"{one}.source = {other}.source and {ids}"


def small_files(version: Version) -> list[StoredFile]:
    """Those of the rows that hold which are better put together; none where they are few."""
    small = [f for f in version.current() if f.rows < SMALL]
    return small if len(small) >= MANY else []


def write(
    connection: duckdb.DuckDBPyConnection, store: Store, sql: str, *, partition: str | None = None
) -> list[NewFile]:
    """Write a query's rows as one synced Parquet file of the store; no rows, no file."""
    relative, path = store.new_path(partition)
    settings = "format parquet, compression zstd, compression_level 1"
    rows = connection.execute(f"copy ({sql}) to {literal(str(path))} ({settings})").fetchall()[0][0]
    if not rows:
        path.unlink(missing_ok=True)
        return []
    bounds = _bounds(connection, path, store.bounded)
    return [replace(store.seal(relative, rows, partition), bounds=bounds)]


def _bounds(connection: duckdb.DuckDBPyConnection, path: Path, columns: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Lowest and highest text of some columns, from the file's own statistics; unsure ones are left out."""
    if not columns:
        return {}
    wanted = ", ".join(literal(c) for c in columns)
    found = connection.execute(
        "select path_in_schema, min(stats_min_value), max(stats_max_value) from "
        f"parquet_metadata({literal(str(path))}) where path_in_schema in ({wanted}) "
        "group by 1 having bool_and(coalesce(min_is_exact and max_is_exact, false))"
    ).fetchall()
    return {column: (low, high) for column, low, high in found}

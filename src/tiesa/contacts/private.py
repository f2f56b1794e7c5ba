"""The private tables: who a customer number is, which id a number stands for, and the words people wrote.

They are never pinned and can be erased; the log refers to them by number only. Numbers are given at first sight,
densely, and derive from nothing.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tiesa.core.columns import Table
from tiesa.core.errors import LostRace
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import IDENTITY, PSEUDONYM, WORDS
from tiesa.engines.duckdb import SQL_TYPES, count, literal, name, parquet
from tiesa.engines.store import NewFile, Overtaken, Store, StoredFile

if TYPE_CHECKING:
    import duckdb

TRIES = 20
PERSON = ("name", "mail", "phone")
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
            draft = path.with_name(f".salt.{secrets.token_hex(4)}")
            draft.touch(mode=0o600)
            draft.write_text(salt, "ascii")
            with suppress(FileExistsError):
                path.hardlink_to(draft)  # of two processes the first wins
            draft.unlink()
        return self.salt()

    def number_customers(
        self, connection: duckdb.DuckDBPyConnection, wanted: str, *, source: str, keep: bool
    ) -> tuple[int, int]:
        """Give every customer id a number; fills the temp table customer_keys (source_id, customer_key).

        Args: wanted: SQL with source_id, first_row, name, mail, phone. keep: False only tries it out.
        Returns: how many customers the rows name, and how many of them are new.
        """
        owned = f"select {literal(source)} as source, * from ({wanted})"
        total, new = self._number(connection, owned, self.identities, IDENTITY, "customer_key", "customer_keys", keep)
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
        import duckdb

        connection.execute(f"create or replace temp table wanted as {wanted}")
        for _attempt in range(TRIES):
            version = store.version()
            known = parquet([f.path for f in version.files], table)
            held = f"(select source, source_id, {number} from {known})"
            try:
                connection.execute(
                    f"create or replace temp table fresh as select w.*, (select coalesce(max({number}) + 1, 0) from "
                    f"{known}) "
                    f"+ row_number() over (order by first_row, w.source_id) - 1 as {number} "
                    f"from wanted w anti join {held} k using (source, source_id)"
                )
                connection.execute(
                    f"create or replace temp table {result} as select source, source_id, {number} from {held} "
                    "semi join wanted using (source, source_id) "
                    f"union all select source, source_id, {number} from fresh"
                )
            except duckdb.IOException:  # another process completed the identities and removed the old file
                if store.version().number == version.number:
                    raise
                continue
            total = count(connection, f"select count(*) from {result}")
            new = count(connection, "select count(*) from fresh")
            if not new:
                return total, 0
            if not keep:
                return total, new
            select = ", ".join(f"{name(c.name)}::{SQL_TYPES[c.type]} as {name(c.name)}" for c in table.columns)
            written = write(connection, store, f"select {select} from fresh")
            try:
                store.commit(after=version, add=written)
            except Overtaken:
                store.discard(written)
                continue
            return total, new
        raise LostRace(_("Other imports kept numbering customers at the same time"), remedy=_("Try again"))

    def _complete_identities(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Names and addresses that the wanted rows bring of customers known already: files may come in any order."""
        if not count(connection, f"select count(*) from wanted where coalesce({', '.join(PERSON)}) is not null"):
            return
        learnt = ", ".join(f"coalesce(w.{c}, e.{c}) as {c}" for c in PERSON)
        differs = " or ".join(f"(w.{c} is not null and w.{c} is distinct from e.{c})" for c in PERSON)
        for _attempt in range(TRIES):
            version = self.identities.version()
            remove: list[StoredFile] = []
            add: list[NewFile] = []
            for f in version.files:
                held = f"{parquet([f.path])} e join wanted w using (source, source_id)"
                if count(connection, f"select count(*) from {held} where {differs}"):
                    remove.append(f)
                    held = f"{parquet([f.path])} e left join wanted w using (source, source_id)"
                    add += write(
                        connection, self.identities, f"select e.customer_key, source, source_id, {learnt} from {held}"
                    )
            if not remove:
                return
            try:
                self.identities.commit(after=version, add=add, remove=remove)
            except Overtaken:
                self.identities.discard(add)
                continue
            for f in remove:
                f.path.unlink(missing_ok=True)
            return
        raise LostRace(_("Other imports kept numbering customers at the same time"), remedy=_("Try again"))

    def keep_words(self, connection: duckdb.DuckDBPyConnection, sql: str) -> int:
        """Keep texts (columns of the text table): a known text is left, a changed one replaced. Returns how many."""
        ids = " and ".join(f"r.{c} is not distinct from e.{c}" for c in ("contact_id", "answer_id"))
        key = f"r.source = e.source and {ids}"
        for _attempt in range(TRIES):
            version = self.words.version()
            held = parquet([f.path for f in version.files], WORDS)
            fresh = f"select r.* from ({sql}) r anti join {held} e on {key} and r.text = e.text"
            written = write(connection, self.words, fresh)
            if not written:
                return 0
            new = parquet([self.words.root / written[0].relative])
            remove = []
            if count(connection, f"select count(*) from {held} e semi join {new} r on {key}"):
                remove = list(version.files)
                written += write(connection, self.words, f"select e.* from {held} e anti join {new} r on {key}")
            try:
                self.words.commit(after=version, add=written, remove=remove)
            except Overtaken:
                self.words.discard(written)
                continue
            for f in remove:
                f.path.unlink(missing_ok=True)
            return written[0].rows
        raise LostRace(_("Other imports kept writing at the same time"), remedy=_("Try again"))

    def forget_words(self, connection: duckdb.DuckDBPyConnection, condition: str) -> None:
        """Remove the texts for which the SQL condition holds (an undone import)."""
        for _attempt in range(TRIES):
            version = self.words.version()
            if not version.files:
                return
            held = parquet([f.path for f in version.files], WORDS)
            if not count(connection, f"select count(*) from {held} where {condition}"):
                return
            written = write(connection, self.words, f"select * from {held} where not coalesce({condition}, false)")
            try:
                self.words.commit(after=version, add=written, remove=version.files)
            except Overtaken:
                self.words.discard(written)
                continue
            for f in version.files:
                f.path.unlink(missing_ok=True)
            return
        raise LostRace(_("Other imports kept writing at the same time"), remedy=_("Try again"))


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

"""A person is erased: from the private tables and their files at once, for good, with a receipt.

The log keeps the rows under their bare number, so every figure stays what it was. First a receipt and a note of who it
is are written (the note in `private/`); then the id gives way to its keyed hash, so that nothing that runs at the same
time brings the person back; then pseudonyms, words, old files, rows set aside and spilled rows go; at last the receipt
is completed and the note removed. Killed anywhere in between, the same command completes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tiesa import __version__
from tiesa.contacts.erased import ERASED, keyed, keyed_sql
from tiesa.contacts.private import Private, write
from tiesa.core.columns import Table
from tiesa.core.errors import UnknownCustomer, WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import IDENTITY, PSEUDONYM
from tiesa.core.whole_files import DRAFT, remove, write_whole
from tiesa.engines.duckdb import SQL_TYPES, count, engine, literal, name, parquet
from tiesa.engines.store import LOG, NewFile, Store, StoredFile
from tiesa.journeys.joining.links import join_store, numbers_of
from tiesa.upkeep.elsewhere import places
from tiesa.upkeep.kept import kept_files
from tiesa.upkeep.person import Person, find, others_called, person_text, unfinished_file
from tiesa.upkeep.pins import account
from tiesa.upkeep.receipts import Receipt, keep_receipt, receipts
from tiesa.upkeep.remembered import tell_backups
from tiesa.upkeep.set_aside import count_rows_of, remove_rows_of
from tiesa.upkeep.spilled import remove_spilled
from tiesa.upkeep.turns import turn

if TYPE_CHECKING:
    import duckdb

_OF_STAFF = ("employee", "owner")


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of an erasure.

    found: what there was to remove this time, by kind (the receipt counts all times together). is_repeated: the
    customer had been erased already. before: when that was first; None where its receipt was lost.
    others: number and source of other customers with the same mail address or telephone number. joined: the same of
    the other numbers that were joined with theirs, erased with them. elsewhere: where the log or
    your own files still say the id, name or address, with how often. backups: those whose list of erasures could not be
    written; give the receipt when you restore one.
    """

    receipt: Receipt
    found: Mapping[str, int]
    is_repeated: bool
    before: datetime | None
    others: tuple[tuple[int, str], ...]
    joined: tuple[Erased, ...]
    elsewhere: Mapping[str, int]
    backups: tuple[Path, ...]


def erase(
    home: Home,
    customer: str = "",
    *,
    number: int | None = None,
    source: str = "",
    why: str,
    by: str | None = None,
) -> Erased:
    """Erase a person: their id, name, addresses and words, and the ids that are theirs, under all numbers joined.

    Args: customer: id as the files have it, mail address or telephone number; else number: the customer number.
    source: the system whose customer it is, where several have one of that id. why: kept in the receipt.
    Returns: the same receipt when the customer is erased already and nothing of theirs has come since.
    Raises: UnknownCustomer where nobody or more than one is called so; WrongUsage without a reason.

    >>> from tempfile import TemporaryDirectory
    >>> import tiesa
    >>> with TemporaryDirectory() as folder:
    ...     home = Home(Path(folder))
    ...     imported = tiesa.import_file("examples/support.csv", home)
    ...     erased = erase(home, "K1112", why="asked for it")
    ...     again = tiesa.import_file("examples/support.csv", home)
    ...     erased.receipt.customer, erased.receipt.removed["identities"], again.accepted, again.new_customers
    (0, 1, 0, 0)
    """
    home.check()
    if not why.strip():
        raise WrongUsage(_("An erasure needs a reason"), where="--why", remedy=_("Say who asked for it, and how"))
    if not customer and number is None:
        raise WrongUsage(_("Name a customer: by id, mail address, telephone number or --number"))
    if not home.settings.exists():
        raise UnknownCustomer(_("This home is empty"), where=str(home.root))
    joins = join_store(home).version()
    with turn(home):
        first = _erase_number(home, customer, number, source, why, by or account())
        numbers = numbers_of(joins, first.receipt.customer)
        rest = [n for n in numbers if n != first.receipt.customer]
        joined = tuple(_erase_number(home, "", n, "", why, by or account()) for n in rest)
    others = tuple(one for one in first.others if one[0] not in numbers)
    return replace(first, joined=joined, others=others)


def _erase_number(home: Home, customer: str, number: int | None, source: str, why: str, by: str) -> Erased:
    private = Private(home)
    with engine(spill=home.spill) as connection:
        with private.writing(alone=True):
            person = find(connection, home, customer=customer, number=number, source=source)
            others = tuple(others_called(connection, home, person))
            one = _Erasure(connection, home, private, person)
            earlier = one.earlier()
            found = one.count()
            receipt = one.begin(earlier, found, why, by)
            elsewhere = places(connection, home, person)
            one.remove()
        remove_spilled(home)
        before = earlier.begun if earlier and earlier.finished else None
        is_repeated = before is not None or (earlier is None and not person.source_id)
        done = one.finish(receipt)
        return Erased(done, found, is_repeated, before, others, (), elsewhere, tell_backups(home, receipts(home)))


@dataclass(frozen=True)
class _Erasure:
    """One erasure under way, alone in the private tables."""

    connection: duckdb.DuckDBPyConnection
    home: Home
    private: Private
    person: Person

    def earlier(self) -> Receipt | None:
        """The receipt of an earlier erasure of theirs, finished or broken off."""
        return next((one for one in receipts(self.home) if one.customer == self.person.number), None)

    def begin(self, earlier: Receipt | None, found: Mapping[str, int], why: str, by: str) -> Receipt:
        """Note who it is and what there is to remove: beside what an earlier erasure removed; what one that was
        broken off counted is the same once more."""
        salt, person = self.private.salt(), self.person
        is_more = earlier is not None and earlier.finished is not None
        if earlier is None:
            if person.stands_in(why):
                raise WrongUsage(_("The reason must not name the person: the receipt keeps it"), where="--why")
            earlier = Receipt(
                customer=person.number,
                source=person.source,
                source_id=keyed(salt, person.source, person.source_id) if person.source_id else self._tombstone(),
                addresses=tuple(keyed(salt, "", one) for one in person.addresses),
                why=why,
                by=by,
                begun=datetime.now(UTC).replace(microsecond=0),
                finished=None,
                version=__version__,
                removed={},
            )
        known = {kind: earlier.removed.get(kind, 0) for kind in found}
        receipt = replace(
            earlier, removed={kind: known[kind] + n if is_more else max(n, known[kind]) for kind, n in found.items()}
        )
        if any(found.values()):  # unfinished from here on, so that a count broken off is not added to itself
            receipt = replace(receipt, finished=None)
        if person.source_id:
            note = unfinished_file(self.home, person.number)
            note.parent.mkdir(exist_ok=True, mode=0o700)
            write_whole(note, person_text(person), mode=0o600)
        keep_receipt(self.home, receipt)
        return receipt

    def _tombstone(self) -> str:
        """The keyed hash that stands for a customer whose receipt is lost."""
        files = [f.path for f in self.private.identities.version().current(ERASED)]
        held = self.connection.execute(
            f"select source_id from {parquet(files, IDENTITY)} where customer_key = {self.person.number}"
        ).fetchall()
        return str(held[0][0])

    def remove(self) -> None:
        """The id gives way first, so that from now on nothing brings the person back."""
        number = self.person.number
        self._give_way(self.private.identities, IDENTITY, f"customer_key = {number}")
        self._give_way(self.private.pseudonyms, PSEUDONYM, self._of_pseudonyms())
        self._rewrite(self.private.words, self._of_words())
        for store in (self.private.identities, self.private.pseudonyms, self.private.words):
            _remove_unnamed(store)
        remove_rows_of(self.home, self.person)

    def finish(self, receipt: Receipt) -> Receipt:
        done = replace(receipt, finished=receipt.finished or datetime.now(UTC).replace(microsecond=0))
        keep_receipt(self.home, done)
        note = unfinished_file(self.home, self.person.number)
        if note.parent.is_dir():
            for left in note.parent.glob(f"{DRAFT}*"):
                remove(left)
            remove(note)
        return done

    def _find_ids(self) -> None:
        """Fill the temp tables their_ids (source, id_column, id) and their_numbers (source, number), from
        every version that stands or is pinned."""
        self.connection.execute(
            "create or replace temp table their_ids (source varchar, id_column varchar, id varchar);"
            "create or replace temp table their_numbers (source varchar, number bigint)"
        )
        for table, files in kept_files(self.home).items():
            of_them = f"from {parquet(files)} where customer_key = {self.person.number}"
            if table.id_column:
                self.connection.execute(
                    f"insert into their_ids select distinct source, '{table.id_column}', {table.id_column} {of_them}"
                )
            for column in (c.name for c in table.columns if c.pseudonym and c.name not in _OF_STAFF):
                self.connection.execute(
                    f"insert into their_numbers select distinct source, try_cast(substr({column}, 2) as bigint) "
                    f"{of_them} and starts_with({column}, '#')"
                )

    def count(self) -> dict[str, int]:
        """How much there is to remove, by kind."""
        self._find_ids()
        private, number = self.private, self.person.number
        identities = [f.path for f in private.identities.version().current()]
        pseudonyms = [f.path for f in private.pseudonyms.version().current()]
        words = [f.path for f in private.words.version().files]
        return {
            "identities": self._n(f"from {parquet(identities, IDENTITY)} where customer_key = {number}"),
            "pseudonyms": self._n(f"from {parquet(pseudonyms, PSEUDONYM)} where {self._of_pseudonyms()}"),
            "texts": self._n(f"from {parquet(words)} where {self._of_words()}") if words else 0,
            "rows_set_aside": count_rows_of(self.home, self.person),
        }

    def _n(self, sql: str) -> int:
        return count(self.connection, f"select count(*) {sql}")

    def _of_pseudonyms(self) -> str:
        """SQL: the id is one of theirs, or says who they are."""
        person = self.person
        said = [one for one in (person.source_id, person.mail) if one]
        named = "".join(
            f" or source_id = {literal(one)}"
            + (f" or contains(lower(source_id), lower({literal(one)}))" * ("@" in one))
            for one in said
        )
        return f"((source, number) in (from their_numbers){named})"

    def _of_words(self) -> str:
        """SQL: the words are theirs, or belong to a contact or answer of theirs and name no customer."""
        theirs = " or ".join(
            f"(source, {column}) in (select source, id from their_ids where id_column = '{column}')"
            for column in ("contact_id", "answer_id")
        )
        return f"coalesce(customer_key = {self.person.number}, {theirs}, false)"

    def _give_way(self, store: Store, table: Table, condition: str) -> None:
        """Put a keyed hash in the place of ids, under the same number; names and addresses go."""
        version = store.version()
        add, remove_, hashed = self._without(store, version.current(), condition)
        if not remove_:
            return
        stays = ("source", "customer_key", "number")
        select = ", ".join(
            f"{keyed_sql(self.private.salt(), 'source', 'source_id')} as source_id"
            if c.name == "source_id"
            else name(c.name)
            if c.name in stays
            else f"null::{SQL_TYPES[c.type]} as {name(c.name)}"
            for c in table.columns
        )
        earlier = version.current(ERASED)
        known = f"from {parquet([f.path for f in earlier], table)} union all " if earlier else ""
        add += write(self.connection, store, f"{known}select {select} from ({hashed})", partition=ERASED)
        self._switch(store, add, [*remove_, *earlier])

    def _rewrite(self, store: Store, condition: str) -> None:
        add, remove_, _gone = self._without(store, store.version().files, condition)
        if remove_:
            self._switch(store, add, remove_)

    def _without(
        self, store: Store, files: tuple[StoredFile, ...], condition: str
    ) -> tuple[list[NewFile], list[StoredFile], str]:
        """Files written anew without the rows of a condition, the files they replace, and SQL of these rows."""
        add: list[NewFile] = []
        touched = [f for f in files if self._n(f"from {parquet([f.path])} where {condition}")]
        for f in touched:
            rest = f"from {parquet([f.path])} where not ({condition})"
            add += write(self.connection, store, rest, partition=f.partition)
        gone = f"from {parquet([f.path for f in touched])} where {condition}" if touched else ""
        return add, touched, gone

    def _switch(self, store: Store, add: list[NewFile], remove_: list[StoredFile]) -> None:
        store.commit(after=store.version(), add=add, remove=remove_)


def _remove_unnamed(store: Store) -> None:
    """Remove replaced files, and (alone in the private tables) those of dead processes, which no version names."""
    if not store.exists:
        return
    named = {f.path for f in store.version().files}
    for path in store.root.rglob("*.parquet"):
        if LOG not in path.parts and path not in named:
            remove(path)

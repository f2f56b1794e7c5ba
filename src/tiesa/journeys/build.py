"""From the log to journeys: sort, annotate, write, and switch readers over in one commit.

Two tables: `journeys` and `journey_contacts` (every contact with what its journey makes of it). Journeys are
committed first; the commit of journey_contacts then names their version and the version of the log, so that its
own version is the *evidence number*: readers who open it see rows, journeys and build facts that belong together. A
build that is killed in between leaves a version of journeys that nothing names.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tiesa.contacts.log import ContactLog
from tiesa.core.columns import Table
from tiesa.core.errors import EmptyHome, LostRace
from tiesa.core.home import Home
from tiesa.core.locale import _, ngettext
from tiesa.core.tables import CONTACT, JOURNEY, JOURNEY_CONTACT, RATE
from tiesa.engines.duckdb import engine, parquet
from tiesa.engines.store import NewFile, Overtaken, Store, Version
from tiesa.journeys.feed import Feed, sorted_contacts
from tiesa.journeys.rules import Rules, parse_rules, read_rules

LAYER = "layer"
BASE = "base"
ROWS_PER_FILE = 2_000_000
ROW_GROUP = 262_144


@dataclass(frozen=True, slots=True)
class BuildResult:
    """Facts of a build; `version` is the evidence number. `last_contact` is "now" where none is given."""

    contacts: int
    customers: int
    journeys: int
    version: int
    seconds: float
    contacts_version: int
    last_contact: datetime
    rules: str
    engine: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One consistent view: the files of rows and of journeys that one evidence number names."""

    version: int
    contacts_version: int
    rows: tuple[Path, ...]
    journeys: tuple[Path, ...]
    facts: dict[str, Any]

    @property
    def rows_sql(self) -> str:
        """SQL that reads the annotated contacts."""
        return parquet(self.rows, JOURNEY_CONTACT)

    @property
    def journeys_sql(self) -> str:
        """SQL that reads the journeys."""
        return parquet(self.journeys, JOURNEY)

    @property
    def last_contact(self) -> datetime:
        return datetime.fromisoformat(self.facts["last_contact"])

    @property
    def rules(self) -> Rules:
        """The rules these journeys were made by."""
        return parse_rules(self.facts["rules_toml"], where=f"evidence {self.version}")


def journey_store(home: Home) -> Store:
    return Store(home.root / "journeys", JOURNEY.schema, LAYER)


def journey_contact_store(home: Home) -> Store:
    return Store(home.root / "journey_contacts", JOURNEY_CONTACT.schema, LAYER, links=("contacts", "journeys"))


def evidence(home: Home, version: int | None = None) -> Evidence:
    """What an evidence number names (the latest where none is given). Raises EmptyHome before the first build."""
    home.check()
    store = journey_contact_store(home)
    found = store.version(version)
    if found.number < 1:
        raise EmptyHome(_("This home has no journeys yet"), where=str(home.root), remedy=_("Run `tiesa build` first"))
    journeys = journey_store(home).version(found.linked["journeys"])
    return Evidence(
        found.number,
        found.linked["contacts"],
        tuple(f.path for f in found.current(BASE)),
        tuple(f.path for f in journeys.current(BASE)),
        store.facts(found.number)[0],
    )


def build(home: Home, *, rules: Rules | None = None) -> BuildResult:
    """Make all journeys anew from the latest version of the log.

    Args: rules: else those of the home (`rules/journeys.toml`), else the defaults.
    Raises: EmptyHome when nothing was imported; LostRace when another build committed first.

    >>> from tempfile import TemporaryDirectory
    >>> from tiesa.contacts.importing import import_file
    >>> with TemporaryDirectory() as folder:
    ...     imported = import_file("examples/support.csv", Home(Path(folder)))
    ...     build(Home(Path(folder))).journeys
    147
    """
    started = time.monotonic()
    home.check()
    log, rules = ContactLog(home), rules or read_rules(home.rules)
    contacts = log.store(CONTACT).version()
    if not contacts.current():
        raise EmptyHome(
            _("This home has no contacts yet"), where=str(home.root), remedy=_("Run `tiesa import FILE` first")
        )
    rows_store, journeys_store = journey_contact_store(home), journey_store(home)
    before_rows, before_journeys = rows_store.version(), journeys_store.version()
    with engine(spill=home.spill) as connection:
        feed = sorted_contacts(connection, contacts.current(), log.files(RATE), currency=rules.currency)
        written = _write(feed, rules, rows_store, journeys_store)
    facts = {
        "contacts": written.contacts,
        "customers": written.customers,
        "journeys": written.journeys,
        "contacts_version": contacts.number,
        "last_contact": written.last_contact.isoformat(),
        "rules": rules.fingerprint,
        "rules_toml": rules.to_toml(),
        "engine": "duckdb",
        "at": datetime.now(UTC).isoformat(),
    }
    try:
        number = _commit(rows_store, journeys_store, before_rows, before_journeys, written, contacts.number, facts)
    except Overtaken as error:
        rows_store.discard(written.rows_files)
        journeys_store.discard(written.journeys_files)
        raise LostRace(
            _("Another build finished first; its journeys stand"), remedy=_("Build again if needed")
        ) from error
    return BuildResult(
        contacts=written.contacts,
        customers=written.customers,
        journeys=written.journeys,
        version=number,
        seconds=round(time.monotonic() - started, 3),
        contacts_version=contacts.number,
        last_contact=written.last_contact,
        rules=rules.fingerprint,
        engine="duckdb",
        notes=tuple(_notes(feed, rules)),
    )


def _notes(feed: Feed, rules: Rules) -> Iterator[str]:
    if feed.moved_cases:
        yield ngettext(
            "{n} case names more than one customer; its journey belongs to the first",
            "{n} cases name more than one customer; their journeys belong to the first",
            feed.moved_cases,
        ).format(n=feed.moved_cases)
    for currency, n in feed.unrated.items():
        yield _("{n} costs in {currency} have no rate to {home} and are not added up").format(
            n=n, currency=currency, home=rules.currency
        )


@dataclass(frozen=True, slots=True)
class _Written:
    contacts: int
    customers: int
    journeys: int
    last_contact: datetime
    rows_files: list[NewFile]
    journeys_files: list[NewFile]


def _write(feed: Feed, rules: Rules, rows_store: Store, journeys_store: Store) -> _Written:
    """Annotate batch by batch; files are written behind the kernel's back, one batch at a time."""
    from tiesa.journeys.kernel import annotate, whole_customers

    rows, journeys = RollingFiles(rows_store, JOURNEY_CONTACT), RollingFiles(journeys_store, JOURNEY)
    customers, last = 0, 0
    pending: Future[None] | None = None
    with ThreadPoolExecutor(1) as behind:
        for batch in whole_customers(feed.batches):
            annotated, made = annotate(batch, rules)
            customers += pc.count_distinct(made["customer_key"]).as_py()
            last = max(last, pc.max(annotated["occurred_at"]).cast(pa.int64()).as_py())
            if pending:
                pending.result()
            pending = behind.submit(_write_both, rows, journeys, annotated, made)
        if pending:
            pending.result()
    rows_files, journeys_files = rows.close(), journeys.close()
    moment = datetime.fromtimestamp(last // 1_000_000, UTC).replace(microsecond=last % 1_000_000)
    return _Written(rows.rows, customers, journeys.rows, moment, rows_files, journeys_files)


def _write_both(rows: RollingFiles, journeys: RollingFiles, annotated: pa.RecordBatch, made: pa.RecordBatch) -> None:
    rows.write(annotated)
    journeys.write(made)


def _commit(
    rows_store: Store,
    journeys_store: Store,
    before_rows: Version,
    before_journeys: Version,
    written: _Written,
    contacts_version: int,
    facts: dict[str, Any],
) -> int:
    journeys = journeys_store.commit(
        after=before_journeys, add=written.journeys_files, remove=before_journeys.files, facts=facts
    )
    return rows_store.commit(
        after=before_rows,
        add=written.rows_files,
        remove=before_rows.files,
        links={"contacts": contacts_version, "journeys": journeys},
        facts=facts,
    )


class RollingFiles:
    """Parquet files of one table, cut at ROWS_PER_FILE, each with the contract's columns to the letter.

    Dictionaries are written as they come and read back as plain words; columns a batch lacks become null.
    """

    def __init__(self, store: Store, table: Table) -> None:
        self.store, self.table = store, table
        self.rows = 0
        self._files: list[NewFile] = []
        self._writer: pq.ParquetWriter | None = None
        self._in_file = 0
        self._bounds = (0, 0)

    def write(self, batch: pa.RecordBatch) -> None:
        if not batch.num_rows:
            return
        whole = self._complete(batch)
        if self._writer is None:
            self._open(whole.schema)
        assert self._writer is not None
        self._writer.write_batch(whole, row_group_size=ROW_GROUP)
        keys = whole["customer_key"]
        self._bounds = (self._bounds[0] if self._in_file else keys[0].as_py(), keys[-1].as_py())
        self._in_file += whole.num_rows
        self.rows += whole.num_rows
        if self._in_file >= ROWS_PER_FILE:
            self._finish()

    def close(self) -> list[NewFile]:
        self._finish()
        return self._files

    def _complete(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns, fields = [], []
        for column in self.table.columns:
            if column.name in batch.schema.names:
                values = batch[column.name]
                kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
                if kind != column.type:
                    values = values.cast(column.type)
            else:
                values = _absent(column.type, batch.num_rows, null=column.null)
            columns.append(values)
            fields.append(pa.field(column.name, values.type))
        return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))

    def _open(self, schema: pa.Schema) -> None:
        self._relative, self._path = self.store.new_path(BASE)
        words = [f.name for f in schema if pa.types.is_dictionary(f.type)]
        self._writer = pq.ParquetWriter(
            self._path,
            schema,
            compression="zstd",
            compression_level=1,
            store_schema=False,
            use_dictionary=words,
            store_decimal_as_integer=True,
        )

    def _finish(self) -> None:
        if self._writer is None:
            return
        self._writer.close()
        sealed = self.store.seal(self._relative, self._in_file, BASE)
        self._files.append(replace(sealed, bounds={"customer_key": self._bounds}))
        self._writer, self._in_file = None, 0


def _absent(kind: pa.DataType, n: int, *, null: bool) -> pa.Array:
    """A column the source never fills: null, or (attributes) the empty map where null is not allowed."""
    if null or not pa.types.is_map(kind):
        return pa.nulls(n, kind)
    return pa.MapArray.from_arrays(
        pa.array([0] * (n + 1), pa.int32()), pa.array([], kind.key_type), pa.array([], kind.item_type)
    )


def facts_of(result: BuildResult) -> dict[str, Any]:
    """The build as plain values, for JSON."""
    return asdict(result)

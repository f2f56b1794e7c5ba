"""From the log to journeys: sort, annotate, write, and switch readers over in one commit.

The log is read through the joins (see `joining`): several numbers of one person are one customer.

Where only contacts came or went since the last build, or numbers were joined or parted, the customers they touch are
made anew, by the same kernel, and stand in the `recent` layer; everybody else stays as they are. The result equals a
full build row for row. A full build folds the layers into one: when it is asked for, when `recent` has grown past
FOLD_AT of all contacts, and whenever anything else that makes a journey has changed (rules, rates, this program).

A build that is killed before its second commit leaves a version of journeys that nothing names.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tiesa import __version__
from tiesa.contacts.log import ContactLog
from tiesa.contacts.private import write
from tiesa.core.errors import EmptyHome, LostRace
from tiesa.core.home import Home
from tiesa.core.locale import _, ngettext
from tiesa.core.tables import CONTACT, JOURNEY, JOURNEY_CONTACT, RATE
from tiesa.engines.duckdb import count, engine, parquet
from tiesa.engines.store import NewFile, Overtaken, Store, StoredFile, Version
from tiesa.journeys.evidence import (
    BASE,
    RECENT,
    Evidence,
    evidence,
    journey_contact_store,
    journey_store,
    replaced_customers,
)
from tiesa.journeys.feed import Feed, filled_columns, sorted_contacts
from tiesa.journeys.joining.deciding import apply_rules
from tiesa.journeys.joining.links import join_store, of_persons, read_persons
from tiesa.journeys.rolling_files import RollingFiles
from tiesa.journeys.rules import Rules, read_rules
from tiesa.journeys.touched import WORK, find_gone, find_touched, gather

if TYPE_CHECKING:
    import duckdb

FOLD_AT = 0.05
"""The share of all contacts that may stand in the recent layer before a build folds it in."""
MOST_GONE = 10_000
"""So many customers of base may have gone before a build folds: their numbers stand among the facts of a build."""
TRIES = 5
WRITERS = 2
_TOTALS = {
    "contacts": "coalesce(sum(contacts), 0)::bigint",
    "customers": "count(distinct customer_key)",
    "journeys": "count(*)",
}
"""What a build tells of its size: SQL over journeys."""
SORTING = "800MB"
"""What the sort may hold; beyond that it spills. More made no build of ten million contacts faster."""


@dataclass(frozen=True, slots=True)
class BuildResult:
    """Facts of a build; `version` is the evidence number. `last_contact` is "now" where none is given.

    touched: customers whose journeys were made anew; None when it was everybody.
    """

    contacts: int
    customers: int
    journeys: int
    version: int
    seconds: float
    contacts_version: int
    last_contact: datetime
    rules: str
    engine: str
    touched: int | None
    notes: tuple[str, ...]


def build(home: Home, *, rules: Rules | None = None, full: bool = False) -> BuildResult:
    """Make the journeys of the latest version of the log.

    Args: rules: else those of the home (`rules/journeys.toml`), else the defaults. full: everybody's, though fewer
    would do.
    Raises: EmptyHome when nothing was imported; LostRace when other builds kept finishing first.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tiesa.contacts.importing import import_file
    >>> with TemporaryDirectory() as folder:
    ...     imported = import_file("examples/support.csv", Home(Path(folder)))
    ...     build(Home(Path(folder))).journeys
    147
    """
    home.check()
    rules = rules or read_rules(home.rules)
    apply_rules(home)
    for _attempt in range(TRIES):
        try:
            updated = None if full else _open(home, rules).update()
            return updated or _tidied(home, rules).full()
        except Overtaken:
            continue
    raise LostRace(_("Other builds kept finishing first"), remedy=_("Build again if needed"))


def _open(home: Home, rules: Rules) -> _Build:
    log = ContactLog(home)
    contacts = log.store(CONTACT).version()
    if not contacts.current():
        raise EmptyHome(
            _("This home has no contacts yet"), where=str(home.root), remedy=_("Run `tiesa import FILE` first")
        )
    rows, journeys = journey_contact_store(home), journey_store(home)
    return _Build(
        home=home,
        rules=rules,
        log=log,
        contacts=contacts,
        rates=log.store(RATE).version(),
        joins=join_store(home).version(),
        rows_store=rows,
        journeys_store=journeys,
        rows=rows.version(),
        journeys=journeys.version(),
        started=time.monotonic(),
    )


def _tidied(home: Home, rules: Rules) -> _Build:
    """A full build begins with a log of few files: one scan of each column, not one for every import."""
    with engine(spill=home.spill) as connection:
        ContactLog(home).put_together(connection)
    return _open(home, rules)


@dataclass(frozen=True, slots=True)
class _Build:
    """One build under way: what it starts from (versions read once), and the ways to its end."""

    home: Home
    rules: Rules
    log: ContactLog
    contacts: Version
    rates: Version
    joins: Version
    rows_store: Store
    journeys_store: Store
    rows: Version
    journeys: Version
    started: float

    def full(self) -> BuildResult:
        """Everybody's journeys, in one layer."""
        with engine(spill=self.home.spill, memory=SORTING) as connection:
            files = [f.path for f in self.contacts.current()]
            source, filled = parquet(files), filled_columns(connection, files)
            if read_persons(connection, self.joins):
                source = of_persons(source)
            feed = sorted_contacts(connection, source, filled, self.rates.current(), currency=self.rules.currency)
            made = self._write(feed, BASE)
        totals = {"contacts": made.contacts, "customers": made.customers, "journeys": made.journeys}
        facts = self._facts(totals, last=made.last, moved_cases=feed.moved_cases, base=totals, gone=())
        return self._commit(facts, made, remove=(self.rows.files, self.journeys.files), notes=tuple(self._notes(feed)))

    def update(self) -> BuildResult | None:
        """Only what changed since the last build; None where that does not do."""
        before = self._before()
        if before is None:
            return None
        joins = self.joins.number if self.joins.number > 0 else None
        if before.contacts_version == self.contacts.number and before.joins_version == joins:
            return self._result(before.facts, before.version, touched=0)
        then = self.log.store(CONTACT).version(before.contacts_version)
        if not all(f.path.exists() for f in then.current()):
            return None
        with engine(spill=self.home.spill) as connection:
            return self._update(connection, before, then)

    def _before(self) -> Evidence | None:
        """The last build, where everything but the contacts is as it was then."""
        if self.rows.number < 1:
            return None
        before = evidence(self.home, self.rows.number)
        same = {"rules": self.rules.fingerprint, "rates_version": self.rates.number, "program": __version__}
        dangling = before.journeys_version != self.journeys.number  # a build was killed between its two commits
        return None if dangling or any(before.facts.get(k) != v for k, v in same.items()) else before

    def _update(self, connection: duckdb.DuckDBPyConnection, before: Evidence, then: Version) -> BuildResult | None:
        earlier = join_store(self.home).version(before.joins_version) if before.joins_version else None
        find_touched(connection, then, self.contacts, joins=(earlier, self.joins), journeys=before.journeys_sql)
        touched = count(connection, "select count(*) from touched")
        limit = FOLD_AT * self.contacts.rows_of(None)
        if touched > limit:
            return None
        filled = filled_columns(connection, [f.path for f in self.contacts.current()])
        spanning = before.facts["moved_cases"] > 0
        gathered, settled = gather(connection, self.contacts, filled, cases_span=spanning)
        gone = find_gone(connection, before)
        if gathered + self.rows.rows_of(RECENT) > limit or len(gone) > MOST_GONE:
            return None
        feed = sorted_contacts(connection, WORK, filled, self.rates.current(), currency=self.rules.currency)
        made = self._write(feed, RECENT)
        untouched = "anti join touched using (customer_key)"
        for table, store, files in (
            (JOURNEY_CONTACT, self.rows_store, made.rows_files),
            (JOURNEY, self.journeys_store, made.journeys_files),
        ):
            old = self.rows if table is JOURNEY_CONTACT else self.journeys
            held = parquet([f.path for f in old.current(RECENT)], table)
            files += write(connection, store, f"from {held} {untouched}", partition=RECENT)
        totals = self._totals(connection, before, made, gone)
        if totals["contacts"] != self.contacts.rows_of(None):
            self._discard(made)
            return None
        last = max(made.last, before.last_contact)
        if any(f not in self.contacts.current() for f in then.current()):
            last = _last_contact(connection, self.contacts)
        facts = self._facts(
            totals, last=last, moved_cases=settled or feed.moved_cases, base=before.facts["base"], gone=gone
        )
        recent = (self.rows.current(RECENT), self.journeys.current(RECENT))
        touched = count(connection, "select count(*) from touched")
        return self._commit(facts, made, remove=recent, notes=tuple(self._notes(feed)), touched=touched)

    def _totals(
        self, connection: duckdb.DuckDBPyConnection, before: Evidence, made: _Made, gone: Sequence[int]
    ) -> dict[str, int]:
        """Counts over both layers: base without those who now stand in recent or went, and recent. Journeys tell them
        all."""
        recent = parquet([self.journeys_store.root / f.relative for f in made.journeys_files], JOURNEY)
        replaced = replaced_customers(recent, gone)
        hidden = f"{parquet(before.journeys, JOURNEY)} semi join {replaced} using (customer_key)"
        counted, base = ", ".join(_TOTALS.values()), before.facts["base"]
        came, went = (connection.execute(f"select {counted} from {rows}").fetchall()[0] for rows in (recent, hidden))
        return {total: base[total] + more - less for total, more, less in zip(_TOTALS, came, went, strict=True)}

    def _write(self, feed: Feed, layer: str) -> _Made:
        """Annotate batch by batch. Two writers take turns behind the kernel's back: writing takes longer than it."""
        from tiesa.journeys.kernel import annotate, whole_customers

        writers = [
            (RollingFiles(self.rows_store, JOURNEY_CONTACT, layer), RollingFiles(self.journeys_store, JOURNEY, layer))
            for _one in range(WRITERS)
        ]
        customers, last = 0, 0
        writing: deque[Future[None]] = deque()
        with _gone_on_failure(writers), ThreadPoolExecutor(WRITERS) as behind:
            for turn, batch in enumerate(whole_customers(feed.batches)):
                annotated, made = annotate(batch, self.rules)
                customers += pc.count_distinct(made["customer_key"]).as_py()
                last = max(last, pc.max(annotated["occurred_at"]).cast(pa.int64()).as_py())
                if len(writing) == WRITERS:
                    writing.popleft().result()
                writing.append(behind.submit(_write_both, *writers[turn % WRITERS], annotated, made))
            for each in writing:
                each.result()
            rows_files, journeys_files = (
                [f for one in kind for f in one.close()] for kind in zip(*writers, strict=True)
            )
        return _Made(
            contacts=sum(rows.rows for rows, _journeys in writers),
            customers=customers,
            journeys=sum(journeys.rows for _rows, journeys in writers),
            last=_instant(last),
            rows_files=rows_files,
            journeys_files=journeys_files,
        )

    def _facts(
        self, totals: dict[str, int], *, last: datetime, moved_cases: int, base: dict[str, int], gone: Sequence[int]
    ) -> dict[str, Any]:
        return {
            **totals,
            "base": base,
            "gone": list(gone),
            "contacts_version": self.contacts.number,
            "rates_version": self.rates.number,
            "last_contact": last.isoformat(),
            "moved_cases": moved_cases,
            "rules": self.rules.fingerprint,
            "rules_toml": self.rules.to_toml(),
            "engine": "duckdb",
            "program": __version__,
            "at": datetime.now(UTC).isoformat(),
        }

    def _commit(
        self,
        facts: dict[str, Any],
        made: _Made,
        *,
        remove: tuple[tuple[StoredFile, ...], tuple[StoredFile, ...]],
        notes: tuple[str, ...],
        touched: int | None = None,
    ) -> BuildResult:
        """Journeys first; then the switch. Raises Overtaken when another build was first."""
        with self.rows_store.discarding(made.rows_files):  # whatever fails here, no version names them yet
            try:
                journeys = self.journeys_store.commit(
                    after=self.journeys, add=made.journeys_files, remove=remove[1], facts=facts
                )
            except Overtaken:
                self.journeys_store.discard(made.journeys_files)
                raise
        try:
            number = self.rows_store.commit(
                after=self.rows,
                add=made.rows_files,
                remove=remove[0],
                links={
                    "contacts": self.contacts.number,
                    "journeys": journeys,
                    "joins": self.joins.number,
                },
                facts=facts,
            )
        except Overtaken:
            self.rows_store.discard(made.rows_files)  # those of journeys are named by now
            raise
        return self._result(facts, number, touched=touched, notes=notes)

    def _discard(self, made: _Made) -> None:
        self.rows_store.discard(made.rows_files)
        self.journeys_store.discard(made.journeys_files)

    def _result(
        self, facts: dict[str, Any], number: int, *, touched: int | None, notes: tuple[str, ...] = ()
    ) -> BuildResult:
        return BuildResult(
            contacts=facts["contacts"],
            customers=facts["customers"],
            journeys=facts["journeys"],
            version=number,
            seconds=round(time.monotonic() - self.started, 3),
            contacts_version=facts["contacts_version"],
            last_contact=datetime.fromisoformat(facts["last_contact"]),
            rules=facts["rules"],
            engine=facts["engine"],
            touched=touched,
            notes=notes,
        )

    def _notes(self, feed: Feed) -> Iterator[str]:
        if feed.moved_cases:
            yield ngettext(
                "{n} case names more than one customer; its journey belongs to the first",
                "{n} cases name more than one customer; their journeys belong to the first",
                feed.moved_cases,
            ).format(n=feed.moved_cases)
        for currency, n in feed.unrated.items():
            yield _("{n} costs in {currency} have no rate to {home} and are not added up").format(
                n=n, currency=currency, home=self.rules.currency
            )


@dataclass(frozen=True, slots=True)
class _Made:
    """What a build has written so far; no version names it yet."""

    contacts: int
    customers: int
    journeys: int
    last: datetime
    rows_files: list[NewFile]
    journeys_files: list[NewFile]


@contextmanager
def _gone_on_failure(writers: Iterable[tuple[RollingFiles, RollingFiles]]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        for one in chain.from_iterable(writers):
            one.abandon()
        raise


def _write_both(rows: RollingFiles, journeys: RollingFiles, annotated: pa.RecordBatch, made: pa.RecordBatch) -> None:
    rows.write(annotated)
    journeys.write(made)


def _last_contact(connection: duckdb.DuckDBPyConnection, contacts: Version) -> datetime:
    files = parquet([f.path for f in contacts.current()])
    return _instant(count(connection, f"select epoch_us(max(occurred_at)) from {files}"))


def _instant(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)


def facts_of(result: BuildResult) -> dict[str, Any]:
    """The build as plain values, for JSON."""
    return asdict(result)

"""From a file to the log: read, map, check, number, keep. What cannot be used is set aside, never lost."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tiesa.contacts.expressions import Staged, staged
from tiesa.contacts.import_ids import named_at, new_import_id, standing
from tiesa.contacts.log import ContactLog, Kept
from tiesa.contacts.mapping import Mapping
from tiesa.contacts.plain_rows import CODED, code_customers, is_plain, write_plain
from tiesa.contacts.private import PERSON
from tiesa.contacts.quarantine import QUARANTINE_COLUMNS, set_aside, write_quarantine
from tiesa.contacts.readers import frame_source, open_source
from tiesa.contacts.readers.source import Source
from tiesa.contacts.recognise import recognise
from tiesa.contacts.stage_file import STAGE
from tiesa.contacts.staging import Staging, origin, rows, stage
from tiesa.core.columns import Table
from tiesa.core.errors import BadRow, UnusableInput
from tiesa.core.home import Home
from tiesa.core.locale import _, ngettext
from tiesa.core.tables import CONTACT
from tiesa.engines.duckdb import count, engine, literal, name

if TYPE_CHECKING:
    import duckdb

PREVIEW_ROWS = 10
LONGEST_SHOWN = 120
Told = Callable[[str, int], None]
"""Called while an import goes on: what is done ("read", "number", "keep"), and how many rows were read so far."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file. Always: read = accepted + duplicates + quarantined, and accepted includes corrected.

    tables: rows per table (a row of the file may also yield an answer or an outcome). dropped: source columns no
    table takes. preview, first_aside: with dry_run, the first rows as they would be kept, and those set aside.
    """

    read: int
    accepted: int
    corrected: int
    duplicates: int
    quarantined: int
    quarantine_file: Path | None
    import_id: str
    version: int
    mapping: Mapping
    recognised: str
    tables: Dict[str, Kept]
    customers: int
    new_customers: int
    dropped: tuple[str, ...]
    notes: tuple[str, ...]
    preview: tuple[Dict[str, Any], ...] = field(default=(), repr=False)
    first_aside: tuple[BadRow, ...] = field(default=(), repr=False)


def import_file(
    path: Path | str,
    home: Home,
    *,
    mapping: Mapping | None = None,
    table: Table | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
    import_id: str = "",
    told: Told | None = None,
) -> ImportResult:
    """Take a file into the log of `home`.

    Args: mapping: else a ready one that fits, else a proposal. table: what the rows are (else found out).
    dry_run: count and show, write nothing. now: rows later than a day after it are "in the future".
    import_id, told: see import_source.
    Raises: UnusableInput when no row can be used, InvalidMapping, DamagedHome; nothing is kept then.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     result = import_file("examples/support.csv", Home(Path(folder)))
    >>> result.read, result.accepted + result.duplicates + result.quarantined
    (395, 395)
    """
    found = Path(path)
    if mapping is None:
        source = open_source(found)
        mapping, how = recognise(source, home, table)
        if mapping.reader != type(mapping.reader)():
            source = open_source(found, options=mapping.reader)
    else:
        source, how = open_source(found, options=mapping.reader), "given"
    return import_source(
        source, home, mapping=mapping, recognised=how, dry_run=dry_run, now=now, import_id=import_id, told=told
    )


def import_frame(
    frame: Any, home: Home, *, mapping: Mapping | None = None, table: Table | None = None, import_id: str = ""
) -> ImportResult:
    """Take a data frame (pandas, Polars, Arrow, DuckDB relation; whatever narwhals reads) into the log."""
    source = frame_source(frame)
    how = "given"
    if mapping is None:
        mapping, how = recognise(source, home, table)
    return import_source(source, home, mapping=mapping, recognised=how, import_id=import_id)


def import_source(
    source: Source,
    home: Home,
    *,
    mapping: Mapping,
    recognised: str,
    dry_run: bool = False,
    now: datetime | None = None,
    import_id: str = "",
    told: Told | None = None,
) -> ImportResult:
    """Take an opened source into the log (see import_file).

    Args: import_id: chosen beforehand with new_import_id by somebody who may have to begin the same import again after
    it was killed. Where it stands in the log already, nothing is added: the result says what it brought then, and what
    was set aside is written once more. told: hears how far it is; what it raises ends the import.
    Raises: WrongUsage for an import_id of another form.
    """
    if import_id:
        named_at(import_id)
    home.check()
    mapping.check_against(source.columns)
    log, at, told = ContactLog(home), datetime.now(UTC), told or _nobody
    chosen, import_id = import_id, import_id or new_import_id(at)
    with engine(spill=home.spill, ordered=True) as connection:
        salt = log.private.salt()
        staging = stage(connection, source, mapping, salt=salt, now=now, told=partial(told, "read"))
        if not staging.good:
            raise _nothing_usable(staging)
        if not dry_run:
            home.make()
            if (kept := log.private.keep_salt(salt)) != salt:  # another process made the home meanwhile
                staging = stage(connection, source, mapping, salt=kept, now=now)
        stood = _stood(log, staging, chosen) if chosen and not dry_run else {}
        told("number", staging.facts.read)
        connection.execute("set preserve_insertion_order = false")
        facts = {
            "action": "import",
            "import_id": import_id,
            "at": at.isoformat(),
            "file": _file(source),
            "by": recognised,
            "source": mapping.source,
            "read": staging.facts.read,
            "set_aside": staging.set_aside,
        }
        keep = not dry_run and not stood
        return _Import(connection, log, staging, import_id, at.isoformat(), facts, recognised, keep, stood, told).run()


def _nobody(step: str, rows: int) -> None:
    """Hears how far an import is where nobody else wants to."""


def _stood(log: ContactLog, staging: Staging, import_id: str) -> dict[str, dict[str, Any]]:
    """The facts of an import that stands already, per table. Of several tables the file's own is kept last: where it
    holds nothing of it, the import was not finished."""
    if not standing(log, staging.primary.table, import_id):
        return {}
    return {item.table.name: standing(log, item.table, import_id) for item in staging.plan.tables}


def _file(source: Source) -> str:
    return source.path.name if source.path else source.format


def _nothing_usable(staging: Staging) -> UnusableInput:
    row, column, value, why, _raw = next(set_aside(staging))
    return UnusableInput(
        _("No row can be used. The first one, row {row}: {why} (column {column}, value {value})").format(
            row=row, why=why[:1].lower() + why[1:], column=_shortened(column), value=_shortened(value)
        ),
        where=_file(staging.source),
        remedy=_("Look at `tiesa mapping {file}`, mend it and give it with --mapping").format(
            file=_file(staging.source)
        ),
    )


def _shortened(value: str) -> str:
    """The value in quotes, such that a sentence can hold it."""
    return repr(value if len(value) <= LONGEST_SHOWN else value[:LONGEST_SHOWN] + "…")


@dataclass(frozen=True, slots=True)
class _Import:
    """One import under way: everything its steps share."""

    connection: duckdb.DuckDBPyConnection
    log: ContactLog
    staging: Staging
    import_id: str
    at: str
    facts: dict[str, Any]
    recognised: str
    keep: bool
    stood: Dict[str, dict[str, Any]]
    told: Told

    def run(self) -> ImportResult:
        """Numbers first, then words and the tables that hang on contacts, the contacts last: a killed import
        leaves nothing that the same import, sent again, would not complete."""
        staging = self.staging
        self.number_ids()
        coded = code_customers(staging)
        customers, new = self.number_customers(staging.mapping.customers, coded=coded is not None)
        self.facts.update(customers=customers, new_customers=new)
        self.told("keep", staging.facts.read)
        if self.keep:
            self.words()
        if self.stood:
            new = self.stood[staging.primary.table.name].get("new_customers", new)
            kept = {item.table.name: self.kept_then(item) for item in reversed(staging.plan.tables)}
        else:
            kept = {item.table.name: self.append(item, coded) for item in reversed(staging.plan.tables)}
        first = kept[staging.primary.table.name]
        writes = self.keep or bool(self.stood)
        file = write_quarantine(staging, self.log.home, import_id=self.import_id) if writes else None
        return ImportResult(
            read=staging.facts.read,
            accepted=first.accepted,
            corrected=first.corrected,
            duplicates=first.duplicates,
            quarantined=staging.set_aside,
            quarantine_file=file,
            import_id=self.import_id,
            version=first.version,
            mapping=staging.mapping,
            recognised=self.recognised,
            tables=dict(reversed(kept.items())),
            customers=customers,
            new_customers=new,
            dropped=self.dropped(),
            notes=(*staging.mapping.notes, *getattr(staging.source, "notes", ()), *self.warnings()),
            preview=() if writes else self.preview(),
            first_aside=() if writes else tuple(BadRow(*row[:4]) for row in islice(set_aside(staging), PREVIEW_ROWS)),
        )

    def kept_then(self, item: Staged) -> Kept:
        """What became of a table's rows when the import was made."""
        facts = self.stood.get(item.table.name, {})
        accepted, corrected, duplicates = (facts.get(name, 0) for name in ("accepted", "corrected", "duplicates"))
        return Kept(accepted, corrected, duplicates, facts.get("version", -1))

    def append(self, item: Staged, coded: pa.Array | None) -> Kept:
        staging, first = self.staging, self.staging.primary
        usable, own_id = staging.good, item.table.id_column in item.filled
        if item is first and item.table.id_column:
            repeated = own_id and staging.facts.distinct_ids < usable
        else:
            repeated = True
        plain = None
        if item is first and is_plain(staging, coded):
            plain = partial(write_plain, staging, coded, import_id=self.import_id, recorded_at=self.at)
        return self.log.append(
            self.connection,
            item.table,
            rows(staging, item),
            import_id=self.import_id,
            recorded_at=self.at,
            facts=self.facts,
            repeated=repeated,
            total=usable if item is first else None,
            keep=self.keep,
            plain=plain,
        )

    def number_customers(self, source: str, *, coded: bool) -> tuple[int, int]:
        """Customers of every staged table, numbered in file order. coded: they stand in `coded_customers`."""
        if coded:
            nobody = ", ".join(f"null::varchar as {c}" for c in PERSON)
            wanted = f"select source_id, first_row, {nobody} from {CODED} where source_id is not null"
            return self.log.private.number_customers(self.connection, wanted, source=source, keep=self.keep)
        parts = []
        for item in self.staging.plan.tables:
            if "customer" in item.filled or "customer" in item.constants:
                extras = ", ".join(f"{item.sql('customer_' + c)} as {c}" for c in PERSON)
                parts.append(
                    f"select {item.sql('customer')} as source_id, {self.staging.row} as first_row, {extras} "
                    f"from {STAGE} s where problems is null"
                )
        if not parts:
            self.connection.execute(
                "create or replace temp table customer_keys (source_id varchar, customer_key bigint);"
                "create or replace temp table erased_customers (customer_key bigint)"
            )
            return 0, 0
        gathered = (
            "select source_id, min(first_row) as first_row, any_value(name) as name, any_value(mail) as mail, "
            f"any_value(phone) as phone from ({' union all '.join(parts)}) where source_id is not null group by 1"
        )
        return self.log.private.number_customers(self.connection, gathered, source=source, keep=self.keep)

    def number_ids(self) -> None:
        """Ids that carry personal data (a Message-ID, a mail address), whatever column they stand in."""
        owners = {staged(item.table, c): item for item in self.staging.plan.tables for c in item.filled}
        parts = [
            f"select {origin(self.staging, owners[key])} as source, {name(key)} as source_id, "
            f"{self.staging.row} as first_row from {STAGE} s where problems is null and contains({name(key)}, '@')"
            for key in sorted(self.staging.facts.personal)
        ]
        if not parts:
            self.connection.execute(
                "create or replace temp table id_numbers (source varchar, source_id varchar, number bigint)"
            )
            return
        gathered = (
            "select source, source_id, min(first_row) as first_row from "
            f"({' union all '.join(parts)}) group by source, source_id"
        )
        self.log.private.number_ids(self.connection, gathered, keep=self.keep)

    def words(self) -> None:
        for item in self.staging.plan.tables:
            if "text" not in item.filled:
                continue
            ids = {"contact_id": "null::varchar", "answer_id": "null::varchar"}
            ids[item.table.id_column] = f"r.{item.table.id_column}"
            self.log.private.keep_words(
                self.connection,
                f"select r.source, {ids['contact_id']} as contact_id, {ids['answer_id']} as answer_id, r.customer_key, "
                f"s.text, {literal(self.import_id)} as import_id from ({rows(self.staging, item)}) r join "
                f"(select {self.staging.row} as tiesa_row, {item.sql('text')} as text from {STAGE} s) s "
                "using (tiesa_row) where s.text is not null qualify row_number() over "
                f"(partition by r.source, r.{item.table.id_column} order by tiesa_row desc) = 1",
                import_id=self.import_id,
            )

    def dropped(self) -> tuple[str, ...]:
        used = {*self.staging.mapping.columns, *QUARANTINE_COLUMNS}
        return tuple(c for c in self.staging.source.columns if c not in used)

    def warnings(self) -> list[str]:
        """What the person should know though no row is at fault."""
        staging, found = self.staging, []
        first, facts = staging.primary, staging.facts
        if facts.with_offset and facts.without_offset:
            found.append(
                _("{with_offset} times carry an offset and {without} do not; these were read as {zone}").format(
                    with_offset=facts.with_offset, without=facts.without_offset, zone=staging.mapping.zone
                )
            )
        if first.table is CONTACT and not staging.mapping.tables[0].sets("customer"):
            found.append(_("The file names no customers: each case stands for one"))
        if n := self.rows_of_erased():
            line = ngettext(
                "{n:,} row is of an erased customer; no name, address or words were kept",
                "{n:,} rows are of erased customers; no names, addresses or words were kept",
                n,
            )
            found.append(line.format(n=n))
        return found

    def rows_of_erased(self) -> int:
        first = self.staging.primary
        if "customer_key" not in first.table or not count(self.connection, "select count(*) from erased_customers"):
            return 0
        theirs = "semi join erased_customers using (customer_key)"
        return count(self.connection, f"select count(*) from ({rows(self.staging, first)}) {theirs}")

    def preview(self) -> tuple[Dict[str, Any], ...]:
        item = self.staging.primary
        shown = [c for c in item.table.names if c in item.filled or c in item.constants]
        select = ", ".join(f"({item.sql(c)})::varchar as {name(c)}" for c in shown)
        if "customer" in item.filled:
            select = f"{item.sql('customer')} as customer, {select}"
        table = self.connection.sql(
            f"select {select} from {STAGE} s where problems is null order by {self.staging.row} limit {PREVIEW_ROWS}"
        ).to_arrow_table()
        return tuple(table.to_pylist())


def undo_import(home: Home, import_id: str) -> dict[str, int]:
    """Take an import back (see ContactLog.undo); journeys follow at the next build."""
    home.check()
    with engine(spill=home.spill) as connection:
        return ContactLog(home).undo(connection, import_id)


def with_source(mapping: Mapping, source: str) -> Mapping:
    """The same mapping for another system of the same kind, whose ids are its own."""
    return replace(mapping, source=source)

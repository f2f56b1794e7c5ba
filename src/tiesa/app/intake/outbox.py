"""The outbox: rows that arrive one by one are durable in the database before anybody is told so, and move to the log in
batches.

On the way every row is in one of three places, and a kill at any moment leaves it in one of them:
waiting in the outbox; in the file of an open batch, whose import id is chosen; in the log. From the first to the second
it goes in one transaction, after the file is synced; from the second to the third by an import that does nothing where
its id stands in the log already.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from tiesa.app.api.checking import Row, fields
from tiesa.app.api.models import Batch, OutboxRow
from tiesa.app.config.installation import installation
from tiesa.app.jobs.kinds import KINDS, kind
from tiesa.app.jobs.models import Job, State
from tiesa.app.jobs.work import Running, ask_once
from tiesa.app.jobs.worker import every
from tiesa.app.people.roles import Right
from tiesa.contacts.import_ids import new_import_id
from tiesa.contacts.importing import ImportResult, import_source
from tiesa.contacts.mapping import WHOLE, Field, Mapping, TableMapping
from tiesa.contacts.readers import open_source
from tiesa.core.columns import Table
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _
from tiesa.core.tables import BY_NAME
from tiesa.core.whole_files import DRAFT, make_folder, remove, replacing
from tiesa.engines.locks import held

MOST_ROWS = 50_000
"""Of one batch."""
TURN_S = 60
"""After so long a job leaves the rest to the next one, so that others get their turn."""
KNOWN_FOR = timedelta(days=3)
"""So long a row that is sent again is known, and not taken to the log once more to be found there."""
_KEPT_JOBS = timedelta(hours=1)
log = logging.getLogger("tiesa.outbox")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of rows. known: the same as before. changed: names of corrections that were not wanted."""

    accepted: int = 0
    corrected: int = 0
    known: int = 0
    changed: frozenset[str] = frozenset()

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.accepted + other.accepted,
            self.corrected + other.corrected,
            self.known + other.known,
            self.changed | other.changed,
        )


def keep(rows: Sequence[Row], *, corrections: bool = True) -> Taken:
    """Make rows durable: when this returns, they outlive a loss of power. The same row again changes nothing; another
    with the same name takes its place where corrections are wanted.

    Of several with one name the last holds, and those before it count as known or corrected.
    """
    unique = {row.name: row for row in rows}
    again = Taken()
    if len(unique) < len(rows):
        for row in rows:
            if row is not unique[row.name]:
                same = row.digest == unique[row.name].digest
                again += Taken(known=1) if same else Taken(corrected=1)
    parted = sorted(unique.values())  # by name, so that two senders never wait for each other
    groups = [list(group) for _kind, group in groupby(sorted(parted, key=_group), key=_group)]
    how = _insert_only if not corrections else _upsert_fast if connection.vendor == "postgresql" else _upsert
    if len(groups) == 1 and how is _upsert_fast:  # one statement is a transaction by itself
        return how(groups[0]) + again
    with transaction.atomic():
        return sum((how(group) for group in groups), again)


def _group(row: Row) -> tuple[str, str]:
    return row.table, row.customers


_LISTS = "string_to_array(%s, ',')::uuid[], string_to_array(%s, ',')::bigint[]"
"""Names and digests as texts: lists of Python's would cost twice what checking the rows does."""
_FAST = f"""
with kept as (
  insert into api_outboxrow as o (name, "table", customers, digest, payload, received_at)
  select n, %s, %s, d, p, now() from unnest({_LISTS}, string_to_array(%s, E'\\n')) as t (n, d, p)
  on conflict (name) do update set digest = excluded.digest, payload = excluded.payload, received_at = now()
  where o.digest <> excluded.digest returning xmax = 0 as is_new)
select count(*) filter (where is_new), count(*) filter (where not is_new) from kept
"""


def _upsert_fast(rows: Sequence[Row]) -> Taken:
    payloads = "\n".join([row.payload for row in rows])  # a line break within one is written otherwise
    with connection.cursor() as cursor:
        cursor.execute(_FAST, [rows[0].table, rows[0].customers, *_lists(rows), payloads])
        new, corrected = cursor.fetchone()
    return Taken(new, corrected, len(rows) - new - corrected)


def _lists(rows: Sequence[Row]) -> tuple[str, str]:
    return ",".join([row.name for row in rows]), ",".join([str(row.digest) for row in rows])


def _upsert(rows: Sequence[Row]) -> Taken:
    before = _digests(rows)
    fresh = [row for row in rows if row.name not in before]
    other = [row for row in rows if row.name in before and before[row.name] != row.digest]
    OutboxRow.objects.bulk_create(
        [_model(row) for row in (*fresh, *other)],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["digest", "payload", "received_at"],
    )
    return Taken(len(fresh), len(other), len(rows) - len(fresh) - len(other))


def _insert_only(rows: Sequence[Row]) -> Taken:
    before = _digests(rows)
    fresh = [row for row in rows if row.name not in before]
    OutboxRow.objects.bulk_create([_model(row) for row in fresh], batch_size=500, ignore_conflicts=True)
    after = _digests(rows)  # somebody else may have been faster with one of them
    changed = frozenset(row.name for row in rows if after[row.name] != row.digest)
    accepted = sum(row.name not in changed for row in fresh)
    return Taken(accepted, 0, len(rows) - accepted - len(changed), changed)


def _digests(rows: Sequence[Row]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(rows), 500):
        some = OutboxRow.objects.filter(name__in=[row.name for row in rows[start : start + 500]])
        found |= {name.hex: digest for name, digest in some.values_list("name", "digest")}
    return found


def _model(row: Row) -> OutboxRow:
    return OutboxRow(
        name=row.name,
        table=row.table,
        customers=row.customers,
        digest=row.digest,
        payload=row.payload,
        received_at=timezone.now(),
    )


def waiting() -> tuple[int, float]:
    """How many rows wait, and for how long the first has, in seconds."""
    rows = _waiting()
    n, first = rows.count(), rows.aggregate(first=Min("received_at"))["first"]
    return n, (timezone.now() - first).total_seconds() if first else 0.0


def _waiting() -> Any:
    return OutboxRow.objects.exclude(payload="")


def folder() -> Path:
    """Where the files of batches stand."""
    return installation().folder / "outbox"


def file_of(batch: Batch) -> Path:
    return folder() / f"{BY_NAME[batch.table].plural}-{batch.import_id}.parquet"


def move(tell: Callable[[str], None] = lambda _step: None) -> dict[str, int]:
    """Move what waits to the log. tell: hears what is done, and may end it between two batches by raising.

    Returns: batches and rows that reached the log. Does nothing where another process is at it.
    """
    moved = {"batches": 0, "rows": 0}
    with _turn() as is_mine:
        if not is_mine:
            return moved
        _sweep_files()
        until = time.monotonic() + TURN_S
        for batch in _batches():
            tell(_("Taking {n} rows to the log").format(n=batch.rows))
            _import(batch)
            moved["batches"] += 1
            moved["rows"] += batch.rows
            if time.monotonic() > until:
                break
    return moved


@contextmanager
def _turn() -> Iterator[bool]:
    make_folder(folder())
    try:
        with held(folder() / ".lock", wait_s=0):
            yield True
    except BlockingIOError:
        yield False


def _sweep_files() -> None:
    """What a killed process left before it said which batch it was."""
    known = {file_of(batch).name for batch in Batch.objects.exclude(state=Batch.DONE)}
    for path in folder().iterdir():
        if path.name not in known and (path.suffix == ".parquet" or path.name.startswith(DRAFT)):
            remove(path)


def _batches() -> Iterator[Batch]:
    """Open batches first, then what waits, batch by batch."""
    yield from Batch.objects.filter(state=Batch.OPEN).order_by("pk")
    while True:
        found = list(
            _waiting()
            .order_by("received_at")
            .values_list("name", "table", "customers", "digest", "payload")[:MOST_ROWS]
        )
        if not found:
            return
        rows = sorted((Row(name.hex, *more) for name, *more in found), key=_group)
        for (table, customers), group in groupby(rows, key=_group):
            yield _open(table, customers, list(group))


def _open(table: str, customers: str, rows: list[Row]) -> Batch:
    """Write the file of a batch, then, in one transaction, name it and take the rows out of the outbox; a row that was
    corrected meanwhile stays, and follows in a later batch."""
    batch = Batch(
        import_id=new_import_id(datetime.now(UTC)), table=table, customers=customers, rows=len(rows), state=Batch.OPEN
    )
    _write(BY_NAME[table], [row.payload for row in rows], file_of(batch))
    with transaction.atomic():
        batch.save(force_insert=True)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"update api_outboxrow o set payload = '' from unnest({_LISTS}) as t (n, d) "
                    "where o.name = t.n and o.digest = t.d",
                    _lists(rows),
                )
            else:
                cursor.executemany(
                    "update api_outboxrow set payload = '' where name = %s and digest = %s",
                    [(row.name, row.digest) for row in rows],
                )
    return batch


def _write(table: Table, payloads: Iterable[str], path: Path) -> None:
    """Rows as a Parquet file of our own columns, without those that are empty everywhere."""
    import pyarrow.json as pj
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _type_in_file(table, name)) for name in fields(table)])
    lines = pa.BufferReader("\n".join(payloads).encode())
    whole = pj.ReadOptions(block_size=64 * 2**20)
    found = pj.read_json(lines, whole, pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"))
    found = found.select([name for name in found.column_names if found[name].null_count < found.num_rows])
    with replacing(path, mode=0o600) as draft:
        pq.write_table(found, draft, compression="zstd")


def _type_in_file(table: Table, name: str) -> pa.DataType:
    kind = table[name].type if name in table else pa.string()
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_floating(kind):
        return pa.float64()
    return kind if pa.types.is_boolean(kind) else pa.string()


def _import(batch: Batch) -> None:
    """Take a batch to the log, once."""
    path = file_of(batch)
    try:
        source = open_source(path)
        mapping = _mapping(batch, source.columns)
        home = installation().place
        result = import_source(source, home, mapping=mapping, recognised="api", import_id=batch.import_id)
    except UnusableInput as error:
        Batch.objects.filter(pk=batch.pk).update(state=Batch.REFUSED, error=str(error))
        log.error("a batch was refused", extra={"rows": batch.rows})
        return
    Batch.objects.filter(pk=batch.pk).update(state=Batch.DONE, result=counts_of(result))
    remove(path)


def counts_of(result: ImportResult) -> dict[str, int]:
    """What an import brought, for JSON."""
    names = ("read", "accepted", "corrected", "duplicates", "quarantined")
    return {name: getattr(result, name) for name in names}


def _mapping(batch: Batch, columns: Sequence[str]) -> Mapping:
    table = BY_NAME[batch.table]
    own = {name: Field((name,)) for name in columns if name != "attributes"}
    attributes = {WHOLE: "attributes"} if "attributes" in columns else {}
    return Mapping(source="api", customers=batch.customers, tables=(TableMapping(table, own, attributes),))


@kind("outbox", right=Right.IMPORT, words=lambda: _("Taking what was sent to the log"))
def run(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """The job: move what waits, and have journeys made where something came."""
    del arguments
    moved = move(running.tell)
    if moved["batches"] and "build" in KINDS:
        ask_once("build", {}, by=None)
    old = Job.objects.filter(kind="outbox", state=State.DONE, ended_at__lt=timezone.now() - _KEPT_JOBS)
    old.delete()
    return dict(moved)


@every("outbox", timedelta(seconds=5))
def ask_where_something_waits() -> None:
    """By the clock: a job, where rows wait or a batch is open."""
    if _waiting().exists() or Batch.objects.filter(state=Batch.OPEN).exists():
        ask_once("outbox", {}, by=None)


@every("outbox_forgets", timedelta(hours=1))
def forget() -> None:
    """By the clock: what reached the log long ago need no longer be known here."""
    before = timezone.now() - KNOWN_FOR
    OutboxRow.objects.filter(payload="", received_at__lt=before).delete()
    Batch.objects.filter(state=Batch.DONE, made_at__lt=before).delete()

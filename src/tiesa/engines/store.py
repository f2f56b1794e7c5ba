"""Delta tables: read a fixed version, add and remove whole files in one commit, lose a race cleanly.

A commit carries an application transaction of the table's own name whose number must be one above the last:
a compare-and-swap, so that of two writers who read the same version only one gets through; the other raises
`Overtaken` and looks again. Files are sealed before the commit names them: synced, and called after the sum of their
bytes, so that damage shows. What a killed process leaves behind is an unnamed file, never half a table.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tiesa.core.whole_files import make_folder, sync

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from deltalake.transaction import AddAction, RemoveAction

SEQUENCE = "sequence"
LOG = "_delta_log"
_SUM_DIGITS = 32
_CONFIGURATION = {
    "delta.logRetentionDuration": "interval 3650 days",
    "delta.enableExpiredLogCleanup": "false",
    "delta.checkpointInterval": "20",
}


class Overtaken(Exception):
    """Another writer committed first; read again and decide anew."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A Parquet file that a table version names: `partition` is the value of the partition column.

    `bounds` holds (lowest, highest) of the columns whose range was recorded when the file was written.
    """

    path: Path
    relative: str
    size: int
    rows: int
    partition: str | None
    bounds: Mapping[str, tuple[Any, Any]]

    def may_hold(self, column: str, low: Any, high: Any) -> bool:
        """False only when no value of `column` in [low, high] can stand in this file."""
        if column not in self.bounds:
            return True
        lowest, highest = self.bounds[column]
        return bool(lowest <= high and low <= highest)

    @property
    def expected_sum(self) -> str | None:
        """The sum its bytes had when it was sealed; None of a file that carries none."""
        _name, _dash, digits = Path(self.relative).stem.partition("-")
        return digits or None


@dataclass(frozen=True, slots=True)
class NewFile:
    """A written and synced Parquet file that no version names yet."""

    relative: str
    size: int
    rows: int
    partition: str | None
    bounds: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a table: its number, its files, and the facts its commit carried."""

    number: int
    sequence: int
    files: tuple[StoredFile, ...]
    linked: Mapping[str, int]
    """Numbers of other tables' versions that this one belongs to; 0 where it belongs to none."""

    def current(self, partition: str | None = None) -> tuple[StoredFile, ...]:
        return tuple(f for f in self.files if f.partition == partition)

    def rows_of(self, partition: str | None) -> int:
        """How many rows stand in a partition."""
        return sum(f.rows for f in self.current(partition))


@dataclass(frozen=True)
class Store:
    """One Delta table in `root`, split by one text column that is not in the files."""

    root: Path
    schema: pa.Schema
    partition_column: str
    bounded: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether its first version stands: the folder alone may be what a killed process left."""
        return self.entry(0).exists()

    def entry(self, number: int) -> Path:
        """The log entry of a version."""
        return self.root / LOG / f"{number:020}.json"

    def _table(self, version: int | None = None) -> DeltaTable:
        from deltalake import DeltaTable

        if not self.exists:
            self.root.mkdir(parents=True, exist_ok=True)
            DeltaTable.create(
                str(self.root),
                self._delta_schema(),
                mode="ignore",
                partition_by=[self.partition_column],
                configuration=_CONFIGURATION,
            )
            for created in (self.entry(0), self.root / LOG, self.root, self.root.parent):
                sync(created)
        return DeltaTable(str(self.root), version=version)

    def _delta_schema(self) -> pa.Schema:
        fields = [pa.field(f.name, f.type, nullable=f.nullable) for f in self.schema]
        return pa.schema([*fields, pa.field(self.partition_column, pa.string())])

    def version(self, number: int | None = None) -> Version:
        """The latest version, or a given one."""
        if number is None and not self.exists:
            return Version(number=-1, sequence=0, files=(), linked={})
        table = self._table(number)
        actions = pa.RecordBatchReader.from_stream(table.get_add_actions(flatten=True)).read_all().to_pylist()
        files = tuple(self._stored(action) for action in actions)
        linked = {link: table.transaction_version(link) or 0 for link in self.links}
        return Version(table.version(), table.transaction_version(SEQUENCE) or 0, files, linked)

    def _stored(self, action: dict[str, Any]) -> StoredFile:
        bounds = {
            column: (action[f"min.{column}"], action[f"max.{column}"])
            for column in self.bounded
            if action.get(f"min.{column}") is not None and action.get(f"max.{column}") is not None
        }
        return StoredFile(
            path=self.root / action["path"],
            relative=action["path"],
            size=action["size_bytes"],
            rows=action["num_records"],
            partition=action[f"partition.{self.partition_column}"],
            bounds=bounds,
        )

    def new_path(self, partition: str | None = None) -> tuple[str, Path]:
        """Name of a file to write next, until `seal` gives it its own: relative to the table, and absolute."""
        folder = f"{self.partition_column}={partition or '__HIVE_DEFAULT_PARTITION__'}"
        relative = f"{folder}/{uuid.uuid4().hex}.parquet"
        path = self.root / relative
        make_folder(path.parent)
        return relative, path

    def seal(self, relative: str, rows: int, partition: str | None) -> NewFile:
        """Make a written file durable under a name that carries the sum of its bytes."""
        draft = self.root / relative
        try:
            sealed = draft.with_stem(f"{draft.stem}-{sum_of(draft)}")
            size = sync(draft)
            draft.rename(sealed)
        except OSError:  # a full disk; what nobody will name must not fill it further
            draft.unlink(missing_ok=True)
            raise
        sync(sealed.parent)
        return NewFile(str(sealed.relative_to(self.root)), size, rows, partition)

    def commit(
        self,
        *,
        after: Version,
        add: Sequence[NewFile],
        remove: Sequence[StoredFile] = (),
        links: Mapping[str, int] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> int:
        """Switch the files of version `after` in one step; returns the new version's number.

        links: numbers of other tables' versions this one belongs to (kept as transactions, read back in
        `Version.linked`). facts: JSON kept in the commit. Raises Overtaken when another writer was first. On any other
        failure (a full disk) the new files are gone, and nothing has changed.
        """
        from deltalake import CommitProperties, Transaction
        from deltalake.exceptions import DeltaError

        now = int(time.time() * 1000)
        transactions = [Transaction(SEQUENCE, after.sequence + 1, now)]
        transactions += [Transaction(link, number, now) for link, number in (links or {}).items() if number > 0]
        mark = uuid.uuid4().hex
        properties = CommitProperties(
            max_commit_retries=0,
            app_transactions=transactions,
            custom_metadata={"tiesa": json.dumps(dict(facts or {}), default=str), "mark": mark},
        )
        table = self._table_after(after)
        actions = self._actions(add, remove, now)
        number = max(after.number, 0) + 1  # version 0 of a table is its making
        entry = self.entry(number)
        try:
            table.create_write_transaction(
                actions, "append", self._delta_schema(), [self.partition_column], commit_properties=properties
            )
        except (DeltaError, OSError) as failure:
            # What came of it is told by the entry alone: it may stand though summing up the log failed after it.
            if not entry.exists():
                self.discard(add)
                raise
            if mark not in entry.read_text("utf-8"):
                raise Overtaken(str(self.root)) from failure
        sync(entry)
        sync(entry.parent)
        return number

    def _table_after(self, version: Version) -> DeltaTable:
        """The table at a version to build on; it is made where there was none. Raises Overtaken."""
        table = self._table(version.number if version.number >= 0 else None)
        if version.number < 0 and table.version() != 0:
            raise Overtaken(str(self.root))
        return table

    def _actions(
        self, add: Sequence[NewFile], remove: Sequence[StoredFile], now: int
    ) -> list[AddAction | RemoveAction]:
        """What a commit does to the files, as the library wants it told. now: in milliseconds since 1970."""
        from deltalake.transaction import AddAction, RemoveAction

        added = [
            AddAction(f.relative, f.size, {self.partition_column: f.partition}, now, True, _statistics(f)) for f in add
        ]
        removed = [
            RemoveAction(
                path=f.relative,
                deletion_timestamp=now,
                data_change=True,
                size=f.size,
                partition_values={self.partition_column: f.partition},
            )
            for f in remove
        ]
        return [*added, *removed]

    def facts(self, number: int | None = None, *, limit: int = 1) -> list[dict[str, Any]]:
        """The facts of the newest `limit` commits up to a version, newest first, each with its `version`."""
        if not self.exists:
            return []
        newest = self._table(None).version() if number is None else number
        return [self._facts_of(n) for n in range(newest, max(newest - limit, -1), -1)]

    def _facts_of(self, number: int) -> dict[str, Any]:
        """Read from the commit itself: asked of an old version, the library's history numbers wrongly."""
        with self.entry(number).open("rb") as entry:
            commits = [info["commitInfo"] for line in entry if (info := json.loads(line)).get("commitInfo")]
        told = json.loads(commits[0].get("tiesa", "{}")) if commits else {}
        return {**told, "version": number}

    @contextmanager
    def discarding(self, files: list[NewFile]) -> Iterator[None]:
        """While this is open, a failure deletes the files that are in the list by then."""
        try:
            yield
        except BaseException:
            self.discard(files)
            raise

    def discard(self, files: Sequence[NewFile]) -> None:
        """Delete files that lost their race before any version named them."""
        for f in files:
            (self.root / f.relative).unlink(missing_ok=True)


def sum_of(path: Path) -> str:
    """The sum of a file's bytes, as in the name of a sealed file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_SUM_DIGITS]


def _statistics(f: NewFile) -> str:
    lowest = {c: _plain(low) for c, (low, _) in f.bounds.items()}
    highest = {c: _plain(high) for c, (_, high) in f.bounds.items()}
    statistics = {
        "numRecords": f.rows,
        "minValues": lowest,
        "maxValues": highest,
        "nullCount": dict.fromkeys(lowest, 0),
    }
    return json.dumps(statistics)


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if hasattr(value, "strftime") else value

"""Checks of a table's log and of every file that a kept version names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from tiesa.core.errors import DamagedHome
from tiesa.core.locale import _
from tiesa.engines.duckdb import literal, name
from tiesa.engines.store import Store, StoredFile, Version, sum_of
from tiesa.upkeep.findings import Finding, error
from tiesa.upkeep.past import EVIDENCE, Past, past

if TYPE_CHECKING:
    import duckdb


@dataclass
class Known:
    """What is known of the tables as the check goes on: their pasts, their kept versions, and those that are damaged,
    which later checks leave alone."""

    pasts: dict[str, Past] = field(default_factory=dict)
    versions: dict[str, dict[int, Version]] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    files: int = 0
    bytes: int = 0

    def latest(self, folder: str) -> Version | None:
        """The latest version of a table that is there and whole."""
        if folder not in self.pasts or folder in self.damaged:
            return None
        return self.versions[folder][self.pasts[folder].latest]

    def is_whole(self, *folders: str) -> bool:
        return all(folder in self.pasts and folder not in self.damaged for folder in folders)


def check_log(folder: str, store: Store, known: Known) -> Iterator[Finding]:
    """Is every entry of the table's log there, written by us, and told alike by the library that reads Delta?"""
    from deltalake.exceptions import DeltaError

    again = _("Restore the home from a backup (`tiesa restore`)")
    try:
        one = past(store)
    except DamagedHome as damage:
        known.damaged.add(folder)
        yield error("log-broken", damage.what, damage.where.removeprefix(f"{store.root}/"), damage.remedy)
        return
    known.pasts[folder] = one
    if one.foreign:
        what = _("Another program wrote version {n} of this table; its rows may have changed").format(n=one.foreign[0])
        known.damaged.add(folder)
        yield error("log-foreign", what, folder, again)
    try:
        latest = store.version()
    except (DeltaError, OSError, ValueError) as failure:
        known.damaged.add(folder)
        yield error("log-broken", _("This table's log cannot be read: {why}").format(why=failure), folder, again)
        return
    told = {life.relative for life in one.files([one.latest])}
    if latest.number != one.latest or {f.relative for f in latest.files} != told:
        known.damaged.add(folder)
        yield error("log-broken", _("This table's log and its checkpoint do not agree"), folder, again)


def check_files(
    connection: duckdb.DuckDBPyConnection,
    folder: str,
    versions: Iterable[int],
    known: Known,
    *,
    quick: bool,
    told: Callable[[str], None],
) -> Iterator[Finding]:
    """Are the files of these versions there, as they were committed? The first fault of each is told."""
    store = known.pasts[folder].store
    held = known.versions.setdefault(folder, {})
    files: dict[str, StoredFile] = {}
    for number in sorted({*versions, known.pasts[folder].latest}):
        held[number] = store.version(number)
        files |= {f.relative: f for f in held[number].files}
    for n, f in enumerate(files.values(), 1):
        told(_("{table}: file {n} of {all}").format(table=folder, n=n, all=len(files)))
        known.files += 1
        known.bytes += f.size
        if fault := _fault(connection, store, f, quick):
            known.damaged.add(folder)
            code, what = fault
            yield error(code, what, f"{folder}/{f.relative}", _remedy(folder))


def _remedy(folder: str) -> str:
    if folder in ("journeys", EVIDENCE):
        return _("Make the journeys anew (`tiesa build --full`); what is pinned comes back with `tiesa restore` only")
    return _("Restore the home from a backup (`tiesa restore`), then import what came since")


def _fault(connection: duckdb.DuckDBPyConnection, store: Store, f: StoredFile, quick: bool) -> tuple[str, str] | None:
    if not f.path.exists():
        return "file-missing", _("A file is missing that a version names")
    if (size := f.path.stat().st_size) != f.size:
        what = _("A file has {found:,} bytes, and {n:,} were committed").format(found=size, n=f.size)
        return "file-size", what
    if not quick and f.expected_sum and sum_of(f.path) != f.expected_sum:
        return "file-changed", _("The bytes of a file are not those that were written")
    try:
        file = pq.ParquetFile(f.path)
        kinds = [(one.name, one.type) for one in file.schema_arrow]
    except (pa.ArrowException, OSError, ValueError) as failure:
        return "file-unreadable", _("A file cannot be read: {why}").format(why=" ".join(str(failure).split())[:200])
    if kinds != [(one.name, one.type) for one in store.schema]:
        return "file-schema", _("A file has other columns than this table has")
    if file.metadata.num_rows != f.rows:
        what = _("A file has {found:,} rows, and {n:,} were committed").format(found=file.metadata.num_rows, n=f.rows)
        return "file-rows", what
    if not quick and not all(_bound_holds(connection, f, column) for column in f.bounds):
        return "file-bounds", _("A file holds values outside the bounds that were committed")
    return None


def _bound_holds(connection: duckdb.DuckDBPyConnection, f: StoredFile, column: str) -> bool:
    low, high = f.bounds[column]
    found = connection.execute(
        f"select min({name(column)}), max({name(column)}) from read_parquet({literal(str(f.path))}, "
        "hive_partitioning = false)"
    ).fetchall()[0]
    return found[0] is None or bool(low <= found[0] and found[1] <= high)

"""Files that nobody needs any more go: those no kept version names, and what killed processes left.

Kept are the latest version of every table, what is pinned, every version that was the latest one within the retention
(a long query or build may still read it), and the versions that kept evidence names. Nothing is written to a table's
log, so no evidence number moves; killed midway, the next sweep goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tiesa.core.errors import DamagedHome, WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.engines.locks import is_held
from tiesa.engines.store import LOG, Store
from tiesa.upkeep.durable import DRAFT
from tiesa.upkeep.past import EVIDENCE, Past, past, private_tables, tables
from tiesa.upkeep.pins import pinned_versions, pins
from tiesa.upkeep.turns import turn

RETENTION = timedelta(days=7)
SHORTEST = timedelta(hours=1)
"""The retention must be longer than the longest read or write."""
BEING_WRITTEN = timedelta(days=1)
"""A file that no version names is left alone so long: a running import or build may be about to name it."""
_DRAFTS = (
    ".tiesa.toml.*",
    f"{DRAFT}*",
    "quarantine/*.part",
    "watched/*.part",
    "private/.salt.*",
    f"*/{DRAFT}*",
    f"private/*/{DRAFT}*",
)
_LOG_DRAFTS = ("_commit_*.json.tmp", "*#*")


@dataclass(frozen=True, slots=True)
class Swept:
    """What went, or would go: files by table (replaced or never named), and what killed processes left beside them.

    unread: tables whose log cannot be read; nothing of theirs was touched. dry_run: nothing was removed.
    """

    files: int
    bytes: int
    tables: dict[str, int]
    leftovers: int
    unread: tuple[str, ...]
    dry_run: bool


def vacuum(home: Home, *, keep: timedelta = RETENTION, dry_run: bool = False, now: datetime | None = None) -> Swept:
    """Remove what no kept version names.

    Args: keep: how long a version is kept after another has taken its place (at least an hour, and longer than the
    longest query or import). now: from when that counts.
    Raises: WrongUsage for a shorter time; DamagedHome when the pins cannot be read (nothing is removed then).

    >>> from tempfile import TemporaryDirectory
    >>> import tiesa
    >>> with TemporaryDirectory() as folder:
    ...     home = Home(Path(folder))
    ...     _imported = tiesa.import_file("examples/support.csv", home)
    ...     _first, _second = tiesa.build(home), tiesa.build(home, full=True)
    ...     now = datetime.now(UTC) + timedelta(days=8)
    ...     sorted(vacuum(home, now=now).tables), vacuum(home, now=now).files
    (['journey_contacts', 'journeys'], 0)
    """
    home.check()
    if keep < SHORTEST:
        raise WrongUsage(
            _("A query or import that runs now may need these files"), where="--keep",
            remedy=_("Keep at least an hour: --keep 1h"),
        )  # fmt: skip
    if not home.settings.exists():
        return Swept(0, 0, {}, 0, (), dry_run)
    with turn(home):
        return _sweep(home, keep, dry_run, now or datetime.now(UTC))


def _sweep(home: Home, keep: timedelta, dry_run: bool, now: datetime) -> Swept:
    stores = tables(home) | private_tables(home)
    on_disk = {folder: tuple(store.root.rglob("*.parquet")) for folder, store in stores.items()}  # before the logs
    known, unread = _read(stores)
    kept = _kept(known, now - keep, pinned_versions(pins(home)))
    doomed: dict[str, list[Path]] = {}
    for folder, one in known.items():
        needed = {one.store.root / life.relative for life in one.files(kept[folder])}
        named = {one.store.root / life.relative for life in one.lives}
        doomed[folder] = [
            path
            for path in on_disk[folder]
            if LOG not in path.parts and path not in needed and (path in named or _is_old(path, now))
        ]
    leftovers = [path for path in leftovers_of(home) if _is_old(path, now)]
    going = [path for paths in doomed.values() for path in paths]
    size = sum(_size(path) for path in (*going, *leftovers))
    if not dry_run:
        for path in (*going, *leftovers):
            _remove(path)
    counts = {folder: len(paths) for folder, paths in doomed.items() if paths}
    return Swept(len(going), size, counts, len(leftovers), unread, dry_run)


def _read(stores: dict[str, Store]) -> tuple[dict[str, Past], tuple[str, ...]]:
    known: dict[str, Past] = {}
    unread = []
    for folder, store in stores.items():
        try:
            known[folder] = past(store)
        except DamagedHome:
            unread.append(folder)
    return ({}, tuple(unread)) if EVIDENCE in unread else (known, tuple(unread))


def _kept(known: dict[str, Past], since: datetime, pinned: dict[str, set[int]]) -> dict[str, set[int]]:
    """The versions of each table whose files stay. Private tables keep their latest only."""
    kept: dict[str, set[int]] = {}
    for folder, one in known.items():
        recent = {one.latest} if folder.startswith("private/") else set(one.in_force_since(since))
        kept[folder] = recent | pinned.get(folder, set())
    if EVIDENCE in known:
        for version in kept[EVIDENCE]:
            for folder, linked in known[EVIDENCE].links[version].items():
                kept.setdefault(folder, set()).add(linked)
    return kept


def unnamed(known: dict[str, Past]) -> Iterator[Path]:
    """Files that no version of these tables has ever named."""
    for one in known.values():
        files = [path for path in one.store.root.rglob("*.parquet") if LOG not in path.parts]
        named = {one.store.root / life.relative for life in past(one.store).lives}
        yield from (path for path in files if path not in named)


def leftovers_of(home: Home) -> Iterator[Path]:
    """What processes leave that are killed: drafts, and the folders into which they spilled."""
    for pattern in _DRAFTS:
        yield from home.root.glob(pattern)
    for store in (tables(home) | private_tables(home)).values():
        for pattern in _LOG_DRAFTS:
            yield from (store.root / LOG).glob(pattern)
    if home.spill.is_relative_to(home.root) and home.spill.is_dir():
        yield from (folder for folder in home.spill.iterdir() if not is_held(folder))


def _is_old(path: Path, now: datetime) -> bool:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - BEING_WRITTEN
    except FileNotFoundError:
        return False


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(f.stat().st_size for f in files if f.is_file())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)

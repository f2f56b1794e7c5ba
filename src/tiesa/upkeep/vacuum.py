"""Files that nobody needs any more go: those no kept version names, and what killed processes left.

Kept are the latest version of every table, what is pinned, every version that was the latest one within the retention
(a long query or build may still read it), and the versions that kept evidence names. Nothing is written to a table's
log, so no evidence number moves; killed midway, the next sweep goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tiesa.core.errors import DamagedHome, WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.whole_files import DRAFT
from tiesa.engines.locks import is_held
from tiesa.engines.store import LOG, Store
from tiesa.upkeep.past import EVIDENCE, Life, Past, past, private_tables, tables
from tiesa.upkeep.pins import pinned_versions, pins
from tiesa.upkeep.turns import turn

RETENTION = timedelta(days=7)
SHORTEST = timedelta(hours=1)
"""The retention must be longer than the longest read or write."""
BEING_WRITTEN = timedelta(days=1)
"""A file that no version names is left alone so long: a running import or build may be about to name it."""
_DRAFTS = (f"{DRAFT}*", f"*/{DRAFT}*", f"private/*/{DRAFT}*")
_LOG_DRAFTS = ("_commit_*.json.tmp", "*#*")


@dataclass(frozen=True, slots=True)
class Stay:
    """Files that stay for one reason. first, last: from when on the first and the last of them may go; None where
    time alone lets none of them go."""

    files: int = 0
    bytes: int = 0
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stays:
    """What the latest versions do not name and stays all the same.

    recent: replaced within the retention. pinned: replaced, and kept for good. evidence: replaced contacts that the
    latest journeys were made of. unnamed: what no version names and something may be writing just now.
    """

    recent: Stay = Stay()
    pinned: Stay = Stay()
    evidence: Stay = Stay()
    unnamed: Stay = Stay()


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
    stays: Stays = field(default_factory=Stays)


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
    ...     vacuum(home).stays.recent.files
    ...     sorted(vacuum(home, now=now).tables), vacuum(home, now=now).files
    4
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
    pinned = pinned_versions(pins(home))
    kept = _kept(known, now - keep, pinned)
    doomed: dict[str, list[Path]] = {}
    for folder, one in known.items():
        needed = {one.store.root / life.relative for life in one.files(kept[folder])}
        named = {one.store.root / life.relative for life in one.lives}
        doomed[folder] = [
            path
            for path in on_disk[folder]
            if LOG not in path.parts and path not in needed and (path in named or _is_old(path, now))
        ]
    beside = list(leftovers_of(home))
    leftovers = [path for path in beside if _is_old(path, now)]
    going = [path for paths in doomed.values() for path in paths]
    left = {folder: {*on_disk[folder]} - {*doomed[folder]} for folder in known}
    stays = Stays(**_replaced(known, left, kept, pinned, keep), unnamed=_unnamed(known, left, {*beside} - {*leftovers}))
    size = sum(_size(path) for path in (*going, *leftovers))
    if not dry_run:
        for path in (*going, *leftovers):
            _remove(path)
    counts = {folder: len(paths) for folder, paths in doomed.items() if paths}
    return Swept(len(going), size, counts, len(leftovers), unread, dry_run, stays)


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
    return _with_links(known, kept)


def _with_links(known: dict[str, Past], versions: Mapping[str, Collection[int]]) -> dict[str, set[int]]:
    """These versions, and those that the evidence among them was made of."""
    found = {folder: set(numbers) for folder, numbers in versions.items()}
    if EVIDENCE in known:
        for version in versions.get(EVIDENCE, ()):
            for folder, linked in known[EVIDENCE].links[version].items():
                found.setdefault(folder, set()).add(linked)
    return found


def _replaced(
    known: dict[str, Past],
    left: dict[str, set[Path]],
    kept: dict[str, set[int]],
    pinned: dict[str, set[int]],
    keep: timedelta,
) -> dict[str, Stay]:
    """Replaced files that stay, by reason; where there are several reasons, the one that holds longest."""
    for_good, latest = _with_links(known, pinned), _with_links(known, {f: [one.latest] for f, one in known.items()})
    found: dict[str, list[tuple[Path, datetime | None]]] = {"recent": [], "pinned": [], "evidence": []}
    for folder, one in known.items():
        for life in one.lives:
            path = one.store.root / life.relative
            if life.removed is None or path not in left[folder]:
                continue
            if any(life.stands_in(version) for version in for_good.get(folder, ())):
                found["pinned"].append((path, None))
            elif any(life.stands_in(version) for version in latest[folder]):
                found["evidence"].append((path, None))
            else:
                ends = (one.made_at[life.removed], *_ends_of_evidence(known, kept, folder, life))
                found["recent"].append((path, max(ends) + keep))
    return {reason: _stay(files) for reason, files in found.items()}


def _ends_of_evidence(known: dict[str, Past], kept: dict[str, set[int]], folder: str, life: Life) -> Iterator[datetime]:
    """When other evidence took the place of kept one that was made of this file."""
    if EVIDENCE in known:
        evidence = known[EVIDENCE]
        for version in kept[EVIDENCE] - {evidence.latest}:
            linked = evidence.links[version].get(folder)
            if linked is not None and life.stands_in(linked):
                yield evidence.made_at[version + 1]


def _unnamed(known: dict[str, Past], left: dict[str, set[Path]], beside: set[Path]) -> Stay:
    """What no version names and is too young to go."""
    found = set(beside)
    for folder, one in known.items():
        named = {one.store.root / life.relative for life in one.lives}
        found |= {path for path in left[folder] if LOG not in path.parts and path not in named}
    changed = ((path, _changed_at(path)) for path in found)
    return _stay([(path, at + BEING_WRITTEN) for path, at in changed if at])


def _stay(files: Collection[tuple[Path, datetime | None]]) -> Stay:
    times = [at for _path, at in files if at]
    return Stay(len(files), sum(_size(path) for path, _at in files), min(times, default=None), max(times, default=None))


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
    at = _changed_at(path)
    return at is not None and at < now - BEING_WRITTEN


def _changed_at(path: Path) -> datetime | None:
    """When it was last written; None of what is gone."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def _size(path: Path) -> int:
    size = 0
    with suppress(FileNotFoundError):  # whoever writes what is young may take it away meanwhile
        for file in path.rglob("*") if path.is_dir() else (path,):
            size += file.stat().st_size if file.is_file() else 0
    return size


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)

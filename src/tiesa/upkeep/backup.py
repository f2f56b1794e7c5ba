"""A whole home in one file, consistent while imports, builds and readers go on.

Versions are taken in the order that keeps their links true: evidence first, then the journeys and contacts it was made
of, then the other tables, then the private ones, which hold at least what the log speaks of. Of every table the backup
has the log up to the version taken, and the files of that version, of the pinned ones, and of those that evidence
names. The file is a zip whose members are stored as they are; only its owner may read it.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tiesa import __version__
from tiesa.contacts.private import Private
from tiesa.core.errors import DamagedHome, EmptyHome, WrongUsage
from tiesa.core.home import LAYOUT, Home
from tiesa.core.locale import _
from tiesa.core.whole_files import DRAFT, creating, draft_of, drafts_of
from tiesa.engines.store import Store
from tiesa.upkeep.manifest import NAME, Manifest, Member
from tiesa.upkeep.past import EVIDENCE, Past, past, private_tables, tables
from tiesa.upkeep.pins import pinned_versions, pins
from tiesa.upkeep.remembered import remember
from tiesa.upkeep.turns import turn

_CHUNK = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
_NOT_KEPT = ("spill", "app/uploads", "app/exports", "app/static")
_PASSING_ENDS = (".lock", ".tmp", ".sqlite3-wal", ".sqlite3-shm", ".sqlite3-journal")
_DATABASE = "app/tiesa.sqlite3"
"""Of the pages, where they use no other; it is copied as it is at one moment, by its own means."""
_PASSING_BEGINS = (DRAFT, ".lock", ".upkeep.lock")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was made: its file, how many files of the home it holds, their bytes, and the tables' versions."""

    file: Path
    files: int
    bytes: int
    versions: dict[str, int]


def backup(home: Home, file: Path, *, told: Callable[[str], None] = lambda _step: None) -> BackedUp:
    """Write a home into one file. Vacuum, erasures and upgrades wait until it is done; nothing else does.

    Args: file: must not exist, and not lie in the home. told: is told each step.
    Raises: EmptyHome where there is no home; WrongUsage for a file that exists; DamagedHome when a file of the home is
    missing or its bytes are not those that were written (no backup is left then).

    >>> from tempfile import TemporaryDirectory
    >>> import tiesa
    >>> with TemporaryDirectory() as folder:
    ...     home = Home(Path(folder) / "home")
    ...     _imported, _built = tiesa.import_file("examples/support.csv", home), tiesa.build(home)
    ...     backup(home, Path(folder) / "home.backup").versions["journey_contacts"]
    1
    """
    home.check()
    file = file.absolute()
    if not home.settings.exists():
        raise EmptyHome(_("There is no home here"), where=str(home.root), remedy=_("Run `tiesa import FILE` first"))
    if file.is_relative_to(home.root.absolute()):
        raise WrongUsage(_("A backup within the home would be lost with it"), remedy=_("Name a place elsewhere"))
    if file.exists():
        raise _exists(file)
    with turn(home):
        remember(home, file)  # before the file is there: an erasure must know of it
        for left in drafts_of(file):
            left.unlink(missing_ok=True)
        try:
            with creating(file, mode=0o600) as draft:
                manifest = _write(home, draft, told)
        except FileExistsError as error:  # it came meanwhile
            raise _exists(file) from error
    size = sum(member.size for member in manifest.files.values())
    return BackedUp(file, len(manifest.files), size, dict(manifest.versions))


def _exists(file: Path) -> WrongUsage:
    return WrongUsage(_("This file exists"), where=str(file), remedy=_("Name another one"))


def _write(home: Home, draft: Path, told: Callable[[str], None]) -> Manifest:
    files: dict[str, Member] = {}
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:

        def add(path: Path, told_sum: str | None = None, place: str = "") -> None:
            place = place or path.relative_to(home.root).as_posix()
            told(place)
            files[place] = _copy(archive, path, place, told_sum)

        pasts = _take(home)
        for folder, versions in _kept(home, pasts).items():
            _add_table(pasts[folder], versions, add)
        with Private(home).writing(alone=True):  # what is replaced there goes from the disk at once
            for folder, store in private_tables(home).items():
                pasts[folder] = past(store)
                _add_table(pasts[folder], {pasts[folder].latest}, add)
        for path in _own_files(home):
            add(path)
        if (home.root / _DATABASE).exists():
            with _at_one_moment(home.root / _DATABASE) as copy:
                add(copy, place=_DATABASE)
        taken = {folder: one.latest for folder, one in pasts.items()}
        manifest = Manifest(LAYOUT, __version__, datetime.now(UTC).replace(microsecond=0), taken, files)
        archive.writestr(zipfile.ZipInfo(NAME, _EPOCH), manifest.to_json())
    return manifest


def _take(home: Home) -> dict[str, Past]:
    """The past of each table up to its version now, in the order that keeps links true."""
    stores = tables(home)
    first = [folder for folder in (EVIDENCE, "journeys", "contacts") if folder in stores]
    return {folder: past(stores[folder]) for folder in dict.fromkeys([*first, *stores])}


def _kept(home: Home, pasts: dict[str, Past]) -> dict[str, set[int]]:
    kept = {folder: {one.latest} for folder, one in pasts.items()}
    for folder, versions in pinned_versions(pins(home)).items():
        kept.setdefault(folder, set()).update(versions)
    if EVIDENCE in pasts:
        for number in kept[EVIDENCE]:
            for folder, linked in pasts[EVIDENCE].links[number].items():
                kept.setdefault(folder, set()).add(linked)
    return kept


def _add_table(one: Past, versions: set[int], add: Callable[..., None]) -> None:
    """The entries of the log (without checkpoints, which only say the same again) and the files."""
    for number in range(one.latest + 1):
        add(one.store.entry(number))
    for life in one.files(versions):
        add(one.store.root / life.relative, _sum_in_name(one.store, life.relative))


def _sum_in_name(store: Store, relative: str) -> str | None:
    return (store.root / relative).stem.partition("-")[2] or None


def _own_files(home: Home) -> Iterator[Path]:
    """Settings, rules, mappings, rows set aside, lists and the secret: all that is no table and no draft."""
    stores = (tables(home) | private_tables(home)).values()
    skipped = {home.root / folder for folder in _NOT_KEPT} | {store.root for store in stores}
    for folder, names, files in os.walk(home.root):
        names[:] = sorted(name for name in names if Path(folder, name) not in skipped)
        for name in sorted(files):
            path = Path(folder, name)
            if name.startswith(_PASSING_BEGINS) or name.endswith(_PASSING_ENDS) or path == home.root / _DATABASE:
                continue
            if path.is_file():
                yield path


@contextmanager
def _at_one_moment(database: Path) -> Iterator[Path]:
    """A copy of an SQLite database, whole whatever is written meanwhile; gone afterwards. Raises DamagedHome."""
    copy = draft_of(database)
    try:
        copy.touch(mode=0o600)
        with (
            closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=60)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        yield copy
    except sqlite3.DatabaseError as error:
        raise _damaged(
            _("The application's database cannot be read ({error})").format(error=error), database
        ) from error
    finally:
        copy.unlink(missing_ok=True)


def _copy(archive: zipfile.ZipFile, path: Path, place: str, told_sum: str | None) -> Member:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as source, archive.open(zipfile.ZipInfo(place, _EPOCH), "w", force_zip64=True) as target:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
    except FileNotFoundError as error:
        raise _damaged(_("A file is missing that a version names"), path) from error
    found = digest.hexdigest()
    if told_sum and not found.startswith(told_sum):
        raise _damaged(_("The bytes of a file are not those that were written"), path)
    return Member(size, found)


def _damaged(what: str, path: Path) -> DamagedHome:
    return DamagedHome(what, where=str(path), remedy=_("`tiesa check` says what to do; no backup was made"))

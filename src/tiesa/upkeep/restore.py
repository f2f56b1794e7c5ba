"""A home comes back from a backup: verified, with every erasure since then made again, and put in its place at once.

The home is made beside its place, under a draft's name; only when all sums are right, nobody who was erased is in it
and a quick check finds no error, it gets its name. Killed before that, nothing has changed.
"""

from __future__ import annotations

import glob
import hashlib
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tiesa.core.errors import DamagedHome, UnusableInput, WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.whole_files import draft_of, sync
from tiesa.engines.locks import held
from tiesa.upkeep.check import check
from tiesa.upkeep.erase_again import erase_again
from tiesa.upkeep.findings import Severity
from tiesa.upkeep.manifest import NAME, Manifest, Member, read_manifest
from tiesa.upkeep.receipts import FOLDER, Receipt, read_ledger, receipts
from tiesa.upkeep.remembered import ledger_of
from tiesa.upkeep.spilled import remove_half_restored
from tiesa.upkeep.turns import turn
from tiesa.upkeep.upgrade import upgrade

_CHUNK = 1 << 20
_ASIDE = ".before-restore-"


@dataclass(frozen=True, slots=True)
class Restored:
    """A home that came back. at: when the backup was taken. erased: how many people were erased from it again.
    previous: the home it replaced, moved aside; delete it when nothing is missing."""

    home: Path
    at: datetime
    files: int
    erased: int
    previous: Path | None


def restore(
    file: Path,
    home: Home,
    *,
    replace: bool = False,
    erasures: Path | None = None,
    told: Callable[[str], None] = lambda _step: None,
) -> Restored:
    """Bring a home back from a backup.

    Args: home: absent or empty, unless replace: then the home that is there is moved aside. erasures: receipts of
    erasures made since (a list beside a backup, or the folder `erasures` of a home); those beside `file` and those of
    the home it replaces are known by themselves.
    Raises: UnusableInput for what is no backup; DamagedHome for one that is damaged or of a newer version; WrongUsage
    where a home, or anything else, stands in the place.

    >>> from tempfile import TemporaryDirectory
    >>> import tiesa
    >>> from tiesa.upkeep.backup import backup
    >>> with TemporaryDirectory() as folder:
    ...     home, again = Home(Path(folder) / "home"), Home(Path(folder) / "again")
    ...     _imported, _built = tiesa.import_file("examples/support.csv", home), tiesa.build(home)
    ...     made = backup(home, Path(folder) / "home.backup")
    ...     restore(made.file, again).files == made.files, tiesa.evidence(again).facts["journeys"]
    (True, 147)
    """
    root = home.root.absolute()
    _check_place(root, replace)
    with _opened(file) as archive:
        manifest = _manifest(archive, file)
        known = _receipts(file, root, erasures)
        root.parent.mkdir(parents=True, exist_ok=True)
        remove_half_restored(home)
        draft = draft_of(root)
        draft.mkdir(mode=0o700)
        try:
            with held(draft):
                _extract(archive, manifest, draft, file, told)
                erased = _settle(Home(draft), known, file)
                previous = _switch(draft, root)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return Restored(root, manifest.at, len(manifest.files), erased, previous)


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (OSError, zipfile.BadZipFile) as failure:
        raise _no_backup(file) from failure


def _no_backup(file: Path) -> UnusableInput:
    remedy = _("`tiesa backup FILE` makes one")
    return UnusableInput(_("This is no backup that can be read"), where=str(file), remedy=remedy)


def _check_place(root: Path, replace: bool) -> None:
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return
    if not (root / "tiesa.toml").exists():
        raise WrongUsage(_("Something else stands where the home should be"), where=str(root))
    if not replace:
        remedy = _("Name another --home, or move this one aside with --replace")
        raise WrongUsage(_("A home stands there"), where=str(root), remedy=remedy)


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    """The list of files, which is that of the archive's members to the letter."""
    members = archive.infolist()
    if NAME not in archive.namelist():
        raise _no_backup(file)
    manifest = read_manifest(archive.read(NAME), where=str(file))
    if sorted(one.filename for one in members) != sorted([*manifest.files, NAME]):
        raise _damaged(file, _("It holds other files than its list names"))
    return manifest


def _receipts(file: Path, root: Path, erasures: Path | None) -> tuple[Receipt, ...]:
    """Every erasure that is known here: beside the backup, given, and of the homes that stand or stood in the place."""
    if erasures and not erasures.exists():
        raise UnusableInput(_("There is no list of erasures"), where=str(erasures))
    homes = [root, *sorted(root.parent.glob(f"{glob.escape(root.name)}{_ASIDE}*"))]
    ledgers = [ledger_of(file), *([erasures] if erasures else []), *(one / FOLDER for one in homes)]
    found = [receipt for ledger in ledgers for receipt in read_ledger(ledger)]
    return tuple({(one.source, one.source_id): one for one in found}.values())


def _extract(
    archive: zipfile.ZipFile, manifest: Manifest, draft: Path, file: Path, told: Callable[[str], None]
) -> None:
    for place, member in manifest.files.items():
        told(place)
        path = draft / place
        is_private = place.startswith("private/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600 if is_private else 0o640)
        try:
            copied = _copy(archive, place, path, member)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as failure:  # what zipfile raises on bad members
            raise _damaged(file, f"{place}: {failure}") from failure
        if copied != member:
            raise _damaged(file, _("The bytes of {place} are not those that were written").format(place=place))
    for folder in [path for path in draft.rglob("*") if path.is_dir()]:
        sync(folder)
    (draft / "private").mkdir(exist_ok=True)
    (draft / "private").chmod(0o700)


def _copy(archive: zipfile.ZipFile, place: str, path: Path, member: Member) -> Member:
    """What was written: no more than the list says, whatever the archive holds."""
    digest, size = hashlib.sha256(), 0
    with archive.open(place) as source, path.open("wb") as target:
        while size <= member.size and (chunk := source.read(_CHUNK)):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    sync(path)
    return Member(size, digest.hexdigest())


def _settle(home: Home, known: tuple[Receipt, ...], file: Path) -> int:
    """Bring the home to today's layout, erase again whom it must not know, and look at it once."""
    upgrade(home)
    done = {(one.source, one.source_id) for one in receipts(home) if one.finished}
    erased = erase_again(home, [one for one in known if (one.source, one.source_id) not in done])
    for finding in check(home, quick=True).findings:
        if finding.severity == Severity.ERROR:
            raise _damaged(file, f"{finding.where}: {finding.what}")
    return erased


def _switch(draft: Path, root: Path) -> Path | None:
    """Put the home in its place; the one that stood there gets another name."""
    draft.chmod(0o750)
    if not root.exists() or not any(root.iterdir()):
        draft.replace(root)
        sync(root.parent)
        return None
    aside = root.with_name(f"{root.name}{_ASIDE}{datetime.now(UTC):%Y%m%d-%H%M%S}")
    with turn(Home(root)):
        root.rename(aside)
        draft.replace(root)
    sync(root.parent)
    return aside


def _damaged(file: Path, what: str) -> DamagedHome:
    return DamagedHome(
        _("This backup is damaged: {what}").format(what=what), where=str(file), remedy=_("Restore another one")
    )

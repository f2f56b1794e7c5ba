"""A file is written whole or not at all, and outlives a loss of power.

It is written under a draft's name beside its own, synced, given its name, and then the folder's names are synced: at
every moment there is the old file or the new one. What fails removes its draft; only a killed process leaves one, and
every draft is told by how its name begins, wherever it lies. (Data files of tables are sealed by `engines.store`.)
"""

from __future__ import annotations

import errno
import glob
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DRAFT = ".draft-"
"""How the name of a file or folder begins that is being written."""
_MOST_BYTES = 255 - len(DRAFT) - 9
_MOST_LETTERS = _MOST_BYTES // 4
"""Of a file's own name in its draft's: file systems take names of 255 bytes, and a letter has up to four."""


@contextmanager
def replacing(path: Path, *, mode: int = 0o640) -> Iterator[Path]:
    """A draft of `path` that takes its place when the block ends well; else it is gone, and the old file stands.

    Args: mode: who may read and write the new file (the umask is taken off); its folder must exist.
    Raises: OSError where there is no room, or no right to write.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "counts.csv") as draft:
    ...         _ = draft.write_text("12 contacts")
    ...     [path.name for path in Path(folder).iterdir()]
    ['counts.csv']
    """
    with _drafting(path, mode) as draft:
        yield draft
        sync(draft)
        draft.replace(path)
    sync(path.parent)


@contextmanager
def creating(path: Path, *, mode: int = 0o640) -> Iterator[Path]:
    """Like `replacing`, but never over another file.

    Raises: FileExistsError when something has the name by the end: of two writers the first one wins.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, creating(Path(folder) / "secret", mode=0o600) as draft:
    ...     oct(draft.stat().st_mode & 0o777)
    '0o600'
    """
    with _drafting(path, mode) as draft:
        yield draft
        sync(draft)
        _name_once(draft, path)
    sync(path.parent)


def write_whole(path: Path, text: str, *, mode: int = 0o640) -> None:
    """Replace a file by this text (UTF-8) in one step; its folder is made where it is not there. Raises OSError."""
    make_folder(path.parent)
    with replacing(path, mode=mode) as draft:
        draft.write_text(text, "utf-8")


def make_folder(folder: Path) -> None:
    """Make a folder, and those it lies in, unless it is there; its name outlives a loss of power."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync(folder.parent)


def remove(path: Path) -> None:
    """Remove a file for good; one that is gone already is no error."""
    path.unlink(missing_ok=True)
    sync(path.parent)


def sync(path: Path) -> int:
    """Make a file, or the names in a folder, outlive a loss of power; returns its size in bytes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def draft_of(path: Path) -> Path:
    """A name beside a file or folder, to be written under until it is whole."""
    return path.with_name(f"{DRAFT}{secrets.token_hex(4)}-{_fitting(path.name)}")


def drafts_of(path: Path) -> list[Path]:
    """The drafts beside a file or folder: of running processes, and what killed ones left."""
    return sorted(path.parent.glob(f"{DRAFT}{'?' * 8}-{glob.escape(_fitting(path.name))}"))


def _fitting(name: str) -> str:
    return name if len(os.fsencode(name)) <= _MOST_BYTES else name[-_MOST_LETTERS:]


@contextmanager
def _drafting(path: Path, mode: int) -> Iterator[Path]:
    draft = draft_of(path)
    try:
        draft.touch(mode=mode)
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _name_once(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError as refused:  # a file system without hard links
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from refused
        draft.replace(path)

"""A file is written whole or not at all, and outlives a loss of power."""

from __future__ import annotations

import glob
import secrets
from pathlib import Path

from tiesa.engines.store import sync

DRAFT = ".draft-"
"""How the name of a file or folder begins that is being written."""


def draft_of(path: Path) -> Path:
    """A name beside a file or folder, to be written under until it is whole."""
    return path.with_name(f"{DRAFT}{secrets.token_hex(4)}-{path.name}")


def drafts_of(path: Path) -> list[Path]:
    """The drafts beside a file or folder: of running processes, and what killed ones left."""
    return sorted(path.parent.glob(f"{DRAFT}{'?' * 8}-{glob.escape(path.name)}"))


def write_whole(path: Path, text: str, *, mode: int = 0o640) -> None:
    """Replace a file in one step; its folder is made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = draft_of(path)
    draft.touch(mode=mode)
    draft.write_text(text, "utf-8")
    sync(draft)
    draft.replace(path)
    sync(path.parent)


def remove(path: Path) -> None:
    """Remove a file for good; one that is gone already is no error."""
    path.unlink(missing_ok=True)
    sync(path.parent)

"""Folders that a killed process left: rows may lie there as they were in a file, or a whole home half restored."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tiesa.core.home import Home
from tiesa.core.whole_files import drafts_of
from tiesa.engines.duckdb import SPILL
from tiesa.engines.locks import is_held

_BEING_MADE_S = 60


def remove_spilled(home: Home) -> None:
    """Remove the spill folders that no living process holds, the home's own and those of first imports, which spill
    into the system's temporary folder as there is no home yet; and what broken-off restores left beside the home."""
    for folder in _spilled(home):
        if not is_held(folder):
            shutil.rmtree(folder, ignore_errors=True)
    remove_half_restored(home)


def _spilled(home: Home) -> Iterator[Path]:
    yield from home.spill.glob(f"{SPILL}*")
    for folder in Path(tempfile.gettempdir()).glob(f"{SPILL}*"):
        facts = folder.stat()
        if facts.st_uid == os.getuid() and facts.st_mtime < time.time() - _BEING_MADE_S:
            yield folder


def remove_half_restored(home: Home) -> None:
    """Remove the folders beside the home into which a killed process was restoring it."""
    for folder in drafts_of(home.root.absolute()):
        if not is_held(folder):
            shutil.rmtree(folder, ignore_errors=True)

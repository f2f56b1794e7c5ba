"""Writing a file that somebody asked for: whole or not there, and each refusal in one sentence."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from tiesa.core import whole_files
from tiesa.core.errors import TiesaError, WrongUsage
from tiesa.core.locale import _

PACKED = ".gz"
FORBIDDEN = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
"""Characters that XML 1.0 cannot hold in any form, as a pattern of the engine."""
_QUICK = 5
"""Level of gzip: half the time of the usual one for a twentieth more bytes."""


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """A new path beside `out`, which takes its place when the block ends well and is gone when it does not.

    Raises: WrongUsage where `out` is a folder or its folder is missing; TiesaError where it cannot be written.
    """
    if out.is_dir():
        raise WrongUsage(_("This is a folder, not a file"), where=str(out), remedy=_("Name a file in it"))
    if not out.parent.is_dir():
        raise WrongUsage(
            _("The folder {folder} does not exist").format(folder=out.parent),
            where=str(out),
            remedy=_("Make it, or name another"),
        )
    try:
        with whole_files.replacing(out, mode=0o666) as draft:
            yield draft
    except OSError as error:
        raise TiesaError(
            _("The file cannot be written ({reason})").format(reason=error.strerror or error),
            where=str(out),
            remedy=_("Look whether you may write there and whether the disk is full"),
        ) from error


@contextmanager
def text_stream(draft: Path, out: Path) -> Iterator[IO[bytes]]:
    """The draft, open for bytes; packed with gzip where the name it will have ends in .gz."""
    with draft.open("wb", buffering=2**20) as plain:
        if out.suffix != PACKED:
            yield plain
            return
        with gzip.GzipFile(out.stem, "wb", compresslevel=_QUICK, fileobj=plain, mtime=0) as packed:
            yield cast("IO[bytes]", packed)

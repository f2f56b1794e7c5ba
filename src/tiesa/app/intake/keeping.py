"""Uploaded files on the disk: kept under their own name in a folder each, removed when they are used or forgotten."""

from __future__ import annotations

import shutil
import time
import unicodedata
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from tiesa.app.intake.models import UNDER_WAY, Step, Upload, uploads
from tiesa.app.intake.uploading import STRAY
from tiesa.core.whole_files import make_folder, sync

KEPT = timedelta(days=7)
"""How long a file waits for its person."""
STRAY_S = 24 * 3600.0
"""What a broken upload left is removed after so long."""
_LONGEST = 120
"""Bytes of a file's name that are kept; its end, which tells the kind, always is."""


def plain_name(given: str) -> str:
    """A file's name without folders and without what is no letter; never empty.

    >>> plain_name("../calls of May.csv"), plain_name(".."), plain_name("x" * 500 + ".csv.gz")[-10:]
    ('calls of May.csv', 'file', 'xxx.csv.gz')
    """
    name = given.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in unicodedata.normalize("NFC", name) if c.isprintable()).strip().lstrip(".")
    while len(name.encode()) > _LONGEST:
        name = name[1:]
    return name or "file"


def keep(upload: Upload, file: UploadedFile[Any]) -> None:
    """Make an uploaded file this upload's own: a rename, since it was streamed to the folder beside."""
    make_folder(uploads())
    upload.place.mkdir(mode=0o700)
    upload.stored = upload.name
    source = Path(file.temporary_file_path())  # type: ignore[attr-defined]
    sync(source)
    source.rename(upload.path)
    sync(upload.place)


def remove(upload: Upload, step: Step | None = None) -> None:
    """Remove the file and all that was kept of its rows; step: where the upload stands then."""
    shutil.rmtree(upload.place, ignore_errors=True)
    upload.stored = ""
    upload.checked = {key: value for key, value in upload.checked.items() if key != "first_aside"}
    if step:
        upload.step = step
    upload.save(update_fields=["stored", "checked", *(["step"] if step else [])])


def sweep() -> int:
    """Remove files that nobody used for a week, and what broken uploads left. Returns how many."""
    old = Upload.objects.filter(at__lt=timezone.now() - KEPT).exclude(stored="").exclude(step__in=UNDER_WAY)
    n = 0
    for upload in old:
        used = upload.step in (Step.IMPORTED, Step.UNDONE, Step.REFUSED)
        remove(upload, None if used else Step.REMOVED)
        n += 1
    if not uploads().is_dir():
        return n
    known = {str(pk) for pk in Upload.objects.exclude(stored="").values_list("pk", flat=True)}
    for path in uploads().iterdir():
        is_ours = path.name.startswith(STRAY) or _is_id(path.name)
        if is_ours and path.name not in known and time.time() - path.stat().st_mtime > STRAY_S:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
            n += 1
    return n


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False

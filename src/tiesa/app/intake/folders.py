"""Folders that are looked into by the clock: their files are taken once, by the library's watching."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from tiesa.app.config.installation import installation
from tiesa.app.intake.models import Folder, Step, Upload
from tiesa.app.jobs.work import Running, Stopped, ask_once
from tiesa.app.people.audit import record
from tiesa.core.errors import TiesaError, UnusableInput
from tiesa.core.locale import _
from tiesa.journeys.watching import Built, Refused, Taken, watch

LEAST_MINUTES, MOST_MINUTES = 1, 7 * 24 * 60
FOUND = 30
"""How many of the last things found are kept."""
SETTLE_S = 5.0


def set_folder(path: str, *, minutes: int, is_on: bool, by: Any) -> Folder:
    """Look into a folder from now on, or otherwise than before. Raises UnusableInput for a folder that cannot be."""
    place = _usable(path)
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise UnusableInput(_("Look every {least} to {most} minutes").format(least=LEAST_MINUTES, most=MOST_MINUTES))
    with transaction.atomic():
        folder, _new = Folder.objects.update_or_create(
            path=place, defaults={"minutes": minutes, "is_on": is_on, "changed_by": by, "next_at": timezone.now()}
        )
        record(by, "folder.set", about=f"folder {folder.pk}", minutes=minutes, is_on=is_on)
    return folder


def forget_folder(folder: Folder, *, by: Any) -> None:
    """Look into it no more; what came from it stays."""
    with transaction.atomic():
        record(by, "folder.forget", about=f"folder {folder.pk}")
        folder.delete()


def ask_for_due(now: Any = None) -> int:
    """Ask for a look into every folder whose time has come; returns how many."""
    now = now or timezone.now()
    due = list(Folder.objects.filter(is_on=True, next_at__lte=now))
    for folder in due:
        look_now(folder, by=None, now=now)
    return len(due)


def look_now(folder: Folder, *, by: Any, now: Any = None) -> None:
    """Ask for a look into one folder, and for the next one later."""
    now = now or timezone.now()
    with transaction.atomic():
        Folder.objects.filter(pk=folder.pk).update(next_at=now + timedelta(minutes=folder.minutes))
        ask_once("folder", {"folder": folder.pk}, by=by)


def look_into(running: Running, folder_id: int) -> dict[str, Any]:
    """Take what is new in a folder; what was found is kept with it, and each import like one that a person made."""
    folder = Folder.objects.filter(pk=folder_id, is_on=True).first()
    if folder is None:
        return {}
    taken = refused = 0
    found: list[dict[str, Any]] = []

    def wait(seconds: float) -> bool:
        time.sleep(seconds)
        try:
            running.check()
        except Stopped:
            return True
        return False

    error = ""
    try:
        for event in watch(folder.path, installation().place, once=True, settle_s=SETTLE_S, every_s=2.0, wait=wait):
            match event:
                case Taken(file, result):
                    taken += 1
                    _note_import(folder, file, result)
                    running.tell(_("{file} taken").format(file=file.name))
                case Refused(file, why):
                    refused += 1
                    found.append({"at": timezone.now().isoformat(), "file": file.name, "error": why})
                case Built(_result):
                    pass
                case notice:
                    found.append({"at": timezone.now().isoformat(), "file": notice.where.name, "error": notice.why})
    except TiesaError as failure:
        error = str(failure)
        raise
    finally:
        folder.refresh_from_db()
        folder.looked_at, folder.error = timezone.now(), error
        latest = {one["file"]: one for one in reversed([*reversed(found), *folder.found])}
        folder.found = sorted(latest.values(), key=lambda one: one["at"], reverse=True)[:FOUND]
        folder.save(update_fields=["looked_at", "error", "found"])
    return {"taken": taken, "refused": refused}


def _note_import(folder: Folder, file: Path, result: Any) -> None:
    from tiesa.app.intake.jobs import counts
    from tiesa.contacts.mapping_text import mapping_text

    with transaction.atomic():
        Upload.objects.create(
            name=file.name[:200],
            folder=folder,
            size=file.stat().st_size if file.exists() else 0,
            step=Step.IMPORTED,
            how=result.recognised[:120],
            mapping=mapping_text(result.mapping),
            import_id=result.import_id,
            result=counts(result),
        )
        record("scheduled folder", "import.done", about=result.import_id, read=result.read, accepted=result.accepted)


def _usable(path: str) -> str:
    place = Path(path.strip())
    if not place.is_absolute():
        raise UnusableInput(_("Name the folder from the root of this server, as /srv/calls"), where=path)
    place = Path(os.path.normpath(place))
    if not place.is_dir():
        raise UnusableInput(_("There is no such folder"), where=str(place))
    home = installation().home.resolve()
    real = place.resolve()
    if real == home or home in real.parents or real in home.parents:
        raise UnusableInput(_("The folder may not lie in Tiesa's own home, nor hold it"), where=str(place))
    return str(place)

"""The long work of intake: looking at a large file, trying it out, importing, undoing, making journeys, folders.

Each may be run again after a worker died: what it does happens once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from tiesa.app.config.installation import installation
from tiesa.app.intake import folders, keeping, looking, work
from tiesa.app.intake.models import Step, Upload
from tiesa.app.jobs.kinds import kind
from tiesa.app.jobs.work import Running
from tiesa.app.jobs.worker import every
from tiesa.app.people.audit import record
from tiesa.app.people.roles import Right
from tiesa.contacts.importing import ImportResult, Told, import_file, undo_import
from tiesa.contacts.log import ContactLog
from tiesa.core.errors import EmptyHome, InvalidMapping, TiesaError, UnknownImport, UnusableInput
from tiesa.core.formats import number
from tiesa.core.locale import _

SHARE_OF_READING = 0.7
"""How much of an import's time goes into reading and checking the file."""
LONGEST_VALUE = 80


@kind("look", right=Right.IMPORT, words=lambda: _("Looking at the file"))
def look(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Read the head of a large file and find its mapping."""
    upload = Upload.objects.get(pk=arguments["upload"])
    if upload.step != Step.LOOKING:
        return {}
    running.tell(_("reading its first rows"))
    try:
        work.look_now(upload)
    except (UnusableInput, InvalidMapping):
        return {}  # the upload says why
    return {"format": upload.format}


@kind("check", right=Right.IMPORT, words=lambda: _("Trying the file out"))
def check(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Count what would come in; write nothing."""
    upload = Upload.objects.get(pk=arguments["upload"])
    if upload.step != Step.CHECKING:
        return {}
    try:
        result = import_file(
            upload.path,
            installation().place,
            mapping=work.whole_mapping(upload),
            dry_run=True,
            told=_telling(running, upload, stoppable=True),
        )
    except (UnusableInput, InvalidMapping) as error:
        upload.step, upload.error = Step.MAPPING, str(looking.named(error, upload))
        upload.save(update_fields=["step", "error"])
        return {}
    upload.checked = counts(result)
    upload.checked["first_aside"] = [
        [row.row, row.column, (row.value or "")[:LONGEST_VALUE], row.reason] for row in result.first_aside
    ]
    upload.step = Step.CHECKED
    upload.save(update_fields=["checked", "step"])
    return {"read": result.read}


@kind("import", right=Right.IMPORT, words=lambda: _("Importing"))
def take_in(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take the file into the log. Begun again, it finds by the name it was given beforehand whether it is done."""
    upload = Upload.objects.get(pk=arguments["upload"])
    if upload.step != Step.IMPORTING:  # an earlier run of this job came to its end
        keeping.remove(upload)
        return {"import_id": upload.import_id}
    try:
        result = import_file(
            upload.path,
            installation().place,
            mapping=work.whole_mapping(upload),
            import_id=upload.import_id,
            told=_telling(running, upload, stoppable=False),
        )
    except TiesaError as error:
        raise looking.named(error, upload) from error
    with transaction.atomic():
        upload.result, upload.step = counts(result), Step.IMPORTED
        upload.build = work.ask_build(by=upload.by) if brought_something(result) else None
        upload.save(update_fields=["result", "step", "build"])
        record(upload.by, "import.done", about=upload.import_id, **{k: upload.result[k] for k in COUNTS})
    keeping.remove(upload)
    return {"import_id": upload.import_id}


@kind("undo", right=Right.IMPORT, words=lambda: _("Taking an import back"))
def take_back(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take an import out of the log again."""
    import_id, home = arguments["import_id"], installation().place
    running.tell(_("taking its rows out"))
    try:
        taken = undo_import(home, import_id)
    except UnknownImport:
        facts = ContactLog(home).imports()
        if not any(f["action"] == "undo" and f.get("import_id") == import_id for f in facts):
            raise
        taken = {}  # an earlier run of this job did it
    with transaction.atomic():
        Upload.objects.filter(import_id=import_id).update(step=Step.UNDONE)
        work.ask_build(by=running.job.asked_by)
    return {"taken_back": taken}


@kind("build", right=Right.IMPORT, words=lambda: _("Making journeys"))
def make_journeys(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Journeys of what stands in the log."""
    from tiesa.journeys.build import build, facts_of

    del arguments
    running.tell(_("joining contacts to journeys"))
    try:
        made = facts_of(build(installation().place))
    except EmptyHome:
        return {"journeys": 0}  # all that came in was taken back
    return {key: made[key] for key in ("contacts", "customers", "journeys", "version")}


@kind("folder", right=Right.IMPORT, words=lambda: _("Looking into a folder"))
def take_from_folder(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take the files of a folder that are new."""
    return folders.look_into(running, arguments["folder"])


@every("folders", timedelta(minutes=1))
def ask_for_folders() -> None:
    folders.ask_for_due()


@every("uploads", timedelta(hours=1))
def forget_old_uploads() -> None:
    keeping.sweep()


COUNTS = ("read", "accepted", "corrected", "duplicates", "quarantined")


def counts(result: ImportResult) -> dict[str, Any]:
    """What an import brought, as JSON has it; no row of it."""
    return {
        **{name: getattr(result, name) for name in (*COUNTS, "customers", "new_customers", "import_id")},
        "has_quarantine": result.quarantine_file is not None,
        "tables": {name: kept.accepted for name, kept in result.tables.items()},
        "dropped": list(result.dropped),
        "notes": list(result.notes),
    }


def brought_something(result: ImportResult) -> bool:
    return any(kept.accepted for kept in result.tables.values())


def _telling(running: Running, upload: Upload, *, stoppable: bool) -> Told:
    """Tells how far an import is: of its rows where a dry run has counted them. stoppable: at every step; else only
    while the file is read, since what was begun to be kept is better finished."""
    total = upload.checked.get("read", 0)

    def told(step: str, rows: int) -> None:
        if step == "read":
            share = min(rows / total, 1.0) * SHARE_OF_READING if total else None
            running.tell(_("{n} rows read").format(n=number(rows)), share)
        elif stoppable:
            running.tell(_("comparing with the log"), SHARE_OF_READING)
        elif step == "number":
            running.tell(_("numbering customers"), SHARE_OF_READING)
        else:
            type(running.job).objects.filter(pk=running.job.pk).update(step=_("writing"), progress=0.85)

    return told

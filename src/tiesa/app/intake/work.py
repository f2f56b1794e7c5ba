"""What is done with a file that somebody brings in, step by step. Every step is kept before the next is begun."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict

from tiesa.app.config.installation import installation
from tiesa.app.intake import keeping, looking
from tiesa.app.intake.mapping_form import edited
from tiesa.app.intake.models import Step, Upload
from tiesa.app.jobs.models import Job, State
from tiesa.app.jobs.work import ask, ask_once
from tiesa.app.people.audit import record
from tiesa.contacts.import_ids import new_import_id, standing
from tiesa.contacts.log import ContactLog
from tiesa.contacts.mapping import Mapping, parse_mapping
from tiesa.contacts.mapping_text import mapping_text
from tiesa.contacts.readers import ReaderOptions
from tiesa.core.errors import InvalidMapping, UnusableInput, WrongUsage
from tiesa.core.locale import _

AT_ONCE_BYTES = 2 * 2**20
"""A file up to this size is looked at while its person waits; a larger one by a job."""
_BEFORE = {
    Step.LOOKING: Step.REFUSED,
    Step.CHECKING: Step.MAPPING,
    Step.IMPORTING: Step.CHECKED,
    Step.UNDOING: Step.IMPORTED,
}
"""Where a file stands again when the job at it did not end well."""


def bring(file: UploadedFile[Any], *, by: Any, mends: Upload | None = None) -> Upload:
    """Take an uploaded file as one's own and look at it.

    Args: mends: the file whose rows, set aside, come again: read with the same mapping, as Tiesa wrote them out.
    Raises: UnusableInput where no reader knows it; it is gone then.
    """
    upload = Upload(name=keeping.plain_name(file.name or ""), size=file.size or 0, by=by, mends=mends)
    upload.sha256 = getattr(file, "sha256", "")
    if mends:
        upload.mapping, upload.how = _without_reader(mends.mapping), looking.GIVEN
    with transaction.atomic():
        keeping.keep(upload, file)
        upload.save(force_insert=True)
        record(by, "upload.bring", about=str(upload.pk), bytes=upload.size)
    look(upload, by=by)
    return upload


def look(upload: Upload, *, by: Any) -> None:
    """Look at the file: at once where it is small. Raises UnusableInput, InvalidMapping as look_now does."""
    if upload.size > AT_ONCE_BYTES:
        with transaction.atomic():
            upload.step, upload.error = Step.LOOKING, ""
            upload.job = ask("look", {"upload": str(upload.pk)}, by=by)
            upload.save()
        return
    look_now(upload)


def look_now(upload: Upload) -> None:
    """Look at the file in this thread. A file that no reader knows is refused and gone; one that could be read before,
    and not in another way, stays as it was.

    Raises: UnusableInput, InvalidMapping.
    """
    was_readable = bool(upload.columns)
    try:
        looking.look(upload)
    except (UnusableInput, InvalidMapping) as error:
        upload.error = str(error)
        upload.step = Step.MAPPING if was_readable else Step.REFUSED
        upload.save(update_fields=["error", "step"])
        if not was_readable:
            keeping.remove(upload)
        raise
    upload.step, upload.checked = Step.MAPPING, {}
    upload.save()


def read_anew(upload: Upload, form: QueryDict, *, by: Any) -> None:
    """Read the file in another way, or propose a mapping anew; a mapping made so far is lost."""
    _refuse_unless(upload, Step.MAPPING, Step.CHECKED)
    options = ReaderOptions(
        encoding=form.get("encoding", "").strip(),
        delimiter={"tab": "\t"}.get(form.get("delimiter", ""), form.get("delimiter", "")),
        sheet=form.get("sheet", "").strip(),
        own=tuple(part for part in form.get("own", "").replace(",", " ").split() if part),
    )
    _forget_import(upload)
    upload.reader, upload.table = looking.as_plain(options), form.get("table", "")
    upload.start = looking.ANEW if form.get("start") == looking.ANEW or upload.table else ""
    upload.how = ""
    look(upload, by=by)


def edit(upload: Upload, form: QueryDict) -> Mapping:
    """Change the mapping as the form says; returns it though it may not be whole yet.

    Raises: InvalidMapping where a value cannot stand (an unknown zone); nothing changes then.
    """
    _refuse_unless(upload, Step.MAPPING, Step.CHECKED)
    before = parse_mapping(upload.mapping, whole=False)
    text = mapping_text(edited(before, upload.columns, looking.facts_of(upload), form))
    mapping = parse_mapping(text, whole=False)
    if text != upload.mapping:
        _forget_import(upload)
        upload.mapping, upload.checked = text, {}
    upload.step, upload.error = Step.MAPPING, ""
    upload.save(update_fields=["mapping", "step", "error", "checked", "import_id"])
    return mapping


def check(upload: Upload, *, by: Any) -> None:
    """Try the file out: count what would come in, write nothing. Raises InvalidMapping: it is not whole yet."""
    _refuse_unless(upload, Step.MAPPING, Step.CHECKED)
    whole_mapping(upload)
    with transaction.atomic():
        upload.step, upload.error, upload.checked = Step.CHECKING, "", {}
        upload.job = ask("check", {"upload": str(upload.pk)}, by=by)
        upload.save(update_fields=["step", "error", "checked", "job"])


def start_import(upload: Upload, *, by: Any) -> Job:
    """Have the file imported by a job, under a name that is kept first."""
    _refuse_unless(upload, Step.CHECKED)
    with transaction.atomic():
        upload.import_id = upload.import_id or new_import_id()
        upload.step, upload.error = Step.IMPORTING, ""
        upload.job = ask("import", {"upload": str(upload.pk)}, by=by)
        upload.save(update_fields=["import_id", "step", "error", "job"])
        record(by, "import.start", about=upload.import_id, bytes=upload.size, format=upload.format)
    return upload.job


def undo(import_id: str, *, by: Any) -> Job:
    """Have an import taken back by a job, whoever made it. Raises WrongUsage where it was taken back already."""
    facts = [f for f in ContactLog(installation().place).imports() if f.get("import_id") == import_id]
    if not any(f["action"] == "import" for f in facts) or any(f["action"] == "undo" for f in facts):
        raise WrongUsage(_("No import {import_id} stands in this home").format(import_id=import_id))
    busy = Job.objects.filter(kind="undo", arguments={"import_id": import_id}, state__in=(State.WAITING, State.RUNNING))
    with transaction.atomic():
        if job := busy.first():
            return job
        job = ask("undo", {"import_id": import_id}, by=by)
        Upload.objects.filter(import_id=import_id).update(step=Step.UNDOING, job=job, error="")
        record(by, "import.undo", about=import_id)
    return job


def ask_build(*, by: Any) -> Job:
    """Have journeys made of what came in; ten imports that wait make one build."""
    return ask_once("build", {}, by=by)


def give_up(upload: Upload, *, by: Any) -> None:
    """Remove a file that was not imported."""
    _refuse_unless(upload, Step.MAPPING, Step.CHECKED, Step.REFUSED)
    with transaction.atomic():
        keeping.remove(upload, Step.REMOVED)
        record(by, "upload.remove", about=str(upload.pk))


def settle(upload: Upload) -> None:
    """Where the job at a file failed or was stopped, the file stands where it stood before, with the reason."""
    job = upload.job
    if not upload.is_under_way or job is None or not job.is_over:
        return
    said = job.error or _("It was stopped; nothing was kept.")
    stood = Upload.objects.filter(pk=upload.pk, step=upload.step)  # the job may have come to its end meanwhile
    stood.update(step=_BEFORE[Step(upload.step)], error=said)
    upload.refresh_from_db()


def whole_mapping(upload: Upload) -> Mapping:
    """The upload's mapping, checked. Raises InvalidMapping."""
    mapping = parse_mapping(upload.mapping)
    mapping.check_against(tuple(upload.columns))
    return mapping


def _forget_import(upload: Upload) -> None:
    """Another mapping is another import; one that stands in the log already can only be taken back."""
    if not upload.import_id:
        return
    log = ContactLog(installation().place)
    if any(standing(log, table.table, upload.import_id) for table in parse_mapping(upload.mapping, whole=False).tables):
        raise WrongUsage(_("This file stands in the log already: finish the import, then take it back to change it"))
    upload.import_id = ""


def _refuse_unless(upload: Upload, *steps: Step) -> None:
    if upload.step not in steps or (not upload.stored and upload.step != Step.REFUSED):
        raise WrongUsage(_("This file is at another step by now: load the page again"))


def _without_reader(text: str) -> str:
    """The mapping for rows that Tiesa wrote out itself: a table of texts with commas."""
    return mapping_text(replace(parse_mapping(text), reader=ReaderOptions()))

"""The way of one file into the log, on screen: brought, mapped, tried out, imported, and its result."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping as Dict
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiesa.app.config.installation import installation
from tiesa.app.intake import keeping, looking, saved, work
from tiesa.app.intake.mapping_form import Form, rule_in_words, shown
from tiesa.app.intake.models import Step, Upload
from tiesa.app.intake.past import has_journeys
from tiesa.app.intake.previewing import Preview, as_read, preview
from tiesa.app.intake.targets import table_words, tables
from tiesa.app.jobs.kinds import KINDS
from tiesa.app.people.audit import record
from tiesa.app.people.gate import needs
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right
from tiesa.contacts.mapping import Mapping, parse_mapping
from tiesa.core.errors import InvalidMapping, TiesaError
from tiesa.core.formats import number
from tiesa.core.locale import _

GIB = 1024**3


def own(request: HttpRequest, upload_id: Any) -> Upload:
    """The file, where this person brought it; one that a folder brought is everybody's who may import."""
    theirs = Upload.objects.filter(Q(by_id=request.user.pk) | Q(by=None, folder__isnull=False))
    return get_object_or_404(theirs.select_related("job", "build", "by", "folder", "mends"), pk=upload_id)


@needs(Right.IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Bring in a file."""
    if request.method != "POST":
        return render(request, "intake/bring.html", _about_limit())
    return _take(request, "intake/bring.html", _about_limit())


@needs(Right.IMPORT)
@require_POST
def mend(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """Send rows that were set aside once more, mended: they are read with the same mapping."""
    upload = own(request, upload_id)
    if upload.step != Step.IMPORTED:
        raise Http404
    return _take(request, "intake/bring.html", {**_about_limit(), "mends": upload}, mends=upload)


def _take(request: HttpRequest, page: str, context: dict[str, Any], mends: Upload | None = None) -> HttpResponse:
    """Keep the uploaded file and go on to it; a browser that shows the progress is answered in JSON."""
    in_json = request.headers.get("Accept", "") == "application/json"
    file = request.FILES.get("file")
    status, upload = 400, None
    if getattr(request, "too_large", False):
        error, status = too_large(), 413
    elif file is None:
        error = _("Choose a file first.")
    else:
        try:
            upload = work.bring(file, by=request.user, mends=mends)
        except TiesaError as refused:
            error = str(refused)
    if upload is None:
        if in_json:
            return JsonResponse({"error": error}, status=status)
        return render(request, page, {**context, "error": error}, status=status)
    target = redirect("intake:file", upload.pk)
    return JsonResponse({"address": target["Location"]}) if in_json else target


def too_large() -> str:
    return _("The file is larger than {n} GB: split it, or let a folder be watched on the server.").format(
        n=f"{installation().upload_limit / GIB:.3g}"
    )


def _about_limit() -> dict[str, Any]:
    return {"limit": installation().upload_limit, "too_large": too_large(), "mends": None, "error": ""}


@needs(Right.IMPORT)
@require_safe
def file(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """Where a file is on its way: whatever the step, this is its address."""
    upload = own(request, upload_id)
    work.settle(upload)
    return _page(request, upload)


@needs(Right.IMPORT)
@require_safe
def progress(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """How far the job at a file is: a part of the page that asks again until there is none."""
    upload = own(request, upload_id)
    work.settle(upload)
    context = _progress(upload)
    response = render(request, "intake/progress.html", {"upload": upload, **context})
    if context["job"] is None:
        response["HX-Refresh"] = "true"
    return response


@needs(Right.IMPORT)
@require_POST
def edit(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """Change the mapping; see the rows it makes, or go on to try it out."""
    upload = own(request, upload_id)
    names = frozenset(request.POST.get("asked", "").split("\n"))
    try:
        work.edit(upload, request.POST)
        if "check" in request.POST:
            work.check(upload, by=request.user)
            return redirect("intake:file", upload.pk)
    except TiesaError as error:
        if not getattr(request, "htmx", False):
            messages.error(request, str(error))
            return redirect("intake:file", upload.pk)
        return render(request, "intake/preview.html", {"preview": None, "error": str(error), "asks_anew": False})
    if not getattr(request, "htmx", False):
        return redirect("intake:file", upload.pk)
    context = _mapping(upload)
    context["asks_anew"] = names != context["form"].names
    return render(request, "intake/preview.html", {"upload": upload, **context})


@needs(Right.IMPORT)
@require_POST
def read(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """Read the file in another way, or begin the mapping anew."""
    upload = own(request, upload_id)
    try:
        work.read_anew(upload, request.POST, by=request.user)
    except TiesaError as error:
        messages.error(request, str(error))
    return redirect("intake:file", upload.pk)


@needs(Right.IMPORT)
@require_POST
def start_import(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """Import the file."""
    upload = own(request, upload_id)
    try:
        work.start_import(upload, by=request.user)
    except TiesaError as error:
        messages.error(request, str(error))
    return redirect("intake:file", upload.pk)


@needs(Right.IMPORT)
@require_POST
def back(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """Back to the mapping."""
    upload = own(request, upload_id)
    if upload.step == Step.CHECKED and upload.stored:
        Upload.objects.filter(pk=upload.pk, step=Step.CHECKED).update(step=Step.MAPPING, error="")
    return redirect("intake:file", upload.pk)


@needs(Right.IMPORT)
@require_POST
def remove(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """Give a file up: it is removed from the server."""
    upload = own(request, upload_id)
    try:
        work.give_up(upload, by=request.user)
    except TiesaError as error:
        messages.error(request, str(error))
        return redirect("intake:file", upload.pk)
    messages.success(request, _("{file} was removed; nothing of it was kept.").format(file=upload.name))
    return redirect("intake:data")


@needs(Right.IMPORT)
@require_safe
def set_aside(request: HttpRequest, upload_id: Any) -> HttpResponse | FileResponse:
    """The rows that were set aside, to be mended and sent again."""
    upload = own(request, upload_id)
    if upload.by is None and not access_of(request.user).may(Right.SEE_NAMES):
        raise Http404
    path = installation().place.quarantine / f"{upload.import_id}.csv"
    if not upload.result.get("has_quarantine") or not path.is_file():
        raise Http404
    record(request.user, "quarantine.download", about=upload.import_id)
    name = f"{upload.name.partition('.')[0] or 'rows'}-set-aside.csv"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


@needs(Right.IMPORT)
@require_POST
def save_mapping(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """Keep the mapping under a name, so that the next file of the kind needs none."""
    upload = own(request, upload_id)
    name = request.POST.get("name", "")
    try:
        saved.save(name, upload.mapping, by=request.user)
    except InvalidMapping as error:
        messages.error(request, str(error))
    else:
        said = _("Saved as {name}: files with these columns are read with it from now on.")
        messages.success(request, said.format(name=name))
    return redirect("intake:file", upload.pk)


PAGES = {
    Step.LOOKING: "intake/wait.html",
    Step.CHECKING: "intake/wait.html",
    Step.IMPORTING: "intake/wait.html",
    Step.UNDOING: "intake/wait.html",
    Step.MAPPING: "intake/mapping.html",
    Step.CHECKED: "intake/checked.html",
    Step.IMPORTED: "intake/result.html",
    Step.UNDONE: "intake/result.html",
    Step.REFUSED: "intake/gone.html",
    Step.REMOVED: "intake/gone.html",
}


def _page(request: HttpRequest, upload: Upload) -> HttpResponse:
    step = Step(upload.step)
    context: dict[str, Any] = {"upload": upload, "how": how_words(upload), **_progress(upload)}
    if step in (Step.MAPPING, Step.CHECKED) and not upload.sample.exists():
        keeping.remove(upload, Step.REMOVED)  # its folder was taken away: the rows are no longer there to be shown
        step = Step.REMOVED
    if step == Step.MAPPING:
        looking.speak(upload)
        context |= _mapping(upload) | _reading(upload)
    elif step == Step.CHECKED:
        context |= {"preview": preview(upload, work.whole_mapping(upload)), "tables": dict(tables())}
    elif step in (Step.IMPORTED, Step.UNDONE):
        context |= {
            "has_journeys": has_journeys(),
            "saved_as": upload.how.removeprefix("saved: ") if upload.how.startswith("saved: ") else "",
            "may_load": upload.by is not None or access_of(request.user).may(Right.SEE_NAMES),
            "tables": dict(tables()),
            **_about_limit(),
        }
    return render(request, PAGES[step], context)


def _mapping(upload: Upload) -> dict[str, Any]:
    mapping = parse_mapping(upload.mapping, whole=False)
    form: Form = shown(mapping, upload.columns, looking.facts_of(upload), *_reasons(upload))
    made, error = _try(upload, mapping)
    return {
        "form": form,
        "kinds": tables(),
        "asked": "\n".join(sorted(form.names)),
        "rules": [rule_in_words(rule) for rule in mapping.tables[0].when],
        "preview": made,
        "error": error,
        "asks_anew": False,
    }


def _reasons(upload: Upload) -> tuple[Dict[str, str], Dict[str, str]]:
    """Why each place was chosen and each column left out; of a mapping that was known, that it says so."""
    if upload.reasons or upload.left:
        return upload.reasons, upload.left
    said = {"ready": _("the ready mapping has it so"), "saved": _("the saved mapping has it so")}
    unsaid = _("not named there")
    if upload.how.startswith("ready: contract "):
        said["ready"], unsaid = _("its name is Tiesa's own"), _("no column of Tiesa's has this name")
    why = said.get(upload.how.partition(":")[0], "")
    return (defaultdict(lambda: why), defaultdict(lambda: unsaid)) if why else ({}, {})


def _try(upload: Upload, mapping: Mapping) -> tuple[Preview | None, str]:
    """The first rows as the mapping makes them, or what it still lacks."""
    try:
        return preview(upload, work.whole_mapping(upload)), ""
    except TiesaError as error:
        del mapping
        return None, str(error)


def _reading(upload: Upload) -> dict[str, Any]:
    return {
        "raw": as_read(upload),
        "size": size_words(upload.size),
        "table": parse_mapping(upload.mapping, whole=False).tables[0].table.name,
        "zones": sorted(available_timezones()),
    }


def _progress(upload: Upload) -> dict[str, Any]:
    """The job to be shown: at the file, else the making of journeys after it."""
    job = upload.job if upload.is_under_way else upload.build
    if job is None or job.is_over:
        return {"job": None, "words": "", "may_stop": False}
    return {"job": job, "words": KINDS[job.kind].words(), "may_stop": job.asked_by_id == upload.by_id and upload.by_id}


def size_words(size: int) -> str:
    """A file's size.

    >>> size_words(319_499), size_words(2 * 1024**3)
    ('312 kB', '2,048.0 MB')
    """
    if size < 2**20:
        return f"{number(max(size / 1024, 1))} kB"
    return f"{number(size / 2**20, digits=1)} MB"


def how_words(upload: Upload) -> str:
    """Where the mapping came from."""
    kind, _colon, name = upload.how.partition(": ")
    if name.startswith("contract "):
        return _("Its columns have Tiesa's own names: {what}.").format(what=table_words(name.partition(" ")[2]))
    words = {
        "ready": _("It fits the ready mapping {name}."),
        "saved": _("It fits your saved mapping {name}."),
        "proposed": _("Nobody has mapped such a file yet; this is a proposal."),
        "given": _("It is read with the mapping of the file before."),
    }
    return words.get(kind, "").format(name=name)

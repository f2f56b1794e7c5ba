"""Data that came in, and what is on its way, on screen."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from tiesa.app.intake import past, saved, work
from tiesa.app.intake.models import WAITS_FOR_PERSON, Folder, MappingEdit, Upload
from tiesa.app.intake.same_person import may_decide
from tiesa.app.jobs.kinds import KINDS
from tiesa.app.jobs.models import Job, State
from tiesa.app.people.gate import needs
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right
from tiesa.core.errors import TiesaError
from tiesa.core.locale import _

OUR_KINDS = ("look", "check", "import", "undo", "build", "folder")


@needs(Right.IMPORT)
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """What came in so far, what is under way, and what comes by itself."""
    brought = past.imports()
    standing = [one for one in brought if not one.is_undone]
    first = max(int(request.GET.get("from", "0")), 0) if request.GET.get("from", "0").isdigit() else 0
    removed = MappingEdit.objects.filter(after="").exclude(name__in=[s.name for s in saved.saved_mappings()])
    context = {
        "brought": brought[first : first + past.SHOWN],
        "first": first,
        "next": first + past.SHOWN if len(brought) > first + past.SHOWN else None,
        "total": len(brought),
        "standing": len(standing),
        "accepted": sum(one.accepted for one in standing),
        "last": max((one.at for one in standing if one.at), default=None),
        "jobs": jobs_under_way(request),
        "waiting": Upload.objects.filter(by_id=request.user.pk, step__in=WAITS_FOR_PERSON).exclude(stored=""),
        "saved": saved.saved_mappings(),
        "removed": removed[:3],
        "folders": Folder.objects.all(),
        "decides": may_decide(access_of(request.user)),
        "sets_folders": access_of(request.user).may(Right.MANAGE_INSTALLATION),
    }
    return render(request, "intake/data.html", context)


@needs(Right.IMPORT)
@require_safe
def under_way(request: HttpRequest) -> HttpResponse:
    """The jobs of intake that wait or run: a part of the page that asks again until there are none."""
    found = jobs_under_way(request)
    response = render(request, "intake/under_way.html", {"jobs": found})
    if not found:
        response["HX-Refresh"] = "true"
    return response


@needs(Right.IMPORT)
@require_POST
def undo(request: HttpRequest, import_id: str) -> HttpResponse:
    """Take an import back."""
    try:
        work.undo(import_id, by=request.user)
    except TiesaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The import is being taken back; what it had replaced comes back with it."))
    upload = Upload.objects.filter(import_id=import_id, by_id=request.user.pk).first()
    return redirect("intake:file", upload.pk) if upload and "here" in request.POST else redirect("intake:data")


def jobs_under_way(request: HttpRequest) -> list[dict[str, object]]:
    """Jobs of intake with their words, and whether this person may stop them."""
    found = Job.objects.filter(kind__in=OUR_KINDS, state__in=(State.WAITING, State.RUNNING)).select_related("asked_by")
    runs_house = access_of(request.user).may(Right.MANAGE_INSTALLATION)
    return [
        {
            "job": job,
            "words": KINDS[job.kind].words(),
            "may_stop": runs_house or (job.asked_by_id is not None and job.asked_by_id == request.user.pk),
        }
        for job in found.order_by("asked_at")
    ]

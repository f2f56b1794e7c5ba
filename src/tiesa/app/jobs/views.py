"""Jobs on screen: how far one is, and stopping it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tiesa.app.jobs import work
from tiesa.app.jobs.kinds import KINDS
from tiesa.app.jobs.models import Job
from tiesa.app.people.gate import signed_in
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right


def visible(request: HttpRequest, job_id: str) -> Job:
    """The job, where it is this person's or theirs to look after."""
    job = get_object_or_404(Job, pk=job_id)
    access = access_of(request.user)
    own = job.asked_by_id == request.user.pk and access.may(KINDS[job.kind].right)
    if not own and not access.may(Right.MANAGE_INSTALLATION):
        raise Http404
    return job


@signed_in
def progress(request: HttpRequest, job_id: str) -> HttpResponse:
    """How far a job is: a part of a page that asks again until the job is over."""
    job = visible(request, job_id)
    response = render(request, "jobs/progress.html", {"job": job, "words": KINDS[job.kind].words()})
    if job.is_over and getattr(request, "htmx", False):
        response["HX-Refresh"] = "true"
    return response


@signed_in
@require_POST
def stop(request: HttpRequest, job_id: str) -> HttpResponse:
    """Stop a job."""
    job = visible(request, job_id)
    work.stop(job, by=request.user)
    if getattr(request, "htmx", False):
        return progress(request, job_id)
    return redirect(request.headers.get("Referer") or "/")

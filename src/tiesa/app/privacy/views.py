"""Privacy on screen."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiesa.app.config.installation import installation
from tiesa.app.jobs.kinds import KINDS
from tiesa.app.jobs.models import Job, State
from tiesa.app.people.audit import record
from tiesa.app.people.gate import needs
from tiesa.app.people.roles import Right
from tiesa.app.people.undoing import say_done, say_refused
from tiesa.app.privacy import work
from tiesa.app.privacy.consents import ANY_CHANNEL, ledger_of, ledger_totals, purpose_words, state_words
from tiesa.app.privacy.exporting import export_of
from tiesa.app.privacy.jobs import DELETE, ERASE, EXPORT, old_in_database
from tiesa.app.privacy.words import basis_words, count_words
from tiesa.core.enums import ConsentState
from tiesa.core.errors import InvalidRules, TiesaError, UnknownCustomer
from tiesa.core.locale import _
from tiesa.core.tables import PROFILING
from tiesa.upkeep.old_data import MOST_NAMES, old_data
from tiesa.upkeep.person import Person
from tiesa.upkeep.privacy_rules import DELETED, FOR_GOOD, Basis, Kind, kind_words, privacy_rules

LAST = 20
LARGEST = 2**63 - 1


@needs(Right.ERASE)
@sensitive_post_parameters("words")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Find one person, see where everybody stands, and what was asked for last. Words go by POST: no log has them."""
    home = installation().place
    words = request.POST.get("words", "").strip()
    found = work.look_up(home, words, by=request.user) if words else []
    if len(found) == 1:
        return redirect("privacy:person", found[0].number)
    totals = ledger_totals(home) if home.settings.exists() else []
    return render(
        request,
        "privacy/start.html",
        {
            "words": words,
            "found": found,
            "totals": [(purpose_words(p), channel, state_words(s), n) for p, channel, s, n in totals],
            "objected": sum(n for _p, _c, state, n in totals if state == ConsentState.OBJECTED),
            "requests": [_shown(job) for job in Job.objects.filter(kind__in=(EXPORT, ERASE, DELETE))[:LAST]],
        },
    )


def _shown(job: Job) -> dict[str, Any]:
    return {"job": job, "words": KINDS[job.kind].words(), "number": job.arguments.get("number")}


def _person(number: int) -> Person:
    if number > LARGEST:
        raise Http404
    try:
        return work.person_of(installation().place, number)
    except UnknownCustomer:
        raise Http404 from None


@needs(Right.ERASE)
@require_safe
def person(request: HttpRequest, number: int) -> HttpResponse:
    """One person: who they are, what they agreed or objected to, exporting and erasing."""
    shown, home = _person(number), installation().place
    record(request.user, "privacy.find", about=f"customer {number}")
    ledger = ledger_of(home, number)
    known = {entry.purpose for entry in ledger} | {purpose for purpose, *_rest in ledger_totals(home)}
    return render(
        request,
        "privacy/person.html",
        {
            "shown": shown,
            "ledger": [(entry, purpose_words(entry.purpose), state_words(entry.state)) for entry in ledger],
            "purposes": [(PROFILING, purpose_words(PROFILING)), *((p, p) for p in sorted(known - {PROFILING}))],
            "channels": [ANY_CHANNEL, *sorted({entry.channel for entry in ledger} - {ANY_CHANNEL})],
            "states": [(state.value, state_words(state.value)) for state in ConsentState],
            "bases": [(basis.value, basis_words(basis)) for basis in Basis],
            "basis_words": {basis.value: basis_words(basis) for basis in Basis},
            "today": timezone.now().date().isoformat(),
            "requests": [
                _shown(job) for job in Job.objects.filter(kind__in=(EXPORT, ERASE), arguments__number=number)[:LAST]
            ],
        },
    )


@needs(Right.ERASE)
@require_POST
def export(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for everything about one person."""
    return redirect("privacy:request", work.ask_export(_person(number), by=request.user).pk)


@needs(Right.ERASE)
@require_POST
def erase(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for an erasure. It cannot be undone, so the number is typed once more."""
    shown = _person(number)
    if request.POST.get("again", "").strip() != str(number):
        say_refused(request, _("Type the customer number once more: an erasure cannot be undone."))
        return redirect("privacy:person", number)
    try:
        job = work.ask_erasure(shown, request.POST.get("why", ""), by=request.user)
    except TiesaError as error:
        say_refused(request, error.what)
        return redirect("privacy:person", number)
    return redirect("privacy:request", job.pk)


@needs(Right.ERASE)
@require_POST
def consent(request: HttpRequest, number: int) -> HttpResponse:
    """Note what a person agreed or objected to."""
    said, shown = request.POST, _person(number)
    try:
        import_id = work.note_consent(
            installation().place,
            shown,
            purpose=said.get("other", "").strip() or said.get("purpose", ""),
            channel=said.get("channel", ""),
            basis=said.get("basis", ""),
            state=said.get("state", ""),
            at=_moment(said.get("at", "")),
            by=request.user,
        )
    except TiesaError as error:
        say_refused(request, error.what)
    else:
        say_done(request, _("Noted."), undo=reverse("privacy:take_back", args=[number]), entry=import_id)
    return redirect("privacy:person", number)


def _moment(day: str) -> datetime:
    """The given day at noon, or now where it is today, none or to come."""
    now = timezone.now()
    try:
        chosen = datetime.combine(date.fromisoformat(day), time(12), UTC)
    except ValueError:
        return now
    return chosen if chosen.date() < now.date() else now


@needs(Right.ERASE)
@require_POST
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """Take back what was just noted."""
    try:
        work.take_back_consent(installation().place, number, request.POST.get("entry", ""), by=request.user)
    except TiesaError as error:
        say_refused(request, error.what)
    else:
        say_done(request, _("Taken back."))
    return redirect("privacy:person", number)


@needs(Right.ERASE)
@require_safe
def one_request(request: HttpRequest, job_id: str) -> HttpResponse:
    """How far an export, erasure or deletion is, and what came of it."""
    job = get_object_or_404(Job, pk=job_id, kind__in=(EXPORT, ERASE, DELETE))
    counts = job.result.get("counts") or job.result.get("removed") or {}
    is_mine = job.asked_by_id == request.user.pk
    return render(
        request,
        "privacy/request.html",
        {
            **_shown(job),
            "is_mine": is_mine,
            "is_export": job.kind == EXPORT,
            "is_erasure": job.kind == ERASE,
            "is_done": job.state == State.DONE,
            "counts": [(count_words(table), n) for table, n in counts.items()],
            "can_fetch": is_mine and job.kind == EXPORT and export_of(str(job.pk)).exists(),
        },
    )


@needs(Right.ERASE)
@require_safe
def download(request: HttpRequest, job_id: str) -> FileResponse:
    """The ZIP, for whoever asked for it."""
    job = get_object_or_404(Job, pk=job_id, kind=EXPORT, asked_by=request.user.pk, state=State.DONE)
    try:
        file = export_of(str(job.pk)).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    number = job.arguments["number"]
    record(request.user, "privacy.download", about=f"customer {number}")
    response = FileResponse(file, as_attachment=True, filename=f"customer-{number}.zip")
    response["Cache-Control"] = "no-store"
    return response


@needs(Right.ERASE)
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """For what purpose, on which basis and how long each kind of data is kept."""
    home, problem, said = installation().place, "", {}
    if request.method == "POST":
        said = {
            kind: {part: request.POST[f"{kind.value}.{part}"] for part in ("purpose", "basis", "keep")
                   if f"{kind.value}.{part}" in request.POST}
            for kind in Kind
        }  # fmt: skip
        try:
            with transaction.atomic():
                work.save_rules(home, said, automatic=request.POST.get("automatic") == "on", by=request.user)
        except InvalidRules as error:
            problem = str(error)
        else:
            say_done(request, _("Saved."))
            return redirect("privacy:rules")
    kept = privacy_rules(home)
    rows = []
    for one in kept.kept:
        keep = FOR_GOOD if one.keep_days is None else f"{one.keep_days} d"
        now = {"purpose": one.purpose, "basis": one.basis.value, "keep": keep, **said.get(one.kind, {})}
        rows.append({"kind": one.kind.value, "words": kind_words(one.kind), "is_deleted": one.kind in DELETED, **now})
    return render(
        request,
        "privacy/rules.html",
        {
            "rows": rows,
            "automatic": kept.automatic,
            "bases": [(basis.value, basis_words(basis)) for basis in Basis],
            "problem": problem,
        },
        status=400 if problem else 200,
    )


@needs(Right.ERASE)
@require_safe
def old(request: HttpRequest) -> HttpResponse:
    """What would be deleted now, before anything is."""
    home = installation().place
    kept = privacy_rules(home)
    counts = dict(old_data(home, kept).counts) if home.settings.exists() else {}
    counts |= old_in_database(kept)
    return render(
        request,
        "privacy/old.html",
        {
            "rows": [
                {"words": kind_words(kind), "keep": kept[kind].keep_in_words, "n": counts[kind]}
                for kind in Kind
                if kind in counts
            ],
            "total": sum(counts.values()),
            "automatic": kept.automatic,
            "most": MOST_NAMES,
        },
    )


@needs(Right.ERASE)
@require_POST
def delete(request: HttpRequest) -> HttpResponse:
    """Delete it now."""
    return redirect("privacy:request", work.ask_deletion(by=request.user).pk)

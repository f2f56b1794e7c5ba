"""The register of moments on screen, as a board and as a table; exported; and the search that fills it."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tiesa.app.insight.downloads import as_file, asked_drawing, kept_a_while
from tiesa.app.insight.looking import look
from tiesa.app.insight.paging import worked_out
from tiesa.app.insight.small_groups import fit_for
from tiesa.app.jobs.models import Job
from tiesa.app.jobs.models import State as JobState
from tiesa.app.jobs.work import ask_once
from tiesa.app.moments.jobs import FIND
from tiesa.app.moments.listing import listing, stand_words
from tiesa.app.moments.work import register_of, verdicts
from tiesa.app.people.audit import record
from tiesa.app.people.gate import needs
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right
from tiesa.core.formats import number
from tiesa.core.locale import _
from tiesa.moments.kept import Estimate, Registered, situation_words, told
from tiesa.moments.outcomes import Outcome
from tiesa.moments.states import State
from tiesa.moments.words import sentence
from tiesa.pictures.palette import Theme

CARDS = 6
"""Cards in a column of the board; the table holds all."""


def found_by(request: HttpRequest) -> dict[str, Any]:
    """The search that is under way or came last: its job, and whether this person asked for it."""
    under_way = Job.objects.filter(kind=FIND, state__in=(JobState.WAITING, JobState.RUNNING)).first()
    job = under_way or Job.objects.filter(kind=FIND, asked_by_id=request.user.pk).first()
    if job is None or (job.is_over and job.state != JobState.FAILED):
        return {"job": None, "is_mine": False, "words": ""}
    return {"job": job, "is_mine": job.asked_by_id == request.user.pk, "words": _("Looking for moments of truth")}


@needs(Right.SEE_FIGURES)
@worked_out
def register(request: HttpRequest) -> HttpResponse:
    """The answer in a sentence, then the board or the table."""
    seen = look(request)
    found = register_of(seen)
    shown = listing(found.estimates, verdicts({one["id"] for one in found.estimates}), request.GET)
    context = {
        "found": found,
        "listing": shown,
        "first": [told(one) for one in found.of_state(State.CONFIRMED)[:1]],
        "most": CARDS,
        "picture": found.picture(),
        "has_table": request.GET.get("as") == "table",
        "older": found.older_than(seen.found.version),
        "is_part": not seen.scope.sees_everything,
        "stand_words": stand_words,
        "own_links": [_address(one) for one in found.own_shown],
        "look": seen,
        **found_by(request),
    }
    return render(request, "moments/register.html", context)


def _address(own: Estimate) -> str:
    """Where the sheet of a situation of one's own is; nowhere without figures."""
    return f"{reverse('moments:sheet', args=[own['id']])}?outcome={own['outcome']}" if "effect" in own else ""


@needs(Right.SEE_FIGURES)
def picture(request: HttpRequest) -> HttpResponse:
    """The confirmed moments beside each other, as SVG."""

    def draw(theme: Theme, width: int) -> str | None:
        drawn = register_of(look(request), patience=None).picture(theme=theme, width=width)
        return drawn.svg() if drawn else None

    return kept_a_while(asked_drawing(request, draw))


@needs(Right.EXPORT)
def table(request: HttpRequest, kind: str) -> FileResponse:
    """The register as CSV or XLSX. Noted in the audit log."""
    seen = look(request, Right.EXPORT)
    (shown,) = fit_for(access_of(request.user), register_of(seen, patience=None).tables())
    record(request.user, "export.table", about=f"moments/moments.{kind}", rows=len(shown), query="")
    return as_file(shown, kind)


@needs(Right.IMPORT)
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Look for moments, as a job: of the outcomes asked for, else of all; one search at a time."""
    if not Job.objects.filter(kind=FIND, state=JobState.RUNNING).exists():
        outcomes = [name for name in request.POST.getlist("outcome") if name in list(Outcome)]
        ask_once(FIND, {"outcomes": outcomes} if outcomes else {}, by=request.user)
        record(request.user, "moments.ask", about=" ".join(outcomes))
    return redirect("moments:register")


@needs(Right.SEE_FIGURES)
@worked_out
def searched(request: HttpRequest) -> HttpResponse:
    """What was tried: how much was generated, tested, selected, confirmed, and every step."""
    seen = look(request)
    found = register_of(seen)
    context = {
        "found": found,
        "answer": _tried(found),
        "rows": [_searched(found, one) for one in found.found],
        "sees_steps": seen.scope.sees_everything,
        **found_by(request),
    }
    return render(request, "moments/searched.html", context)


def _tried(found: Registered) -> str:
    """The whole search in one sentence."""
    return _("Of {tested} tests, {single} look significant one by one; {confirmed} effects are confirmed.").format(
        tested=number(found.tested),
        single=number(sum(one.get("one_by_one") or 0 for one in found.found)),
        confirmed=number(sum(one["confirmed"] for one in found.found)),
    )


def _searched(found: Registered, register: dict[str, Any]) -> dict[str, Any]:
    """One outcome's search in figures; what an older build did not keep is None."""
    own = [one for one in found.estimates if one["outcome"] == register["outcome"]]
    outcome = sentence(Outcome(register["outcome"]).in_words())
    return {
        "register": register,
        "outcome": outcome,
        "moments": listing(own, {}, QueryDict()).rows,
        "single": register.get("one_by_one"),
        "family": register.get("family"),
        "steps": register.get("steps", []),
        "candidates": [
            {
                "situation": sentence(situation_words(one)),
                "alone": number(one["z_alone"], digits=1, sign=True),
                "beside": number(one["z"], digits=1, sign=True),
                "n": one["n"],
            }
            for one in register.get("candidates", [])
        ],
    }

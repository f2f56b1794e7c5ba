"""The evidence sheet of one moment on screen, as a file, and what people decide about it."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tiesa.app.insight.downloads import as_file, asked_drawing, kept_a_while
from tiesa.app.insight.drilling import links
from tiesa.app.insight.looking import Look, look
from tiesa.app.insight.paging import worked_out
from tiesa.app.insight.small_groups import TooFew, fit_for
from tiesa.app.moments.listing import stand_words
from tiesa.app.moments.models import Stand, Verdict
from tiesa.app.moments.work import LONGEST, contacts_of, decide, history, register_of, take_back, verdicts
from tiesa.app.people.audit import record
from tiesa.app.people.gate import needs
from tiesa.app.people.models import Person
from tiesa.app.people.policies import Access, access_of
from tiesa.app.people.roles import Right
from tiesa.app.people.undoing import say_done, say_refused
from tiesa.core.errors import EmptyHome, TiesaError, WrongUsage
from tiesa.core.locale import _
from tiesa.core.scope import NOTHING
from tiesa.core.shown import ShownTable
from tiesa.journeys.selection import ALL
from tiesa.journeys.view import View
from tiesa.moments.kept import Estimate, is_harm, outcome_words, state_words
from tiesa.moments.register import estimates
from tiesa.moments.sheet import Part, Sheet, evidence_sheet, latest_of
from tiesa.moments.states import State
from tiesa.pictures.palette import Theme
from tiesa.reports.moment_sheet import part_picture, sheet_bytes

ROWS = 15
FILES = {"html": "text/html", "pdf": "application/pdf"}


def _estimates(seen: Look, moment_id: str, patience: float | None = None) -> list[Estimate]:
    """Every estimate of a moment that is in the register this person sees; for who sees everything also of one that
    older builds alone found. Raises: Http404."""
    found = register_of(seen, patience=patience)
    if not seen.scope.sees_everything and moment_id not in {one["id"] for one in (*found.estimates, *found.own)}:
        raise Http404
    try:
        return list(estimates(seen.home, moment_id))
    except WrongUsage as error:
        raise Http404 from error


def _sheet(
    seen: Look, kept: list[Estimate], outcome: str, *, words: bool, contacts: bool, patience: float | None
) -> Sheet:
    """The sheet, worked out at the desk. Raises: NotYet."""
    one = latest_of(kept, outcome)
    own = contacts_of(seen, one, patience=patience)

    def made(view: View) -> Sheet:
        return evidence_sheet(
            view, kept, outcome=one["outcome"], words=words, contacts=contacts, exposed=own,
            withhold_few=seen.withholds_few,
        )  # fmt: skip

    return seen.drawn(("moment", one["id"], one["outcome"], words, contacts), made, selection=ALL, patience=patience)


def _shown(
    request: HttpRequest, seen: Look, moment_id: str, *, besides: tuple[Right, ...] = (), patience: float | None = 0.25
) -> Sheet:
    """The sheet as this person may see it. besides: rights that contacts and words need here as well. patience: as at
    the desk."""
    access = access_of(request.user)

    def holds(right: Right) -> bool:
        return access.may(right) and access.scope(right) == seen.scope != NOTHING

    more = all(holds(right) for right in besides)
    return _sheet(
        seen, _estimates(seen, moment_id, patience), request.GET.get("outcome", ""),
        words=more and holds(Right.SEE_WORDS), contacts=more and holds(Right.SEE_CUSTOMERS), patience=patience,
    )  # fmt: skip


@needs(Right.SEE_FIGURES)
@worked_out
def sheet(request: HttpRequest, moment_id: str) -> HttpResponse:
    """Everything that is known of a moment, and who decided what about it."""
    seen = look(request)
    made = _shown(request, seen, moment_id)
    access = access_of(request.user)
    parts = [_with_links(part, access, seen) for part in made.parts]
    if any(part.name == "words" for part in made.parts):
        record(request.user, "moment.words", about=moment_id)
    context: dict[str, Any] = {
        "sheet": made,
        "parts": parts,
        "state": state_words(made.estimate),
        "harm": made.state == State.CONFIRMED and is_harm(made.estimate),
        "outcomes": [(e["outcome"], outcome_words(e)) for e in made.by_outcome] if len(made.by_outcome) > 1 else [],
        "verdict": verdicts([moment_id]).get(moment_id),
        "history": history(moment_id),
        "stands": [(stand, stand_words(stand)) for stand in Stand.values],
        "stand_words": stand_words,
        "people": list(Person.objects.filter(is_active=True).order_by("name")) if access.may(Right.ANNOTATE) else [],
        "longest": LONGEST,
        "is_part": not seen.scope.sees_everything,
    }
    return render(request, "moments/sheet.html", context)


def _with_links(part: Part, access: Access, seen: Look) -> dict[str, Any]:
    """A part with its picture, and tables with the addresses their rows lead to."""
    tables = [
        {"shown": table.head(ROWS), "links": links(table, seen.filters, access) if part.name == "behind" else []}
        for table in fit_for(access, part.tables)
    ]
    return {"part": part, "tables": tables, "drawable": part_picture(part)}


@needs(Right.SEE_FIGURES)
def part_drawing(request: HttpRequest, moment_id: str, name: str) -> HttpResponse:
    """The picture of a part, as SVG."""

    def draw(theme: Theme, width: int) -> str | None:
        made = _shown(request, look(request), moment_id, patience=None)
        part = next((one for one in made.parts if one.name == name), None)
        return part.draw(theme, width).svg() if part and part.draw else None

    return kept_a_while(asked_drawing(request, draw))


@needs(Right.SEE_FIGURES)
def file(request: HttpRequest, moment_id: str, kind: str) -> HttpResponse:
    """The sheet as one HTML page or PDF. Single contacts and words leave the house with those only who may export."""
    try:
        made = _shown(request, look(request), moment_id, besides=(Right.EXPORT,), patience=None)
    except (EmptyHome, TooFew) as error:
        raise Http404 from error
    record(request.user, "export.sheet", about=f"{moment_id}.{kind}")
    response = HttpResponse(sheet_bytes(made, kind), content_type=FILES[kind])
    response["Content-Disposition"] = f'attachment; filename="tiesa-{moment_id}.{kind}"'
    return response


@needs(Right.EXPORT, Right.SEE_CUSTOMERS)
def contacts(request: HttpRequest, moment_id: str, kind: str) -> FileResponse:
    """Every contact at which the moment came true, as CSV or XLSX, within what the person may export."""
    try:
        seen = look(request, Right.EXPORT)
        found = contacts_of(seen, latest_of(_estimates(seen, moment_id)), patience=None)
    except (EmptyHome, TooFew) as error:
        raise Http404 from error
    if not seen.scope.names:
        found = found.drop_columns(["contact_id"])
    (shown,) = fit_for(access_of(request.user), (ShownTable("contacts", "", found, ()),)) or (None,)
    if shown is None or access_of(request.user).scope(Right.SEE_CUSTOMERS) != seen.scope:
        raise Http404
    record(request.user, "export.table", about=f"moments/{moment_id}.{kind}", rows=len(shown), query="")
    return as_file(shown, kind)


@needs(Right.ANNOTATE)
@require_POST
def judge(request: HttpRequest, moment_id: str) -> HttpResponse:
    """Keep what somebody decides about the moment."""
    kept = _estimates(look(request), moment_id)
    owner = request.POST.get("owner", "")
    person = Person.objects.filter(pk=owner, is_active=True).first() if owner.isdecimal() else None
    try:
        made = decide(
            latest_of(kept), request.POST.get("stand", ""), note=request.POST.get("note", ""), owner=person,
            by=request.user,
        )  # fmt: skip
    except TiesaError as refused:
        say_refused(request, refused.what)
    else:
        say_done(
            request, _("Kept: {verdict}.").format(verdict=stand_words(made.stand)),
            undo=reverse("moments:judge_undo", args=[made.pk]),
        )  # fmt: skip
    return redirect("moments:sheet", moment_id)


@needs(Right.ANNOTATE)
@require_POST
def judge_undo(request: HttpRequest, verdict_id: int) -> HttpResponse:
    """Take a verdict back: the one before it holds again."""
    verdict = get_object_or_404(Verdict, pk=verdict_id)
    _estimates(look(request), verdict.moment)
    try:
        take_back(verdict, by=request.user)
    except TiesaError as refused:
        say_refused(request, refused.what)
    else:
        say_done(request, _("Taken back."))
    return redirect("moments:sheet", verdict.moment)

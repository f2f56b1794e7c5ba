"""Journeys on screen: overview, maps, variants, answers, lists and comparisons."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from tiesa.app.insight import filters as bar
from tiesa.app.insight.answers import LEVELS, RESULTS, places
from tiesa.app.insight.drilling import links
from tiesa.app.insight.looking import Look, look
from tiesa.app.insight.models import SavedView
from tiesa.app.insight.paging import show, worked_out
from tiesa.app.insight.small_groups import fit_for
from tiesa.app.people.gate import needs, person_of
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right
from tiesa.core.locale import current_language
from tiesa.core.shown import ShownTable
from tiesa.journeys.listing import Order, Which, journey_list
from tiesa.journeys.questions.asking import NUMBERS
from tiesa.journeys.questions.result import Result

ROWS = 15
"""Rows of a table that a page shows; the exports hold all."""


def tables_of(request: HttpRequest, seen: Look, tables: tuple[ShownTable, ...]) -> list[dict[str, Any]]:
    """Tables with the addresses their rows lead to."""
    access = access_of(request.user)
    return [
        {"shown": table.head(ROWS), "links": links(table.head(ROWS), seen.filters, access), "all": len(table)}
        for table in fit_for(access, tables)
        if len(table)
    ]


@needs(Right.SEE_FIGURES)
@worked_out
def overview(request: HttpRequest) -> HttpResponse:
    """The catalogue of journey types, the map, and the six answers as tiles."""
    seen = look(request)
    found = seen.ask_all({name: RESULTS[name] for name in NUMBERS.values()} | {"types": _types})
    picture = seen.picture("map")
    answers = [found[name] for name in NUMBERS.values()]
    judged = [a for a in answers if a.can_be_judged]
    first = next((a for a in judged if a.needs_attention), judged[0] if judged else None)
    return show(
        request, "insight/journeys.html", seen,
        answers=answers, first=first, map=picture, views=saved_views(request), types=found["types"], tabs=places(),
    )  # fmt: skip


def saved_views(request: HttpRequest) -> list[SavedView]:
    """One's own saved views, and those that others share."""
    return list(SavedView.objects.filter(Q(owner=person_of(request)) | Q(is_shared=True)).select_related("owner"))


def _types(view: Any) -> list[dict[str, Any]]:
    """Journey types of the selection: how many journeys, open ones, those waiting for us, goals reached."""
    from tiesa.core.intervals import share

    rows = view.table(
        "select journey_type, count(*) as n, count(*) filter (goal_state = 'open') as open, "
        "count(*) filter (waiting_for = 'us') as waiting, count(*) filter (goal_state = 'reached') as reached, "
        "median(contacts)::double as contacts from journeys group by 1 order by n desc"
    ).to_pylist()
    return [row | {"reached_share": share(row["reached"], row["n"])} for row in rows]


@needs(Right.SEE_FIGURES)
@worked_out
def journey_map(request: HttpRequest) -> HttpResponse:
    """The journey map, large."""
    return _pictured(request, "map")


@needs(Right.SEE_FIGURES)
@worked_out
def process(request: HttpRequest) -> HttpResponse:
    """The process map at one of three levels of detail."""
    level = request.GET.get("detail", "1")
    if level not in {str(n) for n in range(len(LEVELS))}:
        raise Http404
    return _pictured(request, f"process-{level}", detail=level)


@needs(Right.SEE_FIGURES)
@worked_out
def variants(request: HttpRequest) -> HttpResponse:
    """The ways journeys go."""
    return _pictured(request, "variants")


def _pictured(request: HttpRequest, name: str, **more: Any) -> HttpResponse:
    seen = look(request)
    picture = seen.picture(name)
    assert picture is not None
    tables = tables_of(request, seen, tuple(picture.shown))
    return show(
        request, "insight/picture.html", seen, name=name, drawable=picture, tables=tables, tabs=places(), **more
    )


@needs(Right.SEE_FIGURES)
@worked_out
def answer(request: HttpRequest, name: str) -> HttpResponse:
    """One answer: sentence, findings, picture, tables, how it was made."""
    if name not in RESULTS:
        raise Http404
    seen = look(request)
    found: Result = seen.ask(name, RESULTS[name])
    picture = seen.picture(name) if found.can_be_judged else None
    names = list(NUMBERS.values())
    return show(
        request, "insight/answer.html", seen,
        result=found, drawable=picture, tables=tables_of(request, seen, found.tables()), tabs=places(),
        questions=[(n, other, question_words(n)) for n, other in NUMBERS.items()] if name in names else [],
    )  # fmt: skip


def question_words(number: int) -> str:
    """The six questions in a word or two, for the row of links above each."""
    from tiesa.core.locale import _

    return {
        1: _("Waits"),
        2: _("Fewer contacts"),
        3: _("Why again"),
        4: _("No reaction"),
        5: _("Seen or not"),
        6: _("Goals"),
    }[number]


@needs(Right.SEE_CUSTOMERS)
@worked_out
def listed(request: HttpRequest) -> HttpResponse:
    """The journeys behind a figure, page by page; the open ones by age, those who wait for us by name."""
    seen = look(request, Right.SEE_CUSTOMERS)
    which = Which(request.GET["which"]) if request.GET.get("which") in set(Which) else Which.ALL
    usual = Order.WAITING if which == Which.WAITING else Order.AGE
    order = Order(request.GET["order"]) if request.GET.get("order") in set(Order) else usual
    page = int(request.GET["page"]) if request.GET.get("page", "").isdecimal() else 1
    page = min(max(page, 1), 100_000)
    found = seen.ask(("list", which, order, page), lambda view: journey_list(view, which=which, order=order, page=page))
    return show(
        request, "insight/list.html", seen,
        found=found, rows=found.rows.to_pylist(), which=which, order=order, every=list(Which), orders=list(Order),
    )  # fmt: skip


@needs(Right.SEE_FIGURES)
@worked_out
def compare(request: HttpRequest) -> HttpResponse:
    """The selection of the filter bar beside a second one: the same with some parts changed (`with_...`)."""
    from tiesa.reports.comparing import compared

    seen = look(request)
    changed = QueryDict(mutable=True)
    changed.update(seen.filters.chosen)
    other = {k.removeprefix("with_"): str(v) for k, v in request.GET.items() if k.startswith("with_")}
    for name, value in other.items():
        changed[name] = value if value != "*" else ""
    second = bar.read(changed, seen.found.last_contact)
    made = None
    if other and second.selection != seen.selection:
        from tiesa.app.insight.desk import DESK

        state = (str(seen.home.root), seen.found.version, seen.identities, seen.scope, current_language())
        key = (*state, seen.selection, second.selection, "compare")
        made = DESK.ask(
            key,
            lambda: compared(seen.home, seen.selection, second.selection, scope=seen.scope, version=seen.found.version),
        )
    return show(
        request, "insight/compare.html", seen,
        made=made, second=second, second_chips=bar.chips(second), other=other, tabs=places(),
        tables=tables_of(request, seen, made.tables()) if made else [],
    )  # fmt: skip

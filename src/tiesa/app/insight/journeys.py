"""Journeys on screen: overview, maps, variants, answers, lists and comparisons."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from tiesa.app.insight import filters as bar
from tiesa.app.insight.answers import LEVELS, ON_CALENDAR, OVER_TIME, RESULTS, places
from tiesa.app.insight.drilling import links
from tiesa.app.insight.looking import Look, look
from tiesa.app.insight.models import SavedView
from tiesa.app.insight.paging import show, worked_out
from tiesa.app.insight.small_groups import fit_for, refuse_few
from tiesa.app.people.gate import needs, person_of
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right
from tiesa.core.shown import ShownTable
from tiesa.core.small_groups import is_small, withheld
from tiesa.journeys.compare import Comparison
from tiesa.journeys.listing import Order, Which, journey_list
from tiesa.journeys.questions.asking import NUMBERS
from tiesa.journeys.questions.result import Result
from tiesa.journeys.selection import Selection
from tiesa.journeys.view import View, open_view

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
        answers=answers, first=first, map=picture, views=saved_views(request), tabs=places(),
        types=_without_few(found["types"]) if seen.withholds_few else found["types"],
    )  # fmt: skip


def saved_views(request: HttpRequest) -> list[SavedView]:
    """One's own saved views, and those that others share."""
    return list(SavedView.objects.filter(Q(owner=person_of(request)) | Q(is_shared=True)).select_related("owner"))


def _without_few(types: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Journey types of few are left out; a small number inside a type stands as not told."""
    hidden = withheld([row["n"] for row in types])
    return [
        row | {name: None if is_small(row[name]) else row[name] for name in ("open", "waiting")}
        for i, row in enumerate(types)
        if i not in hidden
    ]


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
    on_calendar = seen.picture(name + OVER_TIME) if found.can_be_judged and name in ON_CALENDAR else None
    names = list(NUMBERS.values())
    return show(
        request, "insight/answer.html", seen,
        result=found, drawable=picture, on_calendar=on_calendar, calendar_name=name + OVER_TIME,
        tables=tables_of(request, seen, found.tables()), tabs=places(),
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


def _compared(view: View, seen: Look, second: Selection) -> Comparison:
    """A selection beside another, of which as few customers may be told of."""
    from tiesa.journeys.compare import compare as beside
    from tiesa.journeys.compare import measured

    with open_view(seen.home, second, scope=seen.scope, version=seen.found.version) as other:
        if seen.withholds_few:
            refuse_few(other)
        return beside(measured(view), measured(other))


@needs(Right.SEE_FIGURES)
@worked_out
def compare(request: HttpRequest) -> HttpResponse:
    """The selection of the filter bar beside a second one: the same with some parts changed (`with_...`)."""
    seen = look(request)
    changed = QueryDict(mutable=True)
    changed.update(seen.filters.chosen)
    other = {k.removeprefix("with_"): str(v) for k, v in request.GET.items() if k.startswith("with_")}
    for name, value in other.items():
        changed[name] = value if value != "*" else ""
    second = bar.read(changed, seen.found.last_contact)
    made = None
    if other and second.selection != seen.selection:
        made = seen.drawn(("compare", second.selection), partial(_compared, seen=seen, second=second.selection))
    return show(
        request, "insight/compare.html", seen,
        made=made, second=second, second_chips=bar.chips(second), other=other, tabs=places(),
        tables=tables_of(request, seen, made.tables()) if made else [],
    )  # fmt: skip

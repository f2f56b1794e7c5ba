"""What programs ask: contacts within the key's scope, imports, the six questions."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Field, Query, Schema

from tiesa.app.api.keys import WithKey, access_of_request
from tiesa.app.api.models import Batch
from tiesa.app.api.problems import Problem
from tiesa.app.api.routing import router
from tiesa.app.api.schemas import ProblemOut
from tiesa.app.config.installation import installation
from tiesa.app.insight import filters
from tiesa.app.insight.desk import DESK
from tiesa.app.insight.filters import Filters
from tiesa.app.insight.small_groups import TooFew, fitted, refuse_few, sees_figures_only, too_few_words
from tiesa.app.intake.outbox import waiting
from tiesa.app.people.roles import Right
from tiesa.contacts.log import ContactLog
from tiesa.core.locale import _, current_language
from tiesa.core.tables import JOURNEY_CONTACT
from tiesa.engines.duckdb import columns_of
from tiesa.journeys.evidence import Evidence, evidence
from tiesa.journeys.questions.asking import NUMBERS, ask
from tiesa.journeys.view import View, open_view

PROBLEMS = {401: ProblemOut, 403: ProblemOut, 422: ProblemOut, 429: ProblemOut}
PATIENCE_S = 20.0
_NAMED = ("source", "contact_id", "reply_to", "case_id", "employee", "answered_by", "answered_contact_id", "attributes")
"""What tells who somebody is, or may: only with the right to see names."""
_PLACE = ("customer_key", "journey_no", "journey_position")
_IMPORT = (
    "action", "import_id", "at", "file", "by", "read", "accepted", "corrected", "duplicates", "set_aside", "rows",
)  # fmt: skip


class Selected(Schema):
    """Which journeys are meant, as in the filter bar of the pages."""

    journey_type: str = ""
    segment: str = ""
    channel: str = ""
    touchpoint: str = ""
    language: str = ""
    unit: str = ""
    product: str = ""
    from_day: date | None = None
    to_day: date | None = None

    def read(self, found: Evidence) -> Filters:
        query = QueryDict(mutable=True)
        for name in filters.PARTS:
            query[name] = getattr(self, name)
        query["from"] = self.from_day.isoformat() if self.from_day else ""
        query["to"] = self.to_day.isoformat() if self.to_day else ""
        return filters.read(query, found.last_contact)


class Page(Schema):
    """A page of many. cursor: what the page before said in `next`. limit: how many at most."""

    cursor: str = Field("", max_length=500)
    limit: int = Field(200, ge=1, le=1000)


class Contacts(Schema):
    """A page of contacts with what their journeys make of them. next: null on the last page. version: evidence number;
    all pages of one walk have the same."""

    version: int
    contacts: list[dict[str, Any]]
    next: str | None


class Imports(Schema):
    """A page of imports and undos, newest first."""

    imports: list[dict[str, Any]]
    next: str | None


class QuestionOut(Schema):
    """One of the six questions, answered within the key's scope."""

    number: int
    question: str
    answer: str
    findings: list[str]
    missing: str | None
    figures: dict[str, Any]
    explain: str
    version: int


class OutboxOut(Schema):
    """What was acknowledged and is not in the log yet. refused: batches that the log did not take."""

    waiting: int
    oldest_s: float
    open: int
    refused: int


@router.get(
    "/contacts",
    tags=["ask"],
    auth=WithKey(Right.SEE_CUSTOMERS),
    response={200: Contacts, 409: ProblemOut, 410: ProblemOut, **PROBLEMS},
    summary="Contacts, page by page",
)
def contacts(request: HttpRequest, page: Query[Page], selected: Query[Selected]) -> HttpResponse:
    """The contacts of the journeys that the key may see, in the order of customers and their journeys."""
    home, scope = installation().place, access_of_request(request).scope(Right.SEE_CUSTOMERS)
    version, *after = _after(page.cursor, 4) if page.cursor else (None,)
    found = evidence(home, version)
    with open_view(home, selected.read(found).selection, scope=scope, version=found.version) as view:
        shown = [c for c in JOURNEY_CONTACT.names if scope.names or c not in _NAMED]
        names = ", customer" if scope.names else ""
        where = f"where ({columns_of(_PLACE)}) > ({', '.join(map(str, after))})" if after else ""
        rows = view.table(
            f"select {columns_of(shown)}{names} from rows {_CUSTOMERS if scope.names else ''} {where} "
            f"order by {columns_of(_PLACE)} limit {page.limit + 1}"
        ).to_pylist()
    more = rows[: page.limit]
    following = _cursor(found.version, *(more[-1][c] for c in _PLACE)) if len(rows) > page.limit else None
    for row in more:
        if row.get("attributes") is not None:
            row["attributes"] = dict(row["attributes"])
    return answered({"version": found.version, "contacts": more, "next": following})


_CUSTOMERS = (
    "left join (select customer_key, min(source_id) as customer from identities group by 1) using (customer_key)"
)


@router.get(
    "/imports",
    tags=["ask"],
    auth=WithKey(Right.SEND_CONTACTS, Right.SEE_FIGURES),
    response={200: Imports, **PROBLEMS},
    summary="What came in, newest first",
)
def imports(request: HttpRequest, page: Query[Page]) -> HttpResponse:
    """Every import and undo with its counts."""
    del request
    every = [fact for fact in ContactLog(installation().place).imports() if fact.get("at")]
    if page.cursor:
        at, import_id = _after(page.cursor, 2)
        every = [fact for fact in every if (str(fact["at"]), str(fact["import_id"])) < (str(at), str(import_id))]
    every.sort(key=lambda fact: (str(fact["at"]), str(fact["import_id"])), reverse=True)
    shown = every[: page.limit]
    following = _cursor(shown[-1]["at"], shown[-1]["import_id"]) if len(every) > page.limit else None
    plain = [{name: fact[name] for name in _IMPORT if name in fact} for fact in shown]
    return answered({"imports": plain, "next": following})


@router.get(
    "/questions/{int:number}",
    tags=["ask"],
    auth=WithKey(Right.SEE_FIGURES),
    response={200: QuestionOut, 404: ProblemOut, 409: ProblemOut, 503: ProblemOut, **PROBLEMS},
    summary="One of the six questions",
)
def question(request: HttpRequest, number: int, selected: Query[Selected]) -> HttpResponse:
    """The answer with its figures, each with n and interval, in the language the request asks for."""
    if number not in NUMBERS:
        raise Problem(404, _("There is no question {number}").format(number=number))
    access = access_of_request(request)
    home, scope, few = installation().place, access.scope(Right.SEE_FIGURES), sees_figures_only(access)
    found = evidence(home)
    selection = selected.read(found).selection
    key = (str(home.root), found.version, scope, selection, ("api question", number, few), current_language())

    def make() -> str:
        with open_view(home, selection, scope=scope, version=found.version) as view:
            if few:
                refuse_few(view)
            return _as_text({**_answer(view, number, few), "version": found.version})

    try:
        return HttpResponse(DESK.ask(key, make, patience=PATIENCE_S), content_type="application/json")
    except TooFew:
        raise Problem(409, too_few_words()) from None


def _answer(view: View, number: int, withholds_few: bool) -> dict[str, Any]:
    made = next(ask(view, [number]))
    plain: dict[str, Any] = (fitted(made) if withholds_few else made).as_plain()
    return plain


@router.get(
    "/outbox",
    tags=["ask"],
    auth=WithKey(Right.SEND_CONTACTS, Right.SEE_FIGURES),
    response={200: OutboxOut, **PROBLEMS},
    summary="What is on its way to the log",
)
def outbox(request: HttpRequest) -> HttpResponse:
    """Rows that were acknowledged and wait; 0 waiting and 0 open: the log has everything."""
    del request
    n, oldest_s = waiting()
    states = {state: Batch.objects.filter(state=state).count() for state in (Batch.OPEN, Batch.REFUSED)}
    return answered({"waiting": n, "oldest_s": round(oldest_s, 1), **states})


def answered(value: dict[str, Any]) -> HttpResponse:
    """Plain values, times and amounts among them, as JSON."""
    return HttpResponse(_as_text(value), content_type="application/json")


def _as_text(value: dict[str, Any]) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "total_seconds"):
        return value.total_seconds()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def _cursor(*place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, default=str).encode()).decode().rstrip("=")


def _after(cursor: str, parts: int) -> list[Any]:
    """Where a cursor stands. Raises: Problem 422 for one that is none of ours."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=="))
        kinds = (int,) if parts == 4 else (str,)
        if len(place) != parts or not all(type(part) in kinds for part in place):
            raise ValueError
        if parts == 4 and not all(0 <= part < 2**63 for part in place):
            raise ValueError
    except (ValueError, TypeError):
        raise Problem(422, _("This cursor is none that was given out")) from None
    return list(place)

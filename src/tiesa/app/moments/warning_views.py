"""The early warning on screen: whom to turn to today, why, and how well such lists did; kept, and that somebody did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tiesa.app.insight.downloads import asked_drawing, kept_a_while
from tiesa.app.insight.looking import Look, look
from tiesa.app.insight.paging import worked_out
from tiesa.app.moments.work import register_of
from tiesa.app.people.audit import record
from tiesa.app.people.gate import needs
from tiesa.app.people.models import Person
from tiesa.app.people.roles import Right
from tiesa.app.people.undoing import say_done
from tiesa.core.errors import UnusableInput
from tiesa.core.formats import moment, number
from tiesa.core.locale import _
from tiesa.journeys.selection import ALL
from tiesa.journeys.view import View
from tiesa.moments.kept import Estimate, is_harm, register_marks, situation_words
from tiesa.moments.objections import objected_to_profiling
from tiesa.moments.states import State
from tiesa.moments.warning import LEAVING, EarlyWarning
from tiesa.moments.warning_memory import (
    Entry,
    Kept,
    held_out_before,
    is_held_out,
    remember_contact,
    remember_list,
    remembered,
)
from tiesa.moments.words import sentence
from tiesa.pictures.palette import Theme

TOPS = (20, 50, 100)
"""How many a team can turn to."""
SHARES = (0, 10, 20, 50)
"""In the hundred, how many chance may hold out."""


@dataclass(frozen=True)
class Wanted:
    """The list that is asked for. moment: an estimate of what is warned of; None: leaving. apart: in the hundred."""

    top: int
    apart: int
    moment: Estimate | None

    @property
    def target(self) -> str:
        return str(self.moment["id"]) if self.moment else LEAVING

    @property
    def query(self) -> str:
        """The same as an address has it."""
        return urlencode({"top": self.top, "apart": self.apart, "of": self.target})


def _moments(seen: Look, patience: float | None = 0.25) -> dict[str, Estimate]:
    """The confirmed moments that do harm, as somebody sees them, by id: those that do most first. Raises: NotYet."""
    found: dict[str, Estimate] = {}
    for one in register_of(seen, patience=patience).of_state(State.CONFIRMED):
        if is_harm(one):
            found.setdefault(one["id"], one)
    return found


def _wanted(request: HttpRequest, moments: dict[str, Estimate]) -> Wanted:
    """What an address asks for; words that mean nothing there are left out."""

    def one_of(name: str, allowed: tuple[int, ...], otherwise: int) -> int:
        said = request.GET.get(name, "")
        return int(said) if said in map(str, allowed) else otherwise

    return Wanted(one_of("top", TOPS, TOPS[1]), one_of("apart", SHARES, 0), moments.get(request.GET.get("of", "")))


def warning_of(seen: Look, wanted: Wanted, *, patience: float | None = 0.25) -> EarlyWarning | str:
    """Today's list as somebody may see it, or in words why there is none. An objection holds from the next look on.
    Raises: NotYet."""
    with seen.lent() as view:
        objected = objected_to_profiling(view)
        before = held_out_before(seen.home, view.now, wanted.target)
    apart = frozenset(key for key in before if not is_held_out(key, wanted.apart / 100))  # the others chance holds out

    def made(view: View) -> EarlyWarning | str:
        from tiesa.moments.warning_today import early_warning

        try:
            return early_warning(
                view, moment=wanted.moment, top=wanted.top, objected=objected, held_out=wanted.apart / 100,
                stay_out=apart,
            )  # fmt: skip
        except UnusableInput as error:
            return str(
                UnusableInput(error.what, remedy=error.remedy)
            )  # the folder of the home is nobody's business here

    name = ("early warning", wanted.query, objected, apart, register_marks(seen.home))
    return seen.drawn(name, made, selection=ALL, patience=patience)


@needs(Right.SEE_CUSTOMERS)
@worked_out
def warning(request: HttpRequest) -> HttpResponse:
    """The answer in a sentence, the list, and the test it rests on."""
    seen = look(request, Right.SEE_CUSTOMERS)
    moments = _moments(seen)
    wanted = _wanted(request, moments)
    found = warning_of(seen, wanted)
    choices = {"wanted": wanted, "moments": [(key, sentence(situation_words(one))) for key, one in moments.items()]}
    if isinstance(found, str):
        return render(request, "moments/warning.html", {"found": None, "why": found, **choices})
    keys = [one.customer_key for one in found.warned]
    context = {
        **choices,
        "found": found,
        "names": _names(seen, keys),
        "contacted": _contacted(seen, found),
        "picture": found.picture(),
        "figures": [table for table in found.tables() if table.name != "list"],
        "kept": _kept(seen, found),
        "tops": TOPS,
        "shares": SHARES,
        "is_part": not seen.scope.sees_everything,
    }
    return render(request, "moments/warning.html", context)


def _names(seen: Look, keys: Iterable[int]) -> dict[int, str]:
    """Names by customer number, for who may see them."""
    listed = ", ".join(map(str, keys))
    if not seen.scope.names or not listed:
        return {}
    with seen.lent() as view:
        return dict(
            view.rows(
                "select customer_key, min(name) from persons where name is not null "
                f"and customer_key in ({listed}) group by 1"
            )
        )


def _contacted(seen: Look, found: EarlyWarning) -> dict[int, dict[str, Any]]:
    """The latest contact because of a list, by customer: when, and by whom."""
    kept = [one for one in remembered(seen.home) if one.kept == Kept.CONTACTED and one.target == found.target]
    return {one.customer_key: {"at": one.at, "by": who} for one, who in _with_names(kept)}


def _kept(seen: Look, found: EarlyWarning) -> str:
    """When a list of this day was kept, and by whom, in words; empty where none was."""
    noted = [one for one in remembered(seen.home) if one.kept == Kept.LISTED and one.target == found.target]
    for one, who in _with_names([one for one in noted if one.now == found.now][-1:]):
        return ", ".join(filter(None, (moment(one.at), who)))
    return ""


def _with_names(notes: list[Entry]) -> list[tuple[Entry, str | None]]:
    """Each with the name of who made it, where that is known."""
    numbers = {one.by for one in notes if one.by.isdecimal()}
    names = dict(Person.objects.filter(pk__in=numbers).values_list("pk", "name"))
    return [(one, names.get(int(one.by)) if one.by.isdecimal() else None) for one in notes]


@needs(Right.SEE_CUSTOMERS)
def warning_picture(request: HttpRequest) -> HttpResponse:
    """What was said and what came, as SVG."""

    def draw(theme: Theme, width: int) -> str | None:
        _seen, _which, found = _worked_out(request)
        drawn = None if isinstance(found, str) else found.picture(theme=theme, width=width)
        return drawn.svg() if drawn else None

    return kept_a_while(asked_drawing(request, draw))


@needs(Right.SEE_CUSTOMERS, Right.ANNOTATE)
@require_POST
def warning_contacted(request: HttpRequest, customer_key: int) -> HttpResponse:
    """Remember that this person turned to a customer because of the list; only who is on it can be noted."""
    seen, wanted, found = _worked_out(request)
    listed = [] if isinstance(found, str) else [one for one in found.warned if one.customer_key == customer_key]
    if isinstance(found, str) or not listed:
        raise Http404
    remember_contact(seen.home, found, listed[0], by=str(request.user.pk))
    record(request.user, "warning.contacted", about=str(customer_key), target=found.target)
    say_done(request, _("It is noted that you turned to this customer."))
    return redirect(f"{reverse('moments:warning')}?{wanted.query}#customer-{customer_key}")


@needs(Right.SEE_CUSTOMERS, Right.ANNOTATE)
@require_POST
def warning_keep(request: HttpRequest) -> HttpResponse:
    """Remember who is on the list, and whom chance holds out, so that what turning to people does can be measured."""
    seen, wanted, found = _worked_out(request)
    if isinstance(found, str) or not found.warned:
        raise Http404
    new = remember_list(seen.home, found, by=str(request.user.pk))
    record(request.user, "warning.keep", about=found.target, listed=len(found.warned), held_out=len(found.held_out))
    listed, apart = number(len(found.warned)), number(len(found.held_out))
    said = _("The list is kept; customers on it: {n}, held out by chance: {apart}.").format(n=listed, apart=apart)
    say_done(request, said if new else _("This list was kept already."))
    return redirect(f"{reverse('moments:warning')}?{wanted.query}")


def _worked_out(request: HttpRequest) -> tuple[Look, Wanted, EarlyWarning | str]:
    """The list that an address asks for, however long it takes."""
    seen = look(request, Right.SEE_CUSTOMERS)
    wanted = _wanted(request, _moments(seen, None))
    return seen, wanted, warning_of(seen, wanted, patience=None)

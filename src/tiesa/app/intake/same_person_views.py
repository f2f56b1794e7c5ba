"""The same person under several numbers, on screen: what may be one person, what speaks against it, who is joined."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from tiesa.app.config.installation import installation
from tiesa.app.insight.desk import DESK, NotYet
from tiesa.app.intake import same_person as work
from tiesa.app.intake.same_person_words import doubt_words, evidence_words, meaning, reason_words, sayers
from tiesa.app.people.audit import record
from tiesa.app.people.gate import needs
from tiesa.app.people.policies import access_of
from tiesa.app.people.refusing import refused
from tiesa.app.people.roles import Right
from tiesa.app.people.undoing import say_done, say_refused
from tiesa.core.errors import TiesaError, WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.journeys.joining.alike import DIFFER, Proposals, proposals
from tiesa.journeys.joining.rules import read_joining

SHOWN = 20
PATIENCE_S, SHORT_S = 1.0, 0.25
"""How long a page waits for proposals: where there are none yet, and where earlier ones serve."""
PROPOSED, CONFLICTS, JOINED, APART = "proposals", "conflicts", "joined", "apart"
_NUMBER = re.compile(r"\d{1,18}")

View = Callable[[HttpRequest], HttpResponse]
_earlier: dict[tuple[Any, ...], Proposals] = {}
"""The last proposals of this process, by what they rest on; one at a time."""


def over_everything(view: View) -> View:
    """The view is for who sees everybody's names: who is one person cannot be told from one side."""

    @wraps(view)
    def whole(request: HttpRequest) -> HttpResponse:
        if work.may_decide(access_of(request.user)):
            return view(request)
        record(request.user, "refused", about=request.resolver_match.view_name if request.resolver_match else "")
        return refused(request)

    return whole


@needs(Right.SEE_NAMES, Right.EDIT_RULES)
@require_safe
@over_everything
def same_person(request: HttpRequest) -> HttpResponse:
    """Proposals, conflicts, those who are joined, and those who are kept apart."""
    home = installation().place
    stands = work.standing(home)
    try:
        found = _proposed(home, stands)
    except NotYet:
        response = render(request, "intake/same_person_working.html", {})
        response["Cache-Control"] = "no-store"
        return response
    words = request.GET.get("q", "").strip()[:100]
    persons = stands.person(work.numbers_called(home, words)) if words else stands.persons
    lists: dict[str, tuple[Any, ...]] = {
        PROPOSED: found.items, CONFLICTS: stands.conflicts, JOINED: persons, APART: stands.apart,
    }  # fmt: skip
    shown = request.GET.get("show", PROPOSED)
    shown = shown if shown in lists else PROPOSED
    at = request.GET.get("from", "0")
    first = int(at) if _NUMBER.fullmatch(at) else 0
    items = lists[shown][first : first + SHOWN]
    numbers = {n for one in items for n in (one if shown == JOINED else one.pair)}
    links = [link for n in numbers for link in stands.links.get(n, ())] + list(stands.apart[first : first + SHOWN])
    context = {
        "found": found,
        "stands": stands,
        "joined_numbers": sum(map(len, stands.persons)),
        "tabs": ((PROPOSED, _("Proposals"), found.found), (CONFLICTS, _("Conflicts"), len(stands.conflicts)),
                 (JOINED, _("Joined"), len(stands.persons)), (APART, _("Kept apart"), len(stands.apart))),
        "shown": shown,
        "items": items,
        "first": first,
        "next": first + SHOWN if len(lists[shown]) > first + SHOWN else None,
        "who": work.people_of(home, numbers),
        "lowest": {number: person[0] for person in stands.persons for number in person},
        "names": sayers(links),
        "words": words,
        "differ": DIFFER,
        "evidence_words": evidence_words,
        "reason_words": reason_words,
        "doubt_words": doubt_words,
        "meaning": meaning,
        "back_of": work.back_of,
        "title_of": _title,
    }  # fmt: skip
    return render(request, "intake/same_person.html", context)


@needs(Right.SEE_NAMES, Right.EDIT_RULES)
@require_POST
@over_everything
def decide(request: HttpRequest) -> HttpResponse:
    """Two numbers are one person, or are not."""
    said, home = request.POST.get("said", ""), installation().place

    def step() -> tuple[str, str]:
        one, other = _number(request, "one"), _number(request, "other")
        if said == "joined":
            return _("They are one person now; journeys are made anew."), work.decide_joined(
                home, (one, other), by=request.user
            )
        return _("They stay two persons."), work.decide_apart(home, one, other, by=request.user)

    return _answered(request, step)


@needs(Right.SEE_NAMES, Right.EDIT_RULES)
@require_POST
@over_everything
def part(request: HttpRequest) -> HttpResponse:
    """A number is not the person it is joined with."""

    def step() -> tuple[str, str]:
        back = work.decide_parted(installation().place, _number(request, "number"), by=request.user)
        return _("The number stands alone now; journeys are made anew."), back

    return _answered(request, step)


@needs(Right.SEE_NAMES, Right.EDIT_RULES)
@require_POST
@over_everything
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what was said."""

    def step() -> tuple[str, str]:
        work.undo(installation().place, request.POST.get("back", "")[:20_000], by=request.user)
        return _("Taken back; journeys are made anew."), ""

    return _answered(request, step)


def _proposed(home: Home, stands: work.Standing) -> Proposals:
    """What is proposed. After a decision it is worked out anew; until then the earlier proposals serve that are still
    open, so that nobody waits between one decision and the next.

    Raises: NotYet.
    """
    rules = read_joining(home.rules)
    key = work.rests_on(home, rules)
    earlier = _earlier.get(key)
    patience = PATIENCE_S if earlier is None else SHORT_S
    try:
        found = DESK.ask((*key, "proposals", stands.version), partial(proposals, home, rules), patience=patience)
    except NotYet:
        if earlier is None:
            raise
        return work.still_open(earlier, stands)
    _earlier.clear()
    _earlier[key] = found
    return found


def _title(numbers: tuple[int, ...], who: Mapping[int, work.Who]) -> str:
    """What a person is called under the first number that has a name."""
    return next((who[number].name for number in numbers if who[number].name), "")


def _number(request: HttpRequest, name: str) -> int:
    said = request.POST.get(name, "")
    if not _NUMBER.fullmatch(said):
        raise WrongUsage(_("{value!r} is no customer number").format(value=said[:20]))
    return int(said)


def _answered(request: HttpRequest, step: Callable[[], tuple[str, str]]) -> HttpResponse:
    """Decide, say so on the next page with the way back, and return to where it was decided."""
    address = request.POST.get("next", "")[:1000]
    is_ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, None)
    address = address if is_ours else reverse("intake:same_person")
    try:
        words, back = step()
    except TiesaError as error:
        say_refused(request, error.what)
    else:
        undoes = reverse("intake:same_person_undo") if back else ""
        say_done(request, words, undo=undoes, back=back, next=address)
    return redirect(address)

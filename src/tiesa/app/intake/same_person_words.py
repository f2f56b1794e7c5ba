"""What speaks for one person and against it, in words."""

from __future__ import annotations

from collections.abc import Iterable

from tiesa.app.people.audit import name_of
from tiesa.app.people.models import Person
from tiesa.core.enums import JoinReason
from tiesa.core.formats import number
from tiesa.core.locale import _
from tiesa.journeys.joining.alike import Agreement
from tiesa.journeys.joining.links import Link
from tiesa.journeys.joining.persons import MOST_NUMBERS, Conflict, Doubt


def evidence_words(one: Agreement, numbers: int) -> str:
    """One piece of evidence. numbers: of how many customers."""
    if one.differs:
        return {
            "name": _("the names differ"),
            "mail": _("the mail addresses differ"),
            "phone": _("the telephone numbers differ"),
        }[one.what]
    words = {
        "name": _("same name, which {n} of {all} have"),
        "mail": _("same mail address, which {n} of {all} have"),
        "phone": _("same telephone number, which {n} of {all} have"),
        "contract": _("same contract number, which {n} of {all} have"),
        "local": _("mail addresses alike before the @, as {n} of {all} have it"),
        "digits": _("telephone numbers that end alike, as {n} of {all} have it"),
    }
    return words[one.what].format(n=number(one.n), all=number(numbers))


def reason_words(reason: JoinReason) -> str:
    """What makes two numbers one person."""
    return {
        JoinReason.CONTRACT: _("same contract number"),
        JoinReason.MAIL: _("same mail address"),
        JoinReason.PHONE: _("same telephone number"),
        JoinReason.PERSON: _("somebody said so"),
    }[reason]


def doubt_words(doubt: Doubt, n: int = 0) -> str:
    """What speaks against it. n: how many numbers share the value."""
    return {
        Doubt.NAMES: _("the names differ"),
        Doubt.APART: _("kept apart by somebody"),
        Doubt.CROWDED: _("shared by {n} numbers").format(n=number(n)),
        Doubt.CHAIN: _("would have more than {n} numbers").format(n=number(MOST_NUMBERS)),
    }[doubt]


def meaning(conflict: Conflict) -> str:
    """What to make of a conflict, in a sentence."""
    return {
        Doubt.NAMES: _("A family or a shared telephone looks like this; so does a new surname. Only you can tell."),
        Doubt.APART: _("Joining them would also join two numbers that somebody said are two persons."),
        Doubt.CROWDED: _("A switchboard or an address of a firm looks like this: nobody is joined by it. Two of them:"),
        Doubt.CHAIN: _("A long chain of shared values is not believed by itself."),
    }[conflict.doubt]


def sayers(links: Iterable[Link]) -> dict[str, str]:
    """The names of those who said something, by how they stand in the joins."""
    said = {link.said_by for link in links if link.said_by}
    numbers = [int(who.removeprefix("person ")) for who in said if who.removeprefix("person ").isdecimal()]
    named = {name_of(person): str(person) for person in Person.objects.filter(pk__in=numbers)}
    return {who: named.get(who, who) for who in said}

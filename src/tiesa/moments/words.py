"""Situations in words, in the language of whoever reads them."""

from __future__ import annotations

from tiesa.core import formats
from tiesa.core.enums import WaitOwner
from tiesa.core.locale import _, ngettext
from tiesa.moments.atoms import Atom
from tiesa.moments.situations import Situation


def sentence(words: str) -> str:
    """With a capital at its beginning."""
    return words[:1].upper() + words[1:]


def situation_in_words(situation: Situation) -> str:
    """All conditions, the one that says what happened first.

    >>> situation_in_words(Situation.of([Atom("unanswered", "us", 72), Atom("count", "message", 2)]))
    'no answer from us for 3 days; message 2 of the journey'
    """
    order = ("promise", "standard", "unanswered", "silence", "handover_to", "count", "attribute", "attribute_over",
             "over", "under", "word")  # fmt: skip
    atoms = sorted(situation.atoms, key=lambda atom: (order.index(atom.kind), atom.name, str(atom.value)))
    return "; ".join(atom_in_words(atom) for atom in atoms)


def _plain(name: str) -> str:
    """The name of an attribute as people read it: `price_notice` is a price notice."""
    return name.replace("_", " ")


def atom_in_words(atom: Atom) -> str:
    """One condition."""
    match atom.kind:
        case "word":
            return _word(atom.name).format(word=atom.value)
        case "attribute":
            return _("{name}: {word}").format(name=_plain(atom.name), word=atom.value)
        case "attribute_over":
            return _("{name}: {n} or more").format(name=_plain(atom.name), n=_number(atom.value))
        case "count":
            return _count(atom.name).format(k=int(atom.value))
        case "unanswered":
            return _("no answer from us for {time}").format(time=_hours(atom.value))
        case "silence" if atom.name == WaitOwner.CUSTOMER:
            return _("nothing from the customer for {time}").format(time=_hours(atom.value))
        case "silence":
            return _("nothing from another organisation for {time}").format(time=_hours(atom.value))
        case "promise":
            return _("what we promised by a date has not come")
        case "standard":
            return _("standard missed: {name}").format(name=atom.name)
        case "handover_to":
            return _("handed on to unit {word}").format(word=atom.value)
        case _:
            return _measured(atom)


def _word(column: str) -> str:
    return {
        "touchpoint": _("at “{word}”"),
        "channel": _("by {word}"),
        "unit": _("unit {word}"),
        "process": _("process {word}"),
        "product": _("product {word}"),
        "organisation": _("with {word}"),
        "kind": _("kind of contact: {word}"),
        "reason": _("reason: {word}"),
        "emotion_label": _("feeling: {word}"),
        "journey_type": _("journey: {word}"),
    }[column]


def _count(counted: str) -> str:
    return {
        "message": _("message {k} of the journey"),
        "inbound": _("the customer turns to us, time {k} in the journey"),
        "contact": _("contact {k} of the journey"),
        "handover": _("handed on, time {k} in the journey"),
        "channel_change": _("change of channel, time {k} in the journey"),
        "repeat": _("the same question again, time {k} in the journey"),
        "restated": _("the customer states the same reason again, time {k} in the journey"),
        "insistence": _("the customer asks again before an answer, time {k} in the journey"),
        "complaint": _("complaint {k} of the journey"),
        "employee": _("employee {k} of the journey"),
        "unit": _("unit {k} of the journey"),
    }[counted]


def _measured(atom: Atom) -> str:
    n = _number(atom.value)
    if atom.name == "severity":
        return _("severity {n} or more").format(n=n)
    if atom.name == "duration_s":
        return _("lasts {time} or longer").format(time=formats.length(float(atom.value)))
    if atom.name == "recent_contacts":
        return _("contacts in 30 days: {n} or more").format(n=n)
    return _("feeling {n} or worse").format(n=n)


def _number(value: str | float) -> str:
    number = float(value)
    return formats.number(number, digits=0 if number.is_integer() else 1)


def _hours(value: str | float) -> str:
    """A threshold: a whole number of hours, or of days from two on."""
    hours = int(float(value))
    if hours >= 48 and hours % 24 == 0:
        return ngettext("{n} day", "{n} days", hours // 24).format(n=formats.number(hours // 24))
    return _("{n} h").format(n=formats.number(hours))

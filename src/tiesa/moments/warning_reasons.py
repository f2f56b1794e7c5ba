"""Why a risk is higher than usual: each thing known is put back to its usual value, and the risk worked out again.

What lowers the risk most when it were as usual is named first. It says what the model goes by, not what brings leaving
about: things that go together share what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from tiesa.core import formats
from tiesa.core.locale import _, ngettext
from tiesa.journeys.arrow_views import NONE
from tiesa.moments.atoms import Atom
from tiesa.moments.calibration import Reals
from tiesa.moments.people import YEAR_US
from tiesa.moments.situations import Situation
from tiesa.moments.warning_features import BEFORE_DAYS, Known
from tiesa.moments.warning_model import Model
from tiesa.moments.words import atom_in_words, situation_in_words

MOST = 3
LEAST = 0.002
"""A reason adds at least so much to the risk."""
Values = Mapping[str, float]


@dataclass(frozen=True)
class Reason:
    """One thing known that raises the risk. added: the risk less what it would be were this as usual."""

    words: str
    added: float


def reasons(model: Model, known: Known, situations: Sequence[Situation]) -> list[tuple[Reason, ...]]:
    """For each landmark what raises its risk, the most important first, in the running language."""
    x = model.columns.matrix(known)
    said = model.risks_of(x)
    names = model.columns.names
    families = _families(names)
    added = {family: said - model.risks_of(_as_usual(model, x, columns)) for family, columns in families.items()}
    moments = {situation.id: situation for situation in situations}
    made = []
    for row in range(len(x)):
        values = {name: float(values[row]) for name, values in known.numbers.items()}
        texts = {name: _text(known, name, row) for name in known.words}
        order = sorted(families, key=lambda family: -added[family][row])
        found = ((family, float(added[family][row])) for family in order if added[family][row] >= LEAST)
        worded = [Reason(words, by) for family, by in found if (words := _words(family, values, texts, moments))]
        made.append(tuple(worded[:MOST]))
    return made


def _as_usual(model: Model, x: Reals, columns: Sequence[int]) -> Reals:
    changed = x.copy()
    changed[:, columns] = model.usual[list(columns)]
    return changed


def _text(known: Known, name: str, row: int) -> str | None:
    words = known.words[name]
    return None if words.codes[row] == NONE else str(words.texts[int(words.codes[row])].as_py())


def _families(names: Sequence[str]) -> dict[str, list[int]]:
    """Columns by what they are about: those of one family are put back together."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        found.setdefault(_FAMILY.get(name, name), []).append(place)
    return found


_FAMILY = {
    name: family
    for family, names in {
        "wait": ("unanswered", "waiting_h", "longest_wait_h", "late_90"),
        "promise": ("promises_open", "promises_broken", "broken_90"),
        "insisting": ("inbound", "message", "repeat", "repeated_90"),
        "handover": ("handover", "employee", "unit_count", "handed_90", "channel_change"),
        "length": ("contact", "our_turns", "journey_days", "silent_days"),
        "feeling": ("feeling", "worst_feeling", "bad_90"),
        "recent": ("turned_30", "turned_90", "journeys_90"),
        "self_service": ("self_service_30", "self_service_90"),
    }.items()
    for name in names
}


def _words(family: str, v: Values, texts: Mapping[str, str | None], moments: Mapping[str, Situation]) -> str:
    """The family's values in words; empty where there is nothing to tell."""
    if family in _TOLD:
        return _TOLD[family](v)
    moment = moments.get(family.removesuffix(f"_{BEFORE_DAYS}"))
    if moment:
        return _("moment of truth: {situation}").format(situation=situation_in_words(moment))
    text = texts.get(family)
    if not text:
        return ""
    if family in ("segment", "acquired_by", "unit"):
        return _("{name}: {word}").format(name=_trait(family), word=text)
    return atom_in_words(Atom("word", family, text))


def _trait(name: str) -> str:
    return {"segment": _("segment"), "acquired_by": _("came by"), "unit": _("unit")}[name]


def _wait(v: Values) -> str:
    if v["unanswered"] > 0:
        time = formats.length(v["waiting_h"] * 3600)
        n = int(v["unanswered"])
        return ngettext(
            "a message without answer, for {time}", "{n} messages without answer, the first for {time}", n
        ).format(n=formats.number(n), time=time)
    if v["longest_wait_h"] > 0:
        return _("waited for us up to {time} in this journey").format(time=formats.length(v["longest_wait_h"] * 3600))
    return _counted(v["late_90"], _late)


def _late(n: int) -> str:
    return ngettext("{n} answer late in three months", "{n} answers late in three months", n)


def _promise(v: Values) -> str:
    if v["promises_broken"] + v["broken_90"] > 0:
        return _("a promise was not kept")
    return _("a promise is still to be kept") if v["promises_open"] > 0 else _("nothing was promised")


def _insisting(v: Values) -> str:
    n = int(v["inbound"])
    return ngettext("turned to us {n} time in this journey", "turned to us {n} times in this journey", n).format(
        n=formats.number(n)
    )


def _handover(v: Values) -> str:
    if not v["handover"]:
        return _counted(v["channel_change"], _channels)
    return _counted(v["handover"], _handed)


def _handed(n: int) -> str:
    return ngettext("handed on {n} time", "handed on {n} times", n)


def _channels(n: int) -> str:
    return ngettext("changed the channel {n} time", "changed the channel {n} times", n)


def _length(v: Values) -> str:
    time = formats.length(v["journey_days"] * 86_400)
    n = int(v["contact"])
    return ngettext("{n} contact in {time}", "{n} contacts in {time}", n).format(n=formats.number(n), time=time)


def _feeling(v: Values) -> str:
    if isnan(v["feeling"]):
        return _counted(v["bad_90"], _bad) if v["bad_90"] else _("no feeling noted in this journey")
    return _("feeling noted: {value}").format(value=formats.number(v["feeling"], digits=1, sign=True))


def _bad(n: int) -> str:
    return ngettext("{n} bad feeling noted in three months", "{n} bad feelings noted in three months", n)


def _recent(v: Values) -> str:
    n = int(v["turned_90"])
    return ngettext("turned to us {n} time in three months", "turned to us {n} times in three months", n).format(
        n=formats.number(n)
    )


def _self_service(v: Values) -> str:
    n = int(v["self_service_90"])
    return ngettext(
        "helped themselves {n} time in three months", "helped themselves {n} times in three months", n
    ).format(n=formats.number(n))


def _tenure(v: Values) -> str:
    if isnan(v["tenure_years"]):
        return ""
    return _("customer for {time}").format(time=formats.length(v["tenure_years"] * YEAR_US / 1_000_000))


def _counted(value: float, words: Callable[[int], str]) -> str:
    n = int(value)
    return words(n).format(n=formats.number(n)) if n else ""


_TOLD: Mapping[str, Callable[[Values], str]] = {
    "wait": _wait,
    "promise": _promise,
    "insisting": _insisting,
    "handover": _handover,
    "length": _length,
    "feeling": _feeling,
    "recent": _recent,
    "self_service": _self_service,
    "tenure_years": _tenure,
    "margin": lambda v: "" if isnan(v["margin"]) else _("yearly margin {n}").format(n=formats.number(v["margin"])),
    "severity": lambda v: "" if isnan(v["severity"]) else _("severity {n}").format(n=formats.number(v["severity"])),
    "complained_90": lambda v: _counted(v["complained_90"], _complaints),
    "product_closed_90": lambda v: _("closed a product in three months") if v["product_closed_90"] else "",
    "bought_90": lambda v: "" if v["bought_90"] else _("bought nothing in three months"),
}


def _complaints(n: int) -> str:
    return ngettext("{n} complaint in three months", "{n} complaints in three months", n)

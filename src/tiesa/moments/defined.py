"""Situations that a person defines, read from `situations.toml`: a name, and conditions on one contact.

[[situations]]
name = "A second message waits for a day"
all = [
    {atom = "message", k = 2},
    {atom = "unanswered", threshold_h = 24},
]

Conditions are written as `tiesa moments --json` tells them (`condition`); all of them hold on the same contact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tiesa.core.enums import WaitOwner
from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.journeys import lengths
from tiesa.journeys.rules_section import Section, invalid, parse_toml, read_toml
from tiesa.moments.atoms import COUNTED, NAMED, Atom
from tiesa.moments.situations import Situation

FILE = "situations.toml"
MOST_CONDITIONS = 6


@dataclass(frozen=True, slots=True)
class Given:
    """A situation that is tested whatever the search does. name: as a person calls it; empty for one that an earlier
    build confirmed."""

    name: str
    situation: Situation


def read_situations(home: Home) -> tuple[Given, ...]:
    """The situations of the home's `rules/situations.toml`; none where there is no such file.

    Raises: InvalidRules on an unknown key, condition or value, with the key and what is allowed.
    """
    path = home.rules / FILE
    return read_toml(path, _situations) if path.exists() else ()


def parse_situations(text: str) -> tuple[Given, ...]:
    r"""The situations that a text states. Raises: InvalidRules.

    >>> text = '[[situations]]\nname = "Waits"\nall = [{atom = "unanswered", threshold_h = 24}]'
    >>> [str(one.situation) for one in parse_situations(text)]
    ['unanswered:us=24']
    """
    return parse_toml(text, _situations, where=FILE)


def _situations(file: Section) -> tuple[Given, ...]:
    found: list[Given] = []
    for section in lengths.tables(file, "situations"):
        one = Given(lengths.text(section, "name", required=True), _situation(section))
        section.done()
        for other in found:
            if other.name == one.name:
                what = _("There are two situations of the name {name}").format(name=one.name)
                raise invalid(section.key("name"), what)
            if other.situation == one.situation:
                what = _("These are the conditions of {name}").format(name=other.name)
                raise invalid(section.key("all"), what)
        found.append(one)
    file.done()
    return tuple(found)


def _situation(section: Section) -> Situation:
    atoms = [_atom(one) for one in lengths.tables(section, "all")]
    if not 1 <= len(atoms) <= MOST_CONDITIONS:
        what = _("A situation has from 1 to {n} conditions").format(n=MOST_CONDITIONS)
        raise invalid(section.key("all"), what)
    if len(set(atoms)) < len(atoms):
        raise invalid(section.key("all"), _("The same condition stands there twice"))
    return Situation.of(atoms)


def _atom(section: Section) -> Atom:
    name = lengths.one_of(section, "atom", CONDITIONS)
    made = CONDITIONS[name](section)
    section.done()
    return made


def _word_or_count(section: Section) -> Atom:
    """What a column says, or which one it is in the journey: `unit` can be either."""
    name = section.content["atom"]
    if name in COUNTED and name not in section.content:
        return Atom("count", name, _whole(section, "k", 1, 1000))
    return Atom("word", name, lengths.text(section, name, required=True))


def _attribute(section: Section) -> Atom:
    name = lengths.text(section, "attribute", required=True)
    if "at_least" in section.content:
        return Atom("attribute_over", name, _number(section, "at_least", -1e9, 1e9))
    return Atom("attribute", name, lengths.text(section, "value", required=True))


def _unanswered(section: Section) -> Atom:
    owner = lengths.one_of(section, "owner", (WaitOwner.US.value,), WaitOwner.US.value)
    return Atom("unanswered", owner, _hours(section))


def _silence(section: Section) -> Atom:
    owners = (WaitOwner.CUSTOMER.value, WaitOwner.THIRD_PARTY.value)
    return Atom("silence", lengths.one_of(section, "owner", owners), _hours(section))


def _promise(section: Section) -> Atom:
    return Atom("promise", "promise", lengths.one_of(section, "state", ("broken",), "broken"))


def _standard(section: Section) -> Atom:
    name = lengths.text(section, "standard", required=True)
    return Atom("standard", name, lengths.one_of(section, "state", ("missed",), "missed"))


def _handover_to(section: Section) -> Atom:
    return Atom("handover_to", "unit", lengths.text(section, "unit", required=True))


def _over(section: Section) -> Atom:
    name = section.content["atom"]
    if name == "duration_s":
        return Atom("over", name, _number(section, "at_least", 0, 1e7))
    return Atom("over", name, _whole(section, "at_least", 1, 1000))


def _under(section: Section) -> Atom:
    return Atom("under", section.content["atom"], _number(section, "at_most", -1, 1))


def _hours(section: Section) -> float:
    hours = _number(section, "threshold_h", 0.01, 24 * 730)
    return int(hours) if hours.is_integer() else hours


def _whole(section: Section, name: str, low: int, high: int) -> int:
    number = _number(section, name, low, high)
    if not number.is_integer():
        raise lengths.refused(section, name, number, _("a whole number"))
    return int(number)


def _number(section: Section, name: str, low: float, high: float) -> float:
    meaning = _("a number from {low} to {high}").format(low=f"{low:g}", high=f"{high:g}")
    found = lengths.number(section, name, meaning, low=low, high=high)
    if found is None:
        raise invalid(section.key(name), _("This condition needs {name}").format(name=name))
    return found


CONDITIONS: Mapping[str, Callable[[Section], Atom]] = {
    **dict.fromkeys((*NAMED, *COUNTED), _word_or_count),
    "attribute": _attribute,
    "unanswered": _unanswered,
    "silence": _silence,
    "promise": _promise,
    "standard": _standard,
    "handover_to": _handover_to,
    **dict.fromkeys(("severity", "duration_s", "recent_contacts"), _over),
    "emotion": _under,
}
"""How each condition is read, by the word that stands as `atom`."""


def added(text: str, more: str) -> str:
    """A rules file with the situations of another text at its end."""
    return f"{text.rstrip()}\n\n{more}" if text.strip() else more


def without(text: str, name: str) -> str:
    """A rules file without the situation of that name; comments and order stay.

    Raises: WrongUsage where nothing has that name.
    """
    import tomlkit

    names = [one.name for one in parse_situations(text)]
    if name not in names:
        raise WrongUsage(
            _("There is no situation of the name {name}").format(name=repr(name)),
            remedy=_("Allowed: {keys}").format(keys="; ".join(names)) if names else _("This home has none of its own"),
        )
    document: Any = tomlkit.parse(text)
    del document["situations"][names.index(name)]
    return tomlkit.dumps(document) if len(names) > 1 else ""

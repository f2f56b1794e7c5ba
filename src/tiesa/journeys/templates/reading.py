"""Templates of journeys as data: read from the package and from the home, each key checked.

    name = "moving"                                   # the journey type, as data name it
    also = ["relocation", "selidba"]                  # other names the type goes by
    title = "Moving"
    start = ["move announced"]
    reached = ["service moved"]
    abandoned = ["move cancelled"]

    [touchpoints]                                     # further spellings of a touchpoint
    "move announced" = ["move requested", "prijava selidbe"]

    [[stages]]
    name = "Announce"
    touchpoints = ["move announced"]

    [[checks]]
    expectation = "no administrative burden"
    name = "documents asked for again"
    metric = {kind = "asked_again", touchpoints = ["documents asked"]}     # or a list of ways, the best first
    target = {at_most = 0.1}

A file of the home (`rules/templates/*.toml`) replaces the shipped template of its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from tiesa.contacts.proposing.names import fold
from tiesa.core.enums import AnswerKind, ContactKind
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.journeys import lengths
from tiesa.journeys.channels import plain_name
from tiesa.journeys.rules_section import Section, invalid, read_toml
from tiesa.journeys.stages import MOST, Stage
from tiesa.journeys.templates.checks import MARKS, METRICS, Check, Metric, Target, Unit

FOLDER = "templates"
_GROUP = "touchpoints"


@dataclass(frozen=True)
class Template:
    """A kind of journey: its stages, what starts and settles it, and what customers expect of it.

    spellings: a touchpoint's name -> every spelling it may have in a log, its name included. All touchpoints stand here
    as written in the file; `spelled` gives the words to look for.
    """

    name: str
    title: str
    also: tuple[str, ...]
    stages: tuple[Stage, ...]
    start: tuple[str, ...]
    reached: tuple[str, ...]
    abandoned: tuple[str, ...]
    checks: tuple[Check, ...]
    spellings: Mapping[str, tuple[str, ...]]
    shipped: bool = False

    def fits(self, journey_type: str) -> bool:
        """Is this the template of a journey type of that name, in any spelling?"""
        return alike(journey_type) in {alike(name) for name in (self.name, *self.also)}

    def spelled(self, touchpoints: Iterable[str]) -> frozenset[str]:
        """Every spelling of these touchpoints, as `alike` makes it."""
        return frozenset(alike(s) for name in touchpoints for s in self.spellings.get(alike(name), (name,)))


def alike(name: str) -> str:
    """A name without what people write differently: case, hyphens, spaces, diacritics, script.

    >>> alike("Bill-Paid") == alike("bill paid"), alike("Račun plaćen") == alike("рачун плаћен")
    (True, True)
    """
    return fold(plain_name(name))


def read_templates(home: Home) -> dict[str, Template]:
    """The templates by name: those of the package, with what the home's `rules/templates/*.toml` put in their place.

    Raises: InvalidRules on an unknown key or an impossible value, with the file, the key and what is allowed.
    """
    found = dict(_shipped())
    folder = home.rules / FOLDER
    named = {alike(name): name for name in found}
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        template = read_template(path)
        found.pop(named.get(alike(template.name), ""), None)
        found[template.name] = template
    return found


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Template]:
    files = [f for f in resources.files(__package__).iterdir() if f.name.endswith(".toml")]
    read = [read_template(f, shipped=True) for f in sorted(files, key=lambda f: f.name)]
    return {template.name: template for template in read}


def read_template(file: Path | Traversable, *, shipped: bool = False) -> Template:
    """The template of one file. Raises: InvalidRules, as `read_templates`."""
    return read_toml(file, lambda section: _template(section, shipped))


def _template(file: Section, shipped: bool) -> Template:
    name = lengths.text(file, "name", required=True)
    stages = tuple(_stage(section) for section in lengths.tables(file, "stages"))
    if len(stages) > MOST:
        what = _("{n} stages are more than a map can show; at most {most}").format(n=len(stages), most=MOST)
        raise invalid("stages", what)
    made = Template(
        name=name,
        title=lengths.text(file, "title") or name[:1].upper() + name[1:],
        also=file.words("also"),
        stages=stages,
        start=file.words("start"),
        reached=file.words("reached"),
        abandoned=file.words("abandoned"),
        checks=tuple(_check(section) for section in lengths.tables(file, "checks")),
        spellings=_spellings(file.section(_GROUP)),
        shipped=shipped,
    )
    file.done()
    return made


def _spellings(section: Section) -> dict[str, tuple[str, ...]]:
    return {alike(name): (name, *section.words(name)) for name in section.content}


def _stage(section: Section) -> Stage:
    stage = Stage(lengths.text(section, "name", required=True), section.words("touchpoints"))
    if not stage.touchpoints:
        raise invalid(section.key("touchpoints"), _("A stage needs a touchpoint"))
    section.done()
    return stage


def _check(section: Section) -> Check:
    name = lengths.text(section, "name", required=True)
    expectation = lengths.text(section, "expectation", required=True)
    metrics = _metrics(section)
    check = Check(expectation, name, metrics, _target(section, metrics[0].unit))
    section.done()
    return check


def _metrics(section: Section) -> tuple[Metric, ...]:
    given = section.take("metric", (dict, list), meaning := _("a metric, or a list of them"), {})
    listed = given if isinstance(given, list) else [given]
    if not listed or not all(isinstance(one, dict) for one in listed):
        raise lengths.refused(section, "metric", given, meaning)
    key = section.key("metric")
    metrics = tuple(_metric(Section(one, f"{key}[{i}]" if len(listed) > 1 else key)) for i, one in enumerate(listed, 1))
    if len({metric.unit for metric in metrics}) > 1:
        what = _("The ways to measure one expectation must have one unit, not {units}")
        raise invalid(key, what.format(units=", ".join(metric.unit for metric in metrics)))
    return metrics


def _metric(section: Section) -> Metric:
    kind = lengths.one_of(section, "kind", METRICS)
    definition = METRICS[kind]
    allowed = definition.needs | definition.may_have
    missing = sorted(definition.needs - section.content.keys())
    if missing:
        what = _("The metric {kind} needs {keys}").format(kind=kind, keys=", ".join(missing))
        raise invalid(section.key(missing[0]), what)
    values: dict[str, Any] = {"kind": kind}
    for key in sorted(allowed):
        field, read = _KEYS[key]
        values[field] = read(section, key)
    section.done()
    if kind == "mentions" and not values["words"] and not values["kinds"]:
        raise invalid(section.key("words"), _("The metric {kind} needs {keys}").format(kind=kind, keys="words, kinds"))
    if kind == "attribute" and not values["values"] and values["above"] is None:
        raise invalid(section.key("is"), _("The metric {kind} needs {keys}").format(kind=kind, keys="is, above"))
    return Metric(**values)


def _ends(special: str) -> Callable[[Section, str], tuple[str, ...]]:
    """Reads a list of touchpoints, or the word that stands for the journey's own start or goal."""

    def read(section: Section, name: str) -> tuple[str, ...]:
        if section.content.get(name) == special:
            section.taken.add(name)
            return ()
        words = section.words(name)
        if not words:
            raise lengths.refused(section, name, [], _('touchpoints, or "{word}"').format(word=special))
        return words

    return read


def _kinds(section: Section, name: str) -> tuple[str, ...]:
    words = section.words(name)
    for word in words:
        if word not in set(ContactKind):
            raise lengths.refused(section, name, word, _("one of {keys}").format(keys=", ".join(ContactKind)))
    return words


def _touchpoints(section: Section, name: str) -> tuple[str, ...]:
    words = section.words(name)
    if name in section.content and not words:
        raise lengths.refused(section, name, [], _("a list with at least one touchpoint"))
    return words


def _silence(section: Section, name: str) -> float | None:
    days = lengths.number(section, name, _("a number of days from 0.1 to 3650"), low=0.1, high=3650)
    return None if days is None else days * 86_400


_KEYS: Mapping[str, tuple[str, Callable[[Section, str], Any]]] = {
    "touchpoints": ("touchpoints", _touchpoints),
    "of": ("of", _touchpoints),
    "again": ("again", _touchpoints),
    "from": ("start", _ends("start")),
    "to": ("end", _ends("goal")),
    "words": ("words", Section.words),
    "kinds": ("kinds", _kinds),
    "what": ("what", lambda section, name: lengths.one_of(section, name, MARKS)),
    "before_goal": ("before_goal", lambda section, name: lengths.flag(section, name, default=False)),
    "within": ("within_s", lengths.length),
    "days": ("silent_s", _silence),
    "attribute": ("attribute", lambda section, name: lengths.text(section, name, required=True)),
    "is": ("values", Section.words),
    "above": (
        "above",
        lambda section, name: lengths.number(section, name, _("a number"), low=float("-inf"), high=float("inf")),
    ),
    "answer": (
        "answer",
        lambda section, name: lengths.one_of(section, name, sorted(set(AnswerKind) - {AnswerKind.OPEN})),
    ),
    "question": ("question", Section.words),
}
"""Key of a metric -> field of Metric, and how it is read."""


def _target(section: Section, unit: Unit) -> Target | None:
    if "target" not in section.content:
        return None
    table = section.section("target")
    bounds = {key: _bound(table, key, unit) for key in ("at_least", "at_most")}
    table.done()
    if sum(bound is not None for bound in bounds.values()) != 1:
        raise invalid(table.name, _("Give either at_least or at_most"))
    return Target(**bounds)


def _bound(table: Section, key: str, unit: Unit) -> float | None:
    if unit == Unit.SECONDS:
        return lengths.length(table, key)
    if unit == Unit.SHARE:
        return lengths.number(table, key, _("a share from 0 to 1"), low=0, high=1)
    return lengths.number(table, key, _("a number from 0 on"), low=0, high=float("inf"))

"""Public standards of a home: which norm, measured how, with which target and tolerance. Read from `standards.toml`.

[[standards]]
name = "We answer e-mail within a working day"
metric = "reply_time"                 # one of METRICS
where = {channel = "email"}           # only these: journey_type, channel, unit, product, touchpoint, kind, reason
target = "8 h"                        # a length of time, a number of times, or a share: as the metric says
business_time = true                  # count opening hours only (times only; true unless said otherwise)
tolerance = 0.1                       # share that may miss it (not for targets that are a share)
since = 2026-01-01                    # what happened before is not measured by it
owner = "customer service"
public = true                         # customers may read it

[complaints]                          # the statutory deadline that complaints are measured against
country = "RS"
kind = "consumer complaint, answer"   # as `tiesa standards --deadlines` lists them
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from tiesa.core import formats
from tiesa.core.enums import ContactKind
from tiesa.core.home import Home
from tiesa.core.locale import _, ngettext
from tiesa.journeys import lengths
from tiesa.journeys.channels import bare_name
from tiesa.journeys.rules import Rules
from tiesa.journeys.rules_section import Section, invalid, parse_toml, read_toml

FILE = "standards.toml"
TOLERANCE = 0.1
"""Share that may miss a target where the standard does not say."""
WHERE = ("journey_type", "channel", "unit", "product", "touchpoint", "kind", "reason")


class TargetKind(StrEnum):
    """What a target is: a length of time or a number of times that one in so many may miss, or the share itself."""

    TIME = "time"
    COUNT = "count"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


METRICS: Mapping[str, TargetKind] = {
    "reply_time": TargetKind.TIME,
    "first_reply": TargetKind.TIME,
    "time_to_goal": TargetKind.TIME,
    "insistence": TargetKind.COUNT,
    "contacts_to_goal": TargetKind.COUNT,
    "unanswered": TargetKind.AT_MOST,
    "repeats": TargetKind.AT_MOST,
    "promises": TargetKind.AT_LEAST,
    "goal_reached": TargetKind.AT_LEAST,
}


def metric_in_words(metric: str) -> str:
    """What a metric counts, in one line."""
    return {
        "reply_time": _("messages answered within the time, of those answered or past it"),
        "first_reply": _("first messages of a journey answered within the time, of those answered or past it"),
        "time_to_goal": _("journeys that reached their goal within the time, of those settled or past it"),
        "insistence": _("journeys in which nobody had to ask more often until one answer, of those with a message"),
        "contacts_to_goal": _("journeys that reached their goal with so many contacts, of those that did or have more"),
        "unanswered": _("messages without an answer, of those answered or past the reply time of their channel"),
        "repeats": _("contacts of customers that ask the same again, of those with a reason"),
        "promises": _("promises after which we spoke in time, of those that are due or were kept"),
        "goal_reached": _("journeys that reached their goal, of those settled or silent beyond their window"),
    }[metric]


@dataclass(frozen=True, slots=True)
class Standard:
    """One norm. target: seconds, times or a share, as its metric says. tolerance: share that may miss it."""

    name: str
    metric: str
    target: float
    where: Mapping[str, str] = field(default_factory=dict)
    business_time: bool = True
    tolerance: float = TOLERANCE
    since: date | None = None
    owner: str = ""
    public: bool = False

    @property
    def kind(self) -> TargetKind:
        return METRICS[self.metric]

    @property
    def needed(self) -> float:
        """The share that has to keep it."""
        if self.kind == TargetKind.AT_LEAST:
            return self.target
        return 1 - (self.target if self.kind == TargetKind.AT_MOST else self.tolerance)

    @property
    def begin(self) -> datetime | None:
        return None if self.since is None else datetime(self.since.year, self.since.month, self.since.day, tzinfo=UTC)

    def target_in_words(self) -> str:
        return target_in_words(self.metric, self.target, business_time=self.business_time)


def target_in_words(metric: str, target: float, *, business_time: bool) -> str:
    """What has to be met: a length of time, so many times, or a share."""
    kind = METRICS[metric]
    if kind == TargetKind.AT_LEAST:
        return _("at least {value}").format(value=formats.share(target))
    if kind == TargetKind.AT_MOST:
        return _("at most {value}").format(value=formats.share(target))
    if kind == TargetKind.COUNT:
        times = int(target)
        if metric == "insistence":
            return ngettext("asked {n} time", "asked {n} times", times).format(n=times)
        return ngettext("{n} contact", "{n} contacts", times).format(n=times)
    if business_time:
        return _("{time}, business time").format(time=formats.length(target))
    return formats.length(target)


@dataclass(frozen=True, slots=True)
class Standards:
    """The standards of a home. complaints: (country, kind) of the statutory deadline chosen."""

    standards: tuple[Standard, ...]
    complaints: tuple[str, str] | None = None
    are_defaults: bool = False


def read_standards(home: Home) -> Standards | None:
    """The standards of the home's `rules/standards.toml`; None where there is no such file.

    Raises: InvalidRules on an unknown key or an impossible value, with the key and what is allowed.
    """
    path = home.rules / FILE
    if not path.exists():
        return None
    return read_toml(path, _standards)


def parse_standards(text: str) -> Standards:
    """The standards that a text states. Raises: InvalidRules."""
    return parse_toml(text, _standards, where=FILE)


def default_standards(rules: Rules, channels: tuple[str, ...]) -> Standards:
    """Without any of their own: the standard reply time of every delayed channel of the log, named by its channel."""
    each = {bare_name(channel): channel for channel in reversed(channels)}  # E-Mail and email are one
    limits = {channel: rules.channel(channel).reply_hours for channel in sorted(each.values())}
    return Standards(
        tuple(
            Standard(channel, "reply_time", hours * 3600, {"channel": channel})
            for channel, hours in limits.items()
            if hours is not None
        ),
        are_defaults=True,
    )


def _standards(file: Section) -> Standards:
    standards = tuple(_standard(section) for section in lengths.tables(file, "standards"))
    names = [standard.name for standard in standards]
    for place, name in enumerate(names, 1):
        if name in names[: place - 1]:
            raise invalid(f"standards[{place}].name", _("There are two standards of the name {name}").format(name=name))
    complaints = _complaints(file.section("complaints")) if "complaints" in file.content else None
    file.done()
    return Standards(standards, complaints)


def _standard(section: Section) -> Standard:
    name = lengths.text(section, "name", required=True)
    metric = lengths.one_of(section, "metric", METRICS)
    kind = METRICS[metric]
    is_share = kind in (TargetKind.AT_LEAST, TargetKind.AT_MOST)
    if is_share and "tolerance" in section.content:
        raise invalid(section.key("tolerance"), _("The target of this metric says already how many may miss it"))
    if kind != TargetKind.TIME and "business_time" in section.content:
        raise invalid(section.key("business_time"), _("This metric counts no time"))
    share = _("a share from 0 to 1")
    tolerance = None if is_share else lengths.number(section, "tolerance", share, low=0, high=1)
    standard = Standard(
        name=name,
        metric=metric,
        target=_target(section, kind),
        where=_where(section.section("where")),
        business_time=kind != TargetKind.TIME or lengths.flag(section, "business_time", default=True),
        tolerance=TOLERANCE if tolerance is None else tolerance,
        since=_day(section, "since"),
        owner=lengths.text(section, "owner"),
        public=lengths.flag(section, "public", default=False),
    )
    section.done()
    return standard


def _target(section: Section, kind: TargetKind) -> float:
    if kind == TargetKind.TIME:
        found = lengths.length(section, "target")
    elif kind == TargetKind.COUNT:
        found = lengths.number(section, "target", _("a number of times from 1 on"), low=1, high=10_000)
    else:
        found = lengths.number(section, "target", _("a share from 0 to 1"), low=0, high=1)
    if found is None:
        raise invalid(section.key("target"), _("A standard needs a target"))
    return found


def _where(section: Section) -> dict[str, str]:
    where = {name: lengths.text(section, name, required=True) for name in WHERE if name in section.content}
    section.taken.update(WHERE)
    section.done()
    if where.get("kind", ContactKind.COMPLAINT) not in set(ContactKind):
        raise lengths.refused(section, "kind", where["kind"], _("one of {keys}").format(keys=", ".join(ContactKind)))
    return where


def _day(section: Section, name: str) -> date | None:
    day = section.take(name, date, meaning := _("a date such as 2026-01-02"), None)
    if isinstance(day, datetime):
        raise lengths.refused(section, name, day, meaning)
    return day  # type: ignore[no-any-return]


def _complaints(section: Section) -> tuple[str, str]:
    chosen = (lengths.text(section, "country", required=True), lengths.text(section, "kind", required=True))
    section.done()
    return chosen

"""What changed since last week: the last seven days beside the seven before, with an interval for each change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import inf

from tiesa.core import formats
from tiesa.core.intervals import wilson_interval
from tiesa.core.locale import _
from tiesa.journeys.view import View

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Change:
    """A count of this week and of the week before. name: which. ratio: now / before with its 95 % interval (None where
    the week before had none). Two counts are clearly different when the interval leaves out 1."""

    name: str
    now: int
    before: int
    ratio: float | None
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        return self.now + self.before > 0 and (self.low > 1 or self.high < 1)

    def in_words(self) -> str:
        """What is counted, for people."""
        return {
            "contacts": _("contacts"),
            "inbound": _("times customers turned to us"),
            "begun": _("journeys begun"),
            "reached": _("goals reached"),
            "complaints": _("complaints and objections"),
            "again": _("times the same question came again"),
        }[self.name]

    def sentence(self) -> str:
        """The change in a sentence with both counts; says so where chance explains it."""
        counts = _("{now} after {before}").format(now=formats.number(self.now), before=formats.number(self.before))
        if self.ratio is None or not self.is_clear:
            return _("{what}: {counts}, no clear change").format(what=self.in_words(), counts=counts)
        percent = formats.share(abs(self.ratio - 1))
        bounds = sorted((abs(self.low - 1), abs(self.high - 1)))
        interval = formats.between(formats.share(bounds[0]), formats.share(bounds[1]))
        line = (
            _("{what}: {counts}, {percent} more ({interval})")
            if self.ratio > 1
            else _("{what}: {counts}, {percent} fewer ({interval})")
        )
        return line.format(what=self.in_words(), counts=counts, percent=percent, interval=interval)


def weekly(view: View) -> tuple[Change, ...]:
    """The last seven days before the view's now, beside the seven before them.

    Method: given their sum, one of two Poisson counts is binomial; Wilson's interval of its share p gives that of the
    ratio p / (1 - p). Contacts of one customer are taken as independent, which makes the interval a little too narrow;
    weekdays are the same on both sides, holidays are not taken out. What needs time to show (an answer, a goal of a
    journey begun this week) is not compared by its beginning.
    Source: Przyborowski & Wilenski (1940), Biometrika 31(3/4).
    """
    rows = view.one(
        f"with r as (select *, occurred_at > {view.now_sql} - interval 7 day as recent from rows "
        f"where occurred_at > {view.now_sql} - interval 14 day and occurred_at <= {view.now_sql}) select "
        + ", ".join(
            f"count(*) filter ({condition} and {side})"
            for condition in _CONTACTS.values()
            for side in ("recent", "not recent")
        )
        + " from r"
    )
    journeys = view.one(
        "select "
        + ", ".join(
            f"count(*) filter ({at} > {view.now_sql} - interval {last} day "
            f"and {at} <= {view.now_sql} - interval {first} day and {condition})"
            for at, condition in _JOURNEYS.values()
            for first, last in ((0, 7), (7, 14))
        )
        + " from journeys"
    )
    counts = dict(zip((*_CONTACTS, *_JOURNEYS), _pairs((*rows, *journeys)), strict=True))
    return tuple(_change(name, *pair) for name, pair in counts.items() if any(pair))


_CONTACTS = {
    "contacts": "true",
    "inbound": "direction = 'inbound'",
    "complaints": "kind in ('complaint', 'objection')",
    "again": "is_repeat",
}
_JOURNEYS = {"begun": ("start_at", "true"), "reached": ("goal_at", "goal_state = 'reached'")}


def _pairs(values: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(zip(values[::2], values[1::2], strict=True))


def _change(name: str, now: int, before: int) -> Change:
    bounds = wilson_interval(now, now + before)
    high = bounds.high / (1 - bounds.high) if bounds.high < 1 else inf
    return Change(name, now, before, now / before if before else None, bounds.low / (1 - bounds.low), high)

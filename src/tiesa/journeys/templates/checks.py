"""What a template may ask of its journeys: a small closed vocabulary, each word with one definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiesa.core.locale import _


class Unit(StrEnum):
    """What a check is measured in. Times are seconds; lengths and counts are medians."""

    SHARE = "share"
    SECONDS = "seconds"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Metric:
    """One way to measure an expectation. Which fields count follows from `kind` (see METRICS).

    touchpoints, of, again, start, end: touchpoints in any spelling; an empty `start` is the journey's first contact, an
    empty `end` its goal. within_s, silent_s: seconds. values, above: what the attribute must say, or exceed.
    """

    kind: str
    touchpoints: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    what: str = ""
    before_goal: bool = False
    within_s: float | None = None
    silent_s: float | None = None
    attribute: str = ""
    values: tuple[str, ...] = ()
    above: float | None = None
    answer: str = ""
    question: tuple[str, ...] = ()

    @property
    def unit(self) -> Unit:
        return METRICS[self.kind].unit


@dataclass(frozen=True, slots=True)
class Target:
    """A bound in the unit of the check: a share, seconds, or a count."""

    at_least: float | None = None
    at_most: float | None = None

    def verdict(self, low: float | None, high: float | None) -> str:
        """`kept`, `not_kept` or `unknown`, by the bounds of the interval, never by the value alone.

        >>> Target(at_least=0.8).verdict(0.82, 0.9), Target(at_least=0.8).verdict(0.7, 0.9)
        ('kept', 'unknown')
        """
        if low is None or high is None:
            return "unknown"
        if self.at_least is not None:
            return "kept" if low >= self.at_least else "not_kept" if high < self.at_least else "unknown"
        assert self.at_most is not None
        return "kept" if high <= self.at_most else "not_kept" if low > self.at_most else "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing customers expect, and how to see whether they get it.

    metrics: ways to measure it, the best first: the first one that the log has data for is taken.
    """

    expectation: str
    name: str
    metrics: tuple[Metric, ...]
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A word of the vocabulary: its unit, its definition, the keys it needs and those it may have."""

    unit: Unit
    meaning: Callable[[], str]
    needs: frozenset[str] = frozenset()
    may_have: frozenset[str] = frozenset()


def _keys(words: str) -> frozenset[str]:
    return frozenset(words.split())


METRICS: Mapping[str, Definition] = {
    "passes": Definition(
        Unit.SHARE,
        lambda: _("journeys that pass one of the touchpoints, of those that are over"),
        _keys("touchpoints"),
        _keys("of before_goal"),
    ),
    "avoids": Definition(
        Unit.SHARE,
        lambda: _("journeys that pass none of the touchpoints, of those that are over"),
        _keys("touchpoints"),
        _keys("of before_goal"),
    ),
    "has": Definition(
        Unit.SHARE, lambda: _("journeys with such a mark, of those over in which it can be told"), _keys("what")
    ),
    "reached": Definition(Unit.SHARE, lambda: _("journeys that reached their goal, of those that are over")),
    "time": Definition(
        Unit.SECONDS, lambda: _("median time from the one to the other, of journeys that came there"), _keys("from to")
    ),
    "in_time": Definition(
        Unit.SHARE,
        lambda: _("came there within the time, of those that came there or are past it"),
        _keys("from to within"),
    ),
    "first_reply": Definition(
        Unit.SHARE,
        lambda: _(
            "first messages answered in time, in business time, of those answered or overdue; without a time of its "
            "own "
            "that of the channel; a call is no message"
        ),
        frozenset(),
        _keys("within"),
    ),
    "promises": Definition(
        Unit.SHARE, lambda: _("promises after which we spoke in time, of those that are due or were kept")
    ),
    "contacts_to_goal": Definition(
        Unit.COUNT, lambda: _("median contacts, internal steps aside, until the goal was reached")
    ),
    "silent": Definition(
        Unit.SHARE,
        lambda: _("journeys in which so many days went by in a silence that was not ours, of those long enough"),
        _keys("days"),
    ),
    "resumed": Definition(
        Unit.SHARE, lambda: _("journeys taken up again, of those that fell silent so long"), _keys("days")
    ),
    "asked_again": Definition(
        Unit.SHARE,
        lambda: _("journeys with a second such request, of those with one"),
        _keys("touchpoints"),
        _keys("again"),
    ),
    "facts_asked_again": Definition(
        Unit.SHARE, lambda: _("facts asked for though the customer had given them, of all asked for")
    ),
    "mentions": Definition(
        Unit.SHARE,
        lambda: _("journeys with a contact of such a reason, touchpoint or kind, of those that are over"),
        frozenset(),
        _keys("words kinds"),
    ),
    "attribute": Definition(
        Unit.SHARE,
        lambda: _("journeys in which the attribute says so, of those that carry it"),
        _keys("attribute"),
        _keys("is above"),
    ),
    "number": Definition(
        Unit.COUNT, lambda: _("median of the attribute, of journeys that carry it"), _keys("attribute")
    ),
    "answer": Definition(
        Unit.SHARE,
        lambda: _("customers who say so (above the middle of the scale), of those who answered"),
        _keys("answer"),
        _keys("question"),
    ),
}
"""The closed vocabulary. A journey is over when its goal is settled, or it is silent for longer than its window."""
MARKS: Mapping[str, tuple[str, str]] = {
    "repeat": ("repeats > 0", "reason is not null"),
    "insistence": ("insistence > 1", "insistence > 0"),
    "unanswered": ("unanswered > 0", "inbound > 0"),
    "handover": ("handovers > 0", "employees > 0"),
    "several_units": ("units > 1", "units > 0"),
    "channel_change": ("channel_changes > 0", "contacts > internal_steps"),
}
"""What `has` may ask for: the mark, and in which journeys it can be told; as SQL on `journeys`."""

"""What can be asked of a situation: what customers do in the end, and what a journey was like for them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from tiesa.core.enums import ContactKind, OutcomeKind, WaitOwner
from tiesa.core.locale import _
from tiesa.moments.atoms import Atom
from tiesa.moments.situations import Situation


class Outcome(StrEnum):
    """An outcome, with its own clock: the first three happen to a customer once, within a horizon of the contact, the
    next two to a journey, which is solved or given up; the others are measured: a journey's score, its last emotion; a
    recommendation, a margin."""

    LEFT = "left"
    DORMANT = "dormant"
    PRODUCT_CLOSED = "product_closed"
    SOLVED = "solved"
    GOAL_MISSED = "goal_missed"
    SCORE = "score"
    NEGATIVE_EMOTION = "negative_emotion"
    RECOMMENDATION = "recommendation"
    MARGIN = "margin"

    @property
    def event(self) -> OutcomeKind | None:
        """The kind of event in the log that happens to a customer, where it is one."""
        return OutcomeKind(self.value) if self in LEAVING else None

    @property
    def happens(self) -> bool:
        """Whether it happens at an instant, so that what counts is how soon it comes."""
        return self in EVENTS

    @property
    def is_of_journeys(self) -> bool:
        """Whether it happens to a journey, on the journey's own clock."""
        return self in OF_JOURNEYS

    @property
    def is_felt(self) -> bool:
        """Whether it tells of feelings, not of what customers do."""
        return self in FELT

    @property
    def is_share(self) -> bool:
        """Whether it is yes or no, so that an effect is a difference of shares or risks."""
        return self in (*EVENTS, Outcome.NEGATIVE_EMOTION)

    @property
    def unit(self) -> str:
        """In what an effect is told: `risk` and `share` (0.01: one percentage point), `points` of a scale, `money`."""
        if self in LEAVING:
            return "risk"
        return "share" if self.is_share else "money" if self == Outcome.MARGIN else "points"

    def admits(self, situation: Situation) -> bool:
        """Whether a situation may explain the outcome. That somebody complains or praises tells how they feel, and is
        no reason for it. Where a journey goes, what it is about and how far it has come is part of how it ends, as is
        the customer's own silence: of a goal reached late or missed only what is `ON_THE_WAY` can be a reason, and what
        the journey is about is adjusted for."""
        if self.is_felt and any(_tells_of_feelings(atom) for atom in situation.atoms):
            return False
        return not self.is_of_journeys or all(_is_on_the_way(atom) for atom in situation.atoms)

    @property
    def more_is_better(self) -> bool:
        return self in (Outcome.SOLVED, Outcome.SCORE, Outcome.RECOMMENDATION, Outcome.MARGIN)

    def in_words(self) -> str:
        """As a noun."""
        return {
            Outcome.LEFT: _("leaving"),
            Outcome.DORMANT: _("falling silent"),
            Outcome.PRODUCT_CLOSED: _("closing a product"),
            Outcome.SOLVED: _("being solved"),
            Outcome.SCORE: _("score of the journey"),
            Outcome.NEGATIVE_EMOTION: _("negative emotion afterwards"),
            Outcome.GOAL_MISSED: _("goal missed"),
            Outcome.RECOMMENDATION: _("recommendation"),
            Outcome.MARGIN: _("margin of the next year"),
        }[self]

    def effect_in_words(self) -> str:
        """What an effect is a change of."""
        if self in LEAVING:
            return _("change of the risk")
        return _("change of the share") if self.is_share else _("change")

    def question(self) -> str:
        """As a person asks it."""
        return {
            Outcome.LEFT: _("Which contacts decide whether a customer leaves?"),
            Outcome.DORMANT: _("Which contacts decide whether a customer falls silent?"),
            Outcome.PRODUCT_CLOSED: _("Which contacts decide whether a customer closes a product?"),
            Outcome.SOLVED: _("Which contacts decide how soon a journey is solved?"),
            Outcome.SCORE: _("Which contacts decide how a journey is scored?"),
            Outcome.NEGATIVE_EMOTION: _("Which contacts decide whether a journey ends in a bad mood?"),
            Outcome.GOAL_MISSED: _("Which contacts decide whether the goal is missed?"),
            Outcome.RECOMMENDATION: _("Which contacts decide whether we are recommended?"),
            Outcome.MARGIN: _("Which contacts decide what a customer brings next year?"),
        }[self]


def is_of_journeys(estimate: Mapping[str, Any]) -> bool:
    """Whether a kept estimate compares journeys; older builds measured missed goals like scores, without a time."""
    return Outcome(estimate["outcome"]).is_of_journeys and bool(estimate["horizon_days"])


def _tells_of_feelings(atom: Atom) -> bool:
    feelings = (ContactKind.COMPLAINT.value, ContactKind.PRAISE.value)
    return atom.name == "complaint" or (atom.name == "kind" and atom.value in feelings)


def _is_on_the_way(atom: Atom) -> bool:
    silent = atom.kind == "silence" and atom.name != WaitOwner.CUSTOMER.value
    return silent or atom.kind in ON_THE_WAY or (atom.kind == "count" and atom.name in ON_THE_WAY)


LEAVING = (Outcome.LEFT, Outcome.DORMANT, Outcome.PRODUCT_CLOSED)
OF_JOURNEYS = (Outcome.SOLVED, Outcome.GOAL_MISSED)
EVENTS = (*LEAVING, *OF_JOURNEYS)
ON_THE_WAY = ("unanswered", "promise", "standard", "handover_to", "handover", "employee", "unit", "channel_change",
              "repeat", "restated", "insistence")  # fmt: skip
"""Conditions that happen to a journey and can make it longer, or make customers give up."""
FELT = (Outcome.SCORE, Outcome.NEGATIVE_EMOTION, Outcome.RECOMMENDATION)
MEASURED = tuple(outcome for outcome in Outcome if outcome not in EVENTS)

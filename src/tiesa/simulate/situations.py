"""The planted situations: what they are, what they do, and where in the timeline they come true.

The conditions are read off the timeline, not noted by the scripts: an episode is what anybody can find in the log.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tiesa.simulate.company import HOUR_US, Flags, Ints
from tiesa.simulate.scene import APP, EMAIL
from tiesa.simulate.sheet import NO_TIME
from tiesa.simulate.story import INBOUND, Episodes, Story

UNANSWERED_H = 72


Finding = tuple[Flags, Ints]
"""Flags over the story's rows, and the instants at which the flagged ones come true."""


@dataclass(frozen=True)
class Situation:
    """One planted situation.

    kind: moment (felt, and changes leaving), positive (keeps customers), pain_point (felt only), confounded (only
    looks so), hidden_confounded (looks so by a trait no table shows; option), harmless. hazard_ratio: on leaving for
    180 days. score: points of overall satisfaction (0 to 10). emotion: on later contacts of the journey (-1 to 1).
    condition: the same as `words` for a program.
    """

    id: str
    name: str
    kind: str
    journey_type: str
    words: str
    condition: dict[str, Any]
    find: Callable[[Story], Finding] = field(repr=False)
    hazard_ratio: float = 1.0
    score: float = 0.0
    emotion: float = 0.0

    def episodes(self, story: Story) -> Episodes:
        flags, at = self.find(story)
        flags = flags & story.of_type(self.journey_type) if self.journey_type else flags
        place = np.flatnonzero(flags & (story.number(flags) == 1))
        row = story.order[place]
        return Episodes(story.journey[place], row, at[place], story.timeline.customer[row])


def _second_message_unanswered(story: Story) -> Finding:
    t = story.timeline
    message = ((t.direction == INBOUND) & np.isin(t.channel, (APP, EMAIL)))[story.order]
    due = story.at + UNANSWERED_H * HOUR_US
    return message & (story.number(message) == 2) & (story.next_turn_at > due), due


def _second_handover(story: Story) -> Finding:
    employee = story.timeline.employee[story.order]
    known = np.flatnonzero(employee >= 0)
    changed = (employee[known][1:] != employee[known][:-1]) & (story.journey[known][1:] == story.journey[known][:-1])
    handover = np.zeros(len(employee), np.bool_)
    handover[known[1:][changed]] = True
    return handover & (story.number(handover) == 2), story.at


def _broken_promise(story: Story) -> Finding:
    promised = story.timeline.promised_at[story.order]
    return (promised != NO_TIME) & (story.next_turn_at > promised), promised


def _at(touchpoint: str, **attributes: str) -> Callable[[Story], Finding]:
    def find(story: Story) -> Finding:
        flags = story.timeline.is_touchpoint(touchpoint)
        for key, word in attributes.items():
            flags = flags & story.timeline.attribute_is(key, word)
        return flags[story.order], story.at

    return find


def _queue(story: Story) -> Finding:
    return story.timeline.attribute_is("queue", "over 20 min")[story.order], story.at


SITUATIONS = (
    Situation(
        "second_message_unanswered",
        "The second message waits more than 72 hours",
        "moment",
        "problem solving",
        "The customer's second e-mail or app message about a problem is not answered within 72 hours",
        {
            "all": [
                {"atom": "message", "k": 2, "channel": ["email", "app"]},
                {"atom": "unanswered", "owner": "us", "threshold_h": UNANSWERED_H},
            ],
            "becomes_true": "message + threshold",
        },
        _second_message_unanswered,
        hazard_ratio=2.5,
        score=-1.6,
        emotion=-0.4,
    ),
    Situation(
        "third_adviser",
        "A third adviser takes over one problem",
        "moment",
        "problem solving",
        "A problem is handed on for the second time, to another adviser",
        {"all": [{"atom": "handover", "k": 2}], "becomes_true": "contact"},
        _second_handover,
        hazard_ratio=1.9,
        score=-1.3,
        emotion=-0.3,
    ),
    Situation(
        "bill_disputed_without_notice",
        "A bill is disputed after a price change nobody announced",
        "moment",
        "payment",
        "The customer disputes a bill that carries a new price of which we gave no notice",
        {
            "all": [
                {"atom": "touchpoint", "touchpoint": "bill disputed"},
                {"atom": "attribute", "attribute": "price_notice", "value": "none"},
            ],
            "becomes_true": "contact",
        },
        _at("bill disputed", price_notice="none"),
        hazard_ratio=2.3,
        score=-1.5,
        emotion=-0.35,
    ),
    Situation(
        "promise_broken",
        "A promised call does not come",
        "moment",
        "problem solving",
        "We promised a call by a date, and had not spoken to the customer by then",
        {"all": [{"atom": "promise", "state": "broken"}], "becomes_true": "promised_at"},
        _broken_promise,
        hazard_ratio=2.1,
        score=-1.3,
        emotion=-0.35,
    ),
    Situation(
        "cause_explained_follow_up",
        "After the solution we call, and explain the cause",
        "positive",
        "problem solving",
        "We follow up a solution by telephone and explain what caused the problem",
        {
            "all": [
                {"atom": "touchpoint", "touchpoint": "solution follow-up"},
                {"atom": "attribute", "attribute": "cause_explained", "value": "yes"},
            ],
            "becomes_true": "contact",
        },
        _at("solution follow-up", cause_explained="yes"),
        hazard_ratio=0.45,
        score=1.1,
        emotion=0.3,
    ),
    Situation(
        "queue_over_20_minutes",
        "More than 20 minutes in the queue of a shop",
        "pain_point",
        "",
        "The customer stood more than 20 minutes in the queue of a shop",
        {"all": [{"atom": "attribute", "attribute": "queue", "value": "over 20 min"}], "becomes_true": "contact"},
        _queue,
        score=-1.5,
        emotion=-0.4,
    ),
    Situation(
        "documents_asked_again",
        "Documents are asked for a second time",
        "pain_point",
        "",
        "We ask for documents that the customer has already sent",
        {"all": [{"atom": "touchpoint", "touchpoint": "documents asked again"}], "becomes_true": "contact"},
        _at("documents asked again"),
        score=-1.3,
        emotion=-0.35,
    ),
    Situation(
        "information_line_call",
        "A call to the information line",
        "confounded",
        "pre-purchase",
        "The customer calls the information line; the budget segment does it most, and leaves most anyway",
        {"all": [{"atom": "touchpoint", "touchpoint": "information line call"}], "becomes_true": "contact"},
        _at("information line call"),
    ),
    Situation(
        "payment_arrangement_asked",
        "A payment arrangement is asked for",
        "confounded",
        "payment",
        "The customer asks to pay in instalments; customers of less than a year do it most, and leave most anyway",
        {"all": [{"atom": "touchpoint", "touchpoint": "payment arrangement asked"}], "becomes_true": "contact"},
        _at("payment arrangement asked"),
    ),
    Situation(
        "contract_terms_asked",
        "The contract terms are asked for",
        "hidden_confounded",
        "payment",
        "The customer asks for a copy of the contract; with the option --hidden a trait that no table shows raises "
        "both this and leaving",
        {"all": [{"atom": "touchpoint", "touchpoint": "contract terms asked"}], "becomes_true": "contact"},
        _at("contract terms asked"),
    ),
    Situation(
        "technician_visit",
        "A technician comes",
        "harmless",
        "problem solving",
        "A technician of the partner comes to the customer",
        {"all": [{"atom": "touchpoint", "touchpoint": "technician visit"}], "becomes_true": "contact"},
        _at("technician visit"),
    ),
    Situation(
        "help_searched",
        "Help is searched on the web first",
        "harmless",
        "problem solving",
        "The customer looks for help on our web pages before turning to us",
        {"all": [{"atom": "touchpoint", "touchpoint": "help searched"}], "becomes_true": "contact"},
        _at("help searched"),
    ),
    Situation(
        "bill_question",
        "A question about a bill",
        "harmless",
        "payment",
        "The customer asks a question about a bill without disputing it",
        {"all": [{"atom": "touchpoint", "touchpoint": "bill question"}], "becomes_true": "contact"},
        _at("bill question"),
    ),
)
BY_ID = {situation.id: situation for situation in SITUATIONS}


def planted(effects: bool) -> tuple[Situation, ...]:
    """The situations as they work in this company: without effects none changes anything."""
    if effects:
        return SITUATIONS
    return tuple(replace(s, hazard_ratio=1.0, score=0.0, emotion=0.0) for s in SITUATIONS)

"""What customers feel at a contact, and how satisfied a journey leaves them. The planted situations move both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tiesa.core.business_time import DAY_US
from tiesa.simulate.clock import DAYS, START_US
from tiesa.simulate.company import Codes, Company, Draws, Flags, Floats, Ints
from tiesa.simulate.people import People
from tiesa.simulate.scene import NEVER
from tiesa.simulate.sheet import Timeline
from tiesa.simulate.situations import Situation
from tiesa.simulate.story import INBOUND, OUTBOUND, Episodes
from tiesa.simulate.vocabulary import DIRECTIONS, GOALS, TOUCHPOINTS, Words

USUAL_SCORE, SCORE_NOISE = 7.5, 1.3
DISSATISFIED_UP_TO = 6
LABELS = Words(("angry", "annoyed", "disappointed", "calm", "content", "delighted"))
LABEL_BOUNDS = (-0.65, -0.4, -0.12, 0.2, 0.5)
EMOTION_SOURCES = Words(("stated", "observed", "inferred"))
USUAL_EMOTION = {
    "fault reported": -0.3,
    "fault reported again": -0.45,
    "status asked": -0.4,
    "bill disputed": -0.4,
    "bill question": -0.15,
    "call-back": 0.1,
    "adviser call": 0.0,
    "technician visit": 0.15,
    "solution follow-up": 0.3,
    "solution confirmed": 0.45,
    "service active": 0.35,
    "service moved": 0.3,
    "sign-up started": 0.2,
    "flight delayed": -0.5,
    "card refused": -0.7,
    "roaming off": -0.6,
    "customer gave up": -0.7,
    "shop visit": 0.15,
    "our offer call": -0.1,
}


@dataclass(frozen=True)
class Emotions:
    """Per row of the timeline: the value felt, how it is known (position in EMOTION_SOURCES, -1 where not)."""

    value: Floats
    source: Codes
    confidence: Floats

    @property
    def label(self) -> Codes:
        return np.searchsorted(LABEL_BOUNDS, self.value, side="right")


def met_at(episodes: Mapping[str, Episodes], journeys: int) -> dict[str, Ints]:
    """For each situation and journey when it came true there; NEVER where it did not."""
    found = {}
    for name, episode in episodes.items():
        found[name] = np.full(journeys, NEVER)
        found[name][episode.journey] = episode.at
    return found


def feel(
    timeline: Timeline,
    people: People,
    company: Company,
    situations: Mapping[str, Situation],
    met: Mapping[str, Ints],
) -> Emotions:
    draws, n = Draws(company.seed, "emotions"), len(timeline)
    usual = np.full(len(TOUCHPOINTS), 0.05)
    for name, feeling in USUAL_EMOTION.items():
        usual[TOUCHPOINTS[name]] = feeling
    value = usual[timeline.touchpoint] + 0.12 * people.mood[timeline.customer] + 0.2 * draws.normal("noise", n)
    for name, situation in situations.items():
        if situation.emotion:
            value += situation.emotion * (met[name][timeline.journey] <= timeline.at)
    own = timeline.organisation < 0
    spoken = own & timeline.live & (timeline.employee >= 0)
    written = own & ~timeline.live & (timeline.direction == INBOUND)
    clicked = timeline.direction == DIRECTIONS["self_service"]
    source = np.full(n, -1)
    source[spoken & draws.chance("observed", n, 0.55)] = EMOTION_SOURCES["observed"]
    source[written & draws.chance("inferred", n, 0.5)] = EMOTION_SOURCES["inferred"]
    source[clicked & draws.chance("stated", n, 0.06)] = EMOTION_SOURCES["stated"]
    trust = draws.uniform("confidence", n)
    low, wide = np.array([1.0, 0.6, 0.4, 0.0]), np.array([0.0, 0.35, 0.5, 0.0])
    return Emotions(np.clip(value, -1, 1), source, np.round(low[source] + wide[source] * trust, 2))


def satisfaction(
    at: Ints,
    customer: Ints,
    journey: Ints,
    noise: Floats,
    people: People,
    company: Company,
    situations: Mapping[str, Situation],
    met: Mapping[str, Ints],
    ending: Codes,
    *,
    without: str = "",
) -> Floats:
    """How satisfied journeys leave their customers at an instant, about 0 to 10 and not yet rounded.

    Args: at, customer, journey, noise, ending (position in GOALS, -1 where open): one element per journey asked
    about. without: leave out the effect of this situation.
    """
    score = USUAL_SCORE + 0.9 * people.mood[customer] + SCORE_NOISE * noise
    score += np.where(ending == GOALS["reached"], 0.4, np.where(ending == GOALS["abandoned"], -1.0, 0.0))
    if company.drift:
        score -= 0.6 * (at - START_US) / (DAYS * DAY_US)
    for name, situation in situations.items():
        if name != without and situation.score:
            score = score + situation.score * (met[name][journey] <= at)
    return score


def endings(timeline: Timeline, journeys: int) -> Codes:
    """What each journey came to: the goal of its last contact that names one."""
    rows = np.flatnonzero(timeline.goal >= 0)
    ending = np.full(journeys, -1)
    ending[timeline.journey[rows]] = timeline.goal[rows]
    return ending


def last_contacts(timeline: Timeline, journeys: int) -> Ints:
    """The last row of each journey that a customer takes part in; -1 where there is none."""
    rows = np.flatnonzero(np.isin(timeline.direction, (INBOUND, OUTBOUND, DIRECTIONS["self_service"])))
    last = np.full(journeys, -1)
    last[timeline.journey[rows]] = rows
    return last


def dissatisfied(score: Floats) -> Flags:
    """Whether the rounded answer on 0 to 10 is 6 or less."""
    return np.clip(np.round(score), 0, 10) <= DISSATISFIED_UP_TO

"""Studies, invitations and answers: who is asked about which journey or relationship, who answers, and what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tiesa.core import enums
from tiesa.core.business_time import DAY_US
from tiesa.simulate.clock import DAYS, END_US, OFFICE, START_US, into_hours
from tiesa.simulate.company import HORIZON_DAYS, HOUR_US, Codes, Company, Draws, Flags, Floats, Ints
from tiesa.simulate.feelings import SCORE_NOISE, USUAL_SCORE, endings, last_contacts, satisfaction
from tiesa.simulate.people import People
from tiesa.simulate.plan import Journeys
from tiesa.simulate.questions import (
    AFTER_JOURNEY,
    COUNTER,
    OPEN_QUESTION,
    OPEN_SHARE,
    QUESTIONS,
    RELATIONSHIP,
    REVIEW,
    WORKPLACE,
)
from tiesa.simulate.sheet import Timeline
from tiesa.simulate.situations import Situation
from tiesa.simulate.story import Episodes
from tiesa.simulate.vocabulary import Words

STUDIES = Words(
    ("journey survey 2024", "journey survey 2026", "relationship survey", "employee survey", "mystery visits")
)
STUDY_KINDS = (
    "survey after a journey",
    "survey after a journey",
    "relationship survey",
    "employee survey",
    "mystery visit",
)
STUDY_VERSIONS = ("1.0", "2.0", "1.2", "1.0", "1.0")
SECOND_VERSION_US = START_US + 457 * DAY_US
"""From 1 January 2026 the survey after a journey is sent in its second version."""
STATES = Words(tuple(enums.InvitationState))
ANSWER_KINDS = Words(tuple(enums.AnswerKind))
RESPONSE = 0.34
ASKED_SHARE = np.array([0.12, 0.5, 0.3, 0.5, 0.6])
"""Share of journeys asked about, by type."""
REST_DAYS = 30
HELD_BACK = ("asked recently", "no consent")


@dataclass(frozen=True)
class Invitations:
    """Who was asked. `journey` and `row` are -1 in the relationship survey. `score`: satisfaction at that time."""

    customer: Ints
    journey: Ints
    row: Ints
    study: Codes
    sent_at: Ints
    state: Codes
    reason: Codes
    score: Floats
    answered_at: Ints

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def answered(self) -> Flags:
        return self.state == STATES["answered"]  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Asking:
    """What is needed to ask: the company's people and journeys, and what they met."""

    company: Company
    people: People
    journeys: Journeys
    timeline: Timeline
    situations: Mapping[str, Situation]
    met: Mapping[str, Ints]
    episodes: Mapping[str, Episodes]

    def journey_scores(self, journey: Ints, at: Ints, *, without: str = "") -> Floats:
        """Satisfaction with the journeys at these instants, in this world or without one situation's effect."""
        noise = Draws(self.company.seed, "surveys").normal("journey noise", len(self.journeys))[journey]
        ending = endings(self.timeline, len(self.journeys))[journey]
        customer = self.journeys.customer[journey]
        return satisfaction(
            at, customer, journey, noise, self.people, self.company, self.situations, self.met, ending, without=without
        )


def invite(asking: Asking, left_at: Ints) -> Invitations:
    """All invitations while the customers are there, in order of time."""
    draws = Draws(asking.company.seed, "surveys")
    journey, row, sent_j, score_j = _after_journeys(asking, draws)
    person, sent_r, score_r = _relationship(asking, draws)
    customer = np.concatenate([asking.journeys.customer[journey], person])
    sent = np.concatenate([sent_j, sent_r])
    n = len(customer)
    none = np.full(len(person), -1)
    study = np.concatenate([(sent_j >= SECOND_VERSION_US) * 1, none + 3])
    score = np.concatenate([score_j, score_r])
    answered_at = sent + HOUR_US // 4 + draws.hours("answers after", n, median=7, spread=1.2)

    order = np.lexsort((sent, customer))
    recent = np.zeros(n, np.bool_)
    close = (np.diff(sent[order]) < REST_DAYS * DAY_US) & (np.diff(customer[order]) == 0)
    recent[order[1:][close]] = True
    objects = draws.chance("objects", len(asking.people), 0.04)[customer]
    held = recent | objects
    bounced = ~held & draws.chance("bounced", n, 0.03)
    opened = draws.chance("opened", n, 0.6)
    willing = draws.uniform("response", n) < _response(asking.company, score)
    state = np.where(opened, STATES["opened"], STATES["sent"])
    in_time = answered_at < np.minimum(left_at[customer], END_US)
    state = np.where(willing & in_time, STATES["answered"], state)
    state = np.where(bounced, STATES["bounced"], np.where(held, STATES["held_back"], state))
    reason = np.where(held, np.where(objects, 1, 0), -1)

    kept = (sent < np.minimum(left_at[customer], END_US)) & (sent >= START_US)
    order = np.argsort(sent, kind="stable")
    order = order[kept[order]]
    return Invitations(
        customer=customer[order],
        journey=np.concatenate([journey, none])[order],
        row=np.concatenate([row, none])[order],
        study=study[order],
        sent_at=sent[order],
        state=state[order],
        reason=reason[order],
        score=score[order],
        answered_at=answered_at[order],
    )


def _response(company: Company, score: Floats) -> Floats:
    """Who answers: a third of those asked; with the option fewer, the less satisfied they are."""
    if not company.mood_nonresponse:
        return np.full(len(score), RESPONSE)
    return np.clip(RESPONSE * np.exp(0.25 * (score - 7.5)), 0.05, 0.9)


def _after_journeys(asking: Asking, draws: Draws) -> tuple[Ints, Ints, Ints, Floats]:
    last = last_contacts(asking.timeline, len(asking.journeys))
    chosen = draws.chance("asked", len(last), ASKED_SHARE[asking.journeys.type])
    journey = np.flatnonzero(chosen & (last >= 0))
    at = asking.timeline.at[last[journey]]
    wait = draws.hours("asked after", len(last), median=9, spread=0.7)[journey]
    sent = into_hours(at + HOUR_US + wait, OFFICE, draws.uniform("asked open", len(last))[journey])
    return journey, last[journey], sent, asking.journey_scores(journey, at)


def _relationship(asking: Asking, draws: Draws) -> tuple[Ints, Ints, Floats]:
    """Every half year to a part of the customers: satisfaction by what they met in the 180 days before."""
    n = len(asking.people)
    people, sent = [], []
    for wave in range(4):
        chosen = draws.chance(f"wave {wave}", n, 0.35)
        at = START_US + (60 + 180 * wave) * DAY_US + (draws.uniform(f"day {wave}", n) * 20).astype(np.int64) * DAY_US
        at = into_hours(at + 6 * HOUR_US, OFFICE, draws.uniform(f"hour {wave}", n))
        who = np.flatnonzero(chosen & (asking.people.since < at - 30 * DAY_US))
        people.append(who)
        sent.append(at[who])
    person, at = np.concatenate(people), np.concatenate(sent)
    score = USUAL_SCORE + 0.9 * asking.people.mood[person] + SCORE_NOISE * draws.normal("wave noise", len(person))
    if asking.company.drift:
        score -= 0.6 * (at - START_US) / (DAYS * DAY_US)
    for name, situation in asking.situations.items():
        if situation.score:
            score += situation.score * _recently(asking.episodes[name], person, at)
    return person, at, score


def _recently(episodes: Episodes, person: Ints, at: Ints) -> Flags:
    """Whether the person met the situation in the 180 days before."""
    order = np.lexsort((episodes.at, episodes.customer))
    span = 2 * DAYS * DAY_US // 1000
    key = episodes.customer[order] * span + (episodes.at[order] - START_US) // 1000
    wanted = person * span + (at - START_US) // 1000
    until = np.searchsorted(key, wanted, side="left")
    since = np.searchsorted(key, wanted - HORIZON_DAYS * DAY_US // 1000, side="left")
    first = np.searchsorted(key, person * span, side="left")
    return until > np.maximum(since, first)


@dataclass(frozen=True)
class Answers:
    """One element per answered question, in order of time. `invitation` is a position, -1 where nobody asked.

    `question` is a position in `questions`; `open` marks answers in words. `score` is the satisfaction behind it.
    """

    invitation: Ints
    customer: Ints
    question: Codes
    value: Floats
    at: Ints
    respondent: Codes
    journey: Ints
    row: Ints
    study: Codes
    score: Floats

    def __len__(self) -> int:
        return len(self.invitation)


RESPONDENTS = Words(tuple(enums.Respondent))


def answer(asking: Asking, invitations: Invitations, left_at: Ints) -> Answers:
    """What is answered, in order of time: surveys, reviews nobody asked for, employees, mystery visitors."""
    draws = Draws(asking.company.seed, "answers")
    n = len(invitations)
    ending = endings(asking.timeline, len(asking.journeys))
    parts: list[tuple[np.ndarray, ...]] = []
    for number, question in enumerate((*AFTER_JOURNEY, *RELATIONSHIP, OPEN_QUESTION)):
        after = invitations.journey >= 0
        fits = np.ones(n, np.bool_) if question is OPEN_QUESTION else after == (question in AFTER_JOURNEY)
        share = OPEN_SHARE if question is OPEN_QUESTION else question.asked
        told = np.flatnonzero(invitations.answered & fits & draws.chance(f"told {number}", n, share))
        value = question.value(invitations.score, draws.normal(f"noise {number}", n))
        if question.kind == "solved":
            value = (ending[invitations.journey] == 0) ^ draws.chance("mistaken", n, 0.06)
        if question is OPEN_QUESTION:
            value = np.full(n, np.nan)
        parts.append(
            (
                told,
                invitations.customer[told],
                np.full(len(told), number),
                value[told] * 1.0,
                invitations.answered_at[told],
                np.full(len(told), RESPONDENTS["customer"]),
                invitations.journey[told],
                invitations.row[told],
                invitations.study[told],
                invitations.score[told],
            )
        )
    parts += [_reviews(asking, draws, left_at), _employees(asking, draws), _mystery_visits(asking, draws)]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[2], columns[4]))
    return Answers(*(column[order] for column in columns))


def _reviews(asking: Asking, draws: Draws, left_at: Ints) -> tuple[np.ndarray, ...]:
    """On public pages and without a name: the further from usual, the more often."""
    last = last_contacts(asking.timeline, len(asking.journeys))
    journey = np.flatnonzero(last >= 0)
    at = asking.timeline.at[last[journey]] + draws.hours("review after", len(last), median=40, spread=0.8)[journey]
    score = asking.journey_scores(journey, at)
    p = 0.004 * np.exp(0.35 * np.abs(score - USUAL_SCORE))
    kept = draws.uniform("reviews", len(last))[journey] < p
    kept &= at < np.minimum(left_at[asking.journeys.customer[journey]], END_US)
    kept &= at >= START_US
    journey, at, score = journey[kept], at[kept], score[kept]
    value = REVIEW.value(score, np.zeros(len(score)))
    return _unasked(QUESTIONS.index(REVIEW), value, at, RESPONDENTS["customer"], -1, score, journey)


def _employees(asking: Asking, draws: Draws) -> tuple[np.ndarray, ...]:
    n = max(8, len(asking.people) // 200)
    at = START_US + (250 + 365 * draws.pick("year", n, [1, 1])) * DAY_US + draws.hours("hour", n, median=60, spread=0.5)
    score = 6.5 + 1.5 * draws.normal("employee", n)
    return _unasked(
        QUESTIONS.index(WORKPLACE), WORKPLACE.value(score, np.zeros(n)), at, RESPONDENTS["employee"], 3, score
    )


def _mystery_visits(asking: Asking, draws: Draws) -> tuple[np.ndarray, ...]:
    n = max(12, len(asking.people) // 500)
    at = START_US + (draws.uniform("visit", n) * DAYS * DAY_US).astype(np.int64)
    score = 7 + 1.5 * draws.normal("mystery", n)
    return _unasked(
        QUESTIONS.index(COUNTER), COUNTER.value(score, np.zeros(n)), at, RESPONDENTS["mystery_visitor"], 4, score
    )


def _unasked(
    question: int, value: Floats, at: Ints, respondent: int, study: int, score: Floats, journey: Ints | None = None
) -> tuple[np.ndarray, ...]:
    """Answers without invitation and without a customer's name."""
    n = len(at)
    none = np.full(n, -1)
    journey = none if journey is None else journey
    return none, none, none * 0 + question, value, at, none * 0 + respondent, journey, none, none * 0 + study, score

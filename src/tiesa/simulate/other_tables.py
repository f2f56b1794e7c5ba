"""Surveys, what employees had seen, absences, and what the company keeps of itself."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from tiesa.core.business_time import DAY_US
from tiesa.core.tables import ABSENCE, ANSWER, CHANGE, INVITATION, PROCESS, RATE, SEEN, STUDY
from tiesa.simulate.arrow import instants, make_table, money, numbered, numbers, once, words_of
from tiesa.simulate.clock import DAYS, FIRST_DAY, START_US
from tiesa.simulate.comments import answer_words
from tiesa.simulate.company import Draws
from tiesa.simulate.contact_table import contact_ids
from tiesa.simulate.customer_tables import customer_ids
from tiesa.simulate.questions import OPEN_NUMBER, QUESTIONS
from tiesa.simulate.scene import MINUTE_US
from tiesa.simulate.story import INBOUND, Story
from tiesa.simulate.surveys import (
    ANSWER_KINDS,
    HELD_BACK,
    RESPONDENTS,
    STATES,
    STUDIES,
    STUDY_KINDS,
    STUDY_VERSIONS,
)
from tiesa.simulate.vocabulary import LANGUAGES, PROCESSES, STEPS, TOUCHPOINTS
from tiesa.simulate.world import Life

CHANGES = (
    ("prices of all plans raised", 150, "payment", 0.0),
    ("status page of faults opened", 240, "problem solving", 18_000.0),
    ("documents can be sent in the app", 330, "registration, moving", 42_000.0),
    ("prices of all plans raised", 420, "payment", 0.0),
    ("survey after a journey in its second version", 457, "all journeys", 2_500.0),
    ("two more advisers on the e-mail desk", 560, "problem solving", 61_000.0),
)
"""What the company changed: words, day, where it holds, cost in euros. Nothing in the contacts depends on these."""
OWNERS = ("E00002", "E00003", "E00004", "E00005", "E00006")
UNITS_OF_PROCESS = {
    "sales": ("sales", "contact centre"),
    "sign-up": ("sales",),
    "billing": ("billing", "e-mail desk", "contact centre"),
    "fault clearance": ("contact centre", "e-mail desk", "technical support"),
    "move": ("moving desk",),
}


def answer_table(life: Life) -> pa.Table:
    answers, people, t = life.answers, life.people, life.timeline
    rows = answers.row
    customer = answers.customer
    language = np.where(customer >= 0, people.language[np.maximum(customer, 0)], -1)
    review = (answers.journey >= 0) & (customer < 0)
    language = np.where(review, people.language[life.journeys.customer[np.maximum(answers.journey, 0)]], language)
    kinds = np.array([ANSWER_KINDS[question.kind] for question in QUESTIONS])
    columns = {
        "answer_id": numbered("A", np.arange(len(answers)), width=8),
        "customer": customer_ids(customer),
        "respondent": words_of(answers.respondent, RESPONDENTS),
        "study_id": words_of(answers.study, STUDIES),
        "invitation_id": numbered("I", answers.invitation, width=8, missing=answers.invitation < 0),
        "answered_at": instants(answers.at),
        "question": words_of(answers.question, [question.words for question in QUESTIONS]),
        "kind": words_of(kinds[answers.question], ANSWER_KINDS),
        "scale": words_of(answers.question, ["words" if q.kind == "open" else q.scale for q in QUESTIONS]),
        "value": numbers(answers.value, pa.float64()),
        "language": words_of(language, LANGUAGES),
        "touchpoint": words_of(np.where(rows >= 0, t.touchpoint[np.maximum(rows, 0)], -1), TOUCHPOINTS),
        "contact_id": contact_ids(rows),
        "prompted": pa.array(answers.study >= 0),
        "text": answer_words(life, language, OPEN_NUMBER),
    }
    return make_table(ANSWER, columns, len(answers))


def invitation_table(life: Life) -> pa.Table:
    invitations = life.invitations
    columns = {
        "invitation_id": numbered("I", np.arange(len(invitations)), width=8),
        "customer": customer_ids(invitations.customer),
        "study_id": words_of(invitations.study, STUDIES),
        "contact_id": contact_ids(invitations.row),
        "sent_at": instants(invitations.sent_at),
        "state": words_of(invitations.state, STATES),
        "reason": words_of(invitations.reason, HELD_BACK),
    }
    return make_table(INVITATION, columns, len(invitations))


def study_table() -> pa.Table:
    begins = np.array([0, 457, 0, 200, 0])
    ends = np.array([457, DAYS, DAYS, DAYS, DAYS])
    columns = {
        "study_id": pa.array(STUDIES.words),
        "kind": pa.array(STUDY_KINDS),
        "method_version": pa.array(STUDY_VERSIONS),
        "period_from": instants(START_US + begins * DAY_US),
        "period_to": instants(START_US + ends * DAY_US),
    }
    return make_table(STUDY, columns, len(STUDIES))


def seen_table(life: Life) -> pa.Table:
    """For part of the live contacts: the adviser had opened the customer's last message of the journey."""
    t = life.timeline
    story = Story(t, life.journeys)
    draws = Draws(life.company.seed, "seen")
    message = ((t.direction == INBOUND) & ~t.live)[story.order]
    place = np.where(message, np.arange(len(t)), -1)
    latest = np.maximum.accumulate(place)
    latest = np.where(latest >= story.first, latest, -1)
    met = ((t.employee >= 0) & (t.direction != 3) & life.there)[story.order]
    looks = np.empty(len(t), np.bool_)
    looks[:] = draws.chance("looks", len(t), 0.45)
    found = np.flatnonzero(met & (latest >= 0) & ~message & looks)
    row, seen = story.order[found], story.order[latest[found]]
    before = (2 + 10 * draws.uniform("before", len(t)))[found] * MINUTE_US
    at = np.maximum(t.at[row] - before.astype(np.int64), t.at[seen])
    order = np.lexsort((row, at))
    columns = {
        "employee": numbered("E", t.employee[row][order], width=5),
        "contact_id": contact_ids(seen[order]),
        "at": instants(at[order]),
    }
    return once(make_table(SEEN, columns, len(row)), ["employee", "contact_id", "at"])


def absence_table(life: Life) -> pa.Table:
    staff = life.staff
    order = np.lexsort((staff.absent_employee, staff.absent_from))
    columns = {
        "employee": numbered("E", staff.absent_employee[order], width=5),
        "absent_from": instants(staff.absent_from[order]),
        "absent_to": instants(staff.absent_to[order]),
    }
    return make_table(ABSENCE, columns, len(order))


def change_table() -> pa.Table:
    columns = {
        "change_id": pa.array([f"change {number}" for number in range(1, len(CHANGES) + 1)]),
        "what": pa.array([change[0] for change in CHANGES]),
        "live_from": instants(START_US + np.array([change[1] for change in CHANGES]) * DAY_US),
        "scope": pa.array([change[2] for change in CHANGES]),
        "cost": money(np.array([change[3] for change in CHANGES])),
        "currency": pa.repeat(pa.scalar("EUR"), len(CHANGES)),
    }
    return make_table(CHANGE, columns, len(CHANGES))


def process_table() -> pa.Table:
    columns = {
        "process": pa.array(PROCESSES.words),
        "steps": pa.array([STEPS[name] for name in PROCESSES.words], pa.list_(pa.string())),
        "units": pa.array([UNITS_OF_PROCESS[name] for name in PROCESSES.words], pa.list_(pa.string())),
        "owner": pa.array(OWNERS),
    }
    return make_table(PROCESS, columns, len(PROCESSES))


def rate_table(life: Life) -> pa.Table:
    """What a euro was worth on the first of each month."""
    draws = Draws(life.company.seed, "rates")
    days = [date(FIRST_DAY.year + (8 + m) // 12, (8 + m) % 12 + 1, 1) for m in range(1, 26)]
    lei = np.round(4.97 * np.exp(np.cumsum(0.003 * draws.normal("RON", len(days)))), 4)
    dinars = np.round(117.1 + 0.1 * draws.normal("RSD", len(days)), 4)
    values = np.stack([dinars, lei], axis=1).ravel()
    columns = {
        "date": pa.array([day for day in days for _currency in range(2)], pa.date32()),
        "from_currency": pa.repeat(pa.scalar("EUR"), len(values)),
        "to_currency": pa.array(["RSD", "RON"] * len(days)),
        "rate": pa.array(values).cast(pa.decimal128(18, 8), safe=False),
    }
    return make_table(RATE, columns, len(values))

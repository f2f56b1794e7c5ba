"""The contacts as a table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tiesa.core.tables import CONTACT
from tiesa.simulate.arrow import attributes, instants, make_table, money, numbered, numbers, words_of
from tiesa.simulate.comments import contact_words
from tiesa.simulate.company import Draws, Floats, Ints
from tiesa.simulate.feelings import EMOTION_SOURCES, LABELS
from tiesa.simulate.sheet import NONE
from tiesa.simulate.story import INBOUND
from tiesa.simulate.vocabulary import (
    CHANNELS,
    DIRECTIONS,
    GOALS,
    JOURNEY_TYPES,
    KINDS,
    LANGUAGES,
    ORGANISATIONS,
    PROCESSES,
    PRODUCTS,
    REASONS,
    TOUCHPOINTS,
    UNIT_NAMES,
    WAITS_FOR,
)
from tiesa.simulate.world import Life

CURRENCIES = ("RSD", "EUR", "EUR", "EUR", "RON", "EUR")
"""Of each language's country, in the order of LANGUAGES."""
PER_EURO = np.array([117.0, 1.0, 1.0, 1.0, 5.0, 1.0])
COST = {"phone": 1.2, "email": 2.1, "chat": 0.9, "app": 0.05, "web": 0.02, "shop": 2.5, "sms": 0.05, "visit": 18.0}
"""What a contact costs in euros, without the time of an adviser."""
COST_A_MINUTE = 0.55
BRANCHES = tuple(name for name in UNIT_NAMES.words if name.startswith("shop "))


def contact_ids(rows: Ints) -> pa.Array:
    """The id of a row of the timeline. It is the same in every world of one seed, whoever leaves."""
    return numbered("K", rows, width=9, missing=rows < 0)


def case_ids(life: Life, rows: Ints) -> pa.Array:
    journey = life.timeline.journey[rows]
    return numbered("T", journey, width=8, missing=~life.journeys.has_case[journey])


def contact_table(life: Life) -> pa.Table:
    """Every contact that happens, in order of time."""
    t, people, journeys, feelings = life.timeline, life.people, life.journeys, life.emotions
    rows = np.flatnonzero(life.there)
    customer, journey = t.customer[rows], t.journey[rows]
    language = people.language[customer]
    unit = t.unit[rows]
    known = feelings.source[rows] >= 0
    of_type = np.array([SHOP_POSITION.get(name, NONE) for name in UNIT_NAMES.words])
    place = np.full(len(t), NONE)
    place[rows] = np.arange(len(rows))
    told = [(key, place[part], words) for key, part, words in t.attributes]
    told = [(key, part[part >= 0], words[part >= 0]) for key, part, words in told]
    inbound = t.direction[rows] == INBOUND
    severity = np.where(inbound & (journeys.type[journey] == JOURNEY_TYPES["problem solving"]), 1.0, np.nan)
    columns = {
        "contact_id": contact_ids(rows),
        "customer": numbered("C", customer, width=7),
        "occurred_at": instants(t.at[rows]),
        "touchpoint": words_of(t.touchpoint[rows], TOUCHPOINTS),
        "channel": words_of(t.channel[rows], CHANNELS),
        "direction": words_of(t.direction[rows], DIRECTIONS),
        "kind": words_of(t.kind[rows], KINDS),
        "reason": words_of(t.reason[rows], REASONS),
        "reply_to": contact_ids(t.reply_to[rows]),
        "promised_at": instants(t.promised_at[rows]),
        "waits_for": words_of(t.waits_for[rows], WAITS_FOR),
        "journey_type": words_of(np.where(journeys.has_case[journey], journeys.type[journey], NONE), JOURNEY_TYPES),
        "case_id": case_ids(life, rows),
        "employee": numbered("E", t.employee[rows], width=5, missing=t.employee[rows] < 0),
        "unit": words_of(unit, UNIT_NAMES),
        "organisation": words_of(t.organisation[rows], ORGANISATIONS),
        "process": words_of(journeys.type[journey], PROCESSES),
        "product": words_of(people.product[customer], PRODUCTS),
        "branch": words_of(np.where(unit >= 0, of_type[np.maximum(unit, 0)], NONE), BRANCHES),
        "severity": numbers(severity * journeys.severity[journey], pa.int8()),
        "emotion": numbers(np.where(known, np.round(feelings.value[rows], 2), np.nan), pa.float32()),
        "emotion_label": words_of(np.where(known, feelings.label[rows], NONE), LABELS),
        "emotion_source": words_of(feelings.source[rows], EMOTION_SOURCES),
        "emotion_confidence": numbers(np.where(known, feelings.confidence[rows], np.nan), pa.float32()),
        "language": words_of(np.where(inbound, language, NONE), LANGUAGES),
        "duration_s": numbers(t.duration_s[rows], pa.float64()),
        "cost": money(_cost(life, rows) * PER_EURO[language]),
        "amount": money(t.amount[rows] * PER_EURO[language]),
        "currency": words_of(language, CURRENCIES),
        "goal": words_of(t.goal[rows], GOALS),
        "attributes": attributes(told, len(rows)),
        "text": contact_words(life, rows),
    }
    return make_table(CONTACT, columns, len(rows))


SHOP_POSITION = {name: position for position, name in enumerate(BRANCHES)}


def _cost(life: Life, rows: Ints) -> Floats:
    t = life.timeline
    start = np.array([COST[name] for name in CHANNELS.words])
    spread = 0.85 + 0.3 * Draws(life.company.seed, "cost").uniform("spread", len(t))[rows]
    talk = np.nan_to_num(t.duration_s[rows]) / 60 * COST_A_MINUTE
    cost = start[t.channel[rows]] * spread + talk
    internal = t.direction[rows] == DIRECTIONS["internal"]
    indirect = t.direction[rows] == DIRECTIONS["indirect"]
    return np.where(indirect, np.nan, np.where(internal, 0.8, cost))

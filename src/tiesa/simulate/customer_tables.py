"""Customers in versions, what they did in the end, what they agreed to, what they gave and were asked for."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tiesa.core import enums
from tiesa.core.business_time import DAY_US
from tiesa.core.tables import CONSENT, CUSTOMER, FACT, OUTCOME
from tiesa.simulate.arrow import attributes, instants, make_table, money, numbered, once, words_of
from tiesa.simulate.clock import END_US, START_US
from tiesa.simulate.company import HOUR_US, Codes, Draws
from tiesa.simulate.contact_table import CURRENCIES, PER_EURO, contact_ids
from tiesa.simulate.names import make_names
from tiesa.simulate.vocabulary import ACQUIRED, LANGUAGES, PRODUCTS, SEGMENTS, UNIT_NAMES, Words
from tiesa.simulate.world import Life

OUTCOMES = Words(tuple(enums.OutcomeKind))
LEFT_BECAUSE = Words(("price", "service", "moved away", "better offer", "no reason given"))
FACTS = Words(("identity document", "address", "bank account", "device number"))
FACT_STATES = Words(tuple(enums.FactState))
CONSENT_STATES = Words(tuple(enums.ConsentState))
PURPOSES = Words(("surveys", "offers"))
BASES = ("legitimate interest", "consent")


def customer_ids(customer: Codes) -> pa.Array:
    return numbered("C", customer, width=7, missing=customer < 0)


def customer_table(life: Life) -> pa.Table:
    """A first version of each customer; a second one for some, with another margin."""
    people, draws = life.people, Draws(life.company.seed, "customers")
    n = len(people)
    everybody = np.arange(n)
    first_at = np.maximum(people.since, START_US)
    changes = draws.chance("changes", n, 0.2)
    second_at = START_US + (draws.uniform("changed at", n) * (END_US - START_US)).astype(np.int64)
    changes &= (second_at > first_at + DAY_US) & (second_at < life.left_at)
    who = np.concatenate([everybody, everybody[changes]])
    as_of = np.concatenate([first_at, second_at[changes]])
    factor = np.where(np.arange(len(who)) < n, 1.0, np.exp(0.25 * draws.normal("factor", n))[who])
    order = np.lexsort((who, as_of))
    who, as_of, factor = who[order], as_of[order], factor[order]
    language = people.language[who]
    names, mails, phones = make_names(people, draws)
    told = [("main_product", np.arange(len(who)), np.array(PRODUCTS.words, dtype=object)[people.product[who]])]
    if life.company.households:
        household = numbered("H", people.household[who], width=7).to_numpy(zero_copy_only=False)
        told.append(("household", np.arange(len(who)), household))
    columns = {
        "customer": customer_ids(who),
        "as_of": instants(as_of),
        "segment": words_of(people.segment[who], SEGMENTS),
        "since": instants(people.since[who]),
        "yearly_margin": money(people.margin[who] * factor * PER_EURO[language]),
        "currency": words_of(language, CURRENCIES),
        "language": words_of(language, LANGUAGES),
        "acquired_by": words_of(people.acquired[who], ACQUIRED),
        "unit": words_of(people.shop[who], UNIT_NAMES),
        "attributes": attributes(told, len(who)),
        "customer_name": names.take(pa.array(who)),
        "customer_mail": mails.take(pa.array(who)),
        "customer_phone": phones.take(pa.array(who)),
    }
    return make_table(CUSTOMER, columns, len(who))


def outcome_table(life: Life) -> pa.Table:
    """Who left, bought, closed a product, brought somebody, fell silent - in order of time."""
    t, people, draws = life.timeline, life.people, Draws(life.company.seed, "outcomes")
    n = len(people)
    leavers = life.leavers
    reason = np.where(draws.chance("says why", n, 0.45), draws.pick("why", n, [4, 3, 1, 3, 1]), -1)
    bought = np.flatnonzero(life.there & t.is_touchpoint("service active", "order placed"))
    product = draws.pick("product", len(t), [0.4, 0.25, 0.2, 0.15])
    end = np.minimum(life.left_at, END_US)
    span = end - people.at_risk_from
    some_day = people.at_risk_from + (draws.uniform("some day", n) * span).astype(np.int64)
    refers = np.flatnonzero(draws.chance("refers", n, 0.03 * np.exp(0.6 * people.mood)) & (span > 0))
    closes = np.flatnonzero(draws.chance("closes", n, 0.05) & (span > 30 * DAY_US))
    silent = np.flatnonzero(draws.chance("silent", n, 0.02) & (span > 200 * DAY_US))
    parts = (
        ("left", leavers, life.left_at[leavers], np.full(len(leavers), -1), reason[leavers]),
        ("bought", t.customer[bought], t.at[bought], product[bought], np.full(len(bought), -1)),
        ("referred", refers, some_day[refers], np.full(len(refers), -1), np.full(len(refers), -1)),
        ("product_closed", closes, some_day[closes], people.product[closes], np.full(len(closes), -1)),
        ("dormant", silent, some_day[silent], np.full(len(silent), -1), np.full(len(silent), -1)),
    )
    kind = np.concatenate([np.full(len(part[1]), OUTCOMES[part[0]]) for part in parts])
    customer, at, product, reason = (np.concatenate([part[i] for part in parts]) for i in range(1, 5))
    order = np.lexsort((customer, kind, at))
    kind, customer, at, product, reason = (a[order] for a in (kind, customer, at, product, reason))
    worth = np.where(kind == OUTCOMES["bought"], people.margin[customer] * 0.4, np.nan)
    columns = {
        "outcome_id": numbered("O", np.arange(len(kind)), width=7),
        "customer": customer_ids(customer),
        "kind": words_of(kind, OUTCOMES),
        "at": instants(at),
        "product": words_of(product, PRODUCTS),
        "value": money(worth * PER_EURO[people.language[customer]]),
        "currency": words_of(np.where(np.isnan(worth), -1, people.language[customer]), CURRENCIES),
        "reason": words_of(reason, LEFT_BECAUSE),
    }
    return make_table(OUTCOME, columns, len(kind))


def fact_table(life: Life) -> pa.Table:
    """Documents asked for and given, and what we showed that we know already."""
    t, draws = life.timeline, Draws(life.company.seed, "facts")
    of_address = draws.chance("address", len(life.journeys), 0.5)[t.journey]
    fact = np.where(of_address, FACTS["address"], FACTS["identity document"])
    fact = np.where(t.is_touchpoint("information sent", "fault reported"), FACTS["device number"], fact)
    parts = []
    for word, touchpoints, share in (
        ("asked", ("documents asked", "documents asked again"), 1.0),
        ("given", ("documents sent", "information sent"), 1.0),
        ("shown", ("contract sent", "adviser call"), 0.5),
        ("given", ("fault reported",), 0.25),
    ):
        told = draws.chance(f"{word} {touchpoints[0]}", len(t), share)
        rows = np.flatnonzero(life.there & told & t.is_touchpoint(*touchpoints))
        parts.append((rows, np.full(len(rows), FACT_STATES[word])))
    rows, state = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((state, rows))
    rows, state = rows[order], state[order]
    columns = {
        "customer": customer_ids(t.customer[rows]),
        "fact": words_of(fact[rows], FACTS),
        "state": words_of(state, FACT_STATES),
        "at": instants(t.at[rows]),
        "contact_id": contact_ids(rows),
    }
    table = make_table(FACT, columns, len(rows))
    return once(table, ["customer", "fact", "state", "at"])


def consent_table(life: Life) -> pa.Table:
    """Surveys by legitimate interest, offers by consent; some object or withdraw."""
    people, draws = life.people, Draws(life.company.seed, "consents")
    n = len(people)
    everybody = np.arange(n)
    start = people.at_risk_from
    offers = np.flatnonzero(draws.chance("offers", n, 0.6))
    end = np.minimum(life.left_at, END_US)
    later = start + HOUR_US + (draws.uniform("withdrawn at", n) * np.maximum(end - start - HOUR_US, 1)).astype(np.int64)
    withdraws = offers[(draws.chance("withdraws", n, 0.08) & (later < end))[offers]]
    refuses = Draws(life.company.seed, "surveys").chance("objects", n, 0.04)
    objects = np.flatnonzero(refuses & (start + HOUR_US < end))
    parts = (
        (everybody, 0, "given", start),
        (objects, 0, "objected", start + HOUR_US),
        (offers, 1, "given", start),
        (withdraws, 1, "withdrawn", later[withdraws]),
    )
    who = np.concatenate([part[0] for part in parts])
    purpose = np.concatenate([np.full(len(part[0]), part[1]) for part in parts])
    state = np.concatenate([np.full(len(part[0]), CONSENT_STATES[part[2]]) for part in parts])
    at = np.concatenate([start, start[objects] + HOUR_US, start[offers], later[withdraws]])
    order = np.lexsort((purpose, who, at))
    columns = {
        "customer": customer_ids(who[order]),
        "purpose": words_of(purpose[order], PURPOSES),
        "channel": pa.repeat(pa.scalar("email"), len(who)),
        "basis": words_of(purpose[order], BASES),
        "state": words_of(state[order], CONSENT_STATES),
        "at": instants(at[order]),
    }
    return make_table(CONSENT, columns, len(who))

"""Each outcome is found where it is planted, in its own unit, and nothing is said of it where nothing acts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pytest
from tests.unit.journeys.questions.desk import take
from tests.unit.moments.test_bad_input import BEGIN, Rows, day, row

from tiesa.core.home import Home
from tiesa.core.tables import ANSWER, CUSTOMER, OUTCOME, RATE
from tiesa.journeys.build import build
from tiesa.journeys.view import open_view
from tiesa.moments.finding import find_every, find_moments
from tiesa.moments.moments import Moment
from tiesa.moments.outcomes import Outcome
from tiesa.moments.people import people_of
from tiesa.moments.states import State
from tiesa.upkeep.rule_files import write_rules

N = 3000
PER_EURO = 117
LEAVING, OFTEN, MORE = 0.2, 0.1, 0.45
OWN = """
[[situations]]
name = "broken"
all = [{atom = "promise", state = "broken"}]
[[situations]]
name = "news"
all = [{atom = "touchpoint", touchpoint = "news"}]
"""
PLANTED = {
    Outcome.DORMANT: np.exp(-OFTEN) - np.exp(-OFTEN - MORE),
    Outcome.PRODUCT_CLOSED: np.exp(-OFTEN) - np.exp(-OFTEN - MORE),
    Outcome.GOAL_MISSED: 0.3,
    Outcome.RECOMMENDATION: -1.5,
    Outcome.MARGIN: -20.0,
}
"""What one broken promise does."""


def comes(rng: np.random.Generator, since: float, often: float, more: float) -> float:
    """When something comes that is so often in 180 days at any time, and so much more in the 180 days from `since`."""
    extra = since + rng.exponential(180 / more) if more else np.inf
    return float(min(rng.exponential(180 / often), extra if extra < since + 180 else np.inf))


@cache
def company() -> Home:
    """Half of those who order are promised a call back, and half of these are not called. News come to a third, and
    make customers leave three times as fast for half a year, and nothing else. Nobody who left falls silent or closes a
    product."""
    rng = np.random.default_rng(4)
    begun, promised, news = rng.uniform(1, 200, N), rng.random(N) < 0.5, rng.random(N) < 0.35
    broken = promised & (rng.random(N) < 0.5)
    abroad = rng.random(N) < 0.5
    rows: Rows = []
    known: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    for i in range(N):
        missed = rng.random() < (0.5 if broken[i] else 0.2)
        own = [row(f"c{i}", begun[i], "order")]
        by = {"direction": "outbound", "promised_at": day(begun[i] + 2)}
        own += [row(f"c{i}", begun[i] + 1, "promise") | by] * bool(promised[i])
        own += [row(f"c{i}", begun[i] + 1.5, "call back") | {"direction": "outbound"}] * bool(promised[i] & ~broken[i])
        own += [row(f"c{i}", begun[i] + rng.uniform(2.5, 4), "news") | {"direction": "outbound"}] * bool(news[i])
        own.append(row(f"c{i}", begun[i] + 5, "decision") | {"goal": "abandoned" if missed else "reached"})
        rows += [one | {"case_id": f"order {i}"} for one in own]
        answers.append({
            "answer_id": f"a{i}", "customer": f"c{i}", "respondent": "customer", "kind": "recommendation",
            "scale": "0-10", "question": "would you recommend us", "answered_at": day(begun[i] + 40), "prompted": True,
            "value": np.clip(7.5 - 1.5 * broken[i] + rng.normal(0, 1), 0, 10),
        })  # fmt: skip
        first = rng.lognormal(5, 0.3)
        later = first + rng.normal(0, 10) - 20 * broken[i]
        unit, currency = (PER_EURO, "RSD") if abroad[i] else (1, "EUR")
        for at, margin in ((-30, first), (begun[i] + 100, later + 5), (begun[i] + 345, later)):
            # A year before the last version the first one was in force, not the one between.
            known.append({"customer": f"c{i}", "as_of": day(at), "since": day(-400), "currency": currency,
                          "yearly_margin": Decimal(round(margin * unit))})  # fmt: skip
        gone = comes(rng, begun[i] + 4, LEAVING, 2 * LEAVING * news[i])
        ends += [{"customer": f"c{i}", "kind": "left", "at": day(gone)}] * bool(gone < 590)
        for kind in ("dormant", "product_closed"):
            at = comes(rng, begun[i] + 2, OFTEN, MORE * broken[i])
            ends += [{"customer": f"c{i}", "kind": kind, "at": day(at)}] * bool(at < min(gone, 590))
    home = Home(Path(mkdtemp(prefix="tiesa-outcomes-")))
    rows = [row("first", 0, "note"), *rows, row("last", 600, "note")]
    take(home, [{"contact_id": f"t{n}"} | one for n, one in enumerate(rows)])
    take(home, known, CUSTOMER)
    take(home, answers, ANSWER)
    take(home, [{"outcome_id": f"o{n}"} | one for n, one in enumerate(ends)], OUTCOME)
    take(home, [{"date": (BEGIN - timedelta(days=90)).date(), "from_currency": "EUR", "to_currency": "RSD",
                 "rate": Decimal(PER_EURO)}], RATE)  # fmt: skip
    write_rules(home, "situations", OWN)
    build(home)
    return home


def own(outcome: Outcome, name: str) -> Moment:
    with open_view(company()) as view:
        (found,) = [one.moment for one in find_moments(view, outcome=outcome).moments.own if one.name == name]
    assert found is not None
    return found


@pytest.mark.parametrize("outcome", PLANTED)
def test_what_a_broken_promise_does_is_found_and_its_size_is_true(outcome: Outcome) -> None:
    broken = own(outcome, "broken")
    assert broken.shown
    assert broken.effect.low < PLANTED[outcome] < broken.effect.high
    assert abs(broken.effect.high - broken.effect.low) < abs(PLANTED[outcome])


@pytest.mark.parametrize("outcome", PLANTED)
def test_news_do_nothing(outcome: Outcome) -> None:
    """Who had news leaves twice as often, and cannot fall silent any more: that is no effect on falling silent."""
    if outcome == Outcome.GOAL_MISSED:
        return  # a step on the way is never a reason for it
    news = own(outcome, "news")
    assert not news.shown
    assert news.effect.low < 0 < news.effect.high


@pytest.mark.parametrize("outcome", [Outcome.DORMANT, Outcome.PRODUCT_CLOSED])
def test_who_has_left_is_at_risk_of_nothing_else(outcome: Outcome) -> None:
    assert outcome.event is not None
    with open_view(company()) as view:
        leavers, others = people_of(view), people_of(view, outcome=outcome.event)
    assert np.array_equal(leavers.key, others.key)
    assert leavers.left.sum() > N / 4
    assert (others.leave <= leavers.leave).all()
    assert (others.leave[leavers.left & ~others.left] == leavers.leave[leavers.left & ~others.left]).all()


def test_a_feeling_alone_is_no_moment_of_truth() -> None:
    with open_view(company()) as view:
        alone = find_moments(view, outcome=Outcome.RECOMMENDATION).moments
        beside, felt = (found.moments for found in find_every(view, outcomes=[Outcome.LEFT, Outcome.RECOMMENDATION]))
    (moment,) = [one for one in alone.moments if one.shown]
    assert (moment.state, moment.is_felt) == (State.UNKNOWN, True)
    assert "Whether it changes what customers do was not looked at." in alone.answer()
    plain = alone.as_plain()["moments"][0]
    assert plain["is_felt"]
    assert plain["horizon_days"] is None
    assert "needed_episodes" not in plain
    assert beside.as_plain()["horizon_days"] == 180
    (moment,) = [one for one in felt.moments if one.shown]
    assert moment.behaviour is not None
    assert "was not looked at" not in felt.answer()


def test_what_is_adjusted_for_is_what_the_model_holds() -> None:
    with open_view(company()) as view:
        told = {o: find_moments(view, outcome=o).moments.adjusted_for for o in (Outcome.MARGIN, Outcome.GOAL_MISSED)}
    assert "value before" in told[Outcome.MARGIN]
    assert "journey type" not in told[Outcome.MARGIN], "it is a customer's, and no journey's"
    assert told[Outcome.GOAL_MISSED][-1] == "age", "a journey's, on its own clock"

"""How a journey ends moves its score: what comes only in journeys of one end is no reason for the score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.journeys.questions.desk import take
from tests.unit.moments.test_bad_input import BEGIN, Rows, day, row

from tiesa.core.home import Home
from tiesa.core.tables import ANSWER, CUSTOMER
from tiesa.journeys.build import build
from tiesa.journeys.view import open_view
from tiesa.moments.finding import find_moments
from tiesa.moments.moments import Moment, Moments
from tiesa.moments.outcomes import Outcome
from tiesa.upkeep.rule_files import write_rules

N = 3000
LETTER, SLIP = "welcome letter", "slip"
OWN = "".join(
    f'[[situations]]\nname = "{name}"\nall = [{{atom = "touchpoint", touchpoint = "{name}"}}]\n'
    for name in (LETTER, SLIP)
)


def orders(folder: Path, *, asked: float) -> Moments:
    """Everybody orders; a slip comes to one in five, whatever follows, and costs 1.5 points; half of the orders are
    declined, which costs two; a letter welcomes most of the others. asked: days from the order to the answer; the end
    is on the fifth, everything else before the fourth."""
    rng = np.random.default_rng(11)
    begun, slipped = rng.uniform(1, 300, N), rng.random(N) < 0.2
    declined = rng.random(N) < 0.5
    welcomed = ~declined & (rng.random(N) < 0.8)
    score = np.clip(8 - 1.5 * slipped - 2.0 * declined + rng.normal(0, 1.0, N), 0, 10)
    call, slip, letter = rng.uniform(0.1, 3.9, (3, N))
    rows: Rows = []
    answers: list[dict[str, Any]] = []
    for i in range(N):
        own = [row(f"c{i}", begun[i], "order")]
        own.append(row(f"c{i}", begun[i] + call[i], "call"))
        own += [row(f"c{i}", begun[i] + slip[i], SLIP)] * bool(slipped[i])
        own += [row(f"c{i}", begun[i] + letter[i], LETTER)] * bool(welcomed[i])
        own.append(row(f"c{i}", begun[i] + 5, "decision") | {"goal": "abandoned" if declined[i] else "reached"})
        rows += [one | {"case_id": f"order {i}"} for one in own]
        answers.append({
            "answer_id": f"a{i}", "customer": f"c{i}", "respondent": "customer", "kind": "overall", "scale": "0-10",
            "question": "how was it", "answered_at": day(begun[i] + asked), "value": score[i], "prompted": True,
            "contact_id": f"t{len(rows) - len(own) + 1}",
        })  # fmt: skip
    home = Home(folder)
    rows = [row("first", 0, "note"), *rows, row("last", 600, "note")]
    take(home, [{"contact_id": f"t{n}"} | one for n, one in enumerate(rows)])
    take(home, [{"customer": f"c{i}", "as_of": BEGIN, "since": day(-400)} for i in range(N)], CUSTOMER)
    take(home, answers, ANSWER)
    write_rules(home, "situations", OWN)
    build(home)
    with open_view(home) as view:
        return find_moments(view, outcome=Outcome.SCORE).moments


def own(moments: Moments, name: str) -> Moment:
    (found,) = [one.moment for one in moments.own if one.name == name]
    assert found is not None
    return found


def test_what_comes_only_before_a_good_end_is_no_reason_for_the_score(tmp_path: Path) -> None:
    moments = orders(tmp_path, asked=6)
    letter, slip = own(moments, LETTER), own(moments, SLIP)
    assert letter.effect.unadjusted > 1
    assert letter.effect.low < 0 < letter.effect.high
    assert not letter.shown
    assert slip.shown
    assert slip.effect.low < -1.5 < slip.effect.high
    assert [m.situation.id for m in moments.moments if m.shown] == [slip.situation.id]


def test_an_end_that_is_not_yet_known_when_the_answer_is_given_explains_nothing(tmp_path: Path) -> None:
    """Asked before the decision, the same scores have another reason; nothing in the log tells which."""
    letter = own(orders(tmp_path, asked=4), LETTER)
    assert letter.effect.value == pytest.approx(1.7, abs=0.3)
    assert letter.shown

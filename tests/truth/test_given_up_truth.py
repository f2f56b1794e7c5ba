"""Whether goals are missed, in a made-up desk whose chances are known: what makes customers give up is told from what
gathers while a journey lasts, and from what goes with the matter.

The longer a journey lasts, the more often it is given up, and sales more often than repairs. Half of the customers are
promised a call, and half of these are not called: that, and nothing else, makes a quarter more of them give up.
Hand-overs come at a constant rate and go to the desk of the matter; they change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.journeys.questions.desk import take

from tiesa.core.home import Home
from tiesa.core.tables import CUSTOMER
from tiesa.journeys.build import build
from tiesa.journeys.view import open_view
from tiesa.moments.atoms import Atom
from tiesa.moments.finding import Found, find_moments
from tiesa.moments.outcomes import Outcome
from tiesa.moments.situations import Situation
from tiesa.moments.states import State

Each = NDArray[Any]
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
JOURNEYS = 4000
EFFECT = 0.25
HANDED, WORKED = 0.15, 0.6
"""Hand-overs and other steps a day."""
BROKEN = Situation.of([Atom("promise", "promise", "broken")])
HANDED_ON = Situation.of([Atom("count", "handover", 1)])
TO_SALES = Situation.of([Atom("handover_to", "unit", "sales desk")])
OWN = """
[[situations]]
name = "handed on"
all = [{atom = "handover", k = 1}]
[[situations]]
name = "to sales"
all = [{atom = "handover_to", unit = "sales desk"}]
"""


@dataclass(frozen=True)
class Desk:
    """Journeys as they truly were; lengths and times in days."""

    sales: Each
    length: Each
    handed: Each
    promised: Each
    broken: Each
    given_up: Each

    def rows(self) -> Iterator[dict[str, Any]]:
        rng = np.random.default_rng(2)
        begun = rng.uniform(0, 300, JOURNEYS)
        for i, length in enumerate(self.length):
            worked = rng.uniform(0, length, rng.poisson(WORKED * length))
            steps = [(at, "worked on", {"direction": "internal"}) for at in (0.0, *worked)]
            steps += [(0.1, "asked", {"direction": "inbound"})] * int(rng.integers(0, 3))
            if self.handed[i] < length:
                steps.append((self.handed[i], "worked on", {"direction": "internal"}))
            if self.promised[i]:
                steps.append((0.2, "call promised", {"promised_at": self._when(begun[i] + 1)}))
                if not self.broken[i]:
                    steps.append((0.9, "called", {}))
            steps.append((length, "end", {"goal": "abandoned" if self.given_up[i] else "reached"}))
            desk = "sales desk" if self.sales[i] else "repairs desk"
            for n, (at, touchpoint, more) in enumerate(sorted(steps, key=lambda step: step[0])):
                handed = at >= self.handed[i]
                yield {
                    "contact_id": f"{i}-{n}", "customer": f"c{i // 2}", "case_id": f"j{i}", "channel": "desk",
                    "occurred_at": self._when(begun[i] + at), "touchpoint": touchpoint, "direction": "outbound",
                    "process": "sales" if self.sales[i] else "repairs",
                    "employee": f"second {desk}" if handed else "first", "unit": desk if handed else "front",
                } | more  # fmt: skip

    def _when(self, day: float) -> datetime:
        return BEGIN + timedelta(days=float(day))


@pytest.fixture(scope="module")
def desk() -> Desk:
    rng = np.random.default_rng(1)
    sales = rng.random(JOURNEYS) < 0.4
    length = 1.5 + rng.exponential(4.0, JOURNEYS)
    promised = rng.random(JOURNEYS) < 0.5
    broken = promised & (rng.random(JOURNEYS) < 0.5)
    chance = np.where(sales, 0.3, 0.1) + np.minimum(0.04 * length, 0.3) + EFFECT * broken
    handed = rng.exponential(1 / HANDED, JOURNEYS)
    return Desk(sales, length, handed, promised, broken, rng.random(JOURNEYS) < chance)


@pytest.fixture(scope="module")
def found(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Found:
    home = Home(tmp_path_factory.mktemp("given-up") / "home")
    take(home, list(desk.rows()))
    known = [
        {"customer": f"c{i}", "as_of": BEGIN, "since": BEGIN, "segment": "ab"[i % 2]} for i in range(JOURNEYS // 2)
    ]
    take(home, known, CUSTOMER)
    build(home)
    (home.root / "rules").mkdir(exist_ok=True)
    (home.root / "rules" / "situations.toml").write_text(OWN, "utf-8")
    with open_view(home) as view:
        return find_moments(view, outcome=Outcome.GOAL_MISSED)


pytestmark = pytest.mark.xdist_group("given-up-truth")


def test_a_naive_comparison_would_have_blamed_what_gathers_and_what_goes_with_the_matter(desk: Desk) -> None:
    handed = desk.handed < desk.length
    assert desk.given_up[handed].mean() > 1.1 * desk.given_up[~handed].mean()
    assert desk.given_up[handed & desk.sales].mean() > 1.4 * desk.given_up[handed & ~desk.sales].mean()


def test_what_makes_customers_give_up_is_confirmed_with_its_effect(found: Found) -> None:
    (confirmed,) = found.moments.of(State.CONFIRMED)
    assert confirmed.situation == BROKEN
    assert confirmed.effect.low <= EFFECT <= confirmed.effect.high
    assert confirmed.is_harmful
    parts = [*confirmed.diagnostics["by_segment"], *confirmed.diagnostics["by_half_year"]]
    assert len(parts) == 4
    assert sum(part["low"] <= EFFECT <= part["high"] for part in parts) >= 3
    control = confirmed.diagnostics["negative_control"]
    assert control["low"] <= 0 <= control["high"], "chance decided who was not called"
    assert 0.01 < control["high"] - control["low"] < 0.3, "of none to two questions before"


@pytest.mark.parametrize("situation", [HANDED_ON, TO_SALES], ids=["gathers", "matter"])
def test_what_gathers_and_what_goes_with_the_matter_is_not(found: Found, situation: Situation) -> None:
    (own,) = [one for one in found.moments.own if one.situation == situation]
    assert own.moment is not None
    assert own.state != State.CONFIRMED
    if own.state != State.CANNOT_BE_JUDGED:
        assert own.moment.effect.low <= 0 <= own.moment.effect.high


def test_the_horizon_holds_nine_in_ten_of_the_ends(desk: Desk, found: Found) -> None:
    ends = desk.length[desk.given_up]
    assert (ends <= found.moments.horizon_days).mean() > 0.9
    assert found.moments.as_plain()["horizon_days"] == found.moments.horizon_days
    assert "goal missed" in found.moments.answer()

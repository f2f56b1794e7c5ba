"""How soon journeys are solved, in a made-up desk whose rates are known: what slows them down is told from what merely
gathers while they last.

A journey is solved at a rate that falls with its age and is lower where it is hard. Being handed to a second employee
halves the rate from then on; moving to a second unit changes nothing. Both come at constant rates, hand-overs twice as
often to hard journeys. Five days after it is solved a journey is closed by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.journeys.questions.desk import take

from tiesa.core.home import Home
from tiesa.journeys.build import build
from tiesa.journeys.view import open_view
from tiesa.moments.atoms import Atom
from tiesa.moments.exposed import exposed_contacts
from tiesa.moments.finding import Found, find_moments
from tiesa.moments.outcomes import Outcome
from tiesa.moments.register import estimates, keep
from tiesa.moments.situations import Situation
from tiesa.moments.states import State

Days = NDArray[Any]
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
JOURNEYS = 3000
YOUNG, EARLY, LATE = 3.0, 0.35, 0.15
"""Solved a day while younger than this many days, and later."""
HARD, FACTOR = 0.6, 0.5
HANDED, MOVED, WORKED = 0.12, 0.2, 0.6
"""Hand-overs, changes of unit and other steps a day."""
HANDED_ON = Situation.of([Atom("count", "handover", 1)])
SECOND_UNIT = Situation.of([Atom("count", "unit", 2)])
OWN = '[[situations]]\nname = "A second unit"\nall = [{atom = "unit", k = 2}]\n'


def cumulative(age: Days) -> Days:
    return EARLY * np.minimum(age, YOUNG) + LATE * np.maximum(age - YOUNG, 0)


def age_at(total: Days) -> Days:
    """The age by which so much has come together."""
    early = EARLY * YOUNG
    return np.where(total < early, total / EARLY, YOUNG + (total - early) / LATE)


def solved_at(age: Days, hard: NDArray[np.bool_], handed: Days, rng: np.random.Generator) -> Days:
    """The age at which journeys are solved that were not at this age. handed: at which age they are handed on."""
    needed = rng.exponential(size=len(age)) / np.where(hard, HARD, 1.0)
    before = np.maximum(cumulative(np.maximum(handed, age)) - cumulative(age), 0)
    slow = needed > before
    return age_at(cumulative(age) + np.where(slow, before + (needed - before) / FACTOR, needed))


def handed_at(age: Days, hard: NDArray[np.bool_], rng: np.random.Generator) -> Days:
    return age + rng.exponential(1 / (HANDED * np.where(hard, 2.0, 1.0)))


@dataclass(frozen=True)
class Desk:
    """Journeys as they truly were: ages in days at which they were handed on, moved and solved."""

    hard: NDArray[np.bool_]
    handed: Days
    moved: Days
    solved: Days

    def effect(self, days: float) -> float:
        """What being handed on now, and not now but perhaps later, changes of being solved within so many days."""
        rng = np.random.default_rng(3)
        there = np.flatnonzero(self.handed < self.solved).repeat(200)
        age, hard = self.handed[there], self.hard[there]
        with_it = solved_at(age, hard, age, rng) <= age + days
        without = solved_at(age, hard, handed_at(age, hard, rng), rng) <= age + days
        return float(with_it.mean() - without.mean())

    def rows(self) -> list[dict[str, Any]]:
        rng = np.random.default_rng(2)
        begun = rng.uniform(0, 300, len(self.hard))
        rows = []
        for i, (handed, moved, solved) in enumerate(zip(self.handed, self.moved, self.solved, strict=True)):
            worked = rng.uniform(0, solved, rng.poisson(WORKED * solved))
            steps = sorted([0.0, *worked, *(at for at in (handed, moved) if at < solved)])
            for at in steps:
                rows.append(self._row(i, begun[i] + at, "worked on", "us", at >= handed, at >= moved))
            rows.append(self._row(i, begun[i] + solved, "resolved", "customer", solved >= handed, solved >= moved))
            rows.append(self._row(i, begun[i] + solved + 5, "closed", None) | {"goal": "reached"})
        return [row for row in rows if row["occurred_at"] < BEGIN + timedelta(days=330)]

    def _row(
        self, i: int, at: float, touchpoint: str, waits_for: str | None, handed: bool = False, moved: bool = False
    ) -> dict[str, Any]:
        return {
            "contact_id": f"{i}-{at}", "customer": f"c{i}", "case_id": f"j{i}", "channel": "desk",
            "occurred_at": BEGIN + timedelta(days=float(at)), "touchpoint": touchpoint, "direction": "internal",
            "waits_for": waits_for, "severity": 3 if self.hard[i] else 2,
            "employee": "second" if handed else "first", "unit": "other" if moved else "own",
        }  # fmt: skip


@pytest.fixture(scope="module")
def desk() -> Desk:
    rng = np.random.default_rng(1)
    hard, nothing = rng.random(JOURNEYS) < 0.4, np.zeros(JOURNEYS)
    handed = handed_at(nothing, hard, rng)
    return Desk(hard, handed, rng.exponential(1 / MOVED, JOURNEYS), solved_at(nothing, hard, handed, rng))


@pytest.fixture(scope="module")
def home(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("desk") / "home")
    take(home, desk.rows())
    build(home)
    (home.root / "rules").mkdir(exist_ok=True)
    (home.root / "rules" / "situations.toml").write_text(OWN, "utf-8")
    return home


@pytest.fixture(scope="module")
def found(home: Home) -> Found:
    with open_view(home) as view:
        return find_moments(view, outcome=Outcome.SOLVED)


pytestmark = pytest.mark.xdist_group("solved-truth")


def test_a_naive_comparison_would_have_blamed_what_merely_gathers(desk: Desk) -> None:
    """Journeys that moved to a second unit are half as often solved in time, although moving does nothing."""
    moved = desk.moved < desk.solved
    assert (desk.solved[moved] <= 3).mean() < 0.5 * (desk.solved[~moved] <= 3).mean()


def test_what_slows_journeys_down_is_confirmed_with_its_effect(desk: Desk, found: Found) -> None:
    confirmed = found.moments.of(State.CONFIRMED)
    assert [moment.situation for moment in confirmed] == [HANDED_ON]
    true = desk.effect(found.moments.horizon_days)
    assert true < -0.1
    assert confirmed[0].effect.low <= true <= confirmed[0].effect.high
    assert confirmed[0].is_harmful


def test_what_merely_gathers_is_not_confirmed(found: Found) -> None:
    (own,) = found.moments.own
    assert own.situation == SECOND_UNIT
    assert own.moment is not None
    assert own.state != State.CONFIRMED
    assert own.moment.effect.low <= 0 <= own.moment.effect.high


def test_contacts_are_found_again_at_the_instants_of_the_calendar(found: Found, home: Home) -> None:
    keep(home, found.moments)
    with open_view(home) as view:
        contacts = exposed_contacts(view, estimates(home, HANDED_ON.id)[-1])
        assert contacts.num_rows == len(found.places(HANDED_ON))
        rows = view.table("select contact_id, occurred_at from rows").to_pylist()
    when = {row["contact_id"]: row["occurred_at"] for row in rows}
    same = [when[row["contact_id"]] == row["exposed"] for row in contacts.to_pylist()]
    assert np.mean(same) > 0.95  # but what came true in a journey's first moments counts from their end


def test_the_answer_says_what_it_speaks_of(found: Found) -> None:
    plain = found.moments.as_plain()
    assert plain["outcome"] == "solved"
    assert plain["horizon_days"] == found.moments.horizon_days > 0
    judged = [one for one in plain["moments"] if one["state"] != State.CANNOT_BE_JUDGED]
    assert judged
    assert all(one["low"] <= one["effect"] <= one["high"] for one in judged)
    assert "being solved" in found.moments.answer()

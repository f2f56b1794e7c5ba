"""What cannot be judged is said in a sentence, or has no figure; a wrong row changes nothing of the others."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.journeys.questions.desk import take

from tiesa.cli.main import main
from tiesa.core.business_time import DAY_US
from tiesa.core.errors import UnusableInput
from tiesa.core.home import Home
from tiesa.core.tables import CUSTOMER, OUTCOME
from tiesa.journeys.build import build
from tiesa.journeys.view import open_view
from tiesa.moments.confirm import confirm
from tiesa.moments.diagnostics import by_segment
from tiesa.moments.finding import Found, find_moments
from tiesa.moments.people import people_of
from tiesa.moments.states import State
from tiesa.upkeep.rule_files import write_rules

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
N = 1000
DAYS = 500
OWN = '[[situations]]\nname = "A fault"\nall = [{atom = "touchpoint", touchpoint = "fault"}]\n'
Rows = list[dict[str, Any]]


def day(number: float) -> datetime:
    return BEGIN + timedelta(days=float(number))


def contacts(n: int = N, *, faults: Sequence[int] = (), seed: int = 1, days: float = DAYS) -> Rows:
    """A question of every customer at some time, and a fault of some, within the time between two notes."""
    rng = np.random.default_rng(seed)
    asked, failed = rng.uniform(0, days * 0.6, n), rng.uniform(0, days * 0.6, n)
    rows = [row(f"c{i}", asked[i], "question") for i in range(n)]
    rows += [row(f"c{i}", failed[i], "fault") for i in faults]
    return [row("first", 0, "note"), *rows, row("last", days, "note")]


def row(customer: str, at: float, touchpoint: str) -> dict[str, Any]:
    return {
        "customer": customer,
        "case_id": f"{customer} {touchpoint}",
        "occurred_at": day(at),
        "touchpoint": touchpoint,
        "channel": "phone",
        "direction": "inbound",
    }


def customers(n: int = N, **more: Any) -> Rows:
    return [{"customer": f"c{i}", "as_of": BEGIN, "since": day(-400)} | more for i in range(n)]


def outcomes(who: Sequence[int], *, seed: int = 2, first: float = 100, last: float = DAYS - 1) -> Rows:
    at = np.random.default_rng(seed).uniform(first, last, len(who))
    return [{"customer": f"c{i}", "kind": "left", "at": day(t)} for i, t in zip(who, at, strict=True)]


def home_of(folder: Path, rows: Rows, known: Rows = (), ends: Rows = ()) -> Home:  # type: ignore[assignment]
    home = Home(folder)
    take(home, [{"contact_id": f"t{n}"} | one for n, one in enumerate(rows)])
    if known:
        take(home, list(known), CUSTOMER)
    if ends:
        take(home, [{"outcome_id": f"o{n}"} | one for n, one in enumerate(ends)], OUTCOME)
    build(home)
    return home


def found_in(home: Home, own: str = OWN) -> Found:
    write_rules(home, "situations", own)
    with open_view(home) as view:
        return find_moments(view)


def refused(home: Home) -> str:
    with open_view(home) as view, pytest.raises(UnusableInput) as error:
        find_moments(view)
    assert error.value.remedy
    return str(error.value)


def left_of(home: Home) -> tuple[int, int]:
    """Customers who can leave, and those who did."""
    with open_view(home) as view:
        people = people_of(view)
    return len(people), int(people.left.sum())


def test_no_outcome_at_all_is_said(tmp_path: Path) -> None:
    assert "with the outcome: 0" in refused(home_of(tmp_path, contacts(), customers()))


def test_one_customer_is_too_few(tmp_path: Path) -> None:
    home = home_of(tmp_path, contacts(1), customers(1), outcomes([0]))
    assert "with the outcome: 1" in refused(home)


def test_outcomes_of_customers_nobody_knows_count_for_nothing(tmp_path: Path) -> None:
    strangers = [{"customer": f"x{i}", "kind": "left", "at": day(200)} for i in range(300)]
    home = home_of(tmp_path, contacts(), customers(), strangers)
    assert left_of(home) == (N + 2, 0)
    assert "with the outcome: 0" in refused(home)


def test_who_left_before_they_came_cannot_leave(tmp_path: Path) -> None:
    home = home_of(tmp_path, contacts(), customers(since=day(490)), outcomes(range(400), last=480))
    assert left_of(home) == (N + 2 - 400, 0)
    assert "with the outcome: 0" in refused(home)


def test_what_comes_after_the_outcome_is_no_exposure(tmp_path: Path) -> None:
    rows = contacts() + [row(f"c{i}", 450, "fault") for i in range(300)]
    found = found_in(home_of(tmp_path, rows, customers(), outcomes(range(300), first=200, last=400)))
    (own,) = found.moments.own
    assert (own.state, own.moment) == (State.CANNOT_BE_JUDGED, None)
    assert not any("fault" in str(one.situation) for one in found.search.candidates)


def test_where_everybody_was_in_it_from_the_beginning_nothing_is_said(tmp_path: Path) -> None:
    rows = contacts() + [row(f"c{i}", d, "fault") for i in range(N) for d in (0.0, 150, 300, 450)]
    found = found_in(home_of(tmp_path, rows, customers(), outcomes(range(400))))
    (own,) = found.moments.own
    assert (own.state, own.moment) == (State.CANNOT_BE_JUDGED, None)
    assert "fault" not in " ".join(str(m.situation) for m in found.moments.of(State.CONFIRMED))


def test_without_overlap_nothing_is_confirmed(tmp_path: Path) -> None:
    """Those with a fault are those of one segment, all of them, and they leave oftener."""
    known = [one | {"segment": "a" if i % 2 else "b"} for i, one in enumerate(customers())]
    rows = contacts() + [row(f"c{i}", d, "fault") for i in range(1, N, 2) for d in (0.0, 150, 300, 450)]
    ends = outcomes([i for i in range(N) if i % 2 or i % 8 == 0])
    found = found_in(home_of(tmp_path, rows, known, ends))
    assert not found.moments.of(State.CONFIRMED)
    (own,) = found.moments.own
    assert own.state == State.CANNOT_BE_JUDGED


@pytest.mark.parametrize(("met", "leaving"), [(400, 600), (400, 700)])
def test_after_which_nobody_left_the_interval_is_as_wide_as_if_it_did_nothing(
    met: int, leaving: int, tmp_path: Path
) -> None:
    """A factor of 0 would seem certain. Dozens of outcomes were to be expected."""
    found = found_in(home_of(tmp_path, contacts(faults=range(met)), customers(), outcomes(range(met, leaving))))
    moment = found.moments.own[0].moment
    assert moment is not None
    effect = moment.effect
    assert effect.events == 0
    risk = -effect.value  # what was to be expected, and did not come
    assert 0.03 < risk < 0.4
    half_width = (effect.high - effect.low) / 2
    assert half_width == pytest.approx(1.96 * risk / np.sqrt(risk * effect.episodes), rel=0.4)


def test_a_part_after_which_nobody_left_takes_away_no_more_than_there_is(tmp_path: Path) -> None:
    """Those of segment b who had a fault all stay: nothing but what was to be expected of them can be taken away."""
    known = [one | {"segment": "b" if i % 4 == 0 else "a"} for i, one in enumerate(customers())]
    ends = outcomes([i for i in range(N) if i % 3 == 0 and (i >= 400 or i % 4)])
    found = found_in(home_of(tmp_path, contacts(faults=range(400)), known, ends))
    fault = found.moments.own[0].situation
    tested = confirm(found.confirmation.timeline, found.confirmation.model, [fault])
    parts = {part["segment"]: part for part in by_segment(tested, 0, 180 * DAY_US)}
    assert parts["b"]["low"] < -0.1
    assert -0.3 < parts["b"]["effect"] < 0
    assert parts["a"]["effect"] > parts["b"]["effect"]


def test_of_what_hardly_anybody_was_in_nothing_is_said(tmp_path: Path) -> None:
    found = found_in(home_of(tmp_path, contacts(faults=range(12)), customers(), outcomes(range(60, 160))))
    (own,) = found.moments.own
    assert (own.state, own.moment) == (State.CANNOT_BE_JUDGED, None)


def test_a_customer_who_is_told_of_twice_counts_once(tmp_path: Path) -> None:
    once = home_of(tmp_path / "once", contacts(faults=range(300)), customers(), outcomes(range(200, 600)))
    twice = home_of(
        tmp_path / "twice",
        contacts(faults=range(300)),
        customers() + [one | {"as_of": day(1)} for one in customers()],
        outcomes(range(200, 600)) + [one | {"at": day(499)} for one in outcomes(range(200, 600))],
    )
    assert left_of(once) == left_of(twice) == (N + 2, 400)
    first, second = (found_in(home).moments for home in (once, twice))
    assert first.own[0].moment is not None
    assert second.own[0].moment is not None
    assert first.own[0].moment.effect == second.own[0].moment.effect


def test_a_log_of_one_day_says_so_or_says_nothing(tmp_path: Path) -> None:
    rows = contacts(faults=range(500), days=0.9)
    assert "with the outcome: 0" in refused(home_of(tmp_path / "later", rows, customers(), outcomes(range(400))))
    same_day = outcomes(range(400), first=0.5, last=0.89)
    found = found_in(home_of(tmp_path / "same", rows, customers(), same_day))
    for one in found.moments.moments:
        assert one.effect.low <= one.effect.value <= one.effect.high


def test_without_since_time_counts_from_the_beginning_of_the_log(tmp_path: Path) -> None:
    home = home_of(tmp_path, contacts(faults=range(300)), customers(since=None), outcomes(range(200, 600)))
    with open_view(home) as view:
        people = people_of(view)
    assert (people.enter == people.begins).all()
    own = found_in(home).moments.own[0]
    assert own.moment is not None
    assert own.moment.effect.low <= own.moment.effect.value <= own.moment.effect.high


def tiesa(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["tiesa", "moments", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0), capsys.readouterr().err


def test_the_command_says_it_in_one_sentence_with_the_right_status(tmp_path, monkeypatch, capsys) -> None:
    home = home_of(tmp_path / "none", contacts(), customers())
    status, said = tiesa(monkeypatch, capsys, "--home", str(home.root), "--outcome", "left")
    assert (status, said.count("\n")) == (1, 1)
    assert "with the outcome: 0" in said
    for wrong in (["--outcome", "weather"], ["--horizon", "soon"], ["m-nothing"]):
        status, said = tiesa(monkeypatch, capsys, "--home", str(home.root), *wrong)
        assert status == 2, said
        assert "Traceback" not in said
    status, said = tiesa(monkeypatch, capsys, "--home", str(tmp_path / "empty"))
    assert status == 1
    write_rules(home, "situations", OWN)
    (home.rules / "situations.toml").write_text("[[situations]]\nname = 1\n")
    status, said = tiesa(monkeypatch, capsys, "--home", str(home.root))
    assert status == 2
    assert "situations.toml" in said

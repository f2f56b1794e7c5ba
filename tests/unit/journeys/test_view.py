"""One look at a home: what is selected, who may see it, and what was known at an earlier time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.journeys.questions.desk import contact, home_of, take

from tiesa.core.home import Home
from tiesa.core.scope import Scope
from tiesa.core.tables import CUSTOMER
from tiesa.journeys.build import build
from tiesa.journeys.rules import Rules
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.view import View, open_view

ROWS = [
    contact("03-03 09:00", "Ana", "inbound", "email", case_id="a1", unit="north", journey_type="claim", language="sr"),
    contact("03-04 09:00", "Ana", "outbound", "email", case_id="a1", unit="north", employee="Ivo"),
    contact("03-05 09:00", "Ana", "inbound", "app", case_id="a1", unit="north"),
    contact(
        "03-10 09:00", "Ana", "inbound", "phone", case_id="a2", unit="south", journey_type="advice", goal="reached"
    ),
    contact("03-03 10:00", "Bo", "inbound", "email", case_id="b1", unit="south", product="loan"),
    contact("03-12 10:00", "Bo", "outbound", "email", case_id="b1", unit="south", employee="Eva"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = home_of(ROWS, tmp_path_factory.mktemp("view") / "home")
    take(
        made,
        [
            {"customer": "Ana", "as_of": datetime(2025, 1, 1, tzinfo=UTC), "segment": "young"},
            {"customer": "Ana", "as_of": datetime(2025, 3, 6, tzinfo=UTC), "segment": "grown"},
            {"customer": "Bo", "as_of": datetime(2025, 6, 1, tzinfo=UTC), "segment": "late"},
        ],
        CUSTOMER,
    )
    return made


def cases(view: View) -> set[str]:
    return {case for (case,) in view.rows("select case_id from journeys")}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (ALL, {"a1", "a2", "b1"}),
        (Selection(journey_type="claim"), {"a1"}),
        (Selection(customer="Bo"), {"b1"}),
        (Selection(unit="south"), {"a2", "b1"}),
        (Selection(channel="app"), {"a1"}),
        (Selection(product="loan"), {"b1"}),
        (Selection(language="sr"), {"a1"}),
        (Selection(touchpoint="phone inbound"), {"a2"}),
        (Selection(since=datetime(2025, 3, 4, tzinfo=UTC)), {"a2"}),
        (Selection(until=datetime(2025, 3, 4, tzinfo=UTC)), {"a1", "b1"}),
        (Selection(unit="south", customer="Ana"), {"a2"}),
        (Selection(journey_type="nothing like it"), set()),
        (Selection(segment="young"), {"a1"}),
        (Selection(segment="grown"), {"a2"}),
        (Selection(segment="late"), {"b1"}),
    ],
    ids=lambda x: x.in_words() if isinstance(x, Selection) else "",
)
@pytest.mark.parametrize("few", [0, 20_000], ids=["read at each query", "kept in memory"])
def test_a_selection_chooses_whole_journeys(
    home: Home, selection: Selection, expected: set[str], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiesa.journeys.view.FEW", few)
    with open_view(home, selection) as view:
        assert cases(view) == expected
        assert {case for (case,) in view.rows("select distinct case_id from rows")} == expected
        sizes = dict(view.rows("select case_id, count(*) from rows group by 1"))
        assert sizes == {case: {"a1": 3, "a2": 1, "b1": 2}[case] for case in expected}


def test_a_scope_hides_journeys_of_other_units(home: Home) -> None:
    with open_view(home, scope=Scope(units=frozenset({"north"}))) as view:
        assert cases(view) == {"a1"}
    with open_view(home, Selection(customer="Bo"), scope=Scope(units=frozenset({"north"}))) as view:
        assert cases(view) == set()
    with open_view(home, scope=Scope(units=frozenset())) as view:
        assert cases(view) == set()


def test_an_earlier_now_is_the_home_as_it_was_then(tmp_path: Path) -> None:
    everything = home_of(ROWS, tmp_path / "all")
    for moment in ("2025-03-03T09:30", "2025-03-04T09:00", "2025-03-11T00:00"):
        now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        then = home_of([r for r in ROWS if r["occurred_at"] <= now], tmp_path / moment)
        columns = (
            "case_id, start_at, end_at, contacts, goal_state, waiting_for, waiting_since, unanswered, variant, "
            "duration_s, wait_us_s"
        )
        with open_view(everything, as_of=now) as late, open_view(then, as_of=now) as early:
            assert late.now == early.now == now
            for query in (
                f"select {columns} from journeys order by all",
                "select case_id, occurred_at, wait_owner, wait_s, is_answered, answered_at from rows order by all",
            ):
                assert late.table(query).equals(early.table(query)), (moment, query)


def test_a_later_now_changes_ages_not_journeys(home: Home) -> None:
    later = datetime(2025, 12, 1, tzinfo=UTC)
    with open_view(home) as before, open_view(home, as_of=later) as after:
        assert after.now == later
        assert before.table("select * from journeys order by all") == after.table("select * from journeys order by all")


def test_answers_go_by_the_rules_the_journeys_were_made_by(tmp_path: Path) -> None:
    home = home_of(ROWS, tmp_path / "home")
    build(home, rules=Rules(currency="RSD", third_party=frozenset({"app inbound"})))
    with open_view(home) as view:
        assert (view.rules.currency, view.rules.third_party) == ("RSD", frozenset({"app inbound"}))
    with open_view(home, version=1) as view:
        assert view.rules.currency == "EUR"


def test_hostile_words_in_a_selection_are_words(home: Home) -> None:
    with open_view(home, Selection(unit="'; drop view journeys; --", customer="x' or 1=1 --")) as view:
        assert cases(view) == set()

"""When a journey was solved, until when it is watched, and what is said where nothing can be told."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.journeys.questions.desk import after, home_of

from tiesa.cli.main import main
from tiesa.core.business_time import DAY_US
from tiesa.core.errors import UnusableInput
from tiesa.core.home import Home
from tiesa.journeys.view import open_view
from tiesa.moments.atoms import Atom
from tiesa.moments.episodes import episodes_of
from tiesa.moments.finding import find_moments
from tiesa.moments.journeys_as_people import courses_of, journeys_of
from tiesa.moments.outcomes import Outcome
from tiesa.moments.people import NEVER, people_of
from tiesa.moments.situations import Situation
from tiesa.moments.timeline import Timeline, timeline_of


def contact(customer: str, day: float, direction: str, **more: Any) -> dict[str, Any]:
    return {"customer": customer, "occurred_at": after(days=day), "direction": direction, "employee": "anna"} | more


ROWS = [
    contact("confirmed later", 0, "inbound", case_id="c"),
    contact("confirmed later", 2, "outbound", case_id="c"),
    contact("confirmed later", 5, "self_service", goal="reached", case_id="c"),
    contact("confirmed later", 8, "outbound", case_id="c"),
    contact("solved by us", 0, "inbound"),
    contact("solved by us", 3, "outbound", goal="reached", employee="ben"),
    contact("asked again", 1, "inbound"),
    contact("asked again", 2, "outbound", employee="ben"),
    contact("asked again", 5, "inbound"),
    contact("asked again", 7, "outbound"),
    contact("asked again", 10, "self_service", goal="reached"),
    contact("only theirs", 0, "outbound"),
    contact("only theirs", 3, "self_service", goal="reached"),
    contact("given up", 0, "inbound"),
    contact("given up", 2, "inbound", goal="abandoned"),
    contact("fell silent", 1, "inbound"),
    contact("not yet confirmed", 40, "inbound", case_id="a"),
    contact("not yet confirmed", 50, "outbound", case_id="a"),
    contact("still open", 10, "inbound", case_id="b"),
    contact("the log ends", 60, "inbound"),
]
NAMES = list(dict.fromkeys(str(row["customer"]) for row in ROWS))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_of(ROWS, tmp_path_factory.mktemp("solved"))


def timeline_in(home: Home) -> tuple[Timeline, Any, Timeline]:
    """The contacts, how their journeys went, and the journeys as people within 14 days."""
    with open_view(home) as view:
        timeline = timeline_of(view, people_of(view), least=1)
        courses = courses_of(view, timeline, Outcome.SOLVED)
        return timeline, courses, journeys_of(view, timeline, courses, 14 * DAY_US)


def by_name(home: Home, timeline: Timeline, values: Any) -> dict[str, Any]:
    with open_view(home) as view:
        order = view.table("select customer_key, min(contact_id) as first from rows group by 1 order by 1").to_pylist()
    key = {row["customer_key"]: str(ROWS[int(row["first"][1:])]["customer"]) for row in order}
    customers = timeline.people.key[timeline.customer[timeline.starts]]
    return {key[int(k)]: value for k, value in zip(customers, values, strict=True)}


def test_a_goal_is_missed_when_the_log_says_that_it_was_given_up(home: Home) -> None:
    with open_view(home) as view:
        timeline = timeline_of(view, people_of(view), least=1)
        courses = courses_of(view, timeline, Outcome.GOAL_MISSED)
    came = np.where(courses.came == NEVER, NEVER, (courses.came - courses.begun) / DAY_US)
    days = by_name(home, timeline, came)
    assert days["given up"] == 2
    assert all(day == NEVER for name, day in days.items() if name != "given up")
    over = by_name(home, timeline, (courses.over - courses.begun) / DAY_US)
    assert over["confirmed later"] == 5, "at the goal, not when it was solved"
    assert over["fell silent"] < 59, "a next contact would begin another journey"
    assert over["still open"] == 50, "a case, until the log ends"


def test_a_journey_is_solved_when_only_the_customers_part_was_missing(home: Home) -> None:
    timeline, courses, _journeys = timeline_in(home)
    took = np.where(courses.came == NEVER, NEVER, (courses.came - courses.begun) / DAY_US)
    days = by_name(home, timeline, took)
    assert days["confirmed later"] == 2
    assert days["solved by us"] == 3
    assert days["asked again"] == 6
    assert days["only theirs"] == 0
    assert all(days[name] == NEVER for name in NAMES[4:])


def test_a_journey_is_watched_for_as_long_as_it_can_be_seen(home: Home) -> None:
    timeline, courses, _journeys = timeline_in(home)
    days = by_name(home, timeline, (courses.over - courses.begun) / DAY_US)
    assert days["given up"] == 2
    assert days["fell silent"] == 30  # another contact would have begun another journey
    assert days["not yet confirmed"] == 10  # whether the reply solved it is not known yet
    assert days["still open"] == 50
    assert days["the log ends"] == 0


def test_nothing_at_or_after_the_goal_counts(home: Home) -> None:
    """The hand-over at which a journey is solved is no cause of it; another one two days before may be."""
    _timeline, _courses, journeys = timeline_in(home)
    people = journeys.people
    handed = episodes_of((Atom("count", "handover", 1),), journeys)
    assert handed.at.tolist() == [DAY_US]
    assert people.in_calendar(handed.customer, handed.at).tolist() == [round(after(days=2).timestamp() * 1_000_000)]
    assert people.left.sum() == 3
    assert (people.leave <= people.clocks.watched).all() if people.clocks else False


def test_steps_and_what_a_journey_is_about_explain_nothing() -> None:
    admitted = Outcome.SOLVED.admits
    assert admitted(Situation.of([Atom("count", "handover", 1)]))
    assert admitted(Situation.of([Atom("silence", "third_party", 48)]))
    assert not admitted(Situation.of([Atom("silence", "customer", 48)]))
    assert not admitted(Situation.of([Atom("count", "contact", 3)]))
    assert not admitted(Situation.of([Atom("count", "handover", 1), Atom("word", "touchpoint", "resolved")]))


def test_too_few_journeys_are_told(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_view(home) as view, pytest.raises(UnusableInput, match="solved: 3"):
        find_moments(view, outcome=Outcome.SOLVED)
    monkeypatch.setattr(sys, "argv", ["tiesa", "moments", "--outcome", "solved", "--home", str(home.root)])
    with pytest.raises(SystemExit):
        main()
    assert "solved: 3" in capsys.readouterr().err
    with open_view(home) as view, pytest.raises(UnusableInput, match="given up: 1"):
        find_moments(view, outcome=Outcome.GOAL_MISSED)


def test_a_log_without_goals_is_told(tmp_path: Path) -> None:
    home = home_of([contact("one", 0, "inbound"), contact("two", 1, "inbound")], tmp_path)
    with open_view(home) as view, pytest.raises(UnusableInput, match="solved: 0"):
        find_moments(view, outcome=Outcome.SOLVED)


@pytest.mark.parametrize("solved", [79, 80])
def test_a_log_of_goals_without_outcomes_is_told_what_can_be_asked_of_it(solved: int, tmp_path: Path) -> None:
    asked = [contact(f"c{i}", 0, "inbound") for i in range(solved)]
    done = [contact(f"c{i}", 1, "outbound", goal="reached") for i in range(solved)]
    with open_view(home_of([*asked, *done], tmp_path)) as view, pytest.raises(UnusableInput) as error:
        find_moments(view)
    assert ("how soon journeys are solved (outcome: solved)" in str(error.value.remedy)) == (solved == 80)

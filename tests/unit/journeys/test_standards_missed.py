"""When a standard was missed, worked by hand: at the instant the time is over, and by nothing that came later."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from tests.unit.journeys.questions.desk import MONDAY, after, home_of
from tests.unit.journeys.test_standards import ROWS, measured, one, row, set_up

from tiesa.core.business_time import BusinessCalendar, microseconds
from tiesa.journeys.deadlines import chosen_deadline
from tiesa.journeys.standards_missed import NEVER, missed, missed_deadlines
from tiesa.journeys.standards_rules import read_standards
from tiesa.journeys.view import open_view


def times_of(view, table):
    """Contact and instant of everything missed, as customer, place in the journey, time after Monday at nine."""
    names = dict(view.rows("select customer_key, source_id from identities"))
    return sorted(
        (names[r["customer_key"]], r["journey_position"], timedelta(microseconds=r["missed_us"] - microseconds(MONDAY)))
        for r in table.to_pylist()
        if r["missed_us"] is not None
    )


def span(**length):
    return timedelta(**length)


@pytest.mark.parametrize(
    ("standard", "expected"),
    [
        # Monday at nine and nine business hours: Tuesday at ten. b's second message is answered on the very second.
        (("reply_time", '"9 h"'), [("b", 1, span(days=1, hours=1)), ("c", 1, span(days=1, hours=1))]),
        (("first_reply", '"9 h"'), [("b", 1, span(days=1, hours=1)), ("c", 1, span(days=1, hours=1))]),
        (
            ("reply_time", '"24 h"', 'business_time = false\nwhere = {channel = "email"}'),
            [("b", 1, span(days=1)), ("b", 2, span(days=1, hours=1))],
        ),
        (("time_to_goal", '"2 days"', "business_time = false"), [("b", 1, span(days=2)), ("c", 1, span(days=2))]),
        (("time_to_goal", '"9 days"', "business_time = false"), [("b", 1, span(days=3))]),  # given up on Thursday
        (("insistence", "1"), [("b", 2, span(hours=1))]),
        (("insistence", "2"), [("b", 3, span(days=1, hours=1))]),
        (("insistence", "3"), []),
        (("contacts_to_goal", "3"), [("a", 4, span(days=1, hours=1)), ("b", 4, span(days=1, hours=2))]),
        (("reply_time", '"9 h"', "since = 2026-03-03"), []),
        (("reply_time", '"9 h"', 'where = {kind = "complaint"}'), [("c", 1, span(days=1, hours=1))]),
    ],
)
def test_a_standard_is_missed_when_the_time_is_over(tmp_path, standard, expected):
    set_up(tmp_path, one("it", *standard))
    home = home_of(ROWS, tmp_path)
    with open_view(home) as view:
        assert times_of(view, missed(view, read_standards(home).standards[0])) == expected
    _report, found = measured(home)
    assert found["it"]["n"] - found["it"]["kept"] == len(expected)  # the report on standards counts the same ones


def test_a_goal_reached_later_does_not_take_back_what_was_missed(tmp_path):
    set_up(tmp_path, one("replies", "reply_time", '"1 day"', "business_time = false"))
    rows = [
        row("late"),
        row("late", "thanks", after(days=2), "self_service", goal="reached"),
        row("soon"),
        row("soon", "thanks", after(hours=2), "self_service", goal="reached"),
        row("z", at=after(days=9)),
    ]
    home = home_of(rows, tmp_path)
    with open_view(home) as view:
        assert times_of(view, missed(view, read_standards(home).standards[0])) == [("late", 1, span(days=1))]
    assert measured(home)[1]["replies"]["n"] == 0  # both were settled without an answer


def test_shares_say_nothing_of_a_single_contact(tmp_path):
    set_up(tmp_path, one("new questions", "repeats", "0.9"))
    home = home_of(ROWS, tmp_path)
    with open_view(home) as view:
        assert missed(view, read_standards(home).standards[0]) is None


def test_a_statutory_deadline_is_missed_at_the_end_of_its_last_day(tmp_path):
    rows = [
        row("kept", kind="complaint"),
        row("kept", "answer", after(days=8), "outbound"),
        row("late", kind="complaint"),
        row("late", "answer", after(days=20), "outbound"),
        row("never", at=after(days=1), kind="complaint"),
        row("z", at=after(days=30)),
    ]
    home = home_of(rows, tmp_path)
    with open_view(home) as view:
        found = times_of(view, missed_deadlines(view, chosen_deadline(home, "RS", "consumer complaint, answer")))
    end = datetime(2026, 3, 11, tzinfo=UTC) - MONDAY - timedelta(microseconds=1)  # eight days, the first not counted
    assert found == [("late", 1, end), ("never", 1, end + timedelta(days=1))]


def test_open_time_from_an_instant_is_the_reverse_of_time_spent():
    calendar = BusinessCalendar(zone="Europe/Belgrade")
    first, last = datetime(2025, 10, 1, tzinfo=UTC), datetime(2025, 11, 30, tzinfo=UTC)
    table = calendar.table(first, last)
    asked = microseconds(first) + np.random.default_rng(1).integers(0, 50 * 86_400, 500) * 1_000_000
    for hours in (1, 8, 39.5):
        wanted = round(hours * 3_600_000_000)
        due = table.due_many(asked, wanted)
        assert (table.elapsed_many(due) - table.elapsed_many(asked) == wanted).all()
        assert (table.elapsed_many(due - 1) - table.elapsed_many(asked) == wanted - 1).all()
    assert (table.due_many(asked, 10**18) == NEVER).all()

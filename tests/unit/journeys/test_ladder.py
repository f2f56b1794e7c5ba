"""The data ladder: each step is reached by its own columns, and the next one names what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.journeys.questions.desk import contact, home_of, take

from tiesa.core.tables import ANSWER, CUSTOMER, OUTCOME
from tiesa.journeys.held import Held, held
from tiesa.journeys.ladder import ladder
from tiesa.journeys.selection import Selection
from tiesa.journeys.view import open_view

BARE = Held(contacts=10, filled={}, directions={}, channels=("email",), tables=frozenset())
SPOKEN = replace(BARE, directions={"inbound": 6, "outbound": 4})
STAFFED = replace(SPOKEN, channels=("email", "phone"), filled={"employee": 4})
FELT = replace(STAFFED, filled={"employee": 4, "emotion": 1})
WHOLE = replace(FELT, tables=frozenset({OUTCOME.name, CUSTOMER.name}))


@pytest.mark.parametrize(
    ("holds", "reached", "next_column"),
    [
        (BARE, 1, "direction"),
        (replace(BARE, directions={"internal": 10}), 1, "direction"),
        (replace(BARE, directions={"inbound": 10}), 1, "replies"),
        (replace(BARE, directions={"inbound": 10}, filled={"answered_at": 3}), 2, "employee"),
        (replace(BARE, filled={"waits_for": 3}), 2, "employee"),
        (SPOKEN, 2, "employee"),
        (replace(SPOKEN, filled={"employee": 1}), 2, "channel"),
        (STAFFED, 3, "emotion"),
        (replace(STAFFED, tables=frozenset({ANSWER.name})), 4, "outcomes"),
        (FELT, 4, "outcomes"),
        (replace(FELT, tables=frozenset({OUTCOME.name})), 4, "margin"),
        (WHOLE, 5, None),
    ],
)
def test_each_step_is_reached_by_its_columns(holds: Held, reached: int, next_column: str | None) -> None:
    made = ladder(holds)
    assert made.reached == reached
    assert [rung.number for rung in made.rungs] == [1, 2, 3, 4, 5]
    if next_column is None:
        assert made.next is None
        assert made.answer() == "These data reach step 5 of 5."
    else:
        assert made.next is not None
        assert next_column in made.next.lacking[0]
        assert made.next.lacking[0] in made.answer()
        assert f"step {reached} of 5" in made.answer()


def test_a_later_step_without_the_one_before_is_not_the_height_reached() -> None:
    """Scores without directions: the fourth step holds, but a ladder is climbed from below."""
    made = ladder(replace(BARE, filled={"emotion": 5}))
    assert [rung.reached for rung in made.rungs] == [True, False, False, True, False]
    assert made.reached == 1


@pytest.mark.parametrize(
    ("holds", "replies", "owners", "messages"),
    [
        (BARE, True, False, False),
        (SPOKEN, True, True, True),
        (replace(BARE, directions={"inbound": 10}), False, False, False),
        (replace(BARE, directions={"inbound": 10}, filled={"waits_for": 1}), True, True, True),
        (replace(BARE, directions={"inbound": 10}, filled={"answered_at": 1}), True, True, True),
        (replace(BARE, directions={"outbound": 10}), True, True, False),
    ],
)
def test_silence_proves_nothing_without_a_reply_of_ours(
    holds: Held, replies: bool, owners: bool, messages: bool
) -> None:
    assert (holds.knows_replies, holds.knows_owners, holds.knows_messages) == (replies, owners, messages)


def test_what_a_log_holds_is_counted_whatever_is_selected(tmp_path: Path) -> None:
    rows = [
        contact("03-03 09:00", "a", "inbound", "email", case_id="1", reason="bill", emotion=-0.5),
        contact("03-03 10:00", "a", "outbound", "email", case_id="1", employee="Ana"),
        contact("03-03 11:00", "b", None, "phone", case_id="2", employee="Ivo"),
    ]
    home = home_of(rows, tmp_path / "home")
    take(home, [{"customer": "a", "as_of": rows[0]["occurred_at"], "segment": "young"}], CUSTOMER)
    with open_view(home, Selection(customer="nobody")) as view:
        found = held(view)
    assert found.contacts == 3
    assert (found["employee"], found["reason"], found["emotion"], found["case_id"], found["unit"]) == (2, 1, 1, 3, 0)
    assert found.directions == {"inbound": 1, "outbound": 1}
    assert found.channels == ("email", "phone")
    assert found.tables == {CUSTOMER.name}

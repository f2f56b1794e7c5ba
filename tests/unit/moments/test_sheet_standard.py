"""What standard would have prevented a moment: its limits with intervals, or the standard that there is already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.moments.kept_estimates import estimate, limit
from tests.unit.moments.sheets import part, sheet

import tiesa
from tiesa.core.home import Home
from tiesa.journeys.view import View, open_view

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "support.csv"


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    home = Home(tmp_path_factory.mktemp("standard"))
    tiesa.import_file(EXAMPLE, home)
    tiesa.build(home)
    with open_view(home) as opened:
        yield opened


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "Answering within 3.0 days (95 % interval 48 h – 5.0 days)."),
        ({"cannot_be_located": True}, "cannot be located: 3.0 days was looked at"),
        ({"low": 72, "high": 72}, "Answering within 3.0 days: of the limits looked at no other explains as much."),
    ],
)
def test_a_learned_limit_has_an_interval_or_cannot_be_located(told: dict[str, Any], said: str, view: View) -> None:
    assert said in part(sheet(view, estimate(thresholds=[limit(**told)])), "standard").answer


@pytest.mark.parametrize(
    ("low", "high", "is_open"), [(48, 120, False), (24, 120, True), (48, 168, True), (24, 168, True)]
)
def test_an_interval_that_ends_with_what_was_looked_at_is_open(low: int, high: int, is_open: bool, view: View) -> None:
    found = part(sheet(view, estimate(thresholds=[limit(low=low, high=high)])), "standard").findings
    assert [line for line in found if "may lie beyond" in line] == list(found)
    assert bool(found) == is_open


def test_a_limit_that_the_other_half_does_not_confirm_is_said_to_lie_elsewhere(view: View) -> None:
    found = part(sheet(view, estimate(thresholds=[limit(low=100, high=120)])), "standard").findings
    assert found == ("On the half that confirms, other limits explain more than the one that was found.",)


def test_each_limit_of_a_situation_is_told_in_its_own_unit(view: View) -> None:
    lasts = limit(
        {"atom": "duration_s", "at_least": 900}, value=900, low=600, high=1200, grid=[60, 600, 900, 1200, 9000]
    )
    queue = limit({"atom": "attribute", "attribute": "queue_min", "at_least": 12.5}, value=12.5, low=12.5, high=12.5)
    severe = limit({"atom": "severity", "at_least": 4}, value=4, cannot_be_located=True)
    silence = limit({"atom": "silence", "owner": "customer", "threshold_h": 72})
    made = part(sheet(view, estimate(thresholds=[lasts, queue, severe, silence])), "standard")
    assert made.heading == "From when on it works", "no standard of ours can be set"
    assert made.answer == "Lasts 15 min or longer (95 % interval 10–20 min)."
    assert made.findings[:3] == (
        "Queue min: 12.5 or more: of the limits looked at no other explains as much.",
        "A limit exists, and where it lies cannot be located: severity 4 or more was looked at.",
        "From 3.0 days of silence on (95 % interval 48 h – 5.0 days).",
    )


@pytest.mark.parametrize(
    ("atom", "said"),
    [
        ({"atom": "standard", "standard": "First answer", "state": "missed"}, "Keeping the standard “First answer”."),
        ({"atom": "promise", "state": "broken"}, "Keeping what was promised, by the time for which it was."),
    ],
)
def test_of_a_standard_or_a_promise_that_was_missed_it_is_said_to_keep_it(
    atom: dict[str, Any], said: str, view: View
) -> None:
    made = part(sheet(view, estimate({"all": [atom]}, thresholds=[])), "standard")
    assert (made.heading, made.answer) == ("What standard would have prevented it", said)

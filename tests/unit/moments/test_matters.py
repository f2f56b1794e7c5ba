"""Journeys that were joined too widely are told by the reasons that customers named in them, up to each episode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.journeys.questions.desk import after, home_of

from tiesa.journeys.view import open_view
from tiesa.moments.atoms import Atom
from tiesa.moments.episodes import episodes_of
from tiesa.moments.matters import LEAST_KNOWN, several_matters
from tiesa.moments.people import people_of
from tiesa.moments.timeline import timeline_of

THIRD = (Atom("count", "inbound", 3),)


def asked(customer: str, reasons: tuple[str | None, ...]) -> list[dict[str, Any]]:
    return [
        {"customer": customer, "case_id": customer, "occurred_at": after(days=day), "direction": "inbound", "reason": r}
        for day, r in enumerate(reasons)
    ]


def told(tmp_path: Path, *journeys: tuple[str | None, ...]) -> dict[str, Any] | None:
    rows = [row for i, reasons in enumerate(journeys) for row in asked(f"c{i}", reasons)]
    with open_view(home_of(rows, tmp_path)) as view:
        timeline = timeline_of(view, people_of(view), least=1)
        return several_matters([(episodes_of(THIRD, timeline), timeline)])


def test_reasons_named_by_then_count_and_later_ones_do_not(tmp_path: Path) -> None:
    one, two, later = ("bill", None, "bill"), ("bill", "fault", "fault"), ("bill", "bill", "bill", "fault")
    found = told(tmp_path, *[one] * 20, *[two] * 10, *[later] * 10, *[(None, None, None)] * 5)
    assert found is not None
    assert (found["several"], found["known"]) == (10, 40)
    assert found["share"] == pytest.approx(0.25)
    assert found["low"] < 0.25 < found["high"]


def test_of_too_few_reasons_nothing_is_told(tmp_path: Path) -> None:
    named, none = ("bill", "bill", "fault", "fault"), (None, None, None, None)
    assert told(tmp_path / "few", *[named] * (LEAST_KNOWN - 1), *[none] * 20) is None
    enough = told(tmp_path / "enough", *[named] * LEAST_KNOWN, *[none] * 20)
    assert enough is not None
    assert enough["known"] == LEAST_KNOWN

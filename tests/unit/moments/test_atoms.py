"""Conditions worked by hand on a small log: on which contact each holds, and from which instant on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.journeys.questions.desk import MONDAY, after

from tiesa.contacts.importing import import_frame
from tiesa.contacts.mapping import parse_mapping
from tiesa.core.business_time import microseconds
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT
from tiesa.journeys.build import build
from tiesa.journeys.view import open_view
from tiesa.moments.atoms import Atom, atoms_of
from tiesa.moments.episodes import episodes_of
from tiesa.moments.people import people_of
from tiesa.moments.timeline import Timeline, timeline_of

STANDARDS = """
[[standards]]
name = "A reply within a day"
metric = "reply_time"
target = "1 day"
business_time = false

[[standards]]
name = "Nobody asks thrice"
metric = "insistence"
target = 2

[[standards]]
name = "Few ask the same again"
metric = "repeats"
target = 0.1

[complaints]
country = "RS"
kind = "consumer complaint, answer"
"""


def row(customer: str, at: Any = MONDAY, direction: str = "inbound", **more: Any) -> dict[str, Any]:
    return {"customer": customer, "case_id": customer, "occurred_at": at, "direction": direction, **more}


ROWS = [
    # a: two messages about the bill before the first answer, a third in time after it, about something else
    row("a", reason="bill"),
    row("a", after(hours=30), reason="bill"),
    row("a", after(hours=32), "outbound", employee="Ann", unit="desk"),
    row("a", after(hours=40), reason="tariff"),
    row("a", after(hours=41), "outbound", employee="Bob", unit="billing"),
    row("a", after(hours=50), reason="bill", channel="phone"),
    row("a", after(hours=60), "internal", employee="Cid", unit="billing"),
    row("a", after(hours=70), "internal", employee="Ann", unit="desk"),
    # b: complains twice and is never answered
    row("b", kind="complaint", reason="fault"),
    row("b", after(days=2), kind="complaint", reason="fault"),
    row("b", after(days=3), kind="question", reason="fault"),
    # c: complains and is answered in time; the other question comes after the answer
    row("c", kind="complaint", theme="price"),
    row("c", after(hours=5), "outbound"),
    row("c", after(hours=6)),
    row("c", after(hours=7), "outbound"),
    row("z", after(days=20), "internal"),
]


def home_of(folder: Path) -> Home:
    """A built home of these contacts, whose themes are an attribute."""
    columns = [c for c in dict.fromkeys(c for row in ROWS for c in row) if c != "theme"]
    rows = [{"contact_id": f"c{n}", "touchpoint": "question", "channel": "email"} | row for n, row in enumerate(ROWS)]
    names = [*dict.fromkeys(["contact_id", "touchpoint", *columns, "channel"])]
    schema = pa.schema([(c, CONTACT[c].type if c in CONTACT else pa.string()) for c in [*names, "theme"]])
    mapping = 'source = "desk"\n[contact]\n' + "\n".join(f'{c} = "{c}"' for c in names)
    mapping += '\n[contact.attributes]\ntheme = "theme"\n'
    home = Home(folder)
    import_frame(pa.Table.from_pylist(rows, schema), home, mapping=parse_mapping(mapping))
    build(home)
    return home


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    folder = tmp_path_factory.mktemp("atoms")
    (folder / "rules").mkdir()
    (folder / "rules" / "standards.toml").write_text(STANDARDS, encoding="utf-8")
    with open_view(home_of(folder)) as view:
        return timeline_of(view, people_of(view), least=1)


def found(atom: Atom, timeline: Timeline) -> list[tuple[str, int, timedelta]]:
    """Customer, which of their contacts, and when it came true, from Monday at nine."""
    rows = np.flatnonzero(atom.flags(timeline))
    at = atom.instants(timeline, rows) - microseconds(MONDAY)
    place = rows - timeline.first[rows] + 1
    names = [ROWS[timeline.place[r]]["customer"] for r in rows]
    return [(n, int(p), timedelta(microseconds=int(t))) for n, p, t in zip(names, place, at, strict=True)]


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


LAST_OF_EIGHT_DAYS = timedelta(days=8, hours=15) - timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("atom", "expected"),
    [
        (Atom("count", "restated", 1), [("a", 2, hours(30)), ("b", 2, hours(48))]),
        (Atom("count", "restated", 2), [("a", 6, hours(50)), ("b", 3, hours(72))]),
        (Atom("count", "insistence", 1), [("a", 2, hours(30)), ("b", 2, hours(48))]),
        (Atom("count", "insistence", 2), [("b", 3, hours(72))]),  # a's third message came after the answer
        (Atom("count", "complaint", 1), [("b", 1, hours(0)), ("c", 1, hours(0))]),
        (Atom("count", "complaint", 2), [("b", 2, hours(48))]),
        (Atom("handover_to", "unit", "billing"), [("a", 5, hours(41)), ("a", 7, hours(60))]),
        (Atom("handover_to", "unit", "desk"), [("a", 8, hours(70))]),  # who comes first took nothing over
        (
            Atom("standard", "A reply within a day", "missed"),
            [("a", 1, hours(24)), ("b", 1, hours(24)), ("b", 2, hours(72)), ("b", 3, hours(96))],
        ),
        (Atom("standard", "Nobody asks thrice", "missed"), [("b", 3, hours(72))]),
        (Atom("standard", "RS: consumer complaint, answer", "missed"), [("b", 1, LAST_OF_EIGHT_DAYS)]),
        (Atom("attribute", "theme", "price"), [("c", 1, hours(0))]),
        (Atom("standard", "of another home", "missed"), []),
    ],
    ids=lambda value: f"{value.name}-{value.value}" if isinstance(value, Atom) else "",
)
def test_a_condition_holds_where_and_when_it_came_true(timeline, atom, expected):
    assert found(atom, timeline) == expected


def test_what_the_log_and_the_rules_tell_of_is_generated_and_nothing_else(timeline):
    made = set(atoms_of(timeline))
    standards = {atom.name for atom in made if atom.kind == "standard"}
    assert standards == {"A reply within a day", "Nobody asks thrice", "RS: consumer complaint, answer"}
    assert {atom.value for atom in made if atom.kind == "handover_to"} == {"desk", "billing"}
    assert {Atom("count", "insistence", 1), Atom("count", "restated", 2), Atom("count", "complaint", 2)} <= made
    assert Atom("attribute", "theme", "price") in made


def test_without_standards_of_its_own_a_home_misses_none(tmp_path):
    with open_view(home_of(tmp_path)) as view:
        assert timeline_of(view, people_of(view), least=1).missed == {}


def test_a_half_of_the_customers_keeps_its_own_instants(timeline):
    missed = Atom("standard", "A reply within a day", "missed")
    parts = [found_in(timeline.half(second=second), missed) for second in (False, True)]
    assert sorted(parts[0] + parts[1]) == sorted(found_in(timeline, missed))


def found_in(timeline: Timeline, atom: Atom) -> list[tuple[int, int]]:
    rows = np.flatnonzero(atom.flags(timeline))
    return list(zip(timeline.place[rows].tolist(), atom.instants(timeline, rows).tolist(), strict=True))


def test_a_missed_standard_with_another_condition_is_true_when_both_are(timeline):
    both = (Atom("standard", "A reply within a day", "missed"), Atom("count", "insistence", 1))
    episodes = episodes_of(both, timeline)
    times = [timedelta(microseconds=int(t)) for t in episodes.at - microseconds(MONDAY)]
    assert times == [hours(72)]  # b's second message; a's was answered within the day

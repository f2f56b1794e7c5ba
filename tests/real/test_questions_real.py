"""The questions give what others published of the real logs, and the examples in the documents are what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.real.test_reference_figures import FILES

from tiesa.contacts.importing import import_file
from tiesa.core.errors import UnusableInput
from tiesa.core.home import Home
from tiesa.journeys.build import build
from tiesa.journeys.compare import compare, measured
from tiesa.journeys.graph import process_map
from tiesa.journeys.map import journey_map
from tiesa.journeys.optimum import optimum
from tiesa.journeys.questions.asking import ask
from tiesa.journeys.questions.goals import GoalReport, goals
from tiesa.journeys.questions.waits import waits
from tiesa.journeys.selection import Selection
from tiesa.journeys.variants import variants
from tiesa.journeys.view import open_view
from tiesa.moments.finding import find_every, find_moments
from tiesa.moments.outcomes import Outcome

Homes = Callable[[str], Home]
CHANGED = datetime(2012, 1, 1, tzinfo=UTC)
SOLVED = ("bpic2013_incidents", "helpdesk")
"""Logs of which the examples ask how soon journeys are solved."""


@pytest.fixture(scope="module")
def home_of(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Homes:
    folder, made = tmp_path_factory.mktemp("questions"), {}

    def of(name: str) -> Home:
        if name not in made:
            made[name] = Home(folder / name)
            import_file(real_data / "contacts" / FILES[name], made[name])
            build(made[name])
        return made[name]

    return of


@pytest.fixture(scope="module")
def published(real_data: Path) -> dict:
    return json.loads((real_data / "REFERENCE.json").read_text())


def asked(home: Home) -> GoalReport:
    with open_view(home) as view:
        return goals(view)


def test_loan_goals_are_the_published_counts(home_of: Homes, published: dict) -> None:
    report = asked(home_of("bpic2012"))
    counts = published["bpic2012"]["activity_counts"]
    settled = {(row["goal_state"], row["touchpoint"]): row["n"] for row in report.settled_by.to_pylist()}
    assert settled == {
        ("reached", "A_ACTIVATED"): counts["A_ACTIVATED"],
        ("abandoned", "A_DECLINED"): counts["A_DECLINED"],
        ("abandoned", "A_CANCELLED"): counts["A_CANCELLED"],
    }
    assert report.counts["reached"] == 2246
    assert sum(report.counts.values()) == published["bpic2012"]["cases"]


def test_permit_waits_are_the_published_means(home_of: Homes, published: dict) -> None:
    """The publisher's mean waits are of all steps after a step: the process map's edges, weighted, give them."""
    expected = published["receipt"]["mean_wait_to_next_s"]
    with open_view(home_of("receipt")) as view:
        found = dict(
            view.rows(
                "select previous_touchpoint, sum(gap_s)::double / count(*) from rows where previous_touchpoint is "
                "not null "
                "group by 1"
            )
        )
        drawn = process_map(view)
    for touchpoint, seconds in expected.items():
        assert found[touchpoint] == pytest.approx(seconds, abs=0.01)
    assert sum(edge.n for edge in drawn.edges) == published["receipt"]["events"] - published["receipt"]["cases"]


def test_incident_groups_and_resources_per_case_are_published(home_of: Homes, published: dict) -> None:
    reference = published["bpic2013_incidents"]
    with open_view(home_of("bpic2013_incidents")) as view:
        units, employees, most = view.one("select avg(units), avg(employees), max(units) from journeys")
    assert units == pytest.approx(reference["groups_per_case_mean"], abs=0.001)
    assert employees == pytest.approx(reference["resources_per_case_mean"], abs=0.001)
    assert most == reference["groups_per_case_max"]


def test_ways_are_the_published_variants(home_of: Homes, published: dict) -> None:
    with open_view(home_of("receipt")) as view:
        drawn = variants(view, top=3)
    assert [ribbon.journeys.count for ribbon in drawn.ribbons] == [713, 123, 116]  # 115 in the publication
    assert [len(ribbon.steps) for ribbon in drawn.ribbons] == [6, 6, 1]
    with open_view(home_of("helpdesk")) as view:
        assert variants(view).ways == published["helpdesk_measured_not_published"]["variants"]


@pytest.mark.parametrize("name", FILES)
def test_figures_of_a_real_log_hang_together(home_of: Homes, name: str) -> None:
    with open_view(home_of(name)) as view:
        contacts, journeys = view.one("select (select count(*) from rows), (select count(*) from journeys)")
        lived, process, report = journey_map(view), process_map(view), waits(view)
        answers = [*ask(view), optimum(view)]
    assert sum(node.contacts for node in process.nodes) == contacts
    assert sum(edge.n for edge in process.edges) == contacts - journeys
    assert sum(node.starts for node in process.nodes) == sum(node.ends for node in process.nodes) == journeys
    assert sum(bubble.contacts for bubble in lived.bubbles) <= lived.contacts <= contacts
    if report.owners.num_rows:
        assert sum(report.owners["share"].to_pylist()) == pytest.approx(1)
        assert sum(report.pairs["n"].to_pylist()) == sum(report.owners["n"].to_pylist())
    for answer in answers:
        assert answer.answer()
        assert answer.explain()
        assert answer.can_be_judged or answer.missing() or answer.answer()
        for table in answer.tables():
            assert all(len(cells) == len(table.headings) for cells in table.cells())


def examples(document: Path) -> dict[str, list[str]]:
    """Log -> the sentences that the document says Tiesa says of it."""
    parts = re.split(r"^## (\w+)$", document.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {
        name: re.findall(r"^> (.+)$", text, re.MULTILINE) for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.parametrize("name", FILES)
def test_the_examples_in_the_documents_are_what_is_answered(home_of: Homes, checkout: Path, name: str) -> None:
    home = home_of(name)
    with open_view(home) as view:
        answers = [*ask(view), optimum(view)]
    said = {sentence for answer in answers for sentence in (answer.answer(), *answer.findings())}
    with open_view(home) as view, suppress(UnusableInput):
        for found in find_every(view):
            said |= {found.moments.answer(), *found.moments.findings()}
    if name in SOLVED:
        with open_view(home) as view:
            said.add(find_moments(view, outcome=Outcome.SOLVED).moments.answer())
    sides = []
    for selection in (Selection(until=CHANGED), Selection(since=CHANGED)):
        with open_view(home, selection) as view:
            sides.append(measured(view))
    said.add(compare(*sides).answer())
    quoted = examples(checkout / "docs" / "examples.md")[name]
    assert len(quoted) >= 3
    assert set(quoted) <= said, set(quoted) - said

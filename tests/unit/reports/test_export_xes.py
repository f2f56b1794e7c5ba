"""XES as the standard wants it, and as other programs expect it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.unit.reports.logs import contents, full_row, made_home, support_home
from tests.unit.reports.xes_rules import SPACE, breaches

from tiesa.reports.export import export


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full")
    home = made_home(folder / "home", [full_row(n) for n in range(120)])
    export(home, folder / "log.xes", format="xes")
    return folder / "log.xes"


def test_the_standards_rules_hold(full: Path) -> None:
    assert list(breaches(full)) == []


def test_the_rules_hold_for_the_example(tmp_path: Path) -> None:
    export(support_home(tmp_path / "home"), tmp_path / "log.xes", format="xes", names=True)
    assert list(breaches(tmp_path / "log.xes")) == []


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('<extension name="Tiesa" prefix="tiesa" uri="urn:tiesa:xes-extension:1"/>\n', ""),
        ("</event>", "</event><trace/>"),
        ('<int key="tiesa:position"', '<string key="tiesa:position"'),
        ('key="org:group"', 'key="concept:name"'),
        ('<boolean key="tiesa:is_repeat" value="false"', '<boolean key="tiesa:is_repeat" value="no"'),
        ('<string key="concept:name" value="Customer journeys"/>', '<trace/><int key="x" value="1"/>'),
    ],
)
def test_the_rules_notice_a_breach(full: Path, tmp_path: Path, written: str, instead: str) -> None:
    text = full.read_text()
    assert written in text
    (tmp_path / "broken.xes").write_text(instead.join(text.rsplit(written, 1)))
    assert list(breaches(tmp_path / "broken.xes"))


def test_a_trace_is_a_journey_and_an_event_a_contact(tmp_path: Path) -> None:
    home = support_home(tmp_path / "home")
    export(home, tmp_path / "log.xes", format="xes")
    rows, journeys = contents(home)
    traces = ET.parse(tmp_path / "log.xes").getroot().findall(SPACE + "trace")  # noqa: S314
    assert len(traces) == len(journeys)
    assert sum(len(t.findall(SPACE + "event")) for t in traces) == len(rows)
    names = [trace.find(f"{SPACE}string[@key='concept:name']").get("value") for trace in traces]
    assert names[:3] == ["0-1", "1-1", "2-1"]
    assert len(set(names)) == len(names)
    first = {a.get("key"): (a.tag.removeprefix(SPACE), a.get("value")) for a in traces[0].find(SPACE + "event")}
    assert first["concept:name"] == ("string", "request")
    assert first["time:timestamp"] == ("date", "2025-01-06T09:31:00.000+00:00")
    assert first["org:resource"] == ("string", "F1")
    assert first["org:group"] == ("string", "Front desk")
    assert first["tiesa:attributes.status"] == ("string", "pending")
    assert "tiesa:cost" not in first


def test_times_keep_their_microseconds_and_money_its_digits(tmp_path: Path) -> None:
    at = datetime(2025, 3, 3, 8, 0, 0, 123_456, UTC)
    row = full_row(1, occurred_at=at, cost=Decimal("12345678901234.5678"))
    home = made_home(tmp_path / "home", [row])
    export(home, tmp_path / "log.xes", format="xes")
    text = (tmp_path / "log.xes").read_text()
    assert ".123456+00:00" in text
    assert '<float key="cost:total" value="12345678901234.5678"/>' in text
    assert '<string key="cost:currency" value="EUR"/>' in text


def test_the_transition_of_a_source_that_knows_it_stands_under_the_standards_key(tmp_path: Path) -> None:
    home = made_home(tmp_path / "home", [full_row(1, lifecycle="complete")])
    export(home, tmp_path / "log.xes", format="xes")
    assert '<string key="lifecycle:transition" value="complete"/>' in (tmp_path / "log.xes").read_text()


def test_characters_xml_forbids_are_replaced_and_counted(tmp_path: Path) -> None:
    home = made_home(tmp_path / "home", [full_row(n, reason=f"a{chr(n)}b\uffff") for n in range(1, 9)])
    done = export(home, tmp_path / "log.xes", format="xes")
    assert list(breaches(tmp_path / "log.xes")) == []
    assert len(done.notes) == 1
    rows, journeys = contents(home)
    assert str(len(rows) + sum(j["reason"] is not None for j in journeys)) in done.notes[0]
    assert "a\ufffdb\ufffd" in (tmp_path / "log.xes").read_text()


def test_a_cost_leaves_in_the_currency_it_was_stated_in(tmp_path: Path) -> None:
    home = made_home(tmp_path / "home", [full_row(1, cost=Decimal("5.5000"), currency="USD")])
    assert contents(home)[0][0]["cost"] is None, "without a rate the build knows no cost"
    export(home, tmp_path / "log.xes", format="xes")
    assert '<float key="cost:total" value="5.5000"/>' in (tmp_path / "log.xes").read_text()

"""OCEL 2.0 as the standard wants it: everything declared, every id once, every relationship to an object there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.reports.logs import contents, full_row, made_home, support_home

from tiesa.core.home import Home
from tiesa.reports.export import export

JSON_TYPES = {"string": str, "time": str, "integer": int, "float": (int, float), "boolean": bool}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return made_home(tmp_path_factory.mktemp("full") / "home", [full_row(n) for n in range(120)])


@pytest.fixture(scope="module")
def log(home: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("out") / "log.json"
    export(home, file, format="ocel")
    return json.loads(file.read_text())


@pytest.mark.parametrize(("items", "types"), [("events", "eventTypes"), ("objects", "objectTypes")])
def test_attributes_are_declared_with_their_types(log: dict[str, Any], items: str, types: str) -> None:
    declared = {t["name"]: {a["name"]: a["type"] for a in t["attributes"]} for t in log[types]}
    assert len(declared) == len(log[types])
    for item in log[items]:
        names = [a["name"] for a in item["attributes"]]
        assert len(set(names)) == len(names)
        for attribute in item["attributes"]:
            assert isinstance(attribute["value"], JSON_TYPES[declared[item["type"]][attribute["name"]]])


def test_nothing_is_declared_that_no_event_has(log: dict[str, Any]) -> None:
    for kind in log["eventTypes"]:
        used = {a["name"] for e in log["events"] if e["type"] == kind["name"] for a in e["attributes"]}
        assert {a["name"] for a in kind["attributes"]} == used


def test_every_id_stands_once_and_every_relationship_finds_its_object(log: dict[str, Any]) -> None:
    objects = {o["id"]: o["type"] for o in log["objects"]}
    ids = [*objects, *(e["id"] for e in log["events"])]
    assert len(set(ids)) == len(log["objects"]) + len(log["events"])
    related = [r for item in (*log["events"], *log["objects"]) for r in item["relationships"]]
    assert all(r["objectId"] in objects and r["qualifier"] for r in related)
    assert {objects[r["objectId"]] for r in related} == {"customer", "journey", "case", "product", "employee", "unit"}


def test_objects_and_events_are_those_of_the_home(home: Home, log: dict[str, Any]) -> None:
    rows, journeys = contents(home)
    kinds = [o["type"] for o in log["objects"]]
    expected = {
        "customer": {r["customer"] for r in rows},
        "journey": {(j["customer"], j["journey_no"]) for j in journeys},
        **{kind: {r[kind] for r in rows} - {None} for kind in ("employee", "unit", "product")},
        "case": {r["case_id"] for r in rows} - {None},
    }
    assert {kind: kinds.count(kind) for kind in expected} == {kind: len(held) for kind, held in expected.items()}
    assert len(log["events"]) == len(rows)


def test_an_event_says_who_and_what_it_touches(tmp_path: Path) -> None:
    export(support_home(tmp_path / "home"), tmp_path / "log.json", format="ocel")
    event = json.loads((tmp_path / "log.json").read_text())["events"][0]
    assert event["id"] == "contact:support:M20001"
    assert event["time"] == "2025-01-06T09:31:00.000+00:00"
    assert {(r["qualifier"], r["objectId"]) for r in event["relationships"]} == {
        ("customer", "customer:0"),
        ("part of", "journey:0-1"),
        ("belongs to", "case:support:5020"),
        ("handled by", "employee:F1"),
        ("handled in", "unit:Front desk"),
    }

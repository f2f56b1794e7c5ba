"""Object-centric logs: an event is a row, its objects are columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tiesa.contacts.readers import ROW, Source, open_source
from tiesa.core.errors import UnusableInput

OBJECTS = [
    {
        "id": "c1",
        "type": "customer",
        "attributes": [
            {"name": "tier", "time": "1970-01-01T00:00:00Z", "value": "basic"},
            {"name": "tier", "time": "2025-03-01T00:00:00Z", "value": "gold"},
            {"name": "city", "time": "2025-06-01T00:00:00Z", "value": "Kaunas"},
        ],
    },
    {"id": "o1", "type": "order", "attributes": [{"name": "total", "value": 12.5}]},
    {"id": "o2", "type": "order"},
]
EVENTS = [
    {
        "id": "e1",
        "type": "ask",
        "time": "2025-01-05T10:00:00Z",
        "attributes": [{"name": "channel", "value": "mail"}],
        "relationships": [{"objectId": "c1", "qualifier": "by"}, {"objectId": "o1", "qualifier": "about"}],
    },
    {
        "id": "e2",
        "type": "answer",
        "time": "2025-03-01T01:00:00+02:00",
        "relationships": [{"objectId": name, "qualifier": ""} for name in ("c1", "o1", "o2", "o1", "unknown")],
    },
    {"id": "e3", "type": "answer", "time": "2025-07-01T01:00:00Z", "relationships": [{"objectId": "c1"}]},
]
LOG = {"objectTypes": [], "eventTypes": [], "objects": OBJECTS, "events": EVENTS}


def opened(path: Path, log: dict[str, Any]) -> Source:
    path.write_text(json.dumps(log))
    return open_source(path)


def rows_of(source: Source) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in row.items() if value is not None and name != ROW}
        for row in pa.Table.from_batches(source.batches()).to_pylist()
    ]


@pytest.mark.parametrize("order", [list(LOG), list(reversed(LOG))])
def test_events_carry_their_objects_whatever_the_order_of_the_file(tmp_path: Path, order: list[str]) -> None:
    source = opened(tmp_path / "t.json", {key: LOG[key] for key in order})
    assert source.format == "ocel"
    assert rows_of(source) == [
        {
            "ocel:id": "e1",
            "ocel:type": "ask",
            "ocel:time": "2025-01-05T10:00:00Z",
            "channel": "mail",
            "object:customer": "c1",
            "object:customer:tier": "basic",
            "object:order": "o1",
            "object:order:total": "12.5",
        },
        {
            "ocel:id": "e2",
            "ocel:type": "answer",
            "ocel:time": "2025-03-01T01:00:00+02:00",
            "object:customer": "c1",
            "object:customer:tier": "basic",
            "object:order": "o1|o2",
        },
        {
            "ocel:id": "e3",
            "ocel:type": "answer",
            "ocel:time": "2025-07-01T01:00:00Z",
            "object:customer": "c1",
            "object:customer:tier": "gold",
            "object:customer:city": "Kaunas",
        },
    ]


def test_an_event_without_a_time_that_can_be_read_is_set_aside(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.json", LOG | {"events": [EVENTS[0] | {"time": "yesterday"}, EVENTS[2]]})
    assert [row["ocel:id"] for row in rows_of(source)] == ["e3"]
    assert [bad.row for bad in source.broken] == [1]


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (LOG | {"events": []}, "no event"),
        (LOG | {"events": [{"id": "e1", "type": "x"}]}, "time"),
        (LOG | {"objects": [{"type": "x"}]}, "id"),
        (LOG | {"events": ["e1"]}, "no OCEL"),
    ],
)
def test_what_is_no_log_is_said(tmp_path: Path, log: dict[str, Any], words: str) -> None:
    with pytest.raises(UnusableInput, match=words):
        opened(tmp_path / "t.json", log)


def test_a_cut_log_is_said(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps(LOG)[:-40])
    with pytest.raises(UnusableInput, match="cut short"):
        open_source(tmp_path / "t.json")

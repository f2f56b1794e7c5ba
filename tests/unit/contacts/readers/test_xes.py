"""Event logs: events become rows, nothing is filled in, nothing dangerous is read."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiesa.contacts.readers import ROW, Source, open_source
from tiesa.core.errors import UnusableInput

LOG = """<?xml version="1.0" encoding="UTF-8"?>
<!-- exported --><log xes.version="1.0"{namespace}>
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="trace"><string key="concept:name" value="UNKNOWN"/></global>
  <global scope="event"><string key="org:resource" value="UNKNOWN"/></global>
  <classifier name="Activity" keys="concept:name"/>
  <string key="origin" value="csv"><string key="tool" value="x"/></string>
  <trace>
    <string key="concept:name" value="case 1"/>
    <int key="amount" value="20000"/>
    <event>
      <string key="concept:name" value="Žalba &amp; co"/>
      <date key="time:timestamp" value="2012-10-09T14:50:17.000+02:00"/>
      <string key="lifecycle:transition" value="complete"/>
      <string key="address" value="Main"><string key="city" value="Nis"><int key="zip" value="18000"/></string></string>
    </event>
    <event><string key="concept:name" value="close"/><string key="note" value=""/></event>
  </trace>
  <trace><string key="concept:name" value="case 2"/><event><string key="org:resource" value="ana"/></event></trace>
  <trace><string key="concept:name" value="empty case"/></trace>
</log>
"""
COLUMNS = (
    "case:concept:name",
    "case:amount",
    "concept:name",
    "time:timestamp",
    "lifecycle:transition",
    "address",
    "address/city",
    "address/city/zip",
    "note",
    "org:resource",
)


def opened(path: Path, content: str | bytes) -> Source:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_source(path)


def rows_of(source: Source) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in row.items() if value is not None and name != ROW}
        for row in pa.Table.from_batches(source.batches()).to_pylist()
    ]


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://www.xes-standard.org/"'])
@pytest.mark.parametrize("packed", [False, True])
def test_events_become_rows_with_their_trace_beside_them(tmp_path: Path, namespace: str, packed: bool) -> None:
    content = LOG.format(namespace=namespace).encode()
    source = opened(tmp_path / "t.xes", gzip.compress(content) if packed else content)
    assert (source.format, source.columns) == ("xes", COLUMNS)
    case = {"case:concept:name": "case 1", "case:amount": "20000"}
    assert rows_of(source) == [
        case
        | {
            "concept:name": "Žalba & co",
            "time:timestamp": "2012-10-09T14:50:17.000+02:00",
            "lifecycle:transition": "complete",
            "address": "Main",
            "address/city": "Nis",
            "address/city/zip": "18000",
        },
        case | {"concept:name": "close"},
        {"case:concept:name": "case 2", "org:resource": "ana"},
    ]
    assert rows_of(source) == rows_of(source)


def test_prefixed_elements_are_the_same_elements(tmp_path: Path) -> None:
    xml = LOG.format(namespace=' xmlns:x="http://www.xes-standard.org/"')
    for name in ("log", "trace", "event", "string", "int", "date", "global", "extension", "classifier"):
        xml = xml.replace(f"<{name} ", f"<x:{name} ").replace(f"<{name}>", f"<x:{name}>")
        xml = xml.replace(f"</{name}>", f"</x:{name}>")
    plain = opened(tmp_path / "plain.xes", LOG.format(namespace=""))
    assert rows_of(opened(tmp_path / "t.xes", xml)) == rows_of(plain)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-2", "windows-1251"])
def test_the_declared_encoding_is_used(tmp_path: Path, encoding: str) -> None:
    word = "Љиљана" if encoding == "windows-1251" else "žalba"
    log = f'<log><trace><event><string key="a" value="{word}"/></event></trace></log>'
    xml = f'<?xml version="1.0" encoding="{encoding}"?>{log}'
    assert rows_of(opened(tmp_path / "t.xes", xml.encode(encoding))) == [{"a": word}]


def test_values_of_a_list_are_joined(tmp_path: Path) -> None:
    xml = """<log><trace><event><list key="who"><values><string key="name" value="ana"/><string key="name" value="bo"/>
    </values></list></event></trace></log>"""
    assert rows_of(opened(tmp_path / "t.xes", xml)) == [{"who/name": "ana|bo"}]


def test_trace_attributes_behind_the_events_count_too(tmp_path: Path) -> None:
    xml = '<log><trace><event><string key="a" value="1"/></event><string key="concept:name" value="c"/></trace></log>'
    assert rows_of(opened(tmp_path / "t.xes", xml)) == [{"case:concept:name": "c", "a": "1"}]


def test_events_without_a_trace_are_rows(tmp_path: Path) -> None:
    assert rows_of(opened(tmp_path / "t.xes", '<log><event><int key="a" value="1"/></event></log>')) == [{"a": "1"}]


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE log [<!ENTITY e0 "boom">{BOMB}]>',
        '<!DOCTYPE log [<!ENTITY file SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE log [<!ENTITY % remote SYSTEM "http://127.0.0.1:1/x.dtd"> %remote;]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declared_entities_are_refused(tmp_path: Path, doctype: str, encoding: str) -> None:
    use = "&e11;" if "e11" in doctype else ""
    xml = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<log note="{use}"><trace><event/></trace></log>'
    with pytest.raises(UnusableInput, match="entities"):
        opened(tmp_path / "t.xes", xml.encode(encoding))


def test_a_doctype_without_entities_is_harmless(tmp_path: Path) -> None:
    log = '<log><trace><event><id key="a" value="1"/></event></trace></log>'
    assert rows_of(opened(tmp_path / "t.xes", f'<!DOCTYPE log SYSTEM "http://127.0.0.1:1/xes.dtd">{log}')) == [
        {"a": "1"}
    ]


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<html><body/></html>", "no event log"),
        ("<log></log>", "no event"),
        ("<log><trace><event>", "cut short"),
        ("<log><trace></log>", "cut short"),
        ('<?xml version="1.0" encoding="utf-7"?><log/>', "cut short"),
    ],
)
def test_what_is_no_log_is_said(tmp_path: Path, xml: str, words: str) -> None:
    with pytest.raises(UnusableInput, match=words):
        opened(tmp_path / "t.xes", xml)


VALUES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp")), min_size=1, max_size=8)
EVENTS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "c:d"]), VALUES, min_size=1), min_size=1, max_size=5)


@given(st.lists(EVENTS, min_size=1, max_size=5))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_log_comes_back(tmp_path: Path, traces: list[list[dict[str, str]]]) -> None:
    xml, expected = ["<log>"], []
    for number, events in enumerate(traces):
        xml.append(f'<trace><string key="concept:name" value="{number}"/>')
        for event in events:
            attributes = "".join(f'<string key="{key}" value={quoteattr(value)}/>' for key, value in event.items())
            xml.append(f"<event>{attributes}</event>")
            expected.append({"case:concept:name": str(number)} | event)
        xml.append("</trace>")
    assert rows_of(opened(tmp_path / "t.xes", "".join(xml) + "</log>")) == expected

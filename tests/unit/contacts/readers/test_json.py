"""JSON: nested objects become dotted columns, lists become text or rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiesa.contacts.readers import ROW, ReaderOptions, Source, open_source
from tiesa.core.errors import UnusableInput

TICKET = {
    "id": 7,
    "requester": {"id": 12, "name": " Ana "},
    "tags": ["vip", 1.50],
    "comments": [{"id": 1, "body": "Hi", "via": {"channel": "email"}}, {"id": 2, "body": "Bye"}],
}


def opened(path: Path, content: str | bytes, **options: Any) -> Source:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_source(path, options=ReaderOptions(**options))


def rows_of(source: Source) -> list[dict[str, Any]]:
    rows = pa.Table.from_batches(source.batches()).to_pylist()
    return [{name: value for name, value in row.items() if name != ROW} for row in rows]


def test_nested_objects_become_dotted_columns(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.jsonl", json.dumps(TICKET))
    assert source.columns == ("id", "requester.id", "requester.name", "tags", "comments")
    row = rows_of(source)[0]
    assert (row["id"], row["requester.name"], row["tags"]) == ("7", "Ana", '["vip",1.5]')
    assert json.loads(row["comments"]) == TICKET["comments"]


def test_an_exploded_list_gives_a_row_per_element(tmp_path: Path) -> None:
    quiet = {"id": 8, "requester": {"id": 13}, "comments": []}
    source = opened(tmp_path / "t.json", json.dumps([TICKET, quiet]), explode="comments")
    rows = rows_of(source)
    assert [(row["id"], row["comments.body"], row["comments.via.channel"]) for row in rows] == [
        ("7", "Hi", "email"),
        ("7", "Bye", None),
        ("8", None, None),
    ]
    assert "comments" not in source.columns


def test_exploding_a_list_nobody_has_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="messages"):
        opened(tmp_path / "t.json", json.dumps([TICKET]), explode="messages")


def test_columns_are_the_union_in_first_seen_order(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.jsonl", '{"b": 1}\n{"a": true, "b": null}\n{"c": ""}\n')
    assert source.columns == ("b", "a", "c")
    assert rows_of(source) == [
        {"b": "1", "a": None, "c": None},
        {"b": None, "a": "true", "c": None},
        {"b": None, "a": None, "c": None},
    ]


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    lines = '{"a": 12345678901234567890.10}\n{"a": 7}\n{"a": 1.50}\n'
    expected = ["12345678901234567890.10", "7", "1.50"]
    assert [row["a"] for row in rows_of(opened(tmp_path / "t.jsonl", lines))] == expected
    array = f"[{lines.strip().replace(chr(10), ',')}]"
    assert [row["a"] for row in rows_of(opened(tmp_path / "t.json", array))] == expected


def test_broken_lines_are_set_aside_and_numbered(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.jsonl", '{"a": 1}\n{"a": \n\n[1]\n{"a": 2}\n')
    assert [row["a"] for row in rows_of(source)] == ["1", "2"]
    assert [(bad.row, bad.value) for bad in source.broken] == [(2, '{"a":'), (3, "[1]")]
    assert [row[ROW] for row in pa.Table.from_batches(source.batches()).to_pylist()] == [1, 4]
    assert len(source.broken) == 2


def test_the_readers_own_column_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="reserved"):
        opened(tmp_path / "t.jsonl", json.dumps({ROW: 1}))


def test_a_cut_array_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="cut short"):
        opened(tmp_path / "t.json", '[{"a": 1}, {"a": ')


def test_no_object_at_all_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="no JSON object"):
        opened(tmp_path / "t.jsonl", "1\n2\n")


def test_objects_over_several_lines_are_read_one_after_the_other(tmp_path: Path) -> None:
    content = json.dumps({"a": 1}, indent=2) + "\n" + json.dumps({"a": 2}, indent=2)
    assert rows_of(opened(tmp_path / "t.json", content)) == [{"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("content", ['{"ime": "Živa"}\n{"ime": "Ćira"}\n', '[{"ime": "Živa"},\n {"ime": "Ćira"}]'])
def test_every_unicode_encoding_is_read(tmp_path: Path, encoding: str, content: str) -> None:
    assert rows_of(opened(tmp_path / "t.json", content.encode(encoding))) == [{"ime": "Živa"}, {"ime": "Ćira"}]


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["a", "b", "c"]),
            st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"))) | st.none() | st.integers(),
            min_size=1,
        ),
        min_size=1,
        max_size=9,
    )
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_and_array_give_the_same_rows(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    lines = opened(tmp_path / "t.jsonl", "\n".join(map(json.dumps, records)))
    array = opened(tmp_path / "t.json", json.dumps(records))
    assert rows_of(lines) == rows_of(array)
    for row, record in zip(rows_of(lines), records, strict=True):
        expected = {name: None if value is None else str(value) or None for name, value in record.items()}
        assert row == dict.fromkeys(lines.columns) | expected

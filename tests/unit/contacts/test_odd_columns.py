"""Columns may be called as they like: a mapping takes the source's values, never those that Tiesa makes on the way."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.contacts.desk import COLUMNS, WITH_IDS, log_of, mapping, row

from tiesa.contacts.importing import import_file
from tiesa.contacts.proposing.names import LONGEST, likeness, phrases
from tiesa.contacts.proposing.tables import MOST_ATTRIBUTES
from tiesa.core.errors import UnusableInput
from tiesa.core.home import Home

ODD = (
    "bad", "has_offset", "row_number", "problems", "source_row", "contact.channel", "contact.customer",
    "raw:contact.channel", "{source}",
    "s", "ID", "Way", 'a"b', "a'b", "staging", "file_row_number", "tiesa:bad",
    "tiesa internal:bad", "%", "incoming", "hash", "contact.hash",
)  # fmt: skip
KINDS = ("csv", "jsonl", "parquet")


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(each) + "\n" for each in rows), "utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_columns_called_as_our_own_work_change_no_row(tmp_path: Path, kind: str) -> None:
    """With one row set aside, so that its problems and its source row are asked for too."""
    plain = [row(n) for n in range(6)] + [row(9, when="never")]
    odd = [each | dict.fromkeys(ODD, "true") for each in plain]
    asked = mapping(WITH_IDS)
    results = [
        import_file(write(tmp_path / f"{name}.{kind}", rows), Home(tmp_path / name), mapping=asked)
        for name, rows in (("plain", plain), ("odd", odd))
    ]
    assert [(r.read, r.accepted, r.quarantined) for r in results] == [(7, 6, 1)] * 2
    assert log_of(Home(tmp_path / "odd")) == log_of(Home(tmp_path / "plain"))
    assert results[1].quarantine_file is not None
    with results[1].quarantine_file.open(encoding="utf-8-sig", newline="") as file:
        header, line = csv.reader(file)
    assert len(header) == len(ODD) + len(COLUMNS) + 4
    assert line[-1] == "This is not a date or time the mapping knows"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", ["7", ""], ids=["repeated", "missing"])
def test_two_quarantine_files_put_together_count_each_row_once(tmp_path: Path, kind: str, number: str) -> None:
    home, asked = Home(tmp_path / "home"), mapping(WITH_IDS)
    rows = [row(n) | {"quarantine_row": number} for n in range(5)]
    file = write(tmp_path / f"mended.{kind}", [*rows, *rows])
    first, again = (import_file(file, home, mapping=asked) for _time in range(2))
    assert (first.read, first.accepted, first.duplicates) == (10, 5, 5)
    assert (again.read, again.accepted, again.duplicates) == (10, 0, 10)


@pytest.mark.parametrize("kind", KINDS)
def test_a_wide_file_is_taken_with_a_bounded_number_of_attributes(tmp_path: Path, kind: str) -> None:
    extra = {f"extra {n}": "yes" for n in range(MOST_ATTRIBUTES + 60)}
    path = write(tmp_path / f"wide.{kind}", [row(n) | extra for n in range(8)])
    result = import_file(path, Home(tmp_path / "home"))
    assert result.accepted == 8
    assert len(result.mapping.tables[0].attributes) == MOST_ATTRIBUTES


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999", "-Infinity"])
def test_a_number_without_end_is_no_reason_to_stop(tmp_path: Path, value: str) -> None:
    lines = "".join(json.dumps(row(n))[:-1] + f', "weight": {value}}}\n' for n in range(4))
    path = tmp_path / "calls.jsonl"
    path.write_text(lines, "utf-8")
    assert import_file(path, Home(tmp_path / "home")).accepted == 4


def test_the_sentence_that_refuses_a_file_stays_a_sentence(tmp_path: Path) -> None:
    path = write(tmp_path / "calls.csv", [row(n, when="x" * 50_000) for n in range(3)])
    with pytest.raises(UnusableInput) as refused:
        import_file(path, Home(tmp_path / "home"), mapping=mapping(WITH_IDS))
    assert len(str(refused.value)) < 1_000


def test_a_long_text_is_no_name() -> None:
    said = phrases("contact", "customer")
    assert likeness("customer", said) == 1
    assert likeness("customer " * LONGEST, said) == 0

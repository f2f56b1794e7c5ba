"""Whatever a file holds: never a traceback, never a hang, never more than 1 GiB, and the counts add up.

`python -m tests.fuzz --seed N` makes the file of that number again and says what becomes of it.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fuzz.bombs import BOMBS
from tests.fuzz.corpus import READERS, SIZE, malformed
from tests.fuzz.mutations import WORDS
from tests.fuzz.running import Runner, Summary, run
from tests.fuzz.whole import COLUMNS, TEXTS, rows

LONG = bool(os.environ.get("TIESA_LONG"))
SAMPLE = SIZE if LONG else 280
PARTS = 8 if LONG else 2
"""So that several processes share the corpus."""
WORST = {
    "csv": ("open quote", "delimiters", "number for a sender"),
    "jsonl": ("depth", "keys", "exponent", "digits"),
    "json": ("open objects", "depth"),
    "xes": ("billion laughs", "depth", "keys", "value"),
    "xlsx": ("corners", "tall", "shared text", "blanks"),
    "parquet": ("shared text", "shared text, many rows"),
    "mbox": ("angle brackets", "scripts", "quotes", "parts", "letters in letters"),
    "zip": ("lie", "zeros", "tables"),
}
"""What brought readers down once, kept for ever."""
MENDED = (1594, 2451, 2628, 2968, 3150, 3438, 3626, 4494, 6665, 8160, 8661)
"""Files of the long corpus, one for each fault that it showed."""


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


@pytest.mark.parametrize("part", range(PARTS))
def test_a_broken_file_is_refused_in_a_sentence_or_all_its_rows_are_accounted_for(part: int) -> None:
    numbers = range(SAMPLE * part // PARTS, SAMPLE * (part + 1) // PARTS)
    summary = Summary()
    for file, verdict in run(numbers):
        summary.add(file, verdict)
    print(f"\n{summary}")
    assert summary.faults == []
    assert set(summary.lines) == {*READERS, "all"}
    assert summary.lines["all"].imported > len(numbers) / 5, "files that are only refused test nothing behind readers"


@pytest.mark.parametrize("number", MENDED)
def test_what_showed_a_fault_once_shows_none_again(runner: Runner, tmp_path: Path, number: int) -> None:
    verdict = runner.check(malformed(number).write(tmp_path))
    assert verdict.fault == "", verdict.traceback


@pytest.mark.parametrize(("reader", "name"), [(reader, name) for reader, names in WORST.items() for name in names])
def test_a_small_file_cannot_exhaust_the_machine(runner: Runner, tmp_path: Path, reader: str, name: str) -> None:
    path = tmp_path / f"bomb.{reader}"
    path.write_bytes(BOMBS[reader][name]())
    verdict = runner.check(path)
    assert verdict.fault == "", verdict.traceback


def test_a_number_makes_the_same_file_every_time() -> None:
    for number in range(70):
        assert malformed(number) == malformed(number)


CELL = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=20),
    st.sampled_from(rows()).map(lambda row: row[1]),
    st.sampled_from(TEXTS),
)
NAME = st.one_of(st.sampled_from(COLUMNS), st.sampled_from(WORDS[-12:]), st.text(max_size=8))
TABLE = st.integers(1, 6).flatmap(
    lambda width: st.tuples(
        st.lists(NAME, min_size=width, max_size=width),
        st.lists(st.lists(CELL, min_size=width - 1, max_size=width + 1), max_size=8),
    )
)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | CELL,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAME, inner, max_size=4),
    max_leaves=8,
)
BY_RULES = settings(
    deadline=None, max_examples=2_000 if LONG else 25, derandomize=not LONG, suppress_health_check=list(HealthCheck)
)


@given(table=TABLE, delimiter=st.sampled_from(",;\t|"), encoding=st.sampled_from(["utf-8", "utf-16", "cp1250"]))
@BY_RULES
def test_any_text_table_is_refused_or_accounted_for(
    runner: Runner, tmp_path: Path, table: tuple[list[str], list[list[str]]], delimiter: str, encoding: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, escapechar="\\")
    writer.writerow(table[0])
    writer.writerows(table[1])
    path = tmp_path / "table.csv"
    path.write_bytes(text.getvalue().encode(encoding, "replace"))
    verdict = runner.check(path)
    assert verdict.fault == "", verdict.traceback


@given(values=st.lists(st.dictionaries(NAME, VALUE, max_size=6), max_size=6), lines=st.booleans())
@BY_RULES
def test_any_json_is_refused_or_accounted_for(
    runner: Runner, tmp_path: Path, values: list[object], lines: bool
) -> None:
    at = [{"created at": "2025-03-03 08:00", "customer": f"K{n}"} | dict(value) for n, value in enumerate(values)]  # type: ignore[call-overload]
    text = "\n".join(map(json.dumps, at)) if lines else json.dumps(at)
    path = tmp_path / ("calls.jsonl" if lines else "calls.json")
    path.write_text(text, "utf-8")
    verdict = runner.check(path)
    assert verdict.fault == "", verdict.traceback

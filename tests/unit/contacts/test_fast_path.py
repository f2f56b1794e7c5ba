"""Delimited text is parsed by the engine where it can be, else record by record: both ways give the same rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.contacts.desk import COLUMNS, WITHOUT_IDS, Row, log_of, row, take_in, write_csv

from tiesa.contacts import staging
from tiesa.core.errors import UnusableInput
from tiesa.core.home import Home

CELLS = st.sampled_from(["", " ", "a", " b ", "c ", 'said "no"', "one,two", "two\nlines", "č;š", "'", "-", "NULL", "0"])


def both_ways(text: str) -> list[tuple[object, ...]]:
    """Counts and rows of the log, by the engine's parser and by the exact one."""
    found = []
    with TemporaryDirectory() as folder:
        file = Path(folder) / "a.csv"
        file.write_bytes(text.encode())
        for way in ("engine", "exact"):
            with pytest.MonkeyPatch.context() as patch:
                if way == "exact":
                    patch.setattr(staging, "_stage_text", lambda *_options: None)
                home = Home(Path(folder) / way)
                home.make()
                (home.private / "salt").write_text("the same in both")
                try:
                    result = take_in(home, file, WITHOUT_IDS)
                except UnusableInput as error:
                    found.append((str(error),))
                else:
                    found.append((result.read, result.accepted, result.quarantined, log_of(home)))
    return found


@settings(max_examples=40)
@given(
    rows=st.lists(st.tuples(st.integers(0, 50), CELLS, CELLS), min_size=1, max_size=8),
    ending=st.sampled_from(["\n", "\r\n"]),
    blank=st.booleans(),
    extra=st.sampled_from(["", "too,few", "x" + "," * 40]),
)
def test_both_ways_give_the_same_rows(rows: list[tuple[int, str, str]], ending: str, blank: bool, extra: str) -> None:
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, COLUMNS, lineterminator=ending)
    writer.writeheader()
    for number, topic, agent in rows:
        writer.writerow(row(number, topic=topic, agent=agent))
        if blank:
            written.write(ending)
    text = written.getvalue() + (extra + ending if extra else "")
    engine, exact = both_ways(text)
    assert engine == exact


def test_the_engine_parses_a_clean_file_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[Row] = [row(n) for n in range(50)]
    monkeypatch.setattr(staging, "_stage_batches", None)  # would be called, and fail, if the engine gave up
    assert take_in(Home(tmp_path / "home"), write_csv(tmp_path / "a.csv", rows)).accepted == 50

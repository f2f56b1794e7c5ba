"""The words people wrote go and come back with the import that brought them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from tests.unit.contacts.desk import WITH_IDS, row, take_in, write_csv

from tiesa.contacts.importing import undo_import
from tiesa.contacts.log import ContactLog
from tiesa.core.home import Home
from tiesa.core.tables import WORDS
from tiesa.engines.duckdb import parquet


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def words(home: Home) -> dict[str, str]:
    """The text that holds of each contact."""
    files = [f.path for f in ContactLog(home).private.words.version().current()]
    with duckdb.connect() as sql:
        rows = sql.execute(f"select contact_id, text from {parquet(files, WORDS)}").fetchall()
    assert len(rows) == len(dict(rows))
    return dict(rows)


def test_undo_of_a_correction_brings_the_former_words_back(home: Home, tmp_path: Path) -> None:
    take_in(home, write_csv(tmp_path / "a.csv", [row(1), row(2)]), WITH_IDS)
    before = words(home)
    changed = row(1, words="something else", price="9.9")
    correction = take_in(home, write_csv(tmp_path / "b.csv", [changed, row(3)]), WITH_IDS)
    assert words(home) == before | {"c1": "something else", "c3": "words of 3"}
    undo_import(home, correction.import_id)
    assert words(home) == before


def test_corrections_of_corrections_are_taken_back_one_by_one(home: Home, tmp_path: Path) -> None:
    imports = []
    for n in range(4):
        file = write_csv(tmp_path / f"{n}.csv", [row(1, words=f"version {n}", price=f"{n}.0")])
        imports.append(take_in(home, file, WITH_IDS).import_id)
    for n in (3, 2, 1):
        undo_import(home, imports[n])
        assert words(home) == {"c1": f"version {n - 1}"}
    undo_import(home, imports[0])
    assert words(home) == {}


def test_words_stay_while_a_later_import_holds_their_contact(home: Home, tmp_path: Path) -> None:
    first = take_in(home, write_csv(tmp_path / "a.csv", [row(1), row(2)]), WITH_IDS)
    second = take_in(home, write_csv(tmp_path / "b.csv", [row(1, price="9.9")]), WITH_IDS)
    undo_import(home, first.import_id)
    assert words(home) == {"c1": "words of 1"}
    undo_import(home, second.import_id)
    assert words(home) == {}

"""The file of rows set aside is whole, or it is not there; and it holds what the log does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.contacts.desk import row, take_in, write_csv

from tiesa.contacts.importing import import_file
from tiesa.contacts.log import ContactLog
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "bad.csv", [row(0), *(row(n, when="yesterday") for n in range(1, 4))])


def test_the_file_gets_its_name_when_every_row_is_in_it(home: Home, bad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[bytes] = []
    name = os.replace

    def look(source: Path, target: Path) -> None:
        if target.parent == home.quarantine:
            named.append(source.read_bytes())
        name(source, target)

    monkeypatch.setattr("os.replace", look)
    result = take_in(home, bad)
    assert result.quarantine_file is not None
    assert named == [result.quarantine_file.read_bytes()]
    assert named[0].count(b"yesterday") == 6
    assert [path.name for path in home.quarantine.iterdir()] == [result.quarantine_file.name]


def test_a_disk_that_fills_up_while_rows_are_set_aside_leaves_nothing_of_them(
    home: Home, bad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room_there(descriptor: int) -> None:
        if any(os.path.samestat(path.stat(), os.fstat(descriptor)) for path in home.quarantine.glob("*")):
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("os.fsync", no_room_there)
        with pytest.raises(OSError, match="No space left"):
            take_in(home, bad)
    assert not list(home.quarantine.glob("*"))
    assert take_in(home, bad).quarantined == 3


@pytest.mark.parametrize(
    ("words", "accepted"),
    [
        pytest.param("a\0b", 3, id="a NUL"),
        pytest.param("line\n" * 2_000, 4, id="a cell of many lines"),
        pytest.param('"', 4, id="a quotation mark"),
    ],
)
def test_what_a_look_at_the_first_rows_takes_for_broken_counts_only_where_it_is_set_aside(
    home: Home, tmp_path: Path, words: str, accepted: int
) -> None:
    """The proposal reads the file first, record by record; then the engine reads it, which understands more."""
    rows = [*(row(n, when="2025-03-01 10:00") for n in range(3)), row(9, topic=words)]
    result = import_file(write_csv(tmp_path / "a.csv", rows), home)
    assert (result.read, result.accepted, result.quarantined) == (4, accepted, 4 - accepted)
    assert sum(f.rows for f in ContactLog(home).files(CONTACT)) == accepted

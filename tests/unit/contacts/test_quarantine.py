"""The file of rows set aside is whole, or it is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.contacts.desk import row, take_in, write_csv

from tiesa.core.home import Home


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

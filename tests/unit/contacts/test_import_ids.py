"""An import that was named beforehand happens once, however often it is begun."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tiesa.contacts.import_ids import new_import_id
from tiesa.contacts.importing import ImportResult, import_file, undo_import
from tiesa.contacts.log import ContactLog
from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT

HEAD = "contact_id,customer,occurred_at,touchpoint,channel\n"
ROWS = HEAD + "1,c1,2026-01-05 09:00,call,phone\n2,c2,2026-01-06 09:00,call,phone\n3,c3,never,call,phone\n"


NO_NAMES = [
    "../../etc", "2026", "20261399-000000-abcdef", "20260930-120500-abcdef/../../etc", "x'; drop table contacts; --",
]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def take(home: Home, text: str, import_id: str) -> ImportResult:
    file = home.root.parent / "calls.csv"
    file.write_text(text)
    return import_file(file, home, import_id=import_id)


def versions(home: Home) -> int:
    return ContactLog(home).store(CONTACT).version().number


def test_begun_again_it_adds_nothing_and_says_the_same(home: Home) -> None:
    named = new_import_id()
    first = take(home, ROWS, named)
    before = versions(home)
    again = take(home, ROWS, named)
    assert first.import_id == again.import_id == named
    assert replace(again, version=0, mapping=first.mapping) == replace(first, version=0)
    assert (again.accepted, again.new_customers, again.quarantined) == (2, 2, 1)
    assert versions(home) == before


def test_what_was_set_aside_is_written_though_the_first_run_died_before_it(home: Home) -> None:
    named = new_import_id()
    first = take(home, ROWS, named)
    assert first.quarantine_file is not None
    said = first.quarantine_file.read_text()
    first.quarantine_file.unlink()
    take(home, ROWS, named)
    assert first.quarantine_file.read_text() == said


def test_begun_again_it_does_not_replace_what_corrected_it_meanwhile(home: Home) -> None:
    named = new_import_id()
    take(home, ROWS, named)
    take(home, HEAD + "1,c1,2026-01-05 09:30,call,phone\n", new_import_id())
    before = versions(home)
    take(home, ROWS, named)
    assert versions(home) == before


def test_begun_again_after_it_was_taken_back_it_stays_taken_back(home: Home) -> None:
    named = new_import_id()
    take(home, ROWS, named)
    undo_import(home, named)
    take(home, ROWS, named)
    assert ContactLog(home).files(CONTACT) == ()


def test_another_name_is_another_import(home: Home) -> None:
    take(home, ROWS, new_import_id())
    assert take(home, ROWS, new_import_id()).duplicates == 2


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_name_that_no_import_can_have_is_refused(home: Home, name: str) -> None:
    with pytest.raises(WrongUsage):
        take(home, ROWS, name)
    assert not home.root.exists()


def test_who_listens_hears_every_row_and_may_end_it(home: Home) -> None:
    file = home.root.parent / "calls.csv"
    file.write_text(ROWS)
    heard: list[tuple[str, int]] = []
    import_file(file, home, told=lambda step, rows: heard.append((step, rows)))
    assert heard == [("read", 3), ("number", 3), ("keep", 3)]

    def enough(step: str, rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(file, Home(home.root.parent / "other"), told=enough)
    assert not (home.root.parent / "other" / "contacts").exists()

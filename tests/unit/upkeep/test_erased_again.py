"""Who was erased already is not erased as if for the first time: only what came since is found, removed and counted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.unit.upkeep.homes import ID, MAIL, PHONE, file_of, made_home, rows_of_person, send, stopping_before, telling

from tiesa.core.home import Home
from tiesa.upkeep.backup import backup
from tiesa.upkeep.erase import erase
from tiesa.upkeep.receipts import Receipt, receipts
from tiesa.upkeep.restore import restore

FIRST = {"identities": 1, "pseudonyms": 4, "texts": 4, "rows_set_aside": 1}
NOTHING = dict.fromkeys(FIRST, 0)


def erased_with_more_since(folder: Path) -> tuple[Home, Receipt]:
    """A home whose person was erased, and of whom three contacts with Message-IDs have come since."""
    home, _file = made_home(folder)
    first = erase(home, ID, why="asked").receipt
    send(home, file_of(folder, rows_of_person(3000, 3), "later.csv"))
    assert telling(home.root) != {}
    return home, first


@pytest.mark.parametrize("called", [ID, MAIL, PHONE])
def test_a_second_erasure_says_that_it_is_one_and_when_the_first_was(tmp_path: Path, called: str) -> None:
    home, _file = made_home(tmp_path)
    first = erase(home, ID, why="asked")
    assert (first.is_repeated, first.before, first.found) == (False, None, FIRST)
    again = erase(home, called, why="asked again")
    assert (again.is_repeated, again.before, again.found) == (True, first.receipt.begun, NOTHING)
    assert again.receipt == first.receipt


def test_what_came_since_is_removed_and_counted_beside_the_rest(tmp_path: Path) -> None:
    home, first = erased_with_more_since(tmp_path)
    again = erase(home, ID, why="asked again")
    assert telling(home.root) == {}
    assert (again.before, again.found) == (first.begun, {**NOTHING, "pseudonyms": 3})
    assert again.receipt.removed == {**FIRST, "pseudonyms": 7}
    assert (again.receipt.begun, again.receipt.why) == (first.begun, "asked")
    assert receipts(home) == (again.receipt,)
    assert erase(home, ID, why="once more").found == NOTHING


def test_a_second_erasure_that_was_broken_off_counts_nothing_twice(tmp_path: Path) -> None:
    home, first = erased_with_more_since(tmp_path)
    whole, stop, stopped = tmp_path / "whole", 0, True
    home.root.rename(whole)
    while stopped:
        stop += 1
        shutil.rmtree(home.root, ignore_errors=True)
        shutil.copytree(whole, home.root)
        with stopping_before(stop, home.root) as stops:
            erase(home, number=first.customer, why="asked again")
        stopped = stops.left == 0
        finished = erase(home, number=first.customer, why="asked again").receipt
        assert telling(home.root) == {}, stop
        assert finished.finished is not None
        assert finished.removed == {**FIRST, "pseudonyms": 7}, stop
    assert stop > 4


def test_an_erasure_that_is_completed_is_not_a_second_one(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    with stopping_before(3, home.root) as stops:
        erase(home, ID, why="asked")
    assert stops.left == 0
    completed = erase(home, ID, why="asked")
    assert (completed.is_repeated, completed.before, completed.receipt.removed) == (False, None, FIRST)


def test_the_lost_receipt_of_an_erased_customer_is_written_anew(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    first = erase(home, ID, why="asked").receipt
    shutil.rmtree(home.root / "erasures")
    again = erase(home, number=first.customer, why="its receipt was lost")
    assert (again.is_repeated, again.before, again.found) == (True, None, NOTHING)
    assert receipts(home) == (again.receipt,)


def test_a_restored_backup_is_erased_from_again_without_counting_twice(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    backup(home, tmp_path / "home.backup")
    first = erase(home, ID, why="asked").receipt
    again = Home(tmp_path / "again")
    assert restore(tmp_path / "home.backup", again).erased == 1
    (kept,) = receipts(again)
    assert (kept.removed, kept.begun) == (first.removed, first.begun)

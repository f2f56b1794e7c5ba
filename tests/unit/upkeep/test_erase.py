"""An erased person is in no file of the home, the figures stay, and no file that is sent again brings them back."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.unit.upkeep.homes import (
    ID,
    MAIL,
    NAME,
    PERSONAL,
    PHONE,
    WORD,
    figures,
    file_of,
    made_home,
    other,
    rows_of_person,
    send,
    stopping_before,
    telling,
)

from tiesa.contacts.importing import ImportResult, undo_import
from tiesa.contacts.private import Private
from tiesa.core.errors import UnknownCustomer, WrongUsage
from tiesa.core.home import Home
from tiesa.core.whole_files import draft_of
from tiesa.journeys.build import build
from tiesa.upkeep.erase import erase
from tiesa.upkeep.pins import pin
from tiesa.upkeep.receipts import receipts


@pytest.mark.parametrize("called", [ID, MAIL, MAIL.upper(), PHONE, "0038641 555-0177"])
def test_no_file_tells_of_the_erased_person(tmp_path: Path, called: str) -> None:
    home, _file = made_home(tmp_path)
    assert {said for file in telling(home.root).values() for said in file} >= set(PERSONAL) - {"415550177"}
    erased = erase(home, called, why="asked in a letter")
    assert telling(home.root) == {}
    assert erased.receipt.removed == {"identities": 1, "pseudonyms": 4, "texts": 4, "rows_set_aside": 1}
    assert erased.elsewhere == {}
    assert erased.receipt.finished is not None


def test_every_figure_stays_and_others_keep_their_words(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    before = figures(home)
    pin(home, 1, why="the board's report")
    erase(home, ID, why="asked")
    assert figures(home) == before
    build(home, full=True)
    assert figures(home) == before == figures(home, 1)
    private = Private(home)
    assert sum(f.rows for f in private.words.version().files) == 40
    assert sum(f.rows for f in private.identities.version().current()) == 7
    assert "never" in next(home.quarantine.glob("*.csv")).read_text("utf-8-sig")


def test_the_same_file_sent_again_brings_nobody_back(tmp_path: Path) -> None:
    home, file = made_home(tmp_path)
    before = figures(home)
    erase(home, ID, why="asked")
    again = send(home, file)
    assert (again.accepted, again.duplicates, again.quarantined, again.new_customers) == (0, 44, 2, 0)
    assert any("4 rows are of erased customers" in note for note in again.notes)
    assert telling(home.root) == {}
    build(home, full=True)
    assert figures(home) == before


def test_a_later_file_keeps_no_name_address_or_words_of_an_erased_person(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    number = erase(home, ID, why="asked").receipt.customer
    more = [{**one, "id": f"later {n}"} for n, one in enumerate(rows_of_person(3000))]
    sent = send(home, file_of(tmp_path, [*more, other(60)], "later.csv"))
    assert (sent.accepted, sent.new_customers) == (5, 0)
    assert telling(home.root) == {}
    build(home)
    assert sum(row["customer_key"] == number for row in figures(home) if "contact_id" in row) == 8


def test_erasing_again_changes_nothing(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    first = erase(home, ID, why="asked").receipt
    for called in (ID, MAIL, PHONE):
        assert erase(home, called, why="asked again").receipt == first
    assert erase(home, number=first.customer, why="asked again").receipt == first
    assert receipts(home) == (first,)


def test_an_unfinished_erasure_is_completed_by_the_same_command(tmp_path: Path) -> None:
    """Stopped before every file it removes or renames, in turn (tests/crash stops it everywhere)."""
    home, _file = made_home(tmp_path)
    whole, stop, stopped = tmp_path / "whole", 0, True
    home.root.rename(whole)
    while stopped:
        stop += 1
        shutil.rmtree(home.root, ignore_errors=True)
        shutil.copytree(whole, home.root)
        with stopping_before(stop, home.root) as stops:
            erase(home, MAIL, why="asked")
        stopped = stops.left == 0
        finished = erase(home, MAIL, why="asked").receipt
        assert telling(home.root) == {}, stop
        assert finished.removed == {"identities": 1, "pseudonyms": 4, "texts": 4, "rows_set_aside": 1}, stop
    assert stop > 10


def test_replaced_words_go_too_and_those_of_others_still_come_back(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    mine = [{**one, "words": "now something else", "topic": "new"} for one in rows_of_person()]
    sent = send(home, file_of(tmp_path, [*mine, other(0, words="changed words", topic="new")], "changed.csv"))
    erase(home, ID, why="asked")
    assert telling(home.root) == {}
    undo_import(home, sent.import_id)
    held = [f.path for f in Private(home).words.version().current()]
    texts = {text for path in held for text in pq.read_table(path, partitioning=None)["text"].to_pylist()}
    assert "words of 0" in texts
    assert "changed words" not in texts


def test_an_import_that_runs_at_the_same_time_brings_nobody_back(tmp_path: Path) -> None:
    home, file = made_home(tmp_path)
    answers: list[ImportResult | BaseException] = []

    def send_on() -> None:
        try:
            for n in range(6):
                rows = [*rows_of_person(), *({**one, "id": f"more {n}-{i}"} for i, one in enumerate(rows_of_person(n)))]
                answers.append(send(home, file_of(tmp_path, [*rows, other(400 + n)], f"{n}.csv")))
        except BaseException as failure:  # noqa: BLE001  a thread's failure is the test's
            answers.append(failure)

    sender = threading.Thread(target=send_on)
    sender.start()
    while len(answers) < 2:
        sender.join(0.05)
    erase(home, ID, why="asked")
    sender.join()
    assert [answer.accepted for answer in answers if isinstance(answer, ImportResult)] == [5] * 6
    assert telling(home.root) == {}
    assert send(home, file).accepted == 0


def test_files_of_killed_processes_go_with_the_person(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    private = Private(home)
    for store in (private.identities, private.words):
        held = store.version().files[0]
        shutil.copy(held.path, store.new_path()[1])
    spilled = home.spill / "tiesa-spill-of-a-dead-process"
    spilled.mkdir(parents=True)
    (spilled / "staging.parquet").write_bytes(f"{NAME} {MAIL}".encode())
    draft_of(home.quarantine / "20260101-000000-abcdef.csv").write_text(f"{ID},{NAME},{WORD}", "utf-8")
    erase(home, ID, why="asked")
    assert telling(home.root) == {}


def test_who_is_not_meant_by_one_name_alone_is_not_erased(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    twins = [
        other(70, who="K-1", mail="two@example.org", phone=""),
        other(71, who="K-2", mail="two@example.org", phone=""),
    ]
    send(home, file_of(tmp_path, twins, "twins.csv"))
    with pytest.raises(
        UnknownCustomer, match=r"2 customers are called 'two@example.org': 8 \(customers\), 9 \(customers\)"
    ):
        erase(home, "two@example.org", why="asked")
    with pytest.raises(UnknownCustomer, match="knows no customer 'nobody'"):
        erase(home, "nobody", why="asked")
    erased = erase(home, number=8, why="asked")
    assert erased.others == ((9, "customers"),)
    with pytest.raises(UnknownCustomer):
        erase(Home(tmp_path / "nowhere"), ID, why="asked")


def test_a_receipt_names_nobody(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    for why in ("", "  ", f"{NAME} wrote", f"letter from {MAIL}", f"ticket of {ID}"):
        with pytest.raises(WrongUsage):
            erase(home, ID, why=why)
    erase(home, ID, why="letter of 3 May")
    kept = "".join(path.read_text() for path in (home.root / "erasures").iterdir())
    assert "letter of 3 May" in kept
    assert not any(one in kept for one in PERSONAL)


def test_what_an_erasure_may_not_change_is_told(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    quoted = [other(80, words=f"{NAME} called for a neighbour"), {**rows_of_person(81, 1)[0], "topic": f"bill of {ID}"}]
    send(home, file_of(tmp_path, quoted, f"{ID}.csv"))
    home.rules.mkdir()
    (home.rules / "journeys.toml").write_text(f'# for {NAME}\ncurrency = "EUR"\n', "utf-8")
    erased = erase(home, ID, why="asked")
    assert erased.elsewhere == {"contacts.reason": 1, "private/texts": 1, "rules/journeys.toml": 1, "imports": 1}


def test_a_short_id_takes_no_other_row_set_aside_with_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    bad = [other(1, when="never", who="17", price="3"), other(2, when="never", who="9", price="17")]
    send(home, file_of(tmp_path, [other(3, who="17", name="", mail="", phone=""), *bad]))
    erase(home, "17", why="asked")
    kept = next(home.quarantine.glob("*.csv")).read_text("utf-8-sig").splitlines()
    assert len(kept) == 2
    assert ",9," in kept[1]

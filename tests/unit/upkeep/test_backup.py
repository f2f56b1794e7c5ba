"""A restored home is the home that was backed up, whatever went on meanwhile; no erased person comes back with it."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.unit.contacts.desk import log_of
from tests.unit.upkeep.homes import (
    ID,
    MAIL,
    figures,
    file_of,
    made_home,
    meanwhile,
    other,
    rows_of_person,
    send,
    stopping_before,
    telling,
)

from tiesa.contacts.private import Private
from tiesa.core.errors import DamagedHome, EmptyHome, TiesaError, UnusableInput, WrongUsage
from tiesa.core.home import Home
from tiesa.core.whole_files import draft_of
from tiesa.journeys.build import build
from tiesa.upkeep.backup import backup
from tiesa.upkeep.check import check
from tiesa.upkeep.erase import erase
from tiesa.upkeep.manifest import NAME
from tiesa.upkeep.pins import pin, pins
from tiesa.upkeep.receipts import receipts
from tiesa.upkeep.remembered import remembered
from tiesa.upkeep.restore import restore


def test_a_restored_home_is_the_same_home(tmp_path: Path) -> None:
    home, file = made_home(tmp_path)
    pin(home, 1, why="the board")
    send(home, file_of(tmp_path, [other(0, topic="changed")], "changed.csv"))
    build(home)
    home.rules.mkdir()
    (home.rules / "journeys.toml").write_text('currency = "RSD"\n')
    made, again = backup(home, tmp_path / "home.backup"), Home(tmp_path / "again")
    restored = restore(made.file, again)
    assert restored.files == made.files
    assert (figures(again), figures(again, 1)) == (figures(home), figures(home, 1))
    assert (log_of(again), pins(again)) == (log_of(home), pins(home))
    for place in ("private/salt", "rules/journeys.toml"):
        assert (again.root / place).read_bytes() == (home.root / place).read_bytes()
    assert check(again).findings == ()
    sent = send(again, file)
    assert (sent.accepted, sent.corrected, sent.new_customers) == (1, 1, 0)
    build(again)


def test_a_backup_is_for_its_owner_only_and_overwrites_nothing(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    file = backup(home, tmp_path / "home.backup").file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    with pytest.raises(WrongUsage, match="This file exists"):
        backup(home, file)
    assert file.read_bytes() == content
    with pytest.raises(WrongUsage, match="lost with it"):
        backup(home, home.root / "home.backup")
    with pytest.raises(EmptyHome):
        backup(Home(tmp_path / "nowhere"), tmp_path / "nothing.backup")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["desk.csv", "home", "home.backup"]


def test_a_restored_home_lets_only_its_owner_read_what_is_private(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    again = Home(tmp_path / "again")
    restore(backup(home, tmp_path / "home.backup").file, again)
    assert stat.S_IMODE(again.private.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in again.private.rglob("*") if p.is_file()} == {0o600}


def test_a_backup_taken_while_others_write_is_consistent(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    sent, stop, failures = [], threading.Event(), list[BaseException]()

    def go_on() -> None:
        try:
            for n in range(100, 200):
                rows = [other(n, name=f"Name {n}"), other(n % 40, topic=f"changed {n}")]
                send(home, file_of(tmp_path, rows, "more.csv"))
                sent.append(n)
                build(home, full=n % 2 == 0)
                if stop.is_set():
                    return
        except BaseException as failure:  # noqa: BLE001  a thread's failure is the test's
            failures.append(failure)

    writer = threading.Thread(target=go_on)
    writer.start()
    made = [backup(home, tmp_path / f"{n}.backup").file for n in range(3)]
    stop.set()
    writer.join()
    assert not failures
    assert sent
    for n, file in enumerate(made):
        again = Home(tmp_path / f"again {n}")
        restore(file, again)
        assert [one for one in check(again).findings if one.code not in ("text-alone", "leftovers")] == []
        build(again)
        for number in sent:
            send(again, file_of(tmp_path, [other(number)], "again.csv"))
        assert len(log_of(again)) == len(log_of(home))


@pytest.mark.parametrize("place", ["/journeys/_delta_log", "/contacts/_delta_log", "/tiesa.toml"])
def test_what_is_kept_while_a_backup_is_taken_breaks_no_link(tmp_path: Path, place: str) -> None:
    home, _file = made_home(tmp_path)

    def go_on() -> None:
        send(home, file_of(tmp_path, [other(0, topic="changed"), other(500, who="somebody new")], "more.csv"))
        build(home, full=True)

    before = len(log_of(home))
    with meanwhile(place, go_on):
        file = backup(home, tmp_path / "home.backup").file
    again = Home(tmp_path / "again")
    restore(file, again)
    assert [one for one in check(again).findings if one.code != "text-alone"] == []
    assert len(log_of(again)) in (before, before + 1)
    send(again, tmp_path / "more.csv")
    build(again)
    assert log_of(again) == log_of(home)


def test_an_erased_person_does_not_come_back_with_a_backup(tmp_path: Path) -> None:
    home, file = made_home(tmp_path)
    saved = backup(home, tmp_path / "home.backup").file
    erased = erase(home, ID, why="asked").receipt
    again = Home(tmp_path / "again")
    restored = restore(saved, again)
    assert restored.erased == 1
    assert telling(again.root) == {}
    assert receipts(again)[0].source_id == erased.source_id
    assert receipts(again)[0].why == "asked"
    sent = send(again, file)
    assert (sent.accepted, sent.new_customers) == (0, 0)
    assert telling(again.root) == {}
    assert check(again).findings == ()


@pytest.mark.parametrize("way", ["replaced", "given folder", "given list"])
def test_receipts_are_known_from_the_replaced_home_or_a_list(tmp_path: Path, way: str) -> None:
    home, _file = made_home(tmp_path)
    saved = backup(home, tmp_path / "home.backup").file
    moved = Path(shutil.move(saved, tmp_path / "moved.backup"))  # nothing is told beside it
    assert erase(home, MAIL, why="asked").backups == (saved,)
    if way == "replaced":
        before = figures(home)
        restored = restore(moved, home, replace=True)
        assert restored.previous is not None
        assert figures(Home(restored.previous)) == before
        again = home
    else:
        again, folder = Home(tmp_path / "again"), home.root / "erasures"
        ledger = folder if way == "given folder" else next(folder.iterdir())
        restored = restore(moved, again, erasures=ledger)
    assert restored.erased == 1
    assert telling(again.root) == {}


def test_who_came_after_the_backup_and_was_erased_is_kept_out(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    late = file_of(tmp_path, [other(300, who="KID-late", name="Later Person", mail="later@primer.example")], "late.csv")
    saved = backup(home, tmp_path / "home.backup").file
    send(home, file_of(tmp_path, [other(301, who="K-between")], "between.csv"))
    send(home, late)
    erase(home, "KID-late", why="asked")
    again = Home(tmp_path / "again")
    assert restore(saved, again).erased == 0
    sent = send(again, late)
    assert (sent.accepted, sent.new_customers) == (1, 0)
    said = b"".join(p.read_bytes() for p in again.root.rglob("*") if p.is_file())
    assert b"KID-late" not in said
    assert b"later@primer.example" not in said
    assert check(again).findings == ()


def test_a_place_in_use_is_not_touched(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    saved = backup(home, tmp_path / "home.backup").file
    with pytest.raises(WrongUsage, match="A home stands there"):
        restore(saved, home)
    other_place = tmp_path / "mine"
    other_place.mkdir()
    (other_place / "letter.txt").write_text("mine")
    for replace in (False, True):
        with pytest.raises(WrongUsage, match="Something else"):
            restore(saved, Home(other_place), replace=replace)
    assert (other_place / "letter.txt").read_text() == "mine"
    empty = tmp_path / "empty"
    empty.mkdir()
    restore(saved, Home(empty))


def changed(file: Path, folder: Path, change: Any) -> Path:
    """A copy of a backup whose members are changed by `change(dict of name -> bytes)`."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    made = folder / "changed.backup"
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made


def relisted(members: dict[str, bytes], **facts: Any) -> None:
    manifest = json.loads(members[NAME]) | facts
    manifest["files"] = {n: [len(c), hashlib.sha256(c).hexdigest()] for n, c in members.items() if n != NAME}
    members[NAME] = json.dumps(manifest).encode()


def escape(members: dict[str, bytes]) -> None:
    members["../../escaped"] = b"x"
    relisted(members)


def newer(members: dict[str, bytes]) -> None:
    relisted(members, layout=2, program="9.0")


def flip(members: dict[str, bytes]) -> None:
    name = next(n for n in members if n.startswith("contacts/") and n.endswith(".parquet"))
    members[name] = members[name][:60] + bytes([members[name][60] ^ 1]) + members[name][61:]


def smuggle(members: dict[str, bytes]) -> None:
    members["extra"] = b"x"


def lose(members: dict[str, bytes]) -> None:
    del members[next(n for n in members if n.startswith("contacts/") and n.endswith(".parquet"))]
    relisted(members)


def no_list(members: dict[str, bytes]) -> None:
    del members[NAME]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (escape, "outside the home"),
        (newer, r"A newer version of Tiesa \(9.0\)"),
        (flip, "not those that were written"),
        (smuggle, "other files than its list"),
        (lose, "missing"),
        (no_list, "no backup"),
    ],
)
def test_a_bad_backup_is_refused_and_leaves_nothing(tmp_path: Path, change: Any, said: str) -> None:
    home, _file = made_home(tmp_path)
    bad = changed(backup(home, tmp_path / "home.backup").file, tmp_path, change)
    before = sorted(p for p in tmp_path.parent.rglob("*") if "/home/" not in str(p))
    with pytest.raises(TiesaError, match=said):
        restore(bad, Home(tmp_path / "again"))
    assert sorted(p for p in tmp_path.parent.rglob("*") if "/home/" not in str(p)) == before


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("x")
    for name in ("letter", "nothing", ""):
        with pytest.raises(UnusableInput, match="no backup"):
            restore(tmp_path / name, Home(tmp_path / "again"))


def test_a_damaged_home_is_not_backed_up(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    path = Private(home).words.version().files[0].path
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedHome, match="not those that were written"):
        backup(home, tmp_path / "home.backup")
    path.unlink()
    with pytest.raises(DamagedHome, match="missing"):
        backup(home, tmp_path / "home.backup")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["desk.csv", "home"]


def test_a_broken_off_restore_leaves_the_old_home_and_is_completed_by_the_same_command(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    saved = backup(home, tmp_path / "home.backup").file
    shutil.move(saved, tmp_path / "moved.backup")
    erase(home, ID, why="asked")
    before, whole = figures(home), tmp_path / "whole"
    home.root.rename(whole)

    def restored_and_stopped(stop: int) -> int:
        for left in [p for p in tmp_path.iterdir() if p.name not in ("whole", "moved.backup", "desk.csv")]:
            shutil.rmtree(left)
        shutil.copytree(whole, home.root)
        with stopping_before(stop, tmp_path) as stops:
            restore(tmp_path / "moved.backup", home, replace=True)
        return stops.left

    steps = 1000 - restored_and_stopped(1000)
    for stop in (1, steps // 2, steps - 1, steps):
        assert restored_and_stopped(stop) == 0
        restore(tmp_path / "moved.backup", home, replace=True)
        assert figures(home) == before
        assert telling(home.root) == {}


def test_the_home_remembers_its_backups(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    files = [backup(home, tmp_path / f"{n}.backup").file for n in range(2)]
    assert [one.file for one in remembered(home)] == files
    beside = [f.with_name(f.name + ".erasures") for f in files]
    left = [draft_of(path) for path in (*files, *beside)]  # by processes that were killed
    for draft in left:
        draft.touch()
    erase(home, ID, why="asked")
    assert not any(draft.exists() for draft in left)
    assert all(ledger.exists() and stat.S_IMODE(ledger.stat().st_mode) == 0o600 for ledger in beside)
    send(home, file_of(tmp_path, rows_of_person(5000, 1), "late.csv"))

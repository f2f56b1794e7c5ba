"""Looking after a home from the command line: what it says, what it returns, what it refuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.upkeep.homes import ID, MAIL, NAME, PHONE, file_of, made_home, other, rows_of_person, send, telling

from tiesa.cli.keeping import swept_in_words
from tiesa.core.home import Home
from tiesa.journeys.build import build
from tiesa.upkeep.vacuum import Stay, Stays, Swept

Tiesa = Callable[..., subprocess.CompletedProcess[str]]
Answer = Callable[..., dict]


@pytest.fixture
def tiesa(warm_tiesa: Path) -> Tiesa:
    """Runs a command on a home."""

    def run(home: Home, *words: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "COLUMNS": "100", "TIESA_HOME": str(home.root)}
        call = [warm_tiesa, *map(str, words)]
        return subprocess.run(call, capture_output=True, text=True, env=environment, timeout=120)

    return run


@pytest.fixture
def answer(tiesa: Tiesa) -> Answer:
    """Runs a command on a home; its JSON."""

    def told(home: Home, *words: str | Path) -> dict:
        done = tiesa(home, *words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return told


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return made_home(tmp_path)[0]


def test_check_says_what_is_wrong_and_what_to_do(home: Home, tiesa: Tiesa) -> None:
    done = tiesa(home, "check")
    assert done.returncode == 0
    assert "nothing is wrong" in done.stdout
    home.private.chmod(0o755)
    done = tiesa(home, "check")
    assert done.returncode == 1
    assert "error  Others may read what is private (mode 755)  private" in done.stdout
    assert "chmod 700" in done.stdout
    told = tiesa(home, "check", "--json")
    assert told.returncode == 1
    assert [f["code"] for f in json.loads(told.stdout)["findings"]] == ["access"]


def test_a_backup_comes_back_without_whom_was_erased(
    home: Home, tmp_path: Path, tiesa: Tiesa, answer: Callable[..., dict]
) -> None:
    file = tmp_path / "home.backup"
    done = tiesa(home, "backup", file)
    assert done.returncode == 0
    assert "home.backup.erasures" in done.stdout
    told = answer(home, "erase", MAIL, "--why", "letter of 3 May")
    assert (told["customer"], told["removed"]["texts"], told["backups_not_told"]) == (7, 4, [])
    refused = tiesa(home, "restore", file)
    assert refused.returncode == 2
    assert "--replace" in refused.stderr
    again = Home(tmp_path / "again")
    done = tiesa(again, "restore", file)
    assert done.returncode == 0, done.stderr
    assert "1 customer was erased again" in done.stdout
    assert telling(again.root) == {}
    done = tiesa(home, "restore", file, "--replace")
    assert "delete it when nothing is missing" in done.stdout


def test_erase_says_what_it_did_and_names_nobody(home: Home, tmp_path: Path, tiesa: Tiesa) -> None:
    send(home, file_of(tmp_path, [other(90, who="K-twin", phone=PHONE, words=f"for {NAME}")], "twin.csv"))
    done = tiesa(home, "erase", ID, "--why", "asked")
    assert done.returncode == 0, done.stderr
    assert "Customer 7 is erased; the figures stay as they are." in done.stdout
    assert "Removed: 1 identity, 4 ids, 4 texts, 1 row set aside\n" in done.stdout
    assert "tiesa erase --number 8" in done.stdout
    assert "! private/texts still says who it was, in 1 place" in done.stdout
    for status, words in ((1, ("nobody", "--why", "x")), (2, (ID,)), (2, ("--why", "x"))):
        refused = tiesa(home, "erase", *words)
        assert (refused.returncode, refused.stdout) == (status, "")
        assert refused.stderr.count("\n") == 1


def test_erase_says_who_was_erased_already_and_what_came_since(
    home: Home, tmp_path: Path, tiesa: Tiesa, answer: Callable[..., dict]
) -> None:
    first = answer(home, "erase", ID, "--why", "asked")
    assert (first["repeated"], first["first_erased"], first["removed_now"]) == (False, None, first["removed"])
    day = first["begun"][:10]
    done = tiesa(home, "erase", ID, "--why", "asked again")
    assert (done.returncode, done.stderr) == (0, "")
    said = f"Customer 7 had been erased already, on {day}. Nothing of theirs was found this time.\n"
    assert done.stdout.startswith(said + "Receipt: erasures/7-")
    send(home, file_of(tmp_path, rows_of_person(3000, 2), "later.csv"))
    done = tiesa(home, "erase", "--number", "7", "--why", "asked again")
    assert f"Customer 7 had been erased already, on {day}.\nFound since, and removed now: 2 ids\n" in done.stdout
    told = answer(home, "erase", ID, "--why", "asked again")
    assert (told["repeated"], told["first_erased"], set(told["removed_now"].values())) == (True, first["begun"], {0})
    assert told["removed"]["pseudonyms"] == 6
    for receipt in (home.root / "erasures").iterdir():
        receipt.unlink()
    done = tiesa(home, "erase", ID, "--why", "its receipt was lost")
    assert "Customer 7 had been erased already; the receipt was lost, and is written anew." in done.stdout


def test_vacuum_says_what_stays_why_and_until_when(home: Home, tiesa: Tiesa, answer: Answer) -> None:
    done = tiesa(home, "vacuum")
    assert done.stdout == "Nothing to remove: every file belongs to what stands now\n"
    build(home, full=True)
    left = home.root / ".draft-0123abcd-tiesa.toml"
    left.write_bytes(b"12345")
    os.utime(left, (0, 0))
    recent = answer(home, "vacuum", "--dry-run")["stays"]["recent"]
    days = datetime.fromisoformat(recent["last"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < days < timedelta(days=7)
    stay = r"\d replaced files \([\d.]+ kB\) stay for now \(--keep 7d\).* from \d{4}-\d\d-\d\d \d\d:\d\d UTC on"
    for words, head in ((["--dry-run"], "1 file would go, 5 B\nKept: "), ([], "1 file is gone, 5 B\nKept: ")):
        assert re.fullmatch(head + stay + "\n", tiesa(home, "vacuum", *words).stdout)
    assert re.fullmatch("Nothing can go: " + stay + "\n", tiesa(home, "vacuum").stdout)
    (home.root / "journey_contacts/_delta_log/00000000000000000001.json").write_text("{")
    assert tiesa(home, "vacuum").stdout.startswith("! The log of journey_contacts cannot be read")


@pytest.mark.parametrize(("n", "words"), [(1, "1 replaced file (9 B) stays "), (2, "2 replaced files (9 B) stay ")])
def test_what_stays_is_told_in_one_and_in_many(n: int, words: str) -> None:
    at = datetime(2026, 5, 3, 10, 0, 0, 1, UTC)
    stays = Stays(Stay(n, 9, at, at + timedelta(hours=n - 1)), pinned=Stay(n, 9), evidence=Stay(n, 9))
    (said,) = swept_in_words(Swept(0, 0, {}, 0, (), False, stays), "7d")
    assert said.startswith("Nothing can go: " + words)
    assert said.count(";") == 2
    times = re.findall(r"from 2026-05-03 (\d\d:\d\d) UTC on", said)
    assert times == ["10:01", "11:01"][:n]


def test_a_wrong_length_of_time_is_refused_with_an_example(home: Home, tiesa: Tiesa) -> None:
    refused = tiesa(home, "vacuum", "--keep", "soon")
    assert refused.returncode == 2
    assert refused.stderr.endswith("--keep: 'soon' is not a length of time. Write it as in --keep 7d.\n")


def test_pins_are_kept_by_vacuum_and_listed(
    home: Home, tmp_path: Path, tiesa: Tiesa, answer: Callable[..., dict]
) -> None:
    assert "Nothing is pinned." in tiesa(home, "pins").stdout
    assert answer(home, "pin", "1", "--why", "the board")["evidence"] == 1
    send(home, file_of(tmp_path, [other(0, topic="changed")], "changed.csv"))
    build(home, full=True)
    assert "the board" in tiesa(home, "pins").stdout
    swept = answer(home, "vacuum", "--keep", "1h", "--dry-run")
    assert (swept["files"], swept["dry_run"]) == (0, True)
    said = tiesa(home, "vacuum").stdout
    assert re.fullmatch(
        r"Nothing can go: \d replaced files \(.*\) stay because they are pinned \(`tiesa pins`\)\n", said
    )
    assert "no longer kept" in tiesa(home, "unpin", "1").stdout
    for words in (("pin", "9", "--why", "x"), ("unpin", "1")):
        assert tiesa(home, *words).returncode == 1
    for words in (("pin", "1"), ("vacuum", "--keep", "5m"), ("vacuum", "--keep", "0d")):
        assert tiesa(home, *words).returncode == 2


def test_upgrade_has_nothing_to_do_and_refuses_what_it_does_not_know(home: Home, tiesa: Tiesa) -> None:
    assert "Nothing to do" in tiesa(home, "upgrade").stdout
    home.settings.write_text("layout = 2\n")
    for words in (["upgrade"], ["imports"], ["pins"]):
        refused = tiesa(home, *words)
        assert refused.returncode == 1
        assert "This home has layout 2, and this version of Tiesa reads layout 1" in refused.stderr

"""Looking after a home from the command line: what it says, what it returns, what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.upkeep.homes import ID, MAIL, NAME, PHONE, file_of, made_home, other, send, telling

from tiesa.core.home import Home
from tiesa.journeys.build import build


def tiesa(home: Home, *words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "100", "TIESA_HOME": str(home.root)}
    call = [sys.executable, "-m", "tiesa", *map(str, words)]
    return subprocess.run(call, capture_output=True, text=True, env=environment, timeout=120)


def answer(home: Home, *words: str | Path) -> dict:
    done = tiesa(home, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return made_home(tmp_path)[0]


def test_check_says_what_is_wrong_and_what_to_do(home: Home) -> None:
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


def test_a_backup_comes_back_without_whom_was_erased(home: Home, tmp_path: Path) -> None:
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


def test_erase_says_what_it_did_and_names_nobody(home: Home, tmp_path: Path) -> None:
    send(home, file_of(tmp_path, [other(90, who="K-twin", phone=PHONE, words=f"for {NAME}")], "twin.csv"))
    done = tiesa(home, "erase", ID, "--why", "asked")
    assert done.returncode == 0, done.stderr
    assert "Customer 7 is erased; the figures stay as they are." in done.stdout
    assert "1 identity, 4 ids, 4 texts, 1 rows set aside" in done.stdout
    assert "tiesa erase --number 8" in done.stdout
    assert "! private/texts still says who it was, in 1 place" in done.stdout
    for status, words in ((1, ("nobody", "--why", "x")), (2, (ID,)), (2, ("--why", "x"))):
        refused = tiesa(home, "erase", *words)
        assert (refused.returncode, refused.stdout) == (status, "")
        assert refused.stderr.count("\n") == 1


def test_pins_are_kept_by_vacuum_and_listed(home: Home, tmp_path: Path) -> None:
    assert "Nothing is pinned." in tiesa(home, "pins").stdout
    assert answer(home, "pin", "1", "--why", "the board")["evidence"] == 1
    send(home, file_of(tmp_path, [other(0, topic="changed")], "changed.csv"))
    build(home, full=True)
    assert "the board" in tiesa(home, "pins").stdout
    swept = answer(home, "vacuum", "--keep", "1h", "--dry-run")
    assert (swept["files"], swept["dry_run"]) == (0, True)
    assert "0 files are gone" in tiesa(home, "vacuum").stdout
    assert "no longer kept" in tiesa(home, "unpin", "1").stdout
    for words in (("pin", "9", "--why", "x"), ("unpin", "1")):
        assert tiesa(home, *words).returncode == 1
    for words in (("pin", "1"), ("vacuum", "--keep", "5m"), ("vacuum", "--keep", "0d")):
        assert tiesa(home, *words).returncode == 2


def test_upgrade_has_nothing_to_do_and_refuses_what_it_does_not_know(home: Home) -> None:
    assert "Nothing to do" in tiesa(home, "upgrade").stdout
    home.settings.write_text("layout = 2\n")
    for words in (["upgrade"], ["imports"], ["pins"]):
        refused = tiesa(home, *words)
        assert refused.returncode == 1
        assert "This home has layout 2, and this version of Tiesa reads layout 1" in refused.stderr

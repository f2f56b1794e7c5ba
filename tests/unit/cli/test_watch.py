"""`tiesa watch` as a process of its own: files dropped, half written, signals, kills, two at once, a full disk."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.unit.contacts.desk import WITH_IDS, log_of, row, write_csv

from tiesa.cli.watching import stopping
from tiesa.contacts.log import ContactLog
from tiesa.core.home import Home
from tiesa.journeys.evidence import evidence

Line = dict[str, Any]
QUICK = ("--every", "50ms", "--settle", "200ms")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with an empty `in`, where `home` will stand, and a mapping."""
    (tmp_path / "in").mkdir()
    (tmp_path / "desk.toml").write_text(WITH_IDS)
    return tmp_path


def command(place: Path, *words: str) -> list[str]:
    given = ("--home", str(place / "home"), "--mapping", str(place / "desk.toml"))
    return [sys.executable, "-m", "tiesa", "watch", str(place / "in"), *given, *words]


@contextmanager
def watching(place: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A watch under way; it does not outlive the block."""
    process = subprocess.Popen(command(place, *QUICK, "--json", *words), stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(process: subprocess.Popen[str], event: str, n: int = 1) -> list[Line]:
    """The lines up to the n-th of this event."""
    assert process.stdout is not None
    lines: list[Line] = []
    while sum(line["event"] == event for line in lines) < n:
        text = process.stdout.readline()
        assert text, f"the watch ended with {process.wait()}"
        lines.append(json.loads(text))
    return lines


def once(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(place, *QUICK, "--once", *words), capture_output=True, text=True, timeout=120, check=False
    )


def drop(place: Path, number: int, rows: int = 20) -> Path:
    """File `number` with its own rows, as a careful program drops it: under another name until it is whole."""
    draft = write_csv(place / "in" / f"{number}.csv.part", [row(i) for i in range(rows * number, rows * (number + 1))])
    return draft.rename(place / "in" / f"{number}.csv")


def assert_each_contact_once(place: Path, n: int) -> None:
    home = Home(place / "home")
    assert sorted(r["contact_id"] for r in log_of(home)) == sorted(f"c{i}" for i in range(n))
    assert evidence(home).facts["contacts"] == n


def imported(place: Path) -> list[str]:
    return sorted(fact["file"] for fact in ContactLog(Home(place / "home")).imports())


def test_files_are_taken_as_they_arrive_and_half_written_ones_are_left(place: Path) -> None:
    whole = write_csv(place / "whole.csv", [row(i) for i in range(20, 60)]).read_bytes()
    with watching(place) as process:
        drop(place, 0)
        assert [line["event"] for line in until(process, "built")] == ["taken", "built"]
        with (place / "in" / "slow.csv").open("wb") as slow:
            for start in range(0, len(whole), 600):
                slow.write(whole[start : start + 600])
                slow.flush()
                time.sleep(0.05)
            assert until(process, "notice")[-1]["where"].endswith("slow.csv")  # it was quiet, but still open
            slow.write(b"")
        taken, built = until(process, "built")
        assert (taken["read"], taken["accepted"], taken["quarantined"]) == (40, 40, 0)
        assert built["contacts"] == 60
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert_each_contact_once(place, 60)


def test_killed_again_and_again_it_takes_every_file_once(place: Path) -> None:
    seed = random.Random(7)
    for number in range(4):
        drop(place, number)
        with watching(place) as process:
            if number % 2:
                until(process, "taken")
            time.sleep(seed.uniform(0, 1.5))
            process.kill()
    done = once(place, "--json")
    assert done.returncode == 0, done.stderr
    assert_each_contact_once(place, 80)
    assert imported(place) == [f"{n}.csv" for n in range(4)]
    assert once(place, "--json").stdout == ""


def test_two_watchers_do_no_harm_and_one_goes_on_where_the_other_is_killed(place: Path) -> None:
    with watching(place) as first, watching(place) as second:
        for number in range(2):
            drop(place, number)
        time.sleep(0.8)
        first.kill()
        for number in range(2, 4):
            drop(place, number)
        lines: list[Line] = []
        while not lines or lines[-1].get("contacts") != 80:
            lines += until(second, "built")
        second.send_signal(signal.SIGINT)
        assert second.wait(60) == 0
    assert_each_contact_once(place, 80)
    assert imported(place) == [f"{n}.csv" for n in range(4)]


def test_a_signal_ends_it_after_the_file_under_way_with_nothing_owed(place: Path) -> None:
    for number in range(4):
        drop(place, number)
    with watching(place) as process:
        until(process, "taken")
        process.send_signal(signal.SIGTERM)
        out, _err = process.communicate(timeout=60)
        assert process.returncode == 0
    assert json.loads(out.splitlines()[-1])["event"] == "built"
    assert evidence(Home(place / "home")).facts["contacts"] == len(log_of(Home(place / "home")))
    assert once(place).returncode == 0
    assert_each_contact_once(place, 80)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_ends_it_at_once(number: signal.Signals) -> None:
    with stopping() as wait:
        assert not wait(0)
        os.kill(os.getpid(), number)
        assert wait(60)
        assert wait(0)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_people_read_one_line_per_event_and_what_needs_them_on_stderr(place: Path) -> None:
    drop(place, 0)
    (place / "in" / "empty\x1b[31m.csv").touch()
    done = once(place)
    assert done.returncode == 1
    taken, built, total = done.stdout.splitlines()
    assert taken.endswith("0.csv  20 rows = 20 accepted + 0 duplicates + 0 set aside")
    assert "20 contacts (evidence 1)" in built
    assert total == "1 file taken, 1 not usable."
    (refused,) = done.stderr.splitlines()
    assert refused.endswith("empty?[31m.csv cannot be used: The file is empty. Export it again.")


def test_a_full_disk_puts_files_off_and_loses_none(place: Path) -> None:
    drop(place, 0, rows=400)
    words = ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", *command(place, *QUICK, "--once", "--json")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert {json.loads(line)["event"] for line in done.stdout.splitlines()} == {"notice"}
    done = once(place, "--json")
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["taken", "built"], done.stderr
    assert_each_contact_once(place, 400)


@pytest.mark.parametrize("words", [("--every", "0"), ("--settle", "soon"), ("--as", "nothing")])
def test_wrong_usage_is_one_sentence(place: Path, words: tuple[str, ...]) -> None:
    done = once(place, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tiesa: ")
    assert len(done.stderr.splitlines()) == 1

"""A file is whole or not there, and every refusal says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.reports.logs import support_home

from tiesa.core.errors import EmptyHome, TiesaError, WrongUsage
from tiesa.core.home import Home
from tiesa.reports.export import export


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return support_home(tmp_path_factory.mktemp("home") / "home")


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("log.xes", {"format": "xls"}, "xes, ocel, csv, xlsx, parquet"),
        ("log.csv", {"format": "csv", "what": "answers"}, "contacts, journeys"),
        ("log.xes", {"format": "xes", "what": "journeys"}, "both|together"),
        ("log.xlsx.gz", {"format": "xlsx"}, "packed already"),
        ("none/log.xes", {"format": "xes"}, "does not exist"),
        (".", {"format": "xes"}, "folder, not a file"),
    ],
)
def test_wrong_words_are_refused(home: Home, tmp_path: Path, name: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(WrongUsage, match=said):
        export(home, tmp_path / name, **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_home_without_journeys_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyHome, match="tiesa build"):
        export(Home(tmp_path / "home"), tmp_path / "log.xes", format="xes")
    assert not (tmp_path / "log.xes").exists()


def test_a_failure_midway_leaves_the_old_file_and_no_draft(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "log.xes"
    out.write_text("as it was")

    def fail(_log: object, stream: object) -> tuple[str, ...]:
        stream.write(b"half a ")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tiesa.reports.export.write_xes", fail)
    with pytest.raises(TiesaError, match="No space left on device"):
        export(home, out, format="xes")
    assert out.read_text() == "as it was"
    assert [p.name for p in tmp_path.iterdir()] == ["log.xes"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_place_that_cannot_be_written_is_said_so(home: Home) -> None:
    with pytest.raises(TiesaError, match="cannot be written"):
        export(home, Path("/proc/log.xes"), format="xes")


def tiesa(*words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": "src", "LC_ALL": "C.UTF-8", "LANGUAGE": "en"}
    return subprocess.run(
        [sys.executable, "-m", "tiesa", *map(str, words)], capture_output=True, text=True, env=environment
    )


def test_the_command_says_what_it_wrote(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "log.csv"
    done = tiesa("export", "--format", "csv", "--out", out, "--home", home.root, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["contacts"] == 395
    assert answer["bytes"] == out.stat().st_size


def test_the_command_refuses_with_one_sentence(home: Home, tmp_path: Path) -> None:
    done = tiesa("export", "--format", "pdf", "--out", tmp_path / "a.pdf", "--home", home.root)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1

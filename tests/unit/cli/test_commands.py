"""The command line as people and programs meet it: real processes, real files, one sentence on errors."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tiesa.cli.main import main

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "support.csv"


def tiesa(*words: str | Path, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "100"} | ({"TIESA_HOME": str(home)} if home else {})
    return subprocess.run(
        [sys.executable, "-m", "tiesa", *map(str, words)], capture_output=True, text=True, env=environment, timeout=120
    )


def answer(*words: str | Path, home: Path | None = None) -> dict:
    done = tiesa(*words, "--json", home=home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_try_answers_from_one_file_and_leaves_nothing(tmp_path: Path) -> None:
    done = tiesa("try", EXAMPLE, home=tmp_path / "home")
    assert done.returncode == 0
    for part in ("395 contacts of 114 customers in 147 journeys", "Customers wait 40 h for us (27–56 h, n 132)",
                 "How could there be fewer contacts", "Why must they ask again", "They wrote: why no reaction",
                 "Could the employee see it", "Cannot be judged: the data do not say where a journey reached its goal",
                 "Who waits for us now", "What this file can tell", "step 4 of 5"):  # fmt: skip
        assert part in done.stdout
    assert done.stderr == ""
    assert not (tmp_path / "home").exists()


def test_try_in_json_has_every_figure_with_its_n_and_interval() -> None:
    told = answer("try", EXAMPLE)
    assert (told["contacts"], told["customers"], told["journeys"]) == (395, 114, 147)
    assert [question["number"] for question in told["questions"]] == [1, 2, 3, 4, 5, 6]
    figures = {question["number"]: question["figures"] for question in told["questions"]}
    for share in (figures[3]["repeats"], figures[3]["again"], figures[4]["unanswered"], figures[4]["insisted"]):
        assert share["interval"]["low"] <= share["count"] / share["n"] == share["value"] <= share["interval"]["high"]
    owners = figures[1]["owners"]
    assert sum(wait["share"] for wait in owners) == pytest.approx(1)
    assert all(wait["low_s"] <= wait["median_s"] <= wait["high_s"] for wait in owners if wait["low_s"] is not None)
    assert told["ladder"]["reached"] == 4
    assert [step["number"] for step in told["ladder"]["steps"] if step["lacking"]] == [5]


def test_now_can_be_given(tmp_path: Path) -> None:
    later = answer("try", EXAMPLE, "--as-of", "2025-04-30T12:00")
    assert later["as_of"].startswith("2025-04-30 12:00")
    (oldest, *_younger) = later["questions"][0]["figures"]["open_now"]
    assert oldest["since"].startswith("2025-01-06 09:32")
    assert oldest["waited_s"] == 114 * 86_400 + 2 * 3_600 + 28 * 60  # 6 January 09:32 to 30 April 12:00
    assert tiesa("try", EXAMPLE, "--as-of", "soon").returncode == 2


def test_import_build_undo_from_end_to_end(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = answer("import", EXAMPLE, home=home)
    assert first["read"] == first["accepted"] + first["duplicates"] + first["quarantined"] == 395
    assert answer("import", EXAMPLE, "--home", home)["duplicates"] == 395
    built = answer("build", home=home)
    assert built["contacts"] == 395
    assert built["customers"] == first["customers"]
    assert [fact["import_id"] for fact in answer_list("imports", home=home)] == [first["import_id"]]
    assert answer("undo", first["import_id"], home=home)["taken_back"]["contact"] == 395
    failed = tiesa("build", home=home)
    assert failed.returncode == 1
    assert "tiesa import" in failed.stderr


def answer_list(*words: str, home: Path) -> list[dict]:
    found = answer(*words, home=home)
    assert isinstance(found, list)
    return found


def test_one_unusable_file_does_not_stop_the_others(tmp_path: Path) -> None:
    empty, good = tmp_path / "empty.csv", tmp_path / "good.csv"
    empty.touch()
    good.write_bytes(EXAMPLE.read_bytes())
    done = tiesa("import", empty, good, "--json", home=tmp_path / "home")
    first, second = json.loads(done.stdout)
    assert done.returncode == 1
    assert "empty" in first["error"]
    assert second["accepted"] == 395
    assert done.stderr.count("\n") == 1


def test_mapping_proposes_toml_that_imports_everything(tmp_path: Path) -> None:
    mapping = tmp_path / "support.toml"
    assert tiesa("mapping", EXAMPLE, "--out", mapping).returncode == 0
    result = answer("import", EXAMPLE, "--mapping", mapping, "--dry-run", home=tmp_path / "home")
    assert (result["accepted"], result["mapping"]["recognised"]) == (395, "given")
    assert len(result["preview"]) == 10
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["try", "nowhere.csv"], 1, "nowhere.csv"),
        (["try", "."], 1, "folder|directory"),
        (["try", "empty.csv"], 1, "empty"),
        (["try", "cut.csv.gz"], 1, "cut.csv.gz"),
        (["try", "bomb.xes"], 1, "entit"),
        (["import", "good.csv", "--mapping", "broken.toml"], 2, "broken.toml"),
        (["import", "good.csv", "--as", "spaceship"], 2, "contact, customer"),
        (["undo", "20200101-000000-aaaaaa"], 1, "No import"),
        (["build"], 1, "no contacts"),
        (["nonsense"], 2, "nonsense"),
        (["import"], 2, "FILE"),
        (["build", "--rules", "rules.toml"], 2, "speed"),
    ],
)
def test_an_error_is_one_sentence_with_the_right_status(
    tmp_path: Path, words: list[str], status: int, said: str
) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "good.csv").write_bytes(EXAMPLE.read_bytes())
    (tmp_path / "cut.csv.gz").write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b")
    (tmp_path / "broken.toml").write_text("source = \n")
    (tmp_path / "rules.toml").write_text("speed = 3\n")
    (tmp_path / "bomb.xes").write_text('<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa">]><log>&a;</log>')
    environment = {**os.environ, "TIESA_HOME": str(tmp_path / "home"), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "tiesa", *words],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode == status, done.stderr
    assert re.search(said, done.stderr)
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()


def test_debug_shows_where_an_error_comes_from(tmp_path: Path) -> None:
    done = tiesa("--debug", "try", tmp_path / "nowhere.csv")
    assert "Traceback" in done.stderr
    assert done.returncode == 1


def test_every_command_has_help(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    listed = re.findall(r"^  ([a-z-]+)  ", tiesa("--help").stdout.partition("Commands:")[2], re.MULTILINE)
    assert {"try", "mapping", "import", "imports", "undo", "build"} <= set(listed)
    for command in listed:  # in this process: thirty starts would show nothing more
        monkeypatch.setattr(sys, "argv", ["tiesa", command, "--help"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        assert capsys.readouterr().out.startswith(f"Usage: tiesa {command} ")

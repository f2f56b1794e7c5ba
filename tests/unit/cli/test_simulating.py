"""`tiesa simulate` as a person or a program meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3] / "src"


def tiesa(*words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.run(
        [sys.executable, "-m", "tiesa", *map(str, words)], capture_output=True, text=True, env=environment, timeout=120
    )


def test_simulate_writes_the_files_and_says_they_are_made_up(tmp_path: Path) -> None:
    done = tiesa("simulate", "--customers", "200", "--seed", "3", "--out", tmp_path / "company")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Made up: 200 customers")
    assert "Nobody in these files exists" in done.stdout
    names = {
        str(file.relative_to(tmp_path / "company")) for file in (tmp_path / "company").rglob("*") if file.is_file()
    }
    assert {
        "contacts.parquet",
        "customers.parquet",
        "truth.json",
        "truth/exposures.parquet",
        "rules/journeys.toml",
    } <= names


def test_options_reach_the_company_and_json_tells_the_truth(tmp_path: Path) -> None:
    words = ["--no-effects", "--drift", "--mood-nonresponse", "--hidden", "--households", "--heavy-tails", "--json"]
    done = tiesa("simulate", "--customers", "120", "--seed", "3", "--out", tmp_path, *words)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["made_up"] is True
    assert answer["truth"] == json.loads((tmp_path / "truth.json").read_text())
    assert answer["truth"]["options"] == {
        "customers": 120, "seed": 3, "effects": False, "drift": True, "mood_nonresponse": True, "hidden": True,
        "households": True, "heavy_tails": True,
    }  # fmt: skip
    assert answer["rows"]["contacts"] == answer["truth"]["contacts"]


def test_mistakes_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for words in (
        ["--customers", "0", "--out", tmp_path],
        ["--seed", "-1", "--out", tmp_path],
        ["--out", tmp_path / "file"],
        [],
    ):
        done = tiesa("simulate", *words)
        assert done.returncode == 2
        assert done.stderr.startswith("tiesa: ")
        assert "Traceback" not in done.stderr

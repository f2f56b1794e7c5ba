"""`tiesa standards` as people and programs meet it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "support.csv"


def tiesa(*words: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "120", "TIESA_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "tiesa", *map(str, words)], capture_output=True, text=True, env=environment, timeout=120
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("standards") / "home"
    for words in (("import", EXAMPLE), ("build",)):
        done = tiesa(*words, home=folder)
        assert done.returncode == 0, done.stderr
    return folder


def test_standards_and_expectations_stand_under_their_headings(home: Path) -> None:
    shown = tiesa("standards", home=home).stdout
    assert shown.index("Standards ─") < shown.index("reply on email") < shown.index("What customers expect ─")


def test_in_json_every_standard_has_its_n_and_interval(home: Path) -> None:
    done = tiesa("standards", "--json", home=home)
    answer = json.loads(done.stdout)
    rows = answer["standards"]["figures"]["standards"]
    assert rows
    assert all(row["low"] <= row["kept"] / row["n"] <= row["high"] for row in rows)
    assert answer["expectations"]["figures"]["checks"] == []
    assert "template" in answer["expectations"]["answer"]


def test_the_tables_go_to_files(home: Path, tmp_path: Path) -> None:
    done = tiesa("standards", "--out", tmp_path / "out", home=home)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "standards.csv").read_text(encoding="utf-8").count("reply on") == 3


def test_deadlines_need_no_contacts_and_name_their_source(tmp_path: Path) -> None:
    shown = tiesa("standards", "--deadlines", "--country", "RS", home=tmp_path / "none").stdout
    assert "8 days" in shown
    assert "Zakon o zaštiti potrošača" in shown
    assert "counsel" in shown
    assert "2015/2366" not in shown  # of the Union


def test_deadlines_are_told_in_the_language_asked_for_and_named_as_the_rules_need_them(tmp_path: Path) -> None:
    words = ("standards", "--deadlines", "--country", "RS", "--language", "lt")
    shown = " ".join(tiesa(*words, home=tmp_path / "none").stdout.split())
    assert "vartotojo pretenzija: atsakymas: 8 dienos" in shown
    assert "`consumer complaint, answer`" in shown
    assert "counsel" not in shown


def test_a_mistake_in_the_standards_is_one_sentence(home: Path) -> None:
    file = home / "rules" / "standards.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text('[[standards]]\nname = "x"\nmetric = "magic"\ntarget = 1\n', encoding="utf-8")
    done = tiesa("standards", home=home)
    file.unlink()
    assert done.returncode == 2
    assert "standards[1].metric" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_country_without_deadlines_is_wrong_usage(home: Path) -> None:
    assert tiesa("standards", "--country", "RS", home=home).returncode == 2

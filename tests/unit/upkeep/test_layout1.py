"""A home that the first version left is read by every command, and its figures are what they were."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.upkeep.layout1 import CORRECTED, FIGURES, UNDONE, ZIP, unpacked

from tiesa.cli.main import app
from tiesa.contacts.log import ContactLog
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT
from tiesa.journeys.build import build
from tiesa.journeys.view import open_view
from tiesa.upkeep.check import check

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "support.csv"
WORDS = {
    "mapping": [str(EXAMPLE)],
    "import": [str(EXAMPLE)],
    "imports": [],
    "undo": [CORRECTED],
    "joins": [],
    "join": ["1", "2"],
    "part": ["2"],
    "build": [],
    "questions": [],
    "standards": [],
    "situations": [],
    "map": ["--out", "map.svg"],
    "graph": ["--out", "graph.svg"],
    "variants": ["--out", "variants.csv"],
    "compare": ["--before", "2025-02-15"],
    "report": ["--out", "report.html"],
    "export": ["--format", "csv", "--out", "contacts.csv"],
    "check": [],
    "backup": ["home.backup"],
    "upgrade": [],
    "vacuum": [],
    "pin": ["2", "--why", "kept"],
    "pins": [],
    "erase": ["K1112", "--why", "asked"],
    "unpin": ["2"],
    "rules": [],
}
FILES = {"map.svg", "graph.svg", "variants.csv", "report.html", "contacts.csv", "home.backup"}
NOT_OF_A_HOME = {"try", "simulate", "demo", "bench", "restore", "watch", "serve", "worker", "moments", "early-warning"}
"""Of these, restore, watch, serve, worker, moments and early-warning (too little here) have tests of their own."""


def figures_of(home: Home, version: int) -> tuple[int, int, int, int, int, int]:
    with open_view(home, version=version) as view:
        return view.one(
            "select sum(contacts)::bigint, count(*), sum(duration_s)::bigint, sum(wait_us_s)::bigint, "
            "sum(wait_customer_s)::bigint, sum(wait_unknown_s)::bigint from all_journeys"
        )


@pytest.fixture(scope="module")
def unzipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(tmp_path_factory.mktemp("layout1") / "home").root


@pytest.fixture
def home(unzipped: Path, tmp_path: Path) -> Home:
    return Home(Path(shutil.copytree(unzipped, tmp_path / "home")))


def test_the_fixture_stays_small() -> None:
    assert ZIP.stat().st_size < 300_000


@pytest.mark.parametrize("version", FIGURES)
def test_every_evidence_has_the_figures_it_had(home: Home, version: int) -> None:
    assert figures_of(home, version) == FIGURES[version]


def test_a_new_build_gives_the_same_figures(home: Home) -> None:
    made = build(home, full=True)
    assert figures_of(home, made.version) == FIGURES[3]


def test_a_check_finds_nothing(home: Home) -> None:
    assert check(home).findings == ()


def test_what_was_sent_is_known_and_what_was_undone_is_not(home: Home) -> None:
    facts = {fact["import_id"]: fact["action"] for fact in ContactLog(home).imports()}
    assert facts[UNDONE] == "undo"
    assert facts[CORRECTED] == "import"
    assert sum(f.rows for f in ContactLog(home).files(CONTACT)) == 398


def test_every_command_is_tried() -> None:
    assert {command.name for command in app.registered_commands} == set(WORDS) | NOT_OF_A_HOME


def test_every_command_reads_it(home: Home, tmp_path: Path) -> None:
    script = "\n".join(
        [
            "import sys, json, io, contextlib",
            "from tiesa.cli.main import app",
            "for words in json.loads(sys.argv[1]):",
            "    with contextlib.redirect_stdout(io.StringIO()):",
            "        status = app(words, prog_name='tiesa', standalone_mode=False)",
            "    print(words[0], status or 0, flush=True)",
        ]
    )
    placed = {
        name: [str(tmp_path / word) if word in FILES else word for word in words] for name, words in WORDS.items()
    }
    calls = [[name, *words, "--home", str(home.root)] for name, words in placed.items()]
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(calls)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{name} 0" for name in WORDS]

"""Two importers at once, and importers and builders that are killed: nothing lost, nothing doubled, no repair."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from tests.unit.contacts.desk import WITH_IDS, WITHOUT_IDS, log_of, row, take_in, write_csv

from tiesa.core.home import Home
from tiesa.journeys.build import build
from tiesa.journeys.evidence import evidence

WORK = """
import sys
from pathlib import Path
from tiesa.contacts.importing import import_file
from tiesa.contacts.mapping import read_mapping
from tiesa.core.home import Home
from tiesa.journeys.build import build
home, mapping = Home(Path(sys.argv[1])), read_mapping(Path(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
for file in sys.argv[4:]:
    import_file(file, home, mapping=mapping)
    print("kept", file, flush=True)
    if sys.argv[3] == "build":
        build(home)
        print("built", flush=True)
"""


def start(home: Home, mapping: Path, files: list[Path], *, then: str = "") -> subprocess.Popen[str]:
    words = [sys.executable, "-c", WORK, str(home.root), str(mapping), then, *map(str, files)]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def go(*workers: subprocess.Popen[str]) -> None:
    """Wait until all are ready, then let them run together."""
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()


@pytest.mark.parametrize("text", [WITH_IDS, WITHOUT_IDS], ids=["with ids", "without ids"])
def test_two_importers_of_overlapping_files_keep_every_row_once(tmp_path: Path, text: str) -> None:
    home, mapping = Home(tmp_path / "home"), tmp_path / "desk.toml"
    mapping.write_text(text)
    files = [write_csv(tmp_path / f"{n}.csv", [row(i) for i in range(40 * n, 40 * n + 80)]) for n in range(6)]
    workers = [start(home, mapping, files), start(home, mapping, files[::-1])]
    go(*workers)
    for worker in workers:
        out, _err = worker.communicate(timeout=120)
        assert worker.returncode == 0
        assert out.count("kept") == 6
    alone = Home(tmp_path / "alone")
    take_in(alone, write_csv(tmp_path / "all.csv", [row(i) for i in range(280)]), text)
    ids = text == WITH_IDS
    assert log_of(home, ids=ids) == log_of(alone, ids=ids)


def test_killed_importers_and_builders_leave_a_home_that_goes_on(tmp_path: Path) -> None:
    home, mapping, seed = Home(tmp_path / "home"), tmp_path / "desk.toml", random.Random(20)
    mapping.write_text(WITH_IDS)
    files = [write_csv(tmp_path / f"{n}.csv", [row(i) for i in range(50 * n, 50 * n + 50)]) for n in range(8)]
    take_in(home, files[0])
    build(home)
    kept: set[str] = {str(files[0])}
    for _round in range(6):
        worker = start(home, mapping, files, then="build")
        go(worker)
        time.sleep(seed.uniform(0.0, 1.5))
        worker.kill()
        out, _err = worker.communicate()
        kept |= {line.split()[1] for line in out.splitlines() if line.startswith("kept")}
        found = [r["contact_id"] for r in log_of(home)]
        assert len(found) == len(set(found))
        for file in kept:
            first = 50 * int(Path(file).stem)
            assert {f"c{i}" for i in range(first, first + 50)} <= set(found)
        assert_whole(home)
    for file in files:
        take_in(home, file)
    build(home)
    assert_whole(home)
    assert len(log_of(home)) == 400


def assert_whole(home: Home) -> None:
    """What readers see now belongs together: rows, journeys and build facts of one evidence number."""
    view = evidence(home)
    with duckdb.connect() as sql:
        rows, ids = sql.execute(f"select count(*), count(distinct contact_id) from {view.rows_sql}").fetchall()[0]
        contacts, journeys = sql.execute(f"select sum(contacts), count(*) from {view.journeys_sql}").fetchall()[0]
    assert rows == ids == contacts == view.facts["contacts"]
    assert journeys == view.facts["journeys"]
    assert view.contacts_version == view.facts["contacts_version"]

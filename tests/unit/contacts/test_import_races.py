"""Two importers at once, with ids and without: nothing lost, nothing doubled. (tests/crash kills them as well.)"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.contacts.desk import WITH_IDS, WITHOUT_IDS, log_of, row, take_in, write_csv

from tiesa.core.home import Home

WORK = """
import sys
from pathlib import Path
from tiesa.contacts.importing import import_file
from tiesa.contacts.mapping import read_mapping
from tiesa.core.home import Home
home, mapping = Home(Path(sys.argv[1])), read_mapping(Path(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
for file in sys.argv[3:]:
    import_file(file, home, mapping=mapping)
    print("kept", file, flush=True)
"""


def start(home: Home, mapping: Path, files: list[Path]) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", WORK, str(home.root), str(mapping), *map(str, files)]
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

"""Tests of one group run in one process, and the longest group begins at once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

GROUPED = """
import os, pytest
@pytest.mark.parametrize("n", range(4))
@pytest.mark.xdist_group("one")
def test_grouped(n):
    print("worker of the group:", os.environ["PYTEST_XDIST_WORKER"])
@pytest.mark.parametrize("n", range(4))
def test_single(n): pass
"""


def test_tests_of_a_group_share_a_process_and_the_bare_machine_begins_first(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "tests" / "bare").mkdir(parents=True)
    shutil.copy(checkout / "tests" / "conftest.py", tmp_path / "tests")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "tests" / "test_it.py").write_text(GROUPED)
    (tmp_path / "tests" / "test_last.py").write_text(GROUPED.replace('"one"', '"bare"').replace("the group", "bare"))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "CI", "DJANGO"))}
    options = ["-n", "2", "--dist=loadgroup", "--no-loadscope-reorder", "-p", "no:cacheprovider", "-p", "no:django"]
    words = [sys.executable, "-m", "pytest", "-v", "-rP", *options, "tests"]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    for name in ("the group", "bare"):
        workers = re.findall(rf"^worker of {name}: (\w+)", done.stdout, re.MULTILINE)
        assert len(workers) == 4
        assert len(set(workers)) == 1
    order = re.findall(r"^\[(gw\d)\].* PASSED (\S+)", done.stdout, re.MULTILINE)
    first_of = dict(reversed(order))  # a process keeps its order; which of two prints first is chance
    assert any(test.endswith("@bare") for test in first_of.values()), order

"""Where CI runs, a skipped test fails the run, unless the list of allowed skips names it with a reason."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPED = "import pytest\n@pytest.mark.skip(reason='no wish')\ndef test_one(): pass\ndef test_two(): pass\n"
SKIPPED_WHOLE = "import pytest\npytest.skip('no wish at all', allow_module_level=True)\n"
EXPECTED_FAILURE = "import pytest\n@pytest.mark.xfail(reason='known')\ndef test_one(): assert False\n"


def run(
    folder: Path, checkout: Path, test: str, allowed: str, *, ci: bool, workers: int
) -> subprocess.CompletedProcess[str]:
    (folder / "tests").mkdir()
    (folder / ".ci").mkdir()
    shutil.copy(checkout / "tests" / "conftest.py", folder / "tests")
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "tests" / "test_it.py").write_text(test)
    (folder / "tests" / "test_other.py").write_text("def test_other(): pass\n")
    (folder / ".ci" / "allowed-skips.txt").write_text(allowed)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CI", "DJANGO"))}
    environment |= {"CI": "true"} if ci else {}
    words = [sys.executable, "-m", "pytest", "-n", str(workers), "-p", "no:cacheprovider", "tests"]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("test", [SKIPPED, SKIPPED_WHOLE], ids=["a test", "a file"])
def test_a_skip_nobody_allowed_fails_the_run(checkout: Path, tmp_path: Path, test: str, workers: int) -> None:
    done = run(tmp_path, checkout, test, "", ci=True, workers=workers)
    assert done.returncode == 1
    assert "no wish" in done.stdout
    assert " passed" in done.stdout.splitlines()[-1], "the closing line stays last"


@pytest.mark.parametrize(
    ("test", "allowed", "ci", "status"),
    [
        pytest.param(SKIPPED, "tests/test_it.py::*  because it may\n", True, 0, id="allowed"),
        pytest.param(SKIPPED, "tests/test_it.py::*\n", True, 4, id="allowed without a reason"),
        pytest.param(SKIPPED, "", False, 0, id="not on CI"),
        pytest.param(EXPECTED_FAILURE, "", True, 0, id="expected failure"),
    ],
)
def test_what_else_is_skipped(checkout: Path, tmp_path: Path, test: str, allowed: str, ci: bool, status: int) -> None:
    done = run(tmp_path, checkout, test, allowed, ci=ci, workers=0)
    assert done.returncode == status, done.stdout + done.stderr

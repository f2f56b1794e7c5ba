"""The whole suite of the application once more, on a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SELF = Path(__file__).name


@pytest.mark.xdist_group("postgresql")
@pytest.mark.skipif(os.environ.get("TIESA_TEST_DATABASE") == "postgresql", reason="this is that run")
def test_the_suite_passes_on_postgresql(checkout: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "tests/app",
        f"--ignore=tests/app/{SELF}",
    ]
    outside = ("DJANGO", "PYTEST", "TIESA", "CI")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(outside)}
    environment |= {"TIESA_TEST_DATABASE": "postgresql", "PYTHONPATH": f"{checkout / 'src'}:{checkout}"}
    done = subprocess.run(words, cwd=checkout, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout

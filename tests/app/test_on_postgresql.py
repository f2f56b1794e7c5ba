"""The suite of the application once more, on a real PostgreSQL.

Left out unless the run is a long one (`./tiesa test --long`): tests marked `reads_the_home`. What they look at comes
from the home's files and from our catalogues of sentences, or from a database of their own; this one says no more than
who is signed in, as it does to all the others.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.app.conftest import COMPANY

SELF = Path(__file__).name


@pytest.mark.xdist_group("postgresql")
@pytest.mark.skipif(os.environ.get("TIESA_TEST_DATABASE") == "postgresql", reason="this is that run")
def test_the_suite_passes_on_postgresql(checkout: Path, made_company: Path) -> None:
    long = bool(os.environ.get("TIESA_LONG"))
    which = [] if long else ["-m", "not reads_the_home"]
    words = [
        *(sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"),
        *(*which, "tests/app", f"--ignore=tests/app/{SELF}"),
    ]
    outside = ("DJANGO", "PYTEST", "TIESA", "CI")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(outside)}
    environment |= {"TIESA_TEST_DATABASE": "postgresql", "PYTHONPATH": f"{checkout / 'src'}:{checkout}"}
    environment |= {COMPANY: str(made_company.parent)} | ({"TIESA_LONG": "1"} if long else {})
    done = subprocess.run(words, cwd=checkout, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout

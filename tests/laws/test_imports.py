"""Who may import whom, and what a start may cost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "numba", "sklearn", "statsmodels", "scipy", "pandas", "polars", "duckdb",
    "altair", "vl_convert", "typst", "xlsxwriter",
}  # fmt: skip


def run(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    return subprocess.run(words, cwd=checkout, env=environment, capture_output=True, text=True)


def test_rooms_import_only_what_stands_before_them(checkout: Path) -> None:
    contracts = run(
        checkout, sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"
    )
    assert contracts.returncode == 0, contracts.stdout + contracts.stderr


@pytest.mark.parametrize(
    "words", [["-c", "import tiesa"], ["-m", "tiesa", "--version"]], ids=["import tiesa", "tiesa --version"]
)
def test_a_start_imports_nothing_heavy(checkout: Path, words: list[str]) -> None:
    start = run(checkout, sys.executable, "-X", "importtime", *words)
    assert start.returncode == 0, start.stderr[-2000:]
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in start.stderr.splitlines() if "|" in line}
    assert "tiesa" in imported
    assert not imported & HEAVY

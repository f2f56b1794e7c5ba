"""What is true of every file of the project."""

from __future__ import annotations

import os
import re
from pathlib import Path


def texts(files: list[Path]) -> dict[Path, str]:
    return {
        file: file.read_text(encoding="utf-8", errors="replace")
        for file in files
        if file.suffix not in {".png", ".mo", ".parquet"}
    }


def test_nothing_outside_the_tests_points_out_of_the_checkout(checkout: Path, project_files: list[Path]) -> None:
    """The data of the tests may lie beside the checkout; the product and its documents stand alone."""
    product = [file for file in project_files if file.relative_to(checkout).parts[0] != "tests"]
    found = [
        str(f.relative_to(checkout))
        for f, text in texts(product).items()
        if re.search(r"(?<![\w-])shared/|/work/", text)
    ]
    assert not found


def test_scripts_can_be_run(checkout: Path) -> None:
    for script in ["tiesa", ".ci/run", "requirements/compile"]:
        assert os.access(checkout / script, os.X_OK), script


def test_the_example_names_nobody(checkout: Path) -> None:
    example = (checkout / "examples" / "support.csv").read_text(encoding="utf-8")
    assert "@" not in example
    assert not re.search(r"\+?\d[\d ]{8,}\d", re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "", example)), "a telephone number?"


def test_ends_of_files_are_clean(project_files: list[Path]) -> None:
    own = [f for f in project_files if f.suffix in {".py", ".md", ".toml", ".txt", ".csv"}]
    found = [str(f) for f, text in texts(own).items() if text and (not text.endswith("\n") or "\r\n" in text)]
    assert not found

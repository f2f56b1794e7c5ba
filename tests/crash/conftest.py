"""One nursery and one set of prepared homes for all trials; a summary of them at the end of the run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.crash.kept import nursery
from tests.crash.scene import Scene

LONG = bool(os.environ.get("TIESA_LONG"))
TRIAL = "trial"


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Prepared homes, and a nursery whose processes can be stopped at every file call."""
    with nursery() as kept:
        if kept.refused:
            pytest.skip(f"file calls cannot be watched: {kept.refused}")
        yield Scene(Path(tmp_path_factory.mktemp("crash")), kept)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the trials were, line by line in a long run."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, [])]
    lines = sorted(str(value) for report in reports for name, value in report.user_properties if name == TRIAL)
    if not lines:
        return
    terminalreporter.section("crash suite")
    for line in lines if LONG else ():
        terminalreporter.line(line)
    exact = sum(" exact " in line or " all whole " in line for line in lines)
    terminalreporter.line(f"{exact} of {len(lines)} trials exact")

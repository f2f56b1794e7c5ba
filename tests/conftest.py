"""What every test may use, and the law that nothing is skipped in silence where CI runs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).resolve().parent.parent
ALLOWED_SKIPS = CHECKOUT / ".ci" / "allowed-skips.txt"

# The machine may be slow and shared: examples are counted, never timed.
settings.register_profile("usual", deadline=None, print_blob=True)
settings.register_profile("long", deadline=None, print_blob=True, max_examples=2_000)
settings.load_profile("long" if os.environ.get("TIESA_LONG") else "usual")

os.environ["TIESA_LANGUAGE"] = "en"  # whatever the machine speaks; tests of other languages choose theirs

if os.environ.get("TIESA_BARE"):  # already on the bare machine that tests/bare has made
    collect_ignore = ["bare"]


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds `tiesa`, `src` and `tests`."""
    return CHECKOUT


@pytest.fixture(scope="session")
def warm_tiesa() -> Iterator[Path]:
    """The program `tiesa`, ready at once: for tests of what commands say, not of how they start."""
    from tests import warm

    with warm.warm_tiesa(CHECKOUT) as program:
        yield program


@pytest.fixture(scope="session")
def project_files() -> list[Path]:
    """The files of the project: what git tracks or would, and without git everything that is not made by a tool."""
    listing = ["git", "-C", str(CHECKOUT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        names = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split("\0")
        files = [CHECKOUT / name for name in names if name]
    except (OSError, subprocess.CalledProcessError):
        made = {".git", ".tools", ".venv", "__pycache__", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
        files = [f for f in CHECKOUT.rglob("*") if not made.intersection(f.relative_to(CHECKOUT).parts)]
    return sorted(file for file in files if file.is_file())


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real, published logs, which are no part of the checkout; TIESA_REAL_DATA names another place."""
    folder = Path(os.environ.get("TIESA_REAL_DATA", CHECKOUT.parent / "shared" / "data"))
    if not (folder / "contacts").is_dir():
        pytest.skip(f"the real logs are not in {folder}; name their folder in TIESA_REAL_DATA")
    return folder


FAST = ("src", "tests/unit", "tests/laws")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In several processes groups stay together, and long ones begin early: nobody is left alone with one at the end.

    The bare machine, the longest, begins at once in one process while the others take what fails fast; then come the
    other groups, then single tests. A single process keeps the order of `testpaths`. The launcher tells xdist not to
    change the order by itself (`--no-loadscope-reorder`).
    """
    if os.environ.get("PYTEST_XDIST_WORKER"):
        for item in items:
            keep_in_group(item)
        items.sort(key=turn)


def keep_in_group(item: pytest.Item) -> None:
    """xdist 3.8 tells the group of a test in its id, in a way that pytest 9.2 no longer reads: groups silently fell
    apart (https://github.com/pytest-dev/pytest-xdist/issues/1386). Does nothing once xdist does it."""
    named = getattr(item, "_nodeid", item.nodeid)
    if named != item.nodeid:
        item._id = type(item.id).parse(named)


def turn(item: pytest.Item) -> int:
    group = item.get_closest_marker("xdist_group")
    if group and group.args == ("bare",):
        return 0
    if item.nodeid.startswith(FAST):
        return 1
    return 2 if group else 3


def allowed_skips(lines: list[str]) -> list[str]:
    """The patterns of test ids that may be skipped; each line is a pattern, then its reason."""
    entries = [line.split(maxsplit=1) for line in lines if line.strip() and not line.startswith("#")]
    for entry in entries:
        if len(entry) == 1:
            raise pytest.UsageError(f"{ALLOWED_SKIPS.name}: {entry[0]} has no reason")
    return [entry[0] for entry in entries]


class NoSilentSkips:
    """Fails the run when a test was skipped that `.ci/allowed-skips.txt` does not name."""

    def __init__(self, allowed: list[str]) -> None:
        self.allowed = allowed
        self.refused: dict[str, str] = {}

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        expected_failure = hasattr(report, "wasxfail")
        if report.skipped and not expected_failure and not any(fnmatch(report.nodeid, p) for p in self.allowed):
            self.refused[report.nodeid] = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.note(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.refused and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.refused:
            terminalreporter.section("skipped, but not allowed by .ci/allowed-skips.txt", red=True)
            for test, reason in sorted(self.refused.items()):
                terminalreporter.line(f"{test}: {reason}")


def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")
    if os.environ.get("CI") == "true" and not is_worker:
        config.pluginmanager.register(NoSilentSkips(allowed_skips(ALLOWED_SKIPS.read_text().splitlines())))

"""Runs works in turn (A B C A B C ...), each in a process of its own within limits: noise hits all alike."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench import generate
from bench.job import Folder
from bench.pieces import CUSTOMERS, WORKS, Piece, Work

Tell = Callable[[str], None]
SEED = 61
"""Of the made-up company."""


@dataclass(frozen=True)
class Limits:
    """What one process may take before it is ended."""

    minutes: float
    memory_gib: float


@dataclass(frozen=True)
class Measured:
    """One run of a work; `extra` is what else it told of itself, `said` what it answered (first round only)."""

    seconds: float
    cpu_seconds: float
    peak_gib: float
    extra: Mapping[str, Any]
    said: Mapping[str, Any]


@dataclass
class Outcome:
    """All runs of a work, or why there are none."""

    work: Work
    runs: list[Measured] = field(default_factory=list)
    why_not: str = ""


class Stopped(Exception):
    """A work that was ended, or that failed; says why."""


def free_gib() -> float:
    """Memory that processes could still get."""
    with Path("/proc/meminfo").open() as facts:
        return next(int(line.split()[1]) for line in facts if line.startswith("MemAvailable")) / 2**20


def measure(piece: Piece, folder: Folder, *, runs: int, limits: Limits, tell: Tell) -> list[Outcome]:
    """Every work of a piece, round by round; one that fails once is not asked again."""
    outcomes = [Outcome(work, why_not=_missing(work)) for work in piece.works]
    for number in range(runs):
        for outcome in outcomes:
            if outcome.why_not:
                continue
            tell(f"{piece.name}: {outcome.work.label} ({number + 1} of {runs})")
            try:
                outcome.runs.append(run(outcome.work, folder, limits=limits, check=number == 0))
            except Stopped as error:
                outcome.why_not = str(error)
    return outcomes


def disagreements(outcomes: Sequence[Outcome]) -> list[str]:
    """Facts that two works of a piece do not say alike, told by name; facts that only one of them has are not held."""
    said = [(o.work.label, o.runs[0].said) for o in outcomes if o.runs and o.runs[0].said]
    return [
        f"{label} and {said[0][0]}: {', '.join(different)}"
        for label, facts in said[1:]
        if (different := [name for name in facts.keys() & said[0][1].keys() if facts[name] != said[0][1][name]])
    ]


def agreeing(outcomes: Sequence[Outcome]) -> tuple[int, int]:
    """How many works answered, and how many facts of theirs were held against each other."""
    said = [o.runs[0].said for o in outcomes if o.runs and o.runs[0].said]
    return len(said), len(set().union(*said)) if said else 0


def prepare(piece: Piece, folder: Folder, rows: int, *, limits: Limits, tell: Tell) -> None:
    """Make what the piece stands on, where it is not there yet: the log, its home, its journeys."""
    folder.root.mkdir(parents=True, exist_ok=True)
    if piece.counts == CUSTOMERS:
        _make_company(folder, rows, tell)
    else:
        _make_log(folder, rows, tell)
    there = {
        "duckdb_copy": folder.bare.exists(),
        "tiesa_import": (folder.home / "contacts" / "_delta_log").exists(),
        "tiesa_build": (folder.home / "journey_contacts" / "_delta_log" / f"{1:020}.json").exists(),
        "company_home": (folder.home / "journey_contacts" / "_delta_log").exists(),
        "tried": folder.tried.exists(),
    }
    for name in piece.after:
        if not there[name]:
            tell(f"making ready: {WORKS[name].label}")
            run(WORKS[name], folder, limits=limits, check=False)


def _make_log(folder: Folder, rows: int, tell: Tell) -> None:
    for path, arrivals in ((folder.csv, 0), (folder.arrivals, min(10_000, max(1, rows // 1000)))):
        if not path.exists():
            tell(f"making {path.name}")
            generate.main(rows, path.with_suffix(".part"), arrivals)
            path.with_suffix(".part").rename(path)


def _make_company(folder: Folder, customers: int, tell: Tell) -> None:
    from tiesa.simulate import simulate

    if not (folder.company / "truth.json").exists():
        tell("making up a company")
        simulate(customers, seed=SEED, out=folder.company)


def run(work: Work, folder: Folder, *, limits: Limits, check: bool) -> Measured:
    """One run in a process of its own. Raises: Stopped."""
    checkout = Path(__file__).resolve().parents[1]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(checkout / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "RETENTIONEERING_NO_TRACK": "1",  # it would send what it is used for to its makers
        **(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1") if work.one_thread else {}),
    }
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        words = [sys.executable, checkout / "bench" / "work.py", work.name, folder.root, str(time.monotonic())]
        process = subprocess.Popen(
            [*words, *(["--check"] if check else [])], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment
        )
        try:
            _watch(process, limits)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raised = re.findall(
                r"^[\w.]*(?:Error|Exception|Exit)\b.*", err.read().decode(errors="replace"), re.MULTILINE
            )
            raise Stopped(f"failed: {raised[-1][:200] if raised else process.returncode}")
        answer = json.loads(out.read().splitlines()[-1])
    measured = answer["measured"]
    seconds, cpu_seconds, peak_gib = (measured.pop(name) for name in ("seconds", "cpu_seconds", "peak_gib"))
    return Measured(seconds, cpu_seconds, peak_gib, measured, answer["said"])


def _watch(process: subprocess.Popen[bytes], limits: Limits) -> None:
    """Wait until the process ends, or end it where it takes too much."""
    until = time.monotonic() + 60 * limits.minutes
    resident = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        if time.monotonic() > until:
            raise Stopped(f"stopped after {limits.minutes:g} minutes")
        try:
            taken = next((int(x.split()[1]) for x in resident.read_text().splitlines() if x.startswith("RssAnon")), 0)
        except OSError:
            taken = 0
        if taken > limits.memory_gib * 2**20:
            raise Stopped(f"stopped at {limits.memory_gib:.1f} GiB of memory")
        time.sleep(0.05)


def _missing(work: Work) -> str:
    missing = [package for package in work.needs if find_spec(package) is None]
    return f"{', '.join(missing)} not installed" if missing else ""

"""A work that is ready to run, and the folder it runs in."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Facts = dict[str, Any]
LOG = Path(__file__).with_name("log.toml")


def nothing() -> Facts:
    return {}


@dataclass(frozen=True)
class Job:
    """run: the measured work; what it returns goes to the results; `seconds` and `cpu_seconds` among it stand
    for the time of its own that counts.

    check: afterwards, unmeasured: facts that must be the same for every work of the piece.
    """

    run: Callable[[], Mapping[str, Any]]
    check: Callable[[], Facts] = field(default=nothing)


@dataclass
class Clock:
    """Adds up the time of the parts of a job that count; used as a context."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def __enter__(self) -> None:
        self._started = time.perf_counter(), time.process_time()

    def __exit__(self, *_error: object) -> None:
        self.seconds += time.perf_counter() - self._started[0]
        self.cpu_seconds += time.process_time() - self._started[1]

    def facts(self) -> Facts:
        return {"seconds": self.seconds, "cpu_seconds": self.cpu_seconds}


@dataclass(frozen=True)
class Folder:
    """Where one size of the log lives, with all that is made of it."""

    root: Path

    @property
    def csv(self) -> Path:
        return self.root / "contacts.csv"

    @property
    def arrivals(self) -> Path:
        """New contacts that come after the log was built."""
        return self.root / "arrivals.csv"

    @property
    def bare(self) -> Path:
        """The CSV as DuckDB copies it to Parquet: what competitors read that know no home."""
        return self.root / "bare.parquet"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def company(self) -> Path:
        """The files of a made-up company, with its truth."""
        return self.root / "company"

    @property
    def tried(self) -> Path:
        """The company's journeys and situations as one table, see `bench.tried`."""
        return self.root / "tried.npz"

    @property
    def coded(self) -> Path:
        """The columns of the log as the bare pass reads them, as plain arrays."""
        return self.root / "coded"

    def output(self, work: str) -> Path:
        """An empty folder for the files of a work."""
        folder = self.root / "output" / work
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

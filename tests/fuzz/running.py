"""Many files through worker processes, with a limit of time and memory for each; a worker that falls is replaced."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any

from tests.fuzz.corpus import Malformed, malformed

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 2**30
"""What the whole process, Python and libraries included, may hold at any moment."""
STOPPED_AT = 3 * 2**30
"""A worker that holds this much is stopped, so that the machine lives."""
CPU_SECONDS = 20.0
WALL_SECONDS = 180.0
FILES_PER_WORKER = 400
AGAIN_EVERY = 4
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a file. fault: the broken law, "" where all hold; cpu in seconds; memory in bytes."""

    fault: str
    sentence: str = ""
    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    cpu: float = 0.0
    memory: int = 0
    traceback: str = ""


def quick_folder() -> Path | None:
    """Where many small homes come and go without wearing a disk."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and os.access(memory, os.W_OK) else None


@dataclass(slots=True)
class Runner:
    """Hands files to a worker. Use it as a context manager: it ends its worker and removes its folder."""

    _folder: Path = field(init=False)
    _worker: subprocess.Popen[str] | None = None
    _files: int = 0
    _errors: Any = None

    def __enter__(self) -> Runner:
        self._folder = Path(tempfile.mkdtemp(prefix="tiesa-fuzz-", dir=quick_folder()))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, file: Malformed) -> Verdict:
        place = self._folder / "file"
        place.mkdir()
        try:
            return self.check(file.write(place), again=file.number % AGAIN_EVERY == 0)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def check(self, path: Path, *, again: bool = False) -> Verdict:
        """The verdict on one file."""
        worker = self._ready()
        assert worker.stdin is not None
        task = {"path": str(path), "folder": str(self._folder / "run"), "again": again}
        shutil.rmtree(self._folder / "run", ignore_errors=True)  # of a worker that fell
        worker.stdin.write(json.dumps(task) + "\n")
        worker.stdin.flush()
        found = self._awaited(worker)
        self._files += 1
        if self._files >= FILES_PER_WORKER or found.memory > MEMORY // 2:
            self._end()
        if not found.fault and found.memory > MEMORY:
            return _with_fault(found, f"it took {found.memory / 2**20:.0f} MiB")
        if not found.fault and found.cpu > CPU_SECONDS:
            return _with_fault(found, f"it took {found.cpu:.0f} s")
        return found

    def _awaited(self, worker: subprocess.Popen[str]) -> Verdict:
        assert worker.stdout is not None
        start, started = monotonic(), _cpu(worker.pid)
        while not select.select([worker.stdout], [], [], 0.1)[0]:
            held = _resident(worker.pid)
            if held > STOPPED_AT:
                return self._stopped(worker, f"it took more than {held / 2**20:.0f} MiB")
            used = _cpu(worker.pid) - started
            if used > 1.5 * CPU_SECONDS or monotonic() - start > WALL_SECONDS:
                return self._stopped(worker, f"it hangs: {used:.0f} s of CPU, {monotonic() - start:.0f} s by the clock")
        line = worker.stdout.readline()
        if line:
            return Verdict(**json.loads(line))
        status = worker.wait()
        return self._stopped(worker, f"the process fell ({signal.Signals(-status).name if status < 0 else status})")

    def _stopped(self, worker: subprocess.Popen[str], fault: str) -> Verdict:
        if worker.poll() is None:
            worker.send_signal(signal.SIGABRT)  # it says first where it stands
            try:
                worker.wait(10)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self._errors.seek(0)
        said = self._errors.read()[-6_000:]
        self._end()
        return Verdict(fault, traceback=said)

    def _ready(self) -> subprocess.Popen[str]:
        if self._worker is None:
            self._errors = tempfile.TemporaryFile("w+", dir=self._folder, errors="replace")  # noqa: SIM115
            environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(ROOT / "src"), str(ROOT)]), TZ="UTC")
            words = [sys.executable, "-m", "tests.fuzz.worker"]
            self._worker = subprocess.Popen(
                words,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
            )
            self._files = 0
        return self._worker

    def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.close()
        worker.wait()
        worker.stdout.close()
        self._errors.close()


def _with_fault(found: Verdict, fault: str) -> Verdict:
    return Verdict(fault, found.sentence, found.read, found.accepted, found.quarantined, found.cpu, found.memory)


def _cpu(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def run(numbers: Iterable[int]) -> Iterator[tuple[Malformed, Verdict]]:
    """The files of these numbers, each with its verdict."""
    with Runner() as runner:
        for number in numbers:
            file = malformed(number)
            yield file, runner.run(file)


@dataclass(slots=True)
class _Line:
    files: int = 0
    refused: int = 0
    imported: int = 0
    rows: int = 0
    aside: int = 0
    cpu: float = 0.0
    slowest: float = 0.0
    largest: int = 0
    faults: int = 0


@dataclass(slots=True)
class Summary:
    """What became of many files, by reader."""

    lines: dict[str, _Line] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, file: Malformed, verdict: Verdict) -> None:
        for name in (file.reader, "all"):
            line = self.lines.setdefault(name, _Line())
            line.files += 1
            line.faults += bool(verdict.fault)
            line.refused += bool(verdict.sentence)
            line.imported += not verdict.sentence and not verdict.fault
            line.rows += verdict.read
            line.aside += verdict.quarantined
            line.cpu += verdict.cpu
            line.slowest = max(line.slowest, verdict.cpu)
            line.largest = max(line.largest, verdict.memory)
        if verdict.fault:
            self.faults.append(f"{file.number} ({file.reader}, {file.name}, {file.how}): {verdict.fault}")

    def __str__(self) -> str:
        shown = ["reader      files  refused  imported  rows read  set aside  CPU s  slowest s  largest MiB  faults"]
        for name in sorted(self.lines, key=lambda name: (name == "all", name)):
            line = self.lines[name]
            shown.append(
                f"{name:<10} {line.files:>6,} {line.refused:>8,} {line.imported:>9,} {line.rows:>10,} "
                f"{line.aside:>10,} {line.cpu:>6,.0f} {line.slowest:>10.1f} {line.largest / 2**20:>12,.0f} "
                f"{line.faults:>7}"
            )
        return "\n".join(shown + self.faults)

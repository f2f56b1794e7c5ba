"""One work a process, so that time and peak memory are its own: `python bench/work.py WORK FOLDER [STARTED] [--check]`.

STARTED is the reading of the machine's monotonic clock when the process was started (else now): a cold work counts from
there, any other from when it is prepared. Prints one JSON line.
"""

import ctypes
import json
import resource
import signal
import sys
import time
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.job import Folder
from bench.pieces import WORKS

PR_SET_PDEATHSIG = 1


def main(name: str, folder: Path, started: float, *, check: bool) -> None:
    if sys.platform == "linux":  # end with whoever started it, however that one ends
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    work = WORKS[name]
    job = getattr(import_module(f"bench.works.{work.module}"), work.function)(Folder(folder))
    clock, cpu = (started, 0.0) if work.cold else (time.monotonic(), _cpu_seconds())
    facts = dict(job.run())
    measured = {
        "seconds": time.monotonic() - clock,
        "cpu_seconds": _cpu_seconds() - cpu,
        "peak_gib": peak_gib(),
        **facts,
    }
    said = job.check() if check else {}
    sys.stdout.write("\n" + json.dumps({"measured": measured, "said": said}, default=str) + "\n")


def peak_gib() -> float:
    """The most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _cpu_seconds() -> float:
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


if __name__ == "__main__":
    name, folder, *rest = (word for word in sys.argv[1:] if word != "--check")
    main(name, Path(folder), float(rest[0]) if rest else time.monotonic(), check="--check" in sys.argv)

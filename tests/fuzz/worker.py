"""The process that takes files in, one after the other, and says of each what became of it (see `running`).

Standard input: a JSON object per file (path, folder, again). Standard output: a JSON object per file.
"""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import sys
import traceback
from pathlib import Path
from typing import Any

import pyarrow as pa


def peak_memory(*, reset: bool = False) -> int:
    """Most bytes this process held in memory since the last reset."""
    if reset:
        pa.default_memory_pool().release_unused()
        Path("/proc/self/clear_refs").write_text("5")
        return 0
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def answer(task: dict[str, Any]) -> dict[str, Any]:
    from tests.fuzz.front_door import taken_in

    peak_memory(reset=True)
    start = cpu_seconds()
    told: dict[str, Any] = {"fault": ""}
    try:
        outcome = taken_in(Path(task["path"]), Path(task["folder"]), again=task["again"])
        told |= {
            "sentence": outcome.sentence,
            "read": outcome.read,
            "accepted": outcome.accepted,
            "quarantined": outcome.quarantined,
        }
    except BaseException as error:  # a panic of native code is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        told |= {"fault": f"{type(error).__name__}: {error}"[:500], "traceback": traceback.format_exc()[-6_000:]}
    return told | {"cpu": round(cpu_seconds() - start, 3), "memory": peak_memory()}


def main() -> None:
    faulthandler.enable()  # says where native code fell, on standard error
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()

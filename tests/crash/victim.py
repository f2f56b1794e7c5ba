"""What a process of the crash suite does until it is done or killed: commands of Tiesa, in order, each answered."""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

READ = "read"
"""Read the evidence again and again (see `reading`): no command of Tiesa."""
BUILD_ON = "build again and again"
"""Build until a file stands somewhere."""
VACUUM = "vacuum in a week"
"""The vacuum of a day on which everything that is no longer named is old enough to go."""
FULL = "tiesa: No space is left on the disk. Make room and run the same command again.\n"
"""What a command says when the disk is full."""


def live(home: str, commands: list[list[str]], answers: int) -> None:
    """Run the commands on a home as the command line does; write one JSON line per command that ended."""
    os.environ["TIESA_HOME"] = home
    for words in commands:
        if words[0] == READ:
            answer = reading(Path(home), *words[1:])
        elif words[0] == BUILD_ON:
            answer = building(Path(words[1]))
        elif words[0] == VACUUM:
            answer = vacuum(Path(home))
        else:
            answer = command(words)
        os.write(answers, json.dumps({"words": words, **answer}).encode() + b"\n")


def command(words: list[str]) -> dict[str, Any]:
    """One run of `tiesa WORDS`: its exit status, and what it said on both streams."""
    from tiesa.cli.main import main

    said, complained = io.StringIO(), io.StringIO()
    status: Any = 1
    sys.argv = ["tiesa", *words]
    try:
        with redirect_stdout(said), redirect_stderr(complained):
            main()
    except SystemExit as end:
        status = end.code or 0
    except Exception:  # noqa: BLE001  (never meant to happen, and so to be seen by the round)
        complained.write(traceback.format_exc())
    return {"status": status, "out": said.getvalue(), "err": complained.getvalue()}


def building(stop: Path) -> dict[str, Any]:
    """Build until the file `stop` stands, and once more; the first answer that tells of a failure, or the last."""
    last = False
    while True:
        answer = command(["build", "--json"])
        if answer["status"] or last:
            return answer
        last = stop.exists()


def vacuum(home: Path) -> dict[str, Any]:
    from tiesa.core.errors import tells_of_no_space
    from tiesa.core.home import Home
    from tiesa.upkeep.vacuum import vacuum

    try:
        swept = vacuum(Home(home), now=datetime.now(UTC) + timedelta(days=8))
    except Exception as error:  # noqa: BLE001  (as the command line does)
        return {"status": 1, "out": "", "err": FULL if tells_of_no_space(error) else traceback.format_exc()}
    return {"status": 0, "out": str(swept.files), "err": ""}


def reading(home: Path, stop: str, at_least: str) -> dict[str, Any]:
    """Read until the file `stop` stands there, and at least so many times; every view must be whole.

    Returns the views that were not, how many were read, and the evidence numbers seen."""
    from tests.crash.looks import faults_of_evidence, fingerprint

    from tiesa.core.errors import EmptyHome
    from tiesa.core.home import Home

    faults: list[str] = []
    seen: dict[int, str] = {}
    reads = 0
    while reads < int(at_least) or not Path(stop).exists():
        reads += 1
        try:
            number, found = faults_of_evidence(Home(home))
            faults += found
            if number not in seen:
                seen[number] = fingerprint(Home(home), number)
            oldest = min(seen)
            if fingerprint(Home(home), oldest) != seen[oldest]:
                faults.append(f"evidence {oldest} is no longer what it was")
        except EmptyHome:
            continue
        except Exception:  # noqa: BLE001  (whatever a reader meets is a fault)
            faults.append(traceback.format_exc())
            break
    return {"status": 0, "reads": reads, "versions": sorted(seen), "faults": faults}

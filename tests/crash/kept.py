"""The nursery's client: starts it once, hands it plans, and tells what became of them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.crash.plans import Fate, Plan

import tiesa

CHECKOUT = Path(__file__).resolve().parents[2]


class Nursery:
    """Runs processes by plan. `refused`: why file calls cannot be watched here (empty: they can)."""

    def __init__(self, address: str, refused: str) -> None:
        self.address, self.refused = address, refused

    def run(self, plan: Plan) -> Fate:
        """One process, from its birth to its end."""
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(self.address)
            channel.sendall(plan.to_json().encode() + b"\n")
            with channel.makefile("r", encoding="utf-8") as lines:
                told = [json.loads(line) for line in lines if line.endswith("\n")]
        end = told.pop()["end"]
        return Fate(told, end["killed"], end["status"], end["stopped_at"], end["calls"])


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery for the Tiesa that is imported here."""
    source = Path(tiesa.__file__).parents[1]
    environment = {
        **os.environ,
        "PYTHONPATH": f"{source}{os.pathsep}{CHECKOUT}",
        "OPENBLAS_NUM_THREADS": "1",  # its threads would start at once and not live through a fork
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "COLUMNS": "200",
    }
    with tempfile.TemporaryDirectory(prefix="tiesa-crash-") as folder:
        address = str(Path(folder) / "nursery")
        words = [sys.executable, "-m", "tests.crash.nursery", address]
        process = subprocess.Popen(
            words, cwd=CHECKOUT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            said = process.stdout.readline().strip()
            if not said:
                raise RuntimeError("the nursery did not start")
            yield Nursery(address, "" if said == "ready" else said)
        finally:
            process.stdin.close()
            process.wait(timeout=60)
            process.stdout.close()

"""Memory does not grow with the file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROWS = 70_000
MEASURE = """
import resource, sys
from pathlib import Path
from tiesa.contacts.readers import open_source

def rows_and_peak_bytes(name):
    rows = sum(len(batch) for batch in open_source(Path(name)).batches())
    unit = 1 if sys.platform == "darwin" else 1024
    return rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

(_, before), (rows, after) = map(rows_and_peak_bytes, sys.argv[1:])
print(rows, after - before)
"""


def csv_text(rows: int) -> str:
    lines = (f"{n},customer {n % 999},2025-01-01 10:00,phone,a reason,some longer text to read" for n in range(rows))
    return "\n".join(["id,customer,at,channel,reason,text", *lines])


def json_text(rows: int) -> str:
    records = ({"id": n, "customer": {"id": n % 999}, "text": "some longer text to read"} for n in range(rows))
    return "\n".join(map(json.dumps, records))


def xes_text(rows: int) -> str:
    event = '<event><string key="concept:name" value="call"/><string key="org:resource" value="ana"/></event>'
    return f'<log><trace><string key="concept:name" value="one long case"/>{event * rows}</trace></log>'


@pytest.mark.parametrize("write", [csv_text, json_text, xes_text])
def test_four_batches_take_no_more_memory_than_one(tmp_path: Path, write: Callable[[int], str]) -> None:
    short, long = tmp_path / "short.txt", tmp_path / "long.txt"
    short.write_text(write(ROWS))
    long.write_text(write(4 * ROWS))
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, short, long],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": "src"},
        cwd=Path(__file__).parents[4],
    )
    rows, growth = map(int, measured.stdout.split())
    assert rows == 4 * ROWS
    assert growth < 16 * 2**20

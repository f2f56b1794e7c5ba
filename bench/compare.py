"""Import and build beside their competitors and limits: `python bench/compare.py 10_000_000 [--runs 3]`.

Each piece runs in its own process, in turn (A B C A B C ...), so that a noisy machine hits all alike. Read the
ratios and medians; seconds mean little on another machine.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
ROUND = ("duckdb_copy", "tiesa_import", "polars_build", "tiesa_build", "kernel")
PAIRS = (("tiesa_import", "duckdb_copy"), ("tiesa_build", "polars_build"), ("tiesa_build", "kernel"))


def run(name: str, folder: Path) -> dict[str, float]:
    done = subprocess.run([sys.executable, HERE / "work.py", name, folder], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=lambda text: int(text.replace("_", "")))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keeps the generated file between calls")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="tiesa-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "contacts.csv").exists():
        subprocess.run([sys.executable, HERE / "generate.py", str(given.rows), folder / "contacts.csv"], check=True)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in ROUND}
    for _round in range(given.runs):
        for name in ROUND:
            found[name].append(run(name, folder))
    rows = {name: {each["rows"] for each in runs} for name, runs in found.items()}
    assert set.union(*rows.values()) == {given.rows}, rows
    journeys = {name: runs[0]["journeys"] for name, runs in found.items() if "journeys" in runs[0]}
    assert len(set(journeys.values())) == 1, journeys
    out = sys.stdout.write
    out(f"{given.rows:,} rows, {given.runs} runs each, in turn\n")
    for name, runs in found.items():
        seconds = sorted(each["seconds"] for each in runs)
        cpu, peak = median(each["cpu_seconds"] for each in runs), max(each["peak_gib"] for each in runs)
        out(
            f"  {name:13} {median(seconds):7.1f} s  ({seconds[0]:.1f} - {seconds[-1]:.1f})  cpu {cpu:6.1f} s  peak "
            f"{peak:.2f} GiB\n"
        )
    for ours, other in PAIRS:
        ratios = sorted(a["seconds"] / b["seconds"] for a, b in zip(found[ours], found[other], strict=True))
        out(f"  {ours} / {other}: {median(ratios):.2f}  ({ratios[0]:.2f} - {ratios[-1]:.2f})\n")


if __name__ == "__main__":
    main()

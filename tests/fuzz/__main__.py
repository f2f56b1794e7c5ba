"""`python -m tests.fuzz --seed N` makes one file of the corpus again and says what becomes of it.

Without `--seed` the files `--first` to `--first` + `--count`, with a summary at the end.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.fuzz.corpus import SIZE, malformed
from tests.fuzz.running import Runner, Summary, run


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    words.add_argument("--seed", type=int, help="one file only")
    words.add_argument("--first", type=int, default=0)
    words.add_argument("--count", type=int, default=SIZE)
    words.add_argument("--keep", type=Path, help="with --seed: a folder to leave the file in")
    words.add_argument("--out", type=Path, help="a file for every verdict, as JSON lines")
    given = words.parse_args()
    if given.seed is not None:
        return one(given.seed, given.keep)
    summary = Summary()
    with given.out.open("a") if given.out else open("/dev/null", "w") as out:  # noqa: PTH123
        for file, verdict in run(range(given.first, given.first + given.count)):
            summary.add(file, verdict)
            about = {
                "number": file.number,
                "reader": file.reader,
                "name": file.name,
                "how": file.how,
                "size": len(file.content),
            }
            out.write(json.dumps(about | asdict(verdict)) + "\n")
            out.flush()
            if (file.number + 1) % 500 == 0:
                print(f"{file.number + 1 - given.first} files, {len(summary.faults)} faults", file=sys.stderr)
    print(summary)
    return 1 if summary.faults else 0


def one(number: int, keep: Path | None) -> int:
    file = malformed(number)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        print(file.write(keep))
    print(f"{file.reader}: {file.name}, {len(file.content):,} bytes, {file.how}")
    with Runner() as runner:
        verdict = runner.run(file)
    print(verdict.traceback, end="")
    print(f"{verdict.cpu:.1f} s of CPU, {verdict.memory / 2**20:.0f} MiB at most")
    print(
        f"FAULT: {verdict.fault}"
        if verdict.fault
        else verdict.sentence or f"{verdict.read} rows read, {verdict.accepted} accepted"
    )
    return 1 if verdict.fault else 0


if __name__ == "__main__":
    sys.exit(main())

"""Does the suite find faults? Each of these is put into a scratch copy of the product, and the suite must fail there.

`python -m tests.crash.prove` shows for each what the suite said. Some are what the product rests on, left out; the
others are faults that the suite once found, put back.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tiesa

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change of one file of the product, `trial`: what of the suite to run (the words of `python -m tests.crash`)."""

    name: str
    file: str
    old: str
    new: str
    trial: tuple[str, ...]


MUTATIONS = (
    Mutation(
        "no retry: the loser of a race gives up",
        "contacts/private.py",
        "TRIES = 20",
        "TRIES = 1",
        ("--races",),
    ),
    Mutation(
        "no compare-and-swap: both who read the same version get through",
        "engines/store.py",
        "            max_commit_retries=0,\n            app_transactions=transactions,\n",
        "            max_commit_retries=15,\n            app_transactions=transactions[1:],\n",
        ("--races",),
    ),
    Mutation(
        "no version switch: readers take the latest journeys with the latest contacts",
        "journeys/evidence.py",
        'journeys = journey_store(home).version(rows.linked["journeys"])',
        "journeys = journey_store(home).version()",
        ("--only", "28"),
    ),
    Mutation(
        "no order: a file gets its name, and a commit names it, before it is synced",
        "engines/store.py",
        "            size = sync(draft)\n",
        "            size = draft.stat().st_size\n",
        ("--order",),
    ),
    Mutation(
        "every failure of a commit is taken for a lost race",
        "engines/store.py",
        "            if not entry.exists():\n                self.discard(add)\n                raise\n"
        '            if mark not in entry.read_text("utf-8"):\n'
        "                raise Overtaken(str(self.root)) from failure\n",
        "            raise Overtaken(str(self.root)) from failure\n",
        ("--full-disk", "99", "--of", "build, log summed up"),
    ),
    Mutation(
        "a table stands as soon as its folder does",
        "engines/store.py",
        "return self.entry(0).exists()",
        "return (self.root / LOG).is_dir()",
        ("--only", "177"),
    ),
    Mutation(
        "an undo leaves the texts",
        "contacts/log.py",
        "        self._undo_words(connection, import_id)\n        taken = {}\n",
        "        taken = {}\n",
        ("--only", "2"),
    ),
)


def prove(mutation: Mutation, folder: Path) -> tuple[bool, str]:
    """Whether the suite failed on the changed copy, and the first line in which it said why."""
    source = folder / "src"
    shutil.copytree(Path(tiesa.__file__).parent, source / "tiesa", ignore=shutil.ignore_patterns("__pycache__"))
    changed = source / "tiesa" / mutation.file
    text = changed.read_text("utf-8")
    if text.count(mutation.old) != 1:
        raise ValueError(f"{mutation.file} no longer holds: {mutation.old}")
    changed.write_text(text.replace(mutation.old, mutation.new), "utf-8")
    environment = {**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{CHECKOUT}"}
    words = [sys.executable, "-m", "tests.crash", *mutation.trial]
    done = subprocess.run(words, cwd=CHECKOUT, env=environment, capture_output=True, text=True)
    said = [
        line for line in done.stdout.splitlines() if line.startswith(("round", "together", "race", "order", "full"))
    ]
    wrong = [line for line in said if " exact " not in line and " all whole " not in line]
    if not said and not done.returncode:
        raise RuntimeError(f"nothing was tried: {done.stderr}")
    return done.returncode != 0, (wrong or done.stderr.strip().splitlines()[-1:] or said)[0][:240]


def main() -> None:
    unseen = 0
    for mutation in MUTATIONS:
        with tempfile.TemporaryDirectory() as folder:
            found, said = prove(mutation, Path(folder))
        unseen += not found
        print(f"{'found' if found else 'NOT FOUND'}: {mutation.name}\n    {said}", flush=True)
    print(f"{len(MUTATIONS) - unseen} of {len(MUTATIONS)} found")
    sys.exit(bool(unseen))


if __name__ == "__main__":
    main()

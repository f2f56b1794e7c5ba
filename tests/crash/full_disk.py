"""A disk that is full from some moment on: one sentence, nothing half kept, and the same command again goes through."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import looks
from tests.crash.plans import Fate, Plan
from tests.crash.rounds import Kind, differs, faults_in_between, faults_of_fate, fingerprints, succeeded
from tests.crash.scene import Scene
from tests.crash.victim import FULL

from tiesa.core.home import Home
from tiesa.engines.store import Store


@dataclass
class Shortage:
    """What came of a command for which the disk was full from `moment` on."""

    kind: Kind
    moment: str
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"full disk  {self.kind.name:<21} {'; '.join(self.faults) or 'exact'}  {self.seconds:4.1f} s  {self.moment}"
        )


def moments_of_shortage(scene: Scene, kind: Kind) -> list[tuple[int, str]]:
    """The calls from which on a disk may be full: the first passing of each point that takes space."""
    calls = scene.calls(kind.state, kind.words(scene))
    takes = ("create", "write", "link", "rename", "mkdir", "fallocate")
    first: dict[str, int] = {}
    for number, call in enumerate(calls, 1):
        if call.partition(": ")[2].startswith(takes):
            first.setdefault(call, number)
    return [(number, call) for call, number in first.items()]


def play_full(scene: Scene, kind: Kind, call: int, moment: str) -> Shortage:
    """The command with a disk that is full from a call on, and once more with room."""
    started, one = time.monotonic(), Shortage(kind, moment)
    words, root = kind.words(scene), scene.copy(kind.state, "full")
    pinned = fingerprints(Home(root), kept_by_vacuum=False)
    fate = scene.nursery.run(Plan(str(root), [words], full_from=call))
    one.faults += faults_of_shortage(fate)
    if kind.before or (root / "tiesa.toml").exists():
        one.faults += faults_in_between(Home(root), kind, done=succeeded(fate), pinned=pinned)
    again = scene.nursery.run(Plan(str(root), [words]))
    one.faults += faults_of_fate(again)
    found, after = looks.holds(Home(root)), looks.wanted(kind.after, kind.erased)
    one.faults += [differs(what, found[what], after[what]) for what in after if found[what] != after[what]]
    one.seconds = time.monotonic() - started
    return one


def faults_of_shortage(fate: Fate) -> list[str]:
    """It said so in one sentence and failed, or it had done everything that counts before."""
    if not fate.answers:
        return [f"the process ended with {fate.status} and without a word"]
    answer = fate.answers[0]
    if (answer["status"], answer["err"]) in ((0, ""), (1, FULL)):
        return []
    return [f"status {answer['status']}, and said: {answer['err']}"]


def unnamed(store: Store) -> list[str]:
    """Data files of a table that no version names: after a failure they would keep the disk full."""
    named = {f.path for number in range(store.version().number + 1) for f in store.version(number).files}
    return [str(p) for p in store.root.rglob("*.parquet") if "_delta_log" not in p.parts and p not in named]


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own, of so many bytes (needs root)."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tiesa-crash", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def make_room(folder: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)


def fill(folder: Path, *, but: int) -> None:
    """Leave only so many bytes of a small disk."""
    free = shutil.disk_usage(folder).free
    (folder / "filling").write_bytes(b"\0" * max(0, free - but))

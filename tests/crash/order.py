"""The order in which a command syncs and names: what a loss of power would try, seen from the calls themselves."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tests.crash.rounds import Kind
from tests.crash.scene import Scene
from tests.crash.victim import VACUUM


@dataclass
class Order:
    """`commits` of one undisturbed command, and what in their order was wrong."""

    kind: Kind
    commits: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        outcome = "; ".join(self.faults) or "exact"
        return f"order  {self.kind.name:<21} {outcome}  {self.seconds:4.1f} s  {self.commits} commits"


def play_order(scene: Scene, kind: Kind) -> Order:
    started, words = time.monotonic(), kind.words(scene)
    one = Order(kind)
    calls = scene.calls(kind.state, words)
    one.commits = sum(call.endswith(": link entry") for call in calls)
    one.faults = faults_of_order(calls if words != [VACUUM] else [])
    one.seconds = time.monotonic() - started
    return one


def faults_of_order(calls: list[str]) -> list[str]:
    """A file is synced before it gets its name, the name before the commit, and the commit before the next step.

    >>> faults_of_order(["t: rename sealed file", "t: sync folder"])
    ['t: a file got its name before it was synced']
    """
    faults = []
    for place, call in enumerate(calls):
        table, _colon, event = call.partition(": ")
        before = [c.partition(": ")[2] for c in calls[:place] if c.startswith(f"{table}: ")]
        if event == "rename sealed file" and before.count("sync draft") <= before.count("rename sealed file"):
            faults.append(f"{table}: a file got its name before it was synced")
        if event == "link entry" and "rename sealed file" in before:
            named = len(before) - before[::-1].index("rename sealed file")
            if "sync folder" not in before[named:]:
                faults.append(f"{table}: a commit names a file whose name was not synced")
        if event == "link entry":
            after = [c for c in calls[place + 1 :] if not c.endswith(("unlink entry's draft", "checkpoint"))]
            if after[:2] != [f"{table}: sync entry", f"{table}: sync log folder"]:
                faults.append(f"{table}: something was done before the commit was synced: {after[:2]}")
    return faults

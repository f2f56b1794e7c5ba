"""A process that has everything loaded and forks, for every round, a victim and a keeper who lets it live or die.

`python -m tests.crash.nursery SOCKET` listens until its standard input ends. A request is one JSON line, a `Plan`;
the answers come back as JSON lines: what the victim said, and at last how it ended.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path

from tests.crash import file_calls, victim
from tests.crash.file_calls import FileCall
from tests.crash.plans import REACHED, Plan
from tests.crash.points import ANSWER, point_of


def main(path: str) -> None:
    if refused := file_calls.can_watch():
        print(refused, flush=True)
        return
    _load()
    if others := _threads() - {"jemalloc_bg_thd"}:  # jemalloc itself sees to forks
        raise SystemExit(f"a process with threads cannot be forked safely: {', '.join(others)}")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers report to their client, nobody else asks for them
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(16)
        print("ready", flush=True)
        while True:
            ready, _w, _x = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            client, _address = listener.accept()
            with client:
                if not os.fork():
                    _die_with_parent()
                    listener.close()
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    _keep(client)
                    os._exit(0)


def _die_with_parent() -> None:
    """A suite that is broken off must not leave readers behind that read for ever."""
    parent_death_signal = 1
    ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)


def _threads() -> set[str]:
    """Names of the threads beside the first."""
    tasks = Path("/proc/self/task")
    return {(t / "comm").read_text().strip() for t in tasks.iterdir() if t.name != str(os.getpid())}


def _load() -> None:
    """What commands would load first; nothing of it may start a thread yet."""
    import duckdb  # noqa: F401
    import numba
    import pandas as pd  # noqa: F401
    import pyarrow.compute
    import pyarrow.parquet  # noqa: F401
    from deltalake import DeltaTable  # noqa: F401

    import tiesa.cli.main
    import tiesa.contacts.importing
    import tiesa.contacts.log
    import tiesa.journeys.build
    import tiesa.journeys.kernel  # noqa: F401

    numba.njit("int64(int64)")(lambda n: n)  # whatever is compiled first loads the compiler's tables: seconds


def _keep(client: socket.socket) -> None:
    with client.makefile("r") as lines:
        plan = Plan.from_json(lines.readline())
    ours, theirs = socket.socketpair()
    said, saying = os.pipe()
    child = os.fork()
    if not child:
        _die_with_parent()
        for channel in (ours, client):
            channel.close()
        os.close(said)
        if plan.watched:
            file_calls.hand_over(theirs)
        victim.live(plan.home, plan.commands, saying)
        os._exit(0)
    theirs.close()
    os.close(saying)
    keeper = _Keeper(plan, child)
    if plan.watched:
        keeper.watch(file_calls.take_over(ours))
    elif plan.kill_after_s is not None:
        keeper.kill_late(said, client, plan.kill_after_s)
    _forward(said, client)
    status = os.waitpid(child, 0)[1]
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    end = {"killed": killed, "status": status, "calls": keeper.calls, "stopped_at": keeper.stopped_at}
    client.sendall(json.dumps({"end": end}).encode() + b"\n")


def _forward(said: int, client: socket.socket) -> None:
    while chunk := os.read(said, 65536):
        client.sendall(chunk)


class _Keeper:
    """Counts the calls of one victim and carries out its plan."""

    def __init__(self, plan: Plan, child: int) -> None:
        self.plan, self.child = plan, child
        self.calls: list[str] = []
        self.seen: dict[str, int] = {}
        self.stopped_at: str | None = None

    def watch(self, listener: int) -> None:
        while file_calls.answer_next(listener, self.judge):
            pass
        os.close(listener)

    def judge(self, call: FileCall) -> file_calls.Verdict:
        point = ANSWER if call.path.startswith("pipe:") else point_of(call, Path(self.plan.home))
        if point is None:
            return None
        passing = self.seen[point] = self.seen.get(point, 0) + 1
        self.calls.append(point)
        if len(self.calls) == self.plan.kill_at or (point, passing) == self.plan.kill_point:
            self.stopped_at = point
            os.kill(self.child, signal.SIGKILL)
        if point == self.plan.hold_at and passing == 1:
            self.stopped_at = point
            Path(self.plan.hold_for + REACHED).touch()
            while not Path(self.plan.hold_for).exists():
                time.sleep(0.01)
        full = self.plan.full_from is not None and len(self.calls) >= self.plan.full_from
        full = full or self.plan.full_at in self.seen
        if full and point != ANSWER and call.verb in file_calls.TAKES_SPACE:
            self.stopped_at = self.stopped_at or point
            return self.plan.error
        return None

    def kill_late(self, said: int, client: socket.socket, delay_s: float) -> None:
        end = time.monotonic() + delay_s
        while (rest := end - time.monotonic()) > 0:
            if select.select([said], [], [], rest)[0]:
                chunk = os.read(said, 65536)
                if not chunk:
                    return
                client.sendall(chunk)
        os.kill(self.child, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])

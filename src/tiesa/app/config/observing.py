"""Counts of this process for the metrics page: requests by name and status, and how long they took."""

from __future__ import annotations

from collections import Counter
from threading import Lock

BOUNDS_S = (0.05, 0.1, 0.3, 1.0, 3.0, 10.0)


class Requests:
    """Requests since the start of the process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self._within: Counter[float] = Counter()
        self._seconds = 0.0

    def add(self, view: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        with self._lock:
            self._counts[view, method, status] += 1
            self._seconds += seconds
            for bound in BOUNDS_S:
                if seconds <= bound:
                    self._within[bound] += 1

    def lines(self) -> list[str]:
        """The counts in the text format that Prometheus reads."""
        with self._lock:
            total = sum(self._counts.values())
            lines = ["# TYPE tiesa_requests_total counter"]
            for (view, method, status), n in sorted(self._counts.items()):
                lines.append(f'tiesa_requests_total{{view="{view}",method="{method}",status="{status}"}} {n}')
            lines.append("# TYPE tiesa_request_seconds histogram")
            lines += [f'tiesa_request_seconds_bucket{{le="{b}"}} {self._within[b]}' for b in BOUNDS_S]
            lines.append(f'tiesa_request_seconds_bucket{{le="+Inf"}} {total}')
            lines += [f"tiesa_request_seconds_sum {self._seconds:.3f}", f"tiesa_request_seconds_count {total}"]
        return lines


REQUESTS = Requests()

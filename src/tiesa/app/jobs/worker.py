"""A worker: runs what waits in the queue and asks for what the clock wants; in `tiesa worker`, or inside `serve`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import OperationalError, close_old_connections, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker as Queue

from tiesa.app.jobs import work
from tiesa.app.jobs.models import Beat, Job, State

log = logging.getLogger("tiesa.jobs")
SCHEDULE: dict[str, tuple[timedelta, Callable[[], None]]] = {}
"""What runs by the clock: name -> how often, and what asks for it. Each app adds its own."""
LOOK_S = 0.5


def every(name: str, period: timedelta) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register something to be asked for once in every period, by whichever worker comes first."""

    def register(ask: Callable[[], None]) -> Callable[[], None]:
        SCHEDULE[name] = (period, ask)
        return ask

    return register


class Worker:
    """Runs jobs one after the other until it is told to end; a job under way is finished first."""

    def __init__(self) -> None:
        self._queue = Queue(
            queue_names=["*"],
            interval=LOOK_S,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        self._over = threading.Event()
        self._clock = threading.Thread(target=self._tick, name="clock", daemon=True)

    def run(self) -> None:
        """Work until `end` is called."""
        self._clock.start()
        self._queue.run()

    def end(self) -> None:
        """Finish what is under way and return from `run`."""
        self._queue.running = False
        self._over.set()

    def _tick(self) -> None:
        while True:
            close_old_connections()
            try:
                work.pick_up()
                for name in SCHEDULE:
                    run_if_due(name)
            except OperationalError:
                log.warning("the database did not answer the clock; trying again")
            if self._over.wait(2.0):
                close_old_connections()
                return


def run_if_due(name: str) -> bool:
    """Ask for something scheduled when its time has come; True where it was."""
    period, ask = SCHEDULE[name]
    now = timezone.now()
    with transaction.atomic():
        beat, is_new = Beat.objects.select_for_update().get_or_create(name=name, defaults={"next_at": now + period})
        if not is_new:
            if beat.next_at > now:
                return False
            Beat.objects.filter(pk=name).update(next_at=now + period)
        ask()
    return True


def is_idle() -> bool:
    """Is nothing waiting or under way?"""
    return not Job.objects.filter(state__in=(State.WAITING, State.RUNNING)).exists()

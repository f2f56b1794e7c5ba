"""Asking for a job, running it, stopping it, and picking up what a dead worker left."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import OperationalError, close_old_connections, connection, transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from tiesa.app.config.languages import ours
from tiesa.app.jobs.kinds import KINDS
from tiesa.app.jobs.models import Job, State
from tiesa.app.people.audit import record
from tiesa.core.errors import TiesaError
from tiesa.core.locale import _, use_language

ALIVE = timedelta(seconds=30)
"""A running job whose worker has given no sign for so long is taken for dead."""
BEAT_S = 5.0
MOST_ATTEMPTS = 3
log = logging.getLogger("tiesa.jobs")


class Stopped(Exception):
    """The person who asked for the job no longer wants it."""


@dataclass
class Running:
    """A job under way: tells how far it is, and hears whether it should stop."""

    job: Job
    _told: float = field(default=0.0, init=False)

    def tell(self, step: str, progress: float | None = None) -> None:
        """Say what is being done now; raises Stopped where somebody asked for that."""
        changed = Job.objects.filter(pk=self.job.pk, state=State.RUNNING)
        changed.update(step=step[:300], progress=progress, seen_at=timezone.now())
        self.check()

    def check(self) -> None:
        """Raise Stopped where somebody asked to stop, or another worker took the job over."""
        now = Job.objects.values_list("stop_asked", "attempts").get(pk=self.job.pk)
        if now[0] or now[1] != self.job.attempts:
            raise Stopped


def ask(kind: str, arguments: dict[str, Any], *, by: Any) -> Job:
    """Put a job into the queue. It runs once the transaction that asks for it is kept."""
    assert kind in KINDS, kind
    person = by if getattr(by, "pk", None) else None
    job = Job.objects.create(kind=kind, arguments=arguments, asked_by=person)
    run_job.enqueue(str(job.pk))
    return job


def ask_once(kind: str, arguments: dict[str, Any], *, by: Any) -> Job:
    """The same, unless such a job waits already: one build after ten imports is enough."""
    with transaction.atomic():
        waiting = Job.objects.filter(kind=kind, state=State.WAITING, arguments=arguments).first()
        return waiting or ask(kind, arguments, by=by)


def stop(job: Job, *, by: Any) -> None:
    """Ask a job to stop; one that still waits is stopped at once."""
    record(by, "job.stop", about=str(job.pk), kind=job.kind)
    Job.objects.filter(pk=job.pk).update(stop_asked=True)
    Job.objects.filter(pk=job.pk, state=State.WAITING).update(state=State.STOPPED, ended_at=timezone.now())


@task()
def run_job(job_id: str) -> None:
    """Run a job that waits; does nothing where it no longer does."""
    begun = Job.objects.filter(pk=job_id, state=State.WAITING)
    now = timezone.now()
    if not begun.update(state=State.RUNNING, begun_at=now, seen_at=now, attempts=F("attempts") + 1):
        return
    job = Job.objects.select_related("asked_by").get(pk=job_id)
    language = ours(job.asked_by.language) if job.asked_by and job.asked_by.language else "en"
    with use_language(language), _beating(job):
        try:
            result = KINDS[job.kind].run(Running(job), job.arguments)
        except Stopped:
            _end(job, State.STOPPED)
        except TiesaError as error:
            _end(job, State.FAILED, error=str(error))
        except Exception:
            log.exception("job failed", extra={"job": str(job.pk), "kind": job.kind})
            _end(job, State.FAILED, error=_("Something went wrong that should not have; the server's log says where."))
        else:
            _end(job, State.DONE, result=result)


def _end(job: Job, state: State, *, result: dict[str, Any] | None = None, error: str = "") -> None:
    """Write what became of it, unless another worker has taken it over meanwhile."""
    mine = Job.objects.filter(pk=job.pk, state=State.RUNNING, attempts=job.attempts)
    mine.update(
        state=state,
        result=result or {},
        error=error,
        step="",
        progress=1.0 if state == State.DONE else F("progress"),
        ended_at=timezone.now(),
    )


@contextmanager
def _beating(job: Job) -> Iterator[None]:
    """Give signs of life while the block runs, from a thread of its own."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_S):
            close_old_connections()
            with suppress(OperationalError):  # a database that is busy now will hear the next one
                Job.objects.filter(pk=job.pk, state=State.RUNNING, attempts=job.attempts).update(seen_at=timezone.now())
        connection.close()

    thread = threading.Thread(target=beat, name=f"beat-{job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def pick_up(*, after: timedelta = ALIVE) -> int:
    """Begin again the jobs whose worker died; one that was begun too often has failed. Returns how many."""
    dead = Job.objects.filter(state=State.RUNNING, seen_at__lt=timezone.now() - after)
    found = 0
    for job in dead:
        found += 1
        mine = Job.objects.filter(pk=job.pk, state=State.RUNNING, attempts=job.attempts)
        if job.stop_asked:
            mine.update(state=State.STOPPED, ended_at=timezone.now())
        elif job.attempts >= MOST_ATTEMPTS:
            mine.update(
                state=State.FAILED,
                error=_("It was broken off {n} times and not begun again.").format(n=job.attempts),
                ended_at=timezone.now(),
            )
        elif mine.update(state=State.WAITING):
            run_job.enqueue(str(job.pk))
    for job_id in _lost():
        found += 1
        run_job.enqueue(job_id)
    return found


def _lost() -> set[str]:
    """Jobs that wait though nothing in the queue will run them: a process died between writing the one and the other,
    or a worker between taking the one and beginning the other. One too many in the queue does nothing."""
    queue = DBTaskResult.objects.filter(status="READY", task_path=run_job.module_path)
    queued = {arguments["args"][0] for arguments in queue.values_list("args_kwargs", flat=True)}
    waiting = {str(pk) for pk in Job.objects.filter(state=State.WAITING).values_list("pk", flat=True)}
    return waiting - queued

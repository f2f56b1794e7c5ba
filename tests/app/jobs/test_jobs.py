"""Jobs: seen while they run, stopped when asked, begun again when their worker died, and honest about failure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tiesa.app.jobs import work, worker
from tiesa.app.jobs.kinds import KINDS, Kind
from tiesa.app.jobs.models import Job, State
from tiesa.app.people.roles import Right, Role
from tiesa.core.errors import UnusableInput

DID: list[str] = []


@pytest.fixture(autouse=True)
def kinds(db: None) -> Iterator[None]:
    """Three kinds of jobs that only the tests know."""

    def counts(running: work.Running, arguments: dict) -> dict:
        for number in range(arguments.get("steps", 3)):
            running.tell(f"step {number}", number / 3)
            DID.append(f"{number}")
            if arguments.get("stop_at") == number:
                work.stop(running.job, by="a test")
        return {"counted": len(DID)}

    def refuses(running: work.Running, arguments: dict) -> dict:
        raise UnusableInput("The file is empty", where="a.csv", remedy="Export it again")

    def breaks(running: work.Running, arguments: dict) -> dict:
        raise KeyError("Ana Anić, ana@example.org")

    DID.clear()
    for name, run in (("counts", counts), ("refuses", refuses), ("breaks", breaks)):
        KINDS[name] = Kind(name, run, Right.IMPORT, lambda: "Counting")
    yield
    for name in ("counts", "refuses", "breaks"):
        del KINDS[name]


def run(job: Job) -> Job:
    work.run_job.call(str(job.pk))
    job.refresh_from_db()
    return job


def test_a_job_that_ends_says_what_it_made() -> None:
    job = run(work.ask("counts", {}, by=None))
    assert (job.state, job.result, job.progress, job.attempts) == (State.DONE, {"counted": 3}, 1.0, 1)


def test_a_job_stops_at_its_next_word_when_asked() -> None:
    job = run(work.ask("counts", {"steps": 50, "stop_at": 2}, by=None))
    assert job.state == State.STOPPED
    assert len(DID) == 3


def test_a_job_that_waits_is_stopped_at_once_and_never_runs() -> None:
    job = work.ask("counts", {}, by=None)
    work.stop(job, by="a test")
    assert run(job).state == State.STOPPED
    assert DID == []


def test_what_a_person_can_mend_is_said_in_their_words_and_else_nothing_personal() -> None:
    assert run(work.ask("refuses", {}, by=None)).error == "a.csv: The file is empty. Export it again."
    failed = run(work.ask("breaks", {}, by=None))
    assert failed.state == State.FAILED
    assert "Anić" not in failed.error
    assert "Anić" not in str(failed.result)


def test_a_job_runs_once_however_often_the_queue_names_it() -> None:
    job = work.ask("counts", {}, by=None)
    run(job)
    assert run(job).attempts == 1
    assert len(DID) == 3


def test_a_job_whose_worker_died_is_begun_again_and_fails_after_three_times() -> None:
    job = work.ask("counts", {}, by=None)
    for attempt in (1, 2, 3):
        Job.objects.filter(pk=job.pk).update(
            state=State.RUNNING, attempts=attempt, seen_at=timezone.now() - timedelta(minutes=2)
        )
        assert work.pick_up() == 1
        job.refresh_from_db()
        assert job.state == (State.WAITING if attempt < 3 else State.FAILED)
    assert "3" in job.error


def test_a_job_with_a_living_worker_is_left_alone() -> None:
    job = work.ask("counts", {}, by=None)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, attempts=1, seen_at=timezone.now())
    assert work.pick_up() == 0


def test_a_worker_that_came_back_from_the_dead_changes_nothing() -> None:
    job = work.ask("counts", {}, by=None)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, attempts=1)
    old = Job.objects.get(pk=job.pk)
    Job.objects.filter(pk=job.pk).update(attempts=2)
    with pytest.raises(work.Stopped):
        work.Running(old).tell("still here")
    work._end(old, State.DONE, result={"of": "the dead"})
    job.refresh_from_db()
    assert (job.state, job.result) == (State.RUNNING, {})


def test_one_waiting_job_is_enough() -> None:
    first = work.ask_once("counts", {"steps": 1}, by=None)
    assert work.ask_once("counts", {"steps": 1}, by=None) == first
    assert work.ask_once("counts", {"steps": 2}, by=None) != first
    run(first)
    assert work.ask_once("counts", {"steps": 1}, by=None) != first


def test_the_clock_asks_once_per_period_whoever_looks() -> None:
    asked: list[int] = []
    worker.SCHEDULE["of a test"] = (timedelta(hours=1), lambda: asked.append(1))
    try:
        assert [worker.run_if_due("of a test") for _look in range(3)] == [True, False, False]
    finally:
        del worker.SCHEDULE["of a test"]
    assert asked == [1]


def test_a_job_is_seen_and_stopped_by_who_asked_and_the_administrator(client_of, people) -> None:
    job = work.ask("counts", {}, by=people[Role.CX_MANAGER])
    address = f"/jobs/{job.pk}/"
    seen = {role: client_of(role).get(address).status_code for role in Role}
    assert {role for role, status in seen.items() if status == 200} == {Role.CX_MANAGER, Role.ADMINISTRATOR}
    assert client_of(Role.ANALYST).post(address + "stop").status_code == 404
    assert client_of(Role.CX_MANAGER).post(address + "stop").status_code == 302
    job.refresh_from_db()
    assert job.state == State.STOPPED


def test_progress_asks_again_until_the_job_is_over(client_of, people) -> None:
    client: Client = client_of(Role.CX_MANAGER)
    job = work.ask("counts", {}, by=people[Role.CX_MANAGER])
    assert "hx-get" in client.get(f"/jobs/{job.pk}/").content.decode()
    run(job)
    over = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"})
    assert "hx-get" not in over.content.decode()
    assert over["HX-Refresh"] == "true"

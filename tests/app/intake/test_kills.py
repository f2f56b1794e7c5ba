"""A real worker, killed twenty times while it imports: what it was at is begun again and is there once, whole.

A cold start takes a worker seconds, most of them spent importing packages; so one process has everything imported and
makes workers by forking, each ready to work at once.
"""

from __future__ import annotations

import csv
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django_tasks_db.models import DBTaskResult

from tiesa.app.jobs import work
from tiesa.contacts.log import ContactLog
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT
from tiesa.engines.duckdb import count, engine, parquet
from tiesa.journeys.view import open_view

KILLS = 20
FILES = 12
ROWS = 1_000
BAD = 7
LATEST_S = {"": 0.05, "numbering": 0.05, "writing": 0.1, "kept": 0.03}
"""Moments of an import, in their order, and how long after one of them a kill comes at the latest."""
CHECKOUT = Path(__file__).resolve().parents[3]
NURSERY = """
# Everything is imported once; each line asked for is a process of its own, told by its number.
import os, sys
from pathlib import Path
from tiesa.app import serving
from tiesa.core.home import Home
serving.set_up(Home(Path(sys.argv[1])))
from django.db import connections
import tiesa.app.config.urls
import tiesa.contacts.importing, tiesa.journeys.build, deltalake, duckdb
from tiesa.app.jobs import worker
worker.LOOK_S = 0.05

def bring():
    from django.core.files.uploadedfile import TemporaryUploadedFile
    from tiesa.app.intake import work
    from tiesa.app.intake.models import Step, uploads
    from tiesa.app.people.models import Person
    serving.prepare()
    uploads().mkdir()
    person = Person.objects.create_user("one@example.org", name="One")
    for name in sys.argv[2:]:
        content = Path(name)
        file = TemporaryUploadedFile(content.name, "text/csv", content.stat().st_size, None)
        Path(file.temporary_file_path()).write_bytes(content.read_bytes())
        upload = work.bring(file, by=person)
        upload.step = Step.CHECKED
        upload.save()
        work.start_import(upload, by=person)

for line in sys.stdin:
    connections.close_all()
    child = os.fork()
    if not child:
        bring() if line.strip() == "bring" else serving.work()
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("over", flush=True)
"""


def write_file(path: Path, number: int) -> None:
    """Rows of this file's own, a few of which cannot be used."""
    with path.open("w", newline="") as file:
        write = csv.writer(file)
        write.writerow(("id", "customer", "date", "channel", "touchpoint", "words"))
        for row in range(ROWS):
            day = "never" if row % (ROWS // BAD) == 5 else f"2026-0{row % 9 + 1}-{row % 28 + 1:02d} {row % 24:02d}:00"
            write.writerow((f"{number}-{row}", f"c{row % 500}", day, "phone", "call", f"why, for the {row}th time"))


class Nursery:
    """Makes processes that are ready to work at once, and knows when they are over."""

    def __init__(self, home: Path, files: list[Path]) -> None:
        own = {"TIESA_DATABASE_URL": "", "TIESA_SECRET_KEY": "of this test", "PYTHONPATH": str(CHECKOUT / "src")}
        environment = {**os.environ, **own, "TIESA_HOME": str(home)}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        words = [sys.executable, "-c", NURSERY, str(home), *map(str, files)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(words, env=environment, text=True, **pipes)

    def begin(self, what: str) -> int:
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def wait(self) -> None:
        assert self.process.stdout.readline() == "over\n"

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@contextmanager
def database(home: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(home / "app" / "tiesa.sqlite3", timeout=20)) as connection:
        yield connection


def look(home: Path, question: str) -> list[tuple[object, ...]]:
    with database(home) as connection:
        return connection.execute(question).fetchall()


def imported(home: Path) -> int:
    return int(str(look(home, "select count(*) from intake_upload where step = 'imported'")[0][0]))


def kill_at_import(home: Home, nursery: Nursery, *, step: str, after_s: float) -> bool:
    """Begin a worker and kill it some time after it has reached a step of an import; "kept": the rows are in the log,
    and nobody has been told. Returns whether an import was under way then."""
    commits = len(entries(home))
    worker = nursery.begin("work")
    running = f"select 1 from jobs_job where kind = 'import' and state = 'running' and step like '{step}%'"
    left = "select 1 from jobs_job where kind = 'import' and state in ('waiting', 'running')"

    def reached() -> bool:
        return len(entries(home)) > max(commits, 1) if step == "kept" else bool(look(home.root, running))

    until = time.monotonic() + 60
    while not reached() and look(home.root, left) and time.monotonic() < until:
        time.sleep(0.002)
    time.sleep(after_s)
    os.kill(worker, signal.SIGKILL)
    nursery.wait()
    with database(home.root) as connection, connection:
        # As after half a minute without a sign of life; and as often as this, a job is begun again.
        changed = "seen_at = '2020-01-01 00:00:00', attempts = 1"
        begun = connection.execute(f"update jobs_job set {changed} where state = 'running' and kind = 'import'")
    return begun.rowcount > 0


def entries(home: Home) -> list[Path]:
    """What was committed to the log of contacts."""
    return list((home.root / "contacts" / "_delta_log").glob("*.json"))


@pytest.mark.reads_the_home  # and a database of its own
def test_a_worker_killed_twenty_times_while_it_imports_adds_nothing_twice_and_loses_nothing(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    home, files = Home(tmp_path / "home"), [tmp_path / f"calls{n}.csv" for n in range(FILES)]
    for number, file in enumerate(files):
        write_file(file, number)
    nursery = Nursery(home.root, files)
    nursery.begin("bring")
    nursery.wait()
    met, steps = [], [*LATEST_S] * KILLS
    while len(met) < KILLS:
        step = steps.pop(0)
        after_s = chance.uniform(0, LATEST_S[step])
        if kill_at_import(home, nursery, step=step, after_s=after_s):
            met.append((step, round(after_s, 3)))
        elif imported(home.root) == FILES:
            break
    print(f"killed after: {met}")
    assert len(met) == KILLS, f"only {len(met)} kills met an import under way"
    worker = nursery.begin("work")
    unfinished = "select 1 from jobs_job where state not in ('done', 'failed')"
    until = time.monotonic() + 120
    while look(home.root, unfinished) and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(worker, signal.SIGKILL)
    nursery.wait()
    nursery.end()
    states = dict(look(home.root, "select kind || ' ' || state, count(*) from jobs_job group by 1"))
    assert states.pop("import done") == FILES
    assert set(states) == {"build done"}
    bad = sum(1 for row in range(ROWS) if row % (ROWS // BAD) == 5)
    with engine(spill=home.spill) as connection:
        held = parquet([f.path for f in ContactLog(home).files(CONTACT)], CONTACT)
        assert count(connection, f"select count(*) from {held}") == FILES * (ROWS - bad)
        assert count(connection, f"select count(distinct contact_id) from {held}") == FILES * (ROWS - bad)
        assert count(connection, f"select count(distinct import_id) from {held}") == FILES
    facts = [f for f in ContactLog(home).imports() if f["action"] == "import"]
    assert sorted(f["accepted"] for f in facts) == [ROWS - bad] * FILES
    for import_id, result in look(home.root, "select import_id, json_extract(result, '$.accepted') from intake_upload"):
        assert result == ROWS - bad
        aside = (home.quarantine / f"{import_id}.csv").read_text("utf-8-sig")
        assert len(list(csv.reader(aside.splitlines()))) == bad + 1
    noted = "select about, count(*) from people_auditentry where what = 'import.done' group by 1"
    assert sorted(look(home.root, noted)) == sorted((f["import_id"], 1) for f in facts)
    with open_view(home) as view:
        assert view.one("select count(*) from all_rows") == (FILES * (ROWS - bad),)
    assert not [path for path in (home.root / "app" / "uploads").rglob("*") if path.is_file()]


@pytest.mark.django_db
@pytest.mark.parametrize("state_of_entry", ["RUNNING", "gone"])
def test_a_job_that_no_queue_holds_any_more_is_queued_again(state_of_entry: str) -> None:
    job = work.ask("build", {}, by=None)
    if state_of_entry == "gone":  # asked for by a process that died before it wrote the queue
        DBTaskResult.objects.all().delete()
    else:  # taken out by a worker that died before it began
        DBTaskResult.objects.update(status=state_of_entry)
    assert (work.pick_up(), work.pick_up()) == (1, 0)
    assert DBTaskResult.objects.get(status="READY").args_kwargs["args"] == [str(job.pk)]

"""A home of each test's own, files that people bring, and jobs run in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tiesa.app.config.installation import installation
from tiesa.app.intake.models import Upload
from tiesa.app.jobs import work
from tiesa.app.jobs.models import Job, State
from tiesa.app.jobs.work import run_job
from tiesa.core.home import Home

CALLS = """customer,date,channel,touchpoint
c1,2026-01-05 09:00,phone,question
c2,2026-01-05 10:30,mail,complaint
c1,2026-01-06 11:00,phone,question again
c3,2026-01-07 08:15,shop,visit
"""
MANY = "customer,date,channel,what\n" + "".join(
    f"c{n % 20},2026-01-{n % 28 + 1:02d} {n % 9 + 9:02d}:{n:02d},{('phone', 'mail')[n % 2]},call\n" for n in range(60)
)
WORDS = "id,customer,date,time,direction,channel,what\n" + "".join(
    f"{n},c{n % 7},{n % 28 + 1:02d}.01.2026,{n % 9 + 9:02d}:{n:02d},{way},mail,{('q', 'r')[n % 2]}\n"
    for n, way in enumerate(("In", "Out", "Zurück") * 20)
)
BAD_ROW = "c4,never,phone,question\n"


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home instead of the company's: what these tests import, others must not see."""
    monkeypatch.setattr(installation(), "home", tmp_path / "home")
    monkeypatch.setattr(work, "BEAT_S", 3600.0)  # the test's transaction holds the database all the while
    place = installation().place
    place.make()
    (place.root / "app").mkdir()
    return place


def run_jobs(*, builds: bool = False) -> list[Job]:
    """What waits in the queue, as a worker would run it, and what that asked for. builds: also the making of journeys,
    which takes most of the time."""
    done = []
    waiting = Job.objects.filter(state=State.WAITING).order_by("asked_at")
    while job := (waiting if builds else waiting.exclude(kind="build")).first():
        run_job.func(str(job.pk))
        job.refresh_from_db()
        done.append(job)
    return done


@pytest.fixture
def bring() -> Callable[..., Upload]:
    """Bring a file in and land on its page."""

    def brought(client: Client, content: str | bytes = CALLS, name="calls.csv", to="/data/bring") -> Upload:
        data = content.encode() if isinstance(content, str) else content
        response = client.post(to, {"file": SimpleUploadedFile(name, data)})
        assert response.status_code == 302, response.content.decode()[-3000:]
        run_jobs()
        return Upload.objects.get(pk=response["Location"].rstrip("/").rpartition("/")[2])

    return brought


def through(client: Client, upload: Upload, *, builds: bool = False) -> Upload:
    """From the mapping page, as proposed, to the result."""
    page = f"/data/files/{upload.pk}/"
    client.post(f"{page}mapping", {"check": "yes", **form_of(client, upload)})
    run_jobs()
    assert client.get(page).status_code == 200
    client.post(f"{page}import")
    run_jobs(builds=builds)
    upload.refresh_from_db()
    return upload


def form_of(client: Client, upload: Upload) -> dict[str, list[str]]:
    """The fields of the mapping page as a browser would send them."""
    import lxml.html

    page = lxml.html.fromstring(client.get(f"/data/files/{upload.pk}/").content)
    form = next(form for form in page.forms if form.get("id") == "mapping")
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent

"""The five real logs through the import wizard, from the upload to the journeys."""

from __future__ import annotations

from pathlib import Path

import lxml.html
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tiesa.app.config.installation import installation
from tiesa.app.intake.models import Step, Upload
from tiesa.app.jobs import work
from tiesa.app.jobs.models import Job, State
from tiesa.app.jobs.work import run_job
from tiesa.app.people.models import Membership, Person
from tiesa.app.people.roles import Role
from tiesa.core.home import Home
from tiesa.journeys.evidence import evidence

LOGS = {
    "helpdesk.xes.gz": 21_348,
    "receipt.csv.gz": 8_577,
    "airline_tweets.csv.gz": 14_485,
    "bpic2013_incidents.xes.gz": 65_533,
    "bpic2012.xes.gz": 262_200,
}
"""Rows of each log, as published with it."""


@pytest.fixture
def manager(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(installation(), "home", tmp_path / "home")
    monkeypatch.setattr(work, "BEAT_S", 3600.0)  # the test's transaction holds the database all the while
    installation().place.make()
    person = Person.objects.create_user("cx@example.org", name="One")
    Membership.objects.create(person=person, role=Role.CX_MANAGER)
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def run_jobs() -> None:
    while job := Job.objects.filter(state=State.WAITING).order_by("asked_at").first():
        run_job.func(str(job.pk))
        job.refresh_from_db()
        assert job.state == State.DONE, job.error


def fields(page: bytes) -> dict[str, list[str]]:
    """What a browser would send of the mapping page."""
    form = next(form for form in lxml.html.fromstring(page).forms if form.get("id") == "mapping")
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent


@pytest.mark.parametrize("name", LOGS)
def test_a_real_log_goes_through_the_wizard_whole(real_data: Path, manager: Client, name: str) -> None:
    content = (real_data / "contacts" / name).read_bytes()
    response = manager.post("/data/bring", {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 302
    address = response["Location"]
    run_jobs()
    page = manager.get(address)
    upload = Upload.objects.get()
    proposed = upload.mapping
    assert upload.step == Step.MAPPING
    manager.post(f"{address}mapping", {**fields(page.content), "check": "yes"})
    run_jobs()
    upload.refresh_from_db()
    assert upload.mapping == proposed  # the form says what the mapping said
    assert (upload.step, upload.checked["read"]) == (Step.CHECKED, LOGS[name])
    assert manager.get(address).status_code == 200
    manager.post(f"{address}import")
    run_jobs()
    upload.refresh_from_db()
    counts = upload.result
    assert counts["read"] == counts["accepted"] + counts["duplicates"] + counts["quarantined"] == LOGS[name]
    assert counts["accepted"] == upload.checked["accepted"]
    page = manager.get(address).content.decode()
    assert f"{LOGS[name]:,} rows read" in page
    assert "/journeys/" in page
    home: Home = installation().place
    assert evidence(home).facts["contacts"] == counts["accepted"]

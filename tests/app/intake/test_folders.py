"""Folders that are looked into by the clock: each file is taken once, by whom they may be set, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.app.intake.conftest import MANY, run_jobs

from tiesa.app.intake import folders
from tiesa.app.intake.models import Folder, Upload
from tiesa.app.jobs.models import Job
from tiesa.app.jobs.worker import SCHEDULE
from tiesa.app.people.roles import Role
from tiesa.contacts.log import ContactLog

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(own_home, tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "SETTLE_S", 0.0)
    place = tmp_path / "incoming"
    place.mkdir()
    return place


def test_files_of_a_folder_are_taken_once_and_journeys_made(own_home, folder, client_of) -> None:
    administrator = client_of(Role.ADMINISTRATOR)
    (folder / "calls.csv").write_text(MANY)
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes([0, 1, 2, 3]) * 500)
    administrator.post("/data/folders/set", {"path": str(folder), "minutes": "5", "is_on": "yes"})
    for _look in range(2):
        Folder.objects.update(next_at=timezone.now())
        SCHEDULE["folders"][1]()
        run_jobs()
    assert [f["file"] for f in ContactLog(own_home).imports()] == ["calls.csv"]
    upload = Upload.objects.get()
    assert (upload.by, upload.result["accepted"]) == (None, 60)
    assert (own_home.root / "journeys").exists()
    page = administrator.get("/data/").content.decode()
    assert "scheduled folder" in page
    assert "picture.png" in page
    assert Folder.objects.get().next_at > timezone.now() + timedelta(minutes=4)
    analyst = client_of(Role.ANALYST)
    assert analyst.get(f"/data/files/{upload.pk}/").status_code == 200


def test_a_folder_that_is_off_or_not_due_is_left_alone(folder, client_of) -> None:
    administrator = client_of(Role.ADMINISTRATOR)
    administrator.post("/data/folders/set", {"path": str(folder), "minutes": "5"})
    assert folders.ask_for_due() == 0
    administrator.post("/data/folders/set", {"path": str(folder), "minutes": "5", "is_on": "yes"})
    assert (folders.ask_for_due(), folders.ask_for_due()) == (1, 0)
    assert Job.objects.filter(kind="folder").count() == 1


def test_only_who_manages_the_installation_names_folders(folder, client_of) -> None:
    data = {"path": str(folder), "minutes": "5", "is_on": "yes"}
    assert client_of(Role.CX_MANAGER).post("/data/folders/set", data).status_code == 403
    assert not Folder.objects.exists()


@pytest.mark.parametrize(
    ("path", "minutes", "sentence"),
    [
        ("relative/folder", "5", "from the root"),
        ("/no/such/folder", "5", "no such folder"),
        ("HOME", "5", "own home"),
        ("/", "5", "own home"),
        ("IN", "0", "1 to 10080"),
        ("IN", "never", "1 to 10080"),
    ],
)
def test_a_folder_that_cannot_be_is_refused(own_home, folder, client_of, path, minutes, sentence) -> None:
    place = {"HOME": str(own_home.root / "private"), "IN": str(folder)}.get(path, path)
    (own_home.root / "private").mkdir(exist_ok=True)
    data = {"path": place, "minutes": minutes, "is_on": "yes"}
    page = client_of(Role.ADMINISTRATOR).post("/data/folders/set", data, follow=True).content.decode()
    assert sentence in page
    assert not Folder.objects.exists()


def test_a_folder_that_is_gone_says_so(own_home, folder, client_of) -> None:
    administrator = client_of(Role.ADMINISTRATOR)
    administrator.post("/data/folders/set", {"path": str(folder), "minutes": "5", "is_on": "yes"})
    folder.rmdir()
    folders.ask_for_due()
    run_jobs()
    assert "no such folder" in administrator.get("/data/").content.decode()

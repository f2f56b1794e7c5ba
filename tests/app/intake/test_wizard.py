"""The way of a file into the log: every row is accounted for, every step is kept, nobody else reaches it."""

from __future__ import annotations

import csv
import io

import pytest
from django.utils import timezone
from tests.app.intake.conftest import BAD_ROW, CALLS, MANY, WORDS, form_of, run_jobs, through

from tiesa.app.config.installation import installation
from tiesa.app.intake import keeping
from tiesa.app.intake.models import MappingEdit, Step, Upload, uploads
from tiesa.app.jobs.models import Job
from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Role
from tiesa.contacts.log import ContactLog
from tiesa.core.tables import CONTACT

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes([0, 1, 2, 3]) * 500
pytestmark = pytest.mark.django_db


@pytest.fixture
def client(own_home, client_of):
    return client_of(Role.CX_MANAGER)


def rows_in_log(home) -> int:
    return sum(f.rows for f in ContactLog(home).files(CONTACT))


def test_an_empty_home_teaches_what_to_bring(client) -> None:
    page = client.get("/data/").content.decode()
    assert "Nothing has come in yet." in page
    assert "/data/bring" in page


def test_a_file_goes_from_upload_to_journeys(own_home, client, bring) -> None:
    upload = bring(client)
    assert upload.step == Step.MAPPING
    page = client.get(f"/data/files/{upload.pk}/").content.decode()
    assert "question again" in page  # as read and as mapped
    assert "the name &#39;customer&#39; says so" in page
    through(client, upload, builds=True)
    assert upload.step == Step.IMPORTED
    assert rows_in_log(own_home) == 4
    assert Job.objects.get(kind="build").result["journeys"] >= 3
    page = client.get(f"/data/files/{upload.pk}/").content.decode()
    assert "4 rows read" in page
    assert "/journeys/" in page
    assert "calls.csv" in client.get("/data/").content.decode()


def test_the_counts_on_the_result_page_add_up(own_home, client, bring) -> None:
    through(client, bring(client, MANY))
    more = through(client, bring(client, MANY + BAD_ROW + "c9,2026-02-01 10:00,phone,new\n"))
    counts = more.result
    assert (counts["accepted"], counts["duplicates"], counts["quarantined"]) == (1, 60, 1)
    assert counts["read"] == counts["accepted"] + counts["duplicates"] + counts["quarantined"] == 62
    page = client.get(f"/data/files/{more.pk}/").content.decode()
    for words in ("62 rows read", "1 accepted", "60 duplicates", "1 set aside"):
        assert words in page
    assert rows_in_log(own_home) == 61


def test_a_dry_run_counts_and_writes_nothing(own_home, client, bring) -> None:
    upload = bring(client, MANY + BAD_ROW)
    client.post(f"/data/files/{upload.pk}/mapping", {"check": "yes", **form_of(client, upload)})
    run_jobs()
    upload.refresh_from_db()
    assert (upload.step, upload.checked["accepted"], upload.checked["quarantined"]) == (Step.CHECKED, 60, 1)
    assert "never" in client.get(f"/data/files/{upload.pk}/").content.decode()
    assert rows_in_log(own_home) == 0
    assert not own_home.quarantine.exists()


def test_the_rows_set_aside_come_in_once_they_are_mended(own_home, client, bring) -> None:
    upload = through(client, bring(client, MANY + BAD_ROW))
    response = client.get(f"/data/files/{upload.pk}/set-aside.csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["quarantine_row"] for row in rows] == ["61"]
    text = "\ufeff" + text.replace("never", "2026-01-08 12:00")
    mended = bring(client, text, "mended.csv", f"/data/files/{upload.pk}/mend")
    assert mended.mends == upload
    through(client, mended)
    assert (mended.result["accepted"], mended.result["quarantined"]) == (1, 0)
    assert rows_in_log(own_home) == 61
    assert AuditEntry.objects.filter(what="quarantine.download", about=upload.import_id).exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("picture.png", PICTURE, "binary file of no known kind"),
        ("empty.csv", b"", "empty"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Office file"),
        ("note.docx", b"A letter is no table\n" * 3, "format of the file is not known"),
        ("head.csv", b"a,b,c\n", "no row"),
    ],
)  # fmt: skip
def test_a_file_that_no_reader_knows_is_refused_and_gone(own_home, client, name, content, sentence) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    response = client.post("/data/bring", {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 400
    page = response.content.decode()
    assert sentence in page
    assert str(own_home.root) not in page
    assert [path for path in uploads().rglob("*") if path.is_file()] == []


def test_a_file_over_the_limit_is_stopped_and_gone(own_home, client, monkeypatch) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    monkeypatch.setattr(installation(), "upload_limit", 100_000)
    large = SimpleUploadedFile("large.csv", b"a,b\n" + b"1,2\n" * 50_000)
    response = client.post("/data/bring", {"file": large}, headers={"accept": "application/json"})
    assert response.status_code == 413
    assert "larger than" in response.json()["error"]
    assert [path for path in uploads().rglob("*") if path.is_file()] == []
    assert not Upload.objects.exists()


def test_what_another_person_brought_is_not_reachable(own_home, client, client_of, bring) -> None:
    upload = through(client, bring(client, MANY + BAD_ROW))
    waiting = bring(client)
    other = client_of(Role.ANALYST)
    assert other.get("/data/").status_code == 200
    for one in (upload, waiting):
        for part in ("", "progress", "set-aside.csv"):
            assert other.get(f"/data/files/{one.pk}/{part}").status_code == 404, part
        for part in ("mapping", "read", "import", "back", "remove", "mend", "save"):
            assert other.post(f"/data/files/{one.pk}/{part}").status_code == 404, part
    waiting.refresh_from_db()
    assert waiting.stored
    assert str(waiting.pk) not in other.get("/data/").content.decode()


def test_undo_takes_the_import_back_and_brings_back_what_it_replaced(own_home, client, bring) -> None:
    through(client, bring(client, WORDS))
    more = "99,c3,06.01.2026,09:00,In,mail,q\n"
    changed = through(client, bring(client, WORDS.replace("59,c3,04.01.2026", "59,c3,05.01.2026") + more))
    assert (changed.result["accepted"], changed.result["corrected"]) == (2, 1)
    client.post(f"/data/imports/{changed.import_id}/undo")
    run_jobs()
    changed.refresh_from_db()
    assert changed.step == Step.UNDONE
    assert rows_in_log(own_home) == 60
    page = client.get("/data/").content.decode()
    assert "taken back" in page
    assert client.get(f"/data/files/{changed.pk}/").status_code == 200
    again = client.post(f"/data/imports/{changed.import_id}/undo", follow=True)
    assert "No import" in again.content.decode()
    assert {"import.start", "import.done", "import.undo"} <= set(AuditEntry.objects.values_list("what", flat=True))


def test_ten_imports_make_one_build(own_home, client, bring) -> None:
    for n in range(3):
        upload = bring(client, CALLS.replace("c1", f"x{n}"))
        client.post(f"/data/files/{upload.pk}/mapping", {"check": "yes", **form_of(client, upload)})
    run_jobs()
    for upload in Upload.objects.all():
        client.post(f"/data/files/{upload.pk}/import")
    run_jobs()
    assert Job.objects.filter(kind="import").count() == 3
    assert Job.objects.filter(kind="build").count() == 1


def test_a_reload_goes_on_where_it_was(own_home, client, bring) -> None:
    upload = bring(client)
    form = form_of(client, upload)
    form["source"] = ["telephone system"]
    form["to-3"] = [""]  # no touchpoint any more
    client.post(f"/data/files/{upload.pk}/mapping", form)
    page = client.get(f"/data/files/{upload.pk}/").content.decode()
    assert "telephone system" in page
    assert "[contact] needs touchpoint" in page
    form = form_of(client, upload)
    form["constant-contact.touchpoint"] = ["call"]
    client.post(f"/data/files/{upload.pk}/mapping", form)
    upload.refresh_from_db()
    through(client, upload)
    assert upload.result["accepted"] == 4
    assert 'touchpoint = {constant = "call"}' in upload.mapping


def test_a_form_sent_unchanged_changes_no_mapping(own_home, client, bring) -> None:
    upload = bring(client, WORDS)
    before = upload.mapping
    assert "values" in before
    assert "columns" in before
    client.post(f"/data/files/{upload.pk}/mapping", form_of(client, upload))
    upload.refresh_from_db()
    assert upload.mapping == before


def test_words_of_a_closed_list_can_be_said_anew(own_home, client, bring) -> None:
    upload = bring(client, WORDS)
    form = form_of(client, upload)
    place = next(name for name, value in form.items() if name.startswith("said-") and value == ["Zurück"])
    form[place.replace("said-", "word-")] = ["outbound"]
    client.post(f"/data/files/{upload.pk}/mapping", form, headers={"hx-request": "true"})
    upload.refresh_from_db()
    assert '"Zurück" = "outbound"' in upload.mapping or 'Zurück = "outbound"' in upload.mapping
    page = client.get(f"/data/files/{upload.pk}/").content.decode()
    assert "outbound" in page


def test_the_preview_follows_the_form(own_home, client, bring) -> None:
    upload = bring(client)
    form = form_of(client, upload)
    form["to-2"] = [""]
    part = client.post(f"/data/files/{upload.pk}/mapping", form, headers={"hx-request": "true"}).content.decode()
    assert part.lstrip().startswith('<section class="card" id="preview"')
    assert "[contact] needs channel" in part
    assert 'hx-swap-oob="true"' in part  # the constant that is now needed appears
    assert 'name="constant-contact.channel"' in part


def test_a_saved_mapping_reads_the_next_file_and_its_removal_can_be_undone(own_home, client, bring) -> None:
    upload = through(client, bring(client))
    client.post(f"/data/files/{upload.pk}/save", {"name": "calls of the shop"})
    assert (own_home.mappings / "calls of the shop.toml").exists()
    assert bring(client, CALLS.replace("c1", "z1")).how == "saved: calls of the shop"
    assert "calls of the shop" in client.get("/data/mappings/calls of the shop/").content.decode()
    client.post("/data/mappings/calls of the shop/remove")
    assert not (own_home.mappings / "calls of the shop.toml").exists()
    client.post(f"/data/mappings/changes/{MappingEdit.objects.get(after='').pk}/undo")
    assert (own_home.mappings / "calls of the shop.toml").exists()
    refused = client.post(f"/data/files/{upload.pk}/save", {"name": "../../evil"}, follow=True)
    assert "cannot be called" in refused.content.decode()
    assert not list(own_home.root.rglob("evil*"))


def test_files_nobody_used_for_a_week_are_removed(own_home, client, bring) -> None:
    old, fresh = bring(client), bring(client)
    Upload.objects.filter(pk=old.pk).update(at=timezone.now() - keeping.KEPT * 2)
    keeping.sweep()
    old.refresh_from_db()
    fresh.refresh_from_db()
    assert (old.step, old.stored, old.place.exists()) == (Step.REMOVED, "", False)
    assert fresh.path.exists()
    assert "was removed" in client.get(f"/data/files/{old.pk}/").content.decode()


def test_a_file_is_gone_once_it_is_imported(own_home, client, bring) -> None:
    upload = through(client, bring(client))
    assert upload.stored == ""
    assert not upload.place.exists()


def test_a_large_file_is_looked_at_by_a_job(own_home, client, bring, monkeypatch) -> None:
    from tiesa.app.intake import work

    monkeypatch.setattr(work, "AT_ONCE_BYTES", 10)
    upload = bring(client)
    assert (upload.step, upload.job.kind) == (Step.MAPPING, "look")
    refused = bring(client, PICTURE, "picture.png")
    assert refused.step == Step.REFUSED
    page = client.get(f"/data/files/{refused.pk}/").content.decode()
    assert "binary file" in page
    assert not refused.place.exists()


def test_another_way_of_reading_that_does_not_fit_loses_nothing(own_home, client, bring) -> None:
    upload = bring(client)
    page = client.post(f"/data/files/{upload.pk}/read", {"encoding": "no-such"}, follow=True).content.decode()
    assert "no encoding called" in page
    upload.refresh_from_db()
    assert (upload.step, upload.path.exists()) == (Step.MAPPING, True)
    client.post(f"/data/files/{upload.pk}/read", {"table": "outcome"})
    upload.refresh_from_db()
    assert "[outcome]" in upload.mapping


def test_a_job_that_failed_leaves_the_file_where_it_stood(own_home, client, bring) -> None:
    upload = bring(client)
    client.post(f"/data/files/{upload.pk}/mapping", {"check": "yes", **form_of(client, upload)})
    run_jobs()
    client.post(f"/data/files/{upload.pk}/import")
    upload.refresh_from_db()
    client.post(f"/jobs/{upload.job.pk}/stop")
    page = client.get(f"/data/files/{upload.pk}/").content.decode()
    assert "It was stopped" in page
    upload.refresh_from_db()
    assert upload.step == Step.CHECKED
    named = upload.import_id
    client.post(f"/data/files/{upload.pk}/import")
    run_jobs()
    upload.refresh_from_db()
    assert (upload.step, upload.import_id) == (Step.IMPORTED, named)

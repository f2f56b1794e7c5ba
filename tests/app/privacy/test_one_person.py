"""One person's export holds everything of theirs and nothing of another's; an erasure leaves no trace of them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from django.test import Client

from tiesa.app.jobs.models import Job, State
from tiesa.app.jobs.work import Running
from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Role
from tiesa.app.privacy import jobs
from tiesa.app.privacy.database import places_in_database
from tiesa.contacts.private import Private
from tiesa.core.home import Home
from tiesa.core.tables import SEEN
from tiesa.upkeep.person import Person
from tiesa.upkeep.receipts import receipts

HERS = "K-77120"
MAIL, PHONE, NAME = "rugile.sentinel@example.net", "+370 600 77120", "Rugilė Sentinelytė"
WORDS = "nobody called me back about the sentinel invoice"
OTHER, OTHER_NAME, OTHER_WORDS = "K-77121", "Otto Otherman", "my line is down since the storm"
HEAD = "contact_id,customer,customer_name,customer_mail,customer_phone,occurred_at,touchpoint,channel,direction,text\n"


@pytest.fixture(scope="session")
def two_people(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with two people in it, built once: she is asked about, he stands beside."""
    from tiesa.contacts.importing import import_file
    from tiesa.journeys.build import build

    folder = tmp_path_factory.mktemp("two-people")
    home, file = Home(folder / "home"), folder / "desk.csv"
    file.write_text(
        HEAD
        + f"c1,{HERS},{NAME},{MAIL},{PHONE},2026-03-02T09:00:00Z,e-mail to us,email,inbound,{WORDS}\n"
        + f"c2,{HERS},{NAME},{MAIL},{PHONE},2026-03-05T09:00:00Z,reply,email,outbound,we look into it\n"
        + f"c3,{OTHER},{OTHER_NAME},otto@example.net,+370 600 99999,2026-03-03T09:00:00Z,call,phone,inbound,"
        + f"{OTHER_WORDS}\n"
        + f"c4,{HERS},{NAME},{MAIL},{PHONE},never,e-mail to us,email,inbound,{WORDS}\n",
        "utf-8",
    )
    import_file(file, home)
    opened = folder / "seen.csv"
    opened.write_text("employee,contact_id,at\nE1,c1,2026-03-02T10:00:00Z\nE2,c3,2026-03-03T10:00:00Z\n", "utf-8")
    import_file(opened, home, table=SEEN)
    build(home)
    return home


@pytest.fixture
def place(two_people: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The same home for one test alone, as the application's own."""
    from tiesa.app.config.installation import installation

    home = Home(tmp_path / "home")
    shutil.copytree(two_people.root, home.root)
    monkeypatch.setattr(installation(), "home", home.root)
    return home


def number_of(home: Home, customer: str) -> int:
    from tiesa.engines.duckdb import engine
    from tiesa.upkeep.person import find

    with engine(spill=home.spill) as connection:
        return find(connection, home, customer=customer).number


def run(job: Job) -> Job:
    """As a worker does it."""
    from tiesa.app.jobs.work import run_job

    run_job.func(str(job.pk))
    job.refresh_from_db()
    return job


def asked(client: Client, address: str, **said: str) -> Job:
    answer = client.post(address, said)
    assert answer.status_code == 302, answer.content.decode()
    assert "/privacy/requests/" in answer["Location"], client.get(answer["Location"]).content.decode()
    return Job.objects.get(pk=answer["Location"].split("/")[-2])


@pytest.mark.parametrize("called", [HERS, MAIL, MAIL.upper(), PHONE, "0037060077120"])
def test_a_person_is_found_by_whatever_they_are_called(place: Home, client_of, called: str) -> None:
    answer = client_of(Role.CX_MANAGER).post("/privacy/", {"words": called})
    assert answer["Location"] == f"/privacy/{number_of(place, HERS)}/"


def test_who_is_not_here_is_not_found_and_what_was_typed_is_not_kept(place: Home, client_of) -> None:
    answer = client_of(Role.CX_MANAGER).post("/privacy/", {"words": "very.private@example.net"})
    assert "Nobody is called so here." in answer.content.decode()
    assert "very.private" not in json.dumps(list(AuditEntry.objects.values("about", "details")))
    assert client_of(Role.CX_MANAGER).get("/privacy/99999999/").status_code == 404
    assert client_of(Role.CX_MANAGER).get(f"/privacy/{10**30}/").status_code == 404


def test_the_export_holds_everything_of_hers_and_nothing_of_his(place: Home, client_of) -> None:
    client, number = client_of(Role.CX_MANAGER), number_of(place, HERS)
    Job.objects.create(kind=jobs.DELETE, error=f"could not write to {MAIL}")  # the database tells of her too
    job = run(asked(client, f"/privacy/{number}/export"))
    assert job.state == State.DONE, job.error
    zipped = b"".join(client.get(f"/privacy/requests/{job.pk}/download").streaming_content)
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    everything = json.loads(texts["everything.json"])
    assert {row["contact_id"] for row in everything["contacts"]} == {"c1", "c2"}
    assert WORDS in {row["text"] for row in everything["texts"]}
    assert everything["identities"][0]["mail"] == MAIL
    assert [(row["employee"], row["contact_id"]) for row in everything["seens"]] == [("E1", "c1")]
    assert len(everything["journeys"]) >= 1
    assert any("never" in row["row"] for row in everything["rows_set_aside"])
    assert MAIL in everything["application_database"][0]["value"]
    assert [row["contact_id"] for row in csv.DictReader(io.StringIO(texts["contacts.csv"]))] == ["c1", "c2"]
    whole = "".join(texts.values())
    for said in (OTHER, OTHER_NAME, OTHER_WORDS, "otto@"):
        assert said not in whole
    assert AuditEntry.objects.filter(what="privacy.export", about=f"customer {number}").count() == 1
    assert AuditEntry.objects.filter(what="privacy.download", about=f"customer {number}").count() == 1


def test_an_export_is_fetched_only_by_who_asked_for_it(place: Home, client_of) -> None:
    job = run(asked(client_of(Role.CX_MANAGER), f"/privacy/{number_of(place, HERS)}/export"))
    address = f"/privacy/requests/{job.pk}/download"
    assert client_of(Role.ADMINISTRATOR).get(address).status_code == 404
    assert client_of(Role.ANALYST).get(address).status_code == 403
    assert client_of(None).get(address).status_code == 302


def telling(folder: Path, said: tuple[str, ...]) -> dict[str, list[str]]:
    """The files below a folder that hold one of these, whatever packs them."""
    import pyarrow.parquet as pq

    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "ignore")
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    text = "".join(archive.read(name).decode() for name in archive.namelist())
            if path.suffix == ".parquet":
                text += json.dumps(pq.read_table(path, partitioning=None).to_pylist(), default=str, ensure_ascii=False)
            if hits := [one for one in said if one in text]:
                found[str(path.relative_to(folder))] = hits
    return found


def test_an_erasure_leaves_no_trace_in_database_and_log(place: Home, client_of, django_db_blocker) -> None:
    from django.core.serializers.json import DjangoJSONEncoder
    from django.db import connection

    said = (HERS, MAIL, NAME, PHONE, "sentinel invoice")
    client, number = client_of(Role.CX_MANAGER), number_of(place, HERS)
    Job.objects.create(kind=jobs.DELETE, result={"rows": [{"who": NAME, "n": 1}]}, error=f"no answer from {MAIL}")
    run(asked(client, f"/privacy/{number}/export"))
    assert telling(place.root, said)
    job = run(asked(client, f"/privacy/{number}/erase", why="asked in a letter of 3 March", again=str(number)))
    assert job.state == State.DONE, job.error
    assert telling(place.root, said) == {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'select * from "{table}"')
            rows = json.dumps(cursor.fetchall(), cls=DjangoJSONEncoder, ensure_ascii=False, default=str)
            assert not [one for one in said if one in rows or json.dumps(one)[1:-1] in rows], table
    assert job.result["removed"]["database"] == 2
    assert receipts(place)[0].why == "asked in a letter of 3 March"
    assert receipts(place)[0].by.startswith("person ")
    assert sum(f.rows for f in Private(place).identities.version().current()) == 1, "he stays"
    page = client.get(f"/privacy/requests/{job.pk}/").content.decode()
    assert f"Customer {number} is erased" in page


def test_an_erasure_begun_again_ends_the_same(place: Home, client_of) -> None:
    number = number_of(place, HERS)
    job = asked(client_of(Role.CX_MANAGER), f"/privacy/{number}/erase", why="asked by mail", again=str(number))
    first = jobs.erase_person(Running(_running(job)), job.arguments)
    again = jobs.erase_person(Running(_running(job)), job.arguments)
    assert again["receipt"] == first["receipt"]
    assert len(receipts(place)) == 1


def _running(job: Job) -> Job:
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, attempts=1)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"why": "", "again": "N"}, "needs a reason"),
        ({"why": f"letter of {NAME}", "again": "N"}, "must not name the person"),
        ({"why": "a letter", "again": "12345"}, "cannot be undone"),
    ],
)
def test_an_erasure_is_not_begun_without_reason_and_number(place: Home, client_of, said, told: str) -> None:
    client, number = client_of(Role.CX_MANAGER), number_of(place, HERS)
    given = {key: value.replace("N", str(number)) if key == "again" else value for key, value in said.items()}
    page = client.post(f"/privacy/{number}/erase", given, follow=True).content.decode()
    assert told in page
    assert not Job.objects.exists()


def test_short_ids_are_told_from_longer_ones(place: Home, people) -> None:
    Job.objects.create(kind=jobs.DELETE, result={"customer": "K1", "other": "K12"})
    assert places_in_database(Person(1, "x", "K1")) == {"jobs.job.result": 1}
    assert places_in_database(Person(1, "x", "K2")) == {}


def test_only_who_may_erase_sees_the_pages(place: Home, client_of) -> None:
    number = number_of(place, HERS)
    for role in set(Role) - {Role.ADMINISTRATOR, Role.CX_MANAGER}:
        for address in ("/privacy/", f"/privacy/{number}/", "/privacy/rules/", "/privacy/old/"):
            assert client_of(role).get(address).status_code == 403
        assert client_of(role).post(f"/privacy/{number}/export").status_code == 403
    assert not Job.objects.exists()

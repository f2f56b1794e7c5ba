"""The audit log: append-only in the database too, sealed entry by entry, readable and exportable."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from tiesa.app.people.audit import broken, record
from tiesa.app.people.chain import seal
from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Role
from tiesa.app.people.sealing import seal_table, unseal_table


@pytest.fixture
def behind_the_back(db: None):
    """Somebody who rules the database: the triggers are away."""
    with connection.cursor() as cursor:
        unseal_table(connection.vendor, cursor.execute)
        yield cursor
        seal_table(connection.vendor, cursor.execute)


@pytest.fixture
def entries(db: None) -> list[AuditEntry]:
    return [record("a test", "thing.done", about=f"thing {n}", n=n) for n in range(5)]


@pytest.mark.parametrize(
    "sql",
    [
        "update people_auditentry set who = 'somebody else' where number = 2",
        "delete from people_auditentry where number = 5",
        "delete from people_auditentry",
    ],
)
def test_the_database_itself_refuses_to_change_or_remove_an_entry(entries, sql: str) -> None:
    with pytest.raises(DatabaseError, match="never"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert AuditEntry.objects.count() == 5
    assert list(broken()) == []


def test_the_models_refuse_too(entries) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        entries[1].delete()
    entries[1].who = "somebody else"
    with pytest.raises(DatabaseError), transaction.atomic():
        entries[1].save()


@pytest.mark.parametrize(
    ("sql", "at"),
    [
        ("update people_auditentry set who = 'somebody else' where number = 3", 3),
        ("update people_auditentry set details = '{\"n\": 99}' where number = 2", 2),
        ("delete from people_auditentry where number = 3", 4),
    ],
)
def test_the_chain_breaks_where_somebody_changed_it_behind_the_triggers_back(entries, behind_the_back, sql, at) -> None:
    behind_the_back.execute(sql)
    assert [number for number, _at in broken()] == [at]


def test_an_entry_resealed_by_hand_breaks_the_next_one(entries, behind_the_back) -> None:
    forged = AuditEntry.objects.get(number=3)
    forged.who = "somebody else"
    behind_the_back.execute(
        "update people_auditentry set who = %s, hash = %s where number = 3", [forged.who, seal(forged)]
    )
    assert [number for number, _at in broken()] == [4]


def test_an_entry_is_lost_with_the_transaction_it_belongs_to(entries) -> None:

    def fails() -> None:
        with transaction.atomic():
            record("a test", "thing.done")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert AuditEntry.objects.count() == 5
    assert list(broken()) == []


def test_filters_find_people_by_name_and_what_they_did(people, client_of) -> None:
    record(people[Role.ANALYST], "thing.done", about="thing 1")
    record(people[Role.VIEWER], "other.done", about=f"person {people[Role.ANALYST].pk}")
    client = client_of(Role.ADMINISTRATOR)

    def numbers(query: str) -> list[str]:
        page = client.get(f"/people/audit/?{query}").content.decode()
        return re.findall(r"thing\.done|other\.done", re.sub(r"<option.*?</option>", "", page))

    assert numbers("who=the+analyst") == ["thing.done"]
    assert numbers("what=other") == ["other.done"]
    assert numbers("about=The+analyst") == ["other.done"]
    assert numbers("from=2999-01-01") == []
    assert sorted(numbers("from=never")) == ["other.done", "thing.done"]


def test_every_entry_stands_on_exactly_one_page(people, client_of) -> None:
    for n in range(120):
        record("a test", "thing.done", about=f"thing {n}")
    client, seen, query = client_of(Role.ADMINISTRATOR), [], "what=thing.done"
    while query:
        page = client.get(f"/people/audit/?{query}").content.decode()
        seen += re.findall(r"<td>thing (\d+)", page)
        older = re.search(r'href="\?([^"]+)" rel="next"', page)
        query = older[1].replace("&amp;", "&") if older else ""
    assert seen == [str(n) for n in reversed(range(120))]


def test_the_export_holds_everything_that_is_sealed(people, client_of) -> None:
    record("a test", "thing.done", about="=cmd()", n=1)
    answer = client_of(Role.ADMINISTRATOR).get("/people/audit/audit.csv?what=thing")
    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
    assert row["about"] == "'=cmd()", "no spreadsheet runs it"
    entry = AuditEntry.objects.get(what="thing.done")
    assert (row["hash"], row["previous"]) == (entry.hash, entry.previous)
    assert AuditEntry.objects.filter(what="audit.export").exists()


def test_the_page_checks_the_chain_and_says_where_it_breaks(people, client_of, behind_the_back) -> None:
    client = client_of(Role.ADMINISTRATOR)
    for n in range(4):
        record("a test", "thing.done", n=n)
    assert "The chain holds" in client.post("/people/audit/check", follow=True).content.decode()
    behind_the_back.execute("update people_auditentry set what = 'nothing' where number = 2")
    assert "first at number 2 of" in client.post("/people/audit/check", follow=True).content.decode()


def test_nobody_else_reads_it(client_of) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR}:
        assert client_of(role).get("/people/audit/").status_code == 403
        assert client_of(role).get("/people/audit/audit.csv").status_code == 403


def test_details_hold_no_word_the_log_does_not_need(people, client_of) -> None:
    client_of(Role.ADMINISTRATOR).post("/people/invite", {"role": "viewer", "email": "very.private@example.org"})
    assert "very.private" not in json.dumps(list(AuditEntry.objects.values("who", "about", "details")))


def test_tiesa_check_finds_a_chain_that_was_broken_and_triggers_that_are_gone(tmp_path) -> None:
    """On a database file of its own, as somebody with a shell would change it."""
    from contextlib import closing

    from tiesa.app.people.chain import FIRST
    from tiesa.app.people.checking import check_audit
    from tiesa.core.home import Home

    home = Home(tmp_path)
    assert list(check_audit(home)) == [], "no application yet"
    (tmp_path / "app").mkdir()
    with closing(sqlite3.connect(tmp_path / "app" / "tiesa.sqlite3")) as database:
        database.execute(
            "create table people_auditentry (number integer primary key, at datetime, who text, what text, about text, "
            "details text, previous text, hash text)"
        )
        previous = FIRST
        for number in range(1, 4):
            at = datetime(2026, 9, 30, 12, 0, number, 250_000, tzinfo=UTC)
            entry = AuditEntry(
                number=number, at=at, who="a test", what="thing.done", details={"n": number}, previous=previous
            )
            previous = seal(entry)
            database.execute(
                "insert into people_auditentry values (?, ?, ?, ?, ?, ?, ?, ?)",
                [number, f"{at:%Y-%m-%d %H:%M:%S.%f}", "a test", "thing.done", "", json.dumps({"n": number}),
                 entry.previous, previous],
            )  # fmt: skip
        database.commit()
        assert [finding.code for finding in check_audit(home)] == ["audit-triggers"]
        seal_table("sqlite", database.execute)
        database.commit()
        assert list(check_audit(home)) == []
        unseal_table("sqlite", database.execute)
        database.execute("update people_auditentry set who = 'nobody' where number = 2")
        seal_table("sqlite", database.execute)
        database.commit()
        (finding,) = check_audit(home)
        assert finding.severity == "error"
        assert "number 2 of 2026-09-30 12:00 UTC" in finding.what

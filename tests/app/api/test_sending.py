import json
from datetime import UTC, datetime, timedelta

import pytest

from tiesa.app.api.checking import place_of
from tiesa.app.api.models import Batch, OutboxRow
from tiesa.app.intake import outbox
from tiesa.app.people.roles import Right
from tiesa.contacts.log import ContactLog
from tiesa.core.tables import ANSWER, BY_NAME, CONTACT, CUSTOMER, OUTCOME, SEEN
from tiesa.engines.duckdb import engine, parquet

pytestmark = pytest.mark.django_db


def held(home, table, where="true"):
    """Rows of the log."""
    with engine(spill=home.spill) as connection:
        files = [f.path for f in ContactLog(home).files(table)]
        found = connection.sql(f"from {parquet(files, table)} where {where}").to_arrow_table()
    return found.to_pylist()


def test_a_contact_is_durable_before_it_is_acknowledged(program, contact) -> None:
    response = program().post("contacts", contact)
    assert (response.status_code, response.json()) == (202, {"status": "accepted"})
    row = OutboxRow.objects.get()
    assert json.loads(row.payload)["occurred_at"] == "2026-03-01T08:00:00+00:00"


def test_the_same_row_again_is_known_however_it_is_written(program, contact) -> None:
    sender = program()
    sender.post("contacts", contact)
    same = dict(reversed(contact.items())) | {
        "occurred_at": "2026-03-01T08:00:00Z",
        "touchpoint": " call to the hotline ",
    }
    response = sender.post("contacts", same)
    assert (response.status_code, response.json()) == (200, {"status": "known"})
    assert OutboxRow.objects.count() == 1


def test_a_changed_row_is_a_correction_unless_those_are_not_wanted(program, contact) -> None:
    sender = program()
    sender.post("contacts", contact)
    changed = contact | {"channel": "chat"}
    refused = sender.post("contacts?corrections=refuse", changed)
    assert refused.status_code == 409
    assert refused.json()["reasons"][0]["code"] == "changed"
    assert sender.post("contacts", changed).json() == {"status": "corrected"}
    assert json.loads(OutboxRow.objects.get().payload)["channel"] == "chat"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"touchpoint": " "}, "touchpoint", "missing"),
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"direction": "sideways"}, "direction", "unknown_value"),
        ({"occurred_at": "2026-03-01T10:00:00"}, "occurred_at", "no_offset"),
        ({"occurred_at": "yesterday"}, "occurred_at", "not_a_time"),
        ({"occurred_at": "1980-01-01T00:00:00Z"}, "occurred_at", "before_1990"),
        ({"occurred_at": (datetime.now(UTC) + timedelta(days=2)).isoformat()}, "occurred_at", "in_future"),
        ({"severity": 6}, "severity", "too_high"),
        ({"severity": 2.5}, "severity", "not_a_number"),
        ({"emotion": -1.01}, "emotion", "too_low"),
        ({"cost": "1,50"}, "cost", "not_an_amount"),
        ({"cost": -1}, "cost", "too_low"),
        ({"attributes": {"a": [1]}}, "attributes", "not_attributes"),
        ({"customer": None}, "customer", "no_customer"),
        ({"reason": "\ud800"}, "", "not_text"),
        ({"reason": "x" * 2001}, "reason", "too_long"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_with_its_reason(program, contact, change, field, code) -> None:
    response = program().post("contacts", contact | change)
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert [(r["field"], r["code"]) for r in response.json()["reasons"]] == [(field, code)]
    assert response.json()["reasons"][0]["reason"]
    assert not OutboxRow.objects.exists()


def test_of_many_rows_the_good_ones_are_taken_and_each_other_has_its_reasons(program, contact) -> None:
    rows = [contact | {"contact_id": f"c{n}"} for n in range(7)]
    bad = ["{", "[]", contact | {"channel": 7.5}, contact | {"contact_id": "x" * 2001}]
    response = program().bulk("contacts", [*rows, *bad, rows[0], rows[1] | {"channel": "chat"}])
    told = response.json()
    assert response.status_code == 207
    counts = {name: told[name] for name in ("rows", "accepted", "corrected", "known", "refused", "durable_through")}
    assert counts == {"rows": 13, "accepted": 7, "corrected": 1, "known": 1, "refused": 4, "durable_through": 13}
    assert [(one["line"], one["reasons"][0]["code"]) for one in told["reasons"]] == [
        (8, "not_json"), (9, "not_an_object"), (10, "not_text"), (11, "too_long")
    ]  # fmt: skip
    assert json.loads(OutboxRow.objects.get(payload__contains='"c1"').payload)["channel"] == "chat"


def test_a_line_longer_than_a_row_may_be_harms_no_other(program, contact, monkeypatch) -> None:
    monkeypatch.setattr("tiesa.app.api.sending.READ_BYTES", 1000)
    rows = [
        json.dumps(contact),
        json.dumps(contact | {"text": "x" * 2_000_000}),
        json.dumps(contact | {"contact_id": "2"}),
    ]
    told = program().bulk("contacts", rows).json()
    assert (told["accepted"], told["refused"], told["reasons"][0]["line"]) == (2, 1, 2)


@pytest.mark.django_db(transaction=True)
def test_every_table_reaches_the_log_and_again_adds_nothing(program, contact, home) -> None:
    sender = program()
    at = "2026-03-02T09:00:00Z"
    sent = {
        CONTACT: [
            contact | {"contact_id": f"all-{n}", "cost": "1.25", "emotion": -0.5, "text": "hello"} for n in range(3)
        ],
        CUSTOMER: [{"customer": "api-customer-1", "as_of": at, "segment": "gold", "customer_name": "Ana"}],
        ANSWER: [
            {"answer_id": "a1", "source": "shop", "answered_at": at, "question": "q", "kind": "effort", "scale": "1-5"}
        ],
        OUTCOME: [{"outcome_id": "o1", "source": "shop", "customer": "api-customer-1", "kind": "left", "at": at}],
        SEEN: [{"employee": "e1", "contact_id": "all-1", "source": "shop", "at": at}],
    }
    for table, rows in sent.items():
        assert sender.bulk(place_of(table), rows).json()["accepted"] == len(rows)
    moved = outbox.move()
    assert moved == {"batches": 5, "rows": 7}
    assert {b.state for b in Batch.objects.all()} == {Batch.DONE}
    own = {
        table: len(held(home, table, "source in ('shop', 'api') and recorded_at > now() - interval 1 hour"))
        for table in sent
    }
    assert own == {table: len(rows) for table, rows in sent.items()}
    kept = held(home, CONTACT, "contact_id = 'all-1' and source = 'shop'")[0]
    assert (str(kept["cost"]), kept["emotion"], dict(kept["attributes"])) == ("1.2500", -0.5, {"queue": "a"})
    assert kept["occurred_at"] == datetime(2026, 3, 1, 8, tzinfo=UTC)
    for table, rows in sent.items():
        assert sender.bulk(place_of(table), rows).json()["known"] == len(rows), table.name
    assert outbox.move() == {"batches": 0, "rows": 0}


@pytest.mark.django_db(transaction=True)
def test_a_correction_that_comes_after_the_row_moved_replaces_it_in_the_log(program, contact, home) -> None:
    sender, mine = program(), "contact_id = 'moved-1' and source = 'shop'"
    sender.post("contacts", contact | {"contact_id": "moved-1"})
    outbox.move()
    assert sender.post("contacts", contact | {"contact_id": "moved-1", "channel": "chat"}).json() == {
        "status": "corrected"
    }
    outbox.move()
    assert [row["channel"] for row in held(home, CONTACT, mine)] == ["chat"]


@pytest.mark.django_db(transaction=True)
def test_a_batch_killed_after_its_commit_is_not_taken_twice(program, contact, home, monkeypatch) -> None:
    program().post("contacts", contact | {"contact_id": "killed-1"})

    class Killed(BaseException):
        pass

    def die(_path):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "counts_of", die)
        with pytest.raises(Killed):
            outbox.move()
    assert Batch.objects.get().state == Batch.OPEN
    before = len(ContactLog(home).imports())
    assert outbox.move() == {"batches": 1, "rows": 1}
    assert len(ContactLog(home).imports()) == before
    assert Batch.objects.get().result["accepted"] == 1
    assert not list(outbox.folder().glob("*.parquet"))


@pytest.mark.django_db(transaction=True)
def test_a_row_corrected_while_its_batch_is_written_follows_in_the_next(program, contact, home, monkeypatch) -> None:
    sender, write = program(), outbox._write
    sender.post("contacts", contact | {"contact_id": "between-1"})

    def slow(table, payloads, path):
        write(table, payloads, path)
        monkeypatch.setattr(outbox, "_write", write)
        assert sender.post("contacts", contact | {"contact_id": "between-1", "channel": "chat"}).status_code == 202

    monkeypatch.setattr(outbox, "_write", slow)
    assert outbox.move() == {"batches": 2, "rows": 2}
    assert [row["channel"] for row in held(home, CONTACT, "contact_id = 'between-1'")] == ["chat"]


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_the_log_refuses_is_kept_told_and_can_be_tried_again(
    program, contact, home, client_of, monkeypatch
) -> None:
    from tiesa.app.people.roles import Role
    from tiesa.core.errors import UnusableInput

    def refuse(*arguments, **named):
        raise UnusableInput("No row can be used")

    sender = program()
    sender.post("contacts", contact | {"contact_id": "refused-1"})
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "import_source", refuse)
        outbox.move()
    assert sender.get("outbox").json()["refused"] == 1
    client = client_of(Role.ADMINISTRATOR)
    assert "No row can be used" in client.get("/data/hooks/").content.decode()
    client.post(f"/data/hooks/batches/{Batch.objects.get().pk}/again")
    outbox.move()
    assert Batch.objects.get().state == Batch.DONE
    assert len(held(home, CONTACT, "contact_id = 'refused-1'")) == 1


def test_what_moved_is_known_for_three_days_and_then_forgotten(program, contact) -> None:
    program().post("contacts", contact)
    OutboxRow.objects.update(received_at=datetime.now(UTC) - timedelta(days=4))
    outbox.forget()
    assert OutboxRow.objects.count() == 1  # it waits still
    OutboxRow.objects.update(payload="")
    outbox.forget()
    assert not OutboxRow.objects.exists()


def test_the_description_of_the_api_asks_for_what_the_check_asks_for(program, client) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for table in ("contact", "customer", "answer", "outcome", "seen"):
        plural = place_of(BY_NAME[table])
        schema = paths[f"/api/v1/{plural}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        missing = {r["field"] for r in program().post(plural, {}).json()["reasons"] if r["code"] == "missing"}
        assert missing == set(schema["required"]), table


def test_a_key_without_the_right_sends_nothing(program, contact, client) -> None:
    assert client.post("/api/v1/contacts", contact, content_type="application/json").status_code == 401
    assert program(Right.SEE_FIGURES).post("contacts", contact).status_code == 403
    assert not OutboxRow.objects.exists()

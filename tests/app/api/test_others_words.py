import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from tiesa.app.api.hook_work import make_inlet
from tiesa.app.api.models import Inlet, OutboxRow
from tiesa.app.api.signing import signature
from tiesa.app.people.roles import Right

pytestmark = pytest.mark.django_db


def waiting(table="contact"):
    return [json.loads(p) for p in OutboxRow.objects.filter(table=table).values_list("payload", flat=True)]


def inlet(shape):
    return make_inlet(name="desk", shape=shape, source="", secret="", by=None)


def call(client, to, body, **headers):
    return client.post(f"/api/v1/hooks/{to.pk}", body, content_type="application/json", headers=headers)


TRACK = {
    "userId": "u1", "messageId": "m1", "event": "Order placed", "timestamp": "2026-03-01T10:00:00Z",
    "properties": {"product": "fibre", "total": 12.5, "items": [1, 2]},
}  # fmt: skip
IDENTIFY = {"userId": "u1", "timestamp": "2026-03-01T09:00:00Z", "traits": {"email": "a@example.org", "plan": "gold"}}


def test_segments_calls_become_customers_and_their_own_contacts(program) -> None:
    sender = program()
    assert sender.post("segment/identify", IDENTIFY).json() == {"success": True}
    assert sender.post("segment/track", TRACK).json() == {"success": True}
    (customer,), (contact,) = waiting("customer"), waiting()
    assert (customer["customer"], customer["customer_mail"]) == ("u1", "a@example.org")
    assert json.loads(customer["attributes"]) == {"plan": "gold"}
    assert (contact["touchpoint"], contact["direction"], contact["product"]) == (
        "Order placed",
        "self_service",
        "fibre",
    )
    assert json.loads(contact["attributes"]) == {"total": "12.5"}


def test_segments_own_way_to_sign_in_works_and_a_batch_too(program, client) -> None:
    secret = program().secret
    basic = "Basic " + base64.b64encode(f"{secret}:".encode()).decode()
    batch = {"batch": [{**IDENTIFY, "type": "identify"}, {**TRACK, "type": "track"}, {"type": "alias"}]}
    for _again in range(2):
        response = client.post("/api/v1/segment/batch", batch, "application/json", headers={"authorization": basic})
        assert response.json() == {"success": True}
    assert OutboxRow.objects.count() == 2
    wrong = client.post("/api/v1/segment/batch", batch, "application/json", headers={"authorization": basic[:-4]})
    assert wrong.status_code == 401


def test_a_call_without_an_id_is_known_by_what_it_says(program) -> None:
    sender, call = program(), {name: value for name, value in TRACK.items() if name != "messageId"}
    sender.post("segment/track", call)
    sender.post("segment/track", call)
    sender.post("segment/track", {**call, "event": "Order cancelled"})
    assert OutboxRow.objects.count() == 2


EVENT = {
    "specversion": "1.0", "id": "e1", "source": "//shop", "type": "org.example.order.placed", "subject": "K-7",
    "time": "2026-03-01T10:00:00Z", "data": {"channel": "web", "total": 3},
}  # fmt: skip


def test_a_cloud_event_is_a_contact_of_its_subject_in_each_of_the_three_modes(program) -> None:
    sender = program()
    assert sender.post("events", EVENT, "application/cloudevents+json").status_code == 200
    assert sender.post("events", [EVENT], "application/cloudevents-batch+json").json()["known"] == 1
    headers = {f"ce-{name}": value for name, value in EVENT.items() if name != "data"}
    assert sender.post("events", EVENT["data"], **headers).json()["known"] == 1
    (contact,) = waiting()
    assert (contact["customer"], contact["touchpoint"], contact["source"]) == (
        "K-7",
        "org.example.order.placed",
        "//shop",
    )


def test_an_event_whose_type_names_a_table_brings_such_a_row(program) -> None:
    data = {"customer": "K-7", "kind": "left", "at": "2026-03-01T10:00:00Z"}
    event = EVENT | {"type": "org.example.outcome", "data": data}
    program().post("events", event, "application/cloudevents+json")
    assert waiting("outcome")[0] | data == waiting("outcome")[0] | {"at": "2026-03-01T10:00:00Z"}
    assert waiting("outcome")[0]["outcome_id"] == "e1"


@pytest.mark.parametrize("change", [{"specversion": "0.3"}, {"id": None}, {"type": 7}, {"time": "noon"}])
def test_an_event_that_keeps_no_rule_is_refused_with_its_reason(program, change) -> None:
    response = program().post("events", EVENT | change, "application/cloudevents+json")
    assert response.status_code == 422
    assert response.json()["reasons"][0]["reasons"][0]["field"] in ("specversion", "id", "type", "occurred_at")


def test_a_webhook_is_taken_only_with_the_right_signature_over_this_body_and_time(client, contact) -> None:
    kept, secret = inlet("generic")
    body, now = json.dumps(contact), int(time.time())
    good = signature(secret, body.encode(), now)
    bad = {
        "none": "",
        "another secret": signature("whsec_other", body.encode(), now),
        "another body": signature(secret, b"{}", now),
        "old": signature(secret, body.encode(), now - 301),
        "from the future": signature(secret, body.encode(), now + 600),
        "another time": good.replace(f"t={now}", f"t={now - 1}"),
        "not one": "t=x,v1=ü",
    }
    for why, given in bad.items():
        assert call(client, kept, body, **{"tiesa-signature": given}).status_code == 401, why
    assert not OutboxRow.objects.exists()
    assert call(client, kept, body, **{"tiesa-signature": good}).json()["accepted"] == 1
    assert call(client, kept, body, **{"tiesa-signature": good}).json()["known"] == 1
    kept.refresh_from_db()
    assert (kept.taken, kept.refused) == (2, len(bad))


CHATWOOT = {
    "event": "message_created", "id": 901, "content": "Where is it?", "message_type": "incoming", "private": False,
    "created_at": "2026-03-01T10:00:00Z", "sender": {"id": 5, "name": "Ana"}, "inbox": {"id": 2},
    "conversation": {"id": 77, "channel": "Channel::Whatsapp", "status": "open",
                     "meta": {"sender": {"id": 5, "name": "Ana", "phone_number": "+37060000000"}}},
}  # fmt: skip


def test_chatwoots_messages_are_contacts_of_its_own_customers(client) -> None:
    kept, secret = inlet("chatwoot")

    def send(event):
        body, at = json.dumps(event).encode(), str(int(time.time()))
        digest = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return call(client, kept, body, **{"x-chatwoot-signature": f"sha256={digest}", "x-chatwoot-timestamp": at})

    assert send(CHATWOOT).json()["accepted"] == 1
    ours = CHATWOOT | {"id": 902, "message_type": 1, "sender": {"id": 3}, "created_at": 1772359300}
    assert send(ours).json()["accepted"] == 1
    assert send({"event": "conversation_status_changed", "id": 1}).json()["rows"] == 0
    first, second = sorted(waiting(), key=lambda row: row["contact_id"])
    assert (first["direction"], first["channel"], first["customer"], first["case_id"]) == (
        "inbound",
        "whatsapp",
        "5",
        "77",
    )
    assert (second["direction"], second["employee"], second["customer"]) == ("outbound", "3", "5")
    assert set(OutboxRow.objects.values_list("customers", flat=True)) == {"chatwoot"}
    stale = {"x-chatwoot-signature": "sha256=0", "x-chatwoot-timestamp": "1"}
    assert call(client, kept, json.dumps(CHATWOOT), **stale).status_code == 401


def test_zendesks_comments_are_contacts(client) -> None:
    kept, secret = inlet("zendesk")
    event = {
        "type": "zen:event-type:ticket.comment_added", "time": "2026-03-01T10:00:00Z",
        "detail": {"id": "35436", "requester_id": "11", "via": {"channel": "web"}, "priority": "HIGH"},
        "event": {"comment": {"id": "c9", "body": "Done", "is_public": True, "author": {"id": "4", "is_staff": True}}},
    }  # fmt: skip

    def send(given, at):
        body = json.dumps(given).encode()
        digest = base64.b64encode(hmac.digest(secret.encode(), at.encode() + body, "sha256")).decode()
        names = {"x-zendesk-webhook-signature": digest, "x-zendesk-webhook-signature-timestamp": at}
        return call(client, kept, body, **names)

    now = datetime.now(UTC)
    assert send(event, (now - timedelta(minutes=6)).isoformat()).status_code == 401
    assert send(event, now.strftime("%Y-%m-%dT%H:%M:%SZ")).json()["accepted"] == 1
    (contact,) = waiting()
    assert (contact["direction"], contact["employee"], contact["severity"]) == ("outbound", "4", 4)
    ticket = {"ticket": {"id": 7, "requester_id": 11, "comments": [
        {"id": 1, "author_id": 11, "body": "Hi", "created_at": "2026-03-01T10:00:00Z"}]}}  # fmt: skip
    assert send(ticket, now.isoformat()).json()["accepted"] == 1


def test_a_closed_webhook_and_one_that_never_was_are_not_there(client) -> None:
    kept, _secret = inlet("generic")
    Inlet.objects.update(is_open=False)
    assert call(client, kept, "{}").status_code == 404
    assert client.post("/api/v1/hooks/00000000-0000-0000-0000-000000000000").status_code == 404


def test_a_key_that_only_reads_sends_no_events(program) -> None:
    assert program(Right.SEE_FIGURES).post("events", EVENT, "application/cloudevents+json").status_code == 403


def test_secrets_lie_encrypted_in_the_database() -> None:
    kept, secret = inlet("generic")
    assert secret not in kept.sealed_secret
    assert Inlet.objects.get(pk=kept.pk).secret == secret

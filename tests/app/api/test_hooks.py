import json
import socket
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from tiesa.app.api import calling, deliveries
from tiesa.app.api.hook_work import make_hook
from tiesa.app.api.models import Delivery, Hook, Told
from tiesa.app.api.signing import is_signed
from tiesa.app.config.installation import installation
from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Role

pytestmark = pytest.mark.django_db
ALL = ["import.kept", "batch.refused", "journeys.built"]


@pytest.fixture
def here(monkeypatch):
    monkeypatch.setattr(installation(), "hooks_loopback", True)


@pytest.fixture
def receiver(here):
    """A real server that keeps what it is told and answers as it is bidden."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.calls.append((dict(self.headers), body))
            status = self.server.answers.pop(0) if self.server.answers else 204
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.calls, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_port}/hook?a=1"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def later(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now() - timedelta(seconds=1))
    delivery.refresh_from_db()
    return delivery


def test_a_hook_is_told_once_and_can_know_that_it_was_us(receiver) -> None:
    _hook, secret = make_hook(name="bi", url=receiver.url, events=ALL, by=None)
    assert deliveries.tell("journeys.built", {"version": 7}) == 1
    delivery = Delivery.objects.get()
    assert deliveries.deliver(delivery)
    assert not deliveries.deliver(delivery)  # as a second worker with the same in hand would
    (headers, body), *more = receiver.calls
    assert not more
    assert is_signed("generic", secret, headers, body)
    assert json.loads(body)["data"] == {"version": 7}
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.tries) == (Delivery.DELIVERED, 204, 1)


def test_a_call_that_fails_is_tried_again_later_and_in_the_end_given_up(receiver) -> None:
    make_hook(name="bi", url=receiver.url, events=ALL, by=None)
    deliveries.tell("journeys.built", {})
    receiver.answers += [500] * 20
    delivery, waits = Delivery.objects.get(), []
    for _try in range(len(deliveries.PAUSES) + 1):
        begun = timezone.now()
        assert not deliveries.deliver(later(delivery))
        delivery.refresh_from_db()
        waits.append(delivery.next_at - begun)
        assert not deliveries.due().exists()
    assert delivery.state == Delivery.GIVEN_UP
    assert waits[:-1] == sorted(waits[:-1]), "each pause is longer than the one before; after the last there is none"
    assert len(receiver.calls) == delivery.tries == len(deliveries.PAUSES) + 1


def test_a_redirect_is_a_failure_and_is_not_followed(receiver) -> None:
    make_hook(name="bi", url=receiver.url, events=ALL, by=None)
    deliveries.tell("journeys.built", {})
    receiver.answers.append(302)
    assert not deliveries.deliver(Delivery.objects.get())
    assert len(receiver.calls) == 1
    assert Delivery.objects.get().status == 302


def test_what_was_sent_can_be_sent_again_with_the_same_content(receiver, client_of) -> None:
    make_hook(name="bi", url=receiver.url, events=ALL, by=None)
    deliveries.tell("journeys.built", {"version": 7})
    deliveries.deliver(Delivery.objects.get())
    client = client_of(Role.ADMINISTRATOR)
    assert client.post(f"/data/hooks/calls/{Delivery.objects.get().pk}/again").status_code == 302
    again = Delivery.objects.get(replay_of__isnull=False)
    deliveries.deliver(again)
    assert receiver.calls[0][1] == receiver.calls[1][1]
    assert AuditEntry.objects.filter(what="delivery.replay").count() == 1


FORBIDDEN = [
    "http://93.184.215.14/", "https://127.0.0.1/", "https://localhost/", "https://10.1.2.3/", "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[fe80::1]/",
    "https://100.64.0.1/", "https://0.0.0.0/", "https://2130706433/", "https://0x7f.1/", "https://224.0.0.1/",
    "https://[64:ff9b::a00:1]/", "https://[2002:7f00:1::]/", "https://user:secret@example.org/", "ftp://example.org/",
    "file:///etc/passwd", "https://", "https://a:b:c/", "https://[/",
]  # fmt: skip


@pytest.mark.parametrize("url", FORBIDDEN)
def test_an_address_inside_the_network_is_never_called(url) -> None:
    with pytest.raises((calling.Forbidden, OSError)):
        calling.post(url, b"{}", {}, loopback=False)
    with pytest.raises(calling.Forbidden):
        make_hook(name="bi", url=url, events=ALL, by=None)


def test_a_name_that_also_points_inside_is_refused_and_the_call_goes_to_the_address_that_was_looked_at(
    receiver, monkeypatch
) -> None:
    found = [("93.184.215.14",), ("10.0.0.1",)]

    def resolve(host, port, *_families, **_more):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address[0], port)) for address in found]

    monkeypatch.setattr(calling.socket, "getaddrinfo", resolve)
    with pytest.raises(calling.Forbidden):
        calling.post("https://two-faced.example/", b"{}", {}, loopback=False)
    with pytest.raises(calling.Forbidden):  # loopback allowed is not everything allowed
        calling.post("http://two-faced.example/", b"{}", {}, loopback=True)
    found[:] = [("127.0.0.1",)]
    url = receiver.url.replace("127.0.0.1", "rebound.example")
    assert calling.post(url, b"{}", {"Content-Type": "application/json"}, loopback=True).status == 204
    assert receiver.calls[0][0]["Host"].startswith("rebound.example:")


@pytest.mark.django_db(transaction=True)
def test_hooks_hear_of_every_import_whoever_made_it_and_of_none_twice(home, receiver) -> None:
    import pyarrow as pa

    from tiesa.contacts.importing import import_frame
    from tiesa.core.tables import CONTACT

    make_hook(name="bi", url=receiver.url, events=["import.kept"], by=None)
    deliveries.notice()
    assert not Delivery.objects.exists()  # what was before is not told
    rows = {
        "contact_id": ["hook-1"],
        "customer": ["h"],
        "occurred_at": ["2026-03-01T10:00:00Z"],
        "touchpoint": ["t"],
        "channel": ["c"],
    }
    result = import_frame(pa.table(rows), home, table=CONTACT)
    deliveries.notice()
    deliveries.notice()
    told = json.loads(Delivery.objects.get().payload)
    assert (told["event"], told["data"]["import_id"], told["data"]["accepted"]) == ("import.kept", result.import_id, 1)
    Hook.objects.update(is_open=False)
    deliveries.notice()
    assert not Told.objects.exists()


@pytest.mark.parametrize("path", ["/data/hooks/", "/data/mailboxes/"])
def test_only_who_manages_the_installation_sees_the_pages(client_of, path) -> None:
    assert client_of(Role.ADMINISTRATOR).get(path).status_code == 200
    assert client_of(Role.CX_MANAGER).get(path).status_code == 403


def test_secrets_are_shown_once_on_the_page(client_of, here) -> None:
    client = client_of(Role.ADMINISTRATOR)
    made = client.post(
        "/data/hooks/out/make", {"name": "bi", "url": "http://127.0.0.1:9/x", "events": ["journeys.built"]}
    )
    secret = Hook.objects.get().secret
    assert secret in made.content.decode()
    assert secret not in client.get("/data/hooks/").content.decode()
    assert secret not in client.get(f"/data/hooks/out/{Hook.objects.get().pk}/").content.decode()
    assert secret not in json.dumps(list(AuditEntry.objects.values_list("details", flat=True)))
    inlet = client.post("/data/hooks/in/make", {"name": "desk", "shape": "chatwoot", "source": "", "secret": "theirs"})
    assert "theirs" in inlet.content.decode()
    refused = client.post(
        "/data/hooks/out/make", {"name": "bi", "url": "https://10.0.0.1/", "events": ALL}, follow=True
    )
    assert "not on the public internet" in refused.content.decode()
    closed = client.post(f"/data/hooks/out/{Hook.objects.get().pk}/close", follow=True).content.decode()
    assert f"/data/hooks/out/{Hook.objects.get().pk}/open" in closed

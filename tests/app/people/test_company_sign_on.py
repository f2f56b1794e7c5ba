"""Sign-on by the organisation's own provider, against a real one on this machine that speaks OpenID Connect."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tiesa.app.people import work
from tiesa.app.people.models import Person
from tiesa.app.people.roles import Role


class Provider(ThreadingHTTPServer):
    """Says of everybody who comes that they are `person`; keeps what it was asked."""

    person: dict[str, object]
    asked: list[str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        here = self.server.address
        if self.path.startswith("/.well-known/"):
            self.say(
                {
                    "issuer": here, "authorization_endpoint": f"{here}/authorize", "token_endpoint": f"{here}/token",
                    "userinfo_endpoint": f"{here}/userinfo", "jwks_uri": f"{here}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                }
            )  # fmt: skip
        else:
            self.say(self.server.person)

    def do_POST(self) -> None:
        self.server.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert base64.b64decode(self.headers["Authorization"].split()[1]).decode() == "tiesa:its secret"
        self.say({"access_token": "a token", "token_type": "Bearer", "expires_in": 60})

    def say(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Stay silent."""


@pytest.fixture
def provider(settings):
    server = Provider(("127.0.0.1", 0), Answers)
    server.person, server.asked = {}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "EMAIL_AUTHENTICATION": True,
            "APPS": [
                {
                    "provider_id": "company", "name": "The company", "client_id": "tiesa", "secret": "its secret",
                    "settings": {"server_url": server.address},
                }
            ],
        }
    }  # fmt: skip
    yield server
    server.shutdown()
    server.server_close()


def arrives(provider: Provider, email: str, *, verified: bool = True) -> Client:
    """Somebody presses the button, proves at the provider who they are, and comes back."""
    provider.person = {"sub": f"id of {email}", "email": email, "email_verified": verified, "name": "Nora Newcomer"}
    client = Client()
    page = client.get("/account/sign-in/").content.decode()
    assert "Sign in with The company" in page
    there = client.get("/account/company/oidc/company/login/?process=login")
    said = parse_qs(urlsplit(there["Location"]).query)
    assert there["Location"].startswith(f"{provider.address}/authorize?")
    assert said["code_challenge_method"] == ["S256"]
    client.answer = client.get(
        "/account/company/oidc/company/login/callback/", {"code": "c", "state": said["state"][0]}, follow=True
    )
    return client


def test_somebody_invited_joins_by_signing_on_and_comes_back_the_same_way(people, provider: Provider) -> None:
    work.invite(email="nora@example.org", role=Role.ANALYST, by=people[Role.ADMINISTRATOR])
    client = arrives(provider, "Nora@example.org")
    assert client.get("/people/me/").status_code == 200
    person = Person.objects.get(email="nora@example.org")
    assert person.name == "Nora Newcomer"
    assert [m.role for m in person.memberships.all()] == ["analyst"]
    assert "code_verifier=" in provider.asked[0]
    again = arrives(provider, "nora@example.org")
    assert again.get("/people/me/").status_code == 200
    assert Person.objects.filter(email="nora@example.org").count() == 1


def test_somebody_who_is_here_signs_on_to_their_own_account(people, provider: Provider) -> None:
    client = arrives(provider, people[Role.VIEWER].email)
    assert "The viewer" in client.get("/people/me/").content.decode()


@pytest.mark.parametrize("verified", [True, False])
def test_a_stranger_does_not_get_in_whoever_vouches_for_them(people, provider: Provider, verified: bool) -> None:
    before = Person.objects.count()
    client = arrives(provider, "stranger@example.org", verified=verified)
    assert "invitation" in client.answer.content.decode()
    assert client.get("/people/me/").status_code == 302
    assert Person.objects.count() == before


def test_an_address_that_the_provider_only_repeats_opens_nobodys_account(people, provider: Provider) -> None:
    work.invite(email="nora@example.org", role=Role.ANALYST, by=people[Role.ADMINISTRATOR])
    for address in (people[Role.ADMINISTRATOR].email, "nora@example.org"):
        client = arrives(provider, address, verified=False)
        assert client.get("/people/me/").status_code == 302, address


def test_an_account_that_is_switched_off_is_not_opened_by_the_provider(people, provider: Provider) -> None:
    work.set_active(people[Role.VIEWER], False, by=None)
    client = arrives(provider, people[Role.VIEWER].email)
    assert client.get("/people/me/").status_code == 302

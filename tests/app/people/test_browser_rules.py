"""What a browser is told: which cookies it may show to whom, what a page may load, what it must forget."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tiesa.app.config.installation import installation
from tiesa.app.people.roles import Role

SIGN_IN, PASSWORD = "/account/sign-in/", "a long password 1"


def test_the_session_is_a_new_one_after_signing_in_and_dead_after_signing_out(people) -> None:
    client = Client()
    client.get(SIGN_IN)
    before = client.cookies["tiesa"].value if "tiesa" in client.cookies else ""
    client.post(SIGN_IN, {"login": people[Role.VIEWER].email, "password": PASSWORD})
    during = client.cookies["tiesa"]
    assert during.value != before
    assert during["httponly"]
    assert during["samesite"] == "Lax"
    assert during["max-age"] == "", "it ends with the browser"
    kept = Session.objects.get(session_key=during.value).expire_date - timezone.now()
    assert kept <= timedelta(hours=12)
    client.post("/account/sign-out/")
    thief = Client()
    thief.cookies["tiesa"] = during.value
    assert thief.get("/people/me/").status_code == 302


def test_a_form_without_its_token_is_refused(people) -> None:
    client = Client(enforce_csrf_checks=True)
    refused = client.post(SIGN_IN, {"login": people[Role.VIEWER].email, "password": PASSWORD})
    assert refused.status_code == 403
    assert "load the page again" in refused.content.decode()


def test_pages_run_nothing_of_others_and_stand_in_no_frame(people, client_of) -> None:
    for response in (Client().get(SIGN_IN), client_of(Role.VIEWER).get("/people/me/")):
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_no_page_of_somebody_signed_in_is_kept_by_the_browser(people, client_of) -> None:
    client = client_of(Role.ADMINISTRATOR)
    for address in ("/people/me/", "/people/audit/", "/people/keys/", "/privacy/"):
        assert "no-store" in client.get(address)["Cache-Control"], address


def test_a_sign_in_page_sends_nobody_to_another_site(people) -> None:
    said = {"login": people[Role.VIEWER].email, "password": PASSWORD, "next": "https://evil.example/"}
    assert Client().post(SIGN_IN, said)["Location"] == "/"


@pytest.mark.parametrize("asked", ["administrators", "everybody"])
def test_who_must_have_a_second_factor_sets_one_up_first(people, client_of, monkeypatch, asked: str) -> None:
    monkeypatch.setattr(installation(), "second_factor", asked)
    client = client_of(Role.ADMINISTRATOR)
    answer = client.get("/people/audit/", follow=True)
    assert answer.redirect_chain[-1][0] == "/account/second/"
    assert "Set up a second factor first" in answer.content.decode()
    assert client.get("/people/me/").status_code == 200, "their own account stays open"
    assert client.post("/people/units/add", {"name": "x"}).status_code == 302
    from tiesa.app.people.models import Unit

    assert not Unit.objects.filter(name="x").exists()
    viewer = client_of(Role.VIEWER).get("/privacy/")
    assert viewer.status_code == 403
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=people[Role.ADMINISTRATOR], type="totp", data={"secret": "x"})
    assert client.get("/people/audit/").status_code == 200


def test_the_one_click_of_the_demo_is_not_there_for_others(people) -> None:
    assert Client().post("/people/demo/administrator").status_code == 404
    assert "Look around as" not in Client().get(SIGN_IN).content.decode()

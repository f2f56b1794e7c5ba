"""Signing in: by password, with a second factor, locked after wrong passwords, ended elsewhere."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Role

PASSWORD = "a long password 1"
SIGN_IN = "/account/sign-in/"


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> None:
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str):
    return client.post(SIGN_IN, {"login": email, "password": password}, **more)


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def with_app(client: Client) -> str:
    """Set up an app that shows codes, as a person does on the pages; returns its secret."""
    asked = client.get("/account/second/totp/activate/")
    assert asked["Location"].startswith("/account/confirm/"), "the password is asked once more"
    page = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    secret = re.search(r'id="secret" value="([^"]+)"', page.content.decode())[1]
    done = client.post("/account/second/totp/activate/", {"code": code_now(secret)})
    assert done.status_code == 302, done.content.decode()
    return secret


def test_the_right_password_opens_the_door_and_a_wrong_one_says_so(people) -> None:
    client, email = Client(), people[Role.VIEWER].email
    refused = sign_in(client, email, "not the password")
    assert refused.status_code == 200
    assert "Address or password are not right." in refused.content.decode()
    assert sign_in(client, email).status_code == 302
    assert client.get("/people/me/").status_code == 200


def test_an_address_is_known_however_it_is_typed(people) -> None:
    assert sign_in(Client(), people[Role.VIEWER].email.upper()).status_code == 302


def test_the_sixth_wrong_password_is_refused_and_nobody_else_waits(people) -> None:
    email, other = people[Role.ANALYST].email, people[Role.VIEWER].email
    for _attempt in range(5):
        sign_in(Client(), email, "wrong")
    sixth = sign_in(Client(), email, "wrong")
    assert sixth.status_code == 429
    assert "15 minutes" in sixth.content.decode()
    assert sign_in(Client(), email).status_code == 429, "the right password waits too"
    assert sign_in(Client(), other).status_code == 302
    assert sign_in(Client(), email, REMOTE_ADDR="192.0.2.7").status_code == 302, "from elsewhere they may come in"
    assert AuditEntry.objects.filter(what="sign.locked", about=f"person {people[Role.ANALYST].pk}").exists()


def test_an_administrator_lets_a_locked_address_in(people, client_of) -> None:
    locked = people[Role.ANALYST]
    for _attempt in range(6):
        sign_in(Client(), locked.email, "wrong")
    administrator = client_of(Role.ADMINISTRATOR)
    assert "Let them in at once" in administrator.get(f"/people/{locked.pk}/").content.decode()
    administrator.post(f"/people/{locked.pk}/unlock")
    assert sign_in(Client(), locked.email).status_code == 302


def test_wrong_passwords_leave_no_address_in_the_audit_log(people) -> None:
    sign_in(Client(), "somebody.private@example.net", "wrong")
    entry = AuditEntry.objects.get(what="sign.failed")
    assert "somebody" not in f"{entry.about}{entry.details}{entry.who}"


def test_with_an_app_the_password_alone_opens_nothing(people, client_of) -> None:
    person = people[Role.CX_MANAGER]
    own = Client()
    sign_in(own, person.email)
    secret = with_app(own)
    assert Authenticator.objects.filter(user=person, type="totp").exists()

    client = Client()
    assert sign_in(client, person.email)["Location"].startswith("/account/second/authenticate/")
    assert client.get("/people/me/").status_code == 302
    wrong = client.post("/account/second/authenticate/", {"code": "000000"})
    assert "The code is not right" in wrong.content.decode()
    cache.clear()  # the app's code was used a moment ago to set it up; a code holds once
    assert client.post("/account/second/authenticate/", {"code": code_now(secret)}).status_code == 302
    assert client.get("/people/me/").status_code == 200


def test_a_recovery_code_works_once_in_place_of_the_app(people) -> None:
    person = people[Role.CX_MANAGER]
    own = Client()
    sign_in(own, person.email)
    with_app(own)
    codes = re.findall(r"<code>(\d+)</code>", own.get("/account/second/recovery-codes/").content.decode())
    assert len(codes) == 10
    first, second = Client(), Client()
    sign_in(first, person.email)
    assert first.post("/account/second/authenticate/", {"code": codes[0]}).status_code == 302
    sign_in(second, person.email)
    assert second.post("/account/second/authenticate/", {"code": codes[0]}).status_code == 200


def test_codes_cannot_be_guessed_one_after_the_other(people) -> None:
    person = people[Role.CX_MANAGER]
    own = Client()
    sign_in(own, person.email)
    secret = with_app(own)
    cache.clear()
    client = Client()
    sign_in(client, person.email)
    for guess in range(6):
        client.post("/account/second/authenticate/", {"code": f"{guess:06}"})
    late = client.post("/account/second/authenticate/", {"code": code_now(secret)})
    assert "Too many wrong codes" in late.content.decode()


def test_a_secret_is_of_160_bits() -> None:
    assert len(generate_totp_secret()) == 32


def test_a_session_ended_elsewhere_is_over(people) -> None:
    person = people[Role.VIEWER]
    here, there = Client(), Client(headers={"user-agent": "Mozilla/5.0 (iPhone) Safari/604"})
    sign_in(here, person.email)
    sign_in(there, person.email)
    page = here.get("/people/me/").content.decode()
    assert "Safari, iPhone" in page
    address = re.search(r'action="(/people/me/sessions/\d+/end)"', page)[1]
    assert here.post(address).status_code == 302
    assert there.get("/people/me/").status_code == 302
    assert here.get("/people/me/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(people) -> None:
    mine, theirs = Client(), Client()
    sign_in(mine, people[Role.VIEWER].email)
    sign_in(theirs, people[Role.ANALYST].email)
    from allauth.usersessions.models import UserSession

    session = UserSession.objects.get(user=people[Role.ANALYST])
    assert mine.post(f"/people/me/sessions/{session.pk}/end").status_code == 404
    assert theirs.get("/people/me/").status_code == 200


def test_all_others_are_ended_at_once(people) -> None:
    clients = [Client() for _n in range(3)]
    for client in clients:
        sign_in(client, people[Role.VIEWER].email)
    assert clients[0].post("/account/sessions/").status_code == 302
    assert [client.get("/people/me/").status_code for client in clients] == [200, 302, 302]


def test_a_forgotten_password_is_set_anew_by_mail_and_ends_every_session(people) -> None:
    person = people[Role.VIEWER]
    old = Client()
    sign_in(old, person.email)
    client = Client()
    assert client.post("/account/password/forgotten/", {"email": person.email}).status_code == 302
    (sent,) = mail.outbox
    assert sent.subject == "Tiesa: set a new password"
    assert "works once and for a day" in sent.body
    assert "&" not in sent.body.replace("&nbsp", ""), sent.body
    link = re.search(r"http://testserver(/\S+)", sent.body)[1]
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    new = "another long sentence 2"
    assert client.post(address, {"password1": new, "password2": new}).status_code == 302
    assert sign_in(Client(), person.email, new).status_code == 302
    assert old.get("/people/me/").status_code == 302
    assert "does not work any more" in Client().get(link, follow=True).content.decode()


def test_nobody_learns_who_has_an_account(people) -> None:
    known = Client().post("/account/password/forgotten/", {"email": people[Role.VIEWER].email}, follow=True)
    unknown = Client().post("/account/password/forgotten/", {"email": "nobody@example.net"}, follow=True)
    assert known.status_code == unknown.status_code == 200
    assert "Look into your mail" in unknown.content.decode()
    assert len(mail.outbox) == 1


def test_a_password_change_is_told_by_mail_and_noted(people) -> None:
    person = people[Role.VIEWER]
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    client, new = Client(), "another long sentence 2"
    sign_in(client, person.email)
    done = client.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new}, follow=True)
    assert "The password is changed." in done.content.decode()
    assert mail.outbox[-1].subject == "Tiesa: your password was changed"
    assert AuditEntry.objects.filter(what="password.change", who=f"person {person.pk}").exists()


def test_an_account_that_is_switched_off_gets_no_further(people, client_of) -> None:
    person = people[Role.VIEWER]
    client = Client()
    sign_in(client, person.email)
    client_of(Role.ADMINISTRATOR).post(f"/people/{person.pk}/switch", {"on": "0"})
    assert client.get("/people/me/").status_code == 302
    refused = sign_in(Client(), person.email)
    assert refused.status_code in (200, 302)
    assert AuditEntry.objects.filter(what="person.switch_off").exists()


@pytest.mark.parametrize(
    "address",
    [
        "/account/sign-in/", "/account/sign-out/", "/account/inactive/", "/account/password/",
        "/account/password/forgotten/", "/account/password/forgotten/sent/", "/account/password/forgotten/done/",
        "/account/password/forgotten/x-y/", "/account/second/", "/account/second/totp/activate/",
        "/account/second/webauthn/", "/account/second/webauthn/add/", "/account/second/recovery-codes/generate/",
        "/account/sessions/", "/account/confirm/", "/account/company/login/cancelled/", "/account/company/login/error/",
    ],
)  # fmt: skip
def test_every_page_of_the_account_is_ours_and_runs_nothing_inline(people, address: str) -> None:
    from allauth.account.models import EmailAddress

    person = people[Role.VIEWER]
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    for client in (Client(), Client()):
        response = client.get(address, follow=True)
        page = response.content.decode()
        assert response.status_code in (200, 401), page
        assert 'class="skip"' in page, "not our page"
        assert " style=" not in page
        assert not re.search(r"\son[a-z]+=", page)
        assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
        sign_in(client, person.email)

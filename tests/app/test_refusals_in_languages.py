"""What a form filled in wrongly says is in the language of who filled it in, whichever package says it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.app.people.test_signing_in import PASSWORD, SIGN_IN, with_app

from tiesa.app.config.languages import TAGS
from tiesa.app.people import work
from tiesa.app.people.models import Person
from tiesa.app.people.roles import Role
from tiesa.core.locale import LANGUAGES

NEW = "/account/password/"
Ask = Callable[[Client, dict[Role, Person]], object]
SHORT_AND_COMMON = {"password": "password", "name": ""}


def signed_in(client: Client, people: dict[Role, Person]) -> Person:
    person = people[Role.ADMINISTRATOR]
    client.post(SIGN_IN, {"login": person.email, "password": PASSWORD})
    return person


def wrong_passwords(client: Client, people: dict[Role, Person]):
    signed_in(client, people)
    return client.post(NEW, {"oldpassword": "not it", "password1": "qwerty", "password2": "qwertz"})


def password_like_the_address(client: Client, people: dict[Role, Person]):
    person = signed_in(client, people)
    return client.post(NEW, {"oldpassword": PASSWORD, "password1": person.email, "password2": person.email})


def first_password(client: Client, people: dict[Role, Person]):
    person = people[Role.VIEWER]
    person.set_unusable_password()
    person.save()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.post("/account/password/first/", {"password1": "password", "password2": "passwort"})


def forgotten_password(client: Client, people: dict[Role, Person]):
    return client.post("/account/password/forgotten/", {"email": "no address"})


def invitation_taken_up(client: Client, people: dict[Role, Person]):
    _invitation, token = work.invite(email="", role=Role.VIEWER, unit=None, process="", by=people[Role.ADMINISTRATOR])
    return client.post(f"/people/join/{token}", {**SHORT_AND_COMMON, "email": "no address"})


def invitation_to_nowhere(client: Client, people: dict[Role, Person]):
    signed_in(client, people)
    return client.post("/people/invite", {"email": "no address", "role": "viewer"}, follow=True)


def nameless(client: Client, people: dict[Role, Person]):
    signed_in(client, people)
    return client.post("/people/me/save", {"name": ""}, follow=True)


def wrong_first_code(client: Client, people: dict[Role, Person]):
    signed_in(client, people)
    page = client.get("/account/second/totp/activate/")
    client.post(page["Location"], {"password": PASSWORD})
    return client.post("/account/second/totp/activate/", {"code": "123"})


def wrong_code(client: Client, people: dict[Role, Person]):
    person = signed_in(client, people)
    with_app(client)
    other = Client()
    other.cookies["tiesa_language"] = client.cookies["tiesa_language"].value
    other.post(SIGN_IN, {"login": person.email, "password": PASSWORD})
    return other.post("/account/second/authenticate/", {"code": "000000"})


def empty_upload(client: Client, people: dict[Role, Person]):
    signed_in(client, people)
    return client.post("/data/bring", {"file": SimpleUploadedFile("nothing.csv", b"")}, follow=True)


def no_upload(client: Client, people: dict[Role, Person]):
    signed_in(client, people)
    return client.post("/data/bring", {}, follow=True)


ASKED: dict[str, Ask] = {
    "sign in with nothing": lambda client, _people: client.post(SIGN_IN, {}),
    "sign in with no address": lambda client, _people: client.post(SIGN_IN, {"login": "no address", "password": "x"}),
    "sign in with a wrong password": lambda client, people: client.post(
        SIGN_IN, {"login": people[Role.VIEWER].email, "password": "wrong"}
    ),
    **{
        name.__name__.replace("_", " "): name
        for name in (
            wrong_passwords, password_like_the_address, first_password, forgotten_password, invitation_taken_up,
            invitation_to_nowhere, nameless, wrong_first_code, wrong_code, empty_upload, no_upload,
        )
    },
}  # fmt: skip
SAID: dict[tuple[str, str], list[str]] = {}


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_a_refusal_is_in_the_persons_language(language: str, people) -> None:
    left = []
    for what in ASKED:
        for spoken in ("en", language):
            if (spoken, what) not in SAID:
                SAID[spoken, what] = refusals(what, spoken, people)
        english, other = SAID["en", what], SAID[language, what]
        assert english, f"{what}: something is refused"
        assert len(other) == len(english), what
        for ours, theirs in zip(english, other, strict=True):
            if words_of(ours) & words_of(theirs) - SAME.get(language, set()) or ours == theirs:
                left.append(f"{what}: {theirs}")
    assert not left, "\n".join(left)


SAME = {"ro": {"email", "mail"}}
"""Words that a language writes as English does."""


def words_of(text: str) -> set[str]:
    """Whole words, file names aside."""
    return set(re.findall(r"[^\W\d_]{4,}", re.sub(r"\S+\.csv", "", text).lower()))


def refusals(what: str, language: str, people: dict[Role, Person]) -> list[str]:
    """The sentences that a page of refused input says."""
    cache.clear()
    Authenticator.objects.all().delete()
    tag = TAGS.get(language, language)
    Person.objects.update(language=tag)
    for person in people.values():
        person.refresh_from_db()
    client = Client()
    client.cookies["tiesa_language"] = tag
    response = ASKED[what](client, people)
    refused = re.compile(r'<(p|div)[^>]*class="[^"]*\b(?:error|message)\b[^"]*"[^>]*>(.*?)</\1>', re.DOTALL)
    found = refused.findall(response.content.decode())
    texts = [" ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()) for _tag, text in found]
    return [text for text in texts if text]

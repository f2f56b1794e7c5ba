"""Keys of programs: shown once, kept hashed, ended by time or by hand."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone

from tiesa.app.people.keys import key_of
from tiesa.app.people.models import ApiKey, AuditEntry, Unit
from tiesa.app.people.policies import access_of_key
from tiesa.app.people.roles import Right, Role


def make(client, **said) -> str:
    wanted = {"name": "shop system", "rights": ["send_contacts"], "days": "30", "unit": "", "process": "", **said}
    page = client.post("/people/keys/make", wanted).content.decode()
    found = re.search(r'id="secret">([^<]+)<', page)
    return found[1] if found else ""


def test_a_key_is_shown_once_and_kept_hashed(home, client_of) -> None:
    client = client_of(Role.ADMINISTRATOR)
    secret = make(client)
    assert secret.startswith("tsa_")
    assert len(secret) > 40
    kept = str(list(ApiKey.objects.values())) + str(list(AuditEntry.objects.values()))
    assert secret not in kept
    listed = client.get("/people/keys/").content.decode()
    assert "shop system" in listed
    assert secret not in listed


def test_a_key_opens_until_it_is_withdrawn_or_runs_out(home, client_of) -> None:
    client = client_of(Role.ADMINISTRATOR)
    secret = make(client)
    assert key_of(secret) is not None
    assert key_of(secret + "x") is None
    number = ApiKey.objects.get().pk
    client.post(f"/people/keys/{number}/withdraw")
    assert key_of(secret) is None
    client.post(f"/people/keys/{number}/withdraw", {"back": "1"})
    assert key_of(secret) is not None
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert key_of(secret) is None


def test_a_key_has_only_the_rights_and_the_place_it_was_given(home, client_of) -> None:
    unit = Unit.objects.get(name="shop Vilnius")
    secret = make(
        client_of(Role.ADMINISTRATOR), rights=["see_figures", "see_customers", "manage_people"], unit=str(unit.pk)
    )
    access = access_of_key(key_of(secret))
    assert access.may(Right.SEE_CUSTOMERS)
    assert not access.may(Right.MANAGE_PEOPLE)
    assert not access.may(Right.SEE_NAMES)
    assert access.scope(Right.SEE_CUSTOMERS).units == {"shop Vilnius"}


def test_a_key_without_name_rights_or_end_is_not_made(home, client_of) -> None:
    client = client_of(Role.ADMINISTRATOR)
    for said in ({"name": " "}, {"rights": []}, {"days": "0"}, {"days": "9999"}, {"rights": ["see_names"]}):
        assert not make(client, **said)
    assert not ApiKey.objects.exists()


def test_only_who_looks_after_keys_makes_one(home, client_of) -> None:
    assert client_of(Role.CX_MANAGER).post("/people/keys/make", {"name": "x"}).status_code == 403
    assert not ApiKey.objects.exists()

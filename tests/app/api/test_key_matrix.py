"""Every operation with every right that a key can have: it opens to those named here, and to no other key."""

import pytest

from tiesa.app.api.v1 import described, urlpatterns
from tiesa.app.people.gate import BY_KEY, PUBLIC, rule_of
from tiesa.app.people.roles import KEY_RIGHTS, Right

pytestmark = pytest.mark.django_db
SEES = {
    ("get", "/api/v1/contacts"): {Right.SEE_CUSTOMERS},
    ("get", "/api/v1/questions/{number}"): {Right.SEE_FIGURES},
    ("get", "/api/v1/imports"): {Right.SEND_CONTACTS, Right.SEE_FIGURES},
    ("get", "/api/v1/outbox"): {Right.SEND_CONTACTS, Right.SEE_FIGURES},
}
SIGNED = {("post", "/api/v1/hooks/{inlet_id}")}
OPERATIONS = [(method, path) for path, methods in described()["paths"].items() for method in methods]


def call(client, method, path, headers=None):
    address = path.replace("{number}", "1").replace("{inlet_id}", "00000000-0000-4000-8000-000000000000")
    return client.generic(method.upper(), address, b"", content_type="application/json", headers=headers or {})


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_operation_opens_to_the_keys_that_are_meant_and_to_nobody_else(home, client, program, method, path) -> None:
    if (method, path) in SIGNED:
        assert call(client, method, path).status_code == 404
        return
    wanted = SEES.get((method, path), {Right.SEND_CONTACTS})
    assert call(client, method, path).status_code == 401
    assert call(client, method, path, {"authorization": "Bearer tsa_wrong"}).status_code == 401
    for right in KEY_RIGHTS:
        rights = {right, Right.SEE_CUSTOMERS} if right == Right.SEE_NAMES else {right}
        status = call(program(*rights).client, method, path).status_code
        assert (status not in (401, 403)) == bool(rights & wanted), right


def test_every_address_below_the_api_says_who_may_call_it() -> None:
    for pattern in urlpatterns:
        assert rule_of(pattern.callback, None) in (BY_KEY, PUBLIC), pattern


def test_a_browser_that_is_signed_in_is_nobody_without_a_key(client_of, home) -> None:
    from tiesa.app.people.roles import Role

    assert client_of(Role.CX_MANAGER).get("/api/v1/contacts").status_code == 401

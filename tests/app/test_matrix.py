"""Every role at every address: what has no rule stays shut, and a rule lets through exactly those whom it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tiesa.app.jobs.kinds import KINDS
from tiesa.app.people.gate import PUBLIC, SIGNED_IN, allows, rule_of
from tiesa.app.people.models import Person
from tiesa.app.people.roles import RIGHTS, Right, Role

OTHERS = ("api:", "tiesa-1:")
"""Addresses that programs use with a key; their own matrix stands in tests/app/api."""


def addresses(
    resolver: URLResolver | None = None, before: str = "", space: str = ""
) -> Iterator[tuple[str, str, object]]:
    """Every address there is: its route, the name of its view, the view."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern, route, inner)
        elif isinstance(pattern, URLPattern):
            yield route, f"{space}{pattern.name or ''}", pattern.callback


WRITTEN = Path(__file__).with_name("who_may.txt")
PLACES = {
    "kind": "csv", "name": "waits", "table": "waits", "uidb36": "1", "key": "x-y", "role": "viewer",
    "job_id": "00000000-0000-4000-8000-000000000000",
}  # fmt: skip


def filled(route: str) -> str:
    """An address of that route with something in every place."""

    def place(found: re.Match[str]) -> str:
        kind, name = found["kind"] or "", found["name"]
        if kind == "uuid":
            return PLACES["job_id"]
        if name == "kind" and "pictures" in route:
            return "svg"
        return "1" if kind == "int" else PLACES.get(name, "x")

    route = re.sub(r"\(\?P<(?P<kind>)(?P<name>\w+)>(?:\[[^]]*\]|[^()])*\)", place, route)
    route = re.sub(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>", place, route)
    return "/" + route.replace("\\.", ".").replace("^", "").replace("$", "").replace("\\Z", "")


EVERY = sorted(
    {(route, name): view for route, name, view in addresses() if not name.startswith(OTHERS)}.items(),
    key=lambda e: e[0],
)


def test_every_address_has_a_rule() -> None:
    shut = [
        f"{route} ({name})" for (route, name), view in EVERY if rule_of(view, name) is None and "openid" not in name
    ]
    assert not shut, "say who may open these (people/gate.py: needs, signed_in, public):\n" + "\n".join(shut)


def test_every_view_has_the_rule_that_is_written_down() -> None:
    """The rules themselves are the truth for the roles below; here they are held against a list that people read."""
    written = {}
    for line in WRITTEN.read_text("utf-8").splitlines():
        name, _space, rule = line.partition(" ")
        if name != "#":
            written[name] = rule.strip()
    found: dict[str, set[str]] = {}
    for (_route, name), view in EVERY:
        rule = rule_of(view, name)
        found.setdefault(name, set()).add(" ".join(sorted(rule)) if isinstance(rule, tuple) else str(rule))
    assert {name: " / ".join(sorted(rules)) for name, rules in found.items()} == written


@pytest.mark.parametrize("role", [*Role, None], ids=str)
def test_a_role_opens_what_its_rights_allow_and_nothing_else(role: Role | None, home, people, client_of) -> None:
    person = people.get(role)
    client = client_of(role)
    wrong = []
    for (route, name), view in EVERY:
        rule = rule_of(view, name)
        if name in ("account_logout", "theme", "language", "people:demo_sign_in") or rule is None:
            continue
        expected = rule == PUBLIC or (
            person is not None and (rule == SIGNED_IN or all(any(r in RIGHTS[role] for r in [right]) for right in rule))
        )
        response = client.get(filled(route))
        through = response.status_code != 403 and not (
            response.status_code == 302 and "/account/sign-in/" in response.headers.get("Location", "")
        )
        if rule == PUBLIC or "account" in name or name.startswith(("mfa", "usersessions", "openid", "socialaccount")):
            continue  # what packages answer to a bare visit is theirs; the rule itself is looked at below
        if through != expected or response.status_code >= 500:
            wrong.append(f"{filled(route)} ({name}): {response.status_code}, expected {'in' if expected else 'out'}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_the_gate_reads_the_one_table_of_rights(role: Role, people: dict[Role, Person]) -> None:
    for right in Right:
        assert allows((right,), people[role]) == (right in RIGHTS[role])


def test_what_has_no_rule_is_shut_to_everybody(people: dict[Role, Person]) -> None:
    assert not any(allows(None, person) for person in [*people.values(), None])


def test_every_kind_of_job_names_the_right_it_needs() -> None:
    assert KINDS, "no kind of job is registered"
    assert all(isinstance(kind.right, Right) for kind in KINDS.values())


def test_somebody_who_was_switched_off_opens_nothing(home, people, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    Person.objects.filter(pk=people[Role.CX_MANAGER].pk).update(is_active=False)
    assert client.get("/").status_code == 302
    assert not allows(SIGNED_IN, Person.objects.get(pk=people[Role.CX_MANAGER].pk))

"""Customers of another unit never appear: not on a page, in a picture, an export, a search, for any role.

The sentinels are the customers whom the adviser's unit never met and the process owner's process never touched. Their
numbers, names, addresses and ids must be in no answer to these two, whichever address they ask.
"""

from __future__ import annotations

import re

import pytest
from tests.app.conftest import PROCESS, UNIT

from tiesa.app.insight.answers import RESULTS
from tiesa.app.people.roles import Role
from tiesa.journeys.view import open_view

PAGES = [
    "/", "/journeys/", "/journeys/map/", "/journeys/process/", "/journeys/variants/", "/journeys/list/",
    "/journeys/list/?which=waiting", "/journeys/list/?which=open&order=contacts",
    "/journeys/compare/?with_channel=phone", *(f"/journeys/answers/{name}/" for name in RESULTS),
    "/journeys/pictures/dots.svg", "/journeys/pictures/map.svg", "/touchpoints/", "/find?q=a", "/customers/?q=C000",
    "/customers/?q=example",
]  # fmt: skip
EXPORTS = [
    "/journeys/tables/waits/open_now.csv", "/journeys/tables/visibility/visibility_examples.csv",
    "/journeys/tables/standards/breaches.csv", "/journeys/tables/silence/silence_open.csv", "/touchpoints/",
]  # fmt: skip


def seen_until_done(client, address: str) -> str:
    """The page, once it has been worked out."""
    for _try in range(240):
        response = client.get(address)
        text = (b"".join(response.streaming_content) if response.streaming else response.content).decode(
            "utf-8", "replace"
        )
        if 'class="working"' not in text:
            assert response.status_code in (200, 403, 404), (address, response.status_code)
            return text
    raise AssertionError(f"{address} is still being worked out")


@pytest.fixture(scope="module")
def sentinels(home) -> dict[str, set[str]]:
    """Per scope: everything that tells of customers outside it and of nobody inside."""
    found = {}
    with open_view(home) as view:
        everyone = view.rows("select customer_key, source_id, name, mail, phone from persons")
        for name, column, value in (("unit", "unit", UNIT), ("process", "process", PROCESS)):
            theirs = f"select distinct customer_key, journey_no from all_rows where {column} = '{value}'"
            inside = {key for (key,) in view.rows(f"select distinct customer_key from ({theirs})")}
            assert inside
            own = {str(word) for key, *words in everyone if key in inside for word in words if word}
            outside = {str(word) for key, *words in everyone if key not in inside for word in words if word}
            cases = (
                "from all_journeys j {} join ("
                + theirs
                + ") t using (customer_key, journey_no) where case_id is not null"
            )
            outside |= {c for (c,) in view.rows("select case_id " + cases.format("anti"))}
            own |= {c for (c,) in view.rows("select case_id " + cases.format("semi"))}
            found[name] = outside - own
            found[f"{name} keys"] = {str(key) for key, *_words in everyone if key not in inside}
            assert len(found[name]) > 100
    return found


@pytest.mark.parametrize(("role", "kind"), [(Role.ADVISER, "unit"), (Role.PROCESS_OWNER, "process")])
def test_customers_of_others_never_appear(role: Role, kind: str, home, client_of, sentinels) -> None:
    client = client_of(role)
    leaks = []
    for address in [*PAGES, *EXPORTS]:
        text = seen_until_done(client, address)
        words = set(re.findall(r"[\w@.+-]{4,}", text))
        leaks += [f"{address}: {word}" for word in sentinels[kind] & words]
        linked = set(re.findall(r"/customers/(\d+)/", text))
        leaks += [f"{address}: link to {key}" for key in sentinels[f"{kind} keys"] & linked]
    assert not leaks, "\n".join(leaks[:20])


@pytest.mark.parametrize(("role", "kind"), [(Role.ADVISER, "unit"), (Role.PROCESS_OWNER, "process")])
def test_a_customer_of_others_is_not_there_at_all(role: Role, kind: str, home, client_of, sentinels) -> None:
    client = client_of(role)
    for key in sorted(sentinels[f"{kind} keys"])[:5]:
        assert client.get(f"/customers/{key}/").status_code == 404
        assert client.get(f"/customers/{key}/brief/").status_code == 404


@pytest.mark.parametrize("role", [Role.ANALYST, Role.VIEWER, Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR], ids=str)
def test_who_may_not_see_names_sees_none(role: Role, home, client_of) -> None:
    with open_view(home) as view:
        told = {
            w for row in view.rows("select source_id, name, mail, phone from persons") for w in row if w and len(w) > 4
        }
        told |= {c for (c,) in view.rows("select distinct case_id from all_journeys where case_id is not null")}
    client = client_of(role)
    leaks = []
    for address in PAGES:
        text = seen_until_done(client, address)
        leaks += [f"{address}: {word}" for word in told if word in text]
    assert not leaks, "\n".join(leaks[:20])


def test_a_person_without_any_role_sees_nothing(home, people, client_of) -> None:
    people[Role.VIEWER].memberships.all().delete()
    assert client_of(Role.VIEWER).get("/").status_code == 403

import pytest
from tests.app.conftest import OTHER_UNIT, PROCESS, UNIT

from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Right
from tiesa.journeys.view import open_view

pytestmark = pytest.mark.django_db


def walk(sender, **query):
    """All contacts, page by page."""
    found, cursor = [], ""
    while True:
        page = sender.get("contacts", cursor=cursor, **query)
        assert page.status_code == 200, page.content
        found += page.json()["contacts"]
        if not (cursor := page.json()["next"]):
            return found


def test_pages_hold_every_contact_once_and_in_order(home, program) -> None:
    found = walk(program(Right.SEE_CUSTOMERS), limit=1000)
    places = [(c["customer_key"], c["journey_no"], c["journey_position"]) for c in found]
    with open_view(home) as view:
        n = view.one("select count(*) from rows")[0]
    assert len(places) == len(set(places)) == n
    assert places == sorted(places)


def test_a_key_of_one_unit_sees_no_customer_of_another(home, program) -> None:
    with open_view(home) as view:
        sql = "select distinct customer_key, journey_no from all_rows where unit = '{}'"
        own, other = (set(view.rows(sql.format(unit))) for unit in (UNIT, OTHER_UNIT))
    assert own, other
    found = walk(program(Right.SEE_CUSTOMERS, Right.SEE_NAMES, unit=UNIT), limit=1000)
    seen = {(c["customer_key"], c["journey_no"]) for c in found}
    assert seen == own
    assert not seen & (other - own)


def test_a_key_of_one_process_sees_no_journey_of_another(home, program) -> None:
    found = walk(program(Right.SEE_CUSTOMERS, process=PROCESS), limit=1000)
    with open_view(home) as view:
        own = set(view.rows(f"select distinct customer_key, journey_no from all_rows where process = '{PROCESS}'"))
    assert own
    assert {(c["customer_key"], c["journey_no"]) for c in found} == own


def test_names_are_shown_only_with_the_right_to_see_them(home, program) -> None:
    plain = program(Right.SEE_CUSTOMERS).get("contacts").json()["contacts"][0]
    named = program(Right.SEE_CUSTOMERS, Right.SEE_NAMES).get("contacts").json()["contacts"][0]
    assert not {"contact_id", "customer", "employee", "case_id"} & plain.keys()
    assert named["customer"]
    assert named["contact_id"]


def test_a_selection_narrows_what_a_page_holds(home, program) -> None:
    asker = program(Right.SEE_CUSTOMERS)
    some, every = walk(asker, channel="phone", limit=1000), walk(asker, limit=1000)
    with open_view(home) as view:
        journeys = set(view.rows("select distinct customer_key, journey_no from all_rows where channel = 'phone'"))
    assert {(c["customer_key"], c["journey_no"]) for c in some} <= journeys
    assert 0 < len(some) < len(every)


def test_a_question_is_answered_within_the_keys_scope(home, program) -> None:
    every = program(Right.SEE_FIGURES).get("questions/1").json()
    some = program(Right.SEE_FIGURES, unit=UNIT).get("questions/1").json()
    assert every["number"] == some["number"] == 1
    assert every["answer"] != some["answer"]
    assert program(Right.SEE_FIGURES).get("questions/7").status_code == 404
    lithuanian = program(Right.SEE_FIGURES).client.get("/api/v1/questions/1", headers={"accept-language": "lt"})
    assert lithuanian.json()["question"] != every["question"]


def test_imports_are_listed_page_by_page(home, program) -> None:
    asker, found, cursor = program(Right.SEE_FIGURES), [], ""
    while True:
        page = asker.get("imports", limit=2, cursor=cursor).json()
        found += page["imports"]
        if not (cursor := page["next"]):
            break
    assert len({f["import_id"] for f in found}) == len(found) >= 5
    assert [f["at"] for f in found] == sorted((f["at"] for f in found), reverse=True)


@pytest.mark.parametrize("cursor", ["x", "bm8", "W10", "WzEsMiwzLC00XQ", "WzEsMiwzLCI0Il0"])
def test_a_cursor_that_was_never_given_out_is_refused(home, program, cursor) -> None:
    assert program(Right.SEE_CUSTOMERS).get("contacts", cursor=cursor).status_code == 422


@pytest.mark.parametrize("path", ["contacts", "imports", "questions/1", "outbox"])
def test_nobody_asks_without_a_key_or_with_one_that_may_not(home, client, program, path) -> None:
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    wrong = Right.SEE_FIGURES if path == "contacts" else Right.SEE_NAMES
    rights = [Right.SEE_CUSTOMERS, wrong] if path != "contacts" else [wrong]
    assert program(*rights).get(path).status_code == 403


def test_a_withdrawn_or_expired_key_opens_nothing_two_seconds_later(program, monkeypatch) -> None:
    from django.utils import timezone

    from tiesa.app.api import keys
    from tiesa.app.people.models import ApiKey

    assert keys.KNOWN_S == 2
    monkeypatch.setattr(keys, "KNOWN_S", 0)
    asker = program(Right.SEE_FIGURES)
    assert asker.get("outbox").status_code == 200
    ApiKey.objects.update(withdrawn_at=timezone.now())
    assert asker.get("outbox").status_code == 401
    ApiKey.objects.update(withdrawn_at=None, expires_at=timezone.now())
    assert asker.get("outbox").status_code == 401


def test_a_key_that_asks_too_often_is_told_when_to_come_back(program, settings) -> None:
    from tiesa.app.config.installation import installation

    before = installation().api_per_s
    installation().api_per_s = 0.5
    try:
        asker, other = program(Right.SEE_FIGURES), program(Right.SEE_FIGURES)
        answers = [asker.get("outbox") for _n in range(7)]
        assert [a.status_code for a in answers] == [200] * 5 + [429] * 2
        assert 1 <= int(answers[-1]["Retry-After"]) <= 2
        assert other.get("outbox").status_code == 200
    finally:
        installation().api_per_s = before


def test_the_first_use_of_a_key_on_a_day_is_audited_and_no_other(program) -> None:
    asker = program(Right.SEE_FIGURES)
    for _n in range(3):
        asker.get("outbox")
    entries = AuditEntry.objects.filter(what="key.use")
    assert entries.count() == 1
    assert entries[0].who.startswith("key ")


def test_what_is_not_there_is_told_as_a_problem(program, client) -> None:
    for response, status in ((client.get("/api/v1/nothing"), 404), (program().client.put("/api/v1/contacts"), 405)):
        assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
        assert response.json()["status"] == status


def test_the_page_describes_every_operation_and_loads_nothing_from_elsewhere(client) -> None:
    page = client.get("/api/docs").content.decode()
    for path, methods in client.get("/api/v1/openapi.json").json()["paths"].items():
        assert path in page
        assert all(said["operationId"] in page for said in methods.values())
    assert "style=" not in page
    assert 'src="http' not in page
    assert "<script>" not in page

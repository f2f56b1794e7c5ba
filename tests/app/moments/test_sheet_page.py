"""The evidence sheet on screen: by right and scope, as a file, and what people decide about the moment."""

from __future__ import annotations

import re

import pytest
from tests.app.conftest import UNIT
from tests.app.insight.test_pages import in_words
from tests.app.moments.conftest import MOMENT, OTHER
from tests.app.test_sentinels import seen_until_done as page
from tests.app.test_sentinels import sentinels  # noqa: F401 (a fixture)
from tests.unit.moments.kept_estimates import RARE, UNANSWERED, estimate, keep_register

from tiesa.app.insight.looking import look_anew
from tiesa.app.moments.models import Verdict
from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Role
from tiesa.core.scope import Scope
from tiesa.journeys.view import open_view
from tiesa.moments.exposed import exposed_of

SHEET = f"/moments/{MOMENT}/"


def content(client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200, address
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_sheet_says_what_the_library_says_with_pictures_and_tables(register, client_of) -> None:
    shown = page(client_of(Role.CX_MANAGER), SHEET)
    words = in_words(shown)
    assert "One such episode changes the risk of leaving within 180 days by +12.4 points (+7.5 to +17.3)." in words
    for heading in ("How many it reaches", "What was tried to disprove it", "Limits", "In customers&#39; own words"):
        assert heading in shown
    for name in ("effect", "reach", "parts"):
        assert content(client_of(Role.CX_MANAGER), f"{SHEET}{name}.svg?theme=dark&upright=1").startswith(b"<svg")
    assert client_of(Role.CX_MANAGER).get(f"{SHEET}limits.svg").status_code == 404


def test_a_moment_of_an_older_build_is_still_there_for_who_sees_everything(register, client_of) -> None:
    for outcome in ("left", "score"):
        keep_register(register, [estimate(UNANSWERED)], version=2, outcome=outcome)
    look_anew()
    shown = in_words(page(client_of(Role.CX_MANAGER), SHEET))
    assert "One such episode changes the risk of leaving" in shown
    with open_view(register) as view:
        own = exposed_of(view, [estimate()]).num_rows
    assert f"{own} episodes of" in shown
    assert "One such episode" not in in_words(page(client_of(Role.ADVISER), SHEET))
    assert client_of(Role.CX_MANAGER).get("/moments/m-nothing/").status_code == 404


def test_the_other_outcome_has_its_own_figures(register, client_of) -> None:
    shown = in_words(page(client_of(Role.VIEWER), f"{SHEET}?outcome=score"))
    assert "cannot be judged: nobody comparable was without it" in shown


def test_contacts_lead_to_the_customers_story_and_only_who_may_sees_them_or_words(register, client_of) -> None:
    shown = page(client_of(Role.CX_MANAGER), SHEET)
    assert re.search(r'href="/customers/\d+/#journey-\d+"', shown)
    for role in (Role.VIEWER, Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR):
        plain = page(client_of(role), SHEET)
        assert "/customers/" not in plain
        assert "In customers&#39; own words" not in plain
    analyst = page(client_of(Role.ANALYST), SHEET)
    assert "/customers/" in analyst
    assert "In customers&#39; own words" not in analyst


def test_within_a_unit_only_its_own_contacts_are_counted(register, client_of) -> None:
    shown = in_words(page(client_of(Role.ADVISER), SHEET))
    with open_view(register, scope=Scope(frozenset({UNIT}))) as view:
        own = exposed_of(view, [estimate()]).num_rows
    assert own
    assert f"{own} episodes of" in shown
    assert "Effects are those of the whole organisation" in shown


@pytest.mark.parametrize(("role", "kind"), [(Role.ADVISER, "unit"), (Role.PROCESS_OWNER, "process")])
def test_customers_of_others_are_on_no_page_of_moments(
    role: Role, kind: str, register, client_of, sentinels  # noqa: F811
) -> None:  # fmt: skip
    client, leaks = client_of(role), []
    for address in ("/moments/", "/moments/?as=table", "/moments/searched/", SHEET, f"{SHEET}sheet.html"):
        text = page(client, address)
        leaks += sorted(sentinels[kind] & set(re.findall(r"[\w@.+-]{4,}", text)))
        leaks += sorted(sentinels[f"{kind} keys"] & set(re.findall(r"/customers/(\d+)/", text)))
    assert not leaks


def test_a_moment_that_came_true_for_nobody_they_see_is_not_there_for_them(no_register, client_of) -> None:
    keep_register(no_register, [estimate(RARE)])
    look_anew()
    address = f"/moments/{estimate(RARE)['id']}/"
    assert "0 episodes" in in_words(page(client_of(Role.VIEWER), address))
    assert client_of(Role.ADVISER).get(address).status_code in (200, 404)
    assert "nowhere at all" not in page(client_of(Role.ADVISER), "/moments/")
    assert client_of(Role.ADVISER).get(address).status_code == 404
    assert client_of(Role.VIEWER).get("/moments/m-none/").status_code == 404


def test_the_file_holds_contacts_and_words_for_those_only_who_may_export(register, client_of) -> None:
    whole = content(client_of(Role.CX_MANAGER), f"{SHEET}sheet.html").decode()
    assert "The contacts and journeys behind it" in whole
    assert "own words" in whole
    figures = content(client_of(Role.COMMITTEE_MEMBER), f"{SHEET}sheet.html").decode()
    assert "+12.4 points" in figures
    assert "The contacts and journeys behind it" not in figures
    adviser = content(client_of(Role.ADVISER), f"{SHEET}sheet.html").decode()
    assert "own words" not in adviser, "an adviser reads them on screen, and takes nothing out"
    assert content(client_of(Role.VIEWER), f"{SHEET}sheet.pdf").startswith(b"%PDF")
    assert AuditEntry.objects.filter(what="export.sheet").count() == 4


def test_every_contact_behind_it_can_be_taken_out_by_those_who_may(register, client_of) -> None:
    rows = content(client_of(Role.CX_MANAGER), f"{SHEET}contacts.csv").decode("utf-8-sig").splitlines()
    with open_view(register) as view:
        assert len(rows) - 1 == exposed_of(view, [estimate()]).num_rows
    assert "contact_id" in rows[0]
    assert "contact_id" not in content(client_of(Role.ANALYST), f"{SHEET}contacts.csv").decode("utf-8-sig")
    assert client_of(Role.VIEWER).get(f"{SHEET}contacts.csv").status_code == 403


def test_a_verdict_says_who_and_when_and_is_taken_back_with_one_button(register, client_of, people) -> None:
    client = client_of(Role.PROCESS_OWNER)
    owner = people[Role.CX_MANAGER]
    client.post(f"{SHEET}judge", {"stand": "watching", "note": "", "owner": ""})
    client.post(f"{SHEET}judge", {"stand": "accepted", "note": "answer on the second day", "owner": owner.pk})
    shown = in_words(page(client_of(Role.VIEWER), "/moments/?as=table"))
    assert f"accepted {owner}" in shown
    listed = in_words(page(client, SHEET))
    assert "answer on the second day" in listed
    assert str(people[Role.PROCESS_OWNER]) in listed
    latest = Verdict.objects.filter(moment=MOMENT).first()
    assert latest is not None
    client.post(f"/moments/verdicts/{latest.pk}/undo")
    assert "being watched" in in_words(page(client_of(Role.VIEWER), "/moments/?as=table"))
    assert "taken back by" in in_words(page(client, SHEET)), "its history keeps it"
    assert Verdict.objects.count() == 2
    deeds = list(AuditEntry.objects.filter(what__startswith="moment.").exclude(what="moment.words"))
    assert sorted(entry.what for entry in deeds) == ["moment.decide", "moment.decide", "moment.undo"]


def test_a_rejection_needs_a_reason_and_nobody_without_the_right_decides(register, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    page(client, SHEET)  # worked out now, so that the message stands on the page itself
    client.post(f"{SHEET}judge", {"stand": "rejected", "note": " "})
    assert "Say why it is rejected" in in_words(page(client, SHEET))
    client.post(f"{SHEET}judge", {"stand": "wonderful", "note": "so"})
    assert client_of(Role.VIEWER).post(f"{SHEET}judge", {"stand": "accepted"}).status_code == 403
    assert client_of(Role.CX_MANAGER).post("/moments/m-none/judge", {"stand": "accepted"}).status_code == 404
    assert not Verdict.objects.exists()
    assert "<form" in page(client, SHEET).partition('id="decided"')[2]
    assert "<form" not in page(client_of(Role.VIEWER), SHEET).partition('id="decided"')[2].partition("</section>")[0]


def test_the_story_flags_the_contacts_that_were_a_confirmed_moment(register, client_of) -> None:
    with open_view(register) as view:
        found = exposed_of(view, [estimate()])
        key, journey = found["customer_key"][0].as_py(), found["journey_no"][0].as_py()
        hit = set(found["customer_key"].to_pylist())
        others = [k for (k,) in view.rows("select distinct customer_key from journeys order by 1") if k not in hit]
    client = client_of(Role.CX_MANAGER)
    page(client, SHEET)  # worked out now
    shown = page(client, f"/customers/{key}/")
    flagged = shown.partition(f'id="journey-{journey}"')[2].partition("</section>")[0]
    assert f'href="/moments/{MOMENT}/"' in flagged
    assert OTHER not in shown, "its effect is unknown"
    assert "moment of truth" not in page(client, f"/customers/{others[0]}/")

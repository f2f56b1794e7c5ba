"""What was changed is noted where people look, stands on the pictures over time, and can be taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.app.insight.test_pages import in_words
from tests.app.test_sentinels import seen_until_done as page

from tiesa.app.insight.changes_work import SOURCE
from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Role
from tiesa.contacts.importing import undo_import
from tiesa.contacts.log import ContactLog
from tiesa.core.tables import CHANGE
from tiesa.journeys.changes import every_change
from tiesa.journeys.view import open_view

MINE = {"what": "two more people at the phones", "day": "2025-03-10", "scope": "all journeys"}
STANDARDS = "/journeys/answers/standards/"


@pytest.fixture(autouse=True)
def as_it_was(home) -> Iterator[None]:
    from tiesa.app.insight.looking import look_anew

    yield
    with open_view(home) as view:
        mine = {row["import_id"] for row in every_change(view).to_pylist() if row["source"] == SOURCE}
    for import_id in mine:
        undo_import(home, import_id)
    look_anew()


def noted(home) -> list[str]:
    with open_view(home) as view:
        return [row["what"] for row in every_change(view).to_pylist() if row["source"] == SOURCE]


def test_a_noted_change_stands_on_the_picture_over_time_and_beneath_it(home, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    assert MINE["what"] not in page(client, STANDARDS)
    response = client.post("/rules/changes/", MINE | {"next": STANDARDS})
    assert (response.status_code, response["Location"]) == (302, STANDARDS)
    shown = page(client, STANDARDS)
    assert "changed on 10 Mar 2025: two more people at the phones" in in_words(shown)
    assert f"<td>{MINE['what']}</td>" in shown, "in the table beneath"
    drawn = client.get("/journeys/pictures/standards-over-time.svg").content.decode()
    assert "two more people at the phones" in drawn
    assert "not what it caused" in drawn
    assert "two more people at the phones" in client.get("/journeys/pictures/dots.svg").content.decode()
    assert AuditEntry.objects.filter(what="change.note").count() == 1


def test_it_is_taken_back_with_one_button_and_nothing_else_is(home, client_of) -> None:
    client = client_of(Role.PROCESS_OWNER)
    with open_view(home) as view:
        before = every_change(view).num_rows
    client.post("/rules/changes/", MINE)
    assert noted(home) == [MINE["what"]]
    shown = page(client, "/rules/changes/")
    entry = re.findall(r'name="entry" value="([^"]+)"', shown)[0]
    client.post("/rules/changes/undo", {"entry": entry})
    assert noted(home) == []
    with open_view(home) as view:
        assert every_change(view).num_rows == before
        others = every_change(view)["import_id"].to_pylist()[0]
    client.post("/rules/changes/undo", {"entry": others})
    with open_view(home) as view:
        assert every_change(view).num_rows == before, "what came in otherwise is not taken back here"
    assert AuditEntry.objects.filter(what="change.undo").count() == 1


@pytest.mark.parametrize("wrong", [{"what": " "}, {"day": "2025-02-30"}, {"scope": ""}, {"what": "x" * 201}])
def test_what_cannot_be_noted_is_said_and_nothing_changes(wrong: dict[str, str], home, client_of) -> None:
    version = ContactLog(home).store(CHANGE).version().number
    response = client_of(Role.ANALYST).post("/rules/changes/", MINE | wrong)
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert ContactLog(home).store(CHANGE).version().number == version
    assert not AuditEntry.objects.filter(what="change.note").exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.COMMITTEE_MEMBER, Role.ADVISER, Role.ADMINISTRATOR], ids=str)
def test_who_may_not_note_changes_notes_none(role: Role, home, client_of) -> None:
    client = client_of(role)
    assert client.post("/rules/changes/", MINE).status_code == 403
    assert client.post("/rules/changes/undo", {"entry": "x"}).status_code == 403
    assert noted(home) == []


def test_nobody_is_led_away_from_this_site(home, client_of) -> None:
    response = client_of(Role.CX_MANAGER).post("/rules/changes/", MINE | {"next": "//evil.example/"})
    assert response["Location"] == "/rules/changes/"


def test_a_change_of_another_unit_is_not_told_to_this_one(home, client_of) -> None:
    client_of(Role.CX_MANAGER).post("/rules/changes/", MINE | {"scope": "shop Bucharest"})
    assert MINE["what"] in page(client_of(Role.CX_MANAGER), STANDARDS)
    assert MINE["what"] not in page(client_of(Role.ADVISER), STANDARDS)

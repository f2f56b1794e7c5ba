"""What the pages about journeys say is what the library says, to everybody within their scope."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from tests.app.test_sentinels import seen_until_done as page

from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Role
from tiesa.core import formats
from tiesa.core.scope import Scope
from tiesa.journeys.listing import Order, Which, journey_list
from tiesa.journeys.questions.asking import NUMBERS, questions
from tiesa.journeys.selection import Selection
from tiesa.journeys.story import story
from tiesa.journeys.view import open_view


def in_words(text: str) -> str:
    """A page's text as a reader sees it."""
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize(("number", "name"), NUMBERS.items())
def test_an_answer_on_screen_is_the_librarys(number: int, name: str, home, client_of) -> None:
    answer = questions(home)[number - 1]
    shown = in_words(page(client_of(Role.CX_MANAGER), f"/journeys/answers/{name}/"))
    assert " ".join(answer.answer().split()) in shown
    for finding in answer.findings():
        assert " ".join(finding.split()) in shown


def test_a_filter_chooses_the_same_journeys_as_the_library(home, client_of) -> None:
    answer = questions(home, Selection(journey_type="payment", channel="phone"))[0]
    shown = in_words(page(client_of(Role.CX_MANAGER), "/journeys/answers/waits/?journey_type=payment&channel=phone"))
    assert " ".join(answer.answer().split()) in shown


def test_a_unit_sees_its_own_figures(home, client_of) -> None:
    own = questions(home, scope=Scope(units=frozenset({"shop Vilnius"})))[5].answer()
    everybodys = questions(home)[5].answer()
    shown = in_words(page(client_of(Role.ADVISER), "/journeys/answers/goals/"))
    assert own != everybodys
    assert own in shown
    assert everybodys not in shown


def test_today_names_those_who_wait_the_longest_first(home, client_of) -> None:
    with open_view(home) as view:
        waiting = journey_list(view, which=Which.WAITING, order=Order.WAITING).rows.to_pylist()[:12]
    assert waiting
    shown = in_words(page(client_of(Role.CX_MANAGER), "/"))
    place = shown.index("Who waits for us now")
    for row in waiting:
        place = shown.index(f"{row['customer']} {row['journey_type'] or '–'} {row['end_touchpoint']}", place)


def test_every_figure_of_the_catalogue_leads_to_as_many_journeys(home, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    shown = page(client, "/journeys/")
    links = re.findall(r'<a href="(/journeys/list/\?[^"]*which=open[^"]*)">([\d,]+)</a>', shown)
    assert len(links) >= 3
    for address, n in links:
        listed = in_words(page(client, address.replace("&amp;", "&")))
        assert f"{n} journey" in listed, address


def test_the_story_holds_every_contact_and_its_words_in_order(home, client_of) -> None:
    with open_view(home) as view:
        key = view.one(
            "select customer_key from all_rows where contact_id in (select contact_id from seens) or true group by 1 "
            "having count(*) between 12 and 30 order by count(*) desc, 1 limit 1"
        )[0]
        told = story(view, key, words=True)
    assert told is not None
    shown = page(client_of(Role.CX_MANAGER), f"/customers/{key}/")
    assert shown.count("<time datetime") == len(told.steps)
    for step in told.steps:
        assert step.text is None or step.text in in_words(shown)
    assert AuditEntry.objects.filter(what="customer.open", about=f"customer {key}").count() == 1


def test_who_may_not_read_words_reads_none(home, client_of) -> None:
    with open_view(home) as view:
        keys = [
            key for (key,) in view.rows("select customer_key from all_rows group by 1 order by count(*) desc limit 5")
        ]
        texts = {s.text for key in keys for s in story(view, key, words=True).steps if s.text}  # type: ignore[union-attr]
    assert texts
    client = client_of(Role.ANALYST)
    for key in keys:
        shown = in_words(page(client, f"/customers/{key}/"))
        assert not [text for text in texts if text in shown]


def test_search_finds_names_in_either_script_and_without_accents(home, client_of) -> None:
    from tiesa.core.folding import folded

    with open_view(home) as view:
        names = [n for (n,) in view.rows("select name from persons where name is not null order by customer_key")]
    cyrillic = next(n for n in names if re.search("[а-я]", n) and not re.search("[ыэъщ]", n))
    client = client_of(Role.CX_MANAGER)
    assert cyrillic in in_words(page(client, "/customers/?q=" + folded(cyrillic)))
    assert "Nobody is called so" in in_words(page(client, "/customers/?q=zzzzqqq"))


def test_opening_the_brief_counts_as_seen(home, client_of, people) -> None:
    from tiesa.app.api.models import OutboxRow

    adviser = people[Role.ADVISER]
    with open_view(home, scope=Scope(units=frozenset({"shop Vilnius"}))) as view:
        key, employee = view.one(
            "select customer_key, mode(employee) from all_rows where direction = 'inbound' group by 1 "
            "order by count(*) desc, 1 limit 1"
        )
    adviser.employee = employee or "E1"
    adviser.save()
    assert client_of(Role.ADVISER).get(f"/customers/{key}/brief/").status_code == 200
    rows = list(OutboxRow.objects.filter(table="seen"))
    assert rows
    assert all(adviser.employee in row.payload for row in rows)


def test_an_export_holds_the_whole_table_and_is_noted(home, client_of) -> None:
    answer = questions(home)[0]
    pairs = next(t for t in answer.tables() if t.name != "open_now" and len(t) > 20)
    client = client_of(Role.ANALYST)
    response = client.get(f"/journeys/tables/waits/{pairs.name}.csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").strip().splitlines()
    assert len(lines) == len(pairs) + 1
    assert AuditEntry.objects.filter(what="export.table").count() == 1
    assert client_of(Role.VIEWER).get(f"/journeys/tables/waits/{pairs.name}.csv").status_code == 403


def test_a_picture_may_run_and_fetch_nothing(home, client_of) -> None:
    response = client_of(Role.VIEWER).get("/journeys/pictures/map.svg?theme=dark&upright=1")
    assert response["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "script" not in response["Content-Security-Policy"]


def test_a_page_has_no_inline_script_or_style(home, client_of) -> None:
    for address in ("/", "/journeys/", "/touchpoints/", "/journeys/compare/", "/customers/"):
        shown = page(client_of(Role.CX_MANAGER), address)
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", shown), address


def test_links_stay_on_this_site(home, client_of) -> None:
    shown = page(client_of(Role.CX_MANAGER), "/journeys/")
    for link in re.findall(r'(?:href|src|srcset|action)="([^"]+)"', shown):
        assert not urlsplit(link).netloc, link


def test_numbers_follow_the_readers_language(home, client_of, people) -> None:
    from tiesa.core.locale import use_language

    people[Role.CX_MANAGER].language = "lt"
    people[Role.CX_MANAGER].save()
    with use_language("lt"):
        answer = questions(home)[0].answer()
        assert formats.number(1234.5, digits=1) != "1,234.5"
    assert " ".join(answer.split()) in in_words(page(client_of(Role.CX_MANAGER), "/journeys/answers/waits/"))


def test_who_sees_figures_only_sees_no_row_of_one_customer_and_no_small_group(home, client_of) -> None:
    waits = questions(home)[0]
    pairs = next(table for table in waits.tables() if "n" in table.data.column_names and len(table) > 40)
    few = [n for n in pairs.data["n"].to_pylist() if 0 < n < 5]
    assert few
    shown = {role: page(client_of(role), "/journeys/answers/waits/") for role in (Role.VIEWER, Role.ANALYST)}
    assert "Who waits for us now" in shown[Role.ANALYST]
    assert "Who waits for us now" not in shown[Role.VIEWER]
    assert f"{len(few)} rows of fewer than 5 are not shown" in in_words(shown[Role.VIEWER])
    assert "are not shown" not in in_words(shown[Role.ANALYST])


def test_who_waits_for_an_answer_has_a_message_without_one(home) -> None:
    """Also where the goal counted as reached before the customer wrote again."""
    with open_view(home) as view:
        waiting = view.table(
            "select customer_key, journey_no, waiting_since from all_journeys j where waiting_for = 'us' and exists "
            "(from all_rows r where r.customer_key = j.customer_key and r.journey_no = j.journey_no "
            "and r.is_answered = false and r.occurred_at = j.waiting_since "
            "and (j.goal_at is null or j.goal_at < r.occurred_at))"
        ).to_pylist()
        assert waiting
        for key, journey, since in (tuple(row.values()) for row in waiting):
            told = story(view, key)
            assert told is not None
            assert (journey, since) in {(s.journey_no, s.facts["occurred_at"]) for s in told.unanswered}

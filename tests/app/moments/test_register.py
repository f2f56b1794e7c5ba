"""The register of moments on screen: an answer in a sentence, n and interval everywhere, the search as a job."""

from __future__ import annotations

import re

import pytest
from tests.app.insight.test_pages import in_words
from tests.app.moments.conftest import MOMENT, OTHER
from tests.app.test_sentinels import seen_until_done as page
from tests.unit.moments.kept_estimates import RARE, UNANSWERED, estimate, keep_register

from tiesa.app.insight.looking import look_anew
from tiesa.app.jobs import work
from tiesa.app.jobs.models import Job, State
from tiesa.app.moments.jobs import FIND
from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Role
from tiesa.moments.kept import registers

EFFECT = "+12.4 points (+7.5 to +17.3)"


def test_the_answer_comes_first_then_every_estimate_with_interval_and_n(register, client_of) -> None:
    shown = in_words(page(client_of(Role.VIEWER), "/moments/"))
    assert "1 situation is confirmed to change what customers do or feel, of 4,256 looked at." in shown
    assert f"the risk of leaving within 180 days changes by {EFFECT}, 263 episodes" in shown
    assert shown.count("263 episodes") >= 3
    assert "effect unknown 1" in shown


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", [MOMENT, OTHER, MOMENT]), ("outcome=score", [MOMENT]), ("state=effect_unknown", [OTHER]),
        ("touchpoint=reply+sent", [OTHER]), ("outcome=nothing&state=x", [MOMENT, OTHER, MOMENT]),
        ("sort=situation&outcome=left", [OTHER, MOMENT]), ("outcome=score&state=effect_unknown", []),
        ("decided=watching", [MOMENT, OTHER, MOMENT]),
    ],
)  # fmt: skip
def test_the_table_is_filtered_and_sorted_by_its_address(query: str, rows: list[str], register, client_of) -> None:
    shown = page(client_of(Role.VIEWER), f"/moments/?as=table&{query}")
    assert re.findall(r'<span class="sub">(m-\w+)</span>', shown) == rows
    assert rows or "Take a filter away" in shown


def test_the_table_is_filtered_by_what_people_decided(register, client_of) -> None:
    manager = client_of(Role.CX_MANAGER)
    manager.post(f"/moments/{OTHER}/judge", {"stand": "watching", "note": "", "owner": ""})
    for query, rows in (("watching", [OTHER]), ("nothing", [MOMENT, MOMENT]), ("", [MOMENT, OTHER, MOMENT])):
        shown = page(client_of(Role.VIEWER), f"/moments/?as=table&decided={query}")
        assert re.findall(r'<span class="sub">(m-\w+)</span>', shown) == rows
    assert '<option value="watching">being watched</option>' in shown


def test_what_became_of_situations_of_ones_own_stands_in_the_register(no_register, client_of) -> None:
    own = estimate(UNANSWERED, state="effect_unknown") | {"name": "Waits a day", "same_as": MOMENT}
    gone = {"name": "Never", "id": "m-never", "situation": "", "condition": RARE, "outcome": "left",
            "state": "cannot_be_judged", "same_as": None}  # fmt: skip
    keep_register(no_register, [estimate() | {"again": True}], own=[own, gone])
    keep_register(no_register, [estimate(unit="points")], own=[gone | {"outcome": "score"}], outcome="score")
    look_anew()
    shown = page(client_of(Role.VIEWER), "/moments/")
    assert f'<a href="/moments/{OTHER}/?outcome=left">' in shown
    assert "/moments/m-never/" not in shown
    words = in_words(shown)
    assert "known from earlier builds" in words
    assert re.search(r"Waits a day No answer .*? leaving effect unknown \S+12.4 points .*? 263 The cust", words)
    assert len(re.findall(r"Never The customer .*? – cannot be judged – – –", words)) == 1, "for no outcome: told once"
    sheet = in_words(page(client_of(Role.VIEWER), f"/moments/{OTHER}/"))
    assert f"Open {MOMENT}" in sheet
    assert page(client_of(Role.ADVISER), f"/moments/{OTHER}/")
    assert in_words(page(client_of(Role.ADVISER), "/moments/")).count("Never") == 0, "nobody of theirs was in it"


def test_where_nothing_is_defined_it_is_said_how(register, client_of) -> None:
    assert "Whatever you suspect is tested" in page(client_of(Role.VIEWER), "/moments/")
    assert "/rules/situations/" not in page(client_of(Role.VIEWER), "/moments/")
    assert 'href="/rules/situations/"' in page(client_of(Role.ANALYST), "/moments/")


def test_what_delays_solutions_is_looked_for_where_it_is_asked_for(no_register, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    client.post("/moments/find", {"outcome": ["solved", "of no meaning"]})
    job = Job.objects.get(kind=FIND)
    work.run_job.call(str(job.pk))
    job.refresh_from_db()
    kept = registers(no_register)
    assert job.state == State.DONE, job.error
    assert [one["outcome"] for one in kept] == ["solved"]
    assert AuditEntry.objects.filter(what="moments.ask", about="solved").count() == 1


def test_where_nobody_has_looked_the_page_teaches_and_who_may_can_begin(no_register, client_of) -> None:
    taught = page(client_of(Role.CX_MANAGER), "/moments/")
    assert "Look for moments of truth" in taught
    assert 'action="/moments/find"' in taught
    plain = page(client_of(Role.VIEWER), "/moments/")
    assert "What a moment of truth is" in plain
    assert 'action="/moments/find"' not in plain
    assert client_of(Role.VIEWER).post("/moments/find").status_code == 403
    assert "Nobody has looked" in page(client_of(Role.VIEWER), "/moments/searched/")


def test_the_search_is_a_job_that_keeps_what_it_finds(no_register, client_of) -> None:
    """This company is small: nothing is confirmed, and what was tried stands there all the same."""
    client = client_of(Role.CX_MANAGER)
    assert client.post("/moments/find").status_code == 302
    assert client.post("/moments/find").status_code == 302, "asked twice, it waits once"
    job = Job.objects.get(kind=FIND)
    assert "waits for its turn" in page(client, "/moments/")
    work.run_job.call(str(job.pk))
    job.refresh_from_db()
    assert job.state == State.DONE
    kept = registers(no_register)
    assert job.result["tested"] == sum(one["tested"] for one in kept) > 0
    shown = in_words(page(client, "/moments/"))
    assert f"None of the situations looked at ({job.result['tested']}) is confirmed" in shown
    assert f"Of {job.result['tested']} tests" in in_words(page(client, "/moments/searched/"))
    assert AuditEntry.objects.filter(what="moments.ask").count() == 2


def test_the_search_stops_when_it_is_asked_to(no_register, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    client.post("/moments/find")
    job = Job.objects.get(kind=FIND)
    client.post(f"/jobs/{job.pk}/stop")
    work.run_job.call(str(job.pk))
    job.refresh_from_db()
    assert job.state == State.STOPPED
    assert registers(no_register) == ()


def test_what_was_tried_is_counted_and_its_steps_are_for_who_sees_everything(register, client_of) -> None:
    shown = in_words(page(client_of(Role.VIEWER), "/moments/searched/"))
    assert "Set against:" in shown
    assert "Of 4,256 tests, 492 look significant one by one; 1 effects are confirmed." in shown
    assert "count:inbound=2" in shown
    assert "at “nowhere at all” −4.6 +0.3 1,234" in shown
    part = in_words(page(client_of(Role.ADVISER), "/moments/searched/"))
    assert "count:inbound=2" not in part
    assert "nowhere at all” −4.6" not in part


def test_the_register_is_exported_by_those_who_may_and_noted(register, client_of) -> None:
    text = b"".join(client_of(Role.ANALYST).get("/moments/register.csv").streaming_content).decode("utf-8-sig")
    assert len(text.splitlines()) == 4
    assert MOMENT in text
    assert "0.124" in text
    assert client_of(Role.VIEWER).get("/moments/register.csv").status_code == 403
    assert AuditEntry.objects.filter(what="export.table", about="moments/moments.csv").exists()


def test_an_older_register_is_said_to_be_older(register, client_of) -> None:
    """The home was built once more since."""
    from tiesa.moments.register import FOLDER

    assert "Journeys have been made anew since" not in page(client_of(Role.VIEWER), "/moments/")
    for path in (register.root / FOLDER).glob("*.json"):
        path.write_text(path.read_text("utf-8").replace('"version": 1,', '"version": 0,'), "utf-8")
    shown = in_words(page(client_of(Role.VIEWER), "/moments/"))
    assert "made anew since this was looked for: leaving, score of the journey (evidence 0)." in shown
    keep_register(register, [estimate(RARE)], outcome="solved")
    look_anew()
    shown = in_words(page(client_of(Role.VIEWER), "/moments/"))
    assert f"the risk of leaving within 180 days changes by {EFFECT}" in shown, (
        "what was looked for before still stands"
    )
    assert "looked for: leaving, score of the journey (evidence 0)." in shown


def test_confirmed_moments_are_flags_on_the_journey_map_with_a_way_to_their_sheets(register, client_of) -> None:
    shown = page(client_of(Role.VIEWER), "/journeys/map/?journey_type=problem+solving")
    assert f'<a href="/moments/{MOMENT}/">' in shown
    assert OTHER not in shown
    drawn = client_of(Role.VIEWER).get("/journeys/pictures/map.svg?journey_type=problem+solving").content.decode()
    assert MOMENT in drawn

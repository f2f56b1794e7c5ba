"""Who sees figures only reads no group of fewer than five: not on a page, in a picture, in its words, or by asking for
all but those few."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from tests.app.insight.test_pages import in_words
from tests.app.test_sentinels import seen_until_done as page

from tiesa.app.insight.answers import PICTURES, RESULTS
from tiesa.app.insight.small_groups import FitResult, TooFew, refuse_few, sees_figures_only
from tiesa.app.people.policies import Access, Grant
from tiesa.app.people.roles import RIGHTS, Role
from tiesa.core.small_groups import FEWEST
from tiesa.journeys.graph import process_map
from tiesa.journeys.questions.asking import questions
from tiesa.journeys.selection import Selection
from tiesa.journeys.view import open_view

COUNTS = re.compile(r"\bn (\d+)(?!\d|,\d)|: (\d+) (?:contact|move)s?\b")
"""How pictures and their words write the size of a group."""


def small(text: str) -> list[str]:
    found = [n for groups in COUNTS.findall(unescape(text).replace("\u00a0", " ")) for n in groups if n]
    return [n for n in found if 0 < int(n) < FEWEST]


@pytest.mark.parametrize("name", ["map", "process-2", "variants", "wait-lengths", *RESULTS, "standards-over-time"])
def test_no_picture_tells_of_a_small_group_nor_do_its_words(name: str, home, client_of) -> None:
    for query in ("", "?journey_type=moving", "?channel=phone&journey_type=payment"):
        response = client_of(Role.VIEWER).get(f"/journeys/pictures/{name}.svg{query}")
        if response.status_code == 404:
            assert name in RESULTS or name.endswith("over-time"), "an answer that has no picture here"
            continue
        assert not small(response.content.decode()), (name, query)


def test_those_who_see_customers_read_the_small_groups_so_that_the_others_lack_something(home, client_of) -> None:
    for name in ("map", "process-2"):
        assert small(client_of(Role.ANALYST).get(f"/journeys/pictures/{name}.svg").content.decode())


def test_no_page_tells_of_a_small_group_in_its_tables_words_or_alternatives(home, client_of) -> None:
    client = client_of(Role.VIEWER)
    addresses = ["/journeys/map/", "/journeys/process/?detail=2", "/journeys/variants/"]
    for address in [*addresses, *(f"/journeys/answers/{name}/" for name in RESULTS)]:
        assert not small(page(client, address)), address
    assert small(page(client_of(Role.ANALYST), "/journeys/map/"))


def test_the_picture_and_its_words_say_that_something_is_withheld(home, client_of) -> None:
    client = client_of(Role.VIEWER)
    assert "not shown, for privacy" in client.get("/journeys/pictures/process-2.svg").content.decode()
    assert "not shown, for privacy" in in_words(page(client, "/journeys/process/?detail=2"))
    assert (
        "not shown, for privacy" not in client_of(Role.ANALYST).get("/journeys/pictures/process-2.svg").content.decode()
    )


def test_no_line_can_be_worked_out_from_what_leads_to_a_touchpoint(home) -> None:
    with open_view(home) as view:
        whole, told = process_map(view), process_map(view, withhold_few=True)
    known = {(e.from_node, e.to_node) for e in told.edges}
    nodes = {node.name: node for node in told.nodes}
    for node in told.nodes:
        lines = [e for e in whole.edges if e.to_node == node.name]
        gone = [e.n for e in lines if (e.from_node, e.to_node) not in known]
        start = next(n.starts for n in whole.nodes if n.name == node.name) or 0
        if start and nodes[node.name].starts is None:
            gone.append(start)
        cells = len(lines) + bool(start)
        assert not gone or len(gone) == cells or (len(gone) > 1 and sum(gone) >= FEWEST), node.name


def test_a_picture_whose_every_line_is_one_customer_is_not_for_them(home, client_of) -> None:
    assert client_of(Role.VIEWER).get("/journeys/pictures/dots.svg").status_code == 404
    assert client_of(Role.ANALYST).get("/journeys/pictures/dots.svg").status_code == 200


def of_few(home) -> dict[str, str]:
    """A filter that leaves journeys of one to four customers."""
    with open_view(home) as view:
        days = view.rows(
            "select (make_timestamp(epoch_us(start_at)))::date as d from journeys group by 1 "
            f"having count(distinct customer_key) between 1 and {FEWEST - 1} order by 1 limit 1"
        )
    return {"from": f"{days[0][0]}", "to": f"{days[0][0]}"}


def test_a_selection_of_few_customers_is_refused_on_every_page_and_picture(home, client_of) -> None:
    query = urlencode(of_few(home))
    viewer, analyst = client_of(Role.VIEWER), client_of(Role.ANALYST)
    for address in ("/", "/journeys/", "/journeys/map/", "/touchpoints/", "/journeys/answers/waits/"):
        shown = in_words(page(viewer, f"{address}?{query}"))
        assert "Too few customers" in shown, address
        assert "Take a filter away" in shown
        assert "Too few customers" not in in_words(page(analyst, f"{address}?{query}")), address
    assert viewer.get(f"/journeys/pictures/map.svg?{query}").status_code == 404
    assert viewer.get(f"/journeys/pictures/waits.png?{query}").status_code == 404
    second = urlencode({f"with_{name}": value for name, value in of_few(home).items()})
    assert "Too few customers" in in_words(page(viewer, f"/journeys/compare/?{second}"))


def test_all_but_few_customers_is_refused_too(home) -> None:
    """Else the few would be the whole less the rest."""
    with open_view(home) as view:
        starts = [at for (at,) in view.rows("select epoch_us(start_at) from journeys order by 1 desc limit 3")]
        from datetime import UTC, datetime

        late = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=starts[-1])
    with open_view(home, Selection(until=late)) as view, pytest.raises(TooFew):
        refuse_few(view)
    with open_view(home, Selection(until=late - timedelta(days=90))) as view:
        refuse_few(view)


@pytest.mark.parametrize(
    "selection", [Selection(journey_type="moving"), Selection(channel="visit"), Selection(product="loan")]
)
def test_an_answer_without_its_small_groups_can_always_be_given(selection: Selection, home) -> None:
    with open_view(home, selection) as view:
        for make in RESULTS.values():
            made = FitResult(make(view))
            assert made.answer()
            assert made.explain()
            assert not [t for t in made.tables() if {"customer_key", "customer"} & set(t.data.column_names)]
            made.findings(), made.picture(), made.over_time(), made.as_plain()
        for name, draw in PICTURES.items():
            drawn = draw(view, True)
            assert drawn is None or not small(drawn.alternative), name


def test_totals_are_those_that_everybody_reads(home) -> None:
    for answer in questions(home):
        if answer.name in ("waits", "goals", "silence"):
            assert FitResult(answer).answer() == answer.answer()


def test_a_key_for_figures_reads_no_rows_of_single_customers(home) -> None:
    plain = FitResult(questions(home)[0]).as_plain()
    assert "open_now" not in plain["figures"]
    assert not [row for row in plain["figures"]["pairs"] if 0 < row["n"] < FEWEST]


def test_who_sees_the_customers_of_one_unit_only_still_sees_figures_of_the_others_without_small_groups() -> None:
    adviser = Grant(RIGHTS[Role.ADVISER], units=frozenset({"north"}))
    assert not sees_figures_only(Access((adviser,)))
    assert sees_figures_only(Access((adviser, Grant(RIGHTS[Role.VIEWER]))))
    assert not sees_figures_only(Access((Grant(RIGHTS[Role.ANALYST]), Grant(RIGHTS[Role.VIEWER]))))

"""Pictures for those who may see figures only: no line and no bubble of few, nor one that gives such a one away."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from tiesa.core.intervals import share
from tiesa.pictures import journey_map, process_map
from tiesa.pictures.journey_map import Bubble, Feeling, Flow, JourneyMap, Wait
from tiesa.pictures.process_figures import Edge, Node, ProcessMap
from tiesa.pictures.ribbon_figures import Ribbon, Ribbons, Step
from tiesa.pictures.small_groups import map_without_few, process_without_few, ribbons_without_few

NOW = datetime(2026, 9, 30, tzinfo=UTC)
PROCESS = ProcessMap(
    title="Faults", answer="", as_of=NOW, journeys=100, contacts=287,
    nodes=(Node("call", 100, 100, 100, 3), Node("visit", 107, 90, 0, 97), Node("letter", 80, 60, 0, 0)),
    edges=(Edge("call", "visit", 27, 3600.0), Edge("call", "letter", 77, 3600.0), Edge("visit", "letter", 3, 60.0),
           Edge("letter", "visit", 80, 60.0)),
)  # fmt: skip
MAP = JourneyMap(
    title="Faults", answer="", note="", stages=("ask", "solve"), lanes=("phone", "mail"),
    bubbles=(Bubble(0, 0, 61), Bubble(0, 1, 53), Bubble(1, 0, 47), Bubble(1, 1, 3)),
    flows=(Flow(0, 0, 1, 0, 41, "us"), Flow(0, 1, 1, 0, 22, "us"), Flow(0, 1, 1, 1, 3, "us")),
    waits=(Wait(0, 1, "us", 63, 60.0, 50.0, 70.0, 3600.0, share(2, 4)), Wait(0, 1, "customer", 31, 60.0, 50.0, 70.0,
           None, None), Wait(1, 1, "us", 4, 7777.0, None, None, None, None)),
    feelings=(Feeling(0, 44, 0.2, 0.1, 0.3), Feeling(1, 4, -0.66, None, None)),
    flags=(), contacts=164, journeys=100, customers=90, as_of=NOW, made_up=False,
)  # fmt: skip


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\bn (\d+)|(?<![\d.,+−-])(\d+) (?:move|contact|journey)", text)) and {
        a or b for a, b in re.findall(r"\bn (\d+)|(?<![\d.,+−-])(\d+) (?:move|contact|journey)", text)
    }


def test_a_process_map_tells_no_line_of_few_nor_the_sum_that_gives_it_away() -> None:
    told = process_without_few(PROCESS)
    left = {(e.from_node, e.to_node) for e in told.edges}
    assert ("visit", "letter") not in left
    assert ("call", "letter") not in left, "the letter's 80 contacts less 77 would be the 3"
    ends = {node.name: (node.starts, node.ends) for node in told.nodes}
    assert ends["call"][1] is None, "3 journeys end with a call"
    drawn = process_map.draw(told, detail=1.0)
    assert "3" in numbers(process_map.draw(PROCESS, detail=1.0))
    assert not {"1", "2", "3", "4", "77"} & numbers(drawn + told.in_words())
    assert "not shown, for privacy" in drawn
    assert "not shown, for privacy" in told.in_words()


def test_a_journey_map_tells_no_bubble_move_wait_or_feeling_of_few() -> None:
    told = map_without_few(MAP)
    assert {(b.stage, b.lane) for b in told.bubbles} == set(), "each of the four gives another of them away"
    wide = map_without_few(replace(MAP, bubbles=tuple(replace(b, contacts=b.contacts + 9) for b in MAP.bubbles)))
    assert [w.n for w in wide.waits] == [63, 31] or 31 not in [w.n for w in wide.waits]
    assert all(w.kept is None for w in wide.waits), "the standard is told of 4"
    assert all(f.n is None for f in wide.feelings), "44 less is 4"
    assert 3 not in [f.n for f in wide.flows]
    for upright in (False, True):
        drawn = journey_map.draw(wide, upright=upright)
        assert not {"1", "2", "3", "4"} & numbers(drawn + wide.in_words())
        assert "−0.66" not in drawn
        assert "7777" not in drawn
        assert "not shown, for privacy" in drawn
    rows = wide.table().to_pylist()
    assert not [row for row in rows if row["n"] is not None and 0 < row["n"] < 5]


def test_ways_that_few_went_are_left_out_and_where_all_are_drawn_one_more() -> None:
    ways = tuple(Ribbon((Step("call"), Step(f"visit {i}")), share(n, 100)) for i, n in enumerate((70, 26, 4)))
    some = ribbons_without_few(Ribbons("t", "a", ways, ways=9, journeys=100, as_of=NOW))
    assert [r.journeys.count for r in some.ribbons] == [70, 26]
    whole = ribbons_without_few(Ribbons("t", "a", ways, ways=3, journeys=100, as_of=NOW))
    assert [r.journeys.count for r in whole.ribbons] == [70]
    assert "not shown, for privacy" in whole.in_words()

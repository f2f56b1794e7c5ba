"""What the process map promises: an honest part of the whole, readable, and said in words and tables too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.pictures import inherited_texts

from tiesa.core import formats
from tiesa.pictures.palette import DARK, LIGHT, THEMES
from tiesa.pictures.process_figures import edge_in_words
from tiesa.pictures.process_levels import interactive
from tiesa.pictures.process_map import Edge, Node, ProcessMap, draw
from tiesa.pictures.static import svg_to_png

relaxed = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
OWNERS = ("us", "customer", "third_party", "nobody", "unknown", None)
HOSTILE = "<script>alert('&')</script>\x07 \"x\""


def a_map(nodes: Iterable[Node], edges: Iterable[Edge], **more: object) -> ProcessMap:
    given: dict[str, object] = {
        "title": "How questions are solved",
        "answer": "Every second question comes back once.",
        "journeys": 900,
        "contacts": 4321,
        "as_of": datetime(2026, 3, 9, 12, 0, tzinfo=UTC),
        "made_up": True,
    }
    return ProcessMap(nodes=tuple(nodes), edges=tuple(edges), **{**given, **more})  # type: ignore[arg-type]


SOLVING = a_map(
    [
        Node("call", 1000, 800, 800, 10),
        Node("wrong desk", 40, 40, 0, 1),
        Node("visit of a technician", 700, 650, 100, 90),
        Node("letter", 500, 480, 0, 799),
    ],
    [
        Edge("call", "visit of a technician", 600, 93_600, 90_000, 97_200, "us"),
        Edge("visit of a technician", "letter", 480, 200_000, 190_000, 230_000, "customer"),
        Edge("visit of a technician", "call", 120, 5_000, 4_000, 6_100, "us"),
        Edge("call", "call", 90, 1_800, 1_500, 2_400, "nobody"),
        Edge("call", "wrong desk", 40, 600, 500, 700, "us"),
        Edge("wrong desk", "letter", 4, 700, None, None, "us"),
        Edge("wrong desk", "call", 35, None, None, None, None),
    ],
)


@st.composite
def maps(draw: st.DrawFn) -> ProcessMap:
    n = draw(st.integers(1, 9))
    names = [f"touchpoint {i}" + "x" * draw(st.sampled_from([0, 0, 3, 30])) for i in range(n)]
    count = st.integers(0, 5000)
    few = st.sampled_from([0, 0, 0, 1, 700])  # most touchpoints begin and end nothing: ways have to be found
    nodes = [Node(name, draw(count), draw(count), draw(few), draw(few)) for name in names]
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), unique=True, max_size=24))
    median = st.one_of(st.none(), st.floats(0, 1e7))
    edges = [
        Edge(a, b, draw(st.integers(1, 5000)), draw(median), owner=draw(st.sampled_from(OWNERS))) for a, b in pairs
    ]
    return a_map(nodes, edges)


def reached(pairs: Iterable[tuple[str, str]], roots: Iterable[str]) -> set[str]:
    found, waiting, pairs = set(roots), list(roots), list(pairs)
    while waiting:
        place = waiting.pop()
        new = {b for a, b in pairs if a == place} - found
        found |= new
        waiting += new
    return found


@relaxed
@given(maps(), st.floats(0, 0.999))
def test_every_touchpoint_kept_lies_on_a_way_from_start_to_end(whole: ProcessMap, detail: float) -> None:
    part = whole.simplified(detail=detail)
    names = {node.name for node in part.nodes}
    pairs = [(edge.from_node, edge.to_node) for edge in part.edges]
    assert part.entries <= names
    assert part.exits <= names
    assert reached(pairs, part.entries) == names
    assert reached([(b, a) for a, b in pairs], part.exits) == names


def test_a_rare_touchpoint_is_kept_where_it_is_the_only_way_on() -> None:
    nodes = [Node("a", 100, 100, 100, 60), Node("b", 90, 40, 0, 0), Node("door", 2, 2, 0, 2), Node("aside", 9, 9, 0, 0)]
    whole = a_map(nodes, [Edge("a", "b", 40), Edge("b", "a", 38), Edge("b", "door", 2), Edge("a", "aside", 9)])
    only = a_map([Node("a", 100, 100, 100, 0), *nodes[1:]], whole.edges)
    assert [node.name for node in only.simplified(detail=0.5).nodes] == ["a", "b", "door"]
    assert [node.name for node in whole.simplified(detail=0.5).nodes] == ["a", "b"]


@relaxed
@given(maps(), st.floats(0, 1), st.floats(0, 1))
def test_more_detail_only_adds(whole: ProcessMap, one: float, other: float) -> None:
    less, more = (whole.simplified(detail=detail) for detail in sorted((one, other)))
    assert set(less.nodes) <= set(more.nodes)
    assert set(less.edges) <= set(more.edges)
    assert set(more.edges) <= set(whole.edges)
    assert less.entries <= more.entries


@relaxed
@given(maps())
def test_full_detail_is_the_whole_map(whole: ProcessMap) -> None:
    everything = whole.simplified(detail=1)
    assert (everything.nodes, everything.edges, everything.hidden) == (whole.nodes, whole.edges, "")


def test_no_detail_is_the_strongest_way() -> None:
    backbone = SOLVING.simplified(detail=0)
    assert [node.name for node in backbone.nodes] == ["call", "visit of a technician", "letter"]
    assert (backbone.entries, backbone.exits) == ({"call"}, {"letter"})


def test_a_simplified_map_says_what_share_it_draws() -> None:
    part = SOLVING.simplified(detail=0)
    drawn, whole = sum(edge.n for edge in part.edges), sum(edge.n for edge in SOLVING.edges)
    said = f"3 of 4 touchpoints and {len(part.edges)} of 7 links"
    assert drawn < whole
    assert said in part.hidden
    assert f"{formats.share(drawn / whole)} of {formats.number(whole)} steps" in part.hidden
    again = part.simplified(detail=1)
    assert again.hidden == part.hidden  # of the first map, not of the part


def test_the_strongest_link_in_and_out_of_a_kept_touchpoint_is_drawn() -> None:
    part = SOLVING.simplified(detail=0.9)
    assert {("call", "wrong desk"), ("wrong desk", "call")} <= {(e.from_node, e.to_node) for e in part.edges}


@relaxed
@given(maps(), st.booleans(), st.sampled_from(["frequency", "time"]), st.floats(0, 1))
def test_no_texts_overlap_and_none_is_cut_off(whole: ProcessMap, upright: bool, show: str, detail: float) -> None:
    svg = draw(whole, upright=upright, show=show, detail=detail)  # type: ignore[arg-type]
    drawn = inherited_texts.texts(svg)
    assert inherited_texts.overlapping(drawn) == []
    assert inherited_texts.outside(svg, drawn) == []


@relaxed
@given(maps())
def test_an_upright_map_fits_a_phone_with_whole_names(whole: ProcessMap) -> None:
    svg = draw(whole, upright=True, detail=0.5)
    width = float(inherited_texts.tree(svg).attrib["width"])
    backbone = draw(whole, upright=True, detail=0)
    assert width <= 384 or svg == backbone
    assert "…" not in "".join(drawn.text for drawn in inherited_texts.texts(svg) if "touchpoint" in drawn.text)


def test_less_detail_never_turns_a_line_around() -> None:
    """Seen alone, the way back (51) outweighs the way on (50); the whole map knows better."""
    nodes = [Node("a", 99, 99, 90, 0), Node("b", 5, 5, 0, 0), Node("c", 98, 98, 0, 90)]
    whole = a_map(nodes, [Edge("a", "c", 50), Edge("c", "a", 51), Edge("a", "b", 5), Edge("b", "c", 5)])
    for detail in (0, 0.5, 1):
        part = whole.simplified(detail=detail)
        assert part.flow.index("a") < part.flow.index("c")
        assert part.flow == whole.flow


def test_lines_say_how_often_or_how_long() -> None:
    frequency = {drawn.text for drawn in inherited_texts.texts(draw(SOLVING, detail=1))}
    time = {drawn.text for drawn in inherited_texts.texts(draw(SOLVING, detail=1, show="time"))}
    assert {"600", "480", "120", "90", "40", "35"} <= frequency
    assert {"26 h", "56 h", "83 min", "30 min", "10 min"} <= time
    assert "12 min (n 4)" in time  # too few for an interval: then n stands beside it
    assert "wait for us" in time - frequency


def test_every_drawn_line_has_all_its_figures_in_its_title_and_in_the_table() -> None:
    titles = {node.text for node in inherited_texts.tree(draw(SOLVING, detail=1)).iter(f"{inherited_texts.SVG}title")}
    assert {edge_in_words(edge) for edge in SOLVING.edges} <= titles
    rows = SOLVING.edges_table().to_pylist()
    assert [row["n"] for row in rows] == sorted((edge.n for edge in SOLVING.edges), reverse=True)
    told = {(r["from"], r["to"], r["n"], r["median_s"], r["low_s"], r["high_s"], r["wait_owner"]) for r in rows}
    assert told == {(e.from_node, e.to_node, e.n, e.median_s, e.low_s, e.high_s, e.owner) for e in SOLVING.edges}
    call = SOLVING.nodes_table().to_pylist()[0]
    assert call["share"] == pytest.approx(800 / 900)
    assert call["share_low"] < 800 / 900 < call["share_high"]


def test_a_frame_says_what_the_map_rests_on() -> None:
    said = " ".join(drawn.text for drawn in inherited_texts.texts(draw(SOLVING)))
    for part in (SOLVING.title, "Every second question", "900 journeys", "4,321 contacts", "9 Mar 2026", "made-up"):
        assert part in said
    bare = " ".join(drawn.text for drawn in inherited_texts.texts(draw(SOLVING, frame=False)))
    assert "made-up" not in bare


def test_the_longest_wait_is_told_in_words() -> None:
    assert "longest of these waits: visit of a technician → letter: n 480, median 56 h (53–64 h)" in SOLVING.in_words()


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("upright", [False, True])
def test_the_picture_is_self_contained_and_draws_without_a_browser(theme: object, upright: bool) -> None:
    svg = draw(SOLVING, theme=theme, upright=upright, show="time")  # type: ignore[arg-type]
    assert svg == draw(SOLVING, theme=theme, upright=upright, show="time")  # type: ignore[arg-type]
    assert "var(" not in svg
    assert "<style" not in svg
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", svg)
    assert svg_to_png(svg, 700).startswith(b"\x89PNG")


def test_hostile_names_stay_text() -> None:
    hostile = a_map([Node(HOSTILE, 3, 3, 3, 3)], [Edge(HOSTILE, HOSTILE, 2)], title=HOSTILE, answer=HOSTILE)
    for svg in (draw(hostile), draw(hostile, upright=True)):
        assert not list(inherited_texts.tree(svg).iter(f"{inherited_texts.SVG}script"))
        assert "<script" not in svg
    assert "<script" not in interactive(hostile)


def test_names_that_look_like_start_and_end_are_touchpoints() -> None:
    nodes = [Node("start", 5, 5, 5, 0), Node("end", 5, 5, 0, 5), Node("", 1, 1, 1, 1)]
    whole = a_map(nodes, [Edge("start", "end", 5, 60.0)])
    assert {node.name for node in whole.simplified(detail=0.99).nodes} == {"start", "end", ""}
    assert draw(whole, detail=1)


def test_an_empty_map_says_so() -> None:
    nothing = a_map([], [], journeys=0, contacts=0)
    assert "nothing to draw" in " ".join(drawn.text for drawn in inherited_texts.texts(draw(nothing)))
    assert interactive(nothing)


def test_maps_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        a_map([Node("a", 1, 1, 1, 1)] * 2, [])
    with pytest.raises(ValueError, match="not given"):
        a_map([], [Edge("a", "b", 1)])
    with pytest.raises(ValueError, match="between 0 and 1"):
        SOLVING.simplified(detail=1.2)
    with pytest.raises(ValueError, match="frequency or time"):
        draw(SOLVING, show="money")  # type: ignore[arg-type]


class Page(HTMLParser):
    """What an interactive map is made of; refuses tags that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.inputs: list[dict[str, str | None]] = []
        self.labels: set[str | None] = set()
        self.attributes: set[str] = set()
        self.ids: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.attributes |= set(given)
        self.ids += [given["id"]] if "id" in given else []
        assert tag != "script"
        if tag == "input":
            self.inputs.append(given)
        else:
            self.open.append(tag)
        if tag == "label":
            self.labels.add(given.get("for"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"input", "path", "rect", "circle", "g"}, f"<{tag}/> stays open in HTML"
        self.handle_starttag(tag, attrs)
        if tag != "input":
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_interactive_map_works_without_script_and_by_keyboard() -> None:
    page = Page()
    page.feed(interactive(SOLVING, nonce="abc"))
    assert page.open == []
    assert len(page.inputs) == 7
    assert {given["id"] for given in page.inputs} == page.labels
    assert sum("checked" in given for given in page.inputs) == 2
    assert not {name for name in page.attributes if name.startswith("on") or name in ("style", "href", "src")}
    assert len(page.ids) == len(set(page.ids))


def test_the_legend_of_each_level_names_every_owner_it_draws() -> None:
    nodes = [Node(f"a touchpoint with a long name {i}", 99 - i, 9, 9, 9) for i in range(12)]
    edges = [Edge(nodes[i].name, nodes[j].name, 50 - i - j, 60.0) for i in range(12) for j in range(i + 1, 12)]
    last = edges.pop()
    html = interactive(a_map(nodes, [*edges, Edge(last.from_node, last.to_node, 1, 60.0, owner="third_party")]))
    assert html.rpartition("<figure")[2].count("wait for a third party</span>") == 1


def test_two_interactive_maps_on_a_page_do_not_meet() -> None:
    one, other = (set(re.findall(r"tpm-[0-9a-f]{8}", interactive(SOLVING, theme=theme))) for theme in (LIGHT, DARK))
    assert len(one) == len(other) == 1
    assert not one & other


def test_an_interactive_map_of_thirty_touchpoints_stays_small() -> None:
    nodes = [Node(f"touchpoint number {i}", 4000 - 100 * i, 900, 400 if i < 3 else 0, 30 * i) for i in range(30)]
    edges = [
        Edge(nodes[i].name, nodes[(i * k + k) % 30].name, 4000 // (i + k), 3600.0 * k, 3000.0 * k, 4000.0 * k, "us")
        for i in range(30)
        for k in (1, 2, 7, 11)
    ]
    assert len(interactive(a_map(nodes, {(e.from_node, e.to_node): e for e in edges}.values()))) < 400_000

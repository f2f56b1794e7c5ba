"""What the journey map promises, whatever the journey: nothing overlaps, nothing is lost, nothing gets out."""

from __future__ import annotations

import gettext
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.pictures import drawn_texts
from tests.unit.pictures.drawn_texts import parsed
from tests.unit.pictures.journey_maps import maps, nothing, problem_solving

from tiesa.core import locale
from tiesa.core.locale import LANGUAGES, use_language
from tiesa.pictures.journey_map import Feeling, JourneyMap, Wait, draw
from tiesa.pictures.journey_map_layout import strongest
from tiesa.pictures.journey_map_waits import chosen_waits
from tiesa.pictures.palette import DARK, LIGHT, THEMES

SVG = drawn_texts.SVG
relaxed = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


class Longer(gettext.NullTranslations):
    """A language whose words are half as long again: every vowel outside a placeholder twice."""

    def gettext(self, message: str) -> str:
        return "".join(
            part if part.startswith("{") else re.sub("[aeiou]", r"\g<0>\g<0>", part)
            for part in re.split(r"(\{[^}]*\})", message)
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture
def longer_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "_catalogue", lambda _language: Longer())


def assert_tidy(svg: str) -> None:
    drawn = drawn_texts.texts(svg)
    assert drawn
    assert not drawn_texts.overlapping(drawn)
    assert not drawn_texts.outside(svg, drawn)
    assert not drawn_texts.crossing_a_box(svg, drawn)


@given(map=maps(), upright=st.booleans(), frame=st.booleans(), language=st.sampled_from(LANGUAGES))
@relaxed
def test_no_text_covers_another_or_is_cut_off(map: JourneyMap, upright: bool, frame: bool, language: str) -> None:
    with use_language(language):
        assert_tidy(draw(map, upright=upright, frame=frame))


@given(map=maps(), upright=st.booleans())
@settings(relaxed, max_examples=25)
def test_longer_words_find_room_too(longer_words: None, map: JourneyMap, upright: bool) -> None:
    assert_tidy(draw(map, upright=upright))


@pytest.mark.parametrize("upright", [False, True])
def test_the_drawn_figures_are_those_given(upright: bool) -> None:
    said = " ".join(one.text for one in drawn_texts.texts(draw(problem_solving(), upright=upright))).replace(
        "\u00a0", " "
    )
    for figure in (
        "4,100", "950", "31 h", "30–32 h,", "n 8,203", "standard 24 h", "kept 43 % (42–44 %)", "1,120", "390", "−0.41",
        "± 0.05", "n 1,630", "+0.21 to +0.43,", "too few to judge", "n 5, too few for an interval",
        "not measured here", "n 2,534",
    ):  # fmt: skip
        words = figure.split()
        assert all(word in said for word in words), figure
    assert "0.77" not in said, "a mean of four people is not shown"


def test_every_figure_is_in_the_tables_and_in_words() -> None:
    map = problem_solving()
    said = map.in_words()
    assert map.bubbles_table().to_pylist()[0] == {"stage": "Notices the fault", "lane": "app", "contacts": 4100}
    assert map.flows_table().num_rows == len(map.flows)
    assert map.waits_table().to_pylist()[0]["kept_n"] == 8203
    assert [row["mean"] for row in map.feelings_table().to_pylist()] == [0.05, None, -0.12, -0.41, None, 0.38]
    assert map.flags_table().column("lane").to_pylist() == ["email", None]
    whole = map.table()
    assert whole.num_rows == len(map.bubbles) + len(map.flows) + len(map.waits) + len(map.stages) + len(map.flags)
    assert set(whole.column("kind").to_pylist()) == {"contacts", "moves", "wait", "emotion", "moment"}
    for name in map.stages:
        assert name in said
    for figure in (
        "app 4,100", "again in the stage 1,120", "back to an earlier stage 390", "30–32\u00a0h", "45,310 contacts",
        "−0.41 ± 0.05", "emotion not measured", "kept 65\u00a0% (63–67\u00a0%), n\u00a02,534", "290–560k",
    ):  # fmt: skip
        assert figure in said, figure


@given(map=maps())
@settings(relaxed, max_examples=20)
def test_words_and_table_hold_every_drawn_contact_and_wait(map: JourneyMap) -> None:
    said, rows = map.in_words(), map.table().to_pylist()
    assert sum(row["n"] for row in rows if row["kind"] == "contacts") == sum(one.contacts for one in map.bubbles)
    assert sum(row["n"] for row in rows if row["kind"] == "moves") == sum(one.n for one in map.flows)
    assert all(f"{one.contacts:,}" in said for one in map.bubbles)
    assert all(f"{one.n:,} move" in said for one in strongest(map.flows))
    assert all(f"n\u00a0{one.n:,}" in said for one in (*map.waits, *map.feelings))


def test_bubbles_are_true_in_area() -> None:
    radii = {}
    for circle in parsed(draw(problem_solving())).iter(f"{SVG}circle"):
        tooltip = circle.find(f"{SVG}title")
        if tooltip is not None and "jm-bubble" in circle.attrib["class"]:
            radii[int(re.sub(r"\D", "", (tooltip.text or "").rpartition(":")[2]))] = float(circle.attrib["r"])
    assert radii[5200] == 22
    for contacts, radius in radii.items():
        assert radius == pytest.approx(22 * (contacts / 5200) ** 0.5, abs=0.06)


def test_a_gap_in_the_emotion_stays_a_gap() -> None:
    map = problem_solving()
    curves = [node for node in parsed(draw(map)).iter(f"{SVG}path") if node.attrib.get("class") == "jm-curve"]
    points = [len(re.findall("[ML]", node.attrib["d"])) for node in curves]
    assert points == [2, 2], "stages 2 and 3 are joined; the other stroke is the legend's"
    none = replace(map, feelings=())
    assert "Emotion is not measured in any stage" in draw(none)
    assert "jm-mean" not in re.sub("<style>.*?</style>", "", draw(none))


def test_only_the_strongest_moves_are_drawn_and_the_rest_is_counted() -> None:
    map = problem_solving()
    flows = strongest(map.flows)
    ahead = [flow for flow in map.flows if flow.to_stage > flow.from_stage]
    rest = sum(flow.n for flow in ahead) - sum(flow.n for flow in flows)
    assert 0 < rest <= 0.1 * sum(flow.n for flow in ahead)
    assert f"{rest:,} rarer moves to a later stage are only in the table." in draw(map)
    assert len(strongest([replace(ahead[0], n=1)] * 100)) == 24


def test_the_owner_of_a_wait_is_told_by_dash_and_word_as_well_as_colour() -> None:
    svg = draw(problem_solving())
    dashes: dict[str, set[str]] = {}
    for node in parsed(svg).iter(f"{SVG}path"):
        if "jm-line" in node.attrib.get("class", ""):
            owner = node.attrib["class"].rpartition("-")[2]
            dashes.setdefault(owner, set()).update({node.attrib.get("stroke-dasharray", "")} - {""})
    assert dashes == {"us": set(), "customer": {"7 4"}, "third_party": {"9 3 2 3"}}
    said = " ".join(one.text for one in drawn_texts.texts(svg))
    assert all(word in said for word in ("wait for us", "customer takes time", "wait for a third party"))


@pytest.mark.parametrize("upright", [False, True])
def test_an_empty_map_says_so(upright: bool) -> None:
    svg = draw(nothing(), upright=upright)
    assert "nothing to draw" in " ".join(one.text for one in drawn_texts.texts(svg))
    assert_tidy(svg)
    assert nothing().table().num_rows == 0


def test_the_frame_holds_headline_and_footer_and_a_page_does_without() -> None:
    map = problem_solving()
    framed, bare = (" ".join(one.text for one in drawn_texts.texts(draw(map, frame=f))) for f in (True, False))
    assert framed.startswith("Problem solving Customers with a problem")
    for words in ("made-up company", "8,912 customers", "Customers with"):
        assert words in framed
        assert words not in bare
    assert "6 % of contacts on rarer touchpoints are not drawn." in bare


def test_upright_is_as_wide_as_a_phone() -> None:
    assert parsed(draw(problem_solving(), upright=True)).attrib["width"] == "360"


def test_same_figures_give_the_same_bytes() -> None:
    for theme in THEMES.values():
        assert draw(problem_solving(), theme=theme) == draw(problem_solving(), theme=theme)
    shuffled = replace(problem_solving(), feelings=tuple(reversed(problem_solving().feelings)))
    assert draw(shuffled) == draw(problem_solving())


def test_hostile_names_stay_text() -> None:
    hostile = "</title></style><script>alert(1)</script>]]>&\"'\x00\x1b\ud800\uffff"
    map = replace(problem_solving(), title=hostile, answer=hostile, stages=(hostile,) * 6, lanes=(hostile,) * 7)
    for upright in (False, True):
        root = parsed(draw(map, upright=upright))
        kinds = {node.tag.removeprefix(SVG) for node in root.iter()}
        assert kinds <= {"svg", "title", "desc", "style", "rect", "path", "circle", "text", "g"}
        assert not [name for node in root.iter() for name in node.attrib if name.startswith("on") or "href" in name]


def test_drawings_in_one_page_leave_each_other_alone() -> None:
    map = problem_solving()
    drawings = [draw(map), draw(map, theme=DARK), draw(map, upright=True), draw(replace(map, title="Purchase"))]
    scopes = set()
    for svg in drawings:
        root = parsed(svg)
        scope = root.attrib["class"].split()[1]
        scopes.add(scope)
        style = next(root.iter(f"{SVG}style")).text or ""
        assert all(rule.startswith(f".{scope} ") for rule in style.split("}") if rule)
        assert not [node for node in root.iter() if "id" in node.attrib]
        assert "var(" not in style, "resvg knows no custom properties"
    assert len(scopes) == len(drawings)


def test_the_picture_can_be_made_a_png_without_a_browser() -> None:
    vl_convert = pytest.importorskip("vl_convert")
    for theme in (LIGHT, DARK):
        assert vl_convert.svg_to_png(draw(problem_solving(), theme=theme)).startswith(b"\x89PNG")


def test_half_width_is_said_only_where_the_bounds_are_even() -> None:
    from tiesa.pictures.journey_map_text import feeling_figure

    assert feeling_figure(Feeling(0, 50, 0.05, 0.01, 0.09)) == ("+0.05 ± 0.04", "n\u00a050")
    assert feeling_figure(Feeling(0, 50, 0.05, -0.1, 0.09)) == ("+0.05", "−0.10 to +0.09, n\u00a050")


def test_a_wait_too_rare_to_judge_is_drawn_only_where_none_can_be() -> None:
    rare = Wait(0, 1, "us", 1, 9_000.0, None, None, None, None)
    sure = Wait(1, 2, "us", 50, 3_600.0, 3_000.0, 4_000.0, None, None)
    rich = problem_solving()
    assert chosen_waits(replace(rich, waits=(rare, sure)), 7) == (sure,)
    assert chosen_waits(replace(rich, waits=(rare,)), 7) == (rare,)

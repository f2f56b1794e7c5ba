"""What the ways drawn as ribbons promise: every way whole in words and table, readable as a picture."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.pictures import inherited_texts

from tiesa.core.intervals import share
from tiesa.pictures.palette import DARK, LIGHT, THEMES, Theme
from tiesa.pictures.ribbon_figures import Block, folded, shortened
from tiesa.pictures.ribbons import Ribbon, Ribbons, Step, draw_ribbons
from tiesa.pictures.static import svg_to_png
from tiesa.pictures.touchpoint_colours import colours_for, grounds_of, other_ground

relaxed = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = ("call", "visit of a technician", "e-mail", "T06_Determine_necessity_of_stop_advice", "letter with the bill")
HOSTILE = "<script>alert('&')</script>\x07"


def ways(*ribbons: Ribbon, **more: object) -> Ribbons:
    given: dict[str, object] = {
        "title": "The ways to a solution",
        "answer": "Half of the journeys need one call.",
        "ways": 226,
        "journeys": 900,
        "as_of": datetime(2026, 3, 9, 12, 0, tzinfo=UTC),
    }
    return Ribbons(ribbons=ribbons, **{**given, **more})  # type: ignore[arg-type]


def way(*names: str, n: int = 450) -> Ribbon:
    steps = (Step(names[0]), *(Step(name, 3600.0 * i, "us") for i, name in enumerate(names[1:], 1)))
    return Ribbon(steps, share(n, 900), share(n // 2, n), 93_600, 90_000, 97_200)


@st.composite
def drawn_ways(draw: st.DrawFn) -> Ribbons:
    step = st.builds(
        Step,
        st.sampled_from(NAMES),
        st.one_of(st.none(), st.floats(0, 1e8)),
        st.sampled_from(["us", "customer", "third_party", "nobody", "unknown", None]),
    )
    length = st.one_of(st.none(), st.floats(0, 1e8))
    count = st.integers(0, 900)
    ribbon = st.builds(
        lambda steps, n, reached, median: Ribbon(
            tuple(steps), share(n, 900), share(min(reached, n), n) if reached else None, median, median, median
        ),
        st.lists(step, min_size=1, max_size=40),
        count,
        count,
        length,
    )
    return ways(*draw(st.lists(ribbon, max_size=5)))


@relaxed
@given(drawn_ways(), st.booleans(), st.booleans())
def test_no_texts_overlap_and_none_is_cut_off(given_ways: Ribbons, upright: bool, frame: bool) -> None:
    svg = draw_ribbons(given_ways, upright=upright, frame=frame)
    drawn = inherited_texts.texts(svg)
    assert inherited_texts.overlapping(drawn) == []
    assert inherited_texts.outside(svg, drawn) == []
    assert float(inherited_texts.tree(svg).attrib["width"]) == (360 if upright else 1120)


@relaxed
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60), st.integers(3, 12))
def test_a_shortened_way_accounts_for_every_step(names: list[str], room: int) -> None:
    blocks = folded([Step(name) for name in names])
    first, left_out, last = shortened(blocks, room)
    assert sum(block.times for block in [*first, *last]) + left_out == len(names)
    assert len(first) + len(last) + bool(left_out) <= room
    assert first == blocks[: len(first)]
    assert not last or last == blocks[-len(last) :]


def test_repeats_are_folded_with_the_wait_before_the_first() -> None:
    steps = [Step("call"), Step("letter", 60.0, "us"), Step("letter", 99.0, "customer"), Step("call", 5.0)]
    assert folded(steps) == [
        Block("call", 1, None, None),
        Block("letter", 2, 60.0, "us"),
        Block("call", 1, 5.0, None),
    ]


def test_a_row_says_share_goal_and_length_with_their_bounds() -> None:
    for upright in (False, True):
        said = " ".join(
            drawn.text for drawn in inherited_texts.texts(draw_ribbons(ways(way("call", "letter")), upright=upright))
        )
        for part in (
            "50 %",
            "47–53 %, n 450",
            "goal 50 %",
            "45–55 %, n 450",
            "median 26 h",
            "25–27 h",
            "1 of 226 ways",
        ):
            assert part in said


def test_a_long_way_is_whole_in_its_title_and_in_words() -> None:
    long = way(*(NAMES[i % 5] for i in range(33)))
    svg = draw_ribbons(ways(long))
    assert "… 26 steps …" in {drawn.text for drawn in inherited_texts.texts(svg)}
    titles = [node.text or "" for node in inherited_texts.tree(svg).iter(f"{inherited_texts.SVG}title")]
    assert any(title.count(" → ") == 32 for title in titles)
    assert ways(long).in_words().count(" → ") == 32


def test_the_table_holds_every_step_and_figure() -> None:
    table = ways(way("call", "letter", "letter"), way("letter", n=9)).table().to_pylist()
    assert [(row["way"], row["step"], row["touchpoint"]) for row in table] == [
        (1, 1, "call"), (1, 2, "letter"), (1, 3, "letter"), (2, 1, "letter"),
    ]  # fmt: skip
    assert [row["wait_s"] for row in table] == [None, 3600, 7200, None]
    assert (table[0]["journeys"], table[0]["of_journeys"], table[0]["share"]) == (450, 900, 0.5)
    assert table[0]["share_low"] < 0.5 < table[0]["share_high"]
    assert (table[0]["reached"], table[0]["reached_n"]) == (225, 450)
    assert (table[0]["median_s"], table[0]["low_s"], table[0]["high_s"]) == (93_600, 90_000, 97_200)


def test_ways_without_a_known_goal_say_nothing_of_one() -> None:
    unknown = Ribbon((Step("call"),), share(3, 900))
    assert "goal" not in draw_ribbons(ways(unknown))
    assert ways(unknown).table().to_pylist()[0]["reached"] is None


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_names_are_readable_on_every_ground(theme: Theme) -> None:
    for ground in (*grounds_of(theme), other_ground(theme)):
        assert contrast(theme.ink, ground) >= 4.5, ground


EYES = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red ones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green ones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
}
"""Linear RGB as such eyes see it: Machado, Oliveira & Fernandes (2009), severity 1."""


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_grounds_differ_for_all_eyes(theme: Theme, eyes: str) -> None:
    """At least nine units of CIELAB; two is what a trained eye tells apart side by side."""
    seen = [
        lab(np.clip(np.array(EYES[eyes]) @ linear(ground), 0, 1))
        for ground in (*grounds_of(theme), other_ground(theme))
    ]
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)) >= 9


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_touchpoint_has_one_colour_and_the_frequent_ones_their_own(theme: Theme) -> None:
    colours = colours_for({f"t{i}": float(100 - i) for i in range(20)}, theme)
    assert len({colours[f"t{i}"] for i in range(12)}) == 12
    assert {colours[f"t{i}"] for i in range(12, 20)} == {other_ground(theme)}
    svg = draw_ribbons(ways(way("call", "letter", "call"), way("letter", n=9)), theme=theme)
    grounds = [
        node.attrib["fill"]
        for node in inherited_texts.tree(svg).iter(f"{inherited_texts.SVG}path")
        if node.attrib.get("fill", "").startswith("#")
    ]
    call, letter = (colours_for({"call": 900, "letter": 459}, theme)[name] for name in ("call", "letter"))
    assert grounds == [call, letter, call, letter]


@pytest.mark.parametrize("upright", [False, True])
def test_the_picture_is_self_contained_and_draws_without_a_browser(upright: bool) -> None:
    given_ways = ways(way("call", "letter"), made_up=True)
    svg = draw_ribbons(given_ways, upright=upright)
    assert svg == draw_ribbons(given_ways, upright=upright)
    assert "made-up company" in svg
    assert "var(" not in svg
    assert "<style" not in svg
    assert svg_to_png(svg, 700).startswith(b"\x89PNG")


def test_hostile_names_stay_text_and_no_ways_say_so() -> None:
    assert "<script" not in draw_ribbons(ways(way(HOSTILE, HOSTILE), title=HOSTILE, answer=HOSTILE))
    assert "nothing to draw" in draw_ribbons(ways(journeys=0))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    return float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour))


def linear(colour: str) -> npt.NDArray[np.float64]:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Linear sRGB as CIELAB under D65."""
    to_xyz = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])
    x, y, z = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in to_xyz @ light / [0.9505, 1, 1.0888])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

"""Every chart shows its figures with n and intervals, says them in words, and draws the same twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.pictures.chart_tables import (
    CHANGES,
    CHARTS,
    CONTACTS,
    CURVE,
    DIFFERENCES,
    REASONS,
    SAID,
    SEEN,
    START,
    WAITS,
    WEEKS,
    parsed,
)

from tiesa.core.locale import LANGUAGES, use_language
from tiesa.pictures.charts import Picture, bars, compare, dotted, matrix, survival, trend, wait_distribution
from tiesa.pictures.charts_scales import d3_locale
from tiesa.pictures.palette import THEMES

every_chart = pytest.mark.parametrize("name", CHARTS)


def drawn(name: str, **more: Any) -> Picture:
    draw, table = CHARTS[name]
    return draw(table, **more)


@cache
def svg_of(name: str, width: int = 640) -> str:
    return drawn(name, width=width).svg()


def leaves(node: object) -> Iterator[object]:
    """Every value in a specification."""
    if isinstance(node, dict):
        for value in node.values():
            yield from leaves(value)
    elif isinstance(node, list):
        for value in node:
            yield from leaves(value)
    else:
        yield node


def words(picture: Picture) -> str:
    """All the text of the drawing, one piece a line."""
    root = parsed(picture.svg())
    return "\n".join(e.text for e in root.iter() if e.tag.endswith(("}text", "}tspan")) and e.text)


def strokes(picture: Picture) -> list[dict[str, Any]]:
    return [made for made in picture.spec["layer"] if made["mark"]["type"] == "line"]


@every_chart
def test_the_same_figures_give_the_same_bytes(name: str) -> None:
    assert drawn(name).svg() == svg_of(name)


@every_chart
@pytest.mark.parametrize("width", [640, 320])
def test_a_picture_is_as_wide_as_asked_and_small(name: str, width: int) -> None:
    svg = svg_of(name, width)
    assert parsed(svg).get("width") == str(width)
    assert len(svg.encode()) < 60_000


@every_chart
def test_a_picture_names_no_address_but_the_namespace(name: str) -> None:
    """Not even one that the data brought along may stand where it could be followed."""
    root = parsed(svg_of(name))
    held = {value for e in root.iter() for key, value in e.attrib.items() if key != "aria-label"}
    assert not [value for value in held if "://" in value or value.startswith("data:")]
    assert not [
        e for e in root.iter() if e.tag.rpartition("}")[2] in {"image", "script", "style", "a", "foreignObject"}
    ]
    assert {e.tag.rpartition("}")[0] for e in root.iter()} == {"{http://www.w3.org/2000/svg"}


@every_chart
def test_hostile_names_are_text_and_nothing_else(name: str) -> None:
    svg = svg_of(name)
    assert "<script" not in svg
    assert "\x07" not in svg
    assert "alert(1)" in svg or name in {"survival", "wait_distribution", "optimum"}


@every_chart
def test_a_chart_of_an_empty_table_says_so(name: str) -> None:
    draw, table = CHARTS[name]
    picture = draw(table.slice(0, 0))
    assert "n 0" in picture.alternative
    assert "Nothing to draw" in picture.alternative
    assert "Nothing to draw" in words(picture)
    assert picture.table.num_rows == 0


@every_chart
@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_a_theme_has_no_colour_but_its_own(name: str, theme: Any) -> None:
    """The grounds of a heat table lie between two colours of the theme."""
    picture = drawn(name, theme=theme)
    assert picture.spec["background"] == theme.card
    used = {value for value in leaves(picture.spec) if isinstance(value, str) and re.fullmatch("#[0-9a-f]{6}", value)}
    strange = used - set(theme.tokens.values())
    assert theme.ink2 in used
    assert not strange or name == "matrix"


@every_chart
def test_altair_reads_the_specification(name: str) -> None:
    """Altair checks it against Vega-Lite's schema; what it holds goes through unchanged."""
    made = drawn(name).chart().to_dict(validate=False)  # from_dict has checked it
    assert made["config"]["locale"] == d3_locale("en")


@every_chart
def test_the_words_are_whole_sentences_with_n(name: str) -> None:
    picture = drawn(name)
    assert picture.alternative.startswith(picture.title)
    assert picture.alternative.endswith(".")
    assert re.search(r"\bn \d|\d contacts", picture.alternative)


@pytest.mark.parametrize(
    ("name", "table", "columns"),
    [
        ("survival", CURVE, ["value", "low", "high"]),
        (
            "compare",
            CHANGES,
            ["before", "before_low", "after_high", "difference", "difference_low", "before_n", "after_n"],
        ),
        ("bars", REASONS, ["value", "low", "high", "n"]),
        ("trend", WEEKS, ["value", "low", "high", "n"]),
        ("calibration", SAID, ["said", "value", "low", "high"]),
        ("effects", DIFFERENCES, ["value", "low", "high", "n"]),
        ("optimum", CONTACTS, ["goal", "goal_low", "emotion", "emotion_high", "n"]),
        ("matrix", SEEN, ["value", "low", "high", "n"]),
    ],
)
def test_the_figures_of_the_table_are_in_the_specification(name: str, table: pa.Table, columns: list[str]) -> None:
    held = set(leaves(drawn(name).spec))
    for column in columns:
        assert set(table[column].drop_null().to_pylist()) <= held, column


@pytest.mark.parametrize("name", ["compare", "bars", "matrix", "effects"])
def test_n_and_interval_are_written_in_the_drawing(name: str) -> None:
    text = words(drawn(name)).replace("\n", " ")
    assert "n 812" in text
    assert "n 345" in text or name == "matrix"
    assert {"compare": "72–78 %", "bars": "41–47 %", "matrix": "44–94 %", "effects": "+6.2 to +18.8"}[name] in text


def test_numbers_stand_as_the_language_writes_them() -> None:
    changed = REASONS.set_column(1, "value", pa.array([0.0425, 0.031, None]))
    with use_language("ru"):
        russian = bars(changed, title="t")
    assert "4,2 %" in words(russian)
    assert "4.2" not in words(russian)
    assert "4,2 %" in russian.alternative


def test_axes_drawn_by_vega_take_the_decimal_comma_too() -> None:
    with use_language("ru"):
        text = words(CHARTS["optimum"][0](CONTACTS))
    assert re.search(r"^[+−]0,\d\d$", text, re.MULTILINE)
    assert not re.search(r"\d\.\d", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_separators_months_and_days(language: str) -> None:
    with use_language(language):
        locale = d3_locale(language)
        assert locale["number"]["decimal"] == ("." if language == "en" else ",")
    assert len(set(locale["time"]["months"])) == 12
    assert len(set(locale["time"]["days"])) == 7


def test_a_week_of_d3_starts_on_sunday() -> None:
    assert d3_locale("en")["time"]["days"][0] == "Sunday"
    assert d3_locale("sl")["time"]["days"][0] == "nedelja"


def test_waits_say_the_median_its_interval_and_what_kept_the_standard() -> None:
    picture = wait_distribution(WAITS, standard_s=36_000)
    ours = picture.table.to_pylist()[0]
    assert (ours["n"], ours["median_s"], ours["kept"]) == (40, 36_000.0, 0.5)
    assert ours["low_s"] < ours["median_s"] < ours["high_s"]
    assert "kept 50 % (35–65 %, 20 of 40)" in picture.alternative
    assert "standard 10 h" in words(picture)
    assert "too few), n 4" in picture.alternative, "four waits have no interval of the median, and it is said"


def test_a_thinned_curve_is_never_a_pixel_and_a_half_from_the_exact_one() -> None:
    waits = np.exp(np.random.default_rng(7).normal(9.0, 1.6, 30_000))
    picture = wait_distribution(pa.table({"owner": ["us"] * len(waits), "wait_s": waits}))
    points = strokes(picture)[0]["data"]["values"]
    assert len(points) < 300
    x, y = (np.array([p[key] for p in points]) for key in ("wait_s", "within"))
    probe = np.exp(np.linspace(np.log(x[0]), np.log(x[-1]), 2000))
    exact = np.searchsorted(np.sort(waits), probe, side="right") / len(waits)
    assert np.abs(np.interp(np.log(probe), np.log(x), y) - exact).max() < 1.5 / 240


def test_a_share_within_never_falls_and_stays_a_share() -> None:
    for line in strokes(wait_distribution(WAITS, standard_s=36_000)):
        shares = [p["within"] for p in line["data"]["values"]]
        assert all(0 <= a <= b <= 1 for a, b in pairwise(shares))


def test_numbers_at_risk_stand_under_the_axis() -> None:
    text = words(survival(CURVE))
    assert "812" in text  # followed at the start
    assert "still followed" in text
    assert "goal reached: 58 % (56–60 %) after 18 days" in text


def test_a_dotted_chart_draws_at_most_three_hundred_journeys_and_says_of_how_many() -> None:
    rows = [
        {"journey": j, "occurred_at": START + timedelta(hours=j), "family": "web"}
        for j in range(1000)
        for _again in "ab"
    ]
    picture = dotted(pa.Table.from_pylist(rows))
    assert len(set(picture.table["journey"].to_pylist())) == 300
    assert "300 of 1,000 journeys" in words(picture)
    assert "300 of 1,000 journeys" in picture.alternative
    shuffled = dotted(pa.Table.from_pylist(rows[::-1]))
    assert shuffled.svg() == picture.svg()


def test_long_journeys_lower_the_number_of_journeys_drawn_not_the_number_of_their_dots() -> None:
    rows = [
        {"journey": j, "occurred_at": START + timedelta(hours=j, minutes=k), "family": f"f{k % 9}"}
        for j in range(200)
        for k in range(50)
    ]
    picture = dotted(pa.Table.from_pylist(rows))
    counts = {len(group) for group in [[r for r in picture.table.to_pylist() if r["journey"] == "0"]]}
    assert counts == {50}
    assert picture.table.num_rows <= 1200
    assert "other" in words(picture), "families beyond the fifth share one shape"
    assert len(picture.svg()) < 60_000


def test_the_names_of_journeys_are_not_shown() -> None:
    assert "j7" not in drawn("dotted").svg()


def test_what_changed_most_for_its_interval_stands_on_top() -> None:
    picture = compare(CHANGES)  # 15,600 s in 3,600 s is more than 1.6 points in 3.1
    assert picture.alternative.index("a clear difference") < picture.alternative.index("Goal reached")
    assert "+1.6 points (−1.6 to +4.7), no clear difference" in picture.alternative


def test_a_difference_without_an_interval_cannot_be_judged() -> None:
    row = {**CHANGES.to_pylist()[0], "difference_low": None, "difference_high": None}
    assert compare(pa.Table.from_pylist([row])).alternative.endswith("cannot be judged.")


def test_a_bar_that_cannot_be_judged_has_words_and_no_bar() -> None:
    picture = bars(REASONS, title="t")
    assert [row["label"] for row in picture.spec["layer"][0]["data"]["values"] if row["n"] == 3] == []
    assert "cannot be judged" in words(picture)


def test_a_trend_does_not_bridge_what_cannot_be_judged() -> None:
    picture = trend(WEEKS, title="Kept")
    areas = [made for made in picture.spec["layer"] if made["mark"]["type"] == "area"]
    assert [len(area["data"]["values"]) for area in areas] == [5, 6]
    assert strokes(picture)[0]["data"]["values"][5]["value"] is None
    assert words(picture).splitlines().count("?") == 1
    assert "1 periods cannot be judged" in picture.alternative


def test_columns_that_do_not_fit_go_on_beneath() -> None:
    wide, narrow = (matrix(SEEN, title="Seen", width=width) for width in (640, 320))
    assert "vconcat" not in wide.spec
    assert len(narrow.spec["vconcat"]) == 2
    assert sorted(words(narrow).split().count(n) for n in ("812", "813")) == [4, 4]


def test_times_do_not_depend_on_the_machines_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days and ticks are written before the renderer sees them: there is no temporal encoding left to shift."""
    for name in CHARTS:
        assert '"temporal"' not in json.dumps(drawn(name).spec)
    assert "5 Jan" in words(drawn("trend"))
    assert datetime(2026, 1, 5, tzinfo=UTC) == START

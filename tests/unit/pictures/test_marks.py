"""Dated marks: on every calendar axis, at their day, readable at every width, and never a cause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from tests.unit.pictures.chart_tables import DOTS

from tiesa.pictures.charts import Annotation, Picture, Run, dotted, runs, trend
from tiesa.pictures.charts_feelings import feelings
from tiesa.pictures.charts_marks import MOST
from tiesa.pictures.palette import THEMES
from tiesa.pictures.svg import text_width

MONTHS = pa.Table.from_pylist([
    {"period": date(2025, m, 1), "value": 0.5 + m / 100, "low": 0.4, "high": 0.7, "n": 40 + m} for m in range(1, 13)
])  # fmt: skip
DAY = date(2026, 1, 12)
SOURCES = ("stated", "observed", "inferred", None)
FELT = pa.Table.from_pylist([
    {"at": row["occurred_at"], "value": -0.9 if i == 21 else (-1) ** i * i / 60, "source": SOURCES[i % 4],
     "what": f"fault reported number {i}", "run": i // 3}
    for i, row in enumerate(DOTS.to_pylist()[:40])
])  # fmt: skip
SPAN = {"since": DOTS["occurred_at"][0].as_py(), "until": DOTS["occurred_at"][-1].as_py(), "of": 60}


def drawn(name: str, annotations: list[Annotation], width: int, **more: Any) -> Picture:
    if name == "trend":
        return trend(MONTHS, title="Kept", standard=0.6, annotations=annotations, width=width, **more)
    if name == "runs":
        both = [Run(f"reply {k}", MONTHS, 0.6) for k in range(3)]
        return runs(both, title="Kept", annotations=annotations, width=width, **more)
    if name == "feelings":
        return feelings(FELT, **SPAN, annotations=annotations, width=width, **more)
    return dotted(DOTS, annotations=annotations, width=width, **more)


EVERY = ("trend", "runs", "dotted", "feelings")


def changes(name: str, n: int) -> list[Annotation]:
    """Changes that a picture's time holds, evenly apart."""
    first, days = (date(2025, 1, 3), 360) if name in ("trend", "runs") else (date(2026, 1, 5), 12)
    return [
        Annotation(first + timedelta(days=days * i / max(n, 1)), f"change number {i} of the desk") for i in range(n)
    ]


def parts(spec: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The layers of each plot of a picture."""
    for plot in spec.get("vconcat", [spec]):
        yield [one for one in plot.get("layer", [plot]) if "mark" in one]


def fixed(layers: list[dict[str, Any]]) -> tuple[list[tuple[str, float, float, float, float]], list[tuple[float, ...]]]:
    """Texts (with left, top, right, bottom) and upright rules (x, from, to) that stand at pixels."""
    words, rules = [], []
    for one in layers:
        place = one["encoding"]
        if "value" not in place.get("x", {}) or "value" not in place.get("y", {}):
            continue
        x, y, kind = place["x"]["value"], place["y"]["value"], one["mark"]["type"]
        if kind == "rule" and "x2" not in place:
            rules.append((x, y, place["y2"]["value"]))
        elif kind == "text" and "stroke" not in one["mark"]:
            size, lines = one["mark"]["fontSize"], one["data"]["values"][0]["text"].split("\n")
            wide = max(text_width(line, size) for line in lines) * 0.93  # estimated a little too wide
            left = x - wide / 2 if one["mark"]["align"] == "center" else x
            top = y if one["mark"]["baseline"] == "top" else y - 6
            words.append(("".join(lines), left, top, left + wide, top + 13 * len(lines)))
    return words, rules


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("width", [340, 640, 1040])
@pytest.mark.parametrize("n", [1, 3, 7, 30])
def test_no_words_of_marks_touch_each_other_at_any_width(name: str, width: int, n: int) -> None:
    picture = drawn(name, changes(name, n), width)
    for layers in parts(picture.spec):
        words, _rules = fixed(layers)
        for (one, *a), (two, *b) in combinations(words, 2):
            assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]), (one, two)
        assert all(left >= -80 and right <= width for _text, left, _top, right, _bottom in words)


def test_a_rule_passes_through_no_words_of_another_mark() -> None:
    crossed = 0
    for n in range(1, 8):
        (layers,) = parts(drawn("trend", changes("trend", n), 1040).spec)
        words, rules = fixed(layers)
        for text, left, top, right, bottom in words:
            crossed += sum(left + 3 < x < right and a < top and bottom < b for x, a, b in rules)
            assert not [x for x, a, b in rules if left + 3 < x < right and a < top and bottom < b], text


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("width", [340, 1040])
def test_what_was_changed_stands_in_the_drawing_and_in_the_words(name: str, width: int) -> None:
    mark = changes(name, 3)[1]
    picture = drawn(name, [mark], width)
    assert f"changed on {mark.day.day} {mark.day:%b %Y}: {mark.text}" in picture.alternative
    assert mark.text in picture.svg().replace("</text>", " ").replace("  ", " ") or "number 1" in picture.svg()
    assert "not what it caused" in str(picture.spec["title"]["subtitle"]).replace("', '", " ")


@pytest.mark.parametrize("name", EVERY)
def test_without_changes_in_its_time_a_picture_is_as_before(name: str) -> None:
    before = drawn(name, [], 640)
    outside = drawn(name, [Annotation(date(2031, 1, 1), "much later"), Annotation(date(1999, 1, 1), "long ago")], 640)
    assert outside.spec == before.spec
    assert "changed" not in before.alternative


def test_a_mark_stands_at_its_day_among_the_months() -> None:
    mark = Annotation(date(2025, 6, 16), "in the middle of June")
    (layers,) = parts(drawn("trend", [mark], 640).spec)
    (rule,) = fixed(layers)[1]
    points = next(one for one in layers if one["mark"]["type"] == "point")
    start, end = points["encoding"]["x"]["scale"]["domain"]
    june = points["data"]["values"][5]["day"]
    plot = drawn("trend", [mark], 640).spec["width"]
    assert rule[0] == pytest.approx(plot * (june - start) / (end - start), abs=2)


def test_a_change_in_the_last_month_is_still_on_the_picture() -> None:
    assert "late" in drawn("trend", [Annotation(date(2025, 12, 30), "late")], 640).alternative


def test_of_many_marks_the_latest_are_named_and_the_others_counted() -> None:
    picture = drawn("trend", changes("trend", 30), 340)
    text = picture.svg()
    assert "18 earlier changes stand in the table" in text
    assert "change number 29" in text
    (layers,) = parts(picture.spec)
    assert len(fixed(layers)[1]) == 30
    assert sum(t[0].isdecimal() for t in fixed(layers)[0]) == 2 * MOST


def test_changes_of_one_day_share_a_mark() -> None:
    day = date(2025, 5, 5)
    picture = drawn("trend", [Annotation(day, "a new price"), Annotation(day, "a new page")], 640)
    (layers,) = parts(picture.spec)
    assert len(fixed(layers)[1]) == 1
    assert "a new page; a new price" in picture.alternative


def test_how_an_emotion_is_known_is_told_by_shape() -> None:
    for theme in THEMES.values():
        layers = drawn("feelings", [], 640, theme=theme).spec["layer"]
        shape = next(one["encoding"]["shape"]["scale"] for one in layers if "shape" in one["encoding"])
        assert len(shape["domain"]) == len(set(shape["range"])) == 4
        assert [d.partition(":")[0] for d in shape["domain"]] == [
            "said by the customer", "noted by an employee", "read from words or behaviour", "not known how"
        ]  # fmt: skip


def test_the_first_the_worst_and_the_last_emotion_have_words_and_all_are_counted() -> None:
    picture = drawn("feelings", [], 340)
    text = picture.svg()
    for name in ("first: fault reported", "worst: fault reported", "last: fault reported"):
        assert name in text
    assert "An emotion is known of 40 of 60 contacts" in picture.alternative


def test_no_line_joins_two_journeys_between_which_nothing_is_known() -> None:
    layers = drawn("feelings", [], 640).spec["layer"]
    rows = next(one["data"]["values"] for one in layers if one["mark"]["type"] == "line")
    pairs = {}
    for row in rows:
        pairs.setdefault(row["run"], []).append(row["t"])
    moments = sorted(at.timestamp() for at in FELT["at"].to_pylist())
    joined = {tuple(sorted(pair)) for pair in pairs.values()}
    assert (moments[2], moments[3]) not in joined
    assert (moments[0], moments[1]) in joined

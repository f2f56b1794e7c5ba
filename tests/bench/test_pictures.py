"""The pictures of what was measured: every work is named, and no name stands over another or is cut off."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bench import draw
from bench.pieces import BUILD, READ, Piece
from tiesa.pictures.charts_frame import inner_width
from tiesa.pictures.charts_scales import LABEL_SIZE
from tiesa.pictures.svg import text_width

ON_A_TELEPHONE, LEAST_READABLE = 328, 9
"""Pixels that a page of 360 leaves for a picture, and the size of letters that can still be read."""


def measured(piece: Piece, rows: int, seconds: dict[str, float]) -> dict[str, Any]:
    """A piece as it is kept, with the works that came so far."""
    works = [
        {"work": work.name, "label": work.label, "why_not": "", "runs": 3, "seconds": seconds[work.name],
         "fastest": seconds[work.name] * 0.9, "slowest": seconds[work.name] * 1.3}
        for work in piece.works if work.name in seconds
    ]  # fmt: skip
    return {"piece": piece.name, "rows": rows, "works": works, "ratios": []}


def sizes_of(piece: Piece, *, near: float) -> list[dict[str, Any]]:
    """All works at 1 M and 10 M, their times within a factor of `near`; two of them at 50 M."""
    names = [work.name for work in piece.works]
    times = {name: near ** (i / len(names)) for i, name in enumerate(names)}
    largest = {name: times[name] * 50 for name in names[-2:]}
    grown = {name: seconds * 10 for name, seconds in times.items()}
    return [measured(piece, n * 1_000_000, taken) for n, taken in ((1, times), (10, grown), (50, largest))]


def names_of(picture: draw.Picture) -> list[tuple[list[str], float, float, float, bool]]:
    """The names beside the plot: lines, where they begin, top and bottom, whether bold."""
    found = []
    for layer in picture.spec["layer"]:
        mark = layer["mark"]
        if mark["type"] == "text":
            lines = layer["data"]["values"][0]["text"].split("\n")
            top = layer["encoding"]["y"]["value"] + mark["yOffset"] - draw.LINE / 2
            bottom = top + draw.LINE * len(lines)
            found.append((lines, layer["encoding"]["x"]["value"], top, bottom, mark["fontWeight"] == "bold"))
    return sorted(found, key=lambda name: name[2])


@pytest.mark.parametrize("piece", [BUILD, READ], ids=lambda piece: piece.name)
@pytest.mark.parametrize("near", [1.0, 1.5, 1000.0])
def test_no_name_stands_over_another_or_is_cut_off(piece: Piece, near: float) -> None:
    names = names_of(draw.drawn(sizes_of(piece, near=near), "Title"))
    assert all(bottom <= top for (*_rest, bottom, _bold), (_lines, _x, top, *_more) in pairwise(names))
    assert names[0][2] >= 0
    assert names[-1][3] <= draw.HEIGHT
    for lines, begins, _top, _bottom, bold in names:
        widest = max(text_width(line, LABEL_SIZE, bold=bold) for line in lines)
        assert begins + draw.AXIS + widest <= inner_width(draw.WIDTH), lines


def test_every_work_is_named_with_how_far_it_came() -> None:
    said = {" ".join(lines) for lines, *_rest in names_of(draw.drawn(sizes_of(BUILD, near=10.0), "Title"))}
    labels = [work.label for work in BUILD.works]
    assert said == {f"{label} up to 10 M" for label in labels[:-2]} | set(labels[-2:])


def test_letters_can_be_read_on_a_telephone() -> None:
    picture = draw.drawn(sizes_of(BUILD, near=10.0), "Title")
    assert LABEL_SIZE * min(1, ON_A_TELEPHONE / picture.width) >= LEAST_READABLE


def test_names_stand_as_near_as_can_be_to_their_lines() -> None:
    chance = random.Random(4)
    for _case in range(200):
        heights = [chance.choice([18.0, 32.0, 46.0]) for _name in range(6)]
        wanted = [chance.uniform(0, 330) for _name in heights]
        places = draw.apart(wanted, heights, 330)
        order = sorted(range(6), key=lambda i: wanted[i])
        for i, k in pairwise(order):
            assert places[i] + heights[i] / 2 <= places[k] - heights[k] / 2 + 1e-9
        assert all(h / 2 - 1e-9 <= place <= 330 - h / 2 + 1e-9 for place, h in zip(places, heights, strict=True))
        assert draw.apart(places, heights, 330) == pytest.approx(places)
    assert draw.apart([50, 50], [20, 20], 330) == [40, 60]


def test_the_pictures_are_drawn_from_what_is_kept(tmp_path: Path) -> None:
    kept = {piece["rows"]: {"build": piece} for piece in sizes_of(BUILD, near=10.0)}
    (tmp_path / "results.json").write_text(json.dumps(kept))
    draw.main(tmp_path, tmp_path)
    assert [path.name for path in tmp_path.glob("*.svg")] == ["performance-build.svg"]
    svg = (tmp_path / "performance-build.svg").read_text()
    assert "Tiesa: build 341 s at 50,000,000 contacts" in svg
    assert "limit: the pass over coded columns 1 s at 1,000,000 contacts" in svg

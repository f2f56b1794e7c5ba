"""Draws what was measured, on a doubly logarithmic scale: `python bench/draw.py FOLDER [docs/pictures]`.

FOLDER is one that `tiesa bench --folder FOLDER` has filled. A picture of a piece shows seconds over contacts, one line
a work, ours in colour, limits dashed, each named beside the plot with the largest size it came to where that is not the
largest of all; a piece measured at one size only becomes points.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.suite import kept_figures
from tiesa.pictures.charts_frame import Picture, Spec, framed, in_words, inner_width, layer, number_of, texts
from tiesa.pictures.charts_scales import LABEL_SIZE, lookup
from tiesa.pictures.palette import LIGHT, Theme
from tiesa.pictures.svg import full_lines

DRAWN = {
    "build": "From the log to journeys: every engine makes the same columns",
    "import": "From a CSV file into the log",
    "read": "Process map, variants and touchpoints from a cold process",
    "filter": "A page's question: one month, one channel",
}
HEIGHT, AXIS = 330, 46
WIDTH = 380
"""Pixels: a page on a telephone shows it almost at its own size, where a wide picture's words would shrink with it."""
LABELS = 140
"""Pixels for the names beside the plot; a longer one takes several lines."""
LINE = LABEL_SIZE + 3
SECONDS = [m * 10**e for e in range(-3, 4) for m in (1, 3)]


def drawn(pieces: list[dict[str, Any]], title: str, *, theme: Theme = LIGHT, width: int = WIDTH) -> Picture:
    """The picture of one piece, measured at these sizes."""
    points = [
        {"rows": piece["rows"], "seconds": work["seconds"], "low": work["fastest"], "high": work["slowest"],
         "runs": work["runs"], "work": work["work"], "label": work["label"]}
        for piece in pieces for work in piece["works"] if "seconds" in work
    ]  # fmt: skip
    plot = inner_width(width) - AXIS - LABELS
    rows, seconds = [point["rows"] for point in points], [point["seconds"] for point in points]
    ticks = [t for t in SECONDS if min(seconds) / 3 <= t <= max(seconds) * 3]
    sizes = sorted(set(rows))
    across = {"type": "log", "domain": [min(rows) / 1.25, max(rows) * 1.25], "nice": False}
    upward = {"type": "log", "domain": [min(seconds) / 1.6, max(seconds) * 1.6], "nice": False}
    x = number_of("rows", scale=across, axis={"values": sizes, "labelExpr": lookup(sizes, [_size(n) for n in sizes]),
                  "grid": False, "title": "contacts", "labelOverlap": False})  # fmt: skip
    y = number_of("seconds", scale=upward, axis={"values": ticks, "title": None, "minExtent": AXIS - 8,
                  "labelExpr": lookup(ticks, [f"{t:g} s" for t in ticks])})  # fmt: skip
    lines = {name: [p for p in points if p["label"] == name] for name in dict.fromkeys(p["label"] for p in points)}
    layers = [one for name, line in lines.items() for one in _line(line, _colour(name, theme), x=x, y=y)]
    layers = [*_names(lines, upward["domain"], plot, theme, x=x, y=y), *layers]
    view: Spec = {"layer": layers, "width": plot, "height": HEIGHT}
    fewest, most = (pick(point["runs"] for point in points) for pick in (min, max))
    rounds = f"{fewest} to {most} rounds" if fewest < most else f"{most} round{'s' * (most > 1)}"
    notes = [f"Medians of {rounds}, in turn; both scales logarithmic, lower is faster."]
    facts = [f"{p['label']} {p['seconds']:.3g} s at {p['rows']:,} contacts" for p in points]
    table, alternative = pa.Table.from_pylist(points), in_words(title, facts)
    return framed(view, title=title, notes=notes, alternative=alternative, table=table, theme=theme, width=width)


def _colour(name: str, theme: Theme) -> str:
    return theme.accent if name.startswith("Tiesa") else theme.ink2


def _size(rows: int) -> str:
    return f"{rows / 1e6:g} M"


def _line(line: list[dict[str, Any]], colour: str, *, x: Spec, y: Spec) -> Iterator[Spec]:
    """One work: its line, a point at each size, and from its fastest to its slowest run."""
    name = line[0]["label"]
    dashes = [5, 4] if name.startswith("limit") else [1, 0]
    stroke = {"color": colour, "strokeWidth": 2.6 if name.startswith("Tiesa") else 1.3, "strokeDash": dashes}
    yield layer(line, {"type": "line", **stroke}, x=x, y=y)
    yield layer(line, {"type": "point", "filled": True, "color": colour, "opacity": 1, "size": 36}, x=x, y=y)
    spans = [{**each, "seconds": each["low"], "to": each["high"]} for each in line if each["high"] > each["low"]]
    if spans:
        yield layer(spans, {"type": "rule", "color": colour, "strokeWidth": 1.3}, x=x, y=y, y2={"field": "to"})


def _names(
    lines: dict[str, list[dict[str, Any]]], domain: list[float], plot: float, theme: Theme, *, x: Spec, y: Spec
) -> Iterator[Spec]:
    """The works' names beside the plot, each with a dotted way to the last point of its line."""
    low, high = (math.log(end) for end in domain)
    most = max(line[-1]["rows"] for line in lines.values())
    wrapped, wanted = [], []
    for name, line in lines.items():
        end = line[-1]
        words = full_lines(name, LABEL_SIZE, (LABELS - 16) * 0.95, bold=name.startswith("Tiesa"))
        wrapped.append(words if end["rows"] == most else [*words, f"up to {_size(end['rows'])}"])
        wanted.append((high - math.log(end["seconds"])) / (high - low) * HEIGHT)
    places = apart(wanted, [LINE * len(each) + 4.0 for each in wrapped], HEIGHT)
    for (name, line), words, place in zip(lines.items(), wrapped, places, strict=True):
        way = {"type": "rule", "color": theme.ink2, "strokeWidth": 0.8, "strokeDash": [1, 3]}
        yield layer([line[-1]], way, x=x, y=y, x2={"value": plot + 8}, y2={"value": place})
        mark = {"align": "left", "baseline": "middle", "yOffset": -LINE / 2 * (len(words) - 1)}
        mark |= {"color": _colour(name, theme), "fontWeight": "bold" if name.startswith("Tiesa") else "normal"}
        yield from texts([{"text": "\n".join(words)}], theme, mark=mark, x={"value": plot + 12}, y={"value": place})


def apart(wanted: list[float], heights: list[float], room: float) -> list[float]:
    """The middles of things so high in a column of `room`, none over another, as near as can be to where each is
    wanted: what would overlap stands together around the middle of what it wants.

    >>> apart([10, 12, 90], [20, 20, 20], 100)
    [10.0, 30.0, 90.0]
    """
    groups: list[tuple[list[int], float]] = []  # of things that touch, from the top: which, and where they begin
    for i in sorted(range(len(wanted)), key=lambda i: wanted[i]):
        group, top = [i], _top([i], wanted, heights, room)
        while groups and groups[-1][1] + sum(heights[k] for k in groups[-1][0]) > top:
            group = groups.pop()[0] + group
            top = _top(group, wanted, heights, room)
        groups.append((group, top))
    places = [0.0] * len(wanted)
    for group, top in groups:
        for i in group:
            places[i] = top + heights[i] / 2
            top += heights[i]
    return places


def _top(group: list[int], wanted: list[float], heights: list[float], room: float) -> float:
    """Where a column of things begins that keeps them nearest to what they want, within the room."""
    before, tops = 0.0, []
    for i in group:
        tops.append(wanted[i] - heights[i] / 2 - before)
        before += heights[i]
    return max(0.0, min(sum(tops) / len(tops), room - before))


def main(folder: Path, pictures: Path) -> None:
    sizes = kept_figures(folder).values()
    for name, title in DRAWN.items():
        pieces = [found[name] for found in sizes if name in found]
        if pieces:
            (pictures / f"performance-{name}.svg").write_text(drawn(pieces, title).svg() + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "docs/pictures"))

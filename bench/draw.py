"""Draws what was measured, on a doubly logarithmic scale: `python bench/draw.py FOLDER [docs/pictures]`.

FOLDER is one that `tiesa bench --folder FOLDER` has filled. A picture of a piece shows seconds over contacts, one line
a work, ours in colour, limits dashed; a piece measured at one size only becomes points.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.suite import KEPT
from tiesa.pictures.charts_frame import Picture, Spec, framed, in_words, inner_width, layer, number_of, texts
from tiesa.pictures.charts_scales import LABEL_SIZE, lookup
from tiesa.pictures.palette import LIGHT, Theme
from tiesa.pictures.svg import text_width

DRAWN = {
    "build": "From the log to journeys: every engine makes the same columns",
    "import": "From a CSV file into the log",
    "read": "Process map, variants and touchpoints from a cold process",
    "filter": "A page's question: one month, one channel",
}
HEIGHT, AXIS, WIDTH = 330, 46, 760
SECONDS = [m * 10**e for e in range(-3, 4) for m in (1, 3)]


def drawn(pieces: list[dict[str, Any]], title: str, *, theme: Theme = LIGHT, width: int = WIDTH) -> Picture:
    """The picture of one piece, measured at these sizes."""
    lines = [
        {"rows": piece["rows"], "seconds": work["seconds"], "low": work["fastest"], "high": work["slowest"],
         "runs": work["runs"], "work": work["work"], "label": work["label"]}
        for piece in pieces for work in piece["works"] if "seconds" in work
    ]  # fmt: skip
    names = list(dict.fromkeys(line["label"] for line in lines))
    room = max(text_width(name, LABEL_SIZE) for name in names) + 16
    plot = inner_width(width) - AXIS - room
    rows, seconds = [line["rows"] for line in lines], [line["seconds"] for line in lines]
    ticks = [t for t in SECONDS if min(seconds) / 3 <= t <= max(seconds) * 3]
    sizes = sorted(set(rows))
    labels = [f"{n / 1e6:g} M" for n in sizes]
    across = {"type": "log", "domain": [min(rows) / 1.25, max(rows) * 1.25], "nice": False}
    upward = {"type": "log", "domain": [min(seconds) / 1.6, max(seconds) * 1.6], "nice": False}
    x = number_of("rows", scale=across, axis={"values": sizes, "labelExpr": lookup(sizes, labels), "grid": False,
                  "title": "contacts", "labelOverlap": False})  # fmt: skip
    y = number_of("seconds", scale=upward, axis={"values": ticks, "title": None, "minExtent": AXIS - 8,
                  "labelExpr": lookup(ticks, [f"{t:g} s" for t in ticks])})  # fmt: skip
    layers: list[Spec] = []
    ends = []
    for name in names:
        line = [each for each in lines if each["label"] == name]
        ours, limit = name.startswith("Tiesa"), name.startswith("limit")
        colour = theme.accent if ours else theme.ink2
        stroke = {"color": colour, "strokeWidth": 2.6 if ours else 1.3, "strokeDash": [5, 4] if limit else [1, 0]}
        layers.append(layer(line, {"type": "line", **stroke}, x=x, y=y))
        layers.append(
            layer(line, {"type": "point", "filled": True, "color": colour, "opacity": 1, "size": 36}, x=x, y=y)
        )
        spans = [{**each, "seconds": each["low"], "to": each["high"]} for each in line if each["high"] > each["low"]]
        if spans:
            rule = {"type": "rule", "color": colour, "strokeWidth": 1.3}
            layers.append(layer(spans, rule, x=x, y=y, y2={"field": "to"}))
        ends.append((line[-1], colour, ours))
    last = [(end, colour, ours) for end, colour, ours in ends if end["rows"] == max(rows)]
    places = _apart([end["seconds"] for end, *_ in last], upward["domain"])
    for end, colour, ours in ends:
        words = {"align": "left", "baseline": "middle", "color": colour, "fontWeight": "bold" if ours else "normal"}
        if end["rows"] == max(rows):
            place = {"x": {"value": plot + 10}, "y": {"value": places[last.index((end, colour, ours))]}}
            layers += texts([{"text": end["label"]}], theme, mark=words, **place)
        else:  # what could not go on is named where it stopped
            words |= {"dx": 8, "dy": 2}
            layers += texts([{**end, "text": end["label"]}], theme, halo=True, mark=words, x=x, y=y)
    facts = [f"{e['label']} {e['seconds']:.3g} s at {e['rows']:,} contacts" for e in lines]
    view: Spec = {"layer": layers, "width": plot, "height": HEIGHT}
    runs = min(e["runs"] for e in lines)
    notes = [f"Median of at least {runs} round{'s' * (runs > 1)}, in turn; both scales logarithmic, lower is faster."]
    table = pa.Table.from_pylist(lines)
    alternative = in_words(title, facts)
    return framed(view, title=title, notes=notes, alternative=alternative, table=table, theme=theme, width=width)


def _apart(seconds: list[float], domain: list[float]) -> list[float]:
    """Where the labels stand, in pixels from the top: beside their lines' ends, a line of text apart."""
    low, high = (math.log(end) for end in domain)
    wanted = sorted(((high - math.log(s)) / (high - low) * HEIGHT, i) for i, s in enumerate(seconds))
    gap = LABEL_SIZE + 4.0
    places = [0.0] * len(seconds)
    at = -gap
    for place, i in wanted:
        at = max(place, at + gap)
        places[i] = at
    over = max(0.0, max(places) - HEIGHT)
    below = float("inf")
    for _place, i in reversed(wanted):  # what went past the foot moves up, and pushes the others only where it must
        places[i] = min(places[i] if over == 0 else min(places[i], HEIGHT), below - gap)
        below = places[i]
    return places


def main(folder: Path, pictures: Path) -> None:
    kept = json.loads((folder / KEPT).read_text("utf-8"))
    sizes = sorted(kept.values(), key=lambda found: next(iter(found.values()))["rows"])
    for name, title in DRAWN.items():
        pieces = [found[name] for found in sizes if name in found]
        if pieces:
            (pictures / f"performance-{name}.svg").write_text(drawn(pieces, title).svg() + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "docs/pictures"))

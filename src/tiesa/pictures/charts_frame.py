"""What every chart shares: the `Picture` it comes as, its frame, colours and locale, its legend, and its empty state.

A chart is a Vega-Lite specification written as a plain dictionary. Altair reads it (`Picture.chart()`), but drawing
needs only the renderer of `static`: a command that makes a picture does not wait for Altair's import.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tiesa.core.locale import _, current_language
from tiesa.pictures.charts_scales import LABEL_SIZE, d3_locale, lookup
from tiesa.pictures.palette import FONT, Theme
from tiesa.pictures.svg import clean, text_width, wrap

if TYPE_CHECKING:
    import altair as alt

Spec = dict[str, Any]

PADDING = {"left": 12, "right": 14, "top": 12, "bottom": 10}
TITLE_SIZE = 14
DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (7, 3), (2, 2), (9, 3, 2, 3), (4, 4), (12, 3))
"""One dash per series, so that lines are told apart without their colours."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with what it says in words and the figures it shows; the texts are in the language it was made in."""

    title: str
    alternative: str
    """The text alternative: what a person who does not see the chart must know, with n and intervals."""
    table: pa.Table
    """The figures drawn, one row per mark."""
    spec: Spec
    """Vega-Lite, data inlined, no address in it."""
    width: int
    """Pixels from edge to edge."""

    def chart(self) -> alt.TopLevelMixin:
        """The chart as Altair's object, to be shown or changed in a notebook. Imports Altair."""
        import altair as alt

        made: alt.TopLevelMixin = alt.Chart.from_dict(self.spec)
        return made

    def svg(self) -> str:
        """The chart as a static SVG."""
        from tiesa.pictures.static import to_svg

        return to_svg(self)

    def png(self, *, scale: float = 2) -> bytes:
        """The chart as PNG, `scale` dots to the pixel."""
        from tiesa.pictures.static import to_png

        return to_png(self, scale=scale)

    def _repr_svg_(self) -> str:
        return self.svg()


def inner_width(width: int) -> int:
    """What is left of a picture's width for the plot with its labels."""
    return width - PADDING["left"] - PADDING["right"]


def framed(
    view: Mapping[str, Any],
    *,
    title: str,
    notes: Sequence[str],
    alternative: str,
    table: pa.Table,
    theme: Theme,
    width: int,
) -> Picture:
    """The finished picture: the view under its title and notes (n, how to read it), themed, in the running language."""
    # The renderer measures with a face a little narrower than some that people have: leave a twentieth.
    room = inner_width(width) * 0.95
    heading: Spec = {
        "text": wrap(clean(title), TITLE_SIZE, room, lines=3, bold=True),
        "subtitle": [line for note in notes for line in wrap(clean(note), LABEL_SIZE, room, lines=3)],
        "anchor": "start",
        "frame": "bounds",
        "offset": 12,
        "fontSize": TITLE_SIZE,
        "subtitleFontSize": LABEL_SIZE,
        "subtitlePadding": 5,
        "subtitleLineHeight": 15,
        "lineHeight": 18,
    }
    spec = {
        "title": heading,
        "description": alternative,
        "background": theme.card,
        "padding": PADDING,
        **view,
        "config": _config(theme),
    }
    return Picture(clean(title), alternative, table, spec, width)


def noted(picture: Picture, note: str) -> Picture:
    """The picture with one more note under its title, and in its text alternative."""
    heading = picture.spec["title"]
    lines = wrap(clean(note), LABEL_SIZE, inner_width(picture.width) * 0.95, lines=3)
    spec = {
        **picture.spec,
        "title": {**heading, "subtitle": [*heading["subtitle"], *lines]},
        "description": f"{picture.alternative} {note}",
    }
    return replace(picture, spec=spec, alternative=f"{picture.alternative} {note}")


def in_words(title: str, facts: Sequence[str]) -> str:
    """The text alternative: the title and what the picture shows, one fact after the other.

    >>> in_words("Waits", ["ours 31 h", "theirs 2 h"])
    'Waits: ours 31 h; theirs 2 h.'
    """
    return clean(f"{title}: {'; '.join(facts)}.")


def empty(*, title: str, table: pa.Table, theme: Theme, width: int) -> Picture:
    """The picture of a table without rows: it says so."""
    words = _("Nothing to draw: the selection holds no such rows (n 0).")
    view = {
        "data": {"values": [{"text": "\n".join(wrap(words, 12, inner_width(width) * 0.9, lines=3))}]},
        "mark": {"type": "text", "fontSize": 12, "color": theme.ink2, "align": "left", "lineBreak": "\n"},
        "encoding": {"text": {"field": "text", "type": "nominal"}, "x": {"value": 0}, "y": {"value": 20}},
        "width": inner_width(width),
        "height": 60,
    }
    return framed(
        view, title=title, notes=[], alternative=clean(f"{title}. {words}"), table=table, theme=theme, width=width
    )


def layer(rows: Sequence[Mapping[str, Any]], mark: Mapping[str, Any], **encoding: Any) -> Spec:
    """One layer: its rows, its mark, its encodings. Where rows carry `says`, that is the tooltip."""
    tooltip = {"tooltip": {"field": "says", "type": "nominal"}} if rows and "says" in rows[0] else {}
    return {"data": {"values": list(rows)}, "mark": dict(mark), "encoding": {**encoding, **tooltip}}


def axis_column(width: float) -> Spec:
    """A vertical axis whose labels take this width, whatever face they are measured with."""
    return {"title": None, "minExtent": width, "maxExtent": width}


def axis_row(values: Sequence[float], labels: Sequence[str], **more: Any) -> Spec:
    """A horizontal axis with these ticks and labels, each centred under its tick."""
    made = {"values": list(values), "labelExpr": lookup(values, labels), "labelFlush": False, "labelOverlap": False}
    return {**made, "grid": False, "title": None, **more}


def side_labels(labels: Sequence[str], theme: Theme, *, y: Mapping[str, Any], over: float | None = None) -> list[Spec]:
    """Labels left of the rows 0, 1, ... of a table, each block of lines centred on its row; or so far over its bar."""
    made: list[Spec] = []
    for breaks in sorted({label.count("\n") for label in labels}):
        rows = [{"line": i, "text": label} for i, label in enumerate(labels) if label.count("\n") == breaks]
        if over is None:
            mark = {"align": "right", "baseline": "middle", "yOffset": -7 * breaks, "color": theme.ink2}
        else:
            mark = {"align": "left", "baseline": "middle", "yOffset": over - 14 * breaks, "fontWeight": "bold"}
        made += texts(rows, theme, mark=mark, x={"value": -8 if over is None else 0}, y=y)
    return made


def unbroken(rows: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The runs of rows that have a value and bounds: a band must not bridge what cannot be judged."""
    runs: list[list[dict[str, Any]]] = [[]]
    for row in rows:
        if row["value"] is None or row["low"] is None or row["high"] is None:
            runs.append([])
        else:
            runs[-1].append(row)
    return [run for run in runs if run]


def number_of(field: str, **more: Any) -> Spec:
    """The encoding of a number."""
    return {"field": field, "type": "quantitative", **more}


def texts(rows: Sequence[Mapping[str, Any]], theme: Theme, *, halo: bool = False, mark: Mapping[str, Any] | None = None,
          **encoding: Any) -> list[Spec]:  # fmt: skip
    """Text marks (field `text`); a halo in the colour of the card keeps them readable on lines."""
    given = {
        "type": "text",
        "fontSize": LABEL_SIZE,
        "color": theme.ink,
        "lineBreak": "\n",
        "lineHeight": 14,
        **(mark or {}),
    }
    says = {"text": {"field": "text", "type": "nominal"}}
    made = [layer(rows, given, **encoding, **says)]
    if halo:
        made.insert(
            0, layer(rows, {**given, "stroke": theme.card, "strokeWidth": 4, "strokeJoin": "round"}, **encoding, **says)
        )
    return made


def legend_text(name: str, figures: str, width: float) -> str:
    """A legend entry of at most `width` pixels: the name and what its figures say, in lines where need be."""
    whole = f"{clean(name)}: {figures}".replace("\n", " ")
    room = width - 38  # the symbol before it
    return whole if text_width(whole, LABEL_SIZE) <= room else "\n".join(wrap(whole, LABEL_SIZE, room, lines=3))


def legend(*, columns: int = 1, **more: Any) -> Spec:
    """A legend above the plot, one entry a line."""
    return {
        "orient": "top",
        "direction": "vertical",
        "columns": columns,
        "title": None,
        "labelExpr": 'split(datum.label, "\\n")',
        "rowPadding": 3,
        "columnPadding": 40,
        "symbolSize": 500,
        "offset": 10,
        **more,
    }


def label_column(labels: Sequence[str], room: float, *, lines: int = 2) -> tuple[list[str], float]:
    """Labels wrapped to at most `room` pixels, and the width that they then take."""
    wrapped = ["\n".join(wrap(clean(label), LABEL_SIZE, room, lines=lines)) or " " for label in labels]
    widths = [text_width(line, LABEL_SIZE) for label in wrapped for line in label.split("\n")]
    return wrapped, min(room, max(widths, default=0.0))


def mixed(first: str, second: str, part: float) -> str:
    """A colour between two (`#rrggbb`): 0 is the first, 1 the second.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{int(a + (b - a) * part + 0.5):02x}" for a, b in pairs)


def series_colours(theme: Theme) -> tuple[str, ...]:
    """Six colours for series that have none of their own."""
    return (theme.accent, theme.us, theme.customer, theme.third_party, theme.flag, theme.nobody)


def _config(theme: Theme) -> Spec:
    quiet = {"labelFontSize": LABEL_SIZE, "titleFontSize": LABEL_SIZE, "titleFontWeight": "normal", "labelLimit": 0}
    return {
        "font": FONT,
        "aria": False,  # the picture as a whole has its text alternative
        "locale": d3_locale(current_language()),
        "customFormatTypes": False,
        "view": {"stroke": None},
        "axis": {
            **quiet,
            "labelColor": theme.ink2,
            "titleColor": theme.ink2,
            "gridColor": theme.line,
            "domainColor": theme.line,
            "tickColor": theme.line,
            "labelLineHeight": 14,
            "titlePadding": 8,
        },
        "legend": {**quiet, "labelColor": theme.ink, "titleColor": theme.ink2},
        "title": {"color": theme.ink, "subtitleColor": theme.ink2},
    }

"""The dotted chart: every contact a dot, every journey a line of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _, ngettext
from tiesa.pictures import charts_marks as marks
from tiesa.pictures.charts_frame import (
    Picture,
    Spec,
    axis_row,
    empty,
    framed,
    in_words,
    inner_width,
    layer,
    legend,
    legend_text,
    number_of,
    series_colours,
)
from tiesa.pictures.charts_marks import Annotation
from tiesa.pictures.charts_scales import LABEL_SIZE, calendar_label, fitting, span, span_ticks
from tiesa.pictures.palette import LIGHT, Theme
from tiesa.pictures.svg import text_width

MOST_JOURNEYS = 300
MOST_DOTS = 1200
"""What one picture can show: more would hide each other and make the file large."""

_SHAPES = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down")
_DAY = 86_400.0
_FOOT, _LEFT = 44, 22  # ticks, labels and title beneath; the title beside


@dataclass(frozen=True, slots=True)
class _Journey:
    name: str
    at: tuple[float, ...]  # seconds since the epoch
    families: tuple[str, ...]

    @property
    def start(self) -> float:
        return self.at[0]

    @property
    def length(self) -> float:
        return self.at[-1] - self.at[0]


def dotted(
    rows: pa.Table,
    *,
    order: Literal["start", "length"] = "start",
    of: int | None = None,
    annotations: Sequence[Annotation] = (),
    title: str | None = None,
    theme: Theme = LIGHT,
    width: int = 640,
) -> Picture:
    """Contacts as dots: time across, journeys down, shape and colour by family of touchpoint (or channel).

    Args: rows: one row per contact: `journey` (any id; not shown), `occurred_at` (timestamp), `family` (str; null:
        other). order: "start": by calendar time, earliest journey on top; "length": time since the journey's start,
        shortest on top.
        of: how many journeys the rows were taken from, where they are every k-th of more. annotations: what was
        changed, as rules down; only where time is the calendar's.
    Returns: at most 300 journeys and about 1,200 dots: every k-th journey in the order, so always the same ones, and
    the picture says how many of how many. The five most frequent families have a shape; the rest are one.
    Source: Song & van der Aalst (2007), Supporting process mining by showing events at a glance.
    """
    title = title or _("Every contact, journey by journey")
    journeys = _journeys(rows, order)
    if not journeys:
        return empty(title=title, table=_table([], {}), theme=theme, width=width)
    shown = _sample(journeys)
    families = _families(shown)
    counts = Counter(families.get(f, _("other")) for journey in shown for f in journey.families)
    drawn = [*dict.fromkeys(families.values()), *([_("other")] if counts[_("other")] else [])]
    labels = {f: legend_text(f, _contacts(counts[f]), width - 60) for f in drawn}
    since = {journey.name: journey.start if order == "length" else 0.0 for journey in shown}
    first = 0.0 if order == "length" else min(j.start for j in shown)
    last = max(j.at[-1] - since[j.name] for j in shown)
    last = last if last > first else first + _DAY
    dots = sorted(
        (drawn.index(families.get(family, _("other"))), line, round(at - since[journey.name]))
        for line, journey in enumerate(shown)
        for at, family in zip(journey.at, journey.families, strict=True)
    )
    values = [{"t": at, "line": line, "family": labels[drawn[family]]} for family, line, at in dots]
    ticks, words = _length_ticks(last, width) if order == "length" else day_ticks(first, last, width)
    plot = inner_width(width) - 24 - text_width(words[-1], LABEL_SIZE) / 2
    height = max(120, min(420, 6 * len(shown)))
    calendar = marks.Axis(first, last, plot, height, _FOOT, _LEFT, width, noon)
    inside = marks.within(annotations, calendar) if order == "start" else []
    axis = axis_row(ticks, words, grid=True, title=_axis_title(order))
    ends: Spec = {"domain": [first, last], "nice": False, "zero": False}
    down: Spec = {"domain": [-0.7, len(shown) - 0.3], "reverse": True, "nice": False, "zero": False}
    said: Spec = {"field": "family", "type": "nominal"}
    domain = [labels[f] for f in drawn]
    columns = 2 if width >= 500 else 1
    key = legend(columns=columns, symbolSize=60, offset=10 + marks.above(inside, calendar))
    picture = layer(
        values,
        {"type": "point", "filled": True, "size": 22, "opacity": 1, "strokeWidth": 0},
        x=number_of("t", scale=ends, axis=axis),
        y=number_of("line", scale=down, axis={"labels": False, "ticks": False, "grid": False, "domain": False,
                    "title": _down_title(order)}),
        color={**said, "scale": {"domain": domain, "range": list(series_colours(theme)[: len(domain)])}, "legend": key},
        shape={**said, "scale": {"domain": domain, "range": list(_SHAPES[: len(domain)])}, "legend": key},
    )  # fmt: skip
    how_many = _how_many(len(shown), of or len(journeys))
    view: Spec = {"layer": [*marks.drawn(inside, calendar, theme), picture]} if inside else picture
    said_in_words = [how_many.rstrip("."), *(label.replace("\n", " ") for label in labels.values())]
    return framed(
        {**view, "width": plot, "height": height},
        title=title,
        notes=[how_many, *marks.note(inside)],
        alternative=in_words(title, [*said_in_words, *marks.facts(inside)]),
        table=_table(shown, families),
        theme=theme,
        width=width,
    )


def noon(day: date) -> float:
    """The middle of a day, in seconds since the epoch."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()


def _journeys(rows: pa.Table, order: str) -> list[_Journey]:
    """Journeys in the order in which they stand, from the rows that carry a time."""
    at = rows["occurred_at"].cast(pa.timestamp("us")).cast(pa.int64()).to_pylist()
    names, families = rows["journey"].cast(pa.string()).to_pylist(), rows["family"].to_pylist()
    found: dict[str, list[tuple[float, str]]] = {}
    for name, moment, family in zip(names, at, families, strict=True):
        if name is not None and moment is not None:
            found.setdefault(name, []).append((moment / 1e6, family or ""))
    made = []
    for name, contacts in found.items():
        contacts.sort()
        made.append(_Journey(name, tuple(t for t, _family in contacts), tuple(family for _time, family in contacts)))
    if order == "length":
        return sorted(made, key=lambda j: (j.length, j.start, j.name))
    return sorted(made, key=lambda j: (j.start, j.name))


def _sample(journeys: Sequence[_Journey]) -> list[_Journey]:
    """Every k-th journey, first and last among them, so that neither 300 journeys nor 1,200 dots are passed."""
    count = min(len(journeys), MOST_JOURNEYS)
    while True:
        taken = sorted({round(i * (len(journeys) - 1) / max(1, count - 1)) for i in range(count)})
        chosen = [journeys[i] for i in taken]
        dots = sum(len(journey.at) for journey in chosen)
        if dots <= MOST_DOTS or count <= 2:
            return chosen
        count = max(2, min(count - 1, count * MOST_DOTS // dots))


def _families(journeys: Sequence[_Journey]) -> dict[str, str]:
    """The families with a shape of their own, the most frequent first."""
    counts = Counter(family for journey in journeys for family in journey.families if family)
    ranked = sorted(counts, key=lambda family: (-counts[family], family))
    room = len(_SHAPES) if len(ranked) == len(_SHAPES) and "" not in counts else len(_SHAPES) - 1
    return {family: family for family in ranked[:room]}


def _how_many(shown: int, all_: int) -> str:
    if shown == all_:
        return _("All {n} journeys.").format(n=formats.number(all_))
    return _("{shown} of {n} journeys, evenly drawn from their order.").format(
        shown=formats.number(shown), n=formats.number(all_)
    )


def _contacts(n: int) -> str:
    return ngettext("{n} contact", "{n} contacts", n).format(n=formats.number(n))


def _axis_title(order: str) -> str:
    return _("since the journey's start") if order == "length" else _("time")


def _down_title(order: str) -> str:
    return _("journeys, longest at the bottom") if order == "length" else _("journeys, latest at the bottom")


def _length_ticks(last: float, width: int) -> tuple[list[float], list[str]]:
    ticks = span_ticks(last, 6 if width >= 500 else 4)
    labels = [span(tick) for tick in ticks]
    kept = fitting(labels, [tick / last * (width - 90) for tick in ticks])
    return [ticks[i] for i in kept], [labels[i] for i in kept]


def day_ticks(first: float, last: float, width: int) -> tuple[list[float], list[str]]:
    """Days or firsts of months as far apart as their labels need."""
    start, end = (datetime.fromtimestamp(t, UTC) for t in (first, last))
    by_month = (end - start) > timedelta(days=75)
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    days = []
    while day <= end:
        if day >= start and (not by_month or day.day == 1):
            days.append(day)
        day += timedelta(days=1)
    days = days or [start]
    labels = [calendar_label(d.date(), month=by_month) for d in days]
    at = [(d.timestamp() - first) / (last - first) * (width - 90) for d in days]
    every = next(k for k in range(1, len(days) + 2) if len(fitting(labels[::k], at[::k])) == len(labels[::k]))
    return [d.timestamp() for d in days[::every]], labels[::every]


def _table(journeys: Sequence[_Journey], families: dict[str, str]) -> pa.Table:
    dots = [(j.name, at, family) for j in journeys for at, family in zip(j.at, j.families, strict=True)]
    return pa.table({
        "journey": pa.array([name for name, _at, _family in dots], pa.string()),
        "occurred_at": pa.array([round(at * 1e6) for _name, at, _family in dots], pa.timestamp("us", "UTC")),
        "family": pa.array([families.get(f, _("other")) for _name, _at, f in dots], pa.string()),
    })  # fmt: skip

"""The pictures of a view, ready to be written: journey map, process map, variants, and the charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core import formats
from tiesa.core.locale import _
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.core.small_groups import withheld
from tiesa.journeys.changes import CHANGES, changes, changes_table, marks_of
from tiesa.journeys.held import held, is_made_up
from tiesa.journeys.questions.waits import owners_in_words
from tiesa.journeys.stages import Stage
from tiesa.journeys.view import View
from tiesa.pictures.charts_frame import Picture
from tiesa.pictures.journey_map import JourneyMap
from tiesa.pictures.palette import Theme
from tiesa.pictures.process_figures import ProcessMap
from tiesa.pictures.small_groups import not_told
from tiesa.reports.picture_file import Drawable

PAGE_WIDTH, PRINT_WIDTH, PHONE_WIDTH = 1040, 680, 340
"""Pixels of a chart, on a page, on paper and on a phone: what is written in it stays readable."""
Show = Literal["frequency", "time"]


def journey_map_picture(
    view: View, *, stages: Sequence[Stage] | None = None, title: str = "", withhold_few: bool = False
) -> Drawable:
    """The journey map of a view. withhold_few: for those who may see figures only."""
    from tiesa.journeys.map import journey_map
    from tiesa.journeys.stages import MOST
    from tiesa.journeys.templates.fitting import stages_for
    from tiesa.pictures.journey_map import draw
    from tiesa.reports.moment_flags import flagged

    stages = tuple(stages if stages is not None else stages_for(view))[:MOST]
    made = journey_map(view, stages=stages, title=title, withhold_few=withhold_few)
    made, moments = flagged(view, made, stages)
    shown = (*([moments] if moments else []), _waits_table(made), _contacts_table(made), _emotion_table(made))
    return Drawable(
        made.title, made.answer, made.in_words(),
        lambda theme, upright, frame: draw(made, theme=theme, upright=upright, frame=frame),
        made.table(), tuple(t for t in shown if len(t)), footer(view, made.contacts, made.journeys, made.made_up),
    )  # fmt: skip


def process_map_picture(
    view: View,
    *,
    detail: float = 0.5,
    show: Show = "frequency",
    title: str = "",
    with_sliders: bool = True,
    withhold_few: bool = False,
) -> Drawable:
    """The process map of a view; on a page of its own with sliders, which take as long to draw as many maps."""
    from tiesa.journeys.graph import process_map
    from tiesa.pictures.process_levels import interactive
    from tiesa.pictures.process_map import draw

    made = process_map(view, title=title, withhold_few=withhold_few)
    shown = (_edges_table(made), _nodes_table(made))
    return Drawable(
        made.title, made.answer, made.in_words(),
        lambda theme, upright, frame: draw(made, theme=theme, show=show, detail=detail, upright=upright, frame=frame),
        made.edges_table(), tuple(t.head(40) for t in shown if len(t)),
        footer(view, made.contacts, made.journeys, made.made_up), interactive(made) if with_sliders else "",
    )  # fmt: skip


def variants_picture(view: View, *, top: int = 10, title: str = "", withhold_few: bool = False) -> Drawable:
    """The ways journeys go, as ribbons."""
    from tiesa.journeys.variants import variants
    from tiesa.pictures.ribbons import draw_ribbons

    made = variants(view, top=top, title=title, withhold_few=withhold_few)
    return Drawable(
        made.title, made.answer, made.in_words(),
        lambda theme, upright, frame: draw_ribbons(made, theme=theme, upright=upright, frame=frame),
        made.table(), (), footer(view, None, made.journeys, made.made_up),
    )  # fmt: skip


def chart_picture(chart: Callable[..., Any], note: str = "") -> Drawable:
    """A chart as a picture. chart: makes the `Picture` from `theme` and `width`."""
    plain = chart()

    def draw(theme: Theme, upright: bool, frame: bool) -> str:
        return str(chart(theme=theme, width=PHONE_WIDTH if upright else PAGE_WIDTH).svg())

    return Drawable(plain.title, "", plain.alternative, draw, plain.table, (), note)


def footer(view: View, contacts: int | None, journeys: int, made_up: bool) -> str:
    """What a picture rests on, in one line."""
    parts = [_("{n} journeys").format(n=formats.number(journeys))]
    if contacts is not None:
        parts.insert(0, _("{n} contacts").format(n=formats.number(contacts)))
    parts.append(_("as of {now} UTC").format(now=formats.moment(view.now)))
    parts.append(_("evidence {n}").format(n=view.evidence.version))
    return " · ".join([*parts, _("made-up company")] if made_up else parts)


def _waits_table(made: JourneyMap) -> ShownTable:
    data = made.waits_table()
    data = data.append_column("whose", owners_in_words(data["owner"])).sort_by([("n", "descending")])
    columns = (
        Shown("stage", _("from")),
        Shown("to_stage", _("to")),
        Shown("whose", _("whose wait")),
        Shown("median_s", _("median"), Kind.SECONDS, "low_s", "high_s"),
        Shown("standard_s", _("standard, business time"), Kind.SECONDS),
        Shown("kept", _("kept"), Kind.SHARE, "kept_low", "kept_high"),
        Shown("n", _("n"), Kind.COUNT),
    )
    return ShownTable("map_waits", _("Waits between stages"), data, columns)


def _contacts_table(made: JourneyMap) -> ShownTable:
    columns = (
        Shown("stage", _("stage")),
        Shown("lane", _("channel")),
        Shown("contacts", _("contacts"), Kind.COUNT),
    )
    return ShownTable("map_contacts", _("Contacts by stage and channel"), made.bubbles_table(), columns)


def _emotion_table(made: JourneyMap) -> ShownTable:
    columns = (
        Shown("stage", _("stage")),
        Shown("mean", _("emotion, −1 to +1"), Kind.SCORE, "low", "high"),
        Shown("n", _("n"), Kind.COUNT),
    )
    return ShownTable("map_emotion", _("Emotion by stage"), made.feelings_table(), columns)


def _edges_table(made: ProcessMap) -> ShownTable:
    data = made.edges_table()
    columns = (
        Shown("from", _("from")),
        Shown("to", _("to")),
        Shown("whose", _("whose wait, mostly")),
        Shown("median_s", _("median"), Kind.SECONDS, "low_s", "high_s"),
        Shown("n", _("n"), Kind.COUNT),
    )
    data = data.append_column("whose", owners_in_words(data["wait_owner"]))
    return ShownTable("graph_edges", _("What follows what"), data, columns)


def _nodes_table(made: ProcessMap) -> ShownTable:
    columns = (
        Shown("touchpoint", _("touchpoint")),
        Shown("contacts", _("contacts"), Kind.COUNT),
        Shown("share", _("of journeys"), Kind.SHARE, "share_low", "share_high"),
        Shown("starts", _("begin here"), Kind.COUNT),
        Shown("ends", _("end here"), Kind.COUNT),
    )
    return ShownTable("graph_nodes", _("Touchpoints"), made.nodes_table(), columns)


def dotted_picture(view: View, *, order: Literal["start", "length"] = "start", title: str = "") -> Drawable:
    """Every contact as a dot, journey by journey: the shape of a whole log at a glance.

    At most 300 journeys are drawn, every k-th in the order, so that the same log always gives the same picture.
    """
    from tiesa.pictures.charts import dotted
    from tiesa.pictures.charts_dotted import MOST_JOURNEYS

    by = "start_at" if order == "start" else "duration_s"
    journeys = view.one("select count(*) from journeys")[0]
    step = max(1, -(-journeys // MOST_JOURNEYS))
    rows = view.table(
        "with chosen as (select customer_key, journey_no from (select customer_key, journey_no, row_number() over "
        "(order by "
        f"{by}, customer_key, journey_no) as place from journeys) where (place - 1) % {step} = 0) "
        "select format('{}-{}', customer_key, journey_no) as journey, occurred_at, touchpoint as family from rows "
        "semi join chosen using (customer_key, journey_no) order by 1, 2, journey_position"
    )

    changed = _changes_in(view, rows["occurred_at"]) if order == "start" else CHANGES.empty_table()

    def chart(**how: Any) -> Picture:
        return dotted(rows, order=order, of=journeys, annotations=marks_of(changed), **how)

    def draw(theme: Theme, upright: bool, frame: bool) -> str:
        return chart(theme=theme, width=PHONE_WIDTH if upright else PAGE_WIDTH).svg()

    plain = chart()
    note = footer(view, None, journeys, is_made_up(view))
    shown = (changes_table(changed),) if changed.num_rows else ()
    return Drawable(title or plain.title, "", plain.alternative, draw, plain.table, shown, note)


def _changes_in(view: View, instants: pa.ChunkedArray) -> pa.Table:
    """What was changed between the first and the last of these instants."""
    bounds = pc.min_max(instants).as_py()
    if bounds["min"] is None:
        return CHANGES.empty_table()
    return changes(view, since=bounds["min"].date(), until=bounds["max"].date())


def waits_picture(view: View, *, title: str = "", withhold_few: bool = False) -> Drawable:
    """How long waits take, by whose they were: the share that was over within each length of time."""
    from tiesa.pictures.charts import wait_distribution

    known = "true" if held(view).knows_owners else "false"
    waits = view.table(
        f"select wait_owner as owner, wait_s::double as wait_s from rows where wait_s is not null and {known}"
    )
    gone = ""
    if withhold_few:
        waits, gone = _without_few(waits)

    def draw(theme: Theme, upright: bool, frame: bool) -> str:
        return wait_distribution(waits, theme=theme, width=PHONE_WIDTH if upright else PAGE_WIDTH).svg()

    plain = wait_distribution(waits)
    journeys = view.one("select count(*) from journeys")[0]
    note = " · ".join(filter(None, (footer(view, None, journeys, is_made_up(view)), gone)))
    said = f"{plain.alternative} {gone}".strip()
    return Drawable(title or plain.title, "", said, draw, plain.table, (), note)


def _without_few(waits: pa.Table) -> tuple[pa.Table, str]:
    """The waits without those of owners that have few, and the sentence about them."""
    counted = pc.value_counts(pc.fill_null(waits["owner"], "")).to_pylist()
    hidden = [counted[i]["values"] for i in withheld([one["counts"] for one in counted])]
    left = pc.invert(pc.is_in(pc.fill_null(waits["owner"], ""), pa.array(hidden, pa.string())))
    return waits.filter(left), not_told(len(hidden))

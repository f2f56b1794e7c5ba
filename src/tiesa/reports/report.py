"""The report for a manager: what is asked first stands first, every figure with its n and interval.

`journey_report` gathers the answers of a view once; `report_html` and `report_pdf` write them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tiesa.core.shown import ShownTable
from tiesa.journeys.held import Held, held, is_made_up
from tiesa.journeys.ladder import Ladder, ladder
from tiesa.journeys.questions.asking import ask
from tiesa.journeys.questions.result import Result
from tiesa.journeys.selection import ALL
from tiesa.journeys.view import View, open_view
from tiesa.pictures.charts_frame import Picture
from tiesa.pictures.palette import PRINT, Theme
from tiesa.reports.journey_pictures import (
    PAGE_WIDTH,
    PHONE_WIDTH,
    PRINT_WIDTH,
    footer,
    journey_map_picture,
    variants_picture,
)
from tiesa.reports.picture_file import Drawable

MAPS = 5
"""Journey types that get a map of their own."""
ROWS = 8
"""Rows of a table that the report shows; files hold all."""


@dataclass(frozen=True)
class Section:
    """One part: a question (or a heading), its answer, what else was found, a picture, tables, how it was made.

    over_time: the same on the calendar, where there is such a picture.
    anchor: its name in links. urgent: look here first. judged: False where the answer says only what is missing.
    """

    anchor: str
    number: int
    question: str
    answer: str
    findings: tuple[str, ...]
    missing: str
    picture: Drawable | None
    over_time: Drawable | None
    tables: tuple[ShownTable, ...]
    method: str
    urgent: bool
    judged: bool


@dataclass(frozen=True)
class Report:
    """Everything a report says.

    headline: the answer that matters most; first: the anchor of its section. notes: what to know about the data.
    """

    title: str
    headline: str
    first: str
    lead: str
    facts: str
    made_up: bool
    sections: tuple[Section, ...]
    maps: tuple[Drawable, ...] = ()
    ways: Drawable | None = None
    ladder: Ladder | None = None
    notes: tuple[str, ...] = ()


def journey_report(
    view: View, *, title: str = "", notes: tuple[str, ...] = (), answers: tuple[Result, ...] = ()
) -> Report:
    """Ask a view everything the library knows to ask today.

    Args: title: else what is selected. notes: sentences about the data, such as rows that could not be read.
    answers: to the six questions, where they are at hand.
    """
    holds = held(view)
    results = [*(answers or ask(view, holds=holds)), *_more(view, holds)]
    sections = tuple(map(section, results))
    first = _first(sections)
    maps = _maps(view)
    contacts, journeys = view.one("select (select count(*) from rows), (select count(*) from journeys)")
    made_up = is_made_up(view)
    return Report(
        title=title or view.selection.in_words()[:1].upper() + view.selection.in_words()[1:],
        headline=first.answer if first else maps[0].answer,
        first=first.anchor if first else "",
        lead=" ".join(first.findings[:1]) if first else "",
        facts=footer(view, contacts, journeys, made_up),
        made_up=made_up,
        sections=sections,
        maps=maps,
        ways=variants_picture(view, top=8),
        ladder=ladder(holds),
        notes=notes,
    )


def _maps(view: View) -> tuple[Drawable, ...]:
    """The journey map; where journeys are of several types, one for each of the most frequent ones."""
    types = view.rows(
        "select journey_type, count(*) as n from journeys where journey_type is not null group by 1 order by n desc, 1 "
        f"limit {MAPS}"
    )
    if view.selection.journey_type is not None or len(types) < 2:
        return (journey_map_picture(view),)
    made = []
    for journey_type, _n in types:
        chosen = replace(view.selection, journey_type=journey_type)
        with open_view(view.home, chosen, scope=view.scope, as_of=view.now, version=view.evidence.version) as one_type:
            made.append(journey_map_picture(one_type, title=journey_type[:1].upper() + journey_type[1:]))
    return tuple(made)


def section(result: Result) -> Section:
    """An answer as a part of the report."""
    return Section(
        anchor=result.name,
        number=result.number,
        question=result.question(),
        answer=result.answer(),
        findings=result.findings(),
        missing=result.missing(),
        picture=picture_of(result),
        over_time=over_time_of(result),
        tables=tuple(table.head(ROWS) for table in result.tables()),
        method=result.explain(),
        urgent=result.needs_attention,
        judged=result.can_be_judged,
    )


def _first(sections: tuple[Section, ...]) -> Section | None:
    """What to put on top: the first answer that needs attention, else the first that can be judged."""
    judged = [s for s in sections if s.judged]
    return next((s for s in judged if s.urgent), judged[0] if judged else None)


def picture_of(result: Result) -> Drawable | None:
    """The picture of an answer, ready to be written; None where it has none."""
    return _drawable(result, result.picture)


def over_time_of(result: Result) -> Drawable | None:
    """The picture of an answer on the calendar, ready to be written; None where it has none."""
    return _drawable(result, result.over_time)


def _drawable(result: Result, chart: Callable[..., Picture | None]) -> Drawable | None:
    made = chart()
    if made is None:
        return None

    def draw(theme: Theme, upright: bool, frame: bool) -> str:
        drawn = chart(theme=theme, width=PHONE_WIDTH if upright else PRINT_WIDTH if theme == PRINT else PAGE_WIDTH)
        return drawn.svg() if drawn else ""

    return Drawable(made.title, result.answer(), made.alternative, draw, made.table, result.tables())


def _more(view: View, holds: Held) -> list[Result]:
    """Answers beside the six questions, those that the data can give."""
    return [answer for ask_one in _others() if (answer := ask_one(view, holds=holds)).can_be_judged]


def _others() -> list[Callable[..., Result]]:
    from tiesa.journeys.optimum import optimum
    from tiesa.journeys.organisations import organisations
    from tiesa.journeys.standards import standards
    from tiesa.journeys.templates import expectations

    return [_moments, optimum, organisations, expectations, standards]


def _moments(view: View, *, holds: Held) -> Result:
    """What the register holds of this evidence; nothing for a part of the journeys, since it is about all of them."""
    from tiesa.moments.kept import Registered

    del holds
    return Registered.of(view.home, view.evidence.version) if view.selection == ALL else Registered((), ())

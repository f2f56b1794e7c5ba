"""The evidence sheet as a file: one HTML page or a PDF, written as the report is."""

from __future__ import annotations

from pathlib import Path

from tiesa.core.locale import _
from tiesa.moments.kept import state_words
from tiesa.moments.sheet import Part, Sheet
from tiesa.pictures.palette import PRINT, Theme
from tiesa.reports.journey_pictures import PAGE_WIDTH, PHONE_WIDTH, PRINT_WIDTH
from tiesa.reports.picture_file import Drawable
from tiesa.reports.report import Report, Section
from tiesa.reports.report_html import report_html
from tiesa.reports.report_pdf import report_pdf
from tiesa.reports.writing import replacing

ROWS = 12
"""Rows of a table that the sheet shows."""


def sheet_report(sheet: Sheet) -> Report:
    """The sheet in the parts of a report."""
    return Report(
        title=_("Evidence sheet: {state}").format(state=state_words(sheet.estimate)),
        headline=sheet.title,
        first="",
        lead=sheet.lead,
        facts=sheet.facts,
        made_up=sheet.made_up,
        sections=tuple(map(_section, sheet.parts)),
    )


def sheet_bytes(sheet: Sheet, kind: str) -> bytes:
    """The sheet as `html` or `pdf`."""
    report = sheet_report(sheet)
    return report_pdf(report) if kind == "pdf" else report_html(report).encode()


def write_sheet(sheet: Sheet, out: Path) -> None:
    """Write a sheet by the file's suffix (.html or .pdf); the file is whole or not there."""
    with replacing(out) as draft:
        draft.write_bytes(sheet_bytes(sheet, out.suffix.removeprefix(".")))


def part_picture(part: Part) -> Drawable | None:
    """The picture of a part, ready to be drawn; None where it has none."""
    if part.draw is None:
        return None
    draw = part.draw
    made = draw(PRINT, PRINT_WIDTH)

    def svg(theme: Theme, upright: bool, frame: bool) -> str:
        del frame
        return draw(theme, PHONE_WIDTH if upright else PRINT_WIDTH if theme == PRINT else PAGE_WIDTH).svg()

    return Drawable(made.title, part.answer, made.alternative, svg, made.table, part.tables)


def _section(part: Part) -> Section:
    return Section(
        anchor=part.name,
        number=0,
        question=part.heading,
        answer=part.answer,
        findings=part.findings,
        missing="",
        picture=part_picture(part),
        over_time=None,
        tables=tuple(table.head(ROWS) for table in part.tables),
        method=part.method,
        urgent=False,
        judged=True,
    )

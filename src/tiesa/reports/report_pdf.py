"""The report as PDF, set by Typst: no browser, no script, no system library."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tiesa.core.locale import _, current_language
from tiesa.core.shown import ShownTable
from tiesa.journeys.ladder import Ladder
from tiesa.pictures.palette import PRINT
from tiesa.reports.picture_file import Drawable
from tiesa.reports.report import Report, Section

_TEMPLATE = "report.typ"


def report_pdf(report: Report) -> bytes:
    """The whole report as a tagged PDF; pictures are vectors in the colours for print."""
    import typst

    with TemporaryDirectory(prefix="tiesa-pdf-") as name:
        folder = Path(name)
        template = resources.files("tiesa.reports") / _TEMPLATE
        (folder / _TEMPLATE).write_text(template.read_text("utf-8"), "utf-8")
        figures = _figures(report, folder)
        (folder / "report.json").write_text(json.dumps(figures, ensure_ascii=False), "utf-8")
        made: bytes = typst.compile(str(folder / _TEMPLATE), root=str(folder), format="pdf")
    return made


def _figures(report: Report, folder: Path) -> dict[str, Any]:
    """Everything the template needs, in words; pictures are written beside it."""
    from tiesa.reports.report_html import made_by

    return {
        "language": current_language().partition("_")[0],
        "colours": {name.removeprefix("--"): value for name, value in PRINT.tokens.items()},
        "title": report.title,
        "headline": report.headline,
        "lead": report.lead,
        "facts": report.facts,
        "made-up": _("made-up company") if report.made_up else "",
        "notes": list(report.notes),
        "sections": [_section(section, folder, report.first) for section in report.sections],
        "maps": [
            _picture(f"{_('The journey as it was lived')}: {one.title}", one, folder, f"map-{n}")
            for n, one in enumerate(report.maps, 1)
        ],
        "ways": _picture(_("The ways journeys go"), report.ways, folder, "ways") if report.ways else None,
        "ladder": _ladder(report.ladder) if report.ladder else None,
        "made-by": made_by(),
    }


def _ladder(ladder: Ladder) -> dict[str, Any]:
    return {
        "title": _("What these data can tell"),
        "answer": ladder.answer(),
        "rungs": [
            {
                "needs": rung.needs,
                "gives": rung.gives,
                "reached": rung.reached,
                "lacking": _("missing: {columns}").format(columns=", ".join(rung.lacking)) if rung.lacking else "",
            }
            for rung in ladder.rungs
        ],
    }


def _section(section: Section, folder: Path, first: str) -> dict[str, Any]:
    pictures = []
    for name, picture in ((section.anchor, section.picture), (f"{section.anchor}-over-time", section.over_time)):
        if picture:
            (folder / f"{name}.svg").write_text(picture.draw(PRINT, False, False), "utf-8")
            pictures.append({"file": f"{name}.svg", "alternative": picture.alternative})
    missing = _("It would take: {column}.").format(column=section.missing) if section.missing else ""
    return {
        "number": section.number,
        "question": section.question,
        "answer": section.answer,
        "findings": list(section.findings),
        "missing": missing,
        "pictures": pictures,
        "tables": [_table(table.narrowed(99)) for table in section.tables],
        "method": section.method,
        "urgent": section.urgent,
        "look": _("Look here first") if section.anchor == first else _("Needs attention"),
        "judged": section.judged,
    }


def _picture(title: str, picture: Drawable, folder: Path, name: str) -> dict[str, Any]:
    drawn = picture.draw(PRINT, False, False)
    (folder / f"{name}.svg").write_text(drawn, "utf-8")
    return {
        "title": title,
        "answer": picture.answer,
        "file": f"{name}.svg",
        "alternative": picture.alternative,
        "wide": _is_wide(drawn),
    }


def _is_wide(drawing: str) -> bool:
    """Does the drawing fill a page better when that lies on its side?"""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing)
    return found is not None and float(found[1]) > 1.1 * float(found[2])


def _table(table: ShownTable) -> dict[str, Any]:
    return {
        "title": table.title,
        "headings": list(table.headings),
        "numbers": [column.is_number for column in table.columns],
        "rows": [list(cells) for cells in table.cells()],
        "note": table.note,
    }

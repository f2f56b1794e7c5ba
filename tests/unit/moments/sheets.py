"""Evidence sheets of estimates as `kept_estimates` makes them, and what they say."""

from __future__ import annotations

from typing import Any

from tests.unit.moments.kept_estimates import estimate

from tiesa.journeys.view import View
from tiesa.moments.sheet import Part, Sheet, evidence_sheet
from tiesa.pictures.palette import LIGHT


def sheet(view: View, *kept: dict[str, Any], **how: Any) -> Sheet:
    return evidence_sheet(view, [{"version": 1} | one for one in kept or (estimate(),)], **how)


def part(made: Sheet, name: str) -> Part:
    return next(one for one in made.parts if one.name == name)


def text(made: Sheet) -> str:
    """Everything the sheet says, its tables and pictures too."""
    said = [made.title, made.lead, made.facts]
    for one in made.parts:
        said += [one.heading, one.answer, *one.findings, one.method]
        said += [cell for table in one.tables for cells in table.cells() for cell in cells]
        said += [one.draw(LIGHT, 640).alternative] if one.draw else []
    return "\n".join(said)

"""`tiesa questions`: the six questions, answered for everything or for what is selected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tiesa.cli.options import JsonOption, print_json, working
from tiesa.cli.selecting import Asked, selecting
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _

if TYPE_CHECKING:
    from tiesa.journeys.questions.result import Result
    from tiesa.journeys.view import View


def register(app: typer.Typer) -> None:
    app.command("questions", help=_("Answer the six questions of a customer journey."))(questions)


@selecting
def questions(
    asked: Asked,
    number: Annotated[int, typer.Option("--number", help=_("One question, 1 to 6 (else all)."))] = 0,
    explain: Annotated[bool, typer.Option("--explain", help=_("Say how each figure was made."))] = False,
    brief: Annotated[bool, typer.Option("--brief", help=_("Answers only, no tables."))] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help=_("Write the tables: a folder, .xlsx, .csv, .parquet; of one question also .svg, .png, .html."),
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.journeys.questions.asking import NUMBERS, ask, asker
    from tiesa.journeys.view import open_view

    numbers = [number] if number else list(NUMBERS)
    for one in numbers:
        asker(one)
    with open_view(asked.home, asked.selection, as_of=asked.as_of) as view, working(_("Looking for answers")):
        results = list(ask(view, numbers))
        facts = facts_of(view)
    if out:
        for path in _write(results, out):
            typer.echo(_("Written: {path}").format(path=path))
        return
    if as_json:
        print_json({**facts, "questions": [result.as_plain() for result in results]})
        return
    _show(results, facts, explain=explain, rows=0 if brief else 8)


def _write(results: list[Result], out: Path) -> list[Path]:
    """The tables of all answers, or the picture of one."""
    from tiesa.reports.picture_file import write_picture
    from tiesa.reports.report import picture_of
    from tiesa.reports.tables import write_tables

    if out.suffix not in (".svg", ".png", ".html"):
        return write_tables([table for result in results for table in result.tables()], out)
    picture = picture_of(results[0]) if len(results) == 1 else None
    if picture is None:
        what = (
            _("There is no picture of all six questions") if len(results) > 1 else _("These data give no picture of it")
        )
        raise WrongUsage(what, where="--out", remedy=_("Name one question with --number, or a table such as out.xlsx"))
    write_picture(picture, out)
    return [out]


def facts_of(view: View) -> dict[str, object]:
    """What an answer rests on: selection, counts, now, evidence number."""
    from tiesa.journeys.held import is_made_up

    journeys, customers = view.one("select count(*), count(distinct customer_key) from journeys")
    return {
        "selection": view.selection.in_words(),
        "journeys": journeys,
        "customers": customers,
        "as_of": view.now,
        "version": view.evidence.version,
        "made_up": is_made_up(view),
    }


def _show(results: list[Result], facts: dict[str, object], *, explain: bool, rows: int) -> None:
    from rich.console import Console

    from tiesa.cli.shown import heading, show_result

    console = Console(highlight=False)
    selection = str(facts["selection"])
    heading(console, selection[:1].upper() + selection[1:], facts_in_words(facts))
    for result in results:
        show_result(console, result, rows=rows, explain=explain)
    console.print()


def facts_in_words(facts: dict[str, object]) -> str:
    """What an answer rests on, in one line."""
    from datetime import datetime

    from tiesa.core import formats

    now = facts["as_of"]
    assert isinstance(now, datetime)
    parts = [
        _("{n} journeys").format(n=formats.number(int(str(facts["journeys"])))),
        _("{n} customers").format(n=formats.number(int(str(facts["customers"])))),
        _("as of {now} UTC").format(now=formats.moment(now)),
        _("evidence {n}").format(n=facts["version"]),
    ]
    return " · ".join([*parts, _("made-up company")] if facts["made_up"] else parts)

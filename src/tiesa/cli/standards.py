"""`tiesa standards`: are the standards kept, do customers get what they expect; and the statutory deadlines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiesa.cli.options import JsonOption, LanguageOption, print_json, speaking, working
from tiesa.cli.selecting import Asked, selecting
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _

if TYPE_CHECKING:
    from tiesa.core.shown import ShownTable
    from tiesa.journeys.questions.result import Result


def register(app: typer.Typer) -> None:
    app.command("standards", help=_("Say which standards are kept, and whether customers get what they expect."))(
        standards
    )


@selecting
def standards(
    asked: Asked,
    deadlines: Annotated[
        bool, typer.Option("--deadlines", help=_("List the statutory deadlines for complaints instead."))
    ] = False,
    country: Annotated[str, typer.Option("--country", help=_("With --deadlines: of this country, such as RS."))] = "",
    explain: Annotated[bool, typer.Option("--explain", help=_("Say how each figure was made."))] = False,
    brief: Annotated[bool, typer.Option("--brief", help=_("Answers only, no tables."))] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help=_("Write the tables here: a folder, or .xlsx, .csv, .parquet."))
    ] = None,
    language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    if country and not deadlines:
        raise WrongUsage(_("Only deadlines have a country"), where="--country", remedy=_("Give --deadlines too"))
    with speaking(language):
        if deadlines:
            _deadlines(asked, country, out, as_json)
        else:
            _standards(asked, out, as_json, explain=explain, rows=0 if brief else 12)


def _deadlines(asked: Asked, country: str, out: Path | None, as_json: bool) -> None:
    from tiesa.journeys.deadlines import deadlines_table, in_country, read_deadlines

    found = read_deadlines(asked.home)
    table = deadlines_table(in_country(found, country) if country else found)
    if out:
        _write([table], out)
    elif as_json:
        print_json({"deadlines": table.data.to_pylist(), "note": table.note})
    else:
        from rich.console import Console
        from rich.markup import escape

        from tiesa.cli.shown import heading

        console = Console(highlight=False)
        heading(console, table.title, table.note)
        for row in table.data.to_pylist():
            longest = " " + _("(at the longest {n})").format(n=row["longest"]) if row["longest"] else ""
            console.print(
                "\n  [bold]" + escape(f"{row['country']}  {row['called']}: {row['deadline']}") + "[/bold]" + longest
            )
            named = _("In the rules: `{kind}`").format(kind=row["kind"]) if row["called"] != row["kind"] else ""
            for line in filter(None, (row["source"], row["note"], row["checked"], named)):
                console.print("  [dim]" + escape(line) + "[/dim]")
        if not len(table):
            console.print(_("There is no deadline for {country} in the table.").format(country=country))
        console.print()


def _standards(asked: Asked, out: Path | None, as_json: bool, *, explain: bool, rows: int) -> None:
    from tiesa.cli.asking import facts_in_words, facts_of
    from tiesa.journeys.held import held
    from tiesa.journeys.standards import standards as measured
    from tiesa.journeys.templates import expectations
    from tiesa.journeys.view import open_view

    with open_view(asked.home, asked.selection, as_of=asked.as_of) as view, working(_("Measuring")):
        holds = held(view)
        results: list[Result] = [measured(view, holds=holds), expectations(view, holds=holds)]
        facts: dict[str, Any] = facts_of(view)
    if out:
        _write([t for result in results for t in result.tables()], out)
        return
    if as_json:
        print_json({**facts, **{result.name: result.as_plain() for result in results}})
        return
    from rich.console import Console

    from tiesa.cli.shown import heading, show_result

    console = Console(highlight=False)
    headings = (_("Standards"), _("What customers expect"))
    for title, result in zip(headings, results, strict=True):
        heading(console, title, facts_in_words(facts))
        show_result(console, result, rows=rows, explain=explain)
    console.print()


def _write(tables: list[ShownTable], out: Path) -> None:
    from tiesa.reports.tables import write_tables

    for path in write_tables(tables, out):
        typer.echo(_("Written: {path}").format(path=path))

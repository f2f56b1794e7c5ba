"""`tiesa build`: journeys from the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tiesa.cli.options import HomeOption, JsonOption, home_of, print_json, working
from tiesa.core.locale import _, ngettext


def register(app: typer.Typer) -> None:
    app.command("build", help=_("Make journeys from the log."))(build_journeys)


def build_journeys(
    rules: Annotated[
        Path | None, typer.Option("--rules", help=_("Rules file (else rules/journeys.toml of the home)."))
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help=_("Make everybody's journeys anew, though few contacts are new."))
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.journeys.build import build, facts_of
    from tiesa.journeys.rules import read_rules_file

    with working(_("Making journeys")):
        result = build(home_of(home), rules=read_rules_file(rules) if rules else None, full=full)
    if as_json:
        print_json(facts_of(result))
        return
    typer.echo(
        _(
            "{contacts:,} contacts of {customers:,} customers: {journeys:,} journeys, in {seconds:.1f} s (evidence "
            "{version})"
        ).format(
            contacts=result.contacts,
            customers=result.customers,
            journeys=result.journeys,
            seconds=result.seconds,
            version=result.version,
        )
    )
    if result.touched == 0:
        typer.echo(_("Nothing was new; the journeys stand as they were"))
    elif result.touched is not None:
        typer.echo(
            ngettext(
                "Of these, {n:,} customer has new contacts and was made anew",
                "Of these, {n:,} customers have new contacts and were made anew",
                result.touched,
            ).format(n=result.touched)
        )
    for note in result.notes:
        typer.echo("! " + note)

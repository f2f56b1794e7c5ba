"""`tiesa export`: contacts and journeys taken out again, in formats other programs read."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tiesa.cli.options import HomeOption, JsonOption, home_of, print_json, working
from tiesa.core.locale import _


def register(app: typer.Typer) -> None:
    app.command("export", help=_("Take contacts and journeys out, for other programs."))(export_log)


def export_log(
    form: Annotated[str, typer.Option("--format", help=_("One of: xes, ocel, csv, xlsx, parquet."))],
    out: Annotated[Path, typer.Option("--out", help=_("File to write (.gz packs xes, ocel and csv)."))],
    what: Annotated[
        str, typer.Option("--what", help=_("contacts or journeys; xes and ocel always hold both."))
    ] = "contacts",
    names: Annotated[
        bool, typer.Option("--names", help=_("Customers by their own ids (personal data), not by numbers."))
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.reports.export import export

    with working(_("Writing {file}").format(file=out.name)):
        result = export(home_of(home), out, format=form, what=what, names=names)
    if as_json:
        print_json(asdict(result))
        return
    typer.echo(
        _("{contacts:,} contacts of {customers:,} customers in {journeys:,} journeys: {file} ({bytes:,} bytes)").format(
            contacts=result.contacts,
            customers=result.customers,
            journeys=result.journeys,
            file=result.path,
            bytes=result.bytes,
        )
    )
    for note in result.notes:
        typer.echo("! " + note)

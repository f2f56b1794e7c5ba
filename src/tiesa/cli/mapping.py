"""`tiesa mapping FILE`: how the file's columns would become ours, as TOML to keep and edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tiesa.cli.importing import _table
from tiesa.cli.options import JsonOption, print_json, working
from tiesa.core.locale import _


def register(app: typer.Typer) -> None:
    app.command("mapping", help=_("Propose a mapping for a file, with a reason for each column."))(propose_mapping)


def propose_mapping(
    file: Annotated[Path, typer.Argument(help=_("The file to look at."))],
    table: Annotated[str, typer.Option("--as", help=_("What the rows are: contact, customer, outcome, answer, ..."))] = "",
    out: Annotated[Path | None, typer.Option("--out", help=_("Write the mapping to this file."))] = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.contacts.proposal import propose
    from tiesa.contacts.readers import open_source
    from tiesa.contacts.recognise import fitting, source_name

    with working(_("Looking at {file}").format(file=file.name)):
        source = open_source(file)
        proposal = propose(source, _table(table), source_name=source_name(source))
        ready = fitting(source)
    if as_json:
        print_json({"toml": proposal.to_toml(), "reasons": proposal.reasons, "left": proposal.left, "ready": [m.source for m in ready]})
        return
    text = proposal.to_toml()
    if ready:
        text = "# " + _("A ready mapping fits this file: {title}. `tiesa import` uses it unless --mapping is given.").format(
            title=ready[0].title or ready[0].source
        ) + "\n" + text
    if out:
        out.write_text(text, "utf-8")
        typer.echo(_("Written to {file}. Try it: tiesa import --dry-run --mapping {file} {data}").format(file=out, data=file))
    else:
        typer.echo(text)

"""`tiesa mapping FILE`: how the file's columns would become ours, as TOML to keep and edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tiesa.cli.options import HomeOption, JsonOption, TableOption, home_of, print_json, table_of, working
from tiesa.core.locale import _, told


def register(app: typer.Typer) -> None:
    app.command("mapping", help=_("Propose a mapping for a file, with a reason for each column."))(propose_mapping)


def propose_mapping(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The file to look at."))],
    table: TableOption = "",
    out: Annotated[Path | None, typer.Option("--out", help=_("Write the mapping to this file."))] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.contacts.contract import is_contract
    from tiesa.contacts.proposal import Proposal, propose, system_name
    from tiesa.contacts.readers import open_source
    from tiesa.contacts.recognise import recognise
    from tiesa.reports.writing import replacing

    with working(_("Looking at {file}").format(file=file.name)):
        source = open_source(file)
        known, how = recognise(source, home_of(home), table_of(table))
        if is_contract(known):  # nothing to propose: each column is ours already
            proposal = Proposal(known, {}, {c: _("not ours") for c in source.columns if c not in known.columns})
        else:
            proposal = propose(source, table_of(table), source_name=system_name(file.name))
    if as_json:
        print_json({"toml": proposal.to_toml(), "reasons": proposal.reasons, "left": proposal.left, "import_uses": how})
        return
    text = proposal.to_toml()
    if how != "proposed":
        note = _("`tiesa import` reads this file with a mapping it knows ({title}) unless --mapping is given.")
        text = "# " + note.format(title=told(known.title) or known.source) + "\n" + text
    if out:
        with replacing(out) as draft:
            draft.write_text(text, "utf-8")
        typer.echo(
            _("Written to {file}. Try it: tiesa import --dry-run --mapping {file} {data}").format(file=out, data=file)
        )
    else:
        typer.echo(text)

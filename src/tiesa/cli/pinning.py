"""`tiesa pin`, `tiesa pins`, `tiesa unpin`: evidence that is kept for good."""

from __future__ import annotations

from typing import Annotated

import typer

from tiesa.cli.options import HomeOption, JsonOption, home_of, print_json
from tiesa.core.locale import _


def register(app: typer.Typer) -> None:
    app.command("pin", help=_("Keep an evidence number for good."))(pin_version)
    app.command("pins", help=_("List what is kept for good."))(list_pins)
    app.command("unpin", help=_("Let go of a kept evidence number."))(unpin_version)


VersionArgument = Annotated[
    int, typer.Argument(metavar="VERSION", help=_("An evidence number, as `tiesa build` says."))
]


def pin_version(
    version: VersionArgument,
    why: Annotated[str, typer.Option("--why", help=_("What rests on it."))] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.upkeep.pins import pin

    made = pin(home_of(home), version, why=why)
    if as_json:
        print_json(made)
    else:
        typer.echo(_("Evidence {n} is kept: {why}").format(n=made.evidence, why=made.why))


def list_pins(home: HomeOption = None, as_json: JsonOption = False) -> None:
    from tiesa.upkeep.pins import pins

    target = home_of(home)
    target.check()
    held = pins(target)
    if as_json:
        print_json(list(held))
        return
    if not held:
        typer.echo(_("Nothing is pinned."))
    for one in held:
        line = _("evidence {n}  {at:%Y-%m-%d}  {by}  {why}")
        typer.echo(line.format(n=one.evidence, at=one.at, by=one.by, why=one.why))


def unpin_version(version: VersionArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    from tiesa.upkeep.pins import unpin

    gone = unpin(home_of(home), version)
    if as_json:
        print_json(gone)
    else:
        typer.echo(_("Evidence {n} is no longer kept").format(n=gone.evidence))

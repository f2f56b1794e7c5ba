"""`tiesa rules`: show, check and change the rules of a home."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tiesa.cli.options import HomeOption, JsonOption, home_of, print_json
from tiesa.core.errors import UnusableInput
from tiesa.core.home import Home
from tiesa.core.locale import _


def register(app: typer.Typer) -> None:
    app.command("rules", help=_("Show or change the rules of a home: journeys, standards, visibility, deadlines."))(
        rules
    )


def rules(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help=_("Which rules (else all are listed)."))] = "",
    set_: Annotated[
        Path | None,
        typer.Option("--set", metavar="FILE", help=_("Check this file and make it the rules of that name.")),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.upkeep.rule_files import RULE_FILES, read_text, rule_file

    target = home_of(home)
    if not name:
        found = {one.name: bool(read_text(target, one.name)) for one in RULE_FILES.values()}
        if as_json:
            print_json(found)
            return
        for one in RULE_FILES.values():
            state = "" if found[one.name] else "  " + _("(none of your own yet)")
            typer.echo(f"{one.name:<11} {one.meaning()}{state}")
        return
    one = rule_file(name)
    if set_ is None:
        text = read_text(target, name)
        if as_json:
            print_json({"name": name, "text": text})
        else:
            typer.echo(text or one.example(), nl=False)
            if not text:
                typer.echo(_("(An example: this home has none of its own yet.)"), err=True)
        return
    try:
        text = set_.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput(
            _("This file cannot be read"), where=str(set_), remedy=_("Give a text file in UTF-8")
        ) from error
    before = change(target, name, text)
    if as_json:
        print_json({"name": name, "changed": before.strip() != text.strip()})
    elif one.needs_build:
        typer.echo(_("Kept. Journeys follow at the next `tiesa build`."))
    else:
        typer.echo(_("Kept; it holds at once."))


def change(home: Home, name: str, text: str) -> str:
    """By the one function; where the home has an application, with its history and audit log."""
    from tiesa.upkeep.rule_files import write_rules

    if not os.environ.get("TIESA_DATABASE_URL") and not (home.root / "app" / "tiesa.sqlite3").exists():
        return write_rules(home, name, text)
    from tiesa.app import serving

    serving.set_up(home)
    serving.prepare()
    from tiesa.app.insight.rules_work import change_rules

    return change_rules(home, name, text, by="command line").before

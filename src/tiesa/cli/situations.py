"""`tiesa situations`: the situations that people define themselves, to be tested in any case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tiesa.cli.options import HomeOption, JsonOption, home_of, print_json
from tiesa.core.errors import UnusableInput, WrongUsage
from tiesa.core.locale import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tiesa.core.home import Home
    from tiesa.moments.defined import Given


def register(app: typer.Typer) -> None:
    app.command("situations", help=_("List, check, add or remove situations of your own, tested in any case."))(
        situations
    )


def situations(
    check: Annotated[
        Path | None, typer.Option("--check", metavar="FILE", help=_("Only say whether this file can be read."))
    ] = None,
    add: Annotated[
        Path | None, typer.Option("--add", metavar="FILE", help=_("Add the situations of this file to your own."))
    ] = None,
    remove: Annotated[str, typer.Option("--remove", metavar="NAME", help=_("Take away the one of this name."))] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    if sum(map(bool, (check, add, remove))) > 1:
        raise WrongUsage(_("One thing at a time"), remedy=_("Give --check, --add or --remove"))
    from tiesa.moments.defined import parse_situations, read_situations

    target = home_of(home)
    if check:
        _show(parse_situations(_text(check)), as_json=as_json)
        return
    if add or remove:
        _change(target, add, remove)
    _show(read_situations(target), as_json=as_json)


def _change(home: Home, add: Path | None, remove: str) -> None:
    from tiesa.cli.ruling import change
    from tiesa.moments.defined import added, parse_situations, without
    from tiesa.upkeep.rule_files import read_text

    text = read_text(home, "situations")
    if add:
        more = _text(add)
        if not parse_situations(more):
            raise UnusableInput(_("There is no situation in this file"), where=str(add), remedy="[[situations]]")
        text = added(text, more)
    else:
        text = without(text, remove)
    change(home, "situations", text)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput(
            _("This file cannot be read"), where=str(path), remedy=_("Give a text file in UTF-8")
        ) from error


def _show(found: Sequence[Given], *, as_json: bool) -> None:
    from tiesa.moments.words import situation_in_words

    if as_json:
        listed = [
            {"name": one.name, "id": one.situation.id, "situation": situation_in_words(one.situation)}
            | {"condition": one.situation.as_plain()}
            for one in found
        ]
        print_json({"situations": listed})
        return
    typer.echo(ngettext("{n} situation", "{n} situations", len(found)).format(n=len(found)))
    for one in found:
        typer.echo(f"{one.situation.id}  {one.name}: {situation_in_words(one.situation)}")

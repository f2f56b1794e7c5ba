"""`tiesa joins`, `join`, `part`: which customer ids are one person, what may be, and a person's word on it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tiesa.cli.options import HomeOption, JsonOption, home_of, print_json, working
from tiesa.core.locale import _, ngettext

if TYPE_CHECKING:
    from tiesa.journeys.joining.alike import Proposal
    from tiesa.journeys.joining.deciding import Joined


def register(app: typer.Typer) -> None:
    app.command("joins", help=_("Show which customer ids are one person, and which may be, with the evidence."))(joins)
    app.command("join", help=_("Say that customers are one person; their journeys follow at the next build."))(join)
    app.command("part", help=_("Say that a customer is not the person it is joined with."))(part)


def joins(
    most: Annotated[int, typer.Option("--most", help=_("So many proposals are shown."))] = 20,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.journeys.joining.alike import proposals
    from tiesa.journeys.joining.deciding import apply_rules
    from tiesa.journeys.joining.words import conflict_in_words, evidence_in_words

    place = home_of(home)
    with working(_("Comparing")):
        joined = apply_rules(place)
        found = proposals(place, limit=most)
    if as_json:
        print_json({**asdict(joined), "proposals": asdict(found)})
        return
    typer.echo(_standing(joined, found.numbers))
    for conflict in joined.conflicts:
        typer.echo(f"! {conflict_in_words(conflict)}")
    if found.found:
        said = ngettext("{n:,} pair may be one person:", "{n:,} pairs may be one person:", found.found)
        typer.echo(said.format(n=found.found))
    for one in found.items:
        typer.echo(f"  {_pair(one)}  {'; '.join(evidence_in_words(one, found.numbers))}")
    if found.items:
        typer.echo(_("Join them: tiesa join {low} {high}").format(low=found.items[0].low, high=found.items[0].high))


def join(
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER...", help=_("Customer numbers, two or more."))],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.journeys.joining import deciding
    from tiesa.upkeep.pins import account

    _told(deciding.join(home_of(home), numbers, by=account()), as_json)


def part(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help=_("Its customer number."))],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.journeys.joining import deciding
    from tiesa.upkeep.pins import account

    _told(deciding.part(home_of(home), number, by=account()), as_json)


def _told(joined: Joined, as_json: bool) -> None:
    if as_json:
        print_json(asdict(joined))
        return
    typer.echo(_standing(joined))
    typer.echo(_("Journeys follow at the next build: tiesa build"))


def _standing(joined: Joined, numbers: int | None = None) -> str:
    if not joined.persons:
        return _("Every customer stands under one number.")
    said = ngettext(
        "{n:,} person stands under several numbers, {numbers:,} together",
        "{n:,} persons stand under several numbers, {numbers:,} together",
        joined.persons,
    ).format(n=joined.persons, numbers=joined.numbers)
    return said + (_(", of {n:,} numbers.").format(n=numbers) if numbers else ".")


def _pair(one: Proposal) -> str:
    return _("{low} and {high}").format(low=one.low, high=one.high)

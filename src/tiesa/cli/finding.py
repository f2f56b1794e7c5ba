"""`tiesa moments`: which contacts decide whether a customer leaves, what each does, and how that was found."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiesa.cli.options import JsonOption, print_json, working
from tiesa.cli.selecting import Asked, selecting
from tiesa.core.enums import OutcomeKind
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _

if TYPE_CHECKING:
    from tiesa.journeys.view import View
    from tiesa.moments.finding import Found
    from tiesa.moments.truth import Score


def register(app: typer.Typer) -> None:
    app.command("moments", help=_("Find the contacts that decide whether a customer leaves."))(moments)


@selecting
def moments(
    asked: Asked,
    moment: Annotated[str, typer.Argument(metavar="ID", help=_("One moment, by its id (else find all)."))] = "",
    outcome: Annotated[
        str, typer.Option("--outcome", help=_("What customers do in the end: left, dormant or product_closed."))
    ] = OutcomeKind.LEFT.value,
    horizon: Annotated[str, typer.Option("--horizon", help=_("How long after a contact it counts, such as 180d."))] = (
        "180d"
    ),
    rows: Annotated[
        Path | None, typer.Option("--rows", help=_("Write the contacts at which a moment came true (.parquet)."))
    ] = None,
    truth: Annotated[
        Path | None, typer.Option("--truth", help=_("Score what is confirmed against a file of known truth."))
    ] = None,
    steps: Annotated[bool, typer.Option("--steps", help=_("Show every step of the search."))] = False,
    explain: Annotated[bool, typer.Option("--explain", help=_("Say how each figure was made."))] = False,
    as_json: JsonOption = False,
) -> None:
    if bool(moment) != bool(rows):
        what = _("A moment's contacts need an id and a file")
        raise WrongUsage(what, where="--rows", remedy=_("Give both: `tiesa moments ID --rows contacts.parquet`"))
    from tiesa.journeys.view import open_view

    with open_view(asked.home, asked.selection, as_of=asked.as_of) as view:
        if rows:
            _write_rows(view, moment, rows, as_json=as_json)
            return
        from tiesa.moments.finding import find_moments
        from tiesa.moments.register import keep
        from tiesa.moments.truth import score

        with working(_("Looking for moments of truth")):
            found = find_moments(view, outcome=_outcome(outcome), horizon=_span(horizon))
            scored = score(view, found, truth) if truth else None
        keep(asked.home, found.moments)
    _show(found, scored, as_json=as_json, steps=steps, explain=explain)


def _outcome(name: str) -> OutcomeKind:
    known = (OutcomeKind.LEFT, OutcomeKind.DORMANT, OutcomeKind.PRODUCT_CLOSED)
    if name not in known:
        what = _("{value!r} is no outcome that can be looked at").format(value=name)
        raise WrongUsage(what, where="--outcome", remedy=", ".join(known))
    return OutcomeKind(name)


def _span(text: str) -> timedelta:
    number = text.removesuffix("d")
    if not number.isdecimal() or not 1 <= int(number) <= 730:
        raise WrongUsage(
            _("{value!r} is no number of days from 1 to 730").format(value=text), where="--horizon", remedy="180d"
        )
    return timedelta(days=int(number))


def _write_rows(view: View, moment: str, path: Path, *, as_json: bool) -> None:
    import pyarrow.parquet as pq

    from tiesa.core.whole_files import replacing
    from tiesa.moments.exposed import exposed_contacts
    from tiesa.moments.register import estimates

    kept = estimates(view.home, moment)[-1]
    table = exposed_contacts(view, kept)
    with replacing(path) as draft:
        pq.write_table(table, draft)
    if as_json:
        print_json({"id": moment, "file": str(path), "contacts": table.num_rows})
        return
    typer.echo(_("Written: {path}").format(path=path))


def _show(found: Found, scored: Score | None, *, as_json: bool, steps: bool, explain: bool) -> None:
    result = found.moments
    if as_json:
        answer: dict[str, Any] = result.as_plain()
        print_json(answer | {"truth": scored.as_plain()} if scored else answer)
        return
    from rich.console import Console

    from tiesa.cli.shown import say, show_result

    console = Console(highlight=False)
    show_result(console, result, rows=len(result.moments), explain=explain)
    for line in result.steps if steps else ():
        say(console, line, "dim")
    if scored:
        console.print()
        for line in scored.in_words():
            say(console, line)
    console.print()

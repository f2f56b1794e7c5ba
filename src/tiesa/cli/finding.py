"""`tiesa moments`: which contacts decide whether a customer leaves, what each does, and how that was found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiesa.cli.options import JsonOption, days_of, print_json, working
from tiesa.cli.reporting import check_format
from tiesa.cli.selecting import Asked, selecting
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _

if TYPE_CHECKING:
    from tiesa.journeys.view import View
    from tiesa.moments.finding import Found
    from tiesa.moments.outcomes import Outcome
    from tiesa.moments.sheet import Sheet
    from tiesa.moments.truth import Score


def register(app: typer.Typer) -> None:
    app.command("moments", help=_("Find the contacts that decide whether a customer leaves."))(moments)


@selecting
def moments(
    asked: Asked,
    moment: Annotated[str, typer.Argument(metavar="ID", help=_("One moment, by its id (else find all)."))] = "",
    outcome: Annotated[
        list[str] | None,
        typer.Option("--outcome", help=_("What to explain, such as left or score (else all but solved; repeatable).")),
    ] = None,
    horizon: Annotated[
        str, typer.Option("--horizon", help=_("How long after a contact it counts, such as 180d (else as documented)."))
    ] = "",
    rows: Annotated[
        Path | None, typer.Option("--rows", help=_("Write the contacts at which a moment came true (.parquet)."))
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=_("Write a moment's evidence sheet (.html or .pdf)."))
    ] = None,
    words: Annotated[bool, typer.Option("--words", help=_("In the sheet, also what customers wrote."))] = False,
    truth: Annotated[
        Path | None, typer.Option("--truth", help=_("Score what is confirmed against a file of known truth."))
    ] = None,
    steps: Annotated[bool, typer.Option("--steps", help=_("Show every step of the search."))] = False,
    explain: Annotated[bool, typer.Option("--explain", help=_("Say how each figure was made."))] = False,
    as_json: JsonOption = False,
) -> None:
    if not moment and (rows or out):
        given = f"--rows {rows}" if rows else f"--out {out}"
        what = _("A file is written about one moment, and its id is missing")
        remedy = _("`tiesa moments` lists the ids; then `tiesa moments ID {option}`").format(option=given)
        raise WrongUsage(what, where=given.split()[0], remedy=remedy)
    if out:
        check_format(out)
    named = _outcomes(outcome or [])
    _check_truth(truth)
    from tiesa.journeys.view import open_view

    is_whole = asked.selection.is_everything and asked.as_of is None and not horizon

    with open_view(asked.home, asked.selection, as_of=asked.as_of) as view:
        if rows:
            _write_rows(view, moment, "".join(named[:1]), rows, as_json=as_json)
        if moment and (out or not rows):
            _tell(view, moment, "".join(named[:1]), out, words=words, explain=explain, as_json=as_json)
        if moment:
            return
        from tiesa.moments.finding import find_every
        from tiesa.moments.register import keep
        from tiesa.moments.truth import score

        with working(_("Looking for moments of truth")):
            found = find_every(view, outcomes=named, horizon=days_of(horizon) if horizon else None, again=is_whole)
            for one in found if is_whole else ():
                keep(asked.home, one.moments)
            scored = [score(view, one, truth) for one in found] if truth else []
    if as_json:
        print_json(_as_plain(found, scored))
        return
    for place, one in enumerate(found):
        _show(one, scored[place] if scored else None, steps=steps, explain=explain)
    if not is_whole:
        typer.echo("  " + _("Not kept: the register holds what was found in everything, with the usual horizon."))


def _check_truth(file: Path | None) -> None:
    for path in (file, file.parent / "truth" / "exposures.parquet") if file else ():
        if not path.is_file():
            remedy = _("`tiesa simulate` writes both: truth.json, and truth/exposures.parquet beside it")
            raise WrongUsage(_("There is no such file"), where=str(path), remedy=remedy)


def _outcomes(names: list[str]) -> list[Outcome]:
    from tiesa.moments.outcomes import Outcome

    for name in names:
        if name not in list(Outcome):
            what = _("{value!r} is no outcome that can be looked at").format(value=name)
            raise WrongUsage(what, where="--outcome", remedy=", ".join(Outcome))
    return [Outcome(name) for name in names]


def _write_rows(view: View, moment: str, outcome: str, path: Path, *, as_json: bool) -> None:
    import pyarrow.parquet as pq

    from tiesa.core.whole_files import replacing
    from tiesa.moments.exposed import exposed_contacts
    from tiesa.moments.register import estimates
    from tiesa.moments.sheet import latest_of

    kept = latest_of(estimates(view.home, moment), outcome)
    table = exposed_contacts(view, kept)
    with replacing(path) as draft:
        pq.write_table(table, draft)
    if as_json:
        print_json({"id": moment, "file": str(path), "contacts": table.num_rows})
        return
    typer.echo(_("Written: {path}").format(path=path))


def _as_plain(found: list[Found], scored: list[Score]) -> dict[str, Any]:
    """All outcomes for a program: the first one's figures, every outcome's moments, and each outcome's own figures."""
    answers: list[dict[str, Any]] = [one.moments.as_plain() for one in found]
    for answer, score in zip(answers, scored, strict=False):
        answer["truth"] = score.as_plain()
    every = [moment for answer in answers for moment in answer["moments"]]
    beside = {name: [one for answer in answers for one in answer[name]] for name in ("own", "again")}
    short = [{k: value for k, value in answer.items() if k not in ("moments", *beside)} for answer in answers]
    return answers[0] | {"moments": every, **beside, "outcomes_looked_at": short}


def _tell(
    view: View, moment: str, outcome: str, out: Path | None, *, words: bool, explain: bool, as_json: bool
) -> None:
    """A moment's evidence sheet: to a file, or on the terminal."""
    from tiesa.moments.register import estimates
    from tiesa.moments.sheet import evidence_sheet
    from tiesa.reports.moment_sheet import write_sheet

    with working(_("Writing {file}").format(file=out.name) if out else _("Gathering the evidence")):
        sheet = evidence_sheet(view, estimates(view.home, moment), outcome=outcome, words=words)
        if out:
            write_sheet(sheet, out)
    if as_json:
        print_json({"id": moment, "file": str(out)} if out else dict(sheet.estimate))
    elif out:
        typer.echo(_("Written: {path}").format(path=out))
    else:
        _show_sheet(sheet, explain=explain)


def _show_sheet(sheet: Sheet, *, explain: bool) -> None:
    from rich.console import Console

    from tiesa.cli.shown import heading, say, show_table
    from tiesa.moments.kept import state_words
    from tiesa.reports.moment_sheet import ROWS

    console = Console(highlight=False)
    console.print()
    say(console, f"{sheet.title} ({state_words(sheet.estimate)})", "bold")
    say(console, sheet.lead)
    say(console, sheet.facts, "dim")
    for part in sheet.parts:
        heading(console, part.heading)
        say(console, part.answer)
        for finding in part.findings:
            say(console, f"– {finding}")
        for table in part.tables:
            console.print()
            show_table(console, table.head(ROWS))
        if explain and part.method:
            say(console, part.method, "dim")
    console.print()


def _show(found: Found, scored: Score | None, *, steps: bool, explain: bool) -> None:
    result = found.moments
    from rich.console import Console

    from tiesa.cli.shown import say, show_result

    console = Console(highlight=False)
    show_result(console, result, rows=max(len(result.moments), len(result.own)), explain=explain)
    for line in result.steps if steps else ():
        say(console, line, "dim")
    if scored:
        console.print()
        for line in scored.in_words():
            say(console, line)
    console.print()

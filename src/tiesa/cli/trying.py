"""`tiesa try FILE`: from one file to a page of answers, in a throw-away home."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiesa.cli.options import AsOfOption, JsonOption, LanguageOption, instant_of, print_json, speaking, working
from tiesa.core.home import Home
from tiesa.core.locale import _, ngettext

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from tiesa.contacts.importing import ImportResult
    from tiesa.contacts.mapping import Mapping
    from tiesa.journeys.build import BuildResult
    from tiesa.journeys.ladder import Ladder
    from tiesa.journeys.questions.result import Result
    from tiesa.reports.report import Report

WAITING = 5
"""Open waits that are named."""


@dataclass(frozen=True)
class Tried:
    """What one file told: how it was read, what was built, the answers, and how far up the ladder it reaches.

    report: the whole of it for a file, where one is asked for.
    """

    imported: ImportResult
    built: BuildResult
    first_contact: datetime
    now: datetime
    answers: tuple[Result, ...]
    ladder: Ladder
    report: Report | None

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know about the data before the answers are believed."""
        notes = [*self.imported.notes, *self.built.notes]
        if n := self.imported.quarantined:
            notes.append(
                ngettext(
                    "{n:,} row could not be read and was left out", "{n:,} rows could not be read and were left out", n
                ).format(n=n)
            )
        return tuple(notes)


def register(app: typer.Typer) -> None:
    app.command("try", help=_("See what one file tells, without setting anything up."))(try_file)


def try_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=_("A ticket export, call list, process log or mailbox."))
    ],
    mapping: Annotated[Path | None, typer.Option("--mapping", help=_("A mapping file (see `tiesa mapping`)."))] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="OUT", help=_("Write the answers as a page: OUT.html or OUT.pdf."))
    ] = None,
    as_of: AsOfOption = "",
    language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    from tiesa.cli.importing import as_plain
    from tiesa.cli.reporting import check_format, write_report
    from tiesa.contacts.mapping import read_mapping

    now = instant_of(as_of)
    if out:
        check_format(out)
    with speaking(language):
        tried = tried_file(file, mapping=read_mapping(mapping) if mapping else None, as_of=now, report=out is not None)
        if out and tried.report:
            with working(_("Writing {file}").format(file=out.name)):
                write_report(tried.report, out)
        if as_json:
            print_json(
                {
                    "import": as_plain(tried.imported),
                    "notes": tried.notes,
                    "contacts": tried.built.contacts,
                    "customers": tried.built.customers,
                    "journeys": tried.built.journeys,
                    "as_of": tried.now,
                    "questions": [answer.as_plain() for answer in tried.answers],
                    "ladder": {"reached": tried.ladder.reached, "steps": [asdict(rung) for rung in tried.ladder.rungs]},
                }
            )
        else:
            show(file, tried)
            if out:
                typer.echo(_("Written: {path}").format(path=out))


def tried_file(
    file: Path, *, mapping: Mapping | None = None, as_of: datetime | None = None, report: bool = False
) -> Tried:
    """Read, map and build one file in a throw-away home and ask it everything. report: make the whole report too."""
    from tiesa.contacts.importing import import_file
    from tiesa.journeys.build import build
    from tiesa.journeys.held import held
    from tiesa.journeys.ladder import ladder
    from tiesa.journeys.questions.asking import ask
    from tiesa.journeys.view import instant, open_view

    with tempfile.TemporaryDirectory(prefix="tiesa-try-") as folder:
        home = Home(Path(folder) / "home")
        with working(_("Reading {file}").format(file=file.name)):
            imported = import_file(file, home, mapping=mapping)
        with working(_("Making journeys")):
            built = build(home)
        with working(_("Looking for answers")), open_view(home, as_of=as_of) as view:
            holds = held(view)
            answers = tuple(ask(view, holds=holds))
            first = instant(view.one("select epoch_us(min(start_at)) from journeys")[0])
            made = Tried(imported, built, first or view.now, view.now, answers, ladder(holds), None)
            return made if not report else _with_report(made, view, file.name)


def _with_report(tried: Tried, view: Any, name: str) -> Tried:
    from dataclasses import replace

    from tiesa.reports.report import journey_report

    return replace(tried, report=journey_report(view, title=name, notes=tried.notes, answers=tried.answers))


def show(file: Path, tried: Tried, *, console: Console | None = None) -> None:
    """Print the answers for a manager: the six questions, who waits now, and what one more column would tell."""
    from rich.console import Console
    from rich.markup import escape

    from tiesa.cli.importing import how
    from tiesa.cli.shown import heading, show_result, show_table
    from tiesa.core import formats

    console = console or Console(highlight=False)
    facts = _("{contacts} contacts of {customers} customers in {journeys} journeys, {start} to {end}").format(
        contacts=formats.number(tried.built.contacts),
        customers=formats.number(tried.built.customers),
        journeys=formats.number(tried.built.journeys),
        start=formats.day(tried.first_contact),
        end=formats.day(tried.built.last_contact),
    )
    heading(console, file.name)
    console.print(facts)
    console.print(
        f"[dim]{escape(how(tried.imported))}; {_('now is {now} UTC').format(now=formats.moment(tried.now))}[/dim]"
    )
    for note in tried.notes:
        console.print("[yellow]![/yellow] " + escape(note))
    for answer in tried.answers:
        show_result(console, answer, rows=0)
    waiting = [table for answer in tried.answers for table in answer.tables() if table.name == "waiting_now"]
    for table in waiting:
        console.print(f"\n[bold]{escape(table.title)}[/bold]")
        show_table(console, table.head(WAITING), title=False)
    _show_ladder(console, tried.ladder)


def _show_ladder(console: Console, ladder: Ladder) -> None:
    from rich.text import Text

    from tiesa.cli.shown import say

    console.print("\n[bold]" + _("What this file can tell") + "[/bold]")
    for rung in ladder.rungs:
        mark = ("✓ ", "green") if rung.reached else ("· ", "dim")
        lacking = (" ← ", "dim"), (", ".join(rung.lacking), "cyan")
        say(console, Text.assemble(mark, f"{rung.needs}: {rung.gives}", *(() if rung.reached else lacking)))
    say(console, ladder.answer(), "dim")
    console.print()

"""`tiesa try FILE`: from one file to a first answer, in a throw-away home."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tiesa.cli.options import AsOfOption, JsonOption, instant_of, print_json, working
from tiesa.core.home import Home
from tiesa.core.locale import _, ngettext

if TYPE_CHECKING:
    from rich.console import Console

    from tiesa.contacts.importing import ImportResult
    from tiesa.core.intervals import Share
    from tiesa.journeys.build import BuildResult
    from tiesa.journeys.summary import Duration, Summary


def register(app: typer.Typer) -> None:
    app.command("try", help=_("See what one file tells, without setting anything up."))(try_file)


def try_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=_("A ticket export, call list, process log or mailbox."))
    ],
    mapping: Annotated[Path | None, typer.Option("--mapping", help=_("A mapping file (see `tiesa mapping`)."))] = None,
    as_of: AsOfOption = "",
    as_json: JsonOption = False,
) -> None:
    from tiesa.cli.importing import as_plain
    from tiesa.contacts.importing import import_file
    from tiesa.contacts.mapping import read_mapping
    from tiesa.journeys.build import build
    from tiesa.journeys.summary import summarise

    now = instant_of(as_of)
    with tempfile.TemporaryDirectory(prefix="tiesa-try-") as folder:
        home = Home(Path(folder) / "home")
        with working(_("Reading {file}").format(file=file.name)):
            imported = import_file(file, home, mapping=read_mapping(mapping) if mapping else None)
        with working(_("Making journeys")):
            built = build(home)
        with working(_("Looking for answers")):
            summary = summarise(home, as_of=now)
    if as_json:
        print_json({"import": as_plain(imported), "notes": built.notes, "summary": summary})
    else:
        show(file, imported, built, summary)


def show(
    file: Path, imported: ImportResult, built: BuildResult, summary: Summary, *, console: Console | None = None
) -> None:
    """Print the answers for a manager: who waits first, then whose wait, what customers went through, the ways."""
    from rich.console import Console
    from rich.markup import escape

    from tiesa.cli.importing import how

    console = console or Console(highlight=False)
    console.print()
    console.rule(f"[bold]{escape(file.name)}", align="left", style="dim")
    console.print(
        _("{contacts:,} contacts of {customers:,} customers in {journeys:,} journeys, {start} to {end}").format(
            contacts=summary.contacts,
            customers=summary.customers,
            journeys=summary.journeys,
            start=f"{summary.first_contact:%-d %b %Y}",
            end=f"{summary.last_contact:%-d %b %Y}",
        )
    )
    console.print(
        f"[dim]{escape(how(imported))}; "
        + _("now is {now} UTC").format(now=f"{summary.as_of:%-d %b %Y %H:%M}")
        + "[/dim]"
    )
    for note in (*imported.notes, *built.notes):
        console.print("[yellow]![/yellow] " + escape(note))
    if imported.quarantined:
        n = imported.quarantined
        line = ngettext(
            "{n:,} row could not be read and was left out", "{n:,} rows could not be read and were left out", n
        )
        console.print("[yellow]![/yellow] " + line.format(n=n))
    _show_waiting(console, summary)
    _show_waits(console, summary)
    _show_shares(console, summary)
    _show_variants(console, summary)
    _show_missing(console, summary)


def _heading(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/bold]")


def _show_waiting(console: Console, summary: Summary) -> None:
    from rich.markup import escape
    from rich.table import Table

    _heading(console, _("Who waits for us now"))
    if summary.waiting_for_us is None:
        console.print("  " + _("Cannot be told: the file has no replies of yours."))
        return
    if not summary.waiting_for_us:
        console.print("  " + _("Nobody, as far as this file can tell."))
        return
    console.print(
        "  "
        + ngettext(
            "{n:,} journey rests with us. Longest:", "{n:,} journeys rest with us. Longest:", summary.waiting_for_us
        ).format(n=summary.waiting_for_us)
    )
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("  " + _("waited"), _("since"), _("customer"), _("case"), _("last touchpoint")):
        table.add_column(heading)
    for wait in summary.longest_open:
        table.add_row(
            f"  [red]{length(wait.waited.total_seconds())}[/red]",
            f"{wait.since:%-d %b %Y %H:%M}",
            escape(wait.customer),
            escape(wait.case_id or ""),
            escape(wait.touchpoint),
        )
    console.print(table)


def _show_waits(console: Console, summary: Summary) -> None:
    from rich.table import Table

    if not summary.waits:
        return
    _heading(console, _("Whose wait it was"))
    words = {
        "us": _("ours"),
        "customer": _("the customer's"),
        "third_party": _("third party's"),
        "nobody": _("nobody's"),
        "unknown": _("cannot be told"),
    }
    colours = {"us": "red", "customer": "blue", "third_party": "yellow", "nobody": "green", "unknown": "dim"}
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    for heading in (_("of time"), "", _("median"), _("95 % interval"), _("1 in 10 over"), "n"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for wait in summary.waits:
        if wait.waits.n or wait.share:
            bar = "█" * round((wait.share or 0) * 8)
            table.add_row(
                "  " + words[wait.owner],
                f"{(wait.share or 0):.0%}",
                f"[{colours[wait.owner]}]{bar}[/]",
                length(wait.waits.median_s),
                _between(wait.waits),
                length(wait.waits.p90_s),
                f"{wait.waits.n:,}",
            )
    console.print(table)


def _between(duration: Duration) -> str:
    if duration.low_s is None or duration.high_s is None:
        return _("too few") if duration.n else ""
    return f"{length(duration.low_s)} – {length(duration.high_s)}"


def _show_shares(console: Console, summary: Summary) -> None:
    from rich.table import Table

    _heading(console, _("What customers went through"))
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    median = length(summary.duration.median_s)
    table.add_row(
        "  " + _("A journey takes"),
        f"[bold]{median}[/bold]",
        f"[dim]{_between(summary.duration)}, n {summary.duration.n:,}[/dim]",
    )
    if summary.ended.n:
        table.add_row(
            "  " + _("To the goal, where reached"),
            f"[bold]{length(summary.ended.median_s)}[/bold]",
            f"[dim]{_between(summary.ended)}, n {summary.ended.n:,}[/dim]",
        )
    for words, share in (
        (_("Reached their goal"), summary.goals if summary.ended.n else None),
        (_("Came back with the same question"), summary.repeats),
        (_("Wrote and got no answer so far"), summary.unanswered),
        (_("Got an answer only after asking again"), summary.insisted),
        (_("Were handed to another employee"), summary.handovers),
    ):
        if share and share.n:
            table.add_row("  " + words, f"[bold]{share.value:.1%}[/bold]", f"[dim]{_shared(share)}[/dim]")
    console.print(table)


def _shared(share: Share) -> str:
    interval = share.interval
    return f"{interval.low:.1%} – {interval.high:.1%}, {share.count:,} " + _("of") + f" {share.n:,}"


def _show_variants(console: Console, summary: Summary) -> None:
    from rich.markup import escape
    from rich.table import Table

    _heading(console, _("How journeys go ({n:,} ways)").format(n=summary.variant_count))
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    for variant in summary.variants:
        steps = list(variant.touchpoints)
        shown = steps if len(steps) <= 9 else [*steps[:6], f"… {len(steps) - 8} …", *steps[-2:]]
        table.add_row(f"  {variant.journeys.value:.1%}", escape(" → ".join(shown)))
    console.print(table)


def _show_missing(console: Console, summary: Summary) -> None:
    from rich.markup import escape

    _heading(console, _("What this file could not tell"))
    for missing in summary.missing:
        console.print("  " + escape(missing.question) + " [dim]←[/dim] [cyan]" + escape(missing.column) + "[/cyan]")
    console.print()


def length(seconds: float | None) -> str:
    """A length of time as people say it.

    >>> length(93_600)
    '26 h'
    """
    if seconds is None:
        return ""
    span = timedelta(seconds=seconds)
    for unit, size, until in (("s", 1, 90), ("min", 60, 90), ("h", 3600, 72), ("d", 86_400, 10_000)):
        value = span.total_seconds() / size
        if value < until or unit == "d":
            return f"{value:.1f} {unit}" if value < 10 and unit in ("h", "d") else f"{value:.0f} {unit}"
    return ""

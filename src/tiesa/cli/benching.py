"""`tiesa bench`: how fast the work is, beside competitors and the limits of the machine.

The benchmark itself lies in the folder `bench` of a checkout, with the competitors' code; it gives plain figures, which
are shown here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiesa.cli.options import JsonOption, print_json
from tiesa.cli.shown import say
from tiesa.core.errors import TiesaError, WrongUsage
from tiesa.core.locale import _, ngettext

if TYPE_CHECKING:
    from rich.console import Console

CHECKOUT = Path(__file__).resolve().parents[3]
_UNITS = {"K": 1_000, "M": 1_000_000}


def register(app: typer.Typer) -> None:
    app.command("bench", help=_("Measure speed and memory beside competitors and limits (in a checkout)."))(bench)


def bench(
    size: Annotated[
        list[str] | None, typer.Option("--size", help=_("Contacts in the log, such as 1M; may be given several times."))
    ] = None,
    moments: Annotated[
        bool, typer.Option("--moments", help=_("The search for moments in a made-up company; --size is its customers."))
    ] = False,
    runs: Annotated[int, typer.Option("--runs", min=1, help=_("Rounds, each with every competitor in turn."))] = 3,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help=_("One piece (import, build, read, filter, update, sort) or work.")),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", help=_("Keep logs and figures there, and go on from what is there."))
    ] = None,
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help=_("What one run may take at most."))] = 30,
    memory: Annotated[
        float | None, typer.Option("--memory", help=_("GiB that one run may take (else 60 % of what is free)."))
    ] = None,
    as_json: JsonOption = False,
) -> int:
    suite, running, pieces = _benchmark()
    counts = pieces.CUSTOMERS if moments else pieces.CONTACTS
    chosen = [piece for piece in pieces.PIECES if piece.counts == counts]
    names = [piece.name for piece in chosen]
    for name in only or ():
        if name not in {*names, *(work.name for piece in chosen for work in piece.works)}:
            what = _("There is no piece {name}").format(name=repr(name))
            raise WrongUsage(what, where="--only", remedy=_("Allowed: {keys}").format(keys=", ".join(names)))
    limits = running.Limits(minutes=minutes, memory_gib=memory or 0.6 * running.free_gib())
    with _telling() as tell:
        figures = suite.measured(
            [contacts_of(text) for text in size or ["4k" if moments else "10M"]],
            runs=runs, only=only or (), counts=counts, folder=folder, limits=limits, tell=tell,
        )  # fmt: skip
    if as_json:
        print_json(figures)
    else:
        from rich.console import Console

        show(figures, Console(highlight=False))
    agrees = not any(piece["answers"]["differ"] for size in figures["sizes"] for piece in size["pieces"])
    return 0 if agrees else 1


def contacts_of(text: str) -> int:
    """A number of contacts (or of customers) as people write it.

    >>> contacts_of("10M"), contacts_of("200k"), contacts_of("1_000_000")
    (10000000, 200000, 1000000)
    """
    unit = _UNITS.get(text[-1:].upper(), 1)
    digits = text[:-1] if unit > 1 else text
    try:
        contacts = round(float(digits) * unit)
    except ValueError:
        contacts = 0
    if contacts < 1_000:
        raise WrongUsage(
            _("{text} is not a number of contacts from 1,000 up").format(text=repr(text)),
            where="--size",
            remedy=_("Write it as in {example}").format(example="--size 10M"),
        )
    return contacts


def _benchmark() -> tuple[Any, Any, Any]:
    """The modules of the checkout's benchmark."""
    if not (CHECKOUT / "bench" / "suite.py").exists():
        raise TiesaError(
            _("The benchmark and its competitors are not part of an installed tiesa"),
            remedy=_("Get the source and run `./tiesa bench` in it"),
        )
    if str(CHECKOUT) not in sys.path:
        sys.path.insert(0, str(CHECKOUT))
    suite, running, pieces = (import_module(f"bench.{name}") for name in ("suite", "running", "pieces"))
    return suite, running, pieces


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """Says what is measured just now: in one line that changes at a terminal, else line by line, on stderr."""
    if not sys.stderr.isatty():
        yield lambda words: typer.echo(words, err=True)
        return
    from rich.console import Console

    with Console(stderr=True).status(_("Measuring")) as status:
        yield status.update


def show(figures: dict[str, Any], console: Console) -> None:
    """Print the figures: a table of each piece, then its ratios and goals, at last growth and machine."""
    from rich.markup import escape

    for size in figures["sizes"]:
        for piece in size["pieces"]:
            console.print()
            heading = _("{n:,} contacts: {piece}")
            if piece.get("counts") == "customers":
                heading = _("{n:,} customers: {piece}")
            heading = heading.format(n=size["rows"], piece=piece["question"])
            console.rule(f"[bold]{escape(heading)}", align="left", style="dim")
            console.print(_works(piece))
            if any("looked_at" in work.get("extra", {}) for work in piece["works"]):
                console.print(_looked_at(piece))
            for line in _effects(piece):
                say(console, line)
            for line in (*_ratios(piece), *_limits(piece), _sameness(piece["answers"])):
                say(console, line)
    if figures["growth"]:
        console.print()
        console.rule(
            "[bold]" + escape(_("Growth: time as a power of the number of contacts")), align="left", style="dim"
        )
        for grown in figures["growth"]:
            say(console, _growth(grown))
    console.print()
    console.print("[dim]" + escape(_machine(figures["machine"])) + "[/dim]")


def _works(piece: dict[str, Any]) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=True, header_style="dim")
    headings = ("", _("median"), _("fastest – slowest"), _("CPU"), _("peak memory"), _("runs"))
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", no_wrap=bool(place))
    for work in piece["works"]:
        if "seconds" not in work:
            table.add_row(escape(work["label"]), escape(work["why_not"]))
            continue
        table.add_row(
            escape(work["label"] + (f" ({work['why_not']})" if work["why_not"] else "")),
            f"{_seconds(work['seconds'])} s",
            f"{_seconds(work['fastest'])} – {_seconds(work['slowest'])} s",
            f"{_seconds(work['cpu_seconds'])} s",
            f"{work['peak_gib']:.2f} GiB",
            str(work["runs"]),
        )
    return table


def _looked_at(piece: dict[str, Any]) -> Any:
    """How many candidates each work looked at, at what cost, and which of those it calls true are."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=True, header_style="dim")
    headings = ("", _("looked at"), _("CPU each"), _("called true"), _("hit"), _("part"), _("ancestor"), _("false"),
                _("planted found"))  # fmt: skip
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", no_wrap=bool(place))
    for work in piece["works"]:
        found = work.get("extra", {})
        if "looked_at" not in found:
            continue
        every = _("{n:,} of {all:,}") if found.get("all") else "{n:,}"
        called = [str(found.get(name, "–")) for name in ("shown", "hits", "parts", "ancestors", "false", "planted")]
        looked_at = every.format(n=int(found["looked_at"]), all=int(found.get("all") or 0))
        table.add_row(escape(work["label"]), looked_at, f"{1000 * found['each_cpu_s']:,.1f} ms", *called)
    return table


def _effects(piece: dict[str, Any]) -> Iterator[str]:
    """One line per estimate whose truth is known; then what the rest of a sample would take."""
    for work in piece["works"]:
        found = work.get("extra", {})
        for effect in found.get("effects") or ():
            yield _("{work}: {situation} {value:+.1f} points ({low:+.1f} to {high:+.1f}); in truth {true:+.1f}").format(
                work=work["label"], situation=effect["situation"],
                **{name: 100 * effect[name] for name in ("value", "low", "high", "true")},
            )  # fmt: skip
        if found.get("all"):
            line = _("{work}: all {n:,} would take {cpu:,.0f} s of CPU (extrapolated from {tried:,})")
            n, tried = int(found["all"]), int(found["looked_at"])
            yield line.format(work=work["label"], n=n, cpu=n * found["each_cpu_s"], tried=tried)


def _seconds(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _ratios(piece: dict[str, Any]) -> Iterator[str]:
    """One line per ratio, with its goal where it has one."""
    labels = {work["work"]: work["label"] for work in piece["works"]}
    goals = {(goal["work"], goal["other"]): goal for goal in piece["goals"] if goal["kind"] == "ratio"}
    for ratio in piece["ratios"]:
        if ratio["ratio"] is None:
            continue
        line = _("{ours} / {other}: {ratio:.2f} ({low:.2f} – {high:.2f}; of CPU time {cpu:.2f})").format(
            ours=labels[ratio["work"]], other=labels[ratio["other"]], ratio=ratio["ratio"], low=ratio["lowest"],
            high=ratio["highest"], cpu=ratio["cpu_ratio"],
        )  # fmt: skip
        goal = goals.get((ratio["work"], ratio["other"]))
        yield line + (_verdict(goal["met"], f"{goal['at_most']:g}") if goal else "")


def _limits(piece: dict[str, Any]) -> Iterator[str]:
    """One line per goal that is not a ratio."""
    labels = {work["work"]: work["label"] for work in piece["works"]}
    for goal in piece["goals"]:
        if goal["kind"] == "ratio" or goal["value"] is None:
            continue
        what = _("{ours}, seconds: {value:.2f}") if goal["kind"] == "seconds" else _("{ours}, peak GiB: {value:.2f}")
        yield what.format(ours=labels[goal["work"]], value=goal["value"]) + _verdict(
            goal["met"], f"{goal['at_most']:g}"
        )


def _verdict(met: bool, at_most: str) -> str:
    return " · " + (_("goal {at_most}: met") if met else _("goal {at_most}: MISSED")).format(at_most=at_most)


def _sameness(answers: dict[str, Any]) -> str:
    if answers["differ"]:
        return _("THE ANSWERS DIFFER: {what}").format(what="; ".join(answers["differ"]))
    if answers["works"] < 2:
        return _("Nothing was held against another answer.")
    return ngettext(
        "{works} of them were held against each other: the same answer in {n} fact.",
        "{works} of them were held against each other: the same answers in {n} facts.",
        answers["facts"],
    ).format(works=answers["works"], n=answers["facts"])


def _growth(grown: dict[str, Any]) -> str:
    sizes = ", ".join(f"{rows:,}" for rows in grown["sizes"])
    line = _("{work}, over {sizes} contacts: {exponent:.2f}").format(
        work=grown["work"], sizes=sizes, exponent=grown["exponent"]
    )
    return line + (_verdict(grown["met"], f"{grown['at_most']:g}") if "met" in grown else "")


def _machine(machine: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return _("{processor}, {cores} cores, {memory:.0f} GiB; Python {python}; {packages}; {at}, load {load:.1f}").format(
        processor=machine["processor"], cores=machine["cores"], memory=machine["memory_gib"], python=machine["python"],
        packages=packages, at=machine["at"], load=machine["load"],
    )  # fmt: skip

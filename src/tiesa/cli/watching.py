"""`tiesa watch FOLDER`: files that keep coming."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiesa.cli.options import HomeOption, JsonOption, TableOption, home_of, print_json_line, table_of
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _, ngettext

if TYPE_CHECKING:
    from tiesa.journeys.watching import Event

_UNITS = {"ms": 0.001, "": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|)")


def register(app: typer.Typer) -> None:
    app.command("watch", help=_("Take files into the log as they arrive in a folder, and make journeys."))(watch_folder)


def watch_folder(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=_("Where the files are dropped; they stay there."))],
    every: Annotated[str, typer.Option("--every", help=_("Time between two looks: 500ms, 2s, 1m."))] = "2s",
    settle: Annotated[
        str, typer.Option("--settle", help=_("How long a file must have stayed the same to count as whole."))
    ] = "5s",
    only: Annotated[
        str, typer.Option("--only", metavar="PATTERN", help=_("Names of the files to take: '*.csv'."))
    ] = "*",
    table: TableOption = "",
    mapping: Annotated[Path | None, typer.Option("--mapping", help=_("A mapping file (see `tiesa mapping`)."))] = None,
    once: Annotated[bool, typer.Option("--once", help=_("Take what is there and whole, then end."))] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> int:
    from tiesa.contacts.mapping import read_mapping
    from tiesa.journeys.watching import watch

    every_s, settle_s = seconds_of(every, option="--every"), seconds_of(settle, option="--settle")
    if not every_s:
        raise WrongUsage(_("There must be some time between two looks"), where="--every", remedy="--every 2s")
    told: Counter[str] = Counter()
    with stopping() as wait:
        events = watch(
            folder, home_of(home), mapping=read_mapping(mapping) if mapping else None, table=table_of(table),
            every_s=every_s, settle_s=settle_s, only=only, once=once, wait=wait,
        )  # fmt: skip
        if not as_json and not once:
            line = _("Watching {folder}; Ctrl-C ends it after the file under way.").format(folder=shown(str(folder)))
            _say(line)
        for event in events:
            plain = as_plain(event)
            told[plain["event"]] += 1
            told["failed"] += plain.get("failed", False)
            if as_json:
                print_json_line(plain)
            else:
                show(event)
    if not as_json:
        taken = ngettext("{n:,} file taken", "{n:,} files taken", told["taken"]).format(n=told["taken"])
        refused = ngettext("{n:,} not usable", "{n:,} not usable", told["refused"]).format(n=told["refused"])
        _say(f"{taken}, {refused}." if told["refused"] else f"{taken}.")
    return int(once and bool(told["refused"] or told["failed"]))


def seconds_of(text: str, *, option: str) -> float:
    """Seconds of a length of time such as 500ms, 2s, 1.5m or 1h; a bare number is seconds.

    >>> seconds_of("500ms", option="--every"), seconds_of("1.5m", option="--every"), seconds_of("3", option="--every")
    (0.5, 90.0, 3.0)
    """
    found = _DURATION.fullmatch(text.strip().lower())
    if not found:
        what = _("{text} is not a length of time").format(text=repr(text))
        raise WrongUsage(what, where=option, remedy=f"{option} 2s")
    return float(found[1]) * _UNITS[found[2]]


@contextmanager
def stopping() -> Iterator[Callable[[float], bool]]:
    """What waits some seconds and says whether SIGINT or SIGTERM came; the second signal ends the program at once.

    The signal writes a byte that the wait listens for, so that none is lost between a look at a flag and the wait.
    """
    listen, speak = os.pipe()
    ended = False

    def ask(number: int, frame: FrameType | None) -> None:
        del number, frame
        os.write(speak, b".")
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, at_once)

    def at_once(number: int, frame: FrameType | None) -> None:
        nonlocal ended
        ended = True
        raise KeyboardInterrupt

    def wait(seconds: float) -> bool:
        return bool(select.select([listen], [], [], seconds)[0])

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield wait
    except RuntimeError as error:
        if ended:  # as the engine calls it when a query is interrupted
            raise KeyboardInterrupt from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(listen)
        os.close(speak)


def as_plain(event: Event) -> dict[str, Any]:
    """The event as JSON has it."""
    from tiesa.cli.importing import as_plain as import_as_plain
    from tiesa.journeys.build import facts_of
    from tiesa.journeys.trying_again import Notice
    from tiesa.journeys.watching import Built, Refused, Taken

    match event:
        case Taken(file, result):
            return {"event": "taken", "file": str(file), **import_as_plain(result)}
        case Refused(file, why):
            return {"event": "refused", "file": str(file), "error": why}
        case Built(result):
            return {"event": "built", **facts_of(result)}
        case Notice(where, why, failed):
            return {"event": "notice", "where": str(where), "notice": why, "failed": failed}


def show(event: Event) -> None:
    """One line per event; what needs a person goes to stderr."""
    from tiesa.journeys.trying_again import Notice
    from tiesa.journeys.watching import Built, Refused, Taken

    match event:
        case Taken(file, result):
            line = _("{read:,} rows = {accepted:,} accepted + {duplicates:,} duplicates + {quarantined:,} set aside")
            counts = line.format(
                read=result.read, accepted=result.accepted, duplicates=result.duplicates, quarantined=result.quarantined
            )
            _say(f"{_now()}  {shown(file.name)}  {counts}")
            if result.quarantine_file:
                _say("          " + _("Set aside in {file}").format(file=result.quarantine_file))
        case Built(result):
            line = _("journeys: {journeys:,} of {customers:,} customers, {contacts:,} contacts (evidence {version})")
            counts = line.format(
                journeys=result.journeys, customers=result.customers, contacts=result.contacts, version=result.version
            )
            _say(f"{_now()}  {counts}")
        case Refused(file, why):
            _warn(f"{_now()}  " + _("{file} cannot be used: {why}").format(file=shown(file.name), why=shown(why)))
        case Notice(where, why):
            _warn(f"{_now()}  {shown(str(where))}: {shown(why)}")


def shown(text: str) -> str:
    r"""A name as it may stand on a terminal: what is no text, or would steer the terminal, as question marks.

    >>> shown("calls\x1b[31m.csv")
    'calls?[31m.csv'
    """
    return "".join(c if c.isprintable() else "?" for c in text)


def _now() -> str:
    return f"{datetime.now().astimezone():%H:%M:%S}"


def _say(line: str) -> None:
    typer.echo(line)
    sys.stdout.flush()


def _warn(line: str) -> None:
    typer.echo(line, err=True)

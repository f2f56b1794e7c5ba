"""`tiesa check`, `backup`, `restore`, `upgrade`, `vacuum`: a home is looked after."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tiesa.cli.options import HomeOption, JsonOption, home_of, print_json, working
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _, ngettext

if TYPE_CHECKING:
    from tiesa.core.home import Home
    from tiesa.upkeep.findings import Checked
    from tiesa.upkeep.vacuum import Stays, Swept

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_COLOURS = {"error": "red", "warning": "yellow", "note": "bright_black"}


def register(app: typer.Typer) -> None:
    app.command("check", help=_("Verify a home: every file, what the tables say together, rules, access."))(check_home)
    app.command("backup", help=_("Write a whole home into one file, while it is in use."))(backup_home)
    app.command("restore", help=_("Bring a home back from a backup."))(restore_home)
    app.command("upgrade", help=_("Bring a home of an older version to this one's layout."))(upgrade_home)
    app.command("vacuum", help=_("Remove files that no kept version needs, and what killed processes left."))(sweep)


def check_home(
    quick: Annotated[bool, typer.Option("--quick", help=_("Do not read whole files: no sums, no keys."))] = False,
    deploy: Annotated[
        bool, typer.Option("--deploy", help=_("Also whether the pages are fit to be reached by people."))
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> int:
    from tiesa.upkeep.check import check

    with steps(_("Checking")) as told:
        checked = with_application(check(home_of(home), quick=quick, told=told), home_of(home))
        if deploy:
            checked = with_deployment(checked, home_of(home))
    if as_json:
        print_json(checked.to_json())
    else:
        show(checked)
    return 0 if checked.is_sound else 1


def with_application(checked: Checked, home: Home) -> Checked:
    """The same with what the pages' own database says of itself, where there is one."""
    from tiesa.app.people.checking import check_audit

    return replace(checked, findings=(*checked.findings, *check_audit(home)))


def with_deployment(checked: Checked, home: Home) -> Checked:
    """The same with what is amiss for pages that people reach over a network."""
    from tiesa.app import serving
    from tiesa.app.deploying import check_deployment

    serving.set_up(home, base_url="http://127.0.0.1:8000")
    serving.prepare()
    return replace(checked, findings=(*checked.findings, *check_deployment()))


def show(checked: Checked) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    for finding in checked.findings:
        colour = _COLOURS[finding.severity]
        words = {"error": _("error"), "warning": _("warning"), "note": _("note")}[finding.severity]
        console.print(f"[{colour}]{words}[/{colour}]  {escape(finding.what)}  [dim]{escape(finding.where)}[/dim]")
        console.print(f"   {escape(finding.remedy)}")
    n = len(checked.findings)
    looked = ngettext("{files:,} file, {size} looked at", "{files:,} files, {size} looked at", checked.files)
    found = ngettext("{n:,} finding", "{n:,} findings", n).format(n=n) if n else _("nothing is wrong")
    console.print(looked.format(files=checked.files, size=bytes_in_words(checked.bytes)) + ": " + found)


def backup_home(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The file to write; it must not exist."))],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.upkeep.backup import backup

    with steps(_("Backing up")) as told:
        made = backup(home_of(home), file, told=told)
    if as_json:
        print_json({"file": str(made.file), "files": made.files, "bytes": made.bytes, "versions": made.versions})
        return
    line = ngettext("{file}: {n:,} file, {size}", "{file}: {n:,} files, {size}", made.files)
    typer.echo(line.format(file=made.file, n=made.files, size=bytes_in_words(made.bytes)))
    typer.echo(_("It holds who your customers are: keep it as safe as the home, and {name}.erasures with it.").format(
        name=made.file.name
    ))  # fmt: skip


def restore_home(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("A file that `tiesa backup` made."))],
    replace: Annotated[bool, typer.Option("--replace", help=_("Move the home that is there aside."))] = False,
    erasures: Annotated[
        Path | None, typer.Option("--erasures", help=_("Receipts of erasures since the backup, a file or folder."))
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.upkeep.restore import restore

    with steps(_("Restoring")) as told:
        done = restore(file, home_of(home), replace=replace, erasures=erasures, told=told)
    if as_json:
        previous = str(done.previous) if done.previous else None
        answer = {"home": str(done.home), "at": done.at, "files": done.files, "erased": done.erased}
        print_json({**answer, "previous": previous})
        return
    typer.echo(_("{home} is as it was on {at:%Y-%m-%d %H:%M} UTC").format(home=done.home, at=done.at))
    if done.erased:
        line = ngettext("{n:,} customer was erased again", "{n:,} customers were erased again", done.erased)
        typer.echo(line.format(n=done.erased))
    if done.previous:
        typer.echo(_("The home that stood there is now {folder}; delete it when nothing is missing").format(
            folder=done.previous
        ))  # fmt: skip


def upgrade_home(home: HomeOption = None, as_json: JsonOption = False) -> None:
    from tiesa.upkeep.upgrade import upgrade

    with working(_("Upgrading")):
        done = upgrade(home_of(home))
    if as_json:
        print_json({"from": done.found, "layout": done.layout})
    elif done.found == done.layout:
        typer.echo(_("Nothing to do: the home has today's layout ({layout})").format(layout=done.layout))
    else:
        typer.echo(_("From layout {found} to {layout}").format(found=done.found, layout=done.layout))


def sweep(
    keep: Annotated[
        str, typer.Option("--keep", help=_("How long a replaced version is kept: 12h, 7d, 4w; at least 1h."))
    ] = "7d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Say what would go, remove nothing."))] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.upkeep.vacuum import vacuum

    with working(_("Sweeping")):
        swept = vacuum(home_of(home), keep=time_of(keep), dry_run=dry_run)
    if as_json:
        print_json(swept)
        return
    for line in swept_in_words(swept, keep):
        typer.echo(line)
    for table in swept.unread:
        typer.echo(
            _("! The log of {table} cannot be read, nothing of it was touched: `tiesa check`").format(table=table)
        )


def swept_in_words(swept: Swept, keep: str) -> Iterator[str]:
    """What went, and what stays though it was replaced: why, and from when on it may go."""
    stays = "; ".join(_what_stays(swept.stays, keep))
    n = swept.files + swept.leftovers
    if n:
        said = (
            ngettext("{n:,} file would go, {size}", "{n:,} files would go, {size}", n)
            if swept.dry_run
            else ngettext("{n:,} file is gone, {size}", "{n:,} files are gone, {size}", n)
        )
        yield said.format(n=n, size=bytes_in_words(swept.bytes))
        if stays:
            yield _("Kept: {what}").format(what=stays)
    elif stays:
        yield _("Nothing can go: {what}").format(what=stays)
    elif not swept.unread:
        yield _("Nothing to remove: every file belongs to what stands now")


def _what_stays(stays: Stays, keep: str) -> Iterator[str]:
    """One clause per reason."""
    n = stays.recent.files
    at_once = _at(stays.recent.first) == _at(stays.recent.last)
    recent = (
        ngettext(
            "{n:,} replaced file ({size}) stays for now (--keep {keep}) and may go from {last} on",
            "{n:,} replaced files ({size}) stay for now (--keep {keep}) and may go from {last} on",
            n,
        )
        if at_once
        else ngettext(
            "{n:,} replaced file ({size}) stays for now (--keep {keep}) and may go from {first} to {last}",
            "{n:,} replaced files ({size}) stay for now (--keep {keep}): the first may go from {first} on, "
            "the last from {last} on",
            n,
        )
    )
    pinned = ngettext(
        "{n:,} replaced file ({size}) stays because it is pinned (`tiesa pins`)",
        "{n:,} replaced files ({size}) stay because they are pinned (`tiesa pins`)",
        stays.pinned.files,
    )
    evidence = ngettext(
        "{n:,} replaced file ({size}) stays because the latest journeys were made of it, at least until `tiesa build` "
        "makes new ones",
        "{n:,} replaced files ({size}) stay because the latest journeys were made of them, at least until "
        "`tiesa build` makes new ones",
        stays.evidence.files,
    )
    unnamed = ngettext(
        "{n:,} file ({size}) that belongs to no version stays a day, as it may just be being written, until {last}",
        "{n:,} files ({size}) that belong to no version stay a day, as they may just be being written, until {last}",
        stays.unnamed.files,
    )
    for line, stay in (
        (recent, stays.recent), (pinned, stays.pinned), (evidence, stays.evidence), (unnamed, stays.unnamed)
    ):  # fmt: skip
        if stay.files:
            size = bytes_in_words(stay.bytes)
            yield line.format(n=stay.files, size=size, keep=keep, first=_at(stay.first), last=_at(stay.last))


def _at(moment: datetime | None) -> str:
    """The first whole minute that is not before a moment."""
    if moment is None:
        return ""
    minute = moment.replace(second=0, microsecond=0)
    return f"{minute if minute == moment else minute + timedelta(minutes=1):%Y-%m-%d %H:%M} UTC"


def time_of(text: str, *, option: str = "--keep") -> timedelta:
    """A length of time such as 12h, 7d or 4w.

    >>> time_of("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    found = re.fullmatch(r"(\d{1,4})([hdw])", text.strip())
    if not found:
        what = _("{text} is not a length of time").format(text=repr(text))
        raise WrongUsage(what, where=option, remedy=_("Write it as in {example}").format(example=f"{option} 7d"))
    return int(found[1]) * _UNITS[found[2]]


def bytes_in_words(n: int) -> str:
    """A size as people read it.

    >>> bytes_in_words(812), bytes_in_words(4_320_000)
    ('812 B', '4.3 MB')
    """
    size, unit = float(n), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"


@contextmanager
def steps(what: str) -> Iterator[Callable[[str], None]]:
    """Say what is going on, step by step; only to a person at a terminal, on stderr."""
    if not sys.stderr.isatty():
        yield lambda _step: None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(what) as status:
        yield lambda step: status.update(f"{what}: {escape(step)}")

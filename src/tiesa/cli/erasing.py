"""`tiesa erase CUSTOMER`: a person is forgotten, the figures stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tiesa.cli.options import HomeOption, JsonOption, home_of, print_json, working
from tiesa.core.locale import _, ngettext

if TYPE_CHECKING:
    from tiesa.upkeep.erase import Erased


def register(app: typer.Typer) -> None:
    app.command("erase", help=_("Erase a customer: id, name, addresses and words; the figures stay."))(erase_customer)


def erase_customer(
    customer: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help=_("Id as in your files, mail address or telephone number."))
    ] = "",
    why: Annotated[str, typer.Option("--why", help=_("Why; kept in the receipt, must not name the person."))] = "",
    number: Annotated[int | None, typer.Option("--number", help=_("The customer's number, instead."))] = None,
    source: Annotated[str, typer.Option("--source", help=_("Whose customer, where several have this id."))] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.upkeep.erase import erase

    with working(_("Erasing")):
        erased = erase(home_of(home), customer, number=number, source=source, why=why)
    if as_json:
        now = {"repeated": erased.is_repeated, "first_erased": erased.before, "removed_now": dict(erased.found)}
        told = {"others": [{"customer": n, "source": s} for n, s in erased.others], "elsewhere": dict(erased.elsewhere)}
        backups = {"backups_not_told": [str(file) for file in erased.backups]}
        joined = {"joined": [asdict(one.receipt) for one in erased.joined]}
        print_json({**asdict(erased.receipt), **now, **told, **backups, **joined})
        return
    show(erased)


def show(erased: Erased) -> None:
    receipt = erased.receipt
    if erased.is_repeated:
        for line in _repeated(erased):
            typer.echo(line)
    else:
        typer.echo(_("Customer {n} is erased; the figures stay as they are.").format(n=receipt.customer))
        typer.echo(_("Removed: {what}").format(what=_counts(receipt.removed)))
    typer.echo(_("Receipt: {file}").format(file=f"erasures/{receipt.file_name}"))
    for one in erased.joined:
        typer.echo(_("The same person, joined with it:"))
        show(one)
    for number, source in erased.others:
        same = _("! Customer {n} ({source}) has the same mail address or telephone number: tiesa erase --number {n}")
        typer.echo(same.format(n=number, source=source))
    for place, n in erased.elsewhere.items():
        still = ngettext(
            "! {place} still says who it was, in {n:,} place; an erasure does not change it",
            "! {place} still says who it was, in {n:,} places; an erasure does not change it",
            n,
        )
        typer.echo(still.format(place=place, n=n))
    for file in erased.backups:
        missing = _("! The backup {file} is not there; when you restore it, give --erasures {folder}")
        typer.echo(missing.format(file=file, folder="erasures"))


def _repeated(erased: Erased) -> Iterator[str]:
    """What is said of a customer who had been erased already."""
    number = erased.receipt.customer
    if erased.before:
        line = _("Customer {n} had been erased already, on {day:%Y-%m-%d}.").format(n=number, day=erased.before)
    else:
        line = _("Customer {n} had been erased already; the receipt was lost, and is written anew.").format(n=number)
    if any(erased.found.values()):
        yield line
        yield _("Found since, and removed now: {what}").format(what=_counts(erased.found))
    else:
        yield line + " " + _("Nothing of theirs was found this time.")


def _counts(removed: Mapping[str, int]) -> str:
    """What was removed, by kind; kinds of which there was nothing are left out."""
    words = {
        "identities": ngettext("{n:,} identity", "{n:,} identities", removed["identities"]),
        "pseudonyms": ngettext("{n:,} id", "{n:,} ids", removed["pseudonyms"]),
        "texts": ngettext("{n:,} text", "{n:,} texts", removed["texts"]),
        "rows_set_aside": ngettext("{n:,} row set aside", "{n:,} rows set aside", removed["rows_set_aside"]),
    }
    return ", ".join(said.format(n=removed[kind]) for kind, said in words.items() if removed[kind])

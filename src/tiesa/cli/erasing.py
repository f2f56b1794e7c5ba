"""`tiesa erase CUSTOMER`: a person is forgotten, the figures stay."""

from __future__ import annotations

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
        told = {"others": [{"customer": n, "source": s} for n, s in erased.others], "elsewhere": dict(erased.elsewhere)}
        print_json({**asdict(erased.receipt), **told, "backups_not_told": [str(file) for file in erased.backups]})
        return
    show(erased)


def show(erased: Erased) -> None:
    receipt = erased.receipt
    typer.echo(_("Customer {n} is erased; the figures stay as they are.").format(n=receipt.customer))
    removed = receipt.removed
    line = _("Removed: {identities:,} identity, {pseudonyms:,} ids, {texts:,} texts, {rows:,} rows set aside")
    typer.echo(
        line.format(
            identities=removed["identities"], pseudonyms=removed["pseudonyms"], texts=removed["texts"],
            rows=removed["rows_set_aside"],
        )
    )  # fmt: skip
    typer.echo(_("Receipt: {file}").format(file=f"erasures/{receipt.file_name}"))
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

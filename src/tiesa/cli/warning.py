"""`tiesa early-warning`: which customers in an open journey are likely to leave, and whom somebody turned to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from tiesa.cli.options import JsonOption, days_of, print_json, working
from tiesa.cli.selecting import Asked, selecting
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _

if TYPE_CHECKING:
    from tiesa.moments.warning import EarlyWarning

TOP = 50


def register(app: typer.Typer) -> None:
    app.command(
        "early-warning", help=_("List the customers in an open journey who are most likely to leave, with reasons.")
    )(early_warning)


@selecting
def early_warning(
    asked: Asked,
    top: Annotated[int, typer.Option("--top", min=1, max=100_000, help=_("Customers the team can turn to."))] = TOP,
    horizon: Annotated[
        str, typer.Option("--horizon", help=_("How far ahead, such as 180d (else 180d, for a moment 30d)."))
    ] = "",
    moment: Annotated[
        str, typer.Option("--moment", metavar="ID", help=_("Warn of this moment in the journey instead of leaving."))
    ] = "",
    hold_out: Annotated[
        float, typer.Option("--hold-out", min=0, max=0.9, help=_("Share kept off the list by chance, to compare with."))
    ] = 0.0,
    keep: Annotated[bool, typer.Option("--keep", help=_("Remember who is on the list, and who is held out."))] = False,
    contacted: Annotated[
        str, typer.Option("--contacted", metavar="CUSTOMER", help=_("Remember that you turned to one on the list."))
    ] = "",
    explain: Annotated[bool, typer.Option("--explain", help=_("Say how each figure was made."))] = False,
    as_json: JsonOption = False,
) -> None:
    from tiesa.journeys.view import open_view
    from tiesa.moments.objections import objected_to_profiling
    from tiesa.moments.register import estimates
    from tiesa.moments.warning import LEAVING
    from tiesa.moments.warning_memory import held_out_before, remember_list
    from tiesa.moments.warning_today import early_warning as list_of

    span: timedelta | None = days_of(horizon) if horizon else None
    with open_view(asked.home, asked.selection, as_of=asked.as_of) as view, working(_("Looking at open journeys")):
        estimate = estimates(asked.home, moment)[-1] if moment else None
        objected = objected_to_profiling(view)
        apart = held_out_before(asked.home, view.now, moment or LEAVING)
        result = list_of(
            view, moment=estimate, horizon=span, top=top, objected=objected, held_out=hold_out, stay_out=apart
        )
    if contacted:
        _contacted(asked, result, contacted)
    if keep:
        remember_list(asked.home, result)
    if as_json:
        print_json(result.as_plain())
        return
    from rich.console import Console

    from tiesa.cli.shown import show_result

    console = Console(highlight=False)
    show_result(console, result, rows=max(top, 12), explain=explain)
    console.print()


def _contacted(asked: Asked, result: EarlyWarning, customer: str) -> None:
    from tiesa.moments.warning_memory import remember_contact

    found = [one for one in result.warned if customer in (one.customer, str(one.customer_key))]
    if not found:
        raise WrongUsage(
            _("{customer} is not on the list").format(customer=customer), where="--contacted",
            remedy=_("Give the customer as the list does, with the same --top and --as-of"),
        )  # fmt: skip
    remember_contact(asked.home, result, found[0])

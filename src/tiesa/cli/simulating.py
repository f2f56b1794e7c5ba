"""`tiesa simulate`: a made-up company with known truth, as files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from tiesa.cli.options import JsonOption, print_json, working
from tiesa.core.locale import _


def register(app: typer.Typer) -> None:
    app.command("simulate", help=_("Make up a company whose truth is known, as Parquet files."))(simulate_company)


def simulate_company(
    out: Annotated[Path, typer.Option("--out", help=_("Folder for the files."))],
    customers: Annotated[int, typer.Option("--customers", help=_("How many customers."))] = 1000,
    seed: Annotated[int, typer.Option("--seed", help=_("The same seed gives the same files, byte for byte."))] = 1,
    no_effects: Annotated[bool, typer.Option("--no-effects", help=_("No situation changes anything."))] = False,
    drift: Annotated[
        bool, typer.Option("--drift", help=_("Leaving and waits grow, scores sink over the two years."))
    ] = False,
    mood_nonresponse: Annotated[
        bool, typer.Option("--mood-nonresponse", help=_("The dissatisfied answer surveys less."))
    ] = False,
    hidden: Annotated[
        bool, typer.Option("--hidden", help=_("A trait that no table shows makes one harmless contact look harmful."))
    ] = False,
    households: Annotated[
        bool, typer.Option("--households", help=_("Customers of a household feel and leave alike."))
    ] = False,
    heavy_tails: Annotated[
        bool, typer.Option("--heavy-tails", help=_("Few customers make most contacts; some replies take very long."))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    from tiesa.simulate import simulate

    start = time.perf_counter()
    with working(_("Making up a company")):
        made = simulate(
            customers,
            seed=seed,
            out=out,
            effects=not no_effects,
            drift=drift,
            mood_nonresponse=mood_nonresponse,
            hidden=hidden,
            households=households,
            heavy_tails=heavy_tails,
        )
    seconds = time.perf_counter() - start
    if as_json:
        rows = {name: table.num_rows for name, table in made.tables.items()}
        print_json({"made_up": True, "out": str(out), "rows": rows, "truth": made.truth, "seconds": round(seconds, 2)})
        return
    line = _("Made up: {customers:,} customers, {contacts:,} contacts, {left:,} left within two years.")
    typer.echo(line.format(customers=customers, contacts=made.tables["contacts"].num_rows, left=made.truth["left"]))
    typer.echo(
        _("Nobody in these files exists. What is true of them stands in {file}.").format(file=out / "truth.json")
    )
    typer.echo(
        _("Next: import the tables of {folder}, then tiesa build --rules {rules}").format(
            folder=out, rules=out / "rules" / "journeys.toml"
        )
    )

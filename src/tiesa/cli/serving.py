"""`tiesa serve`, `tiesa worker`: the pages and the long work behind them."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from tiesa.cli.options import HomeOption, home_of, working
from tiesa.core.locale import _

PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help=_("Port to listen on."))]


def register(app: typer.Typer) -> None:
    app.command("serve", help=_("Serve the pages."))(serve)
    app.command("worker", help=_("Run the jobs and the schedule of the pages."))(worker)


def serve(
    port: PortOption = 8000,
    host: Annotated[str, typer.Option("--host", help=_("Address to listen on."))] = "127.0.0.1",
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help=_("Leave the jobs to `tiesa worker` (larger installations)."))
    ] = False,
    home: HomeOption = None,
) -> None:
    from tiesa.app import serving

    serving.set_up(home_of(home), base_url=f"http://127.0.0.1:{port}")
    with working(_("Preparing the database")):
        serving.prepare()
    serving.refuse_what_is_unsafe()
    if link := serving.first_link():
        typer.echo(_("Nobody can sign in yet. The first administrator joins here (once, within a day):"))
        typer.echo(f"  {link}")
    typer.echo(_("Tiesa is at {address} (Ctrl+C ends it).").format(address=os.environ["TIESA_BASE_URL"]))
    serving.serve(host, port, with_worker=not no_worker)


def worker(home: HomeOption = None) -> None:
    from tiesa.app import serving

    serving.set_up(home_of(home))
    serving.prepare()
    typer.echo(_("The worker runs (Ctrl+C ends it after the job under way)."))
    serving.work()

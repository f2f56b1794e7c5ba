"""`tiesa demo`: the made-up company in a home of its own, built, with its report."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from tiesa.cli.options import HomeOption, JsonOption, LanguageOption, print_json, speaking, working
from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.whole_files import write_whole

CUSTOMERS = 8000


def register(app: typer.Typer) -> None:
    app.command("demo", help=_("Try everything on a made-up company."))(demo)


def demo(
    customers: Annotated[int, typer.Option("--customers", min=50, help=_("How many customers."))] = CUSTOMERS,
    seed: Annotated[int, typer.Option("--seed", help=_("Another seed, another company."))] = 1,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help=_("Port of the pages."))] = 8000,
    no_serve: Annotated[bool, typer.Option("--no-serve", help=_("Build and report only."))] = False,
    out: Annotated[Path | None, typer.Option("--out", help=_("The report (else report.html in the home)."))] = None,
    home: HomeOption = None,
    language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    from tiesa.cli.reporting import check_format, write_report
    from tiesa.journeys.build import build
    from tiesa.journeys.view import open_view
    from tiesa.reports.report import journey_report

    target = Home(home) if home else Home(Home.standard().root.parent / "tiesa-demo")
    report = out or target.root / "report.html"
    check_format(report)
    started = time.monotonic()
    with speaking(language):
        if not _is_there(target):
            make_company(target, customers=customers, seed=seed)
            with working(_("Making journeys")):
                build(target)
        with working(_("Looking for answers")), open_view(target) as view:
            made = journey_report(view, title=_("A made-up telecom and bank"))
        with working(_("Writing {file}").format(file=report.name)):
            write_report(made, report)
        seconds = round(time.monotonic() - started, 1)
        if as_json:
            print_json(
                {"home": target.root, "report": report, "made_up": True, "facts": made.facts, "seconds": seconds}
            )
        else:
            typer.echo(made.facts)
            typer.echo(_("Report: {path}").format(path=report))
            typer.echo(_("Ask it more: tiesa questions --home {home}").format(home=target.root))
        if not no_serve and not as_json:
            _serve(target, port)


def _serve(home: Home, port: int) -> None:
    """The pages of the made-up company, on this machine only."""
    from tiesa.app import serving

    address = f"http://127.0.0.1:{port}"
    serving.set_up(home, demo=True, base_url=address)
    with working(_("Preparing the database")):
        serving.prepare()
        _make_people(home)
    typer.echo(_("Tiesa is at {address} (Ctrl+C ends it).").format(address=address))
    serving.serve("127.0.0.1", port, with_worker=True)


def _make_people(home: Home) -> None:
    from tiesa.app.people.demo import make_people
    from tiesa.journeys.view import open_view

    with open_view(home) as view:
        employees = view.rows("select unit, mode(employee) from rows where unit is not null group by 1 order by 1")
    make_people(dict(employees))


def make_company(home: Home, *, customers: int, seed: int) -> None:
    """Simulate, and take every table into the home; its rules become those of the home."""
    from tiesa.contacts.importing import import_file
    from tiesa.simulate import simulate

    with tempfile.TemporaryDirectory(prefix="tiesa-demo-") as name:
        folder = Path(name)
        with working(_("Making up a company")):
            simulate(customers, seed=seed, out=folder)
        home.make()
        for rules in (folder / "rules").iterdir():
            write_whole(home.rules / rules.name, rules.read_text("utf-8"))
        for file in sorted(folder.glob("*.parquet")):
            with working(_("Importing {file}").format(file=file.name)):
                import_file(file, home)


def _is_there(home: Home) -> bool:
    """Does the home hold the made-up company, built? Raises: WrongUsage where it holds anything else."""
    from tiesa.contacts.log import ContactLog
    from tiesa.core.tables import CONTACT
    from tiesa.journeys.evidence import journey_contact_store
    from tiesa.journeys.held import is_made_up
    from tiesa.journeys.view import open_view

    home.check()
    if not ContactLog(home).files(CONTACT):
        return False
    if journey_contact_store(home).version().number >= 1:
        with open_view(home) as view:
            if is_made_up(view):
                return True
    raise WrongUsage(
        _("This home holds contacts that are not made up, or a demo that was stopped half-way"),
        where=str(home.root),
        remedy=_("Name another folder with --home, or remove this one"),
    )

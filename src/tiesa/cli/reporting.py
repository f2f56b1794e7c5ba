"""`tiesa report`: everything the library can say, as one file for a manager."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tiesa.cli.options import LanguageOption, speaking, working
from tiesa.cli.selecting import Asked, selecting
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _

if TYPE_CHECKING:
    from tiesa.reports.report import Report

FORMATS = (".html", ".pdf")


def register(app: typer.Typer) -> None:
    app.command("report", help=_("Write the report: one HTML or PDF file."))(report)


@selecting
def report(
    asked: Asked,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=_("FILE.html or FILE.pdf."))],
    title: Annotated[str, typer.Option("--title", help=_("Title (else what is selected)."))] = "",
    language: LanguageOption = "",
) -> None:
    from tiesa.journeys.view import open_view
    from tiesa.reports.report import journey_report

    check_format(out)
    with speaking(language):
        with working(_("Looking for answers")), open_view(asked.home, asked.selection, as_of=asked.as_of) as view:
            made = journey_report(view, title=title)
        with working(_("Writing {file}").format(file=out.name)):
            write_report(made, out)
        typer.echo(_("Written: {path}").format(path=out))


def check_format(out: Path) -> None:
    """Raise WrongUsage before any work where the file cannot be a report."""
    if out.suffix not in FORMATS:
        raise WrongUsage(
            _("A report is no {name} file").format(name=out.suffix or repr(out.name)), where="--out",
            remedy=_("Allowed: {keys}").format(keys=", ".join(FORMATS)),
        )  # fmt: skip


def write_report(made: Report, out: Path) -> None:
    """Write a report by the file's suffix; the file is whole or not there."""
    from tiesa.reports.writing import replacing

    with replacing(out) as draft:
        if out.suffix == ".pdf":
            from tiesa.reports.report_pdf import report_pdf

            draft.write_bytes(report_pdf(made))
        else:
            from tiesa.reports.report_html import report_html

            draft.write_text(report_html(made), encoding="utf-8")

"""One way out: contacts and journeys of an evidence number as XES, OCEL 2.0, CSV, XLSX or Parquet.

No personal data leave unless asked for: a customer is a number, words people wrote stay in the private tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tiesa.core.columns import Table
from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import JOURNEY, JOURNEY_CONTACT
from tiesa.reports.log_table import write_csv_log, write_parquet_log, write_xlsx_log
from tiesa.reports.log_view import LogView, open_log
from tiesa.reports.ocel import write_ocel
from tiesa.reports.writing import replacing, text_stream
from tiesa.reports.xes import write_xes

EVENT_LOGS = ("xes", "ocel")
TABLES: dict[str, Callable[[LogView, Table, Path, Path], tuple[str, ...]]] = {
    "csv": write_csv_log,
    "xlsx": write_xlsx_log,
    "parquet": write_parquet_log,
}
FORMATS = (*EVENT_LOGS, *TABLES)
WHAT = {"contacts": JOURNEY_CONTACT, "journeys": JOURNEY}


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was taken out: contacts, journeys and customers in the selection, the file's size, and remarks."""

    path: Path
    format: str
    contacts: int
    journeys: int
    customers: int
    bytes: int
    notes: tuple[str, ...]


def export(
    home: Home,
    out: Path | str,
    *,
    format: str,
    what: str = "contacts",
    version: int | None = None,
    selection_sql: str | None = None,
    names: bool = False,
) -> ExportResult:
    """Take contacts and journeys out of a home into one file.

    Args: format: xes, ocel, csv, xlsx or parquet; a name ending in .gz packs xes, ocel and csv. what: contacts or
    journeys (event logs hold both). version: evidence number, else the latest. selection_sql: a query of (customer_key,
    journey_no) over the views all_rows and all_journeys, else all journeys. names: customers by their own ids (personal
    data), not by numbers.
    Returns: counts and remarks. The file is whole or, after an error, what it was before.
    Raises: WrongUsage, EmptyHome, TiesaError where the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> from tiesa.contacts.importing import import_file
    >>> from tiesa.journeys.build import build
    >>> with TemporaryDirectory() as folder:
    ...     home = Home(Path(folder) / "home")
    ...     _imported, _built = import_file("examples/support.csv", home), build(home)
    ...     done = export(home, Path(folder) / "log.xes", format="xes")
    >>> done.contacts, done.journeys, done.customers
    (395, 147, 114)
    """
    out = Path(out)
    table = _checked(format, what, out)
    with open_log(home, version=version, selection_sql=selection_sql, names=names) as log:
        with replacing(out) as draft:
            if format in TABLES:
                notes = TABLES[format](log, table, draft, out)
            else:
                with text_stream(draft, out) as stream:
                    notes = write_xes(log, stream) if format == "xes" else write_ocel(log, stream)
        return ExportResult(out, format, log.contacts, log.journeys, log.customers, out.stat().st_size, notes)


def _checked(form: str, what: str, out: Path) -> Table:
    """The table that is asked for. Raises WrongUsage for words that do not exist or do not go together."""
    if form not in FORMATS:
        raise WrongUsage(
            _("There is no format {name}").format(name=repr(form)),
            where="--format",
            remedy=_("Allowed: {keys}").format(keys=", ".join(FORMATS)),
        )
    if what not in WHAT:
        raise WrongUsage(
            _("There is nothing called {name} to take out").format(name=repr(what)),
            where="--what",
            remedy=_("Allowed: {keys}").format(keys=", ".join(WHAT)),
        )
    if form in EVENT_LOGS and what != "contacts":
        raise WrongUsage(
            _("An event log holds contacts and journeys together"),
            where="--what",
            remedy=_("Leave --what out, or take csv, xlsx or parquet"),
        )
    if out.suffix == ".gz" and form in ("xlsx", "parquet"):
        raise WrongUsage(
            _("A file of this format is packed already"), where=str(out), remedy=_("Leave .gz out of its name")
        )
    return WHAT[what]

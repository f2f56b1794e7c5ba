"""`tiesa import`, `tiesa imports`, `tiesa undo`: into the log and out again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiesa.cli.options import HomeOption, JsonOption, TableOption, home_of, print_json, table_of, working
from tiesa.core.errors import TiesaError
from tiesa.core.locale import _, ngettext

if TYPE_CHECKING:
    from tiesa.contacts.importing import ImportResult


def register(app: typer.Typer) -> None:
    app.command("import", help=_("Take files into the log."))(import_files)
    app.command("imports", help=_("List what was imported."))(list_imports)
    app.command("undo", help=_("Take an import back, and bring back what it had replaced."))(undo)


def import_files(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help=_("CSV, XLSX, JSON Lines, Parquet, XES, OCEL, mbox, maildir."))
    ],
    table: TableOption = "",
    mapping: Annotated[Path | None, typer.Option("--mapping", help=_("A mapping file (see `tiesa mapping`)."))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Show mapped rows and counts, write nothing."))] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> int:
    from tiesa.contacts.importing import import_file
    from tiesa.contacts.mapping import read_mapping

    given, kind, status, answers = read_mapping(mapping) if mapping else None, table_of(table), 0, []
    for file in files:
        try:
            with working(_("Importing {file}").format(file=file.name)):
                result = import_file(file, home_of(home), mapping=given, table=kind, dry_run=dry_run)
        except TiesaError as error:
            if len(files) == 1:
                raise
            typer.echo(f"tiesa: {error}", err=True)  # the other files go on
            answers.append({"file": str(file), "error": str(error)})
            status = max(status, error.exit_status)
            continue
        answers.append({"file": str(file), **as_plain(result)})
        if not as_json:
            show(file, result, dry_run=dry_run)
    if as_json:
        print_json(answers[0] if len(answers) == 1 else answers)
    return status


def as_plain(result: ImportResult) -> dict[str, Any]:
    """The result as JSON has it."""
    return {
        "read": result.read,
        "accepted": result.accepted,
        "corrected": result.corrected,
        "duplicates": result.duplicates,
        "quarantined": result.quarantined,
        "quarantine_file": str(result.quarantine_file) if result.quarantine_file else None,
        "import_id": result.import_id,
        "version": result.version,
        "mapping": {"source": result.mapping.source, "title": result.mapping.title, "recognised": result.recognised},
        "tables": {name: kept.accepted for name, kept in result.tables.items()},
        "customers": result.customers,
        "new_customers": result.new_customers,
        "dropped": list(result.dropped),
        "notes": list(result.notes),
        "preview": [dict(row) for row in result.preview],
    }


def show(file: Path, result: ImportResult, *, dry_run: bool) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    console.print(f"[bold]{escape(file.name)}[/bold]  [dim]{escape(how(result))}[/dim]")
    counts = _("{read:,} rows read = {accepted:,} accepted + {duplicates:,} duplicates + {quarantined:,} set aside")
    console.print(
        "  "
        + counts.format(
            read=result.read, accepted=result.accepted, duplicates=result.duplicates, quarantined=result.quarantined
        )
    )
    if result.corrected:
        line = ngettext("{n:,} of them corrects a row", "{n:,} of them correct rows", result.corrected)
        console.print("  " + line.format(n=result.corrected))
    for name, kept in list(result.tables.items())[1:]:
        console.print("  " + _("{n:,} rows of table {table} with them").format(n=kept.accepted, table=name))
    if result.customers:
        console.print(
            "  " + _("{n:,} customers, {new:,} of them new").format(n=result.customers, new=result.new_customers)
        )
    for note in result.notes:
        console.print("  [yellow]![/yellow] " + escape(note))
    if result.dropped:
        console.print(
            "  [dim]" + escape(_("Columns not used: {columns}").format(columns=", ".join(result.dropped))) + "[/dim]"
        )
    if result.quarantine_file:
        console.print(
            "  " + escape(_("Set aside in {file}: mend it and import it again").format(file=result.quarantine_file))
        )
    if dry_run:
        table = Table(box=None, header_style="bold", pad_edge=False)
        columns = list(result.preview[0]) if result.preview else []
        for column in columns:
            table.add_column(column, overflow="ellipsis", no_wrap=True, max_width=22)
        for row in result.preview:
            table.add_row(*("" if row[c] is None else escape(str(row[c])) for c in columns))
        console.print(table)
        console.print(_("Nothing was written (--dry-run)."))
    elif result.accepted:
        console.print("  [dim]" + _("import {id} (tiesa undo {id})").format(id=result.import_id) + "[/dim]")


def how(result: ImportResult) -> str:
    """Which mapping read the file."""
    kind, _separator, name = result.recognised.partition(": ")
    words = {
        "ready": _("read with the ready mapping {name}"),
        "saved": _("read with the saved mapping {name}"),
        "proposed": _("read with a proposed mapping (see `tiesa mapping`)"),
        "given": _("read with the mapping given"),
    }
    return words[kind].format(name=name)


def list_imports(home: HomeOption = None, as_json: JsonOption = False) -> None:
    from tiesa.contacts.log import ContactLog

    target = home_of(home)
    target.check()
    facts = ContactLog(target).imports()
    if as_json:
        print_json(facts)
        return
    if not facts:
        typer.echo(_("Nothing was imported into {home} yet.").format(home=target.root))
    for fact in facts:
        if fact["action"] == "undo":
            typer.echo(_("{id}  taken back ({n:,} rows)").format(id=fact["import_id"], n=fact["rows"]))
        else:
            typer.echo(f"{fact['import_id']}  {fact['file']}  " + _("{n:,} rows accepted").format(n=fact["accepted"]))


def undo(
    import_id: Annotated[str, typer.Argument(metavar="IMPORT_ID", help=_("As `tiesa imports` lists it."))],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    from tiesa.contacts.importing import undo_import

    with working(_("Taking {id} back").format(id=import_id)):
        taken = undo_import(home_of(home), import_id)
    if as_json:
        print_json({"import_id": import_id, "taken_back": taken})
        return
    typer.echo(
        _("Taken back: {rows}. Journeys follow at the next `tiesa build`.").format(
            rows=", ".join(f"{n:,} {name}" for name, n in taken.items())
        )
    )

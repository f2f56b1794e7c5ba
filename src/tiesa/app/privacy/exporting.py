"""Everything about one person in one ZIP: JSON for programs, CSV for people."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tiesa.app.config.installation import installation
from tiesa.app.privacy.database import told_in_database
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.whole_files import make_folder, replacing
from tiesa.upkeep.told_of import told_of

FOLDER = "exports"


def exports() -> Path:
    """Where exports lie until they are fetched or a few days old."""
    return installation().folder / FOLDER


def export_of(job_id: str) -> Path:
    return exports() / f"{job_id}.zip"


def write_export(home: Home, number: int, file: Path) -> dict[str, int]:
    """Write the ZIP whole or not at all, readable by the server alone; returns the number of rows by table."""
    told = told_of(home, number=number)
    tables: dict[str, list[dict[str, Any]]] = {
        name: [_plain(row) for row in table.to_pylist()] for name, table in told.tables.items()
    }
    if waiting := told_in_database(told.person):
        tables["application_database"] = [_plain(row) for row in waiting]
    make_folder(file.parent)
    file.parent.chmod(0o700)
    with replacing(file, mode=0o600) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("read me.txt", _read_me(number))
        archive.writestr("everything.json", json.dumps(tables, ensure_ascii=False, indent=1))
        for name, rows in tables.items():
            archive.writestr(f"{name}.csv", "\ufeff" + "".join(_csv(rows)))
    return {name: len(rows) for name, rows in tables.items()}


def _read_me(number: int) -> str:
    return _(
        "Everything this installation holds about customer {number}: one table a file, and all of them once more in "
        "everything.json. Times are in UTC."
    ).format(number=number)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {column: _value(value) for column, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, tuple) and len(one) == 2 for one in value):
        return dict(value)  # a map, as Arrow gives it
    return value


def _csv(rows: list[dict[str, Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow([_cell(value) for value in row.values()])
    yield buffer.getvalue()


def _cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula; everything.json has it to the letter."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
    is_number = isinstance(value, (int, float))
    return "'" + text if text[:1] in "=+-@\t\r" and not is_number else text

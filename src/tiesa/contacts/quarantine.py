"""Rows set aside: written to a CSV file that can be mended in any spreadsheet and sent again.

The file has the source's own columns, so that the same mapping reads it, and four more that say where the row
stood and what is wrong with it; these are left out when the file comes in again. Of an erased customer only that is
kept: what the row said stays out.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from tiesa.contacts.checks import reason
from tiesa.contacts.private import Private
from tiesa.contacts.staging import QUARANTINE_ROW, Staging
from tiesa.core.home import Home
from tiesa.core.whole_files import make_folder, replacing

QUARANTINE_COLUMNS = (QUARANTINE_ROW, "quarantine_column", "quarantine_value", "quarantine_reason")


def write_quarantine(staging: Staging, home: Home, *, import_id: str) -> Path | None:
    """Write the rows that were set aside; None when there are none."""
    if not staging.facts.bad and not staging.source.broken:
        return None
    make_folder(home.quarantine)
    path = home.quarantine / f"{import_id}.csv"
    columns = [c for c in staging.source.columns if c not in QUARANTINE_COLUMNS]
    private = Private(home)
    with private.writing(), replacing(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        is_erased = private.tells_of_erased(staging.mapping.customers)
        writer = csv.writer(file)
        writer.writerow([*columns, *QUARANTINE_COLUMNS])
        for row, where, value, why, raw in set_aside(staging):
            silent = is_erased is not None and any(is_erased(cell) for cell in raw.values() if cell)
            said = ("" for _column in columns) if silent else (raw.get(c) or "" for c in columns)
            writer.writerow([*said, row, where, "" if silent else value, why])
    return path


def set_aside(staging: Staging) -> Iterator[tuple[int, str, str, str, dict[str, str | None]]]:
    """Row number, column, value, reason and the source row of each row set aside; broken records first."""
    for broken in staging.source.broken:
        yield broken.row, broken.column, broken.value or "", broken.reason, broken.raw or {}
    for row, problems, raw in staging.bad_rows():
        found = json.loads(problems)
        yield (
            row,
            "; ".join(p["column"] for p in found),
            "; ".join(p["value"] or "" for p in found),
            "; ".join(reason(p["code"]) for p in found),
            json.loads(raw),
        )

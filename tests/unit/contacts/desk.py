"""A small help desk for the tests of the log: rows, a mapping, and ways to look into a home."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tiesa.contacts.importing import ImportResult, import_file
from tiesa.contacts.log import ContactLog
from tiesa.contacts.mapping import Mapping, parse_mapping
from tiesa.core.columns import Table
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT
from tiesa.engines.duckdb import parquet

Row = dict[str, str]
COLUMNS = ("id", "when", "who", "ticket", "what", "way", "dir", "topic", "agent", "price", "currency", "words")

WITH_IDS = """
source = "desk"
[time]
zone = "Europe/Belgrade"
[contact]
contact_id = "id"
occurred_at = "when"
customer = "who"
case_id = "ticket"
touchpoint = "what"
channel = "way"
direction = { column = "dir", values = { in = "inbound", out = "outbound", step = "internal" } }
reason = "topic"
employee = "agent"
cost = "price"
currency = "currency"
text = "words"
"""
WITHOUT_IDS = WITH_IDS.replace('contact_id = "id"\n', "")


def row(number: int, **changes: str) -> Row:
    """A row of the desk: customer, case and words vary with its number."""
    made = {
        "id": f"c{number}",
        "when": f"2025-03-{1 + number % 28:02d} {8 + number % 10:02d}:{number % 60:02d}",
        "who": f"person {number % 7}",
        "ticket": f"T{number % 11}",
        "what": ("asks", "answers", "checks")[number % 3],
        "way": ("e-mail", "phone")[number % 2],
        "dir": ("in", "out", "step")[number % 3],
        "topic": ("bill", "fault", "")[number % 3],
        "agent": ("", "Ana", "Bojan")[number % 3],
        "price": f"{number % 5}.{number % 10}",
        "currency": "EUR",
        "words": f"words of {number}",
    }
    return made | changes


def write_csv(path: Path, rows: Iterable[Row], columns: Sequence[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_json_lines(path: Path, rows: Iterable[Row]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    return path


def write_parquet(path: Path, rows: Sequence[Row]) -> Path:
    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


def write_xlsx(path: Path, rows: Sequence[Row]) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(COLUMNS)
    for each in rows:
        sheet.append([each[c] for c in COLUMNS])
    book.save(path)
    return path


def mapping(text: str = WITH_IDS) -> Mapping:
    return parse_mapping(text)


def take_in(home: Home, path: Path, text: str = WITH_IDS, **options: Any) -> ImportResult:
    result = import_file(path, home, mapping=mapping(text), **options)
    assert result.read == result.accepted + result.duplicates + result.quarantined
    return result


def log_of(home: Home, table: Table = CONTACT, *, ids: bool = True) -> list[dict[str, Any]]:
    """The rows that hold, with the source's own customer ids instead of numbers and without book-keeping."""
    log = ContactLog(home)
    files = [f.path for f in log.files(table)]
    if not files:
        return []
    left_out = ["customer_key", "import_id", "recorded_at"] + ([] if ids else [table.id_column, "position"])
    with duckdb.connect() as sql:
        sql.execute("set TimeZone = 'UTC'")
        known = parquet([f.path for f in log.private.identities.version().files])
        rows = sql.sql(
            f"select c.* exclude ({', '.join(left_out)}), i.source_id as customer from {parquet(files)} c "
            f"left join {known} i using (customer_key) order by all"
        ).to_arrow_table()
    return rows.to_pylist()

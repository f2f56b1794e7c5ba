"""Homes to take out and bring back, and what is compared."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tiesa.contacts.importing import import_file, import_frame
from tiesa.contacts.mapping import parse_mapping
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT
from tiesa.engines.duckdb import parquet
from tiesa.journeys.build import build
from tiesa.journeys.evidence import evidence

START = datetime(2025, 3, 3, 8, tzinfo=UTC)
KEPT = [c for c in CONTACT.names if c not in ("source", "customer_key", "attributes", "import_id", "recorded_at")]
"""Columns of a made row that go into the log under their own names."""
ATTRIBUTE_NAMES = ("colour", 'a "b" <c>', "=odd & Ž")


def full_row(number: int, **changes: Any) -> dict[str, Any]:
    """A contact with a value in every column; ties in time, several customers, several journeys each."""
    chance = random.Random(number)
    row = {
        "contact_id": f"id-{number}",
        "position": number,
        "occurred_at": START + timedelta(hours=number // 3, microseconds=chance.choice([0, 123_000, 456_789])),
        "customer": f"person {number % 5}",
        "touchpoint": chance.choice(["asks", "answers", 'checks <& "it"']),
        "channel": chance.choice(["email", "phone"]),
        "direction": chance.choice(["inbound", "outbound", "internal", None]),
        "kind": chance.choice(["complaint", "question", None]),
        "reason": chance.choice(["bill", "fault: ‘Ž’", None]),
        "reply_to": f"id-{number - 1}" if number % 4 == 1 else None,
        "promised_at": START + timedelta(days=number, microseconds=1) if number % 6 == 0 else None,
        "waits_for": chance.choice(["us", "customer", "third_party", None]),
        "journey_type": chance.choice(["repair", None]),
        "case_id": f"case:{number % 5}:{number % 2}" if number % 3 else None,
        "employee": chance.choice(["Ana", "Bojan", None]),
        "unit": chance.choice(["north", None]),
        "organisation": chance.choice(["bank", None, None]),
        "process": "settling",
        "product": chance.choice(["card", "loan", None]),
        "branch": chance.choice(["Niš", None]),
        "severity": chance.choice([1, 5, None]),
        "emotion": chance.choice([-0.3, 0.1, 1.0, None]),
        "emotion_label": chance.choice(["angry", None]),
        "emotion_source": chance.choice(["stated", "inferred", None]),
        "emotion_confidence": chance.choice([0.7, None]),
        "language": "sr",
        "duration_s": chance.choice([0.1, 3600.0, 1e-7, None]),
        "cost": chance.choice([Decimal("12.3400"), Decimal("0.0001"), Decimal("12345678901234.5678"), None]),
        "amount": chance.choice([Decimal("-5.5000"), None]),
        "currency": "EUR",
        "goal": chance.choice(["reached", "abandoned", None, None]),
        **{name: chance.choice([f"value {number}", None]) for name in ATTRIBUTE_NAMES},
    }
    return row | changes


def made_home(folder: Path, rows: list[dict[str, Any]], *, source: str = "desk") -> Home:
    """A home that holds these rows, with journeys. Rows with another `source` are another system's."""
    home = Home(folder)
    add_rows(home, rows, source)
    build(home)
    return home


def add_rows(home: Home, rows: list[dict[str, Any]], source: str) -> None:
    mapped = "\n".join(f'{c} = "{c}"' for c in KEPT if c in rows[0]) + '\ncustomer = "customer"'
    others = [c for c in rows[0] if c not in (*KEPT, "customer")]
    attributes = "\n".join(f"{_quoted(c)} = {_quoted(c)}" for c in others)
    text = f'source = "{source}"\n[contact]\n{mapped}\n[contact.attributes]\n{attributes}\n'
    schema = pa.schema([(c, CONTACT[c].type if c in CONTACT else pa.string()) for c in rows[0]])
    result = import_frame(pa.Table.from_pylist(rows, schema), home, mapping=parse_mapping(text))
    assert result.accepted == len(rows), result


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def brought_back(file: Path, folder: Path) -> Home:
    """A fresh home made from an export, without a mapping."""
    home = Home(folder)
    result = import_file(file, home)
    assert not result.quarantined
    assert not result.duplicates
    build(home)
    return home


def contents(home: Home, *, customers: bool = False) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Contacts with what the build found, and journeys; customers as numbers by order, or by their own ids."""
    view = evidence(home)
    with duckdb.connect() as sql:
        sql.execute("set TimeZone = 'UTC'")
        who = "dense_rank() over (order by customer_key)"
        join = ""
        if customers:
            files = [str(p) for p in (home.private / "identities").rglob("*.parquet")]
            who, join = "i.source_id", f" join (from {parquet(files)}) i using (customer_key)"
        found = []
        for source in (view.rows_sql, view.journeys_sql):
            table = sql.sql(
                f"select r.* exclude (customer_key), {who} as customer from {source} r{join} order by all"
            ).to_arrow_table()
            found.append(table.to_pylist())
    for row in found[0]:
        row["attributes"] = dict(row["attributes"])
    return found[0], found[1]


def support_home(folder: Path) -> Home:
    home = Home(folder)
    import_file("examples/support.csv", home)
    build(home)
    return home

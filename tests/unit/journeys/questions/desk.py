"""A small home from hand-written contacts, for tests that work their figures out by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from tiesa.contacts.importing import import_frame
from tiesa.contacts.mapping import parse_mapping
from tiesa.core.columns import Table
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT
from tiesa.journeys import Rules
from tiesa.journeys.build import build

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A working day at nine, from which the contacts count."""


def after(*, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
    return MONDAY + timedelta(days=days, hours=hours, minutes=minutes)


def contact(at: str, customer: str, direction: str | None, channel: str, **more: Any) -> dict[str, Any]:
    """A contact; at: `03-03 09:00`, UTC in 2025, where 3 March is a Monday."""
    when = datetime.strptime(f"2025-{at}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    touchpoint = f"{channel} {direction}"
    who = {"occurred_at": when, "customer": customer, "direction": direction}
    return {**who, "channel": channel, "touchpoint": touchpoint} | more


def take(home: Home, rows: list[dict[str, Any]], table: Table = CONTACT, *, source: str = "desk") -> None:
    """Rows into the log, by the table's own column names and `customer`, `customer_mail`, ...

    source: another one than the desk has customer ids of its own. A column `attributes.x` is the attribute x.
    """
    columns = list(dict.fromkeys(c for row in rows for c in row))
    schema = pa.schema([(c, table[c].type if c in table else pa.string()) for c in columns])
    own_ids = "" if source == "desk" else f'customers = "{source}"\n'
    mapping = f'source = "{source}"\n{own_ids}[{table.name}]\n' + "\n".join(f'{c} = "{c}"' for c in columns)
    result = import_frame(pa.Table.from_pylist(rows, schema), home, mapping=parse_mapping(mapping))
    assert result.accepted == len(rows), result


def home_of(rows: list[dict[str, Any]], folder: Path, rules: Rules | None = None) -> Home:
    """A built home of these contacts. A row names `customer` and columns of CONTACT; ids come by themselves."""
    usual = {"touchpoint": "question", "channel": "email"}
    home = Home(folder)
    take(home, [usual | {"contact_id": f"c{number:04d}"} | row for number, row in enumerate(rows)])
    build(home, rules=rules)
    return home

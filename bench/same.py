"""Do two works say the same? Every row of theirs, column by column, as one number that no order of rows changes.

A column's number is the sum over all rows of the hash of (the row's id, the value): equal numbers mean equal values in
equal rows, nulls included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ROW = {
    "journey_no": "journey_no::bigint",
    "journey_position": "journey_position::bigint",
    "previous_touchpoint": "previous_touchpoint::varchar",
    "gap": "gap::bigint",
    "gap_business": "gap_business::bigint",
    "wait_owner": "wait_owner::varchar",
    "wait": "wait::bigint",
    "wait_business": "wait_business::bigint",
    "is_repeat": "is_repeat::boolean",
    "is_answered": "is_answered::boolean",
    "answered_at": "epoch_us(answered_at)",
    "answered_by": "answered_by::varchar",
    "answered_channel": "answered_channel::varchar",
    "answered_contact_id": "answered_contact_id::varchar",
    "insistence": "insistence::bigint",
    "is_handover": "is_handover::boolean",
    "is_channel_change": "is_channel_change::boolean",
}
"""What is made of a contact, as SQL that brings each engine's type to one; lengths are whole microseconds."""

OWNERS = ("us", "customer", "nobody")
"""Whose waits there are in the generated log: nobody of a third party takes part, and every direction is known."""

JOURNEY = {
    "journey_no": "journey_no::bigint",
    "reason": "reason::varchar",
    "start_at": "epoch_us(start_at)",
    "end_at": "epoch_us(end_at)",
    "start_touchpoint": "start_touchpoint::varchar",
    "end_touchpoint": "end_touchpoint::varchar",
    "duration": "duration::bigint",
    "contacts": "contacts::bigint",
    "internal_steps": "internal_steps::bigint",
    "inbound": "inbound::bigint",
    **{f"wait_{owner}": f"wait_{owner}::bigint" for owner in OWNERS},
    **{f"wait_{owner}_business": f"wait_{owner}_business::bigint" for owner in OWNERS},
    "repeats": "repeats::bigint",
    "unanswered": "unanswered::bigint",
    "insistence": "insistence::bigint",
    "handovers": "handovers::bigint",
    "channel_changes": "channel_changes::bigint",
    "employees": "employees::bigint",
    "channels": "channels::bigint",
    "cost": "(cost::decimal(18, 4) * 10000)::bigint",
    "waiting_for": "waiting_for::varchar",
    "waiting_since": "epoch_us(waiting_since)",
}
"""What is made of a journey; `variant` too, whose numbers differ but which tells as many ways apart."""

IN_MICROSECONDS = {
    "gap": "gap_s", "gap_business": "gap_business_s", "wait": "wait_s", "wait_business": "wait_business_s",
    "duration": "duration_s", **{f"wait_{owner}": f"wait_{owner}_s" for owner in OWNERS},
    **{f"wait_{owner}_business": f"wait_{owner}_business_s" for owner in OWNERS},
}  # fmt: skip
"""The columns of Tiesa that hold lengths, in seconds."""


def sums(sql: str, key: str, columns: Mapping[str, str]) -> dict[str, Any]:
    """The number of rows and, by column, the sum of the hashes."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false; set TimeZone = 'UTC'; set memory_limit = '3GB'")
    asked = ["count(*)", *(f"sum(hash({key}, {value})::hugeint)::varchar" for value in columns.values())]
    found = connection.execute(f"select {', '.join(asked)} from ({sql})").fetchall()[0]
    return dict(zip(("rows", *columns), found, strict=True))


def made(rows: str, journeys: str, *, in_seconds: bool = False) -> dict[str, Any]:
    """What a build made, as facts to compare: two relations in SQL, lengths in microseconds or (Tiesa's) in seconds."""
    if in_seconds:
        rows, journeys = _in_microseconds(rows, ROW), _in_microseconds(journeys, JOURNEY)
    per_row = sums(f"select * from {rows}", "contact_id", ROW)
    per_journey = sums(f"select * from {journeys}", "customer_key::bigint, case_id::varchar", JOURNEY)
    ways = sums(f"select distinct variant from {journeys}", "0", {})["rows"]
    return {
        **{f"row {name}": value for name, value in per_row.items()},
        **{f"journey {name}": value for name, value in per_journey.items()},
        "ways": ways,
    }


def _in_microseconds(relation: str, columns: Mapping[str, str]) -> str:
    lengths = ", ".join(
        f"{IN_MICROSECONDS[name]}::decimal(38, 6) * 1000000 as {name}" for name in columns if name in IN_MICROSECONDS
    )
    return f"(select *, {lengths} from {relation})"

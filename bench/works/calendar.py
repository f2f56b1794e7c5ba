"""The contacts of the log and its business calendar, as the competitors of a build read them."""

from __future__ import annotations

from pathlib import Path

from bench.job import Folder

DAY_US = 86_400_000_000
REPEAT_US = 14 * DAY_US
"""The same question again within this time is a repeat: the default of the rules."""
LIVE = ("phone", "branch")
"""The channels of the generated log in which question and answer are one contact."""
COLUMNS = (
    "contact_id", "source", "position", "customer_key", "occurred_at", "touchpoint", "channel", "direction", "reason",
    "case_id", "employee", "cost",
)  # fmt: skip
"""The columns of the log that have values."""
ORDER = ("occurred_at", "source", "position", "contact_id")


def contact_files(folder: Folder) -> list[str]:
    """The log's own Parquet files: reading is part of every competitor's time, and of ours."""
    from tiesa.contacts.log import ContactLog
    from tiesa.core.home import Home
    from tiesa.core.tables import CONTACT

    return [str(f.path) for f in ContactLog(Home(folder.home)).files(CONTACT)]


def calendar(folder: Folder) -> Path:
    """A Parquet file with one row a day: `day` since 1970, when it opens and closes, and the open time before it.

    The default calendar opens once a day at most, so that open time needs a look at the day and no more.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from tiesa.core.business_time import EPOCH, MICROSECOND
    from tiesa.journeys.rules import Rules

    first, last = 1_590_000_000_000_000, 1_680_000_000_000_000
    table = Rules().calendar.table(EPOCH + first * MICROSECOND, EPOCH + last * MICROSECOND)
    days = np.arange(first // DAY_US, last // DAY_US + 1)
    at = table.first[days - table.first_day]
    if (np.diff(table.starts // DAY_US) < 1).any() or (table.starts // DAY_US != table.ends // DAY_US).any():
        raise ValueError("the calendar opens more than once a day")
    is_open = table.starts[at] // DAY_US == days
    opens = np.where(is_open, table.starts[at], days * DAY_US)
    closes = np.where(is_open, table.ends[at], opens)
    path = folder.root / "calendar.parquet"
    pq.write_table(pa.table({"day": days, "opens": opens, "closes": closes, "before": table.before[at]}), path)
    return path

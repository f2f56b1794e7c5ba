"""A page's question: journeys that began in one month and were on the phone once; contacts, waits and their medians.

In a process that already runs, as pages are served; asked once before it is measured. The competitors read the same
files of the same home; the limit is a scan of the columns that this question needs, nothing selected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from bench.job import Folder, Job

CHANNEL = "phone"
SINCE, UNTIL = datetime(2021, 10, 1, tzinfo=UTC), datetime(2021, 11, 1, tzinfo=UTC)
ANSWER = (
    "select touchpoint, count(*), count(wait_s), percentile_disc(0.5) within group (order by wait_s) "
    "filter (wait_s is not null) from {rows} group by 1 order by 1"
)


def tiesa_filter(folder: Folder) -> Job:
    """A view of the selected journeys, opened and asked."""
    from tiesa.core.home import Home
    from tiesa.journeys.selection import Selection
    from tiesa.journeys.view import open_view

    def ask() -> list[Any]:
        with open_view(Home(folder.home), Selection(channel=CHANNEL, since=SINCE, until=UNTIL)) as view:
            return view.rows(ANSWER.format(rows="rows"))

    return _asked(ask)


def duckdb_filter(folder: Folder) -> Job:
    """Plain SQL over the files."""
    import duckdb

    rows, journeys = _tables(folder)
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false; set threads = 2; set TimeZone = 'UTC'")
    chosen = (
        f"(select r.* from {rows} r semi join (select customer_key, journey_no from {journeys} where start_at >= "
        f"timestamptz '{SINCE.isoformat()}' and start_at < timestamptz '{UNTIL.isoformat()}' and (customer_key, "
        f"journey_no) in (select (customer_key, journey_no) from {rows} where channel = '{CHANNEL}')) j "
        "using (customer_key, journey_no))"
    )
    return _asked(lambda: connection.execute(ANSWER.format(rows=chosen)).fetchall())


def polars_filter(folder: Folder) -> Job:
    """The same over the same files, streaming."""
    import polars as pl

    from bench.works.reading import files_of

    def ask() -> list[Any]:
        rows, journeys = (
            pl.scan_parquet(files_of(folder, table), hive_partitioning=False)
            for table in ("journey_contacts", "journeys")
        )
        key = ["customer_key", "journey_no"]
        called = rows.filter(pl.col("channel") == CHANNEL).select(key)
        chosen = journeys.filter(pl.col("start_at").is_between(SINCE, UNTIL, closed="left")).select(key)
        wait = pl.col("wait_s")
        found = (
            rows.join(chosen.join(called, on=key, how="semi"), on=key, how="semi")
            .group_by("touchpoint")
            .agg(pl.len(), wait.count().alias("waits"), wait.drop_nulls().quantile(0.5, "lower").alias("median"))
            .sort("touchpoint")
        )
        return found.collect(engine="streaming").rows()

    return _asked(ask)


def duckdb_scan(folder: Folder) -> Job:
    """The limit: every value of the columns that the question needs, read once."""
    import duckdb

    rows, journeys = _tables(folder)
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false; set threads = 2; set TimeZone = 'UTC'")

    def run() -> dict[str, Any]:
        for sql in (
            f"select max(customer_key), max(journey_no), max(touchpoint), max(channel), max(wait_s) from {rows}",
            f"select max(customer_key), max(journey_no), max(epoch_us(start_at)) from {journeys}",
        ):
            connection.execute(sql).fetchall()
        return {}

    run()
    return Job(run)


def _asked(ask: Callable[[], Iterable[Any]]) -> Job:
    """The job of asking once more; what it says, to the microsecond, is its check."""
    answer: list[Any] = list(ask())

    def run() -> dict[str, Any]:
        answer[:] = ask()
        return {}

    def check() -> dict[str, Any]:
        return {
            "answer": [
                (name, int(n), int(waits), None if median is None else round(float(median) * 1_000_000))
                for name, n, waits, median in answer
            ]
        }

    return Job(run, check)


def _tables(folder: Folder) -> tuple[str, str]:
    from tiesa.core.home import Home
    from tiesa.journeys.evidence import evidence

    found = evidence(Home(folder.home))
    return found.rows_sql, found.journeys_sql

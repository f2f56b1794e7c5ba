"""One piece of work a process, so that time and peak memory are its own: `python bench/work.py NAME FOLDER`.

Prints one JSON line: seconds of the work itself (imports are done, the kernel is compiled), peak memory, and facts
with which compare.py checks that competitors computed the same thing.
"""

import json
import resource
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CASE = ["customer_key", "case_id"]


def duckdb_copy(folder: Path) -> Callable[[], dict[str, Any]]:
    """The limit of an import: DuckDB parses the CSV and writes Parquet, and nothing else."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false; set threads = 2; set preserve_insertion_order = false")

    def work() -> dict[str, Any]:
        target = folder / "bare.parquet"
        sql = f"copy (from read_csv('{folder}/contacts.csv')) to '{target}' (format parquet, compression zstd)"
        return {"rows": connection.execute(sql).fetchall()[0][0]}

    return work


def tiesa_import(folder: Path) -> Callable[[], dict[str, Any]]:
    from tiesa.contacts.importing import import_file
    from tiesa.contacts.mapping import read_mapping
    from tiesa.core.home import Home

    home = Home(folder / "home")
    shutil.rmtree(home.root, ignore_errors=True)
    mapping = read_mapping(Path(__file__).with_name("log.toml"))

    def work() -> dict[str, Any]:
        return {"rows": import_file(folder / "contacts.csv", home, mapping=mapping).accepted}

    return work


def tiesa_build(folder: Path) -> Callable[[], dict[str, Any]]:
    from tiesa.core.home import Home
    from tiesa.journeys.build import build
    from tiesa.journeys.kernel import warm_up

    warm_up()

    def work() -> dict[str, Any]:
        result = build(Home(folder / "home"))
        return {"rows": result.contacts, "journeys": result.journeys}

    return work


def polars_build(folder: Path) -> Callable[[], dict[str, Any]]:
    """The columns of a journey that Polars can express without a loop, written as Parquet, streaming.

    Left out, because they need state along the journey: wait owner, waits, answers, insistence, business time.
    """
    import polars as pl

    from tiesa.contacts.log import ContactLog
    from tiesa.core.home import Home
    from tiesa.core.tables import CONTACT

    files = [f.path for f in ContactLog(Home(folder / "home")).files(CONTACT)]
    order = ["customer_key", "occurred_at", "source", "position", "contact_id"]

    def work() -> dict[str, Any]:
        left_out = ["attributes", "import_id", "recorded_at"]
        contacts = pl.scan_parquet(files, hive_partitioning=False).drop(left_out)
        previous = pl.col("occurred_at").shift(1).over(CASE)
        asked = pl.when(pl.col("direction") == "inbound").then(pl.col("occurred_at"))
        annotated = contacts.sort(order).with_columns(
            journey_position=pl.int_range(1, pl.len() + 1).over(CASE),
            previous_touchpoint=pl.col("touchpoint").shift(1).over(CASE),
            gap_s=(pl.col("occurred_at") - previous).dt.total_microseconds(),
            is_handover=(pl.col("employee") != pl.col("employee").shift(1).forward_fill().over(CASE)).fill_null(
                value=False
            ),
            is_channel_change=(pl.col("channel") != pl.col("channel").shift(1).over(CASE)).fill_null(value=False),
            is_repeat=(
                (pl.col("occurred_at") - asked.shift(1).forward_fill().over(["customer_key", "reason"])).dt.total_days()
                <= 14
            ).fill_null(value=False)
            & (pl.col("direction") == "inbound"),
        )
        annotated.sink_parquet(folder / "polars-rows.parquet", compression="zstd", compression_level=1)
        rows = pl.scan_parquet(folder / "polars-rows.parquet")
        journeys = rows.group_by(CASE).agg(
            start_at=pl.col("occurred_at").min(),
            end_at=pl.col("occurred_at").max(),
            contacts=pl.len(),
            start_touchpoint=pl.col("touchpoint").first(),
            end_touchpoint=pl.col("touchpoint").last(),
            duration=pl.col("gap_s").sum(),
            repeats=pl.col("is_repeat").sum(),
            handovers=pl.col("is_handover").sum(),
            channel_changes=pl.col("is_channel_change").sum(),
            employees=pl.col("employee").n_unique(),
            channels=pl.col("channel").n_unique(),
            cost=pl.col("cost").sum(),
            reason=pl.col("reason").first(),
        )
        journeys.sink_parquet(folder / "polars-journeys.parquet", compression="zstd", compression_level=1)
        made = pl.scan_parquet(folder / "polars-journeys.parquet").select(pl.len()).collect().item()
        return {"rows": rows.select(pl.len()).collect().item(), "journeys": made}

    return work


def kernel(folder: Path) -> Callable[[], dict[str, Any]]:
    """The limit of a build: the kernel alone over the sorted rows, already in memory."""
    import pyarrow as pa

    from tiesa.contacts.log import ContactLog
    from tiesa.core.home import Home
    from tiesa.core.tables import CONTACT, RATE
    from tiesa.engines.duckdb import engine
    from tiesa.journeys.feed import sorted_contacts
    from tiesa.journeys.kernel import annotate, warm_up, whole_customers
    from tiesa.journeys.rules import Rules

    warm_up()
    log = ContactLog(Home(folder / "home"))
    with engine(spill=folder) as connection:
        feed = sorted_contacts(connection, log.files(CONTACT), log.files(RATE), currency="EUR")
        batches: list[pa.RecordBatch] = list(whole_customers(feed.batches))

    def work() -> dict[str, Any]:
        rows = journeys = 0
        for batch in batches:
            annotated, made = annotate(batch, Rules())
            rows, journeys = rows + annotated.num_rows, journeys + made.num_rows
        return {"rows": rows, "journeys": journeys}

    return work


WORK = {f.__name__: f for f in (duckdb_copy, tiesa_import, tiesa_build, polars_build, kernel)}

if __name__ == "__main__":
    prepared = WORK[sys.argv[1]](Path(sys.argv[2]))
    before, cpu = time.monotonic(), sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    facts = prepared()
    seconds = time.monotonic() - before
    used = resource.getrusage(resource.RUSAGE_SELF)
    sys.stdout.write(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_seconds": sum(used[:2]) - cpu,
                "peak_gib": used.ru_maxrss / 2**20,
                **facts,
            }
        )
        + "\n"
    )

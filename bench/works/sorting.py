"""Three ways to bring the log into the order of the kernel within a memory limit.

One sort that spills; passes, each of which reads the whole log and sorts the customers of one range in memory; and the
log first parted by the customer's hash into files, each of which is then read and sorted in memory.
"""

from __future__ import annotations

import shutil
from typing import Any

from bench.job import Folder, Job
from bench.works.calendar import COLUMNS, ORDER, contact_files

ROWS_PER_PASS = 5_000_000
SORTED_BY = ", ".join(("customer_key", *ORDER))


def spilling_sort(folder: Folder) -> Job:
    """One `order by` of everything, what does not fit in memory on disk."""
    return _sorting(folder, "spilling_sort", lambda connection, source, passes, output: [source])


def range_passes(folder: Folder) -> Job:
    """The log read once per range of customers; what comes out is in order as a whole."""

    def parts(connection: Any, source: str, passes: int, output: Any) -> list[str]:
        last = connection.execute(f"select max(customer_key) from {source}").fetchall()[0][0]
        return [
            f"{source} where customer_key >= {last * part // passes + (part > 0)} "
            f"and customer_key <= {last * (part + 1) // passes}"
            for part in range(passes)
        ]

    return _sorting(folder, "range_passes", parts)


def hash_passes(folder: Folder) -> Job:
    """The log written once, parted by the hash of the customer, then read part by part."""

    def parts(connection: Any, source: str, passes: int, output: Any) -> list[str]:
        connection.execute(
            f"copy (select {', '.join(COLUMNS)}, hash(customer_key) % {passes} as part from {source}) "
            f"to '{output}/parts' "
            "(format parquet, compression lz4, partition_by (part))"
        ).fetchall()
        return [
            f"read_parquet('{output}/parts/part={part}/*.parquet', hive_partitioning = false)" for part in range(passes)
        ]

    return _sorting(folder, "hash_passes", parts)


def _sorting(folder: Folder, work: str, parts: Any) -> Job:
    from tiesa.core.home import Home
    from tiesa.engines.duckdb import engine

    files, output = contact_files(folder), folder.output(work)
    source = f"read_parquet({files}, hive_partitioning = false)"

    def run() -> dict[str, Any]:
        read = 0
        with engine(spill=Home(folder.home).spill) as connection:
            whole = connection.execute(f"select count(*) from {source}").fetchall()[0][0]
            for part in parts(connection, source, max(1, -(-whole // ROWS_PER_PASS)), output):
                batches = connection.sql(f"select {', '.join(COLUMNS)} from {part} order by {SORTED_BY}")
                read += sum(batch.num_rows for batch in batches.to_arrow_reader(500_000))
        shutil.rmtree(output)
        return {"rows": read}

    return Job(run)

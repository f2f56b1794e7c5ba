"""From a CSV file into the log; beside it what parsing and writing alone, and copying alone, would take."""

from __future__ import annotations

import shutil
from typing import Any

from bench.job import LOG, Folder, Job


def file_copy(folder: Folder) -> Job:
    """The limit of the machine: the file's bytes copied, from the page cache where it is large enough."""
    target = folder.output("file_copy") / "contacts.csv"

    def run() -> dict[str, Any]:
        shutil.copyfile(folder.csv, target)
        size = target.stat().st_size
        target.unlink()
        return {"bytes": size}

    return Job(run)


def duckdb_copy(folder: Folder) -> Job:
    """The limit of an import: DuckDB parses the CSV and writes Parquet, and nothing else."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false; set threads = 2; set preserve_insertion_order = false")

    def run() -> dict[str, Any]:
        sql = f"copy (from read_csv('{folder.csv}')) to '{folder.bare}' (format parquet, compression zstd)"
        return {"rows": connection.execute(sql).fetchall()[0][0]}

    return Job(run, lambda: _sums(f"select * from '{folder.bare}'"))


def polars_copy(folder: Folder) -> Job:
    """The same with Polars, streaming."""
    import polars as pl

    target = folder.output("polars_copy") / "contacts.parquet"

    def run() -> dict[str, Any]:
        read = pl.scan_csv(folder.csv, try_parse_dates=True)
        read.sink_parquet(target, compression="zstd", compression_level=1)
        return {}

    return Job(run, lambda: _sums(f"select * from '{target}'"))


def tiesa_import(folder: Folder) -> Job:
    """Map, check, number the customers, keep the log."""
    from tiesa.contacts.importing import import_file
    from tiesa.contacts.log import ContactLog
    from tiesa.contacts.mapping import read_mapping
    from tiesa.core.home import Home
    from tiesa.core.tables import CONTACT, IDENTITY
    from tiesa.engines.duckdb import parquet

    home = Home(folder.home)
    shutil.rmtree(home.root, ignore_errors=True)
    mapping = read_mapping(LOG)

    def run() -> dict[str, Any]:
        return {"rows": import_file(folder.csv, home, mapping=mapping).accepted}

    def check() -> dict[str, Any]:
        from tiesa.contacts.private import Private

        contacts = parquet([f.path for f in ContactLog(home).files(CONTACT)])
        people = parquet([f.path for f in Private(home).identities.version().current()], IDENTITY)
        return _sums(
            'select contact_id, source_id as customer, case_id as "case", occurred_at::timestamp as time, touchpoint, '
            f"channel, direction, reason, employee, cost from {contacts} join {people} using (customer_key)"
        )

    return Job(run, check)


def _sums(sql: str) -> dict[str, Any]:
    """Whoever read the file kept every word of it: a sum of hashes for each column, whatever the order."""
    from bench.same import sums

    columns = {name: name for name in ("customer", "touchpoint", "channel", "direction", "reason", "employee")}
    columns |= {"case": '"case"', "time": "epoch_us(time)", "cost": "(cost::decimal(18, 2) * 100)::bigint"}
    return sums(sql, "contact_id", columns)

"""What follows what, which ways journeys go, and what each touchpoint sees: from a process that begins with nothing.

Tiesa and Polars read a built home; PM4Py and retentioneering load the log (as Parquet) and make of it what they make,
as they do each time. These works are cold: the whole process is measured, imports included.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.job import Folder, Job

ENDS = ["path_start", "path_end"]
"""Two events that retentioneering puts around every path."""


def facts(edges: Mapping[tuple[str, str], int], visits: Mapping[str, int]) -> dict[str, Any]:
    """What follows what, and contacts by touchpoint, from everybody in the same form."""
    return {
        "edges": sorted((before, after, int(n)) for (before, after), n in edges.items() if n),
        "touchpoints": sorted((name, int(n)) for name, n in visits.items()),
    }


def variant_facts(ways: list[int]) -> dict[str, Any]:
    """How many ways there are, and how many journeys go the ten commonest."""
    return {"ways": len(ways), "commonest ways": [int(n) for n in sorted(ways, reverse=True)[:10]]}


def tiesa_read(folder: Folder) -> Job:
    """The process map with its medians and intervals, and the commonest variants with their steps."""
    made: dict[str, Any] = {}

    def run() -> dict[str, Any]:
        from tiesa.core.home import Home
        from tiesa.journeys.graph import process_map
        from tiesa.journeys.variants import variants
        from tiesa.journeys.view import open_view

        with open_view(Home(folder.home)) as view:
            graph, ribbons = process_map(view), variants(view)
        edges = {(edge.from_node, edge.to_node): edge.n for edge in graph.edges}
        made.update(facts(edges, {node.name: node.contacts for node in graph.nodes}))
        made["ways"] = ribbons.ways
        made["commonest ways"] = [ribbon.journeys.count for ribbon in ribbons.ribbons]
        return {}

    return Job(run, lambda: made)


def polars_read(folder: Folder) -> Job:
    """Counts alone, from the same files of the same home."""
    made: dict[str, Any] = {}

    def run() -> dict[str, Any]:
        import polars as pl

        rows = pl.scan_parquet(files_of(folder, "journey_contacts"), hive_partitioning=False)
        journeys = pl.scan_parquet(files_of(folder, "journeys"), hive_partitioning=False)
        pairs = rows.filter(pl.col("previous_touchpoint").is_not_null())
        edges = pairs.group_by("previous_touchpoint", "touchpoint").agg(pl.len(), pl.col("gap_s").median())
        visits = rows.group_by("touchpoint").len()
        ways = journeys.group_by("variant").agg(pl.len(), pl.col("duration_s").median())
        found = pl.collect_all([edges, visits, ways], engine="streaming")
        named = {(before, after): n for before, after, n, _median in found[0].rows()}
        made.update(facts(named, dict(found[1].rows())) | variant_facts(found[2]["len"].to_list()))
        return {}

    return Job(run, lambda: made)


def pm4py_read(folder: Folder) -> Job:
    """Load, then what follows what, variants and counts of activities, as its manual does it."""
    made: dict[str, Any] = {}

    def run() -> dict[str, Any]:
        import pandas as pd
        import pm4py

        log = pd.read_parquet(folder.bare, columns=["case", "touchpoint", "time"])
        log = pm4py.format_dataframe(log, case_id="case", activity_key="touchpoint", timestamp_key="time")
        edges, _starts, _ends = pm4py.discover_dfg(log)
        ways = pm4py.get_variants(log)
        visits = pm4py.get_event_attribute_values(log, "concept:name")
        made.update(facts(edges, visits) | variant_facts([n if isinstance(n, int) else len(n) for n in ways.values()]))
        return {}

    return Job(run, lambda: made)


def retentioneering_read(folder: Folder) -> Job:
    """Load, then its transition graph and counts of events; it counts no variants."""
    made: dict[str, Any] = {}

    def run() -> dict[str, Any]:
        import pandas as pd
        from retentioneering.eventstream.eventstream import Eventstream

        log = pd.read_parquet(folder.bare, columns=["case", "touchpoint", "time"])
        stream = Eventstream(log, schema={"path_cols": ["case"], "event_col": "touchpoint", "timestamp_col": "time"})
        matrix = stream.transition_graph_data(edge_weight="count")
        matrix = matrix.drop(index=ENDS, columns=ENDS)
        edges = {(before, after): n for before, line in matrix.to_dict("index").items() for after, n in line.items()}
        made.update(facts(edges, stream.get_event_counts()))
        return {}

    return Job(run, lambda: made)


def duckdb_scan(folder: Folder) -> Job:
    """The limit: the columns that Tiesa reads here, scanned once, from a process that begins with nothing."""

    def run() -> dict[str, Any]:
        import duckdb

        connection = duckdb.connect()
        connection.execute("set enable_progress_bar = false; set threads = 2")
        for table, columns in (
            ("journey_contacts", "touchpoint previous_touchpoint gap_s wait_owner customer_key journey_no"),
            ("journeys", "variant goal_state start_touchpoint end_touchpoint duration_s customer_key"),
        ):
            asked = ", ".join(f"max({column})" for column in columns.split())
            files = files_of(folder, table)
            connection.execute(f"select {asked} from read_parquet({files}, hive_partitioning = false)").fetchall()
        return {}

    return Job(run)


def files_of(folder: Folder, table: str) -> list[str]:
    """The Parquet files of a home that was built once; found without importing Tiesa, as the others do."""
    return sorted(str(path) for path in Path(folder.home / table / "layer=base").glob("*.parquet"))

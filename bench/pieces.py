"""The pieces of the benchmark: which works are measured side by side, and which goals their figures are held to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MILLION = 1_000_000
CONTACTS, CUSTOMERS = "contacts", "customers"


@dataclass(frozen=True)
class Work:
    """One competitor, one limit, or ourselves. module, function: where in `bench.works` it stands.

    needs: packages without which it cannot run. cold: its process is measured from start to end. one_thread: linear
    algebra gets one thread, as several wait for one another on a busy machine, and waiting counts as processor time.
    """

    name: str
    label: str
    module: str
    function: str
    needs: tuple[str, ...] = ()
    cold: bool = False
    one_thread: bool = False


class Kind(StrEnum):
    """What a goal limits: a ratio of two works in the same round, a median, or a peak."""

    RATIO = "ratio"
    SECONDS = "seconds"
    PEAK = "peak_gib"
    GROWTH = "growth"


@dataclass(frozen=True)
class Goal:
    """`work` must not exceed `at_most`: in seconds, GiB, times `other`, or as the exponent of growth.

    rows: the contacts for which it is stated. beyond: of growth, whether past what fits in memory.
    """

    kind: Kind
    work: str
    at_most: float
    other: str = ""
    rows: int = 10 * MILLION
    beyond: bool = False

    def is_stated_for(self, rows: int) -> bool:
        """Whether it says anything of a log of so many contacts (of growth: of the largest one).

        Memory is limited at just one size; all else from that size on, as in a small log starting up takes the time.
        """
        return rows == self.rows if self.kind == Kind.PEAK else rows >= self.rows


@dataclass(frozen=True)
class Piece:
    """Works that are measured in turn. after: works whose results they need. counts: what its size is a number of."""

    name: str
    question: str
    works: tuple[Work, ...]
    goals: tuple[Goal, ...] = ()
    after: tuple[str, ...] = ()
    shown: tuple[tuple[str, str], ...] = ()
    """Ratios that are told without a goal."""
    counts: str = CONTACTS


IMPORT = Piece(
    "import",
    "a CSV file into the log",
    (
        Work("file_copy", "limit: the file copied", "importing", "file_copy"),
        Work("duckdb_copy", "DuckDB's bare copy to Parquet", "importing", "duckdb_copy"),
        Work("polars_copy", "Polars' bare copy to Parquet", "importing", "polars_copy", ("polars",)),
        Work("tiesa_import", "Tiesa: import", "importing", "tiesa_import"),
    ),
    (Goal(Kind.RATIO, "tiesa_import", 1.5, "duckdb_copy"), Goal(Kind.PEAK, "tiesa_import", 2)),
    shown=(("tiesa_import", "polars_copy"), ("tiesa_import", "file_copy")),
)
BUILD = Piece(
    "build",
    "from the log to journeys",
    (
        Work("kernel_pass", "limit: the pass over coded columns", "building", "kernel_pass"),
        Work("kernel", "the kernel with its words", "building", "kernel"),
        Work("polars_build", "Polars, streaming", "building_polars", "polars_build", ("polars",)),
        Work("duckdb_build", "DuckDB, SQL windows", "building_sql", "duckdb_build"),
        Work("pandas_build", "pandas", "building_pandas", "pandas_build", ("pandas",)),
        Work("tiesa_build", "Tiesa: build", "building", "tiesa_build"),
    ),
    (
        Goal(Kind.RATIO, "tiesa_build", 1.0, "polars_build"),
        Goal(Kind.RATIO, "tiesa_build", 0.4, "pandas_build"),
        Goal(Kind.PEAK, "tiesa_build", 2),
        Goal(Kind.PEAK, "tiesa_build", 4, rows=50 * MILLION),
        Goal(Kind.GROWTH, "tiesa_build", 1.1),
        Goal(Kind.GROWTH, "tiesa_build", 1.3, beyond=True),
    ),
    after=("tiesa_import", "tiesa_build"),
    shown=(("tiesa_build", "duckdb_build"), ("tiesa_build", "kernel"), ("tiesa_build", "kernel_pass")),
)
READ = Piece(
    "read",
    "process map and variants from a cold process",
    (
        Work("read_scan", "limit: the columns scanned", "reading", "duckdb_scan", cold=True),
        Work("polars_read", "Polars, from the built home", "reading", "polars_read", ("polars",), cold=True),
        Work("pm4py_read", "PM4Py, with its loading", "reading", "pm4py_read", ("pm4py", "pandas"), cold=True),
        Work(
            "retentioneering_read",
            "retentioneering, with its loading (no variants)",
            "reading",
            "retentioneering_read",
            ("retentioneering", "pandas"),
            cold=True,
        ),
        Work("tiesa_read", "Tiesa: process map and variants", "reading", "tiesa_read", cold=True),
    ),
    (Goal(Kind.RATIO, "tiesa_read", 0.15, "pm4py_read"),),
    after=("duckdb_copy", "tiesa_import", "tiesa_build"),
    shown=(("tiesa_read", "retentioneering_read"), ("tiesa_read", "polars_read"), ("tiesa_read", "read_scan")),
)
FILTER = Piece(
    "filter",
    "a page's question: one month, one channel",
    (
        Work("filter_scan", "limit: the columns scanned", "filtering", "duckdb_scan"),
        Work("duckdb_filter", "DuckDB, plain SQL", "filtering", "duckdb_filter"),
        Work("polars_filter", "Polars, streaming", "filtering", "polars_filter", ("polars",)),
        Work("tiesa_filter", "Tiesa: view and question", "filtering", "tiesa_filter"),
    ),
    (Goal(Kind.RATIO, "tiesa_filter", 3, "filter_scan"), Goal(Kind.SECONDS, "tiesa_filter", 0.3)),
    after=("tiesa_import", "tiesa_build"),
    shown=(("tiesa_filter", "duckdb_filter"), ("tiesa_filter", "polars_filter")),
)
UPDATE = Piece(
    "update",
    "new and late contacts into a built home",
    (
        Work("tiesa_rebuild", "Tiesa: everything anew", "updating", "tiesa_rebuild"),
        Work("tiesa_update", "Tiesa: import and update", "updating", "tiesa_update"),
    ),
    (
        Goal(Kind.RATIO, "tiesa_update", 0.25, "tiesa_rebuild"),
        Goal(Kind.SECONDS, "tiesa_update", 2),
    ),
    after=("tiesa_import", "tiesa_build"),
)
SORT = Piece(
    "sort",
    "the log into the kernel's order within the memory limit",
    (
        Work("spilling_sort", "one sort that spills", "sorting", "spilling_sort"),
        Work("range_passes", "passes over ranges of customers", "sorting", "range_passes"),
        Work("hash_passes", "parted by hash first", "sorting", "hash_passes"),
    ),
    after=("tiesa_import",),
    shown=(("range_passes", "spilling_sort"), ("hash_passes", "spilling_sort")),
)
MOMENTS = Piece(
    "moments",
    "which situations make customers leave",
    (
        Work("tiesa_moments", "Tiesa: search, confirmation, effects", "finding", "tiesa_moments", one_thread=True),
        Work(
            "pysubgroup_beam",
            "pysubgroup: beam search",
            "finding_groups",
            "pysubgroup_beam",
            ("pysubgroup", "pandas"),
            one_thread=True,
        ),
        Work(
            "statsmodels_each",
            "statsmodels: one regression each",
            "finding_each",
            "statsmodels_each",
            ("statsmodels",),
            one_thread=True,
        ),
        Work(
            "doubleml_each", "DoubleML: a few of them", "finding_each", "doubleml_each", ("doubleml",), one_thread=True
        ),
    ),
    after=("company_home", "tried"),
    shown=(("tiesa_moments", "pysubgroup_beam"),),
    counts=CUSTOMERS,
)
PIECES = (IMPORT, BUILD, READ, FILTER, UPDATE, SORT, MOMENTS)
MADE_READY = (
    Work("company_home", "the made-up company imported and built", "companies", "company_home"),
    Work("tried", "every situation as a column", "companies", "tried"),
)
"""What others work on, and nobody measures."""
WORKS = {work.name: work for work in (*(work for piece in PIECES for work in piece.works), *MADE_READY)}

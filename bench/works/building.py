"""From the log to journeys with Tiesa, and the two limits of that: the kernel with its words, and its pass alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bench.job import Clock, Folder, Job

if TYPE_CHECKING:
    import pyarrow as pa

PIECE_ROWS = 1_000_000
"""Contacts that the limits take at a time, cut at customers."""


def tiesa_build(folder: Folder) -> Job:
    """The whole build: sort, kernel, both tables written and committed."""
    from bench.same import made
    from tiesa.core.home import Home
    from tiesa.journeys.build import build
    from tiesa.journeys.evidence import evidence
    from tiesa.journeys.kernel import warm_up

    warm_up()
    home = Home(folder.home)
    for table in ("journeys", "journey_contacts"):
        shutil.rmtree(home.root / table, ignore_errors=True)

    def run() -> dict[str, Any]:
        result = build(home)
        return {"rows": result.contacts, "journeys": result.journeys}

    def check() -> dict[str, Any]:
        found = evidence(home)
        return made(found.rows_sql, found.journeys_sql, in_seconds=True)

    return Job(run, check)


def kernel(folder: Folder) -> Job:
    """The kernel alone, words and columns included: sorted rows in memory, piece by piece."""
    from tiesa.journeys.kernel import annotate, warm_up
    from tiesa.journeys.rules import Rules

    warm_up()

    def run() -> dict[str, Any]:
        rows = journeys = 0
        clock = Clock()
        for batch in _sorted_pieces(folder):
            with clock:
                annotated, made = annotate(batch, Rules())
            rows, journeys = rows + annotated.num_rows, journeys + made.num_rows
        return {**clock.facts(), "rows": rows, "journeys": journeys}

    return Job(run)


def kernel_pass(folder: Folder) -> Job:
    """The limit of a build: the compiled pass over sorted, coded, memory-mapped columns, into room made beforehand."""
    import numpy as np

    from tiesa.journeys import one_pass, pass_output
    from tiesa.journeys.arrow_views import Words
    from tiesa.journeys.kernel import warm_up
    from tiesa.journeys.pass_input import Input, desk_for
    from tiesa.journeys.pass_names import most_contacts
    from tiesa.journeys.pass_shapes import Rows, Tables

    warm_up()
    _lay_out(folder)

    def mapped(kind: Any, piece: int) -> Any:
        arrays = (np.load(folder.coded / f"{piece}-{name}.npy", mmap_mode="r") for name in kind._fields)
        return kind(*(array.view(np.ndarray) for array in arrays))

    def run() -> dict[str, Any]:
        rows = journeys = 0
        clock = Clock()
        for piece in range(len(list(folder.coded.glob("*-at.npy")))):
            given, tables = mapped(Rows, piece), mapped(Tables, piece)
            n = len(given.at)
            marks, totals = pass_output.room_for_marks(n), pass_output.room_for_totals(n)
            for array in (*marks, *totals):
                array.fill(0)  # the pages are there before the clock starts
            codes = ("reason", "employee", "unit", "channel")
            words = {name: Words(getattr(given, name), range(int(getattr(given, name).max()) + 1)) for name in codes}
            words["organisation"] = Words(given.lane, range(int(given.lane.max()) + 1))
            desk = desk_for(Input(None, given.at, None, {}, words), most_contacts(given.customer))
            with clock:
                journeys += one_pass.run(desk, given, tables, marks, totals)
            rows += n
        return {**clock.facts(), "rows": rows, "journeys": journeys}

    return Job(run)


def _sorted_pieces(folder: Folder) -> Iterator[pa.RecordBatch]:
    """The log in the order of the kernel, whole customers, words as dictionaries."""
    import pyarrow as pa

    from tiesa.core.home import Home
    from tiesa.core.tables import JOURNEY_CONTACT
    from tiesa.engines.duckdb import engine
    from tiesa.journeys.evidence import evidence
    from tiesa.journeys.kernel import sort_order, whole_customers

    home = Home(folder.home)
    kept = ", ".join(JOURNEY_CONTACT.names[: JOURNEY_CONTACT.names.index("journey_no")])
    words = {"source", "touchpoint", "channel", "direction", "reason", "employee"}
    with engine(spill=home.spill) as connection:
        sql = f"select {kept} from {evidence(home).rows_sql} order by {', '.join(sort_order)}"
        waiting: list[pa.RecordBatch] = []
        for batch in whole_customers(connection.sql(sql).to_arrow_reader(PIECE_ROWS)):
            columns = [
                c.dictionary_encode() if n in words else c for n, c in zip(batch.schema.names, batch, strict=True)
            ]
            waiting.append(pa.RecordBatch.from_arrays(columns, batch.schema.names))
            if sum(b.num_rows for b in waiting) >= PIECE_ROWS:
                yield _joined(waiting)
                waiting = []
        if waiting:
            yield _joined(waiting)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    import pyarrow as pa

    (whole,) = pa.Table.from_batches(batches).unify_dictionaries().combine_chunks().to_batches()
    return whole


def _lay_out(folder: Folder) -> None:
    """Write the columns as the pass reads them, once a log."""
    import numpy as np

    from tiesa.journeys.pass_input import read, rows_of, tables_of
    from tiesa.journeys.rules import Rules

    if folder.coded.exists():
        return
    unfinished = folder.output("coded")
    for piece, batch in enumerate(_sorted_pieces(folder)):
        given = read(batch, Rules())
        rows, tables = rows_of(given, Rules()), tables_of(given, Rules())
        for name, array in (rows._asdict() | tables._asdict()).items():
            np.save(unfinished / f"{piece}-{name}.npy", array)
    unfinished.rename(folder.coded)

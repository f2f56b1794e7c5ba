"""The first rows of a file as a mapping would take them in, worked out from the rows that the look kept."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pyarrow.compute as pc

from tiesa.app.config.installation import installation
from tiesa.app.intake.looking import first_rows
from tiesa.app.intake.models import Upload
from tiesa.app.intake.targets import word_in_words, words_of_use
from tiesa.contacts.checks import reason
from tiesa.contacts.mapping import Mapping
from tiesa.contacts.private import Private
from tiesa.contacts.readers import ROW, frame_source
from tiesa.contacts.stage_file import STAGE
from tiesa.contacts.staging import stage
from tiesa.core.locale import _
from tiesa.engines.duckdb import count, engine, name

ROWS = 8
TRIED = 200
LONGEST = 60


@dataclass(frozen=True, slots=True)
class MappedRow:
    """One row: its number in the file, a text per heading, and what is wrong with it ("" where nothing is)."""

    number: int
    cells: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Preview:
    """headings: of the columns of the mapping's first table. tried, aside: how many rows, and how many could not be
    used. others: rows of further tables."""

    headings: tuple[str, ...]
    rows: tuple[MappedRow, ...]
    tried: int
    aside: int
    others: tuple[tuple[str, int], ...]


def preview(upload: Upload, mapping: Mapping) -> Preview:
    """The first rows through the mapping. Raises InvalidMapping."""
    home = installation().place
    kept = first_rows(upload).slice(0, TRIED)
    numbers = kept[ROW].to_pylist()
    source = frame_source(kept.drop_columns([ROW]))
    with engine(spill=home.spill, ordered=True) as connection:
        staging = stage(connection, source, mapping, salt=Private(home).salt())
        item = staging.primary
        shown = [c for c in (*item.filled, *item.constants) if c not in ("attributes", "position", "source")]
        order = [c for c in ("occurred_at", "customer", "touchpoint", "channel", "direction", "case_id") if c in shown]
        shown = [*order, *(c for c in shown if c not in order)]
        select = ", ".join(f"({item.sql(c)})::varchar as {name(c)}" for c in shown)
        found = connection.sql(
            f"select {staging.row} as number, problems, {select} from {STAGE} s order by problems is null, number"
        ).to_arrow_table()
        others = tuple(
            (other.table.name, count(connection, f"select count(*) from {STAGE} s where {other.present}"))
            for other in staging.plan.tables[1:]
        )
    bad = pc.sum(pc.is_valid(found["problems"])).as_py() or 0
    wanted = [*range(min(bad, ROWS // 2)), *range(bad, len(found))][:ROWS]
    closed = {c for c in shown if c in item.table and item.table[c].choices}
    rows = sorted(
        (_row(found.slice(n, 1).to_pylist()[0], shown, closed, numbers) for n in wanted), key=lambda row: row.number
    )
    headings = tuple(words_of_use(f"{item.table.name}.{c}").partition(":")[0].partition(",")[0] for c in shown)
    return Preview(headings, tuple(rows), len(found), bad, others)


def _row(found: dict[str, object], shown: list[str], closed: set[str], numbers: list[int]) -> MappedRow:
    problem = ""
    if found["problems"]:
        told = [
            _("{column}: {why} ({value})").format(column=p["column"], why=reason(p["code"]), value=_short(p["value"]))
            for p in json.loads(str(found["problems"]))
        ]
        problem = "; ".join(told)
    at = int(str(found["number"]))
    number = numbers[at - 1] if 0 < at <= len(numbers) else at
    cells = (word_in_words(str(found[c] or "")) if c in closed else _short(found[c]) for c in shown)
    return MappedRow(number, tuple(cells), problem)


def _short(value: object) -> str:
    text = "" if value is None else str(value).removesuffix("+00").removesuffix(".0")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def as_read(upload: Upload, rows: int = 5) -> list[list[str]]:
    """The first rows as they were read, number first."""
    kept = first_rows(upload).slice(0, rows).select([ROW, *upload.columns])
    return [[_short(value) for value in row.values()] for row in kept.to_pylist()]

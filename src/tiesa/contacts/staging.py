"""One file on its way in: read, mapped and checked in one pass, and waiting to be kept.

The staging table is a file in the spill folder (see stage_file.py). Customers and ids that carry personal data are
numbered from here, so that nothing personal goes further.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tiesa.contacts.expressions import Plan, Staged, hash_column, plan, staged
from tiesa.contacts.mapping import Mapping
from tiesa.contacts.readers.delimited import CsvSource
from tiesa.contacts.readers.source import ROW, Source
from tiesa.contacts.stage_file import (
    ID_HASH,
    STAGE,
    STAGED_ROW,
    Passed,
    Refused,
    StageFacts,
    Untidy,
    ignored,
    is_of_source,
    write_stage,
)
from tiesa.core.errors import TiesaError, UnusableInput
from tiesa.core.locale import _
from tiesa.core.tables import CONTACT
from tiesa.engines.duckdb import SQL_TYPES, literal, name, scalar

if TYPE_CHECKING:
    import duckdb

QUARANTINE_ROW = "quarantine_row"
POSITION = "own_position"
BLANKS = " \t\n\r\v\f"


@dataclass(frozen=True, slots=True)
class Staging:
    """A staged file: the table `staging` in `connection`, how it was planned, and its facts."""

    connection: duckdb.DuckDBPyConnection
    source: Source
    mapping: Mapping
    plan: Plan
    row_column: str
    facts: StageFacts

    @property
    def row(self) -> str:
        """SQL of the row's number in the source."""
        return f"s.{self.row_column}"

    @property
    def primary(self) -> Staged:
        return self.plan.tables[0]

    @property
    def good(self) -> int:
        return self.facts.read - self.set_aside

    @property
    def set_aside(self) -> int:
        return self.facts.bad + len(self.source.broken)

    def bad_rows(self) -> Iterator[tuple[int, str, str]]:
        """Row number, problems (JSON) and the source row (JSON) of each row that was set aside."""
        reader = self.connection.sql(
            f"select {self.row} as r, problems as p, source_row as s from {STAGE} s "
            "where problems is not null order by r"
        ).to_arrow_reader(10_000)
        for batch in reader:
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def stage(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    mapping: Mapping,
    *,
    salt: str,
    now: datetime | None = None,
    told: Passed = ignored,
) -> Staging:
    """Read, map and check a whole source into the staging file. told: hears how many rows were read so far.

    Raises: UnusableInput when the source has no rows.
    """
    mapping.check_against(source.columns)
    limit = f"timestamptz {literal(((now or datetime.now(UTC)) + timedelta(days=1)).isoformat())}"
    result = None
    if isinstance(source, CsvSource):
        result = _stage_text(connection, source, mapping, salt, limit, told)
    elif source.format == "parquet" and source.path:
        result = _stage_parquet(connection, source, source.path, mapping, salt, limit, told)
    if result is None:
        result = _stage_batches(connection, source, mapping, salt, limit, told)
        result = replace(result, facts=replace(result.facts, read=result.facts.read + len(source.broken)))
    else:
        source.broken.clear()  # what a look at the first rows took for broken: the engine has read them
    if result.facts.read == 0:
        raise UnusableInput(_("The file has no rows"), where=_where(source), remedy=_("Export it again with its rows"))
    if QUARANTINE_ROW in source.columns and not _numbers_identify(result):
        result = replace(result, row_column=STAGED_ROW)
    _number_identical_rows(result)
    return result


def _numbers_identify(result: Staging) -> bool:
    """Whether the numbers that rows had in an earlier file are still one for each: two such files may be one now."""
    row = result.row
    asked = f"select count(*) = count(distinct {row}) from {STAGE} s"
    return bool(scalar(result.connection, asked))


def _where(source: Source) -> str:
    return str(source.path) if source.path else source.format


def _run(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    mapping: Mapping,
    made: Plan,
    relation: str,
    row: str,
    told: Passed,
    *,
    is_raw: bool = False,
) -> Staging:
    """Stage a relation in its order. is_raw: no reader of ours has seen its texts. Raises Refused."""
    first = made.tables[0]
    select, wanted = made.over(relation), ["*"]
    if identified := _id_column(first):
        key = ", ".join(name(c) for c in (_source_column(first), identified) if c)
        wanted.append(f"case when problems is null then hash({key}) end as {ID_HASH}")
        wanted.append(f"{_whole_number(name(identified))} as {POSITION}")
    select = f"select {', '.join(wanted)} from ({select})"
    facts = write_stage(
        connection, select, pseudonyms=_pseudonyms(made), tidy=made.as_they_are, is_raw=is_raw, told=told
    )
    return Staging(connection, source, mapping, made, row, facts)


def _pseudonyms(made: Plan) -> list[str]:
    return [staged(t.table, c) for t in made.tables for c in t.filled if c in t.table and t.table[c].pseudonym]


def _whole_number(text: str) -> str:
    """SQL: an id that is a whole number as such, else 0. Digits and signs sort before ':', and to try others costs
    as much as to read the file."""
    return f"case when {text} < ':' then greatest(coalesce(try_cast({text} as bigint), 0), 0) else 0::bigint end"


def _stage_text(
    connection: duckdb.DuckDBPyConnection, source: CsvSource, mapping: Mapping, salt: str, limit: str, told: Passed
) -> Staging | None:
    """Delimited text, parsed by the engine in parallel; None when a line is not to its liking (then the exact reader
    looks at every record and says which ones are broken). Trimming costs a quarter of the time, so texts are trimmed
    only where one needs it."""
    row = f"try_cast({QUARANTINE_ROW} as bigint)" if QUARANTINE_ROW in source.columns else ""
    kinds = dict.fromkeys(source.columns, "VARCHAR")
    with source.plain_file() as path:
        columns = ", ".join(f"{literal(c)}: 'VARCHAR'" for c in source.columns)
        dialect = source.dialect
        relation = (
            f"read_csv({literal(glob.escape(str(path)))}, auto_detect = false, columns = {{{columns}}}, "
            f"header = {dialect.header}, delim = {literal(dialect.delimiter)}, quote = {literal(dialect.quote)}, "
            f"escape = {literal(dialect.quote)}, null_padding = false, strict_mode = true, max_line_size = 16777216)"
        )
        for trim in (False, True):
            made = plan(mapping, kinds, now=limit, row=row, salt=salt, padding=" ", trim=trim)
            try:
                return _run(connection, source, mapping, made, relation, ROW if row else STAGED_ROW, told, is_raw=True)
            except Untidy:
                continue
            except Refused:
                break
    return None


def _stage_parquet(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    path: Path,
    mapping: Mapping,
    salt: str,
    limit: str,
    told: Passed,
) -> Staging | None:
    """A Parquet file, read by the engine in parallel; None where the reader's columns are not the file's own (structs
    become columns of their own) or the engine cannot read it, so that the reader says why."""
    import duckdb

    relation = f"read_parquet({literal(glob.escape(str(path)))}, hive_partitioning = false)"
    try:
        kinds = {c: kind for c, kind, *_rest in connection.execute(f"describe from {relation}").fetchall()}
        if tuple(kinds) != source.columns:
            return None
        row = f"try_cast({QUARANTINE_ROW} as bigint)" if QUARANTINE_ROW in kinds else ""
        made = plan(mapping, kinds, now=limit, row=row, salt=salt, padding=BLANKS)
        return _run(connection, source, mapping, made, relation, ROW if row else STAGED_ROW, told)
    except Refused:
        return None
    except duckdb.Error as failure:
        if not is_of_source(failure):
            raise
        return None


def _stage_batches(
    connection: duckdb.DuckDBPyConnection, source: Source, mapping: Mapping, salt: str, limit: str, told: Passed
) -> Staging:
    batches = source.batches()
    first = next(batches, None)
    if first is None:
        raise UnusableInput(_("The file has no rows"), where=_where(source), remedy=_("Export it again with its rows"))

    failures: list[TiesaError] = []

    def all_batches() -> Iterator[pa.RecordBatch]:
        yield first
        try:
            yield from batches
        except TiesaError as failure:  # what comes out of the engine is another one
            failures.append(failure)
            raise

    incoming = pa.RecordBatchReader.from_batches(first.schema, all_batches())
    connection.register("incoming", incoming)
    try:
        described = connection.execute("describe select * from incoming").fetchall()
        kinds = {column: kind for column, kind, *_rest in described if column != ROW}
        row = f"coalesce(try_cast({QUARANTINE_ROW} as bigint), {ROW})" if QUARANTINE_ROW in kinds else ROW
        made = plan(mapping, kinds, now=limit, row=row, salt=salt, padding="")
        return _run(connection, source, mapping, made, "incoming", ROW, told)
    except Refused as refused:
        raise (failures[0] if failures else refused.__cause__ or refused) from None
    finally:
        connection.unregister("incoming")


def _source_column(item: Staged) -> str:
    """The staged column with the source of each row; "" where it is the same for all."""
    return staged(item.table, "source") if "source" in item.filled else ""


def origin(result: Staging, item: Staged) -> str:
    """SQL of the source a row of this table belongs to."""
    for owner in (item, result.primary):
        if column := _source_column(owner):
            return f"s.{name(column)}"
    return literal(result.mapping.source)


def _id_column(first: Staged) -> str:
    """The staged column that identifies a row of the first table: its own id, or the hash of its values."""
    id_column = first.table.id_column
    if not id_column:
        return ""
    return staged(first.table, id_column) if id_column in first.filled else hash_column(first.table)


def _number_identical_rows(result: Staging) -> None:
    """Rows without an id that are equal to the letter get a running number, so that none is lost."""
    first, connection = result.primary, result.connection
    connection.execute("create or replace temp table running (staged bigint, n bigint)")
    hashed = hash_column(first.table)
    own_id = not first.table.id_column or first.table.id_column in first.filled
    if own_id or result.facts.distinct_ids == result.good:
        return
    key = name(hashed)
    connection.execute(
        f"insert into running select staged, n from (select s.{STAGED_ROW} as staged, row_number() over "
        f"(partition by {key} order by {result.row}) as n from {STAGE} s where problems is null and {key} in "
        f"(select {key} from {STAGE} where problems is null group by 1 having count(*) > 1)) where n > 1"
    )


def rows(result: Staging, item: Staged) -> str:
    """SQL of one of our tables' good rows: every contract column but import_id and recorded_at, and tiesa_row.

    Needs the temp tables `customer_keys` and `id_numbers` (see private.py).
    """
    table, first = item.table, result.primary
    select, joins = [], ["left join running on running.staged = s." + STAGED_ROW] if _needs_running(result) else []
    for column in table.columns:
        if column.name in ("import_id", "recorded_at"):
            continue
        value = _value(result, item, first, column.name, joins)
        select.append(f"({value})::{SQL_TYPES[column.type]} as {name(column.name)}")
    where = "s.problems is null" + ("" if item.present == "true" else f" and {item.present}")
    joined = " ".join(dict.fromkeys(joins))
    return f"select {result.row} as tiesa_row, {', '.join(select)} from {STAGE} s {joined} where {where}"


def _needs_running(result: Staging) -> bool:
    first = result.primary
    return bool(first.table.id_column) and first.table.id_column not in first.filled


def _value(result: Staging, item: Staged, first: Staged, column: str, joins: list[str]) -> str:
    table = item.table
    if column == "source":
        return origin(result, item)
    if column == "position":
        return _position(result, item)
    if column == "customer_key":
        owner = item if "customer" in item.filled or "customer" in item.constants else first
        joins.append(f"left join customer_keys on customer_keys.source_id = {owner.sql('customer')}")
        return "customer_keys.customer_key"
    if column == table.id_column and column not in item.filled:
        if item is first:
            return f"s.{name(hash_column(table))} || coalesce('-' || running.n, '')"
        owner_id = _value(result, first, first, first.table.id_column, joins)
        telling = next(c for c in ("question", "kind", "study_id", "what") if c in table)
        return f"{owner_id} || ':' || {item.sql(telling)}"
    if column == "contact_id" and item is not first and column not in item.filled and first.table is CONTACT:
        return _value(result, first, first, "contact_id", joins)
    value = item.sql(column)
    key = staged(table, column)
    if key in result.facts.personal:
        alias = name("number:" + key)
        joins.append(
            f"left join id_numbers {alias} on {alias}.source_id = {value} and {alias}.source = {origin(result, item)}"
        )
        return f"coalesce('#' || {alias}.number, {value})"
    return value


def _position(result: Staging, item: Staged) -> str:
    """File order for rows without an id; else the id itself where it is a whole number (see core.tables)."""
    first = result.primary
    if "position" in first.filled:
        return first.sql("position")
    if _needs_running(result):
        return result.row
    if not first.table.id_column:
        return "0"
    return f"s.{POSITION}"

"""Parquet files and frames: typed columns stay typed, nested ones become flat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tiesa.contacts.readers import BATCH_ROWS, ROW, frame_source, open_source
from tiesa.core.errors import UnusableInput

AT = datetime(2025, 12, 31, 14, 5, tzinfo=UTC)
TABLE = pa.table(
    {
        "customer": pa.array([" anna ", "", None]),
        "at": pa.array([AT, None, AT], pa.timestamp("us", "UTC")),
        "amount": pa.array([1.5, 2.0, None]),
        "n": pa.array([1, 2, 3], pa.int32()),
    }
)
FRAMES: dict[str, Callable[[], Any]] = {
    "arrow": lambda: TABLE,
    "batch": lambda: TABLE.to_batches()[0],
    "pandas": lambda: TABLE.to_pandas(),
    "polars": lambda: pl.from_arrow(TABLE),
    "polars lazy": lambda: pl.from_arrow(TABLE).lazy(),
    "duckdb": lambda: duckdb.connect().from_arrow(TABLE),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_every_frame_gives_the_same_typed_rows_twice(kind: str) -> None:
    source = frame_source(FRAMES[kind]())
    for _time in range(2):
        table = pa.Table.from_batches(source.batches())
        assert table.column_names == [ROW, *source.columns] == [ROW, "customer", "at", "amount", "n"]
        assert table["customer"].to_pylist() == ["anna", None, None]
        assert table["at"].cast(pa.timestamp("us", "UTC")).to_pylist() == [AT, None, AT]
        assert table["amount"].to_pylist() == [1.5, 2.0, None]
        assert pa.types.is_integer(table["n"].type)
        assert table[ROW].to_pylist() == [1, 2, 3]


def test_mixed_pandas_columns_become_text() -> None:
    source = frame_source(pd.DataFrame({"customer": ["a", 7, None], "n": [1, 2, 3]}))
    assert [row["customer"] for row in pa.Table.from_batches(source.batches()).to_pylist()] == ["a", "7", None]


@pytest.mark.parametrize("thing", [7, [1, 2], {"a": [1]}, pa.RecordBatchReader.from_batches(TABLE.schema, [])])
def test_what_is_no_frame_is_said(thing: object) -> None:
    with pytest.raises(UnusableInput):
        frame_source(thing)


def test_a_frame_without_rows_is_unusable() -> None:
    with pytest.raises(UnusableInput, match="no row"):
        frame_source(TABLE.slice(0, 0))


NESTED = pa.table(
    {
        "ticket": pa.array([{"id": 1, "via": {"channel": "mail"}}, None]),
        "status": pa.array(["open", "closed"]).dictionary_encode(),
        "tags": pa.array([["vip", "new"], None]),
        "big": pa.array([" x", None], pa.large_string()),
    }
)


@pytest.mark.parametrize("kind", ["parquet", "frame"])
def test_structs_dictionaries_and_lists_become_plain_columns(tmp_path: Path, kind: str) -> None:
    pq.write_table(NESTED, tmp_path / "t.parquet")
    source = open_source(tmp_path / "t.parquet") if kind == "parquet" else frame_source(NESTED)
    assert source.columns == ("ticket.id", "ticket.via.channel", "status", "tags", "big")
    assert pa.Table.from_batches(source.batches()).drop_columns([ROW]).to_pylist() == [
        {"ticket.id": 1, "ticket.via.channel": "mail", "status": "open", "tags": '["vip","new"]', "big": "x"},
        {"ticket.id": None, "ticket.via.channel": None, "status": "closed", "tags": None, "big": None},
    ]


def test_parquet_streams_in_batches_numbered_through(tmp_path: Path) -> None:
    rows = 3 * BATCH_ROWS + 7
    pq.write_table(pa.table({"n": range(rows)}), tmp_path / "t.parquet", row_group_size=50_000)
    source = open_source(tmp_path / "t.parquet")
    numbers = [number for batch in source.batches() for number in batch[ROW].to_pylist()]
    assert numbers == list(range(1, rows + 1))
    assert max(len(batch) for batch in source.batches()) <= BATCH_ROWS


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_a_cut_parquet_file_is_said(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"n": range(1000)}), path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(UnusableInput, match="damaged or cut short"):
        open_source(path)


def test_a_parquet_file_without_rows_is_unusable(tmp_path: Path) -> None:
    pq.write_table(TABLE.slice(0, 0), tmp_path / "t.parquet")
    with pytest.raises(UnusableInput, match="no row"):
        open_source(tmp_path / "t.parquet")

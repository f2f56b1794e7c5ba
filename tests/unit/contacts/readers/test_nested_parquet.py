"""Maps in Parquet files: texts within them are looked up too before anything is unpacked."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tiesa.contacts.readers import typed_extent, unpacking
from tiesa.contacts.readers.typed_extent import longest_text
from tiesa.core.errors import UnusableInput

MAP = pa.map_(pa.string(), pa.string())


def written(path: Path, values: list[list[tuple[str, str]]], times: int) -> Path:
    with pq.ParquetWriter(path, pa.schema([("attributes", MAP)]), compression="zstd") as writer:
        for _group in range(times):
            writer.write_table(pa.table({"attributes": pa.array(values, MAP)}))
    return path


def extent(path: Path) -> int:
    with pq.ParquetFile(path) as file:
        return longest_text(file, path)


def test_a_map_in_many_pieces_is_read(tmp_path: Path) -> None:
    values = [[("channel", f"word {i % 500}")] for i in range(60_000)]
    assert extent(written(tmp_path / "maps.parquet", values, 4)) == len("word 499")


def test_a_map_of_one_long_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "UNPACK_FREE", 10**8)  # the usual bounds would take gigabytes
    monkeypatch.setattr(typed_extent, "SUSPICIOUS", 10**8)
    values = [[("note", "a" * 1_000_000)]] * 200
    with pytest.raises(UnusableInput, match="unpack"):
        extent(written(tmp_path / "bomb.parquet", values, 1))

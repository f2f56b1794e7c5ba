"""Parquet files of a journey table, written batch by batch."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tiesa.core.columns import Table
from tiesa.engines.store import NewFile, Store

ROWS_PER_FILE = 2_000_000
ROW_GROUP = 262_144
_UNSOUGHT = frozenset({"contact_id", "previous_touchpoint", "gap_s", "gap_business_s", "wait_s", "wait_business_s"})
"""Columns by whose range no file is ever left out: their statistics would cost a tenth of the writing."""


class RollingFiles:
    """Parquet files of one table, cut at ROWS_PER_FILE, each with the contract's columns to the letter.

    Dictionaries are written as they come and read back as plain words; columns a batch lacks become null.
    """

    def __init__(self, store: Store, table: Table, layer: str) -> None:
        self.store, self.table, self.layer = store, table, layer
        self.rows = 0
        self._files: list[NewFile] = []
        self._writer: pq.ParquetWriter | None = None
        self._path: Path | None = None
        self._in_file = 0
        self._bounds = (0, 0)

    def write(self, batch: pa.RecordBatch) -> None:
        if not batch.num_rows:
            return
        whole = self._complete(batch)
        if self._writer is None:
            self._open(whole.schema)
        assert self._writer is not None
        self._writer.write_batch(whole, row_group_size=ROW_GROUP)
        keys = whole["customer_key"]
        self._bounds = (self._bounds[0] if self._in_file else keys[0].as_py(), keys[-1].as_py())
        self._in_file += whole.num_rows
        self.rows += whole.num_rows
        if self._in_file >= ROWS_PER_FILE:
            self._finish()

    def close(self) -> list[NewFile]:
        self._finish()
        return self._files

    def abandon(self) -> None:
        """Remove what was written: after a full disk it would keep the disk full."""
        if self._writer is not None:
            with suppress(OSError):
                self._writer.close()
            self._writer.is_open = False  # else it would try, and complain, once more when it is collected
            self._writer = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self.store.discard(self._files)

    def _complete(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns, fields = [], []
        for column in self.table.columns:
            if column.name in batch.schema.names:
                values = batch[column.name]
                kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
                if kind != column.type:
                    values = values.cast(column.type)
            else:
                values = _absent(column.type, batch.num_rows, null=column.null)
            columns.append(values)
            fields.append(pa.field(column.name, values.type))
        return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))

    def _open(self, schema: pa.Schema) -> None:
        self._relative, self._path = self.store.new_path(self.layer)
        words = [f.name for f in schema if pa.types.is_dictionary(f.type)]
        self._writer = pq.ParquetWriter(
            self._path,
            schema,
            compression="zstd",
            compression_level=1,
            store_schema=False,
            use_dictionary=words,
            store_decimal_as_integer=True,
            write_batch_size=4096,
            write_statistics=[c for c in schema.names if c not in _UNSOUGHT],
        )

    def _finish(self) -> None:
        if self._writer is None:
            return
        self._writer.close()
        sealed = self.store.seal(self._relative, self._in_file, self.layer)
        self._files.append(replace(sealed, bounds={"customer_key": self._bounds}))
        self._writer, self._in_file = None, 0


def _absent(kind: pa.DataType, n: int, *, null: bool) -> pa.Array:
    """A column the source never fills: null, or (attributes) the empty map where null is not allowed."""
    if null or not pa.types.is_map(kind):
        return pa.nulls(n, kind)
    return pa.MapArray.from_arrays(
        pa.array([0] * (n + 1), pa.int32()), pa.array([], kind.key_type), pa.array([], kind.item_type)
    )

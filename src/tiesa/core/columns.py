"""What a table is made of: columns with type, unit, allowed values and whether they may be null."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import pyarrow as pa

TEXT = pa.string()
INSTANT = pa.timestamp("us", tz="UTC")
MONEY = pa.decimal128(18, 4)
SECONDS = pa.decimal128(18, 6)
"""Exact seconds: sums of waits equal the journey's length to the microsecond, on every engine."""
ATTRIBUTES = pa.map_(TEXT, TEXT)
LIST = pa.list_(TEXT)
"""Names in order."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the contract.

    `null` says whether a value may be missing. `choices` are the only words allowed (an enum). `low` and
    `high` bound numbers, both inclusive. `unit` is empty for words. `pseudonym`: ids that carry personal
    data (an `@`) are replaced by a number before they reach this column.
    """

    name: str
    type: pa.DataType
    meaning: str
    null: bool = True
    choices: type[StrEnum] | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    pseudonym: bool = False


@dataclass(frozen=True)
class Table:
    """A named table: its columns in order, and the columns that identify a row.

    `id_column` is the column that gets a hash of the row's values where the source has no id of its own.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    id_column: str = ""

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema every file of this table has, to the letter."""
        return pa.schema([pa.field(c.name, c.type, nullable=c.null, metadata=_metadata(c)) for c in self.columns])

    @cached_property
    def plural(self) -> str:
        """Name of many of its rows: of the folder in the log, and what `--as` takes too."""
        if self.name.endswith("y"):
            return self.name[:-1] + "ies"
        return self.name + ("es" if self.name.endswith("s") else "s")

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    def __contains__(self, name: object) -> bool:
        return name in self.names


def _metadata(column: Column) -> dict[str, str]:
    facts = {"meaning": column.meaning, "unit": column.unit}
    if column.choices:
        facts["choices"] = ",".join(column.choices)
    return {k: v for k, v in facts.items() if v}

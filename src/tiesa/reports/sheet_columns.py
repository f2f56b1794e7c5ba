"""The columns of a table that leaves for a spreadsheet, and the remarks on what had to be changed on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from tiesa.core.locale import ngettext
from tiesa.engines.duckdb import name

if TYPE_CHECKING:
    import duckdb

CELL_CHARACTERS = 32_767
"""What a cell of a workbook holds at most."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column as written: its name, the SQL of its value, the engine's type of it, and what it means."""

    name: str
    sql: str
    type: str
    meaning: str = ""
    unit: str = ""

    @property
    def kind(self) -> str:
        """instant, day, number, boolean, text, or other (written as JSON)."""
        if self.type.startswith("TIMESTAMP"):
            return "instant"
        if self.type.startswith(("DECIMAL", "DOUBLE", "FLOAT")) or "INT" in self.type.split("(")[0].split("[")[0]:
            return "other" if "[" in self.type else "number"
        return {"DATE": "day", "BOOLEAN": "boolean", "VARCHAR": "text"}.get(self.type, "other")

    @property
    def text_sql(self) -> str:
        """SQL of the value as a text that is no number and no time."""
        if self.kind == "text":
            return self.sql
        nested = self.type.endswith("[]") or self.type.startswith(("STRUCT", "MAP", "UNION"))
        return f"to_json({self.sql})::varchar" if nested else f"({self.sql})::varchar"


def columns_of(connection: duckdb.DuckDBPyConnection, source: str, schema: pa.Schema) -> list[SheetColumn]:
    """The columns of a view; what they mean, where the Arrow schema says it."""
    described = connection.execute(f"describe select * from {source}").fetchall()
    found = []
    for (column, kind, *_rest), field in zip(described, schema, strict=True):
        facts = {k.decode(): v.decode() for k, v in (field.metadata or {}).items() if k in (b"meaning", b"unit")}
        found.append(SheetColumn(column, name(column), kind, **facts))
    return found


def count_of(conditions: list[str]) -> str:
    """SQL: how many of the conditions hold in a row."""
    return " + ".join(f"coalesce({c}, false)::int" for c in conditions) or "0"


def remarks(*, led: int = 0, cut: int = 0, replaced: int = 0) -> tuple[str, ...]:
    """What was changed, in sentences."""
    found = []
    if led:
        found.append(
            ngettext(
                "{n} text begins like a formula and got a single quote before it",
                "{n} texts begin like a formula and got a single quote before them",
                led,
            ).format(n=led)
        )
    if cut:
        found.append(
            ngettext(
                "{n} text is longer than a cell and was cut to {limit} characters",
                "{n} texts are longer than a cell and were cut to {limit} characters",
                cut,
            ).format(n=cut, limit=CELL_CHARACTERS)
        )
    if replaced:
        found.append(
            ngettext(
                "{n} value holds control characters that XML forbids; they were replaced",
                "{n} values hold control characters that XML forbids; they were replaced",
                replaced,
            ).format(n=replaced)
        )
    return tuple(found)

"""Files whose columns already have our names: an export of another home, a simulated company, an export made for Tiesa.

Which table the rows are follows from the columns. A customer stands as the source's own id in a column `customer`;
`source` and `position` may be there, or are filled in as for any other file. What else stands in the file becomes
attributes where the table has them, by the same rules as in a proposal.
"""

from __future__ import annotations

from tiesa.contacts.mapping import WHOLE, Field, Mapping, TableMapping, needed_columns, target_names
from tiesa.contacts.proposing.draft import why_left
from tiesa.contacts.proposing.tables import MOST_ATTRIBUTES
from tiesa.contacts.proposing.values import ColumnFacts, sample
from tiesa.contacts.readers.source import Source
from tiesa.core.columns import Table
from tiesa.core.locale import _
from tiesa.core.tables import IMPORTABLE

HOUSE = "tiesa"
"""The source of rows that name none."""
CONTRACT = "contract "
PREFIX = "attributes."
_IGNORED = {"customer_key", "import_id", "recorded_at"}
"""Given anew by every home."""
_TYPED = ("parquet", "frame")


def contract_mapping(source: Source, table: Table | None = None) -> Mapping | None:
    """The mapping of a file that has our own columns; None where it fits no table.

    Args: table: what the rows are; None: the table that has most of the file's columns.
    A file of words (CSV, XLSX, JSON) must also speak our words: one whose directions are all "In" and "Out" is left
    to a proposal, which translates them.
    """
    held = set(source.columns)
    fitting = [t for t in IMPORTABLE if (table is None or t is table) and held.issuperset(needed_columns(t))]
    if not fitting:
        return None
    best = max(fitting, key=lambda t: len(held.intersection(target_names(t))))
    unknown = [c for c in source.columns if not _is_ours(best, c)]
    facts = {f.name: f for f in sample(source)} if unknown or source.format not in _TYPED else {}
    if source.format not in _TYPED and _speaks_otherwise(best, facts):
        return None
    fields = {c: _field(c) for c in target_names(best) if c in held}
    return Mapping(
        source=HOUSE,
        tables=(TableMapping(best, fields, _attributes(best, source.columns, unknown, facts)),),
        title=_("Tiesa's own table {table}").format(table=best.name),
        path=CONTRACT + best.name,
    )


def is_contract(mapping: Mapping) -> bool:
    """Whether a mapping was made by `contract_mapping`."""
    return mapping.path.startswith(CONTRACT)


def _is_ours(table: Table, column: str) -> bool:
    if column in target_names(table) or column in _IGNORED:
        return True
    return "attributes" in table and (column == "attributes" or column.startswith(PREFIX))


def _speaks_otherwise(table: Table, facts: dict[str, ColumnFacts]) -> bool:
    """Whether a column of closed words has words, and none of them is ours."""
    for column in table.columns:
        words = set(facts[column.name].counts) if column.choices and column.name in facts else set()
        if words and words.isdisjoint(column.choices or ()):
            return True
    return False


def _field(column: str) -> Field:
    return Field((column,), otherwise=HOUSE) if column == "source" else Field((column,))


def _attributes(
    table: Table, columns: tuple[str, ...], unknown: list[str], facts: dict[str, ColumnFacts]
) -> dict[str, str]:
    """Where attributes come from: the whole column of that name, `attributes.NAME`, and columns that are not ours."""
    if "attributes" not in table:
        return {}
    found = {WHOLE: "attributes"} if "attributes" in columns else {}
    found |= {c: c for c in [c for c in unknown if not why_left(facts[c])][:MOST_ATTRIBUTES]}
    return found | {c.removeprefix(PREFIX): c for c in columns if c.startswith(PREFIX) and c != PREFIX}

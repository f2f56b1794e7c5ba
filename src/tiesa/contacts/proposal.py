"""A proposed mapping for a file nobody has mapped yet, with the reason for every column.

The proposal takes every row of a clean file: what a table must have and the file does not say becomes a constant, a
word that means nothing to us becomes null, and what may identify a person stays out of the log.
"""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field

from tiesa.contacts.mapping import Mapping
from tiesa.contacts.mapping_text import mapping_text
from tiesa.contacts.proposing.draft import Draft
from tiesa.contacts.proposing.kinds import kind_of
from tiesa.contacts.proposing.names import system_name
from tiesa.contacts.proposing.tables import draft
from tiesa.contacts.proposing.values import ColumnFacts, sample
from tiesa.contacts.readers.source import Source
from tiesa.core.columns import Table
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _

__all__ = ["Proposal", "propose", "system_name"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping, why each of its columns was chosen, and why the others were left out.

    reasons: by target ("channel", "answer.value", "attributes.status", "time.formats"); left: by source column.
    """

    mapping: Mapping
    reasons: Dict[str, str] = field(repr=False)
    left: Dict[str, str] = field(repr=False)

    def to_toml(self) -> str:
        """The mapping as TOML, each line under its reason, with the columns left out as comments."""
        return mapping_text(self.mapping, self.reasons, self.left)


def propose(source: Source, table: Table | None = None, *, source_name: str) -> Proposal:
    """Propose a mapping from column names (in six languages) and the values of the first rows.

    Args: table: what the rows are; None: found out (contacts, customers, outcomes, answers or rates). source_name: the
    system's name, which the mapping gets.
    Raises: UnusableInput when the file has no rows, no time, or nothing that joins its rows.
    """
    columns = sample(source)
    where = str(source.path) if source.path else source.format
    if not columns or all(facts.is_empty for facts in columns):
        raise UnusableInput(_("The file has no rows"), where=where, remedy=_("Export it again with its rows"))
    made = draft(columns, table or kind_of(columns), source=source, where=where)
    return Proposal(_mapping(made, source_name), made.reasons, _left(made, columns))


def _mapping(made: Draft, source_name: str) -> Mapping:
    return Mapping(
        source=source_name,
        tables=tuple(made.tables()),
        formats=made.formats,
        day_first=made.day_first,
        decimal=made.decimal,
    )


def _left(made: Draft, columns: tuple[ColumnFacts, ...]) -> dict[str, str]:
    used = {column for table in made.tables() for column in table.columns}
    return {facts.name: made.why_left(facts) for facts in columns if facts.name not in used}

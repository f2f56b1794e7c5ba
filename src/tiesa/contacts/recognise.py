"""Which mapping a file needs: one saved in the home, else none where the columns are our own, else a ready one that
fits, else a proposal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

from tiesa.contacts.contract import contract_mapping
from tiesa.contacts.mapping import Field, Mapping, TableMapping, parse_mapping, read_mapping
from tiesa.contacts.proposal import propose, system_name
from tiesa.contacts.readers import open_source
from tiesa.contacts.readers.source import ReaderOptions, Source
from tiesa.core.columns import Table
from tiesa.core.home import Home


@cache
def ready_mappings() -> tuple[Mapping, ...]:
    """The mappings that come with Tiesa, by name; `path` is the name.

    >>> [mapping.path for mapping in ready_mappings()][:3]
    ['airline_tweets', 'bpic2012', 'bpic2013_incidents']
    """
    files = resources.files("tiesa.contacts") / "ready"
    found = sorted((f for f in files.iterdir() if f.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(parse_mapping(f.read_text("utf-8"), where=f.name.removesuffix(".toml")) for f in found)


def recognise(source: Source, home: Home, table: Table | None = None) -> tuple[Mapping, str]:
    """The mapping for a source, and how it was found: "saved: NAME", "ready: NAME" ("ready: contract contact" where
    the columns are those of our own table), or "proposed".

    Args: table: what the rows are; only mappings whose first table is that one are looked at. None: any.
    A ready mapping is cut down to the columns the file has; a saved one is taken as it is.
    Raises: InvalidMapping when a mapping saved in the home cannot be read, UnusableInput when a proposal is needed
    and the file has no rows.
    """
    known = known_mapping(source, home, table)
    return known or (propose(source, table, source_name=source_name(source)).mapping, "proposed")


def known_mapping(source: Source, home: Home, table: Table | None = None) -> tuple[Mapping, str] | None:
    """The same without a proposal: None where no mapping that is known fits."""
    saved = [read_mapping(path) for path in sorted(home.mappings.glob("*.toml"))]
    if mapping := _best(saved, source, table):
        return mapping, f"saved: {Path(mapping.path).stem}"
    if mapping := contract_mapping(source, table):
        return mapping, f"ready: {mapping.path}"
    if mapping := _best(ready_mappings(), source, table):
        return _cut_down(mapping, _columns_read(mapping, source)), f"ready: {mapping.path}"
    return None


def _best(mappings: Iterable[Mapping], source: Source, table: Table | None) -> Mapping | None:
    """Of those that suit, the one that asks for most columns; of equal ones the first by name."""
    suited = [m for m in mappings if (table is None or m.tables[0].table is table) and _suits(m, source)]
    return max(suited, key=lambda mapping: len(mapping.required or mapping.columns), default=None)


def _suits(mapping: Mapping, source: Source) -> bool:
    if mapping.required:
        return mapping.fits(source.columns, source.format)
    inside = mapping.reader.explode
    needed = {inside if inside and column.startswith(inside + ".") else column for column in mapping.columns}
    return needed <= set(source.columns)


def _columns_read(mapping: Mapping, source: Source) -> tuple[str, ...]:
    """The source's columns when it is read as the mapping wants."""
    if mapping.reader == ReaderOptions() or source.path is None:
        return source.columns
    return open_source(source.path, options=mapping.reader).columns


def _cut_down(mapping: Mapping, columns: tuple[str, ...]) -> Mapping:
    """The mapping without what the file does not have. Required columns are there, so what must be filled stays so."""
    held = set(columns)
    tables = tuple(_table_of(t, held) for t in mapping.tables if not t.only_with or t.only_with in held)
    return replace(mapping, tables=tables)


def _table_of(mapped: TableMapping, held: set[str]) -> TableMapping:
    fields = {
        target: replace(f, columns=tuple(c for c in f.columns if c in held)) for target, f in mapped.fields.items()
    }
    return replace(
        mapped,
        fields={target: f for target, f in fields.items() if _has_origin(f)},
        attributes={name: column for name, column in mapped.attributes.items() if column in held},
        when=tuple(rule for rule in mapped.when if held.issuperset(rule.columns)),
    )


def _has_origin(given: Field) -> bool:
    return bool(given.columns) or given.constant is not None


def source_name(source: Source) -> str:
    """What a proposal calls the system a file came from."""
    return system_name(source.path.name) if source.path else source.format

"""A mapping as SQL: source columns in, columns of our tables and the problems of each row out.

The whole mapping becomes one `select` over the source, so that a file is parsed, mapped and checked in a single
parallel pass. Nothing here reads or writes; `staging.py` runs it.
"""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass

import pyarrow as pa

from tiesa.contacts.checks import CHECKED_INSTANTS, Problem, word_for_type
from tiesa.contacts.mapping import CUSTOMER_PARTS, WHOLE, Field, Mapping, TableMapping, When, default_of
from tiesa.contacts.private import CASE_PREFIX
from tiesa.contacts.readers.source import INTERNAL
from tiesa.contacts.typed_text import from_text, has_offset, json_as, list_of
from tiesa.core.columns import ATTRIBUTES, INSTANT, LIST, TEXT, Column, Table
from tiesa.core.tables import CONTACT
from tiesa.engines.duckdb import SQL_TYPES, literal, name

EARLIEST = "timestamptz '1990-01-01 00:00:00+00'"
NO_ATTRIBUTES = "map([], [])::map(varchar, varchar)"
_PRIVATE = (*CUSTOMER_PARTS, "text")
_BAD, _HAS_OFFSET, _ROW_NUMBER = (name(INTERNAL + word) for word in ("bad", "has offset", "row number"))
"""What the layers of the select name for themselves begins as no column of a source does."""


def staged(table: Table, column: str) -> str:
    """Name of a mapped column in the staging table."""
    return f"{INTERNAL}{table.name}.{column}"


@dataclass(frozen=True, slots=True)
class Staged:
    """One of our tables as it stands in the staging table.

    filled: columns with a staged value. constants: columns that are the same in every row (SQL). present: SQL
    that says whether a row yields one of this table's rows. hashed: what an id is made from where there is none.
    """

    table: Table
    filled: tuple[str, ...]
    constants: Dict[str, str]
    present: str

    def sql(self, column: str) -> str:
        """The column's value in terms of the staging table `s`."""
        if column in self.filled:
            return "s." + name(staged(self.table, column))
        if column in self.constants:
            return self.constants[column]
        if column in self.table and self.table[column].type == ATTRIBUTES:
            return NO_ATTRIBUTES
        kind = SQL_TYPES[self.table[column].type] if column in self.table else "varchar"
        return f"null::{kind}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The select over a source that stages it, and what it stages. as_they_are: staged texts nobody has trimmed."""

    select: str
    tables: tuple[Staged, ...]
    as_they_are: tuple[str, ...]

    def over(self, relation: str) -> str:
        """The select, reading from this relation."""
        before, _placeholder, after = self.select.rpartition("{source}")  # a column may be called so as well
        return before + relation + after


def plan(
    mapping: Mapping, columns: Dict[str, str], *, now: str, row: str, salt: str, padding: str, trim: bool = True
) -> Plan:
    """The staging select.

    Args: columns: the source's columns with their SQL types, in order. now: SQL instant that "in the future" is
    measured from. row: SQL of the row number ("" when the engine's own row id will do). salt: the home's secret
    that goes into the hash of rows without an id, so that no id can be guessed back. padding: white space that may
    stand around texts and is dropped; "": texts are trimmed, and empty ones null already. trim: False leaves those
    texts alone that are staged as they are (see Plan), so that a look at them can show that nothing was to trim.
    Returns: a plan; `Plan.over(relation)` is the SQL to run.
    """
    builder = _Builder(mapping, columns, now, salt, padding, trim=trim)
    for mapped in mapping.tables:
        builder.add(mapped)
    return builder.finish(row)


class _Builder:
    """Collects three layers: raw text, typed value, problems."""

    def __init__(
        self, mapping: Mapping, columns: Dict[str, str], now: str, salt: str, padding: str, *, trim: bool
    ) -> None:
        self.mapping, self.columns, self.now, self.salt, self.padding = mapping, columns, now, salt, padding
        self.trim, self.as_they_are = trim, list[str]()
        self.raw: dict[str, str] = {}
        self.typed: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.tables: list[Staged] = []
        self.offsets: list[str] = []

    def add(self, mapped: TableMapping) -> None:
        table, constants, filled = mapped.table, {}, []
        secondary = bool(self.tables)
        present = f"{self.text(mapped.only_with)} is not null" if secondary and mapped.only_with else "true"
        targets = [c for c in table.columns if mapped.sets(c.name) or default_of(table, c.name) is not None]
        extras = [Column(c, TEXT, c, null=not _must_have(table, c)) for c in _PRIVATE if mapped.sets(c)]
        for column in (*targets, *extras):
            constant = self.constant(mapped, column) if column.name != "customer" else None
            if constant is not None:
                constants[column.name] = constant
                continue
            key = staged(table, column.name)
            self.column(mapped, column, key, present)
            filled.append(column.name)
        if mapped.attributes:
            self.attributes(mapped.attributes, staged(table, "attributes"), present)
            filled.append("attributes")
        if table is CONTACT:
            self.customer(mapped, filled)
        if present != "true":
            self.typed[staged(table, "present")] = present
            present = "s." + name(staged(table, "present"))
        self.tables.append(Staged(table, tuple(filled), constants, present))

    def constant(self, mapped: TableMapping, column: Column) -> str | None:
        if any(rule.fills(column.name) for rule in mapped.when):
            return None
        given = mapped.fields.get(column.name)
        value = default_of(mapped.table, column.name) if given is None else given.constant
        if value is None:
            return None
        if value and column.type == LIST:
            return list_of(literal(value))
        return f"{literal(value)}::{SQL_TYPES[column.type]}" if value else f"null::{SQL_TYPES[column.type]}"

    def column(self, mapped: TableMapping, column: Column, key: str, present: str) -> None:
        given = mapped.fields.get(column.name, Field(constant=""))
        sources = ", ".join(given.columns or tuple(r.column for r in mapped.when if r.fills(column.name)))
        plain = len(given.columns) == 1 and not given.values and not any(r.fills(column.name) for r in mapped.when)
        source_type = self.columns.get(given.columns[0], "") if plain else ""
        if plain and column.type == TEXT and source_type == "VARCHAR" and not self.trim and given.otherwise is None:
            self.raw[key], self.typed[key] = name(given.columns[0]), name(key + ":raw")
            self.as_they_are.append(key)
        elif plain and column.type != TEXT and source_type not in ("VARCHAR", ""):
            self.raw[key] = _known(name(given.columns[0]), source_type)
            self.typed[key] = self.from_typed(name(key + ":raw"), source_type, column)
        else:
            self.raw[key] = f"({self.words(mapped, column, given)})::varchar"  # it may be null in every row
            self.typed[key] = from_text(name(key + ":raw"), column, self.mapping)
        self.check(column, key, sources, present)

    def words(self, mapped: TableMapping, column: Column, given: Field) -> str:
        """Text of a target: joined columns, replaced words, and the rules that go before them."""
        if given.constant is not None:
            base = literal(given.constant or None)
        elif len(given.columns) == 1:
            base = self.text(given.columns[0])
        else:
            parts = ", ".join(self.text(c) for c in given.columns)
            base = f"nullif(concat_ws({literal(given.separator)}, {parts}), '')"
        if given.values:
            cases = " ".join(f"when {literal(k)} then {literal(v or None)}" for k, v in given.values.items())
            rest = (
                base
                if given.otherwise is None
                else f"case when {base} is null then null else {literal(given.otherwise or None)} end"
            )
            base = f"case {base} {cases} else {rest} end"
        elif given.otherwise is not None:
            base = f"coalesce({base}, {literal(given.otherwise or None)})"
        rules = ""
        for rule in mapped.when:
            if rule.fills(column.name):
                rules += f" when {self.holds(rule)} then {self.given(rule, column.name)}"
        return f"case{rules} else {base} end" if rules else base

    def holds(self, rule: When) -> str:
        if rule.same_as:
            return f"{self.text(rule.column)} = {self.text(rule.same_as)}"
        return f"{self.text(rule.column)} in ({', '.join(literal(word) for word in rule.words)})"

    def given(self, rule: When, target: str) -> str:
        return self.text(rule.take[target]) if target in rule.take else literal(rule.set[target] or None)

    def text(self, column: str) -> str:
        """A source column as clean text: trimmed, empty is null, whole numbers without a fraction."""
        kind, column_name = self.columns.get(column, "VARCHAR"), name(column)
        if kind == "VARCHAR" and not self.padding:
            return column_name
        if kind == "VARCHAR":  # empty or led by a blank sorts before '!'; to look first costs a fifth of trimming all
            ends = f"suffix({column_name}, ' ')" if self.padding == " " else f"right({column_name}, 1) < '!'"
            trimmed = f"nullif(trim({column_name}, {literal(self.padding)}), '')"
            return f"case when {column_name} < '!' or {ends} then {trimmed} else {column_name} end"
        if kind in ("DOUBLE", "FLOAT"):
            whole = f"{column_name} = trunc({column_name}) and abs({column_name}) < 1e15"
            plain = f"case when {whole} then {column_name}::bigint::varchar else {column_name}::varchar end"
            return f"case when not isnan({column_name}) then {plain} end"
        if kind.endswith("[]") or kind.startswith(("STRUCT", "MAP")):
            return f"to_json({column_name})::varchar"
        return f"{column_name}::varchar"

    def from_typed(self, raw: str, kind: str, column: Column) -> str:
        if column.type == INSTANT and kind.startswith(("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")):
            instant = f"{raw}::timestamptz"
            local = f"timezone({literal(self.mapping.zone)}, {instant}::timestamp)"
            return local if self.mapping.ignore_offset else instant
        if column.type == INSTANT and kind.startswith(("TIMESTAMP", "DATE")):
            return f"timezone({literal(self.mapping.zone)}, {raw}::timestamp)"
        return (
            from_text(f"{raw}::varchar", column, self.mapping)
            if column.type == INSTANT
            else f"try_cast({raw} as {SQL_TYPES[column.type]})"
        )

    def attributes(self, wanted: Dict[str, str], key: str, present: str) -> None:
        """Single columns under their names, and what a whole column of attributes says (a map, or a JSON object)."""
        single = {attribute: column for attribute, column in wanted.items() if attribute != WHOLE}
        keys = ", ".join(literal(k) for k in single)
        values = ", ".join(self.text(c) for c in single.values())
        pairs = f"list_zip([{keys}], [{values}])"
        made = f"map_from_entries(list_filter({pairs}, lambda pair: pair[2] is not null))"
        if WHOLE not in wanted:
            self.typed[key] = made
            return
        column, raw = wanted[WHOLE], name(key + ":raw")
        native = self.columns.get(column, "").startswith("MAP")
        self.raw[key] = name(column) if native else self.text(column)
        whole = f"{raw}::map(varchar, varchar)" if native else json_as(raw, "map(varchar, varchar)")
        unclear = f"len(list_distinct(map_keys({whole}))) < cardinality({whole})"
        self.typed[key] = (
            f"case when {whole} is null or {unclear} then {NO_ATTRIBUTES} "
            f"when list_position(map_values({whole}), null) is null then {whole} "
            f"else map_from_entries(list_filter(map_entries({whole}), lambda e: e.value is not null)) end"
        )
        if single:
            self.typed[key] = f"map_concat({self.typed[key]}, {made})"
        wrong = f"{raw} is not null and ({whole} is null or {unclear})"
        self.problem(wrong, column, raw, "not_attributes", present)

    def customer(self, mapped: TableMapping, filled: list[str]) -> None:
        """The case stands in for a customer that is not known; a row with neither is a problem."""
        key, case = staged(CONTACT, "customer"), staged(CONTACT, "case_id")
        source = name(staged(CONTACT, "source") + ":raw") if "source" in filled else literal(self.mapping.source)
        stand_in = f"{literal(CASE_PREFIX)} || {source} || ':' || {name(case + ':raw')}"
        if "customer" not in filled:
            self.raw[key] = "null::varchar"
            filled.append("customer")
        if "case_id" in filled:
            self.typed[key] = f"coalesce({name(key + ':raw')}, {stand_in})"
            missing = f"{name(key + ':raw')} is null and {name(case + ':raw')} is null"
        else:
            self.typed[key] = name(key + ":raw")
            missing = f"{name(key + ':raw')} is null"
        columns = [c for target in ("customer", "case_id") if (f := mapped.fields.get(target)) for c in f.columns]
        self.problems.append(Problem(missing, ", ".join(columns), "null", "no_customer"))

    def check(self, column: Column, key: str, sources: str, present: str) -> None:
        raw, typed = name(key + ":raw"), name(key)

        def add(condition: str, code: str) -> None:
            self.problem(condition, sources, raw, code, present)

        if not column.null:
            add(f"{raw} is null", "missing")
        if column.type != TEXT:
            add(f"{raw} is not null and {typed} is null", word_for_type(column.type))
        finite = ""
        if pa.types.is_floating(column.type):
            add(f"not isfinite({typed})", "not_a_number")
            finite = f"isfinite({typed}) and "
        if column.type == INSTANT and column.name in CHECKED_INSTANTS:
            add(f"{typed} < {EARLIEST}", "before_1990")
            add(f"{typed} > {self.now}", "in_future")
            if self.columns.get(sources, "") == "VARCHAR" and not self.mapping.ignore_offset:
                self.offsets.append(has_offset(raw))
        if column.choices:
            allowed = ", ".join(literal(c) for c in column.choices)
            add(f"{raw} is not null and {raw} not in ({allowed})", "unknown_value")
        if column.low is not None and column.type != INSTANT:
            add(f"{finite}{typed} < {column.low}", "too_low")
        if column.high is not None:
            add(f"{finite}{typed} > {column.high}", "too_high")

    def problem(self, condition: str, columns: str, value: str, code: str, present: str) -> None:
        guarded = condition if present == "true" else f"({present}) and {condition}"
        self.problems.append(Problem(guarded, columns, f"{value}::varchar", code))

    def hash(self) -> str:
        """A keyed hash of the first table's mapped values, where its rows have no id of their own."""
        first = self.tables[0]
        if not first.table.id_column or first.table.id_column in first.filled:
            return ""
        values = ", ".join(f"coalesce({name(staged(first.table, c))}::varchar, chr(0))" for c in sorted(first.filled))
        return f", md5(concat_ws(chr(31), {literal(self.salt)}, {values})) as {name(hash_column(first.table))}"

    def finish(self, row: str) -> Plan:
        first = [f"{sql} as {name(key + ':raw')}" for key, sql in self.raw.items()]
        everything = ", ".join(f"{literal(c)}: {self.text(c)}" for c in self.columns)
        second = [f"{sql} as {name(key)}" for key, sql in self.typed.items()]
        hashed = self.hash()
        bad = " or ".join(f"coalesce({p.condition}, false)" for p in self.problems) or "false"
        found = ", ".join(
            f"case when {p.condition} then "
            f"{{'code': {literal(p.code)}, 'column': {literal(p.columns)}, 'value': {p.value}}} end"
            for p in self.problems
        )
        kept = [name(k) for k in self.typed]
        numbered = [f"{row} as {_ROW_NUMBER}"] if row else []
        kept += [f"{_ROW_NUMBER} as tiesa_row"] if row else []
        mixed = f", {self.offsets[0]} as {_HAS_OFFSET}" if self.offsets else ""
        kept += [f"{_HAS_OFFSET} as has_offset"] if mixed else []
        select = (
            f"select {', '.join(kept)}{hashed}, "
            f"case when {_BAD} then to_json(list_filter([{found}], lambda p: p is not null))::varchar end as problems, "
            f"case when {_BAD} then to_json({{{everything}}})::varchar end as source_row "
            f"from (select *, ({bad}) as {_BAD} from (select *, {', '.join(second)}{mixed} "
            f"from (select *, {', '.join([*first, *numbered])} from {{source}})))"
        )
        return Plan(select, tuple(self.tables), tuple(self.as_they_are))


def _known(column: str, kind: str) -> str:
    """SQL: a column of a typed source, in which NaN says that there is no value."""
    return f"case when not isnan({column}) then {column} end" if kind in ("FLOAT", "DOUBLE") else column


def _must_have(table: Table, target: str) -> bool:
    """Whether each row names its customer; a contact may name its case instead (see `_Builder.customer`)."""
    return target == "customer" and table is not CONTACT and not table["customer_key"].null


def hash_column(table: Table) -> str:
    """Name of the staged hash that serves as id where the source has none."""
    return staged(table, "hash")

"""A mapping says how a source's columns become the columns of our tables. It is data, written in TOML:

- `[contact]`, `[answer]`, ... name, per column of ours, the source column it comes from, a constant, several columns
  to join, or words to replace (`Field`);
- `[[contact.when]]` rules look at the values of a row (`When`);
- a second table in the same mapping says that a row also yields an answer or an outcome (`only_with`).

The user guide has a whole mapping with every part explained.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tiesa.contacts.readers.source import ReaderOptions
from tiesa.core.columns import Table
from tiesa.core.errors import InvalidMapping
from tiesa.core.locale import _
from tiesa.core.tables import ANSWER, CONTACT, IMPORTABLE

SHARED_CUSTOMERS = "customers"
"""The customer ids of the organisation itself: a customer of one file is the same in another."""
CUSTOMER_PARTS = ("customer", "customer_name", "customer_mail", "customer_phone")
"""What identifies a customer: kept in the private tables, never in the log."""
WHOLE = "*"
"""Among attributes: all that a column says, a map or a JSON object."""
_FILLED_BY_US = {"customer_key", "source", "position", "import_id", "recorded_at", "attributes"}
_MAY_BE_GIVEN = {"source", "position"}


@dataclass(frozen=True, slots=True)
class Field:
    """Where one column's value comes from.

    Several `columns` are joined by `separator` (missing ones left out). `values` replaces words; a word that is
    not in it becomes `otherwise` where given (empty: null), else stays as it is. `constant` needs no column.
    """

    columns: tuple[str, ...] = ()
    constant: str | None = None
    values: Dict[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    separator: str = " "


@dataclass(frozen=True, slots=True)
class When:
    """A rule on source values: where `column` has one of the `words`, or the same value as the column `same_as`, the
    columns in `set` get these values and those in `take` the values of these source columns."""

    column: str
    words: tuple[str, ...]
    set: Dict[str, str]
    take: Dict[str, str] = field(default_factory=dict)
    same_as: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(c for c in (self.column, self.same_as, *self.take.values()) if c)

    def fills(self, target: str) -> bool:
        return target in self.set or target in self.take


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How the rows of one of our tables are made. `only_with`: only from rows where that column has a value."""

    table: Table
    fields: Dict[str, Field]
    attributes: Dict[str, str] = field(default_factory=dict)
    when: tuple[When, ...] = ()
    only_with: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every source column it reads, each once, in order of use."""
        used = [c for f in self.fields.values() for c in f.columns]
        used += [*self.attributes.values(), *(c for rule in self.when for c in rule.columns), self.only_with]
        return tuple(dict.fromkeys(c for c in used if c))

    def sets(self, column: str) -> bool:
        return column in self.fields or any(rule.fills(column) for rule in self.when)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole mapping. `required` and `known` say which files it fits (see `fits`).

    customers: whose customer ids these are: the organisation's, unless the system has numbers of its own.
    zone: of times without an offset. ignore_offset: the source stamps local times with a false offset.
    day_first: 03.04.2025 is 3 April. formats: strptime forms of times that are not ISO. decimal: the mark.
    """

    source: str
    tables: tuple[TableMapping, ...]
    title: str = ""
    customers: str = SHARED_CUSTOMERS
    required: frozenset[str] = frozenset()
    known: frozenset[str] | None = None
    form: str = ""
    reader: ReaderOptions = field(default_factory=ReaderOptions)
    zone: str = "UTC"
    ignore_offset: bool = False
    day_first: bool = True
    formats: tuple[str, ...] = ()
    decimal: str = "."
    notes: tuple[str, ...] = ()
    path: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c for t in self.tables for c in t.columns))

    def fits(self, columns: tuple[str, ...], form: str = "") -> bool:
        """A ready mapping fits a file with all its required columns and, where `known` is given, no others."""
        if not self.required or not self.required <= set(columns) or (self.form and form and self.form != form):
            return False
        return self.known is None or set(columns) <= self.required | self.known

    def check_against(self, columns: tuple[str, ...]) -> None:
        """Raise InvalidMapping when the mapping reads a column the file does not have."""
        for column in self.columns:
            if column not in columns:
                close = get_close_matches(column, columns, n=1)
                hint = _("Did you mean {name}?").format(name=repr(close[0])) if close else ""
                shown = ", ".join(columns[:20])
                raise InvalidMapping(
                    _("The mapping reads a column {name} that the file does not have").format(name=repr(column)),
                    where=self.path,
                    remedy=hint or _("The file has: {columns}").format(columns=shown),
                )


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises InvalidMapping, which names the key and what is allowed there."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidMapping(_("This mapping cannot be read"), where=str(path), remedy=str(error)) from error
    return parse_mapping(text, where=str(path))


def parse_mapping(text: str, *, where: str = "", whole: bool = True) -> Mapping:
    """Read a mapping from TOML text (see the module's head for the form). whole: False lets it lack columns that must
    be filled, as one that somebody still works on does."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidMapping(_("This mapping is not TOML: {error}").format(error=error), where=where) from error
    return _Parser(where, whole).mapping(document)


@dataclass(frozen=True, slots=True)
class _Parser:
    where: str
    whole: bool

    def fail(self, what: str, remedy: str = "") -> InvalidMapping:
        return InvalidMapping(what, where=self.where, remedy=remedy)

    def only(self, given: Dict[str, Any], allowed: tuple[str, ...], place: str) -> None:
        for key in given:
            if key not in allowed:
                close = get_close_matches(key, allowed, n=1)
                remedy = _("Did you mean {name}?").format(name=repr(close[0])) if close else ""
                raise self.fail(
                    _("{place} has no key {key}").format(place=place, key=repr(key)),
                    remedy or _("Allowed: {keys}").format(keys=", ".join(allowed)),
                )

    def mapping(self, document: dict[str, Any]) -> Mapping:
        names = tuple(t.name for t in IMPORTABLE)
        heads = ("source", "customers", "title", "required", "known", "form", "reader", "time", "number", "notes")
        self.only(document, (*heads, *names), _("A mapping"))
        source = document.get("source")
        if not isinstance(source, str) or not source:
            raise self.fail(_("A mapping needs a source: the name of the system the rows come from"), 'source = "crm"')
        tables = tuple(
            self.table(t, document[t.name], beside=CONTACT.name in document) for t in IMPORTABLE if t.name in document
        )
        if not tables:
            raise self.fail(_("The mapping names no table"), _("Add one of: {tables}").format(tables=", ".join(names)))
        time, number, reader = document.get("time", {}), document.get("number", {}), document.get("reader", {})
        self.only(time, ("zone", "offset", "day_first", "formats"), "[time]")
        self.only(number, ("decimal",), "[number]")
        self.only(reader, ("explode", "own", "sheet", "encoding", "delimiter"), "[reader]")
        known = document.get("known")
        return Mapping(
            source=source,
            tables=tables,
            title=document.get("title", ""),
            customers=document.get("customers", SHARED_CUSTOMERS),
            required=frozenset(document.get("required", ())),
            known=None if known is None else frozenset(known),
            form=document.get("form", ""),
            reader=ReaderOptions(**{**reader, "own": tuple(reader.get("own", ()))}),
            zone=self.zone(time.get("zone", "UTC")),
            ignore_offset=time.get("offset", "use") == "ignore",
            day_first=time.get("day_first", True),
            formats=tuple(time.get("formats", ())),
            decimal=number.get("decimal", "."),
            notes=tuple(document.get("notes", ())),
            path=self.where,
        )

    def zone(self, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise self.fail(
                _("There is no time zone {name}").format(name=repr(name)), 'zone = "Europe/Vilnius"'
            ) from error
        return name

    def table(self, table: Table, given: Any, *, beside: bool) -> TableMapping:
        if not isinstance(given, dict):
            raise self.fail(_("[{table}] must be a table of columns").format(table=table.name))
        special = {"attributes", "when", "only_with"}
        allowed = target_names(table)
        fields = {}
        for key, value in given.items():
            if key in special:
                continue
            self.only({key: value}, (*allowed, *special), f"[{table.name}]")
            fields[key] = self.field(f"[{table.name}] {key}", value)
            given_words = (fields[key].constant, fields[key].otherwise, *fields[key].values.values())
            self.words(table, key, given_words, f"[{table.name}] {key}")
        when = tuple(self.rule(table, rule) for rule in given.get("when", ()))
        mapped = TableMapping(table, fields, given.get("attributes", {}), when, given.get("only_with", ""))
        if self.whole:
            self.complete(mapped, beside)
        return mapped

    def field(self, place: str, value: Any) -> Field:
        if isinstance(value, str):
            return Field(columns=(value,))
        if not isinstance(value, dict):
            raise self.fail(_("{place} must be a column name or a table").format(place=place))
        self.only(value, ("column", "columns", "constant", "values", "otherwise", "separator"), place)
        columns = tuple(value.get("columns", ())) or ((value["column"],) if "column" in value else ())
        if bool(columns) == ("constant" in value):
            raise self.fail(_("{place} needs either a column or a constant").format(place=place))
        constant = value.get("constant")
        words = {str(k): str(v) for k, v in value.get("values", {}).items()}
        return Field(
            columns,
            None if constant is None else str(constant),
            words,
            value.get("otherwise"),
            value.get("separator", " "),
        )

    def words(self, table: Table, target: str, given: Iterable[str | None], place: str) -> None:
        """Where a column knows only certain words, a mapping may give only these (or nothing)."""
        choices = table[target].choices if target in table else None
        for word in given if choices else ():
            if word and word not in set(choices or ()):
                raise self.fail(
                    _("{place} gives {word}, which is none of its words").format(place=place, word=repr(word)),
                    _("Allowed: {keys}").format(keys=", ".join(choices or ())),
                )

    def rule(self, table: Table, given: Any) -> When:
        place = f"[[{table.name}.when]]"
        self.only(given, ("column", "is", "same_as", "set", "take"), place)
        if "column" not in given or ("is" in given) == ("same_as" in given) or not ({"set", "take"} & set(given)):
            raise self.fail(_("{place} needs column, is (or same_as) and set (or take)").format(place=place))
        given_set, take = given.get("set", {}), given.get("take", {})
        self.only(given_set, target_names(table), f"{place} set")
        self.only(take, target_names(table), f"{place} take")
        words = given.get("is", [])
        words = words if isinstance(words, list) else [words]
        values = {k: str(v) for k, v in given_set.items()}
        for target, value in values.items():
            self.words(table, target, (value,), f"{place} set")
        return When(given["column"], tuple(map(str, words)), values, take, given.get("same_as", ""))

    def complete(self, mapped: TableMapping, beside: bool) -> None:
        """A mapping must fill every column that may not be null, in one way or another; rows that come beside a
        contact take its customer."""
        table = mapped.table
        if table is CONTACT and not (mapped.sets("customer") or mapped.sets("case_id")):
            raise self.fail(
                _("[contact] needs a customer or a case_id, or nothing can be joined to a journey"),
                _("Name the column with the customer's number, mail or telephone, or the ticket's number"),
            )
        for column in table.columns:
            optional = column.null or column.name in _FILLED_BY_US or column.name == table.id_column
            if not optional and not mapped.sets(column.name) and column.name not in _DEFAULTS.get(table.name, {}):
                raise self.fail(
                    _("[{table}] needs {column}: {meaning}").format(
                        table=table.name, column=column.name, meaning=column.meaning
                    )
                )
        owned = "customer_key" in table and not table["customer_key"].null
        if owned and not beside and not mapped.sets("customer"):
            raise self.fail(_("[{table}] needs customer: the source's own customer id").format(table=table.name))


_DEFAULTS: dict[str, dict[str, str]] = {
    "answer": {"respondent": "customer", "prompted": "true"},
    "contact": {},
}


def default_of(table: Table, column: str) -> str | None:
    """Value of a column that a mapping need not name."""
    return _DEFAULTS.get(table.name, {}).get(column)


def target_names(table: Table) -> tuple[str, ...]:
    """The columns of a table that a mapping may fill. A `source` given by row goes before the mapping's own."""
    own = tuple(c for c in table.names if c not in _FILLED_BY_US - _MAY_BE_GIVEN)
    extra = CUSTOMER_PARTS if "customer_key" in table else ()
    return (*own, *extra, *(("text",) if table in (CONTACT, ANSWER) else ()))


def needed_columns(table: Table) -> tuple[str, ...]:
    """The columns without which a file of our own names is not of this table.

    >>> from tiesa.core.tables import SEEN
    >>> needed_columns(SEEN)
    ('employee', 'contact_id', 'at')
    """
    owned = "customer_key" in table and not table["customer_key"].null
    own = tuple(c.name for c in table.columns if not c.null and c.name not in _FILLED_BY_US)
    return (*own, "customer") if owned else own

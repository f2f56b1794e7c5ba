"""A mapping as a form, and a form as a mapping: what becomes of each column, constants, words, times.

What the form does not show (rules on values, further tables, joined columns) stays as it was, unless its columns are
given to something else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping as Dict
from dataclasses import dataclass, replace

from django.http import QueryDict

from tiesa.app.intake.targets import ATTRIBUTE, LEFT_OUT, Target, targets_of, word_in_words, words_of_use
from tiesa.contacts.mapping import SHARED_CUSTOMERS, Field, Mapping, TableMapping, When, default_of, needed_columns
from tiesa.contacts.proposing.draft import field_for
from tiesa.contacts.proposing.names import clean_name
from tiesa.contacts.proposing.values import ColumnFacts
from tiesa.core.columns import Column, Table
from tiesa.core.locale import _

MOST_WORDS = 60
EXAMPLES = 3
LONGEST_EXAMPLE = 48
KEPT, EMPTY = "=", ""
"""What becomes of a word the form does not name: it stays as it is, or is left empty."""


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of the file: some of its values, where it goes (maybe to several places), and why."""

    number: int
    name: str
    examples: tuple[str, ...]
    uses: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A place that gets the same value in every row. choices: the only words allowed, with their meaning."""

    use: str
    words: str
    value: str
    choices: tuple[tuple[str, str], ...]
    is_needed: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A place whose words are replaced: each word of the file, and ours. rest: what becomes of any other word."""

    use: str
    words: str
    pairs: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, str], ...]
    rest: str


@dataclass(frozen=True, slots=True)
class Form:
    """Everything the mapping page shows."""

    mapping: Mapping
    columns: tuple[ColumnRow, ...]
    groups: tuple[tuple[str, list[Target]], ...]
    constants: tuple[Constant, ...]
    words: tuple[Words, ...]
    free: tuple[Target, ...]

    @property
    def names(self) -> frozenset[str]:
        """Of its changing parts, to see whether a change asks for others."""
        words = {f"word:{w.use}:{said}" for w in self.words for said, _ours in w.pairs}
        return frozenset({f"constant:{c.use}" for c in self.constants} | words)


def shown(
    mapping: Mapping, columns: list[str], facts: Dict[str, ColumnFacts], reasons: Dict[str, str], left: Dict[str, str]
) -> Form:
    """The form of a mapping for a file with these columns."""
    first = mapping.tables[0]
    rows = []
    for number, name in enumerate(columns):
        uses = _uses(mapping, name)
        told = [reason for use in uses if (reason := _told(reasons, _reason_key(mapping, use, name)))]
        why = "; ".join(dict.fromkeys(told)) or ("" if uses else _told(left, name))
        rows.append(ColumnRow(number, name, _examples(facts.get(name)), uses, why))
    groups = tuple((table.table.name, targets_of(table.table)) for table in mapping.tables)
    filled = {f"{t.table.name}.{c}" for t in mapping.tables for c in t.table.names if t.sets(c)}
    filled |= {f"{t.table.name}.{target}" for t in mapping.tables for target in t.fields}
    free = tuple(target for target in targets_of(first.table) if target.use not in filled)
    return Form(mapping, tuple(rows), groups, _constants(mapping), _words(mapping, facts), free)


def _told(reasons: Dict[str, str], key: str) -> str:
    """A reason, "" where there is none; of what a known mapping says, one reason holds for all."""
    return reasons[key] if key in reasons or isinstance(reasons, defaultdict) else ""


def edited(mapping: Mapping, columns: list[str], facts: Dict[str, ColumnFacts], form: QueryDict) -> Mapping:
    """The mapping as the form says; not checked (see parse_mapping)."""
    wanted: dict[str, dict[str, list[str]]] = {}
    more = (form.get("also-column", ""), form.get("also-target", LEFT_OUT))
    named: list[str] = []
    for number, column in enumerate(columns):
        uses = [*form.getlist(f"to-{number}"), *([more[1]] if more[0] == str(number) else [])]
        for use in dict.fromkeys(uses):
            if use == ATTRIBUTE:
                named.append(column)
            elif use != LEFT_OUT:
                table, _dot, target = use.partition(".")
                wanted.setdefault(table, {}).setdefault(target, []).append(column)
    attributes = {key: column for key, column in mapping.tables[0].attributes.items() if column in named}
    for column in named:
        if column not in attributes.values():
            attributes[_key(clean_name(column), attributes)] = column
    tables = []
    for place, mapped in enumerate(mapping.tables):
        given = wanted.get(mapped.table.name, {})
        fields = _fields(mapped, given, facts, form)
        made = replace(mapped, fields=fields, attributes=attributes if place == 0 else mapped.attributes)
        if place == 0 and "rules" in form:
            kept = set(form.getlist("rule"))
            made = replace(made, when=tuple(rule for n, rule in enumerate(mapped.when) if str(n) in kept))
        if place == 0 or _is_told(made):
            tables.append(made)
    return _settings(replace(mapping, tables=tuple(tables)), form)


def _fields(
    mapped: TableMapping, given: Dict[str, list[str]], facts: Dict[str, ColumnFacts], form: QueryDict
) -> dict[str, Field]:
    table, made = mapped.table, dict[str, Field]()
    order = [*(t for t in mapped.fields), *(t for t in given if t not in mapped.fields)]
    for target in order:
        before, use = mapped.fields.get(target), f"{table.name}.{target}"
        if target in given:
            columns = given[target]
            if before and set(before.columns) == set(columns):
                made[target] = _with_words(before, use, form)
            else:
                made[target] = _new_field(table, target, columns, facts)
        elif before and before.constant is not None:
            value = form.get(f"constant-{use}", before.constant).strip()
            if value:
                made[target] = Field(constant=value)
    for name in form:
        use, value = name.removeprefix("constant-"), form.get(name, "").strip()
        if use != name and use.startswith(table.name + ".") and value:
            made.setdefault(use.partition(".")[2], Field(constant=value))
    target, value = form.get("new-target", ""), form.get("new-value", "").strip()
    if target.startswith(table.name + ".") and value:
        made.setdefault(target.partition(".")[2], Field(constant=value))
    return made


def _new_field(table: Table, target: str, columns: list[str], facts: Dict[str, ColumnFacts]) -> Field:
    """A column just given to a place: words of a closed list are translated as far as they can be."""
    if len(columns) == 1 and (known := facts.get(columns[0])):
        field = field_for(target, known)
        choices = table[target].choices if target in table else None
        if choices and not field.values:
            own = {word: word for word in known.counts if word in set(choices)}
            return Field(field.columns, values=own, otherwise="")
        return field
    return Field(tuple(columns))


def _with_words(before: Field, use: str, form: QueryDict) -> Field:
    """The field with the words the form gives for each of the file's."""
    values, number = dict(before.values), 0
    while (said := form.get(f"said-{use}-{number}")) is not None:
        ours = form.get(f"word-{use}-{number}", EMPTY).strip()
        unsaid = said if before.otherwise is None else before.otherwise
        if ours == KEPT:
            values.pop(said, None)
        elif said in values or ours != unsaid:
            values[said] = ours
        number += 1
    rest = form.get(f"rest-{use}")
    otherwise = before.otherwise if rest is None else (None if rest == KEPT else rest)
    return replace(before, values=values, otherwise=otherwise)


def _is_told(mapped: TableMapping) -> bool:
    """Does the file still say something of a further table?"""
    used = {column for field in mapped.fields.values() for column in field.columns}
    used |= {column for rule in mapped.when for column in rule.columns}
    return mapped.only_with in used if mapped.only_with else bool(used)


def _settings(mapping: Mapping, form: QueryDict) -> Mapping:
    source = form.get("source", "").strip() or mapping.source
    shared = form.get("shared")
    customers = mapping.customers
    if shared is not None:
        customers = SHARED_CUSTOMERS if shared == "yes" else (customers if customers != SHARED_CUSTOMERS else source)
    formats = mapping.formats
    if "formats" in form:
        formats = tuple(line.strip() for line in form.get("formats", "").splitlines() if line.strip())
    return replace(
        mapping,
        source=source,
        customers=customers,
        zone=form.get("zone", "").strip() or mapping.zone,
        ignore_offset=form.get("offset", "ignore" if mapping.ignore_offset else "use") == "ignore",
        day_first=form.get("day_first", "yes" if mapping.day_first else "no") == "yes",
        formats=formats,
        decimal="," if form.get("decimal", mapping.decimal) == "," else ".",
    )


def _uses(mapping: Mapping, column: str) -> tuple[str, ...]:
    uses = [
        f"{mapped.table.name}.{target}"
        for mapped in mapping.tables
        for target, field in mapped.fields.items()
        if column in field.columns
    ]
    if column in mapping.tables[0].attributes.values():
        uses.append(ATTRIBUTE)
    return tuple(uses)


def _reason_key(mapping: Mapping, use: str, column: str) -> str:
    """How a proposal names its reason for a use: the first table's targets stand alone."""
    first = mapping.tables[0]
    if use == ATTRIBUTE:
        return next((f"attributes.{key}" for key, c in first.attributes.items() if c == column), "")
    table, _dot, target = use.partition(".")
    return target if table == first.table.name else use


def _examples(facts: ColumnFacts | None) -> tuple[str, ...]:
    if facts is None:
        return ()
    found = list(dict.fromkeys(text.strip() for text in facts.filled[:200]))[:EXAMPLES]
    return tuple(text if len(text) <= LONGEST_EXAMPLE else text[: LONGEST_EXAMPLE - 1] + "…" for text in found)


def _constants(mapping: Mapping) -> tuple[Constant, ...]:
    """What is the same in every row, and what the first table still needs."""
    made = []
    for place, mapped in enumerate(mapping.tables):
        table = mapped.table
        needed = {c.name for c in table.columns if place == 0 and _is_needed(table, c)}
        for target in dict.fromkeys((*mapped.fields, *(c for c in table.names if c in needed))):
            field = mapped.fields.get(target)
            if field is not None and field.constant is None:
                continue
            if field is None and mapped.sets(target):
                continue
            use = f"{table.name}.{target}"
            value = field.constant or "" if field else ""
            made.append(Constant(use, words_of_use(use), value, _choices(table, target), target in needed))
    return tuple(made)


def _is_needed(table: Table, column: Column) -> bool:
    is_made = column.name == table.id_column or default_of(table, column.name) is not None
    return column.name in needed_columns(table) and not is_made


def _choices(table: Table, target: str) -> tuple[tuple[str, str], ...]:
    choices = table[target].choices if target in table else None
    return tuple((str(choice), word_in_words(str(choice))) for choice in choices or ())


def _words(mapping: Mapping, facts: Dict[str, ColumnFacts]) -> tuple[Words, ...]:
    made = []
    for mapped in mapping.tables:
        for target, field in mapped.fields.items():
            choices = _choices(mapped.table, target)
            if field.constant is not None or not (field.values or choices):
                continue
            said = dict.fromkeys(field.values)
            if len(field.columns) == 1 and choices and (known := facts.get(field.columns[0])) and known.has_few_words:
                said |= dict.fromkeys(text for text, _n in known.counts.most_common(MOST_WORDS))
            allowed = {choice for choice, _meaning in choices}
            pairs = [(word, field.values.get(word, _unnamed(word, field, allowed))) for word in [*said][:MOST_WORDS]]
            rest = KEPT if field.otherwise is None else field.otherwise
            use = f"{mapped.table.name}.{target}"
            made.append(Words(use, words_of_use(use), tuple(pairs), choices, rest))
    return tuple(made)


def _unnamed(word: str, field: Field, allowed: set[str]) -> str:
    if field.otherwise is not None:
        return field.otherwise
    return word if word in allowed else KEPT


def rule_in_words(rule: When) -> str:
    """A rule on values as a sentence."""
    if rule.same_as:
        condition = _("where {column} is the same as {other}").format(column=rule.column, other=rule.same_as)
    else:
        condition = _("where {column} is {words}").format(column=rule.column, words=", ".join(rule.words))
    given = [f"{target} = {value}" for target, value in rule.set.items()]
    given += [f"{target} = {column}" for target, column in rule.take.items()]
    return f"{condition}: {', '.join(given)}"


def _key(wanted: str, taken: Dict[str, str]) -> str:
    while wanted in taken:
        wanted += "_"
    return wanted

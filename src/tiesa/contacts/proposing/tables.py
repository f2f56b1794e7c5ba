"""Fills the columns of our tables from a file's columns, with the reason for each."""

from __future__ import annotations

from collections.abc import Sequence

from tiesa.contacts.mapping import CUSTOMER_PARTS, Field, needed_columns
from tiesa.contacts.proposing.contacts import finish_contact
from tiesa.contacts.proposing.draft import NUMBERS, TARGETS, TIMES, Draft, field_for, why_left
from tiesa.contacts.proposing.matching import assign, named, scores
from tiesa.contacts.proposing.names import clean_name
from tiesa.contacts.proposing.others import finish_answer, finish_customer, finish_outcome, finish_rate
from tiesa.contacts.proposing.times import time_formats, with_clock
from tiesa.contacts.proposing.uniqueness import is_unique
from tiesa.contacts.proposing.values import ColumnFacts
from tiesa.contacts.readers.source import Source
from tiesa.core.columns import Table
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _
from tiesa.core.tables import ANSWER, CONTACT, CUSTOMER, OUTCOME, RATE

MOST_ATTRIBUTES = 200
"""A proposal keeps no more columns as attributes; the time to plan an import grows with the square of their number."""
MAIN_TIME = {CONTACT.name: "occurred_at", OUTCOME.name: "at", ANSWER.name: "answered_at", RATE.name: "date"}
"""The time without which a row of the table stands nowhere."""


def draft(columns: Sequence[ColumnFacts], table: Table, *, source: Source, where: str) -> Draft:
    """The mapping of one file. Raises UnusableInput when a table's rows cannot be placed in time or joined."""
    if table.name not in TARGETS:
        raise UnusableInput(
            _("No mapping can be proposed for the table {table}").format(table=table.name),
            where=where,
            remedy=_("Name its columns {columns}, or write a mapping and give it with --mapping").format(
                columns=", ".join(needed_columns(table))
            ),
        )
    found = assign(scores(columns, table, TARGETS[table.name]), columns)
    made = Draft(table, columns, found)
    if table in (CONTACT, OUTCOME, ANSWER):
        _check_id(made, source)
    _choose_decimal(made)
    for target, facts in made.found.items():
        made.take(target, field_for(target, facts), _reason(table, target, facts))
    _set_times(made, where)
    _FINISH[table.name](made, where)
    _take_attributes(made)
    return made


def _check_id(made: Draft, source: Source) -> None:
    """An id that repeats anywhere in the file is none: its rows would replace each other."""
    target = made.table.id_column
    facts = made.found.get(target)
    if facts and not is_unique(source, facts.name):
        del made.found[target]
        made.why[facts.name] = _("it was taken for an id at first, but is missing or repeats further down")


def _choose_decimal(made: Draft) -> None:
    """One decimal mark holds for the whole file; a column written otherwise is left out."""
    written = {t: f.number for t, f in made.found.items() if t in NUMBERS and f.number and not f.said("emotion")[1]}
    commas = [t for t, form in written.items() if form.decimal == "," or form.thousands == "."]
    made.decimal = "," if commas else "."
    for target in written:
        facts = made.found[target]
        other = "," if made.decimal == "." else "."
        at_odds = written[target].thousands == "'" or (
            made.decimal == "," and target not in commas and _has(facts, other)
        )
        if at_odds:
            del made.found[target]
            made.why[facts.name] = _("its numbers are written in another way than those of the other columns")
    if commas:
        made.reasons["number.decimal"] = _("numbers are written as {example}").format(
            example=next(iter(made.found[commas[0]].filled))
        )


def _has(facts: ColumnFacts, mark: str) -> bool:
    return any(mark in text for text in facts.filled)


def _set_times(made: Draft, where: str) -> None:
    main = MAIN_TIME.get(made.table.name)
    if main and main not in made.found:
        raise UnusableInput(
            _("No column holds dates or times, so the rows cannot be placed in time"),
            where=where,
            remedy=_("Export the file with the date of each row"),
        )
    texts = {target: made.found[target].texts for target in TIMES if target in made.found}
    if main and (clock := with_clock(made.found[main], made.columns)):
        made.take(
            main,
            Field((made.found[main].name, clock.name)),
            _("the date and the time of day stand in two columns, {date} and {time}").format(
                date=repr(made.found[main].name), time=repr(clock.name)
            ),
        )
        pairs = zip(made.found[main].texts, clock.texts, strict=True)
        texts[main] = tuple(" ".join(part for part in pair if part) or None for pair in pairs)
    typed = {target for target in texts if made.found[target].typed == "time"}
    made.formats, made.day_first, told = time_formats([t for name, t in texts.items() if name not in typed])
    made.reasons |= told


def _reason(table: Table, target: str, facts: ColumnFacts) -> str:
    spoken = max(named(facts, table.name, target), named(facts, "contact", target))
    shown = ", ".join(repr(text) for text, _n in facts.counts.most_common(3)) if facts.has_few_words else ""
    if target in CUSTOMER_PARTS:
        return _("the name {column} says so; it is replaced by a number and kept apart").format(column=repr(facts.name))
    if target == "text":
        return _("{column} holds sentences; they are kept apart from the log").format(column=repr(facts.name))
    if spoken and shown:
        return _("the name {column} says so; words such as {words}").format(column=repr(facts.name), words=shown)
    if spoken:
        return _("the name {column} says so").format(column=repr(facts.name))
    if shown:
        return _("{column} has words such as {words}").format(column=repr(facts.name), words=shown)
    return _("the values of {column} look like it").format(column=repr(facts.name))


_FINISH = {
    CONTACT.name: finish_contact,
    CUSTOMER.name: finish_customer,
    OUTCOME.name: finish_outcome,
    ANSWER.name: finish_answer,
    RATE.name: finish_rate,
}


def _take_attributes(made: Draft) -> None:
    if "attributes" not in made.table:
        return
    used = {column for table in made.tables() for column in table.columns}
    for facts in made.columns:
        if facts.name in used or facts.name in made.why or why_left(facts):
            continue
        if len(made.attributes) >= MOST_ATTRIBUTES:
            made.why[facts.name] = _("{most} columns are attributes already").format(most=MOST_ATTRIBUTES)
            continue
        key = clean_name(facts.name)
        while key in made.attributes:
            key += "_"
        made.attributes[key] = facts.name
        made.reasons[f"attributes.{key}"] = (
            _("few different values") if facts.has_few_words else _("the name says it is worth keeping")
        )

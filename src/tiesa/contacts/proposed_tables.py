"""Fills the columns of our tables from a file's columns, with the reason for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from tiesa.contacts.column_names import clean_name, likeness, phrases, words_of
from tiesa.contacts.column_values import ColumnFacts
from tiesa.contacts.mapping import Field, TableMapping
from tiesa.contacts.matching import CLEAR_NAME, assign, named, scores
from tiesa.contacts.proposed_times import time_formats, with_clock
from tiesa.contacts.readers.source import Source
from tiesa.contacts.uniqueness import is_unique
from tiesa.core.columns import Table
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _
from tiesa.core.tables import ANSWER, CONTACT, CUSTOMER, OUTCOME, RATE

TARGETS = {
    CONTACT.name: (
        "occurred_at", "case_id", "customer", "contact_id", "touchpoint", "channel", "direction", "employee", "unit", "kind", "reason",
        "reply_to", "promised_at", "customer_name", "customer_mail", "customer_phone", "process", "product", "branch", "severity",
        "emotion", "emotion_confidence", "language", "duration_s", "cost", "amount", "currency", "text",
    ),
    CUSTOMER.name: (
        "customer", "as_of", "segment", "since", "yearly_margin", "currency", "language", "acquired_by", "unit", "customer_name",
        "customer_mail", "customer_phone",
    ),
    OUTCOME.name: ("customer", "at", "kind", "outcome_id", "product", "value", "currency", "reason"),
    ANSWER.name: ("customer", "answered_at", "value", "answer_id", "question", "touchpoint", "language", "text"),
    RATE.name: ("date", "from_currency", "to_currency", "rate"),
}  # fmt: skip
NUMBERS = ("duration_s", "cost", "amount", "yearly_margin", "value", "rate", "emotion", "emotion_confidence", "severity")
TIMES = ("occurred_at", "at", "answered_at", "as_of", "since", "promised_at", "date")
"""Targets that are read as times."""
PERSONAL = ("customer", "customer_name", "customer_mail", "customer_phone")


@dataclass(slots=True)
class Draft:
    """A mapping in the making. `fields` and `found` are by target of the main table."""

    table: Table
    columns: Sequence[ColumnFacts]
    found: dict[str, ColumnFacts]
    fields: dict[str, Field] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    answer: TableMapping | None = None
    formats: tuple[str, ...] = ()
    day_first: bool = True
    decimal: str = "."
    notes: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)

    def take(self, target: str, given: Field, reason: str) -> None:
        self.fields[target], self.reasons[target] = given, reason

    def tables(self) -> Iterator[TableMapping]:
        ordered = {target: self.fields[target] for target in self.table.names if target in self.fields}
        yield TableMapping(self.table, ordered | self.fields, self.attributes)
        if self.answer:
            yield self.answer

    def why_left(self, facts: ColumnFacts) -> str:
        return self.why.get(facts.name) or why_left(facts)


def draft(columns: Sequence[ColumnFacts], table: Table, *, source: Source, where: str) -> Draft:
    """The mapping of one file. Raises UnusableInput when a table's rows cannot be placed in time or joined."""
    if table.name not in TARGETS:
        raise UnusableInput(
            _("No mapping can be proposed for the table {table}").format(table=table.name),
            where=where,
            remedy=_("Write one and give it with --mapping"),
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


def field_for(target: str, facts: ColumnFacts) -> Field:
    """Where a target's value comes from, with the words of a closed list translated."""
    if target in ("direction", "kind"):
        return Field((facts.name,), values=facts.said(target)[0], otherwise="")
    if target == "emotion" and facts.said("emotion")[1]:
        return Field((facts.name,), values=facts.said("emotion")[0], otherwise="")
    return Field((facts.name,))


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
        at_odds = written[target].thousands == "'" or (made.decimal == "," and target not in commas and _has(facts, other))
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
    main = {CONTACT.name: "occurred_at", OUTCOME.name: "at", ANSWER.name: "answered_at", RATE.name: "date"}.get(made.table.name)
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
    if target in PERSONAL:
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


def _finish_contact(made: Draft, where: str) -> None:
    _join_rows(made, where)
    _share_words(made)
    made.take("channel", *_channel(made))
    made.take("touchpoint", *_touchpoint(made))
    if facts := made.found.get("emotion"):
        if facts.said("emotion")[1]:
            made.take("emotion_label", Field((facts.name,)), _("the word as it stands"))
    if "amount" in made.fields and "currency" not in made.fields and (code := _currency_in(made.found["amount"].name)):
        made.take("currency", Field(constant=code), _("the name of the amount says so"))
    if "reply_to" in made.fields and "contact_id" not in made.fields:
        del made.fields["reply_to"], made.reasons["reply_to"]
        made.why[made.found["reply_to"].name] = _("it names other rows, but no column is an id of the rows")
    _take_answer(made)


def _join_rows(made: Draft, where: str) -> None:
    """A contact needs a customer or a case."""
    if "customer" not in made.fields:
        for target in ("customer_mail", "customer_phone", "customer_name"):
            if facts := made.found.get(target):
                made.take("customer", Field((facts.name,)), _("nothing else tells customers apart; it is kept apart from the log"))
                return
    if "customer" in made.fields or "case_id" in made.fields:
        return
    spare = [f for f in made.columns if f not in made.found.values() and _may_join(f)]
    if not spare:
        raise UnusableInput(
            _("No column names a customer or a case, so nothing can be joined to a journey"),
            where=where,
            remedy=_("Export the file with the customer's number or the ticket's number"),
        )
    facts = max(spare, key=lambda f: len(f.counts))
    made.take("case_id", Field((facts.name,)), _("{column} is the only one that could join rows: look at it").format(column=repr(facts.name)))


def _may_join(facts: ColumnFacts) -> bool:
    return not facts.is_empty and not facts.time and not facts.is_free_text and not facts.is_clock and len(facts.counts) > 1


def _share_words(made: Draft) -> None:
    """One column may say two things: "Incoming call", "Complaint"."""
    facts = made.found.get("touchpoint")
    if facts is None:
        return
    for target in ("direction", "kind"):
        if target not in made.fields and facts.said(target)[1] >= CLEAR_NAME:
            made.take(target, field_for(target, facts), _("the words of {column} tell it too").format(column=repr(facts.name)))


def _channel(made: Draft) -> tuple[Field, str]:
    facts = made.found.get("channel")
    if facts:
        return Field((facts.name,), otherwise="unknown"), made.reasons["channel"]
    for channel in ("phone", "twitter", "email", "chat"):
        spoken = next((f.name for f in made.columns if likeness(f.name, phrases("words", "channel", channel)) >= 0.3), "")
        if spoken:
            return Field(constant=channel), _("a column is called {column}").format(column=repr(spoken))
    return Field(constant="unknown"), _("no column tells by which way a contact came; write it here if you know it")


def _touchpoint(made: Draft) -> tuple[Field, str]:
    if facts := made.found.get("touchpoint"):
        return Field((facts.name,), otherwise="contact"), made.reasons["touchpoint"]
    for target in ("channel", "direction"):
        facts = made.found.get(target)
        if facts and facts.has_few_words and len(facts.counts) > 1:
            why = _("no column says what a contact was; {column} is the nearest").format(column=repr(facts.name))
            return Field((facts.name,), otherwise="contact"), why
    return Field(constant="contact"), _("no column says what a contact was")


def _currency_in(name: str) -> str:
    known = {"eur", "usd", "gbp", "rsd", "ron", "rub", "chf", "bam", "hrk", "mkd", "pln", "czk", "huf"}
    return next((word.upper() for word in words_of(name) if word in known), "")


def _take_answer(made: Draft) -> None:
    """A score beside a contact is an answer of its own."""
    spare = [f for f in made.columns if f not in made.found.values() and f.name not in made.why]
    found = scores(spare, ANSWER, ["value"])["value"]
    spoken = {name: score for name, score in found.items() if score >= CLEAR_NAME - 0.4}
    if not spoken:
        return
    facts = next(f for f in spare if f.name == max(spoken, key=lambda name: spoken[name]))
    fields = {
        "answered_at": made.fields["occurred_at"],
        "question": Field(constant=facts.name),
        "kind": Field(constant=_answer_kind(facts)),
        "scale": Field(constant=scale_of(facts)),
        "value": Field((facts.name,)),
    }
    made.answer = TableMapping(ANSWER, fields, only_with=facts.name)
    made.reasons["answer.value"] = _("{column} is a score, so its rows also yield an answer").format(column=repr(facts.name))
    made.reasons["answer.scale"] = _("the lowest and highest values seen suggest it: look whether it is right")


def _answer_kind(facts: ColumnFacts) -> str:
    words = set(words_of(facts.name))
    if {"nps", "recommendation", "recommend"} & words:
        return "recommendation"
    return "effort" if {"ces", "effort"} & words else "overall"


def scale_of(facts: ColumnFacts) -> str:
    """The usual scale that holds the values seen."""
    low, high = min(facts.numbers), max(facts.numbers)
    if _answer_kind(facts) == "recommendation" or high > 7:
        return "0-10" if low == 0 or _answer_kind(facts) == "recommendation" else "1-10"
    if high > 5:
        return "1-7" if low >= 1 else "0-10"
    return "0-1" if high <= 1 else "1-5" if low >= 1 else "0-5"


def _finish_customer(made: Draft, where: str) -> None:
    _need_customer(made, where)
    if "as_of" in made.fields:
        return
    if (facts := made.found.get("since")) and facts.is_full:
        why = _("no column says from when the rest holds; taken from when they became customers")
        made.take("as_of", Field((facts.name,)), why)
        return
    today = datetime.now(UTC).date()
    why = _("no column says from when this holds: today; write an earlier day if it held then")
    made.take("as_of", Field(constant=date.isoformat(today)), why)


def _need_customer(made: Draft, where: str) -> None:
    if "customer" in made.fields:
        return
    for target in ("customer_mail", "customer_phone", "customer_name"):
        if facts := made.found.get(target):
            made.take("customer", Field((facts.name,)), _("nothing else tells customers apart; it is kept apart from the log"))
            return
    raise UnusableInput(_("No column names a customer"), where=where, remedy=_("Export the file with the customer's number"))


def _finish_outcome(made: Draft, where: str) -> None:
    _need_customer(made, where)
    facts = made.found.get("kind")
    spare = [f for f in made.columns if f.said("outcome")[1] and f.name not in {c for g in made.fields.values() for c in g.columns}]
    if facts is None or not facts.said("outcome")[1]:
        facts = max(spare, key=lambda f: f.said("outcome")[1], default=None)
    if facts is None:
        made.take("kind", Field(constant="left"), _("no column says what the customers did: taken for those who left"))
        return
    shown = _("the words of {column} say what customers did").format(column=repr(facts.name))
    made.take("kind", Field((facts.name,), values=facts.said("outcome")[0]), shown)


def _finish_answer(made: Draft, where: str) -> None:
    if "value" not in made.found:
        raise UnusableInput(_("No column holds a score"), where=where, remedy=_("Say what the rows are with --as"))
    facts = made.found["value"]
    if "question" not in made.fields:
        made.take("question", Field(constant=facts.name), _("no column holds the question"))
    made.take("kind", Field(constant=_answer_kind(facts)), _("what the name of the score suggests"))
    made.take("scale", Field(constant=scale_of(facts)), _("the lowest and highest values seen suggest it: look whether it is right"))


def _finish_rate(made: Draft, where: str) -> None:
    missing = [target for target in TARGETS[RATE.name] if target not in made.fields]
    if missing:
        raise UnusableInput(
            _("An exchange rate needs {columns}").format(columns=", ".join(missing)), where=where, remedy=_("Say what the rows are with --as")
        )


_FINISH = {
    CONTACT.name: _finish_contact,
    CUSTOMER.name: _finish_customer,
    OUTCOME.name: _finish_outcome,
    ANSWER.name: _finish_answer,
    RATE.name: _finish_rate,
}


def _take_attributes(made: Draft) -> None:
    if "attributes" not in made.table:
        return
    used = {column for table in made.tables() for column in table.columns}
    for facts in made.columns:
        if facts.name in used or facts.name in made.why or why_left(facts):
            continue
        key = clean_name(facts.name)
        while key in made.attributes:
            key += "_"
        made.attributes[key] = facts.name
        made.reasons[f"attributes.{key}"] = _("few different values") if facts.has_few_words else _("the name says it is worth keeping")


def why_left(facts: ColumnFacts) -> str:
    """Why a column is no attribute; empty when it may be one."""
    if facts.is_empty:
        return _("it is empty")
    if facts.is_mail or facts.is_phone or _is_personal(facts):
        return _("it may tell who somebody is")
    if facts.is_free_text:
        return _("free text may name people")
    if facts.time:
        return _("a time for which a contact has no column")
    if facts.has_few_words or named(facts, "plain", "names") >= 0.6:
        return "" if facts.mean_length < 80 else _("its values are long")
    return _("too many different values, and the name says nothing")


def _is_personal(facts: ColumnFacts) -> bool:
    """The last word tells: `customer_name` is a name, `name_of_product` may be none."""
    words = words_of(facts.name)
    return bool(words) and words[:2] != ("concept", "name") and named(facts, "personal", "names") > 0.2

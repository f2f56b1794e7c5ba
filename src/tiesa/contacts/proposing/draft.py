"""A mapping in the making: which targets it has found, with the reason for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tiesa.contacts.mapping import CUSTOMER_PARTS, Field, TableMapping
from tiesa.contacts.proposing.matching import named
from tiesa.contacts.proposing.names import words_of
from tiesa.contacts.proposing.values import ColumnFacts
from tiesa.core.columns import Table
from tiesa.core.locale import _
from tiesa.core.tables import ANSWER, CONTACT, CUSTOMER, OUTCOME, RATE

TARGETS = {
    CONTACT.name: (
        "occurred_at", "case_id", "customer", "contact_id", "touchpoint", "channel", "direction", "employee", "unit",
        "kind", "reason", "reply_to", "promised_at", "customer_name", "customer_mail", "customer_phone", "process",
        "product", "branch", "severity", "emotion", "emotion_confidence", "language", "duration_s", "cost", "amount",
        "currency", "text",
    ),
    CUSTOMER.name: (
        "customer", "as_of", "segment", "since", "yearly_margin", "currency", "language", "acquired_by", "unit",
        "customer_name", "customer_mail", "customer_phone",
    ),
    OUTCOME.name: ("customer", "at", "kind", "outcome_id", "product", "value", "currency", "reason"),
    ANSWER.name: ("customer", "answered_at", "value", "answer_id", "question", "touchpoint", "language", "text"),
    RATE.name: ("date", "from_currency", "to_currency", "rate"),
}  # fmt: skip
NUMBERS = (
    "duration_s",
    "cost",
    "amount",
    "yearly_margin",
    "value",
    "rate",
    "emotion",
    "emotion_confidence",
    "severity",
)
TIMES = ("occurred_at", "at", "answered_at", "as_of", "since", "promised_at", "date")
"""Targets that are read as times."""


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
    why: dict[str, str] = field(default_factory=dict)

    def take(self, target: str, given: Field, reason: str) -> None:
        self.fields[target], self.reasons[target] = given, reason

    def tables(self) -> Iterator[TableMapping]:
        order = [*CUSTOMER_PARTS, *self.table.names]
        first = sorted(self.fields, key=lambda target: (target != self.table.id_column, _place(order, target)))
        yield TableMapping(self.table, {target: self.fields[target] for target in first}, self.attributes)
        if self.answer:
            yield self.answer

    def why_left(self, facts: ColumnFacts) -> str:
        return self.why.get(facts.name) or why_left(facts)


def _place(order: list[str], target: str) -> int:
    return order.index(target) if target in order else len(order)


def field_for(target: str, facts: ColumnFacts) -> Field:
    """Where a target's value comes from, with the words of a closed list translated."""
    if target in ("direction", "kind"):
        return Field((facts.name,), values=facts.said(target)[0], otherwise="")
    if target == "emotion" and facts.said("emotion")[1]:
        return Field((facts.name,), values=facts.said("emotion")[0], otherwise="")
    return Field((facts.name,))


def need_customer(made: Draft) -> bool:
    """Whether a customer is named; a mail address, a telephone number or a name will do where there is no number."""
    if "customer" in made.fields:
        return True
    for target in ("customer_mail", "customer_phone", "customer_name"):
        if facts := made.found.get(target):
            why = _("nothing else tells customers apart; it is kept apart from the log")
            made.take("customer", Field((facts.name,)), why)
            return True
    return False


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

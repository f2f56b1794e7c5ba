"""What the rows of a file are: contacts, customers, outcomes, answers or rates."""

from __future__ import annotations

from collections.abc import Sequence

from tiesa.contacts.proposing.matching import SURE, named, scores
from tiesa.contacts.proposing.values import ColumnFacts
from tiesa.core.columns import Table
from tiesa.core.tables import ANSWER, CONTACT, CUSTOMER, OUTCOME, RATE

CLEAR = 0.5


def kind_of(columns: Sequence[ColumnFacts]) -> Table:
    """The table the rows belong to; contacts unless the columns clearly say otherwise."""
    if _all_of(columns, RATE, ("date", "from_currency", "to_currency", "rate"), SURE):
        return RATE
    if _speaks_of_contacts(columns):
        return CONTACT
    if _is_one_row_per_customer(columns) and _any_of(
        columns, CUSTOMER, ("segment", "since", "yearly_margin", "acquired_by")
    ):
        return CUSTOMER
    if _has_outcomes(columns) and _all_of(columns, OUTCOME, ("customer", "at"), 0.3):
        return OUTCOME
    if _all_of(columns, ANSWER, ("value", "answered_at"), 0.3) and _any_of(columns, ANSWER, ("value",)):
        return ANSWER
    return CONTACT


def _best(columns: Sequence[ColumnFacts], table: Table, target: str) -> float:
    return max(scores(columns, table, [target])[target].values(), default=0.0)


def _all_of(columns: Sequence[ColumnFacts], table: Table, targets: Sequence[str], least: float) -> bool:
    return all(_best(columns, table, target) >= least for target in targets)


def _any_of(columns: Sequence[ColumnFacts], table: Table, targets: Sequence[str]) -> bool:
    return any(_best(columns, table, target) >= CLEAR for target in targets)


def _speaks_of_contacts(columns: Sequence[ColumnFacts]) -> bool:
    """A channel, a direction, a person of ours, a thread: what only a contact has."""
    telling = ("channel", "direction", "employee", "case_id", "duration_s", "reply_to")
    if any(_best(columns, CONTACT, target) >= CLEAR for target in telling):
        return True
    return any(named(facts, "contact", "touchpoint") >= SURE and not _says_outcome(facts) for facts in columns)


def _says_outcome(facts: ColumnFacts) -> bool:
    """Every word means an outcome: a list of events has other words too."""
    return facts.said("outcome")[1] == 1


def _has_outcomes(columns: Sequence[ColumnFacts]) -> bool:
    return any(_says_outcome(facts) for facts in columns)


def _is_one_row_per_customer(columns: Sequence[ColumnFacts]) -> bool:
    return any(facts.is_unique and named(facts, "contact", "customer") >= CLEAR for facts in columns)

"""What can be wrong with a row, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa

from tiesa.core.columns import INSTANT, LIST
from tiesa.core.locale import _, current_language

CHECKED_INSTANTS = frozenset({"occurred_at", "answered_at", "sent_at", "at", "as_of"})
"""Times at which something happened: not before 1990 and not in the future. Promises and `since` may be either."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A condition (SQL) under which a row is set aside, with the source columns, the value (SQL) and a code."""

    condition: str
    columns: str
    value: str
    code: str


def word_for_type(kind: pa.DataType) -> str:
    """The code for a value that cannot be read as this type."""
    if kind == INSTANT or pa.types.is_date(kind):
        return "not_a_time"
    if kind == LIST:
        return "not_a_list"
    return "not_yes_or_no" if kind == pa.bool_() else "not_a_number"


def reason(code: str) -> str:
    """The sentence for a code, in the current language."""
    return _reasons(current_language())[code]


@lru_cache(maxsize=8)
def _reasons(language: str) -> dict[str, str]:
    return {
        "missing": _("The value is missing"),
        "no_customer": _("Neither a customer nor a case is named"),
        "not_a_time": _("This is not a date or time the mapping knows"),
        "not_a_number": _("This is not a number"),
        "not_a_list": _("This is not a list of names with semicolons between them"),
        "not_attributes": _("These are not attributes: a JSON object that names each once"),
        "not_yes_or_no": _("This is neither yes nor no"),
        "before_1990": _("The time lies before 1990"),
        "in_future": _("The time lies in the future"),
        "unknown_value": _("The mapping does not know this word"),
        "too_low": _("The number is below the lowest allowed"),
        "too_high": _("The number is above the highest allowed"),
    }

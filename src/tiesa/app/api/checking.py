"""Is a row that a program sends one of ours? By the same table definitions as every file: `core.tables`.

A row comes in as JSON. What fits goes on in one form (texts trimmed, times in UTC), so that the same row has the same
digest however it was written; what does not fit gets a reason per field. Made once per table and then fast: in bulk
this is most of the work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from math import isfinite
from typing import Any, NamedTuple

import pyarrow as pa

from tiesa.contacts.checks import CHECKED_INSTANTS, reason
from tiesa.contacts.mapping import SHARED_CUSTOMERS, default_of, target_names
from tiesa.core.columns import ATTRIBUTES, INSTANT, MONEY, TEXT, Column, Table
from tiesa.core.locale import _
from tiesa.core.tables import ANSWER, CONTACT, CUSTOMER, OUTCOME, SEEN

TAKEN = (CONTACT, CUSTOMER, ANSWER, OUTCOME, SEEN)
"""The tables whose rows programs may send."""
HOUSE = "api"
"""The source of rows that name none."""
LONGEST = 2_000
LONGEST_TEXT = 100_000
MOST_ATTRIBUTES = 100
AMOUNT = r"-?\d{1,14}(\.\d{1,4})?"
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_HIGHEST_INTEGER = 2**63 - 1
Read = Callable[[Any], Any]


def place_of(table: Table) -> str:
    """Where a table's rows go: `contacts`, `answers`, …; and `seen`, which has no plural."""
    return table.name if table is SEEN else table.plural


class Wrong(Exception):
    """A value that does not fit its column; says by which code."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What is wrong with a row: the field ("" for the row itself), a code for programs, a sentence for people."""

    field: str
    code: str

    def as_plain(self) -> dict[str, str]:
        return {"field": self.field, "code": self.code, "reason": in_words(self.code)}


class Row(NamedTuple):
    """A row that fits. name: hexadecimal, stands for (table, source, id). digest: of its content. payload: JSON in the
    one form."""

    name: str
    table: str
    customers: str
    digest: int
    payload: str


@dataclass(frozen=True)
class Checker:
    """What one table takes. read: per field the function that gives a value in its one form. key: what identifies."""

    table: Table
    read: dict[str, Read]
    required: frozenset[str]
    defaults: dict[str, Any]
    key: tuple[str, ...]

    def __call__(self, given: Any, *, customers: str = SHARED_CUSTOMERS) -> Row | list[Reason]:
        """The row in its one form, or what is wrong with it."""
        if type(given) is not dict:
            return [Reason("", "not_an_object")]
        read = self.read
        made, wrong = dict(self.defaults), list[Reason]()
        for name, value in given.items():
            if value is None:
                continue
            try:
                known = read[name](value)
            except KeyError:
                wrong.append(Reason(name[:100].encode(errors="replace").decode(), "unknown_field"))
            except Wrong as found:
                wrong.append(Reason(name, str(found)))
            else:
                if known is not None:
                    made[name] = known
        if not self.required <= made.keys():
            told = {one.field for one in wrong}
            wrong += [Reason(name, "missing") for name in sorted(self.required - made.keys() - told)]
        if self.table is CONTACT and "customer" not in made and "case_id" not in made:
            wrong.append(Reason("customer", "no_customer"))
        if wrong:
            return wrong
        return self._row(made, customers)

    def _row(self, made: dict[str, Any], customers: str) -> Row | list[Reason]:
        payload = as_json(made)
        try:
            content = payload.encode()
        except UnicodeEncodeError:  # half of a character
            return [Reason("", "not_text")]
        owner = customers if self.table is CUSTOMER else ""
        name = "\0".join((self.table.name, owner, *[str(made[part]) for part in self.key]))
        return Row(
            blake2b(name.encode(), digest_size=16).hexdigest(),
            self.table.name,
            customers,
            int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True),
            payload,
        )


@cache
def checker(table: Table) -> Checker:
    """The checker of a table.

    >>> checker(SEEN)({"employee": "e7", "contact_id": "c1", "at": "2026-03-01T10:00:00+02:00"}).payload
    '{"at":"2026-03-01T08:00:00+00:00","contact_id":"c1","employee":"e7","source":"api"}'
    >>> checker(SEEN)({"employee": "e7", "when": 3})
    [Reason(field='when', code='unknown_field'), Reason(field='at', code='missing'),
     Reason(field='contact_id', code='missing')]
    """
    names = fields(table)
    defaults: dict[str, Any] = {"source": HOUSE}
    for name in names:
        if name in table and (word := default_of(table, name)) is not None:
            defaults[name] = word == "true" if table[name].type == pa.bool_() else word
    required = {n for n in names if n in table and not table[n].null and n not in ("position", "attributes")}
    if "customer" in names and not table["customer_key"].null and table is not CONTACT:
        required.add("customer")
    key = {CUSTOMER: ("customer", "as_of"), SEEN: ("source", "employee", "contact_id", "at")}
    return Checker(
        table,
        {name: _reader(table, name) for name in names},
        frozenset(required - defaults.keys()),
        defaults,
        key.get(table, ("source", table.id_column)),
    )


def fields(table: Table) -> tuple[str, ...]:
    """What a row of a table may say."""
    return (*target_names(table), "attributes") if "attributes" in table else target_names(table)


def _reader(table: Table, name: str) -> Read:
    column = table[name] if name in table else Column(name, TEXT, name)
    if column.type == TEXT:
        return _words(column) if column.choices else _text(LONGEST_TEXT if name == "text" else LONGEST)
    if column.type == INSTANT:
        return _instant if name in CHECKED_INSTANTS else _any_instant
    if column.type == MONEY:
        return _amount(column)
    if column.type == ATTRIBUTES:
        return _attributes
    if column.type == pa.bool_():
        return _yes_or_no
    return _whole(column) if pa.types.is_integer(column.type) else _number(column)


def _text(most: int) -> Read:
    def read(value: Any) -> str | None:
        if type(value) is not str:
            if type(value) is not int or abs(value) > _HIGHEST_INTEGER:
                raise Wrong("not_text")
            return str(value)
        if "\0" in value:  # ends a text for many a program
            value = value.replace("\0", "")
        value = value.strip()
        if len(value) > most:
            raise Wrong("too_long")
        return value or None

    return read


def _words(column: Column) -> Read:
    known = {str(word): str(word) for word in column.choices or ()}

    def read(value: Any) -> str | None:
        if type(value) is not str:
            raise Wrong("not_text")
        found = known.get(value.strip())
        if found is None and value.strip():
            raise Wrong("unknown_value")
        return found

    return read


def _any_instant(value: Any) -> str:
    return _when(value).isoformat()


def _instant(value: Any) -> str:
    found = _when(value)
    if found < _EARLIEST:
        raise Wrong("before_1990")
    if found > datetime.now(UTC) + timedelta(days=1):
        raise Wrong("in_future")
    return found.isoformat()


def _when(value: Any) -> datetime:
    if type(value) is not str:
        raise Wrong("not_a_time")
    try:
        found = datetime.fromisoformat(value.strip())
        if found.tzinfo is None:
            raise Wrong("no_offset")
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Wrong("not_a_time") from None


def _yes_or_no(value: Any) -> bool:
    if type(value) is not bool:
        raise Wrong("not_yes_or_no")
    return value


def _within(value: float, column: Column) -> None:
    if column.low is not None and value < column.low:
        raise Wrong("too_low")
    if column.high is not None and value > column.high:
        raise Wrong("too_high")


def _whole(column: Column) -> Read:
    def read(value: Any) -> int:
        if type(value) is not int:
            raise Wrong("not_a_number")
        _within(value, column)
        if abs(value) > _HIGHEST_INTEGER:
            raise Wrong("too_high")
        return value

    return read


def _number(column: Column) -> Read:
    def read(value: Any) -> float:
        if type(value) is int and abs(value) <= _HIGHEST_INTEGER:
            value = float(value)
        if type(value) is not float or not isfinite(value):
            raise Wrong("not_a_number")
        _within(value, column)
        return value

    return read


def _amount(column: Column) -> Read:
    is_amount = re.compile(AMOUNT, re.ASCII).fullmatch

    def read(value: Any) -> str:
        written = str(value) if type(value) in (int, float) else value
        if type(written) is not str or not is_amount(written):
            raise Wrong("not_an_amount")
        _within(float(written), column)
        return written

    return read


def _attributes(value: Any) -> str | None:
    if type(value) is not dict or len(value) > MOST_ATTRIBUTES:
        raise Wrong("not_attributes")
    made = {}
    for key, inner in value.items():
        if inner is None:
            continue
        if type(inner) not in (str, int, float, bool) or not key.strip("\0 ") or len(key) > LONGEST:
            raise Wrong("not_attributes")
        word = inner if type(inner) is str else as_json(inner)
        if len(word) > LONGEST:
            raise Wrong("too_long")
        made[key.replace("\0", "").strip()] = word.replace("\0", "").strip()
    filled = {key: word for key, word in made.items() if word}
    return as_json(filled) if filled else None


def in_words(code: str) -> str:
    """The sentence for a code, in the current language."""
    own = {
        "unknown_field": _("This table has no such field"),
        "not_text": _("This is not text"),
        "too_long": _("This is too long"),
        "no_offset": _("The time does not say its offset from UTC, as in 2026-03-01T10:00:00+02:00"),
        "not_an_amount": _("This is not an amount with at most four decimals"),
        "not_an_object": _("A JSON object was expected"),
        "not_json": _("This is not JSON"),
        "unknown_value": _("This word is none of those allowed"),
        "changed": _("Another row with this id was sent before, and corrections were not wanted"),
        "not_a_time": _("This is not a time as in 2026-03-01T10:00:00+02:00"),
    }
    return own[code] if code in own else reason(code)


def decoded(raw: bytes | str) -> Any:
    """The value of a JSON text. Raises: Wrong("not_json"), also for NaN and Infinity, and what is nested too deeply."""
    try:
        return _decoder.decode(raw.decode() if isinstance(raw, bytes) else raw)
    except (ValueError, RecursionError):
        raise Wrong("not_json") from None


def _refuse(word: str) -> None:
    raise ValueError(word)


_decoder = json.JSONDecoder(parse_constant=_refuse)
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
_made_in_c: Any = getattr(json.encoder, "c_make_encoder", None)
_encode: Callable[[Any, int], Iterable[str]] = (
    _made_in_c(  # as JSONEncoder makes it anew for every value, at twice the cost
        None, _encoder.default, json.encoder.encode_basestring, None, ":", ",", True, False, True
    )
    if _made_in_c
    else lambda value, _level: _encoder.iterencode(value)
)


def as_json(value: Any) -> str:
    """JSON in the one form: keys sorted, no blanks, letters as they are."""
    return "".join(_encode(value, 0))


def plain(reasons: Iterable[Reason]) -> list[dict[str, str]]:
    """Reasons for JSON."""
    return [one.as_plain() for one in reasons]

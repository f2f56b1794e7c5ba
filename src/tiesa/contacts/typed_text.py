"""How a text becomes a value of a type: SQL for times, numbers, lists and JSON as people and systems write them.

What is not sure to be such a value is null, and the row is set aside with its text.
"""

from __future__ import annotations

import pyarrow as pa

from tiesa.contacts.mapping import Mapping
from tiesa.core.columns import INSTANT, LIST, TEXT, Column
from tiesa.engines.duckdb import SQL_TYPES, literal

_OFFSET = r"(Z|[+-]\d\d(:?\d\d)?)$"

_DATES = {True: ("%d.%m.%Y", "%d.%m.%Y.", "%d/%m/%Y", "%d-%m-%Y"), False: ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y")}
_DAY_FIRST, _MONTH_FIRST = (
    tuple(f"{date}{clock}" for date in _DATES[day_first] for clock in (" %H:%M:%S", " %H:%M", ""))
    for day_first in (True, False)
)
"""Forms that are tried where a mapping names none and the time is not ISO."""


def from_text(raw: str, column: Column, mapping: Mapping) -> str:
    """SQL: the value of a text in the type of a column; null where it is none."""
    if column.type == TEXT:
        return raw
    if column.type == LIST:
        return list_of(raw)
    if column.type == INSTANT:
        return instant(raw, mapping)
    if pa.types.is_date(column.type):
        return f"({instant(raw, mapping)})::date"
    kind = SQL_TYPES[column.type]
    if column.type == pa.bool_():
        return f"try_cast({raw} as boolean)"
    if mapping.decimal == ",":
        return f"try_cast({_number(raw, thousands='.', mark=',')} as {kind})"
    return f"coalesce(try_cast({raw} as {kind}), try_cast({_number(raw, thousands=',', mark='.')} as {kind}))"


def instant(raw: str, mapping: Mapping) -> str:
    """SQL: the instant that a text says, in the forms and zone of the mapping; without forms ISO, then its region's."""
    zone = literal(mapping.zone)
    tries = []
    for form in mapping.formats:
        if form in ("epoch_s", "epoch_ms"):
            scale = 1_000_000 if form == "epoch_s" else 1_000
            tries.append(f"make_timestamptz((try_cast({raw} as double) * {scale})::bigint)")
        elif "%z" in form:
            tries.append(f"try_strptime({raw}, {literal(form)})::timestamptz")
        elif form.endswith(("Z", "UTC")) and not form.endswith("%Z"):
            tries.append(f"timezone('UTC', try_strptime({raw}, {literal(form)})::timestamp)")
        else:
            tries.append(f"timezone({zone}, try_strptime({raw}, {literal(form)})::timestamp)")
    if mapping.ignore_offset:
        tries.append(f"timezone({zone}, try_cast(regexp_replace({raw}, {literal(_OFFSET)}, '') as timestamp))")
    else:
        local = f"try_cast({raw} as timestamp)"  # leaves an offset out of account
        plain = _utc(local) if mapping.zone == "UTC" else f"timezone({zone}, {local})"
        tries.append(f"case when {has_offset(raw)} then try_cast({raw} as timestamptz) else {plain} end")
    if not mapping.formats:  # only what is no ISO time comes this far
        forms = ", ".join(literal(f) for f in (_DAY_FIRST if mapping.day_first else _MONTH_FIRST))
        tries.append(f"timezone({zone}, try_strptime({raw}, [{forms}])::timestamp)")
    return tries[0] if len(tries) == 1 else f"coalesce({', '.join(tries)})"


def has_offset(raw: str) -> str:
    """SQL: the text of a time ends in Z or in an offset such as +02, +0200, +02:00 (cheap: no pattern)."""
    signs = " or ".join(f"substr({raw}, -{n}, 1) in ('+', '-')" for n in (6, 5, 3))
    plain = f"strlen({raw}) <= 16 or (strlen({raw}) <= 19 and substr({raw}, 17, 1) = ':')"
    return f"case when {plain} then false else {signs} or right({raw}, 1) = 'Z' end"


def list_of(raw: str) -> str:
    """SQL: the names in a text, as a JSON array or with semicolons between them."""
    parted = f"list_filter(list_transform(string_split({raw}, ';'), lambda part: trim(part)), lambda part: part <> '')"
    return f"case when starts_with({raw}, '[') then {json_as(raw, 'varchar[]')} else {parted} end"


def json_as(raw: str, kind: str) -> str:
    """SQL: the value of a JSON text; null where it is no JSON of this kind."""
    return f"try_cast(try_cast({raw} as json) as {kind})"


def _utc(timestamp: str) -> str:
    """SQL: the instant of a timestamp that is UTC already; three times as fast as a conversion from a zone."""
    return f"make_timestamptz(epoch_us({timestamp}))"


def _number(raw: str, *, thousands: str, mark: str) -> str:
    """SQL: the plain form of a number with grouped thousands; null when it is written in another way, since taking
    1,5 for 15 would be worse than setting the row aside."""
    spaces = f"replace({raw}, chr(160), ' ')"
    shape = rf"[+-]?(\d{{1,3}}([{thousands} ]\d{{3}})+|\d+)([{mark}]\d+)?"
    plain = f"replace(replace(replace({spaces}, ' ', ''), '{thousands}', ''), '{mark}', '.')"
    return f"case when regexp_full_match({spaces}, '{shape}') then {plain} end"

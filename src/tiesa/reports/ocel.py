"""OCEL 2.0 (JSON): events with the objects they touch.

Object types are customer, journey, case, product, employee and unit; the qualifier of a relationship says what the
object is to the event. The engine builds the text, so that memory stays flat.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO

import pyarrow as pa

from tiesa.core.columns import Column, Table
from tiesa.core.locale import ngettext
from tiesa.core.tables import JOURNEY, JOURNEY_CONTACT
from tiesa.engines.duckdb import count, literal, name
from tiesa.reports.log_view import ATTRIBUTE, ORDER, LogView, kind_of

OBJECTS = {"employee": "employee", "unit": "unit", "product": "product", "case_id": "case"}
"""Columns of a contact that are objects, with their type; the object's attribute `name` holds the value.
`ready/tiesa_ocel.toml` reads all of them back."""
TYPES = {
    "text": "string",
    "instant": "time",
    "integer": "integer",
    "decimal": "float",
    "float": "float",
    "boolean": "boolean",
}
QUALIFIERS = {
    "customer": "customer",
    "journey": "part of",
    "case": "belongs to",
    "product": "about",
    "employee": "handled by",
    "unit": "handled in",
}
SINCE_EVER = "1970-01-01T00:00:00Z"
_IN_OBJECTS = ("customer_key", "journey_no", "touchpoint", "occurred_at", "attributes", *OBJECTS)
"""Columns of a contact that are no attributes of its event, but its type, its time or objects."""


def write_ocel(log: LogView, stream: IO[bytes]) -> tuple[str, ...]:
    """Write the whole log. Returns notes: what had to be left out."""
    stream.write(b'{"objectTypes":[\n')
    _write_items(stream, _object_types(log))
    stream.write(b'],\n"eventTypes":[\n')
    _write_items(stream, _event_types(log))
    stream.write(b'],\n"objects":[\n')
    _write_items(stream, _objects(log))
    stream.write(b'],\n"events":[\n')
    _write_items(stream, _events(log))
    stream.write(b"]}\n")
    return _notes(log)


def _write_items(stream: IO[bytes], batches: Iterator[list[str]]) -> None:
    first = True
    for items in batches:
        if items:
            stream.write((("" if first else ",\n") + ",\n".join(items)).encode())
            first = False
    stream.write(b"\n")


def _object_types(log: LogView) -> Iterator[list[str]]:
    named = {"name": "name", "type": "string"}
    customer = [{"name": "number", "type": "integer"}, named]
    types = {
        "customer": customer,
        "journey": [_declared(c) for c in log.filled(JOURNEY)],
        "case": [named, {"name": "source", "type": "string"}],
        **{kind: [named] for kind in ("product", "employee", "unit")},
    }
    yield [json.dumps({"name": kind, "attributes": attributes}) for kind, attributes in types.items()]


def _declared(column: Column) -> dict[str, str]:
    return {"name": column.name, "type": TYPES[kind_of(column.type)]}


def _event_types(log: LogView) -> Iterator[list[str]]:
    """Each touchpoint with the attributes its events have."""
    columns = _event_columns(log)
    filled = ", ".join(f"count({name(c.name)})" for c in columns)
    keys = "list_sort(list_distinct(flatten(list(map_keys(attributes)))))"
    sql = f"select touchpoint, {keys}, {filled} from contacts group by touchpoint order by touchpoint"
    for touchpoint, attributes, *counts in log.connection.execute(sql).fetchall():
        declared = [_declared(c) for c, n in zip(columns, counts, strict=True) if n]
        declared += [{"name": "attributes", "type": "string"}] if attributes else []
        declared += [{"name": ATTRIBUTE + key, "type": "string"} for key in attributes]
        yield [json.dumps({"name": touchpoint, "attributes": declared}, ensure_ascii=False)]


def _event_columns(log: LogView) -> list[Column]:
    return [c for c in log.filled(JOURNEY_CONTACT) if c.name not in _IN_OBJECTS]


def _objects(log: LogView) -> Iterator[list[str]]:
    customers = [
        _attribute("number", "customer_key::varchar", timed=True),
        _attribute("name", _json("customer"), timed=True),
    ]
    yield from _texts(
        log,
        f"select {_object('customer', _id('customer', 'customer_key::varchar'), customers)} from "
        "(select distinct customer_key, customer from journeys) order by customer_key",
    )
    facts = [_attribute(c.name, _value(c, name(c.name)), timed=True) for c in log.filled(JOURNEY)]
    related = [
        _relation("customer", "customer_key::varchar", "of"),
        _relation("case", _case_part("source", "case_id"), "of"),
    ]
    text = _object("journey", _id("journey", "customer_key || '-' || journey_no"), facts, related)
    for wanted in log.ranges():
        yield from _texts(log, f"select {text} from journeys where {wanted} order by customer_key, journey_no")
    for column, kind in OBJECTS.items():
        yield from _texts(log, _named_objects(column, kind))


def _named_objects(column: str, kind: str) -> str:
    """SQL of the objects whose names stand in a column; ids of cases are unique within their source only."""
    attributes = [_attribute("name", _json(column), timed=True)]
    part, wanted = name(column), f"select distinct {name(column)} from contacts"
    if kind == "case":
        attributes.append(_attribute("source", _json("source"), timed=True))
        part = _case_part("source", column)
        wanted = (
            f"select distinct source, {column} from (select source, {column} from contacts union all "
            f"select source, {column} from journeys)"
        )
    text = _object(kind, _id(kind, part), attributes)
    return f"select {text} as t from ({wanted}) where {name(column)} is not null order by t"


def _events(log: LogView) -> Iterator[list[str]]:
    attributes = [_attribute(c.name, _value(c, name(c.name))) for c in _event_columns(log)]
    listed = f"concat_ws(',', {', '.join(attributes)})"
    if log.attribute_names:
        one = f"""'{{"name":' || to_json({literal(ATTRIBUTE)} || e.key) || ',"value":' || to_json(e.value) || '}}'"""
        others = f"array_to_string(list_transform(map_entries(attributes), lambda e: {one}), ',')"
        whole = _attribute(
            "attributes", _json("to_json(nullif(attributes, map([], [])::map(varchar, varchar)))::varchar")
        )
        listed = f"concat_ws(',', {', '.join(attributes)}, {whole}, nullif({others}, ''))"
    parts = {
        "customer": "customer_key::varchar",
        "journey": "customer_key || '-' || journey_no",
        **{kind: _case_part("source", c) if kind == "case" else name(c) for c, kind in OBJECTS.items()},
    }
    related = [_relation(kind, part, QUALIFIERS[kind]) for kind, part in parts.items()]
    event_id = _json("'contact:' || id_part(source) || ':' || contact_id")
    text = (
        f"""concat('{{"id":', {event_id}, ',"type":', {_json("touchpoint")}, ',"time":"', stamp(occurred_at), """
        f"""'","attributes":[', {listed}, '],"relationships":[', concat_ws(',', {", ".join(related)}), ']}}')"""
    )
    for wanted in log.ranges():
        yield from _texts(log, f"select {text} from contacts where {wanted} order by {ORDER}")


def _texts(log: LogView, sql: str) -> Iterator[list[str]]:
    reader: pa.RecordBatchReader = log.connection.sql(sql).to_arrow_reader(10_000)
    for batch in reader:
        yield batch.column(0).to_pylist()


def _json(sql: str) -> str:
    return f"to_json({sql})::varchar"


def _value(column: Column, sql: str) -> str:
    """SQL of a value as JSON; null stays null, and so becomes what JSON has no word for."""
    match kind_of(column.type):
        case "text":
            return _json(sql)
        case "instant":
            return f"""'"' || stamp({sql}) || '"'"""
        case "float":
            return f"case when isfinite({sql}) then {sql}::varchar end"
        case _:
            return f"({sql})::varchar"


def _attribute(key: str, value: str, *, timed: bool = False) -> str:
    time = f',"time":"{SINCE_EVER}"' if timed else ""
    return f"""'{{"name":"{key}"{time},"value":' || {value} || '}}'"""


def _id(kind: str, part: str) -> str:
    """SQL of an object's id: unique in the whole log, since it begins with the type."""
    return _json(f"'{kind}:' || {part}")


def _case_part(source: str, case: str) -> str:
    return f"id_part({source}) || ':' || {case}"


def _relation(kind: str, part: str, qualifier: str) -> str:
    return f"""'{{"objectId":' || {_id(kind, part)} || ',"qualifier":"{qualifier}"}}'"""


def _object(kind: str, object_id: str, attributes: list[str], related: list[str] | None = None) -> str:
    listed = f"concat_ws(',', {', '.join(attributes)})"
    relationships = f"concat_ws(',', {', '.join(related)})" if related else "''"
    head = f"""'{{"id":', {object_id}, ',"type":"{kind}","attributes":[', {listed}"""
    return f"""concat({head}, '],"relationships":[', {relationships}, ']}}')"""


def _notes(log: LogView) -> tuple[str, ...]:
    left_out = sum(
        _not_finite(log, table, view) for table, view in ((JOURNEY_CONTACT, "contacts"), (JOURNEY, "journeys"))
    )
    if not left_out:
        return ()
    sentence = ngettext(
        "{n} number is infinite or none at all, which JSON cannot hold; it was left out",
        "{n} numbers are infinite or none at all, which JSON cannot hold; they were left out",
        left_out,
    )
    return (sentence.format(n=left_out),)


def _not_finite(log: LogView, table: Table, view: str) -> int:
    floats = [name(c.name) for c in log.filled(table) if kind_of(c.type) == "float"]
    if not floats:
        return 0
    each = " + ".join(f"coalesce(not isfinite({c}), false)::int" for c in floats)
    return count(log.connection, f"select coalesce(sum({each}), 0)::bigint from {view}")

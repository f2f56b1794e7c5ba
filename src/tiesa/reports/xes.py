"""XES event logs (IEEE 1849): a trace per journey, an event per contact.

The engine builds the text, a range of customers at a time, so that a log of any size passes through flat memory.
Keys without a standard extension carry the prefix `tiesa:`, which is declared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from xml.sax.saxutils import escape

from tiesa.core.columns import Column
from tiesa.core.locale import ngettext
from tiesa.core.tables import JOURNEY, JOURNEY_CONTACT
from tiesa.engines.duckdb import literal, name
from tiesa.reports.log_view import ATTRIBUTE, ORDER, LogView, kind_of

EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Cost", "cost", "http://www.xes-standard.org/cost.xesext"),
    ("Tiesa", "tiesa", "urn:tiesa:xes-extension:1"),
)
CLASSIFIERS = (("Touchpoint", "concept:name"), ("Touchpoint and channel", "concept:name tiesa:channel"))
PREFIX = "tiesa:"
KEYS = {
    "touchpoint": "concept:name",
    "occurred_at": "time:timestamp",
    "employee": "org:resource",
    "unit": "org:group",
    "cost": "cost:total",
    "currency": "cost:currency",
}
"""Our columns that a standard extension has a key for. `ready/tiesa_xes.toml` reads all of them back."""
TYPES = {
    "text": "string",
    "instant": "date",
    "integer": "int",
    "decimal": "float",
    "float": "float",
    "boolean": "boolean",
}
_UNKNOWN = {
    "string": "UNKNOWN",
    "date": "1970-01-01T00:00:00.000+00:00",
    "int": "0",
    "float": "0.0",
    "boolean": "false",
}
_OF_TRACE = ("customer_key", "journey_no")
_LIFECYCLE = ("lifecycle:transition", "lifecycle")
"""Names under which a source's attributes may hold the transition; the first that is there counts."""


def write_xes(log: LogView, stream: IO[bytes]) -> tuple[str, ...]:
    """Write the whole log. Returns notes: what had to be replaced."""
    stream.write(_head(log).encode())
    text = _text(log)
    for wanted in log.ranges():
        sql = (
            f"select {text} from (from contacts where {wanted}) c join (from journeys where {wanted}) j "
            f"using (customer_key, journey_no) order by {ORDER}"
        )
        for batch in log.connection.sql(sql).to_arrow_reader(10_000):
            stream.write("".join(batch.column(0).to_pylist()).encode())
    stream.write(b"</log>\n")
    return _notes(log)


def _notes(log: LogView) -> tuple[str, ...]:
    if not (n := log.unprintable(JOURNEY_CONTACT, JOURNEY)):
        return ()
    sentence = ngettext(
        "{n} value holds control characters that XML forbids; they were replaced",
        "{n} values hold control characters that XML forbids; they were replaced",
        n,
    )
    return (sentence.format(n=n),)


def _head(log: LogView) -> str:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">',
        *(f'<extension name="{e}" prefix="{prefix}" uri="{uri}"/>' for e, prefix, uri in EXTENSIONS),
        '<global scope="trace">',
        *_globals(("string", "concept:name"), *((tag, key) for tag, key, _v in _trace_attributes(log, every=True))),
        "</global>",
        '<global scope="event">',
        *_globals(*((tag, key) for tag, key, _v in _event_attributes(log, every=True))),
        "</global>",
        *(f'<classifier name="{c}" keys="{keys}"/>' for c, keys in CLASSIFIERS),
        '<string key="concept:name" value="Customer journeys"/>',
        f'<int key="tiesa:evidence" value="{log.evidence.version}"/>',
    ]
    return "\n".join(lines) + "\n"


def _globals(*declared: tuple[str, str]) -> Iterator[str]:
    for tag, key in declared:
        yield f'<{tag} key="{key}" value="{_UNKNOWN[tag]}"/>'


def _trace_attributes(log: LogView, *, every: bool = False) -> Iterator[tuple[str, str, str]]:
    """Tag, key and SQL value of a trace's attributes but its name. every: only those each trace has."""
    for column in log.filled(JOURNEY):
        if not (every and column.null):
            yield TYPES[kind_of(column.type)], PREFIX + column.name, _value(column, "j." + name(column.name))
    yield "string", PREFIX + "customer", "xml(clean(c.customer))"


def _event_attributes(log: LogView, *, every: bool = False) -> Iterator[tuple[str, str, str]]:
    """Tag, key and SQL value of an event's attributes. every: only those each event has."""
    for column in log.filled(JOURNEY_CONTACT):
        if column.name in (*_OF_TRACE, "attributes") or (every and column.null):
            continue
        key = KEYS.get(column.name, PREFIX + column.name)
        in_journey = column.name if column.name in _OF_TRACE else "c." + name(column.name)
        yield TYPES[kind_of(column.type)], key, _value(column, in_journey)
    transition = next((a for a in _LIFECYCLE if a in log.attribute_names), None)
    if transition and not every:
        yield "string", "lifecycle:transition", f"xml(clean(c.attributes[{literal(transition)}]))"


def _value(column: Column, sql: str) -> str:
    """SQL of the text of a value; null stays null."""
    match kind_of(column.type):
        case "text":
            return f"xml(clean({sql}))"
        case "instant":
            return f"stamp({sql})"
        case "float":  # the words of XML Schema for what is no number
            plain = f"{sql}::varchar"
            return f"case when isnan({sql}) then 'NaN' when isinf({sql}) then upper({plain}) else {plain} end"
        case _:
            return f"({sql})::varchar"


def _attribute(tag: str, key: str, value: str) -> str:
    """SQL of an attribute; null where the value is, and a null is no part of a concat()."""
    return f"""'<{tag} key="{escape(key)}" value="' || {value} || '"/>'"""


def _text(log: LogView) -> str:
    """SQL of what an event adds to the file: the start of its trace if it is the first, the end if it is the last."""
    trace = [
        _attribute("string", "concept:name", "customer_key || '-' || journey_no"),
        *(_attribute(*each) for each in _trace_attributes(log)),
    ]
    event = [_attribute(*each) for each in _event_attributes(log)]
    if log.attribute_names:
        key, value = f"'{PREFIX}{ATTRIBUTE}' || xml(clean(e.key))", "xml(clean(e.value))"
        one = f"""'<string key="' || {key} || '" value="' || {value} || '"/>'"""
        whole = "case when cardinality(c.attributes) > 0 then to_json(c.attributes)::varchar end"
        event.append(_attribute("string", PREFIX + "attributes", f"xml(clean({whole}))"))
        event.append(f"array_to_string(list_transform(map_entries(c.attributes), lambda e: {one}), '')")
    return (
        f"concat(case when c.journey_position = 1 then concat('<trace>', {', '.join(trace)}, chr(10)) end, "
        f"'<event>', {', '.join(event)}, '</event>', chr(10), "
        "case when c.journey_position = j.contacts then '</trace>' || chr(10) end)"
    )

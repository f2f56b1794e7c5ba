"""What IEEE 1849 asks of a log in XML, as a list of the ways a file breaks it.

Order and nesting of elements, types of values, unique keys, attributes that globals promise, declared prefixes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

SPACE = "{http://www.xes-standard.org/}"
ORDER = ("extension", "global", "classifier", "attribute", "trace", "event")
INSTANT = r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"
VALUES = {
    "string": r"(?s).*",
    "date": INSTANT,
    "int": r"[+-]?\d+",
    "float": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|-?INF|NaN",
    "boolean": r"true|false|0|1",
    "id": r"[0-9a-fA-F-]{36}",
}


def breaches(path: Path) -> Iterator[str]:
    """Every breach of the standard's rules."""
    log = ET.parse(path).getroot()  # noqa: S314
    if log.tag != SPACE + "log":
        yield f"root is {log.tag}"
    yield from (f"log has no {a}" for a in ("xes.version", "xes.features") if a not in log.attrib)
    yield from _order("log", [_kind(e) for e in log], ORDER)
    extensions = log.findall(SPACE + "extension")
    yield from (f"extension without {a}" for e in extensions for a in ("name", "prefix", "uri") if not e.get(a))
    prefixes = {e.get("prefix", "") for e in extensions}
    yield from (
        f"{e.get('prefix')} is no NCName" for e in extensions if not re.fullmatch(r"[a-z_]+", e.get("prefix", ""))
    )
    promised = {g.get("scope", "event"): {(a.tag, a.get("key")) for a in g} for g in log.findall(SPACE + "global")}
    if set(promised) - {"trace", "event"}:
        yield "unknown scope"
    for scope in log.findall(SPACE + "global"):
        yield from _attributes("global", scope, prefixes, values=False)
    for classifier in log.findall(SPACE + "classifier"):
        keys = re.findall(r"'[^']*'|\S+", classifier.get("keys", ""))
        known = {key for _tag, key in promised[classifier.get("scope", "event")]}
        yield from (f"classifier key {k} is no global" for k in keys if k not in known)
    yield from _attributes("log", log, prefixes)
    for trace in log.findall(SPACE + "trace"):
        yield from _order("trace", [_kind(e) for e in trace], ("attribute", "event"))
        yield from _attributes("trace", trace, prefixes)
        yield from _kept("trace", trace, promised.get("trace", set()))
        for event in trace.findall(SPACE + "event"):
            yield from _order("event", [_kind(e) for e in event], ("attribute",))
            yield from _attributes("event", event, prefixes)
            yield from _kept("event", event, promised.get("event", set()))


def _kind(element: ET.Element) -> str:
    tag = element.tag.removeprefix(SPACE)
    return "attribute" if tag in VALUES else tag


def _order(where: str, found: list[str], allowed: tuple[str, ...]) -> Iterator[str]:
    if wrong := [f for f in found if f not in allowed]:
        yield f"{where} holds {wrong[0]}"
    elif found != sorted(found, key=allowed.index):
        yield f"{where} has its elements out of order"


def _attributes(where: str, parent: ET.Element, prefixes: set[str], *, values: bool = True) -> Iterator[str]:
    own = [e for e in parent if _kind(e) == "attribute"]
    keys = [e.get("key") for e in own]
    if len(set(keys)) < len(keys):
        yield f"{where} repeats a key"
    for element in own:
        tag, key, value = element.tag.removeprefix(SPACE), element.get("key"), element.get("value")
        if not key or value is None:
            yield f"{where} has an attribute without key or value"
        elif values and not re.fullmatch(VALUES[tag], value):
            yield f"{where}: {value!r} is no {tag}"
        elif ":" in key and key.split(":")[0] not in prefixes:
            yield f"{where}: the prefix of {key} is not declared"


def _kept(where: str, parent: ET.Element, promised: set[tuple[str, str | None]]) -> Iterator[str]:
    missing = promised - {(e.tag, e.get("key")) for e in parent}
    yield from (f"{where} lacks the global {key}" for _tag, key in missing)

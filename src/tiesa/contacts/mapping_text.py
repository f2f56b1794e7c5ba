"""A mapping as TOML that a person can read and change."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from typing import Any

import tomlkit
from tomlkit.items import Table as TomlTable

from tiesa.contacts.mapping import SHARED_CUSTOMERS, Field, Mapping, TableMapping
from tiesa.core.locale import _

NO_REASONS: Dict[str, str] = {}


def mapping_text(mapping: Mapping, reasons: Dict[str, str] = NO_REASONS, left: Dict[str, str] = NO_REASONS) -> str:
    """The mapping as TOML, which `parse_mapping` reads back to the same mapping.

    Args: reasons: comments to stand above lines, by "time.formats", by target for the first table, by "answer.value"
    for a further one, by "attributes.status". left: columns not used, with the reason, listed at the end.
    """
    document = tomlkit.document()
    for key in ("title", "source", "customers", "form"):
        value = getattr(mapping, key)
        if value and value != SHARED_CUSTOMERS:
            document.add(key, tomlkit.item(value))
    if mapping.required:
        document.add("required", tomlkit.item(sorted(mapping.required)))
    if mapping.known is not None:
        document.add("known", tomlkit.item(sorted(mapping.known)))
    if mapping.notes:
        document.add("notes", tomlkit.item(list(mapping.notes)))
    for name, section in _settings(mapping).items():
        if section or any(reason.startswith(f"{name}.") for reason in reasons):
            _add_section(document, name, section, reasons)
    for number, mapped in enumerate(mapping.tables):
        prefix = "" if number == 0 else f"{mapped.table.name}."
        document.add(mapped.table.name, _table(mapped, reasons, prefix))
    text = tomlkit.dumps(document)
    return text + _list_of_left(left)


def _settings(mapping: Mapping) -> dict[str, dict[str, Any]]:
    reader = {key: getattr(mapping.reader, key) for key in ("explode", "sheet", "encoding", "delimiter")}
    time: dict[str, Any] = {"zone": mapping.zone}
    if mapping.ignore_offset:
        time["offset"] = "ignore"
    if not mapping.day_first:
        time["day_first"] = False
    if mapping.formats:
        time["formats"] = list(mapping.formats)
    return {
        "reader": {key: value for key, value in (reader | {"own": list(mapping.reader.own)}).items() if value},
        "time": time if time != {"zone": "UTC"} else {},
        "number": {"decimal": mapping.decimal} if mapping.decimal != "." else {},
    }


def _add_section(document: tomlkit.TOMLDocument, name: str, section: dict[str, Any], reasons: Dict[str, str]) -> None:
    if name == "time":
        section = {"zone": "UTC"} | section
    table = tomlkit.table()
    for key, value in section.items():
        if reason := reasons.get(f"{name}.{key}"):
            table.add(tomlkit.comment(reason))
        table.add(key, tomlkit.item(value))
    document.add(name, table)


def _table(mapped: TableMapping, reasons: Dict[str, str], prefix: str) -> TomlTable:
    table = tomlkit.table()
    if mapped.only_with:
        table.add("only_with", tomlkit.item(mapped.only_with))
    for target, given in mapped.fields.items():
        if reason := reasons.get(prefix + target):
            table.add(tomlkit.comment(reason))
        table.add(target, _field(given))
    if mapped.attributes:
        attributes = tomlkit.table()
        for key, column in mapped.attributes.items():
            if reason := reasons.get(f"{prefix}attributes.{key}"):
                attributes.add(tomlkit.comment(reason))
            attributes.add(key, tomlkit.item(column))
        table.add("attributes", attributes)
    if mapped.when:
        rules = tomlkit.aot()
        for rule in mapped.when:
            parts: dict[str, Any] = {"column": rule.column, "is": list(rule.words), "same_as": rule.same_as}
            parts |= {"set": dict(rule.set), "take": dict(rule.take)}
            rules.append(tomlkit.item({key: part for key, part in parts.items() if part}))
        table.add("when", rules)
    return table


def _field(given: Field) -> Any:
    if given == Field(given.columns) and len(given.columns) == 1:
        return tomlkit.item(given.columns[0])
    inline = tomlkit.inline_table()
    if given.constant is not None:
        inline.add("constant", tomlkit.item(given.constant))
    elif len(given.columns) == 1:
        inline.add("column", tomlkit.item(given.columns[0]))
    else:
        inline.add("columns", tomlkit.item(list(given.columns)))
    if given.separator != " ":
        inline.add("separator", tomlkit.item(given.separator))
    if given.values:
        words = tomlkit.inline_table()
        for word, ours in given.values.items():
            words.add(word, tomlkit.item(ours))
        inline.add("values", words)
    if given.otherwise is not None:
        inline.add("otherwise", tomlkit.item(given.otherwise))
    return inline


def _list_of_left(left: Dict[str, str]) -> str:
    if not left:
        return ""
    lines = [f"#   {column!r}: {reason}" for column, reason in left.items()]
    return "\n".join(["", "# " + _("These columns of the file are not used:"), *lines, ""])

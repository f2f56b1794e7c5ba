"""JSON Lines and JSON arrays of objects: nested objects become dotted columns, lists JSON text or rows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from io import TextIOWrapper
from typing import Any

from tiesa.contacts.readers.arrays import json_text
from tiesa.contacts.readers.encodings import MARK, UNDECODABLE, find_encoding
from tiesa.contacts.readers.json_stream import LONGEST_VALUE, NOT_JSON, decoded_value, values_at
from tiesa.contacts.readers.source import ReaderOptions
from tiesa.contacts.readers.spool import Broken, Record, SpooledSource, spool
from tiesa.contacts.readers.unpacking import Content
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _

HEAD = 65_536
GIVE_UP = 10_000
"""Records without one object among them after which the file is taken for something else."""
SHOWN = 10_000
"""Characters of a record that are kept to show it where it is too long to keep."""


def open_json_lines(content: Content, *, options: ReaderOptions) -> SpooledSource:
    """One JSON object per line; a line that is none is set aside. Blank lines are skipped."""
    return _spooled(content, "jsonl", _records_of_lines(content, options), options)


def open_json_document(content: Content, *, options: ReaderOptions, place: str = "item") -> SpooledSource:
    """An array of objects, read element by element; an element that is no object is set aside.

    place: "" for objects one after the other, each over several lines (one such object is held in memory whole).
    """
    return _spooled(content, "json", _records_of_document(content, options, place), options)


def _spooled(content: Content, kind: str, records: Iterator[Record | Broken], options: ReaderOptions) -> SpooledSource:
    kept = spool(_while_hopeful(records))
    if not kept.rows:
        raise UnusableInput(
            _("The file holds no JSON object"),
            where=str(content.path),
            remedy=_("Write one JSON object per line, or an array of objects"),
        )
    if options.explode and not any(_is_below(name, options.explode) for name in kept.columns):
        raise UnusableInput(
            _("No record has a list called {name}").format(name=options.explode),
            where=str(content.path),
            remedy=_("Correct `explode` in the mapping"),
        )
    return SpooledSource(content.path, kind, kept.names, kept)


def _while_hopeful(records: Iterator[Record | Broken]) -> Iterator[Record | Broken]:
    hopeless = True
    for n, record in enumerate(records):
        hopeless = hopeless and isinstance(record, Broken)
        if hopeless and n >= GIVE_UP:
            return
        yield record


def _is_below(name: str, parent: str) -> bool:
    return name == parent or name.startswith(parent + ".")


def _records_of_lines(content: Content, options: ReaderOptions) -> Iterator[Record | Broken]:
    encoding = options.encoding or find_encoding(content.head(HEAD))
    with TextIOWrapper(content.open(), encoding, MARK, newline="\n") as lines:
        while line := lines.readline(LONGEST_VALUE):
            if len(line) == LONGEST_VALUE and not line.endswith("\n"):
                yield Broken(
                    _shown(line[:SHOWN]), _("the line is longer than {most} characters").format(most=len(line))
                )
                while (rest := lines.readline(LONGEST_VALUE)) and not rest.endswith("\n"):
                    pass
                continue
            if not (text := line.strip()):
                continue
            try:
                value = decoded_value(text)
            except NOT_JSON:
                yield Broken(_shown(text), _("the line is not valid JSON"))
                continue
            if UNDECODABLE in text:
                yield Broken(_shown(text), _("the line has bytes that are not {encoding}").format(encoding=encoding))
            else:
                yield from _bounded(value, options)


def _shown(text: str) -> str:
    return text.replace(UNDECODABLE, "\ufffd")


def items_of(content: Content, place: str) -> Iterator[Any]:
    """The values at a place (see `values_at`) of a JSON document in any Unicode encoding, one after the other.

    Raises: UnusableInput where the document is broken or cut short.
    """
    encoding = find_encoding(content.head(HEAD))
    with TextIOWrapper(content.open(), encoding, newline="") as text:
        try:
            yield from values_at(text, place)
        except ValueError as error:
            reason = _("bytes that are not {encoding}").format(encoding=encoding)
            raise UnusableInput(
                _("The JSON is broken or cut short ({reason})").format(
                    reason=reason if isinstance(error, UnicodeError) else error
                ),
                where=str(content.path),
                remedy=_("Export it again"),
            ) from error


def _records_of_document(content: Content, options: ReaderOptions, place: str) -> Iterator[Record | Broken]:
    for value in items_of(content, place):
        yield from _bounded(value, options)


def _bounded(value: Any, options: ReaderOptions) -> Iterator[Record | Broken]:
    """The rows of one value; one nested more deeply than Python can follow is set aside."""
    try:
        yield from list(records_of(value, explode=options.explode))
    except RecursionError:
        yield Broken("", _("its values are nested too deeply"))


def records_of(value: Any, *, explode: str = "") -> Iterator[Record | Broken]:
    """The rows of one JSON object: one, or one per element of its list `explode` (dotted path).

    >>> list(records_of({"id": 7, "comments": [{"body": "Hi"}, {"body": "Bye"}]}, explode="comments"))
    [{'id': '7', 'comments.body': 'Hi'}, {'id': '7', 'comments.body': 'Bye'}]
    """
    if not isinstance(value, dict):
        yield Broken(json_text(value), _("a JSON object was expected"))
        return
    elements = _take(value, explode.split(".")) if explode else None
    parent: Record = {}
    _flatten(value, "", parent)
    if not isinstance(elements, list) or not elements:
        yield parent
        return
    for element in elements:
        record = dict(parent)
        if isinstance(element, dict):
            _flatten(element, explode + ".", record)
        else:
            record[explode] = _text(element)
        yield record


def _take(value: Any, path: list[str]) -> Any:
    """Takes the list at `path` out of the object; leaves it there when it is something else."""
    *parents, name = path
    for parent in parents:
        value = value.get(parent) if isinstance(value, dict) else None
    return value.pop(name) if isinstance(value, dict) and isinstance(value.get(name), list) else None


def _flatten(value: dict[str, Any], prefix: str, record: Record) -> None:
    for key, inner in value.items():
        if isinstance(inner, dict):
            _flatten(inner, f"{prefix}{key}.", record)
        else:
            record[prefix + key] = _text(inner)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value and value.replace("\0", "")  # a NUL ends a text for many a program
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return _list_text(value) if value else None
    return str(value)


def _list_text(value: Any) -> str:
    """JSON text of a list, with numbers written as they stood."""
    if isinstance(value, list):
        return f"[{','.join(map(_list_text, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_text(key)}:{_list_text(inner)}" for key, inner in value.items()) + "}"
    return str(value) if isinstance(value, Decimal) else json_text(value)

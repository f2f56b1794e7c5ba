"""The values of a JSON document one after the other, each read whole and none longer than it may be.

The standard library's decoder reads each value; this file only finds where one ends and the next begins. Depth and
digits are bounded by that decoder, length here, so a document of any size and any damage takes bounded memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import TextIOBase
from typing import Any

from tiesa.core.locale import _

LONGEST_VALUE = 2**23
"""Characters of one record; one of short lists takes forty times as many bytes in memory."""
CHUNK = 2**18
NOT_JSON = (ValueError, ArithmeticError, RecursionError)
"""What the decoder raises: broken text or a number of thousands of digits, an exponent beyond reason, a nest without
end."""
_BLANKS = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(parse_float=Decimal)


def decoded_value(text: str) -> Any:
    """The value of a whole JSON text, fractions as they are written. Raises NOT_JSON."""
    return json.loads(text, parse_float=Decimal)


def values_at(text: TextIOBase, place: str) -> Iterator[Any]:
    """The values at a place: "" for values one after the other, "item" for the elements of an array, "NAME.item" for
    those of an array in an object. The document is read to its end in any case.

    Raises: ValueError, in a sentence without its end, where it is broken or a value too long; what `text` raises.

    >>> from io import StringIO
    >>> list(values_at(StringIO('{"a": [1], "events": [2, {}]}'), "events.item"))
    [2, {}]
    """
    document = _Document(text)
    name, _dot, _item = place.rpartition(".")
    if not place:
        while document.peek():
            yield document.value()
    elif name:
        yield from _members(document, name)
    else:
        yield from _elements(document)
    if document.peek():
        raise ValueError(_("something stands behind its end"))


def _elements(document: _Document) -> Iterator[Any]:
    document.take("[")
    if document.peek() == "]":
        document.take("]")
        return
    while True:
        yield document.value()
        if document.take(",]") == "]":
            return


def _members(document: _Document, wanted: str) -> Iterator[Any]:
    document.take("{")
    if document.peek() == "}":
        document.take("}")
        return
    while True:
        name = document.value()
        if not isinstance(name, str):
            raise ValueError(_("the name of a value is no text"))
        document.take(":")
        if document.peek() != "[":
            document.value()
        elif name == wanted:
            yield from _elements(document)
        else:
            for _element in _elements(document):
                pass
        if document.take(",}") == "}":
            return


@dataclass(slots=True)
class _Document:
    """The text around the place that is being read."""

    text: TextIOBase
    _held: str = ""
    _place: int = 0
    _ended: bool = False

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            self._place = _BLANKS.match(self._held, self._place).end()  # type: ignore[union-attr]  # matches anywhere
            if self._place < len(self._held) or self._ended:
                return self._held[self._place : self._place + 1]
            self._read_on()

    def take(self, wanted: str) -> str:
        """Takes one of the wanted characters, which must come next."""
        found = self.peek()
        if not found or found not in wanted:
            raise ValueError(self._missing(found, " ".join(wanted)))
        self._place += 1
        return found

    def value(self) -> Any:
        if not self.peek():
            raise ValueError(self._missing("", _("a value")))
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._place)
            except json.JSONDecodeError as error:
                if self._ended:
                    raise ValueError(error.msg) from error
            except NOT_JSON as error:
                raise ValueError(_("a value is nested too deeply, or a number too long")) from error
            else:
                if end < len(self._held) or self._ended:  # a number might go on
                    self._place = end
                    return value
            if len(self._held) - self._place > LONGEST_VALUE:
                raise ValueError(_("a value is broken, or longer than {most} characters").format(most=LONGEST_VALUE))
            self._read_on()

    def _read_on(self) -> None:
        """As much again as is held, so that a long value is tried a few times only."""
        rest = self._held[self._place :]
        more = self.text.read(max(CHUNK, len(rest)))
        self._held, self._place, self._ended = rest + more, 0, not more

    def _missing(self, found: str, wanted: str) -> str:
        if not found:
            return _("it ends where {wanted} should follow").format(wanted=wanted)
        return _("{found} stands where {wanted} should").format(found=found, wanted=wanted)

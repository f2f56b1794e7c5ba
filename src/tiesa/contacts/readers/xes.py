"""XES event logs: one row per event, its trace's attributes beside it as `case:...`.

Read with expat as a stream of tags: no tree is built, so a log of any length fits, and the parser stops at the first
entity declaration, before any entity can be used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from tiesa.contacts.readers.spool import Record, SpooledSource, spool
from tiesa.contacts.readers.unpacking import Content
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _

CASE = "case:"
BLOCK = 65_536
LONGEST_TAG = 2**22
"""Bytes between two places where the parser can rest: it starts again from the last one with every block."""
DEEPEST = 50
"""Attributes in attributes: each has the names of all above it in its own."""
LONG_TRACE = 8_192
"""Events of one trace after which its attributes are taken as known: the standard puts them first."""


def open_xes(content: Content) -> SpooledSource:
    """Reads a log of any size in flat memory. Nothing is filled in: defaults of the log's globals stay out.

    Raises: UnusableInput for XML that is broken, is no event log, has no event, or declares entities.
    """
    kept = spool(_records(content))
    if not kept.rows:
        raise UnusableInput(_("The event log has no event"), where=str(content.path))
    return SpooledSource(content.path, "xes", kept.names, kept)


def _records(content: Content) -> Iterator[Record]:
    log = _Log(content)
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = log.refuse_entity
    parser.StartElementHandler = log.root
    log.parser = parser
    with content.open() as stream:
        try:
            fed = 0
            while block := stream.read(BLOCK):
                parser.Parse(block, False)
                fed += len(block)
                if fed - parser.CurrentByteIndex > LONGEST_TAG:
                    raise ValueError(_("a tag is longer than {most} bytes").format(most=LONGEST_TAG))
                yield from log.taken()
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise UnusableInput(
                _("The XML is broken or cut short ({reason})").format(reason=error),
                where=str(content.path),
                remedy=_("Export it again"),
            ) from error
    yield from log.taken()


@dataclass(slots=True)
class _Log:
    """Where the parser stands in the log, and the events it has finished."""

    content: Content
    parser: Any = None
    finished: list[Record] = field(default_factory=list)
    _case: Record | None = None
    _record: Record | None = None  # the event or else the trace that is open
    _of_case: list[Record] = field(default_factory=list)
    _path: list[str] = field(default_factory=list)  # full keys of the open attributes
    _repeated: dict[str, list[str]] = field(default_factory=dict)  # values of nested attributes of the open record

    def refuse_entity(self, *_declaration: Any) -> None:
        raise UnusableInput(
            _("The XML declares entities of its own, which is not accepted because they can hide a bomb"),
            where=str(self.content.path),
            remedy=_("Export it without a DOCTYPE"),
        )

    def root(self, name: str, _attributes: dict[str, str]) -> None:
        if _local(name) != "log":
            raise UnusableInput(
                _("The XML is no event log (its outermost element is <{element}>)").format(element=_local(name)),
                where=str(self.content.path),
                remedy=_("Export it as XES or CSV"),
            )
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def start(self, name: str, attributes: dict[str, str]) -> None:
        path, record = self._path, self._record
        key = attributes.get("key")
        if record is None or key is None:
            self._start_structure(name)
        elif path:
            self._nest(record, f"{path[-1]}/{key}", attributes.get("value"))
        else:
            record[key] = attributes.get("value")
            path.append(key)

    def _start_structure(self, name: str) -> None:
        if self._path:  # the <values> of a list
            self._path.append(self._path[-1])
        elif _local(name) == "event":
            self._record = {}
        elif _local(name) == "trace":
            self._case = self._record = {}

    def _nest(self, record: Record, key: str, value: str | None) -> None:
        if len(self._path) > DEEPEST:
            raise ValueError(_("attributes are nested too deeply"))
        if value:  # a list may repeat its key
            self._repeated.setdefault(key, []).append(value)
        else:
            record.setdefault(key, value)
        self._path.append(key)

    def _join_repeated(self) -> None:
        """Puts what was nested under one key into the record that is open, in one go."""
        if self._record is not None:
            self._record |= {key: "|".join(values) for key, values in self._repeated.items()}
        self._repeated.clear()

    def end(self, name: str) -> None:
        if self._path:
            self._path.pop()
            if not self._path and self._repeated:
                self._join_repeated()
        elif self._record is not None:
            self._end_structure(_local(name))

    def _end_structure(self, name: str) -> None:
        if name == "trace":
            self._finish_case()
            self._case = self._record = None
        elif name == "event" and self._record is not None:
            self._of_case.append(self._record)
            self._record = self._case
            if self._case is None:
                self._finish_case()

    def _finish_case(self) -> None:
        case = {CASE + key: value for key, value in (self._case or {}).items()}
        self.finished += [case | event for event in self._of_case]
        self._of_case.clear()

    def taken(self) -> list[Record]:
        """The events finished since it was last asked; those of a trace without end too, lest they fill the memory."""
        if len(self._of_case) >= LONG_TRACE:
            self._finish_case()
        taken, self.finished = self.finished, []
        return taken


def _local(name: str) -> str:
    return name.rpartition(":")[2]

"""Which reader a file needs: its content decides, its name only where the content leaves it open."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from tiesa.contacts.readers.delimited import open_csv
from tiesa.contacts.readers.dialect import decoded
from tiesa.contacts.readers.encodings import find_encoding
from tiesa.contacts.readers.json_records import open_json_document, open_json_lines
from tiesa.contacts.readers.json_stream import NOT_JSON, decoded_value
from tiesa.contacts.readers.mail import is_maildir, open_maildir, open_mbox
from tiesa.contacts.readers.ocel import open_ocel
from tiesa.contacts.readers.source import ReaderOptions, Source
from tiesa.contacts.readers.typed import open_parquet
from tiesa.contacts.readers.unpacking import ZIP_MAGIC, Content, find_content
from tiesa.contacts.readers.workbook import open_workbook
from tiesa.contacts.readers.xes import open_xes
from tiesa.core.errors import InvalidMapping, UnusableInput
from tiesa.core.locale import _

HEAD = 65_536
DEFAULTS = ReaderOptions()
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".psv", ".txt", ".dat", "")
LINE_SUFFIXES = (".jsonl", ".ndjson")
OTHER_SUFFIXES = (".json", ".jsonocel", ".xes", ".xml", ".mbox", ".parquet", ".xlsx")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f\udcff]")
_OCEL = re.compile(r'\{\s*"(?:objectTypes|eventTypes|objects|events)"\s*:\s*\[')
_OBJECT = re.compile(r"\{\s*[\"}]")
_ARRAY = re.compile(r"\[\s*[{\]]")
_MBOX = re.compile(r"From (?=[^\r\n]{1,300}\d{4})[^\r\n]*\r?\n[\w-]+:", re.IGNORECASE)


def open_source(path: Path, *, options: ReaderOptions = DEFAULTS) -> Source:
    """Opens a file of any format this package reads, or a maildir.

    CSV, TSV, JSON (lines or an array), XES and mbox may be wrapped in gz or zip. Formats whose columns are only known
    at their end (JSON, XES, OCEL, mailboxes) are read through once here; the others stream while they are used.

    Raises: InvalidMapping for an unknown encoding or a long delimiter; UnusableInput, one sentence on what is wrong
    and what to do. A damaged wrapping may show itself only in `batches()`.
    """
    path = Path(path)
    _check(options)
    if not path.exists():
        raise UnusableInput(_("There is no such file"), where=str(path))
    if path.is_dir():
        if is_maildir(path):
            return open_maildir(path, options=options)
        raise UnusableInput(_("This is a folder, not a file"), where=str(path), remedy=_("Name a file in it"))
    try:
        if path.stat().st_size == 0:
            raise _empty(path)
        return _open_content(find_content(path), options)
    except PermissionError as error:
        raise UnusableInput(_("The file may not be read"), where=str(path)) from error


def _check(options: ReaderOptions) -> None:
    try:
        codecs.lookup(options.encoding or "utf-8")
    except LookupError as error:
        raise InvalidMapping(
            _("There is no encoding called {name}").format(name=options.encoding),
            remedy=_("Write for example utf-8, cp1250, cp1251 or cp1257"),
        ) from error
    if len(options.delimiter) > 1:
        raise InvalidMapping(_("The delimiter must be one character, not {text}").format(text=repr(options.delimiter)))


def _empty(path: Path) -> UnusableInput:
    return UnusableInput(_("The file is empty"), where=str(path), remedy=_("Export it again"))


def _open_content(content: Content, options: ReaderOptions) -> Source:
    head = content.head(HEAD)
    if head.startswith(b"PAR1") and not content.packing:
        return open_parquet(content)
    if head.startswith(ZIP_MAGIC) and not content.packing:
        return open_workbook(content, options=options)
    if head.startswith(OLD_OFFICE):
        raise UnusableInput(
            _("This is an old or password-protected Office file"),
            where=str(content.path),
            remedy=_("Save it as .xlsx without a password"),
        )
    text = decoded(head, options.encoding or find_encoding(head)).lstrip("\ufeff \t\r\n")
    if not text:
        raise _empty(content.path)
    if len(_CONTROLS.findall(text)) > len(text) / 10:
        raise UnusableInput(_("This is a binary file of no known kind"), where=str(content.path), remedy=_known_kinds())
    return _open_text(content, text, options)


def _open_text(content: Content, start: str, options: ReaderOptions) -> Source:
    suffix = Path(content.name).suffix.lower()
    if start.startswith("<"):
        return open_xes(content)
    if suffix in LINE_SUFFIXES:
        return open_json_lines(content, options=options)
    if _OCEL.match(start):
        return open_ocel(content)
    if _OBJECT.match(start):
        if _is_line_of_json(start):
            return open_json_lines(content, options=options)
        return open_json_document(content, options=options, place="")
    if _ARRAY.match(start):
        return open_json_document(content, options=options)
    if _MBOX.match(start):
        return open_mbox(content, options=options)
    if suffix in OTHER_SUFFIXES:
        raise UnusableInput(
            _("The name ends in {suffix}, but the content is something else").format(suffix=suffix),
            where=str(content.path),
            remedy=_known_kinds(),
        )
    table = open_csv(content, options=options)
    if len(table.columns) == 1 and suffix not in TABLE_SUFFIXES:
        raise UnusableInput(_("The format of the file is not known"), where=str(content.path), remedy=_known_kinds())
    return table


def _is_line_of_json(start: str) -> bool:
    """Whether the first line is a JSON value of its own; one that fills the sample is taken for one."""
    line, end, _rest = start.partition("\n")
    try:
        decoded_value(line)
    except NOT_JSON:
        return not end and len(line) >= HEAD // 4
    return True


def _known_kinds() -> str:
    return _("Tiesa reads CSV, JSON Lines, Parquet, XLSX, XES, OCEL 2.0 (JSON), mbox and maildir")

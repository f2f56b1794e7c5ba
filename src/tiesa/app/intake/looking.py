"""A look at a file: its format, its first rows as they are read, and the mapping it may be taken in with."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import ipc

from tiesa.app.config.installation import installation
from tiesa.app.intake.models import Upload
from tiesa.contacts.mapping import Mapping, TableMapping, parse_mapping
from tiesa.contacts.mapping_text import mapping_text
from tiesa.contacts.proposal import propose
from tiesa.contacts.proposing.values import SAMPLE_BYTES, SAMPLE_ROWS, ColumnFacts, sample
from tiesa.contacts.readers import ROW, ReaderOptions, Source, frame_source, open_source
from tiesa.contacts.recognise import known_mapping, source_name
from tiesa.core.columns import Table
from tiesa.core.errors import TiesaError, UnusableInput
from tiesa.core.locale import _, current_language
from tiesa.core.tables import BY_NAME, CONTACT

PROPOSED, GIVEN = "proposed", "given"
ANEW = "anew"
"""How an upload says that it wants a proposal though a mapping is known."""


@dataclass(frozen=True, slots=True)
class Found:
    """A mapping for a file, where it came from, and why its parts are so. error: why none could be proposed."""

    mapping: Mapping
    how: str
    reasons: dict[str, str]
    left: dict[str, str]
    error: str = ""


def look(upload: Upload) -> None:
    """Read the head of an upload's file, keep its first rows, and find its mapping; fills the upload, saves nothing.

    Raises: UnusableInput or InvalidMapping, which speak of the file by the name its person knows.
    """
    options = reader_of(upload)
    try:
        source = open_source(upload.path, options=options)
        if upload.mapping and upload.how == GIVEN:
            mapping = parse_mapping(upload.mapping)
            mapping.check_against(source.columns)
            found = Found(mapping, GIVEN, {}, {})
        else:
            found = find(source, BY_NAME.get(upload.table), anew=upload.start == ANEW)
        if found.mapping.reader not in (ReaderOptions(), options):
            source = open_source(upload.path, options=found.mapping.reader)
        first = _first_rows(source)
        if not first.num_rows:
            raise UnusableInput(_("The file has no rows"), remedy=_("Export it again with its rows"))
        _keep_sample(upload.sample, first)
    except TiesaError as error:
        raise named(error, upload) from error
    fill(upload, found, options)
    upload.format, upload.columns, upload.notes = source.format, list(source.columns), list(source.notes)


def find(source: Source, table: Table | None, *, anew: bool = False) -> Found:
    """The mapping for a source; where none can be proposed, an empty one and the reason.

    Args: anew: a proposal though a mapping is known.
    """
    if not anew and (known := known_mapping(source, installation().place, table)):
        return Found(*known, {}, {})
    try:
        made = propose(source, table, source_name=source_name(source))
    except UnusableInput as error:
        blank = Mapping(source_name(source), (TableMapping(table or CONTACT, {}),))
        return Found(blank, PROPOSED, {}, {}, str(TiesaError(error.what, remedy=error.remedy)))
    return Found(made.mapping, PROPOSED, dict(made.reasons), dict(made.left))


def fill(upload: Upload, found: Found, options: ReaderOptions) -> None:
    mapping = found.mapping
    if mapping.reader == ReaderOptions():
        mapping = replace(mapping, reader=options)
    upload.mapping, upload.how = mapping_text(mapping), found.how
    upload.reasons, upload.left, upload.told_in = found.reasons, found.left, current_language()
    upload.error = found.error


def reader_of(upload: Upload) -> ReaderOptions:
    """How its person wants the file read."""
    given = dict(upload.reader)
    return ReaderOptions(**{**given, "own": tuple(given.get("own", ()))})


def as_plain(options: ReaderOptions) -> dict[str, Any]:
    """Reader options as JSON has them, without those left open."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(options).items() if value}


def named(error: TiesaError, upload: Upload) -> TiesaError:
    """The error with the file's name where it speaks of a place on this server."""
    place = str(upload.place)
    where = upload.name if place in error.where else error.where
    remedy = error.remedy.replace(place + "/", "")
    return type(error)(error.what.replace(place + "/", ""), where=where, remedy=remedy)


def first_rows(upload: Upload) -> pa.Table:
    """The rows that the look kept, with the number of each in the file."""
    with pa.OSFile(str(upload.sample), "rb") as file:
        return ipc.open_file(file).read_all()


def facts_of(upload: Upload) -> dict[str, ColumnFacts]:
    """What the kept rows say of each column."""
    kept = first_rows(upload)
    return {facts.name: facts for facts in sample(frame_source(kept.drop_columns([ROW])))}


def speak(upload: Upload) -> None:
    """Give the reasons in the reader's language, where they were given in another: worked out from the kept rows."""
    if upload.told_in == current_language() or upload.how != PROPOSED or not upload.sample.exists():
        return
    table = parse_mapping(upload.mapping, whole=False).tables[0].table
    source = frame_source(first_rows(upload).drop_columns([ROW]))
    found = find(source, table, anew=True)
    upload.reasons = {target: found.reasons.get(target, "") for target in upload.reasons}
    upload.left = {column: found.left.get(column, "") for column in upload.left}
    upload.told_in = current_language()
    upload.save(update_fields=["reasons", "left", "told_in"])


def _first_rows(source: Source) -> pa.Table:
    batches, rows, size = [], 0, 0
    for batch in source.batches():
        batches.append(batch.slice(0, SAMPLE_ROWS - rows))
        rows, size = rows + len(batches[-1]), size + batches[-1].nbytes
        if rows >= SAMPLE_ROWS or size >= SAMPLE_BYTES:
            break
    return pa.Table.from_batches(batches) if batches else pa.table({})


def _keep_sample(path: Path, rows: pa.Table) -> None:
    options = ipc.IpcWriteOptions(compression="lz4")
    with pa.OSFile(str(path), "wb") as file, ipc.new_file(file, rows.schema, options=options) as writer:
        writer.write_table(rows)
    path.chmod(0o600)

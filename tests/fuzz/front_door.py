"""One file through the front door, as `tiesa import` takes it, and the laws that hold whatever the file is.

The laws: one sentence says why nothing could be used, or every row is accounted for (in the answer, in the log, in the
quarantine file); the same file again adds nothing; nothing is left lying about.
"""

from __future__ import annotations

import contextlib
import csv
import io
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from tiesa.cli.importing import as_plain, show
from tiesa.cli.options import print_json
from tiesa.contacts.importing import ImportResult, import_file
from tiesa.contacts.log import ContactLog
from tiesa.contacts.quarantine import QUARANTINE_COLUMNS
from tiesa.core.errors import TiesaError
from tiesa.core.home import Home
from tiesa.core.tables import IMPORTABLE

LONGEST_SENTENCE = 1_500


class LawBrokenError(AssertionError):
    """A law that does not hold for this file."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: refused with a sentence, or imported."""

    sentence: str = ""
    read: int = 0
    accepted: int = 0
    quarantined: int = 0


def taken_in(path: Path, folder: Path, *, again: bool = False) -> Outcome:
    """Import the file into a home in `folder`, an empty folder that goes afterwards, and check the laws.

    again: import it a second time too. Raises: LawBrokenError; whatever the product raises that is no TiesaError.
    """
    home, left = Home(folder / "home"), folder / "temporary"
    left.mkdir(parents=True)
    tempfile.tempdir = str(left)
    try:
        outcome = _imported(path, home, again=again)
        _nothing_left(home, left)
        return outcome
    finally:
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def _imported(path: Path, home: Home, *, again: bool) -> Outcome:
    try:
        result = import_file(path, home)
    except TiesaError as error:
        sentence = str(error)
        _demand(bool(error.what.strip()), "the sentence is empty")
        _demand(len(sentence) <= LONGEST_SENTENCE, f"the sentence has {len(sentence)} characters")
        _demand("\n" not in sentence and "Traceback" not in sentence, f"no sentence: {sentence!r}")
        _demand(_log_rows(home) == dict.fromkeys(_log_rows(home), 0), "a refused file left rows in the log")
        return Outcome(sentence)
    _accounted_for(result, home)
    _can_be_shown(path, result)
    if again:
        _adds_nothing(path, home, result)
    return Outcome("", result.read, result.accepted, result.quarantined)


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise LawBrokenError(otherwise)


def _accounted_for(result: ImportResult, home: Home) -> None:
    counts = f"read {result.read}, accepted {result.accepted}, corrected {result.corrected}, duplicates "
    counts += f"{result.duplicates}, quarantined {result.quarantined}"
    _demand(result.read == result.accepted + result.duplicates + result.quarantined, f"the sum does not hold: {counts}")
    _demand(
        min(result.accepted, result.corrected, result.duplicates, result.quarantined) >= 0,
        f"a count is negative: {counts}",
    )
    _demand(result.corrected <= result.accepted, f"more corrected than accepted: {counts}")
    held = _log_rows(home)
    for name, kept in result.tables.items():
        expected = kept.accepted - kept.corrected  # what the same file corrects later on does not hold
        _demand(held[name] == expected, f"the log holds {held[name]} rows of {name}, not {expected}: {counts}")
    _demand(
        sum(held.values()) == sum(k.accepted - k.corrected for k in result.tables.values()), "rows in another table"
    )
    _demand((result.quarantine_file is not None) == (result.quarantined > 0), f"quarantine file: {counts}")
    if result.quarantine_file is not None:
        header, *lines = _cells(result.quarantine_file)
        _demand(len(lines) == result.quarantined, f"the quarantine file has {len(lines)} rows: {counts}")
        _demand(tuple(header[-4:]) == QUARANTINE_COLUMNS, "the quarantine file says not why")
        _demand(
            all(len(line) == len(header) and line[-1].strip() for line in lines), "a row set aside without a reason"
        )


def _cells(path: Path) -> list[list[str]]:
    limit = csv.field_size_limit(2**31 - 1)  # what was set aside may have been set aside for its length
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    finally:
        csv.field_size_limit(limit)


def _log_rows(home: Home) -> dict[str, int]:
    """Rows that hold, by table, counted in the files themselves."""
    log = ContactLog(home)
    return {t.name: sum(pq.read_metadata(f.path).num_rows for f in log.files(t)) for t in IMPORTABLE}


def _can_be_shown(path: Path, result: ImportResult) -> None:
    with io.TextIOWrapper(io.BytesIO(), "utf-8") as terminal, contextlib.redirect_stdout(terminal):
        show(path, result, dry_run=False)
        print_json(as_plain(result))
        terminal.flush()


def _adds_nothing(path: Path, home: Home, first: ImportResult) -> None:
    before = _log_rows(home)
    second = import_file(path, home)
    _demand(second.read == first.read, f"the second time {second.read} rows were read, not {first.read}")
    _demand(second.accepted == 0, f"the same file again: {second.accepted} accepted")
    _demand(second.quarantined == first.quarantined, f"the second time {second.quarantined} rows were set aside")
    _demand(_log_rows(home) == before, "the same file again changed the log")


def _nothing_left(home: Home, left: Path) -> None:
    spilt = list(home.spill.iterdir()) if home.settings.exists() and home.spill.exists() else []
    found = [*left.iterdir(), *spilt, *home.quarantine.glob(".draft-*")]
    _demand(not found, f"left lying about: {', '.join(f.name for f in found)}")

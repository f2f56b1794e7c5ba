"""Checks of a home's small files: settings, rules, mappings, pins, erasures, rows set aside, who may read what."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from tiesa.contacts.mapping import read_mapping
from tiesa.core.errors import TiesaError
from tiesa.core.home import Home
from tiesa.core.locale import _, ngettext
from tiesa.journeys.deadlines import read_deadlines
from tiesa.journeys.rules import read_rules
from tiesa.journeys.standards_rules import read_standards
from tiesa.journeys.templates.reading import FOLDER as TEMPLATES
from tiesa.journeys.templates.reading import read_template
from tiesa.journeys.visibility_rules import read_visibility
from tiesa.moments.defined import read_situations
from tiesa.upkeep.findings import Finding, error, note, warning
from tiesa.upkeep.person import UNFINISHED
from tiesa.upkeep.pins import pins
from tiesa.upkeep.privacy_rules import privacy_rules
from tiesa.upkeep.receipts import receipts
from tiesa.upkeep.remembered import remembered
from tiesa.upkeep.set_aside import MOST_LETTERS


def check_settings(home: Home) -> Iterator[Finding]:
    """Can this version of Tiesa read the home at all?"""
    try:
        home.check()
    except TiesaError as fault:
        yield error("layout", fault.what, _within(home, fault.where), fault.remedy)


def check_own_files(home: Home) -> Iterator[Finding]:
    """Can rules, mappings and lists be read, by those who use them?"""
    readers: list[tuple[str, Callable[[], object]]] = [
        ("rules", lambda: read_rules(home.rules)),
        ("rules", lambda: read_standards(home)),
        ("rules", lambda: read_situations(home)),
        ("rules", lambda: read_visibility(home.rules)),
        ("rules", lambda: read_deadlines(home)),
        ("rules", lambda: privacy_rules(home)),
        ("pins", lambda: pins(home)),
        ("erasures", lambda: receipts(home)),
        ("backups", lambda: remembered(home)),
    ]
    readers += [("rules", partial(read_template, path)) for path in sorted((home.rules / TEMPLATES).glob("*.toml"))]
    readers += [("mapping", partial(read_mapping, path)) for path in sorted(home.mappings.glob("*.toml"))]
    for code, read in readers:
        try:
            read()
        except TiesaError as fault:
            yield error(code, fault.what, _within(home, fault.where), fault.remedy or _("Mend the file"))


def check_access(home: Home) -> Iterator[Finding]:
    """May only the owner read what is private?"""
    salt = home.private / "salt"
    for path, allowed in ((home.private, 0o700), (salt, 0o600), (home.private / UNFINISHED, 0o700)):
        if path.exists() and (mode := path.stat().st_mode & 0o777) & ~allowed:
            what = _("Others may read what is private (mode {mode:o})").format(mode=mode)
            remedy = f"chmod {allowed:o} {path}"
            yield error("access", what, _within(home, str(path)), remedy)
    if not salt.exists() and (home.private / "identities").is_dir():
        what = _("The home's secret is gone: ids made from values would come out differently")
        yield error("salt", what, "private/salt", _("Restore the home from a backup (`tiesa restore`)"))


def check_erasures(home: Home) -> Iterator[Finding]:
    """Has every erasure come to its end?"""
    begun = {int(path.stem) for path in (home.private / UNFINISHED).glob("[!.]*.json") if path.stem.isdecimal()}
    with suppress(TiesaError):  # told by check_own_files
        begun |= {one.customer for one in receipts(home) if one.finished is None}
    for number in sorted(begun):
        what = _("The erasure of customer {n} is not finished").format(n=number)
        remedy = _("Complete it: {command}").format(command=f"tiesa erase --number {number} --why ...")
        yield error("erasure", what, "erasures", remedy)


def check_set_aside(home: Home) -> Iterator[Finding]:
    """Can the files of rows set aside be read?"""
    csv.field_size_limit(MOST_LETTERS)
    for path in sorted(home.quarantine.glob("*.csv")):
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                for _row in csv.reader(file, strict=True):
                    pass
        except (OSError, UnicodeDecodeError, csv.Error) as failure:
            what = _("A file of rows set aside cannot be read: {why}").format(why=failure)
            yield warning("set-aside", what, _within(home, str(path)), _("Send the file it came from again"))


def check_leftovers(home: Home, files: list[Path], leftovers: list[Path]) -> Iterator[Finding]:
    """How much did killed processes leave, or do running ones write?"""
    if n := len(files) + len(leftovers):
        what = ngettext("{n:,} file is named by no version", "{n:,} files are named by no version", n).format(n=n)
        remedy = _("`tiesa vacuum` removes it when it is a day old")
        yield note("leftovers", what, _within(home, str((files + leftovers)[0])), remedy)


def _within(home: Home, where: str) -> str:
    """The place as it is called within the home."""
    return where.removeprefix(f"{home.root}/") or str(home.root)

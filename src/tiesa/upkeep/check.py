"""Is a home whole? Every file that matters is looked at, and what the tables say together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tiesa.contacts.private import Private
from tiesa.core.errors import EmptyHome, TiesaError
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import IMPORTABLE
from tiesa.engines.duckdb import engine
from tiesa.upkeep.check_content import check_customers, check_evidence, check_keys, check_words
from tiesa.upkeep.check_files import Known, check_files, check_log
from tiesa.upkeep.check_settings import (
    check_access,
    check_erasures,
    check_leftovers,
    check_own_files,
    check_set_aside,
    check_settings,
)
from tiesa.upkeep.findings import Checked, Finding
from tiesa.upkeep.past import EVIDENCE, private_tables, tables
from tiesa.upkeep.pins import pinned_versions, pins
from tiesa.upkeep.vacuum import leftovers_of, unnamed


def check(home: Home, *, quick: bool = False, told: Callable[[str], None] = lambda _step: None) -> Checked:
    """Look at a home: settings, logs, files, keys, evidence, customers, words, rates, rules, pins, access.

    Nothing is written. What cannot be read is told once, and what rests on it is left out.
    Args: quick: leave out what reads whole files (sums of bytes, bounds, keys). told: is told each step.
    Raises: EmptyHome where there is no home.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import tiesa
    >>> with TemporaryDirectory() as folder:
    ...     home = Home(Path(folder))
    ...     _imported, _built = tiesa.import_file("examples/support.csv", home), tiesa.build(home)
    ...     check(home).findings
    ()
    """
    if not home.settings.exists():
        home.check()
        raise EmptyHome(_("There is no home here"), where=str(home.root), remedy=_("Run `tiesa import FILE` first"))
    known = Known()
    findings = tuple(_findings(home, known, quick, told))
    return Checked(findings, known.files, known.bytes, quick)


def _findings(home: Home, known: Known, quick: bool, told: Callable[[str], None]) -> Iterator[Finding]:
    unreadable = list(check_settings(home))
    if unreadable:
        yield from unreadable
        return
    yield from check_own_files(home)
    yield from check_access(home)
    yield from check_erasures(home)
    yield from check_set_aside(home)
    private = private_tables(home)
    for folder, store in tables(home).items():
        yield from check_log(folder, store, known)
    pinned = _pinned(home)
    numbers = _evidence_numbers(known, pinned)
    kept = _kept(known, pinned, numbers)
    with engine(spill=home.spill) as connection:
        for folder in known.pasts:
            if folder not in known.damaged:
                yield from check_files(connection, folder, kept[folder], known, quick=quick, told=told)
        for number in numbers:
            told(_("Evidence {n}").format(n=number))
            yield from check_evidence(connection, home, number, known)
        if not quick:
            for table in IMPORTABLE:
                told(_("Keys of {table}").format(table=table.plural))
                yield from check_keys(connection, table, known)
        with Private(home).writing(alone=True):  # what is replaced there goes from the disk at once
            for folder, store in private.items():
                yield from check_log(folder, store, known)
                if folder in known.pasts and folder not in known.damaged:
                    yield from check_files(connection, folder, (), known, quick=quick, told=told)
            if not quick:
                yield from check_customers(connection, home, known)
                yield from check_words(connection, home, known)
    yield from check_leftovers(home, list(unnamed(known.pasts)), list(leftovers_of(home)))


def _pinned(home: Home) -> dict[str, set[int]]:
    try:
        return pinned_versions(pins(home))
    except TiesaError:  # told by check_own_files
        return {}


def _evidence_numbers(known: Known, pinned: dict[str, set[int]]) -> list[int]:
    """The latest evidence and the pinned ones."""
    if EVIDENCE not in known.pasts or not known.pasts[EVIDENCE].latest:
        return []
    latest = known.pasts[EVIDENCE].latest
    return sorted({latest, *(n for n in pinned.get(EVIDENCE, ()) if n <= latest)})


def _kept(known: Known, pinned: dict[str, set[int]], numbers: list[int]) -> dict[str, set[int]]:
    """The versions whose files are looked at: the latest, the pinned, and those that evidence was made of."""
    kept = {folder: {one.latest, *pinned.get(folder, ())} for folder, one in known.pasts.items()}
    for number in numbers:
        for folder, linked in known.pasts[EVIDENCE].links[number].items():
            kept.setdefault(folder, set()).add(linked)
    return {
        folder: {n for n in versions if n <= known.pasts[folder].latest}
        for folder, versions in kept.items()
        if folder in known.pasts
    }

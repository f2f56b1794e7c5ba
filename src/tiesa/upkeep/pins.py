"""Versions that are kept for good: the evidence that a decision, a report or a proof rests on.

A pin holds an evidence number and the versions of the log's tables that stood when it was pinned; the contacts and
the journeys are those that the evidence itself names. Private tables are never pinned. The file `pins.toml` is replaced
whole.
"""

from __future__ import annotations

import getpass
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import tomlkit

from tiesa.core.errors import DamagedHome, EmptyHome, UnknownVersion, WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.whole_files import write_whole
from tiesa.upkeep.past import EVIDENCE, Past, past, tables
from tiesa.upkeep.turns import turn

FILE = "pins.toml"


@dataclass(frozen=True, slots=True)
class Pin:
    """One pinned version. evidence: its number. versions: of every table, by its folder. by: who pinned it."""

    evidence: int
    why: str
    by: str
    at: datetime
    versions: Mapping[str, int]


def pins(home: Home) -> tuple[Pin, ...]:
    """What is pinned, by evidence number. Raises DamagedHome when the file cannot be read."""
    path = home.root / FILE
    if not path.exists():
        return ()
    try:
        given = tomllib.loads(path.read_text("utf-8")).get("pin", [])
        return tuple(sorted((_pin(one) for one in given), key=lambda pin: pin.evidence))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedHome(
            _("The list of pinned versions cannot be read"),
            where=str(path),
            remedy=_("Mend it, or restore it from a backup; nothing is removed until then"),
        ) from error


def _pin(given: dict[str, Any]) -> Pin:
    versions = {str(table): int(version) for table, version in given["versions"].items()}
    return Pin(int(given["evidence"]), str(given["why"]), str(given["by"]), given["at"].astimezone(UTC), versions)


def pin(home: Home, evidence: int, *, why: str, by: str | None = None) -> Pin:
    """Keep an evidence number for good. Pinning it again for the same reason changes nothing.

    Args: by: who says so (else the account that runs this).
    Raises: EmptyHome before the first build; UnknownVersion when there is no such evidence or it was swept away;
    WrongUsage without a reason, or when it is pinned for another one.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import tiesa
    >>> with TemporaryDirectory() as folder:
    ...     home = Home(Path(folder))
    ...     _imported, _built = tiesa.import_file("examples/support.csv", home), tiesa.build(home)
    ...     pinned = pin(home, 1, why="report to the board")
    ...     pinned.versions["contacts"], [p.why for p in pins(home)]
    (1, ['report to the board'])
    """
    home.check()
    if not why.strip():
        raise WrongUsage(_("A pin needs a reason"), where="--why", remedy=_("Say what rests on this version"))
    if not home.settings.exists():
        raise _no_evidence(home)
    with turn(home):
        held = pins(home)
        for one in held:
            if one.evidence == evidence:
                if one.why == why:
                    return one
                what = _("Evidence {n} is pinned already, for another reason: {why}")
                remedy = _("Unpin it first: tiesa unpin {n}").format(n=evidence)
                raise WrongUsage(what.format(n=evidence, why=one.why), remedy=remedy)
        made = Pin(evidence, why, by or account(), datetime.now(UTC).replace(microsecond=0), _versions(home, evidence))
        _write(home, (*held, made))
        return made


def unpin(home: Home, evidence: int) -> Pin:
    """Let go of a pinned version; `vacuum` removes what nothing else keeps. Raises UnknownVersion."""
    home.check()
    known = home.settings.exists() and evidence in {one.evidence for one in pins(home)}
    if not known:
        raise UnknownVersion(
            _("Evidence {n} is not pinned").format(n=evidence), where=str(home.root),
            remedy=_("`tiesa pins` lists what is"),
        )  # fmt: skip
    with turn(home):
        held = pins(home)
        _write(home, tuple(one for one in held if one.evidence != evidence))
    return next(one for one in held if one.evidence == evidence)


def pinned_versions(pinned: tuple[Pin, ...]) -> dict[str, set[int]]:
    """The versions that pins keep, by table."""
    kept: dict[str, set[int]] = {}
    for one in pinned:
        for table, version in one.versions.items():
            kept.setdefault(table, set()).add(version)
    return kept


def _versions(home: Home, evidence: int) -> dict[str, int]:
    """The versions of all tables that belong to an evidence number, every file of which is there."""
    stores = tables(home)
    if EVIDENCE not in stores:
        raise _no_evidence(home)
    known: dict[str, Past] = {folder: past(store) for folder, store in stores.items()}
    if not 1 <= evidence <= known[EVIDENCE].latest:
        raise UnknownVersion(
            _("There is no evidence {n}; the latest is {latest}").format(n=evidence, latest=known[EVIDENCE].latest),
            where=str(home.root),
        )
    versions = {folder: one.latest for folder, one in known.items()}
    versions |= {**known[EVIDENCE].links[evidence], EVIDENCE: evidence}
    for folder, version in versions.items():
        for life in known[folder].files([version]):
            if not (stores[folder].root / life.relative).exists():
                raise UnknownVersion(
                    _("Evidence {n} cannot be pinned: a file of it is gone").format(n=evidence),
                    where=f"{folder}/{life.relative}",
                    remedy=_("Pin what is to be kept before `tiesa vacuum` sweeps it away"),
                )
    return versions


def _no_evidence(home: Home) -> EmptyHome:
    return EmptyHome(_("This home has no journeys yet"), where=str(home.root), remedy=_("Run `tiesa build` first"))


def _write(home: Home, pinned: tuple[Pin, ...]) -> None:
    document = tomlkit.document()
    document.add(tomlkit.comment("Versions that are kept for good: `tiesa pin` and `tiesa unpin` write this file."))
    listed = tomlkit.aot()
    for one in sorted(pinned, key=lambda pin: pin.evidence):
        listed.append(tomlkit.item({**asdict(one), "versions": dict(sorted(one.versions.items()))}))
    document.add("pin", listed)
    write_whole(home.root / FILE, tomlkit.dumps(document))


def account() -> str:
    """The name of the account that runs this; "" where it has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as containers have
        return ""

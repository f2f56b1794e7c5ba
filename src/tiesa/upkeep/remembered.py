"""The backups a home remembers, and the receipts of erasures that go beside each of them."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tomlkit

from tiesa.core.errors import DamagedHome
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.whole_files import drafts_of, write_whole
from tiesa.upkeep.receipts import Receipt, add_to_ledger

FILE = "backups.toml"


@dataclass(frozen=True, slots=True)
class Remembered:
    """A backup made of the home: where it was written, and when."""

    file: Path
    at: datetime


def remembered(home: Home) -> tuple[Remembered, ...]:
    """The backups, oldest first. Raises DamagedHome when their list cannot be read."""
    path = home.root / FILE
    if not path.exists():
        return ()
    try:
        given: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8")).get("backup", [])
        return tuple(Remembered(Path(one["file"]), one["at"].astimezone(UTC)) for one in given)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise DamagedHome(
            _("The list of backups cannot be read"), where=str(path), remedy=_("Mend it: one [[backup]] per file")
        ) from error


def remember(home: Home, file: Path) -> None:
    """Add a backup to the list."""
    held = [one for one in remembered(home) if one.file != file]
    document = tomlkit.document()
    document.add(tomlkit.comment("Backups of this home. An erasure is told beside each: FILE.erasures"))
    listed = tomlkit.aot()
    for one in [*held, Remembered(file, datetime.now(UTC).replace(microsecond=0))]:
        listed.append(tomlkit.item({**asdict(one), "file": str(one.file)}))
    document.add("backup", listed)
    write_whole(home.root / FILE, tomlkit.dumps(document))


def ledger_of(file: Path) -> Path:
    """The list of erasures beside a backup."""
    return file.with_name(file.name + ".erasures")


def tell_backups(home: Home, receipts: tuple[Receipt, ...]) -> tuple[Path, ...]:
    """Write receipts beside every backup; returns those that are not where they were written, or cannot be reached."""
    unreached = []
    for one in remembered(home):
        try:
            ledger = ledger_of(one.file)
            for left in (*drafts_of(one.file), *drafts_of(ledger)):  # of killed processes: this one has the turn
                left.unlink()
            if one.file.exists():
                add_to_ledger(ledger, receipts)
            else:
                unreached.append(one.file)
        except OSError:
            unreached.append(one.file)
    return tuple(unreached)

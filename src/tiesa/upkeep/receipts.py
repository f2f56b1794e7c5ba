"""Receipts of erasures: what was removed, when and why, without saying who it was.

One file per erased customer in the home's folder `erasures/`; the same text stands beside every backup
(`FILE.erasures`), so that a restored backup does not bring the person back. A person is told again by the keyed hash
of their id (see contacts/erased.py), never by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tomlkit

from tiesa.core.errors import DamagedHome
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.whole_files import write_whole

FOLDER = "erasures"


@dataclass(frozen=True, slots=True)
class Receipt:
    """customer: the number that stays in the log. source, source_id: the system and the id's keyed hash. addresses:
    keyed hashes of mail and telephone. removed: rows and files by kind. finished: None while it is under way.
    version: of Tiesa."""

    customer: int
    source: str
    source_id: str
    addresses: tuple[str, ...]
    why: str
    by: str
    begun: datetime
    finished: datetime | None
    version: str
    removed: Mapping[str, int]

    @property
    def file_name(self) -> str:
        return f"{self.customer}-{self.source_id.rpartition(':')[2][:8]}.toml"


def receipts(home: Home) -> tuple[Receipt, ...]:
    """All receipts of the home, oldest first."""
    return read_ledger(home.root / FOLDER)


def read_ledger(path: Path) -> tuple[Receipt, ...]:
    """Receipts of a file or of the files of a folder, oldest first; none where there is nothing. Raises DamagedHome."""
    files = sorted(path.glob("[!.]*.toml")) if path.is_dir() else [path] if path.exists() else []
    found: list[Receipt] = []
    for file in files:
        try:
            found += [_receipt(one) for one in tomllib.loads(file.read_text("utf-8")).get("erasure", [])]
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise DamagedHome(
                _("This receipt of an erasure cannot be read"), where=str(file),
                remedy=_("Restore it from a backup, or erase the customer again"),
            ) from error  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.begun))


def keep_receipt(home: Home, receipt: Receipt) -> None:
    """Write or replace a receipt of the home."""
    write_whole(home.root / FOLDER / receipt.file_name, ledger_text([receipt]))


def add_to_ledger(path: Path, new: Iterable[Receipt]) -> None:
    """Add receipts to a file beside a backup; one of the same person is replaced."""
    held = {(one.source, one.source_id): one for one in (*read_ledger(path), *new)}
    write_whole(path, ledger_text(held.values()), mode=0o600)


def ledger_text(held: Iterable[Receipt]) -> str:
    """Receipts as TOML."""
    document = tomlkit.document()
    document.add(tomlkit.comment("Erased customers. Ids stand here as keyed hashes only; keep this file."))
    listed = tomlkit.aot()
    for one in held:
        told = {key: value for key, value in asdict(one).items() if value is not None}
        listed.append(tomlkit.item({**told, "addresses": list(one.addresses), "removed": dict(one.removed)}))
    document.add("erasure", listed)
    return tomlkit.dumps(document)


def _receipt(given: dict[str, Any]) -> Receipt:
    finished = given.get("finished")
    return Receipt(
        customer=int(given["customer"]),
        source=str(given["source"]),
        source_id=str(given["source_id"]),
        addresses=tuple(str(one) for one in given["addresses"]),
        why=str(given["why"]),
        by=str(given["by"]),
        begun=given["begun"].astimezone(UTC),
        finished=finished.astimezone(UTC) if finished else None,
        version=str(given["version"]),
        removed={str(kind): int(n) for kind, n in given["removed"].items()},
    )

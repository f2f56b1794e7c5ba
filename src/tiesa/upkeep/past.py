"""The past of a table, from its log: which file stood in which versions, when each was made, what it belongs to.

The log is read entry by entry, as only the entries say all of it: a table at one version is silent on the others.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from tiesa.contacts.log import ContactLog
from tiesa.contacts.private import Private
from tiesa.core.errors import DamagedHome
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import IMPORTABLE
from tiesa.engines.store import LOG, SEQUENCE, Store
from tiesa.journeys.evidence import journey_contact_store, journey_store
from tiesa.journeys.joining.links import FOLDER, join_store

EVIDENCE = "journey_contacts"
PRIVATE = ("identities", "pseudonyms", "texts")


@dataclass(frozen=True, slots=True)
class Life:
    """A file's: it stands in the versions from `added` until before `removed` (None: to this day)."""

    relative: str
    size: int
    rows: int
    partition: str | None
    added: int
    removed: int | None

    def stands_in(self, version: int) -> bool:
        return self.added <= version and (self.removed is None or version < self.removed)


@dataclass(frozen=True, slots=True)
class Past:
    """A table's versions 0, 1, ...: when each was made, the files of all of them, the versions of other tables that
    each names, and those versions that another program wrote (our own carry a sequence number)."""

    store: Store
    made_at: tuple[datetime, ...]
    lives: tuple[Life, ...]
    links: tuple[Mapping[str, int], ...]
    foreign: tuple[int, ...]

    @property
    def latest(self) -> int:
        return len(self.made_at) - 1

    def in_force_since(self, moment: datetime) -> range:
        """The versions that were the latest one at `moment` or later."""
        first = next((v for v in range(self.latest) if self.made_at[v + 1] > moment), max(self.latest, 0))
        return range(first, self.latest + 1)

    def files(self, versions: Collection[int]) -> tuple[Life, ...]:
        """The files that stand in any of these versions."""
        return tuple(life for life in self.lives if any(life.stands_in(v) for v in versions))


def tables(home: Home) -> dict[str, Store]:
    """Every table of the home but the private ones, by its folder; only those that exist."""
    log = ContactLog(home)
    stores = {table.plural: log.store(table) for table in IMPORTABLE}
    stores |= {FOLDER: join_store(home), "journeys": journey_store(home), EVIDENCE: journey_contact_store(home)}
    return {folder: store for folder, store in stores.items() if store.exists}


def private_tables(home: Home) -> dict[str, Store]:
    """The private tables that exist, by their folder."""
    private = Private(home)
    stores = zip(PRIVATE, (private.identities, private.pseudonyms, private.words), strict=True)
    return {f"private/{folder}": store for folder, store in stores if store.exists}


def past(store: Store, until: int | None = None) -> Past:
    """The table's past, to its latest version or another. Raises DamagedHome where an entry is missing or broken."""
    latest = max((int(e.stem) for e in (store.root / LOG).glob("*.json") if e.stem.isdecimal()), default=-1)
    made_at: list[datetime] = []
    links: list[Mapping[str, int]] = []
    lives: dict[str, Life] = {}
    foreign: list[int] = []
    for version in range((latest if until is None else until) + 1):
        at, named = datetime.fromtimestamp(0, UTC), dict(links[-1]) if links else {}
        ours = version == 0
        for kind, action in _actions(store, version):
            if kind == "commitInfo":
                at = datetime.fromtimestamp(action["timestamp"] / 1000, UTC)
            elif kind == "add":
                life = _life(action, store.partition_column, version)
                lives[life.relative] = life
            elif kind == "remove":
                path = unquote(action["path"])
                if path in lives:
                    lives[path] = replace(lives[path], removed=version)
            elif kind == "txn":
                ours |= action["appId"] == SEQUENCE
                if action["appId"] in store.links:
                    named[action["appId"]] = action["version"]
        made_at.append(at)
        links.append(named)
        if not ours:
            foreign.append(version)
    return Past(store, tuple(made_at), tuple(lives.values()), tuple(links), tuple(foreign))


def _actions(store: Store, version: int) -> Iterator[tuple[str, dict[str, Any]]]:
    path = store.entry(version)
    try:
        for line in path.read_text("utf-8").splitlines():
            yield from json.loads(line).items()
    except (OSError, ValueError) as error:
        raise DamagedHome(
            _("An entry of this table's log is missing or broken"),
            where=str(path),
            remedy=_("Restore the home from a backup (`tiesa restore`)"),
        ) from error


def _life(action: dict[str, Any], column: str, version: int) -> Life:
    rows = json.loads(action["stats"])["numRecords"] if action.get("stats") else 0
    partition = action["partitionValues"].get(column) or None
    return Life(unquote(action["path"]), action["size"], rows, partition, version, None)

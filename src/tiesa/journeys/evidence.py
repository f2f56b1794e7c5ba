"""What an evidence number names: the files of annotated contacts and of journeys that belong together.

Two tables, `journeys` and `journey_contacts`. Journeys are committed first; the commit of journey_contacts then names
their version and the version of the log, so that its own version is the *evidence number*: readers who open it see
rows, journeys and build facts that belong together.

Each table has two layers. `base` is what the last full build wrote. `recent` holds the customers that were made anew
since, whole: who stands there is not read from base, nor who has no contacts any more (`gone`, among the facts: whose
contacts were taken back, or who was joined with somebody else).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tiesa.core.errors import EmptyHome, UnknownVersion
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import JOURNEY, JOURNEY_CONTACT
from tiesa.engines.duckdb import parquet
from tiesa.engines.store import Store, Version
from tiesa.journeys.rules import Rules, parse_rules

LAYER = "layer"
LINKS = ("contacts", "journeys", "joins")
"""Tables whose version a commit of journey_contacts names; joins only where there are any."""
BASE = "base"
RECENT = "recent"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One consistent view: the files of rows and of journeys that one evidence number names, layer by layer."""

    version: int
    contacts_version: int
    journeys_version: int
    joins_version: int | None
    rows: tuple[Path, ...]
    journeys: tuple[Path, ...]
    recent_rows: tuple[Path, ...]
    recent_journeys: tuple[Path, ...]
    facts: dict[str, Any]
    is_layered: bool = True

    @property
    def rows_sql(self) -> str:
        """SQL that reads the annotated contacts."""
        return self._merged(parquet(self.rows, JOURNEY_CONTACT), self.recent_rows)

    @property
    def journeys_sql(self) -> str:
        """SQL that reads the journeys."""
        return self._merged(parquet(self.journeys, JOURNEY), self.recent_journeys)

    @property
    def recent_customers_sql(self) -> str:
        """SQL of the customers whom base does not tell of any more (customer_key)."""
        return replaced_customers(parquet(self.recent_journeys, JOURNEY), self.gone)

    @property
    def gone(self) -> tuple[int, ...]:
        """Customers of base without a contact now."""
        return tuple(self.facts.get("gone", ())) if self.is_layered else ()

    @property
    def replaced_sql(self) -> str:
        """SQL that reads the annotated contacts of base in whose place others stand now."""
        return (
            f"(from {parquet(self.rows, JOURNEY_CONTACT)} semi join {self.recent_customers_sql} using (customer_key))"
        )

    def _merged(self, base: str, recent: tuple[Path, ...]) -> str:
        if not self.recent_journeys and not self.gone:
            return base
        added = f" union all from {parquet(recent)}" if recent else ""
        return f"(from {base} anti join {self.recent_customers_sql} using (customer_key){added})"

    @property
    def last_contact(self) -> datetime:
        return datetime.fromisoformat(self.facts["last_contact"])

    @property
    def rules(self) -> Rules:
        """The rules these journeys were made by."""
        return parse_rules(self.facts["rules_toml"], where=f"evidence {self.version}")


def replaced_customers(recent: str, gone: Sequence[int]) -> str:
    """SQL of the customers (customer_key) whom base does not tell of: those of the recent layer, and those gone."""
    without = f" union select unnest([{', '.join(map(str, gone))}]::bigint[])" if gone else ""
    return f"(select distinct customer_key from {recent}{without})"


def journey_store(home: Home) -> Store:
    return Store(home.root / "journeys", JOURNEY.schema, LAYER)


def journey_contact_store(home: Home) -> Store:
    return Store(home.root / "journey_contacts", JOURNEY_CONTACT.schema, LAYER, links=LINKS)


def evidence(home: Home, version: int | None = None) -> Evidence:
    """What an evidence number names (the latest where none is given).

    Raises: EmptyHome before the first build; UnknownVersion for a number that is not there, or was swept away.
    """
    home.check()
    store = journey_contact_store(home)
    latest = store.version()
    if latest.number < 1:
        raise EmptyHome(_("This home has no journeys yet"), where=str(home.root), remedy=_("Run `tiesa build` first"))
    number = latest.number if version is None else version
    if not 1 <= number <= latest.number:
        what = _("There is no evidence {n}; the latest is {latest}").format(n=number, latest=latest.number)
        raise UnknownVersion(what, where=str(home.root))
    rows = latest if number == latest.number else store.version(number)
    journeys = journey_store(home).version(rows.linked["journeys"])
    found = Evidence(
        version=number,
        contacts_version=rows.linked["contacts"],
        journeys_version=journeys.number,
        joins_version=rows.linked["joins"] or None,
        rows=_paths(rows, BASE),
        journeys=_paths(journeys, BASE),
        recent_rows=_paths(rows, RECENT),
        recent_journeys=_paths(journeys, RECENT),
        facts=store.facts(number)[0],
    )
    if version is not None and not all(f.path.exists() for f in (*rows.files, *journeys.files)):
        raise UnknownVersion(
            _("Evidence {n} was swept away").format(n=number),
            where=str(home.root),
            remedy=_("Pin what is to be kept before `tiesa vacuum` sweeps it away"),
        )
    return found


def _paths(version: Version, layer: str) -> tuple[Path, ...]:
    return tuple(f.path for f in version.current(layer))

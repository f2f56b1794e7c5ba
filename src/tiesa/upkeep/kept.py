"""The files that hold the log's rows: of what stands, and of what is pinned."""

from __future__ import annotations

from pathlib import Path

from tiesa.contacts.log import ContactLog
from tiesa.core.columns import Table
from tiesa.core.home import Home
from tiesa.core.tables import IMPORTABLE
from tiesa.upkeep.pins import pinned_versions, pins


def kept_files(home: Home) -> dict[Table, list[Path]]:
    """The files of every table that speaks of customers: those of the latest version and of the pinned ones."""
    log, pinned = ContactLog(home), pinned_versions(pins(home))
    found: dict[Table, list[Path]] = {}
    for table in IMPORTABLE:
        store = log.store(table)
        if "customer_key" not in table or not store.exists:
            continue
        versions = (None, *sorted(pinned.get(table.plural, ())))
        paths = {f.path for version in versions for f in store.version(version).files}
        if existing := sorted(path for path in paths if path.exists()):
            found[table] = existing
    return found

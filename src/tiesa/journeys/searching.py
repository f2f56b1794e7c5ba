"""Finding a customer by what somebody remembers of them: a name, an address, a number.

Every name is folded once for as long as nobody's name changes, and held in memory for all who search: folding costs
more than looking through what is folded. It never touches the disk.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Any

import pyarrow as pa

from tiesa.contacts.private import CASE_PREFIX, Private
from tiesa.core.folding import folded, folded_sql
from tiesa.core.tables import IDENTITY
from tiesa.engines.duckdb import engine, literal, parquet, table_of
from tiesa.journeys.joining.links import joins_at, of_persons, read_persons
from tiesa.journeys.view import View

_WHOLE = "concat_ws(' ', source_id, name, mail, phone)"
_lock = threading.Lock()
_kept: dict[Hashable, pa.Table] = {}


def customers_found(view: View, words: str, *, limit: int = 20) -> list[dict[str, Any]]:
    """Customers whose id, name, address or telephone number has these words, as far as the scope goes.

    Case, accents and the two Serbian scripts do not matter. Where the scope shows no names, only the number does.
    Returns: customer_key, source_id, name, contacts, last_at, waiting (journeys in which it is our turn).
    """
    wanted = folded(words)
    if not wanted:
        return []
    number = f"customer_key = {int(wanted)}" if wanted.isdecimal() and len(wanted) < 18 else "false"
    condition = number
    if view.scope.names:
        view.connection.register("searched", searched(view))
        parts = [f"contains(words, {literal(part)})" for part in wanted.split()]
        within = "" if view.scope.sees_everything else " semi join in_scope using (customer_key)"
        condition, source = f"({number} or ({' and '.join(parts)}))", f"(from searched{within})"
    else:
        source = "(select distinct customer_key, null::varchar as source_id, null::varchar as name from all_journeys)"
    found = view.table(
        f"with found as (select customer_key, min(source_id) as source_id, min(name) as name from {source} "
        f"where {condition} group by 1 order by 2, 1 limit {int(limit)}) "
        "select f.customer_key, f.source_id, f.name, sum(j.contacts)::bigint as contacts, max(j.end_at) as last_at, "
        "count(*) filter (j.waiting_for = 'us') as waiting from found f "
        "join all_journeys j using (customer_key) group by all order by f.source_id, f.customer_key",
    )
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


def searched(view: View) -> pa.Table:
    """Everybody whom the home knows, whatever the view's scope: customer_key, source_id, name, words (folded)."""
    files = tuple(str(f.path) for f in Private(view.home).identities.version().current())
    key = (files, view.evidence.joins_version)
    with _lock:  # whoever comes second waits, and has it
        if key not in _kept:
            _kept.clear()
            _kept[key] = _folded(view, files)
        return _kept[key]


def _folded(view: View, files: tuple[str, ...]) -> pa.Table:
    with engine(spill=view.home.spill) as connection:
        source = f"(from {parquet(files, IDENTITY)} where not starts_with(source_id, {literal(CASE_PREFIX)}))"
        if read_persons(connection, joins_at(view.home, view.evidence.joins_version)):
            source = of_persons(source)
        return table_of(
            connection, f"select customer_key, source_id, name, {folded_sql(_WHOLE)} as words from {source}"
        )

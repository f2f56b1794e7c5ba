"""Rows of figures as Arrow tables: a share never without its bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from tiesa.core.intervals import share

SHARE = ("share", "low", "high")


def bounded(count: int, n: int, names: tuple[str, str, str] = SHARE) -> dict[str, float | None]:
    """A share and the bounds of its Wilson interval under these names; all null where n is 0.

    >>> bounded(0, 0)
    {'share': None, 'low': None, 'high': None}
    """
    found = share(count, n)
    bounds = (found.value, found.interval.low, found.interval.high) if n else (None, None, None)
    return dict(zip(names, bounds, strict=True))


def rows_table(
    rows: list[dict[str, Any]], words: Sequence[str], counts: Sequence[str], shares: Sequence[str] = SHARE
) -> pa.Table:
    """Rows as a table with columns of words, whole numbers and shares, in this order."""
    kinds = ((words, pa.string()), (counts, pa.int64()), (shares, pa.float64()))
    return pa.Table.from_pylist(rows, pa.schema([(name, kind) for names, kind in kinds for name in names]))

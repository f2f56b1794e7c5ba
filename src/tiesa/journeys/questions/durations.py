"""Medians and ninth deciles of many groups at once, exact, each with the interval of its median."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tiesa.core.intervals import quantile_ranks
from tiesa.engines.duckdb import literal, name
from tiesa.journeys.arrow_views import whole_numbers_of
from tiesa.journeys.view import View

FIGURES = pa.schema(
    [
        ("n", pa.int64()),
        ("total_s", pa.float64()),
        ("median_s", pa.float64()),
        ("low_s", pa.float64()),
        ("high_s", pa.float64()),
        ("p90_s", pa.float64()),
    ]
)
"""What is known of the durations of a group, in seconds: low_s, high_s bound the median (null: too few values)."""
_SECOND = 1_000_000
_LONGEST = 1 << 50
_FEW_WORDS = 200
_MOST_CODES = 1 << 22
"""Groups that may be counted in an array; beyond, they are sorted."""


@dataclass(frozen=True)
class Spans:
    """Durations read once, with the groups they belong to: figures by any of the groups' columns.

    words: per column its values, sorted, None last where met, those without a duration among them. codes: per column
    the place of each duration's value among its words. values: per column of seconds the whole microseconds, aligned
    with the codes.
    """

    words: dict[str, list[Any]]
    codes: dict[str, NDArray[np.int64]]
    values: dict[str, NDArray[np.int64]]

    def figures(self, by: Sequence[str] = (), value: str = "s") -> pa.Table:
        """The columns of `by`, then FIGURES of that value, longest total first."""
        codes = np.zeros(len(self.values[value]), np.int64)
        for column in by:
            codes = codes * len(self.words[column]) + self.codes[column]
        groups, dense = _dense(codes, int(np.prod([len(self.words[c]) for c in by], dtype=np.float64)))
        found = by_group(dense, self.values[value], len(groups))
        table, rest = found, groups
        for column in reversed(by):
            rest, place = np.divmod(rest, len(self.words[column]))
            table = table.add_column(0, column, pa.array([self.words[column][i] for i in place.tolist()]))
        return table.sort_by([("total_s", "descending"), *((c, "ascending") for c in by)])


def spans(view: View, sql: str, by: Sequence[str] = (), values: Sequence[str] = ("s",)) -> Spans:
    """Read the durations of a query.

    Args: sql: a query with the columns of `by` and of `values`, seconds; rows without the first value do not count,
    and the others must be there where it is. Words travel as numbers, so the query may be a large one.
    """
    types = dict(view.rows(f"select column_name, column_type from (describe {sql})"))
    words: dict[str, list[Any]] = {}
    selected = []
    for column in by:
        found = [w for (w,) in view.rows(f"select distinct {name(column)} from ({sql}) order by 1 nulls last")]
        words[column] = found or [None]
        selected.append(f"{_place(view, column, types[column], found)} as {name(column)}")
    selected += [f"round({name(v)}::double * {_SECOND})::bigint as {name(v)}" for v in values]
    read = view.table(f"select {', '.join(selected)} from ({sql}) as given where {name(values[0])} is not null")
    numbers = {column: whole_numbers_of(read[column].combine_chunks(), pa.int64()) for column in (*by, *values)}
    return Spans(words, {c: numbers[c] for c in by}, {v: numbers[v] for v in values})


def _place(view: View, column: str, kind: str, words: Sequence[Any]) -> str:
    """SQL: the place of a column's value among its words, null being the last."""
    last = len(words) - 1
    if not words or words == [None]:
        return "0::integer"
    if kind == "VARCHAR":
        listed = ", ".join(literal(word) for word in words if word is not None)
        if len(words) <= _FEW_WORDS:  # found once per word of a Parquet dictionary, not once per row
            return f"coalesce(list_position([{listed}], {name(column)}) - 1, {last})::integer"
        view.connection.execute(f"create or replace temp type {name('span ' + column)} as enum ({listed})")
        return f"coalesce(enum_code({name(column)}::{name('span ' + column)}), {last})::integer"
    places = pa.table({"word": pa.array(words), "place": pa.array(range(len(words)), pa.int32())})
    view.connection.register(f"span {column}", places)
    return f"(select p.place from {name('span ' + column)} p where p.word is not distinct from given.{name(column)})"


def _dense(codes: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The codes that occur, ascending, and each code's place among them."""
    if size > _MOST_CODES:
        groups, dense = np.unique(codes, return_inverse=True)
        return groups, np.asarray(dense, np.int64)
    groups = np.flatnonzero(np.bincount(codes, minlength=size)) if len(codes) else np.zeros(0, np.int64)
    places = np.zeros(size, np.int64)
    places[groups] = np.arange(len(groups))
    return groups, places[codes]


def durations(view: View, sql: str, by: Sequence[str] = ()) -> pa.Table:
    """Durations per group, longest total first.

    Args: sql: a query with the columns of `by` and `s`, seconds (rows with a null s do not count).
    Returns: the columns of `by`, then FIGURES; without groups always one row. Quantiles are discrete (a value that
    occurred), so exact on every engine; the interval of the median is that of Campbell and Gardner
    (`core.intervals.quantile_ranks`).
    """
    read = spans(view, sql, by)
    return read.figures(by) if by else figures(read.values["s"])


def figures(microseconds: NDArray[np.int64]) -> pa.Table:
    """One row of FIGURES for one group."""
    return by_group(np.zeros(len(microseconds), np.int64), microseconds, 1)


def by_group(codes: NDArray[np.int64], microseconds: NDArray[np.int64], groups: int) -> pa.Table:
    """FIGURES of groups 0 .. groups - 1, in that order.

    >>> by_group(np.array([0, 0, 1]), np.array([1_000_000, 3_000_000, 5_000_000]), 2)["median_s"].to_pylist()
    [1.0, 5.0]
    """
    ordered = _sorted(codes, microseconds, groups)
    counts = np.bincount(codes, minlength=groups)
    ends = np.cumsum(counts)
    rows = [_of_group(ordered[end - n : end]) for end, n in zip(ends.tolist(), counts.tolist(), strict=True)]
    return pa.Table.from_pylist(rows, FIGURES)


def _sorted(codes: NDArray[np.int64], microseconds: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """The durations sorted by group, then length; both packed into one number where they fit, which sorts fastest."""
    if groups <= (1 << 63) // _LONGEST and (not len(microseconds) or int(microseconds.max()) < _LONGEST):
        packed = codes * _LONGEST
        packed += microseconds
        packed.sort()
        packed &= _LONGEST - 1
        return packed
    return np.asarray(microseconds[np.lexsort((microseconds, codes))])


def _of_group(ordered: NDArray[np.int64]) -> dict[str, Any]:
    n = len(ordered)
    if not n:
        return {"n": 0, "total_s": 0.0}
    at = [int(np.ceil(n * quantile)) - 1 for quantile in (0.5, 0.9)]
    ranks = quantile_ranks(n, 0.5)
    bounds = [ordered[rank - 1] / _SECOND for rank in ranks] if ranks else [None, None]
    median, p90 = (ordered[i] / _SECOND for i in at)
    total = float(ordered.sum(dtype=np.float64)) / _SECOND
    return dict(zip(FIGURES.names, (n, total, median, *bounds, p90), strict=True))


def largest(table: pa.Table, column: str) -> dict[str, Any] | None:
    """The row with the largest value of a column; None where there is none."""
    if not table.num_rows or table[column].null_count == table.num_rows:
        return None
    best = pc.index(table[column], pc.max(table[column])).as_py()
    row: dict[str, Any] = table.slice(best, 1).to_pylist()[0]
    return row

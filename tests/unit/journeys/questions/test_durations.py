"""Durations of groups are those of a plain computation, whatever the groups' columns hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from math import ceil
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.journeys.questions.desk import contact, home_of

from tiesa.core.intervals import quantile_ranks
from tiesa.journeys.questions.durations import FIGURES, by_group, durations, figures
from tiesa.journeys.view import View, open_view

WORDS = st.none() | st.sampled_from(["e-mail", "it's", 'a "b"', "ž", "", "null", "E-Mail"])
ROW = st.fixed_dictionaries(
    {
        "word": WORDS,
        "number": st.none() | st.integers(-3, 3),
        "flag": st.none() | st.booleans(),
        "place": st.integers(0, 2),
        "s": st.none() | st.integers(0, 10**13).map(lambda microseconds: microseconds / 1_000_000),
    }
)
TYPES = pa.schema(
    [("word", pa.string()), ("number", pa.int32()), ("flag", pa.bool_()), ("place", pa.int64()), ("s", pa.float64())]
)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    home = home_of([contact("03-03 09:00", "a", "inbound", "email")], tmp_path_factory.mktemp("durations"))
    with open_view(home) as opened:
        yield opened


def plain(values: list[float]) -> dict[str, Any]:
    """The figures of one group, computed in the plainest way."""
    ordered, n = sorted(values), len(values)
    if not n:
        return {"n": 0, "total_s": 0.0, "median_s": None, "low_s": None, "high_s": None, "p90_s": None}
    ranks = quantile_ranks(n, 0.5)
    low, high = (ordered[rank - 1] for rank in ranks) if ranks else (None, None)
    median, p90 = ordered[ceil(n / 2) - 1], ordered[ceil(9 * n / 10) - 1]
    return {"n": n, "total_s": sum(ordered), "median_s": median, "low_s": low, "high_s": high, "p90_s": p90}


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for column in FIGURES.names:
        assert found[column] == (None if expected[column] is None else pytest.approx(expected[column], abs=2e-6)), (
            column
        )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, max_size=40), by=st.sets(st.sampled_from(TYPES.names[:-1]), min_size=1).map(sorted))
def test_groups_by_any_columns_have_the_figures_of_a_plain_computation(
    view: View, rows: list[dict[str, Any]], by: list[str]
) -> None:
    view.connection.register("given_rows", pa.Table.from_pylist(rows, TYPES))
    found = durations(view, "select * from given_rows", by)

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(row[column] for column in by)

    counted = sorted((r for r in rows if r["s"] is not None), key=lambda r: repr(key(r)))
    expected = {k: plain([r["s"] for r in group]) for k, group in groupby(counted, key=key)}
    assert found.column_names == [*by, *FIGURES.names]
    assert {key(row) for row in found.to_pylist()} == set(expected)
    assert found.num_rows == len(expected)
    for row in found.to_pylist():
        same(row, expected[key(row)])
    totals = found["total_s"].to_pylist()
    assert totals == sorted(totals, reverse=True)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1 << 52)), max_size=60))
def test_groups_by_number_have_the_figures_of_a_plain_computation(pairs: list[tuple[int, int]]) -> None:
    """Also of durations too long to be sorted the quick way, and of groups in which there is none."""
    codes, values = (np.array([pair[i] for pair in pairs], np.int64) for i in (0, 1))
    found = by_group(codes, values, 6).to_pylist()
    for group in range(6):
        expected = plain([value / 1_000_000 for code, value in pairs if code == group])
        assert found[group]["n"] == expected["n"]
        for column in ("total_s", "median_s", "low_s", "high_s", "p90_s"):
            assert found[group][column] == (None if expected[column] is None else pytest.approx(expected[column]))


def test_without_groups_there_is_always_one_row(view: View) -> None:
    (row,) = durations(view, "select 5.0 as s where false").to_pylist()
    same(row, plain([]))
    (row,) = durations(view, "select unnest([3.0, null, 1.0]) as s").to_pylist()
    same(row, plain([1, 3]))
    (row,) = figures(np.array([3_000_000, 1_000_000])).to_pylist()
    same(row, plain([1, 3]))


def test_hand_worked_figures_of_ten_waits(view: View) -> None:
    """1 to 10 s: median the 5th, ninth decile the 9th; 10/2 -+ 1.96 sqrt(10)/2 = 1.9 and 8.1 + 1: ranks 2 and 9."""
    (row,) = durations(view, "select unnest(range(1, 11))::double as s").to_pylist()
    assert row == {"n": 10, "total_s": 55.0, "median_s": 5.0, "low_s": 2.0, "high_s": 9.0, "p90_s": 9.0}


def test_thousands_of_groups_keep_apart(view: View) -> None:
    """More groups than the quick sort holds; each has its own two durations, x and x + 2."""
    found = durations(view, "select x // 2 as g, (x // 2 + 2 * (x % 2))::double as s from range(20000) r(x)", ("g",))
    assert found.num_rows == 10_000
    assert all(
        (row["n"], row["median_s"], row["total_s"]) == (2, row["g"], 2 * row["g"] + 2) for row in found.to_pylist()
    )

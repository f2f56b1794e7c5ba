"""What is withheld cannot be worked out from what is told."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from tiesa.core.small_groups import FEWEST, is_small, withheld


@given(st.lists(st.integers(0, 12), max_size=30))
def test_no_small_cell_is_told_and_no_sum_gives_one_away(counts: list[int]) -> None:
    hidden = withheld(counts)
    assert {i for i, n in enumerate(counts) if is_small(n)} <= hidden
    if hidden and len(hidden) < sum(n > 0 for n in counts):
        assert len(hidden) >= 2
        assert sum(counts[i] for i in hidden) >= FEWEST
    assert not hidden or any(is_small(n) for n in counts)


@given(st.lists(st.lists(st.integers(0, 12), min_size=4, max_size=4), min_size=1, max_size=6))
def test_neither_rows_nor_columns_of_a_table_give_a_cell_away(table: list[list[int]]) -> None:
    counts = [n for row in table for n in row]
    rows = [i for i, row in enumerate(table) for _n in row]
    columns = [j for row in table for j, _n in enumerate(row)]
    hidden = withheld(counts, [rows, columns])
    for margin in (rows, columns):
        groups = defaultdict(list)
        for i, name in enumerate(margin):
            if counts[i]:
                groups[name].append(i)
        for group in groups.values():
            gone = [i for i in group if i in hidden]
            assert not gone or len(gone) == len(group) or (len(gone) > 1 and sum(counts[i] for i in gone) >= FEWEST)


def test_nothing_is_withheld_where_every_group_is_large_enough() -> None:
    assert withheld([5, 6, 0, None, 900]) == frozenset()

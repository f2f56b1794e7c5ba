"""Small groups: which cells of a table may not be told to those who may see figures only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Sequence

FEWEST = 5
"""A group of fewer than so many is nobody's business but of those who may see single customers."""


def is_small(count: float | None) -> bool:
    """Is it a group, and of too few? None counted is no group.

    >>> [is_small(n) for n in (0, 1, 4, 5, None)]
    [False, True, True, False, False]
    """
    return count is not None and 0 < count < FEWEST


def withheld(
    counts: Sequence[float | None],
    margins: Sequence[Sequence[Hashable]] | None = None,
    *,
    besides: Collection[int] = (),
) -> frozenset[int]:
    """The places of cells that are not told: the small ones, and as many others as keep these from being worked out.

    A small cell that stands alone beside a known total is the total less the rest. So in each group of cells whose sum
    may be known, at least two cells are withheld, of FEWEST together, or all there are: the smallest others are added
    until that holds in every group at once.

    Args: counts: of each cell (None: not known). margins: per margin the group of each cell, None for a cell that is
        in no sum of that margin; one sum of all cells where none are given. besides: places withheld for other reasons.
    Source: Willenborg & de Waal (2001), Elements of Statistical Disclosure Control (complementary suppression).

    >>> sorted(withheld([3, 40, 7, 12]))
    [0, 2]
    >>> sorted(withheld([9, 40, 7, 12]))
    []
    >>> sorted(withheld([1, 1, 40, 7]))
    [0, 1, 3]
    """
    hidden = {i for i, count in enumerate(counts) if is_small(count)} | set(besides)
    groups: list[list[int]] = []
    for margin in margins if margins is not None else [[0] * len(counts)]:
        members: dict[Hashable, list[int]] = defaultdict(list)
        for i, name in enumerate(margin):
            if name is not None and counts[i]:
                members[name].append(i)
        groups += members.values()
    grows = bool(hidden)
    while grows:
        grows = False
        for group in groups:
            inside = [i for i in group if i in hidden]
            others = sorted((i for i in group if i not in hidden), key=lambda i: (counts[i] or 0, i))
            while inside and others and (len(inside) < 2 or sum(counts[i] or 0 for i in inside) < FEWEST):
                inside.append(others.pop(0))
                hidden.add(inside[-1])
                grows = True
    return frozenset(hidden)

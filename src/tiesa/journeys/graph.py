"""The figures of the process map: which touchpoint follows which, how often, and how long it takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tiesa.core import formats
from tiesa.core.enums import WaitOwner
from tiesa.core.locale import _
from tiesa.journeys.held import is_made_up
from tiesa.journeys.questions.durations import durations
from tiesa.journeys.view import View
from tiesa.pictures.process_figures import Edge, Node, ProcessMap
from tiesa.pictures.small_groups import process_without_few


def process_map(view: View, *, title: str = "", withhold_few: bool = False) -> ProcessMap:
    """The process map of a view, internal steps included.

    An edge is a touchpoint right after another in the same journey; its time is the gap between them (median with the
    interval of Campbell and Gardner, gaps taken as independent), its owner whoever most of these gaps were a wait for.
    withhold_few: without small groups, for those who may see figures only.
    """
    contacts, journeys = view.one("select (select count(*) from rows), (select count(*) from journeys)")
    edges = _edges(view)
    made = ProcessMap(
        title=title or view.selection.in_words()[:1].upper() + view.selection.in_words()[1:],
        answer=_answer(edges),
        nodes=_nodes(view),
        edges=edges,
        journeys=journeys,
        contacts=contacts,
        as_of=view.now,
        made_up=is_made_up(view),
    )
    if not withhold_few:
        return made
    told = process_without_few(made)
    return replace(told, answer=_answer(told.edges))


def _nodes(view: View) -> tuple[Node, ...]:
    passed = view.rows(
        "select touchpoint, sum(n)::bigint, count(*) from (select touchpoint, customer_key, journey_no, count(*) as n "
        "from rows group by all) group by 1 order by 2 desc, 1"
    )
    starts = dict(view.rows("select start_touchpoint, count(*) from journeys group by 1"))
    ends = dict(view.rows("select end_touchpoint, count(*) from journeys group by 1"))
    return tuple(Node(name, n, journeys, starts.get(name, 0), ends.get(name, 0)) for name, n, journeys in passed)


def _edges(view: View) -> tuple[Edge, ...]:
    followed = "from rows where previous_touchpoint is not null"
    by = ("previous_touchpoint", "touchpoint")
    found = durations(view, f"select {', '.join(by)}, gap_s as s {followed}", by)
    owners = {
        (before, after): owner
        for before, after, owner in view.rows(
            "select previous_touchpoint, touchpoint, arg_max(wait_owner, row(n, wait_owner)) from (select "
            f"previous_touchpoint, touchpoint, wait_owner, count(*) as n {followed} and wait_owner is not null "
            "group by all) "
            "group by all"
        )
    }
    edges = [_edge(row, owners) for row in found.to_pylist()]
    return tuple(sorted(edges, key=lambda edge: (-edge.n, edge.from_node, edge.to_node)))


def _edge(row: dict[str, Any], owners: dict[tuple[str, str], str]) -> Edge:
    pair = (row["previous_touchpoint"], row["touchpoint"])
    owner = owners.get(pair)
    return Edge(
        *pair, row["n"], row["median_s"], row["low_s"], row["high_s"], None if owner == WaitOwner.UNKNOWN else owner
    )


def _answer(edges: tuple[Edge, ...]) -> str:
    between = [e for e in edges if e.from_node != e.to_node and e.median_s is not None]
    if not between:
        return ""
    longest = max(between, key=lambda edge: (edge.median_s or 0.0) * edge.n)
    return _("Most time goes by between “{before}” and “{after}”: {median} ({interval}, n {n}).").format(
        interval=_("too few for an interval")
        if longest.low_s is None
        else formats.between(formats.length(longest.low_s), formats.length(longest.high_s)),
        before=longest.from_node,
        after=longest.to_node,
        median=formats.length(longest.median_s),
        n=formats.number(longest.n),
    )

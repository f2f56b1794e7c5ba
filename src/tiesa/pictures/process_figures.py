"""The figures of a process map: touchpoints, what follows what, and which of it a given detail shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import heappop, heappush
from math import ceil
from typing import TYPE_CHECKING

from tiesa.core import formats
from tiesa.core.enums import WaitOwner
from tiesa.core.intervals import share
from tiesa.core.locale import _, ngettext
from tiesa.pictures.journey_map_text import owner_words
from tiesa.pictures.layered_layers import flow_order

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Node:
    """A touchpoint: its contacts, the journeys that pass it, and how many of these begin and end there (None where that
    may not be told)."""

    name: str
    contacts: int
    journeys: int
    starts: int | None
    ends: int | None


@dataclass(frozen=True, slots=True)
class Edge:
    """One touchpoint right after another: how often (n), the median gap with its 95 % bounds in seconds (None: too few
    or not known), and the most frequent owner of the wait (a `WaitOwner`, None where it is not known)."""

    from_node: str
    to_node: str
    n: int
    median_s: float | None = None
    low_s: float | None = None
    high_s: float | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """What a simplified map was taken from, and the touchpoints whose line from start or to end it draws.

    flow: all touchpoints in the order that most of the whole map's steps follow.
    """

    nodes: int
    edges: int
    transitions: int
    entries: frozenset[str]
    exits: frozenset[str]
    flow: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessMap:
    """Which touchpoint follows which. title, answer: what it shows, and what it says in one sentence. as_of: of the
    last contact counted. whole: set by `simplified`. withheld: a sentence about what may not be told, if anything."""

    title: str
    answer: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    journeys: int
    contacts: int
    as_of: datetime
    made_up: bool = False
    whole: Whole | None = None
    withheld: str = ""

    def __post_init__(self) -> None:
        names = {node.name for node in self.nodes}
        if len(names) < len(self.nodes):
            raise ValueError("two nodes have the same name")
        pairs = {(edge.from_node, edge.to_node) for edge in self.edges}
        if len(pairs) < len(self.edges):
            raise ValueError("two edges run from and to the same nodes")
        if missing := {name for pair in pairs for name in pair} - names:
            raise ValueError(f"edges name nodes that are not given: {sorted(missing)}")

    @property
    def transitions(self) -> int:
        """How often one contact follows another, over all edges here."""
        return sum(edge.n for edge in self.edges)

    @property
    def entries(self) -> frozenset[str]:
        """Touchpoints whose line from the start is drawn."""
        return self.whole.entries if self.whole else frozenset(node.name for node in self.nodes if node.starts)

    @property
    def exits(self) -> frozenset[str]:
        """Touchpoints whose line to the end is drawn."""
        return self.whole.exits if self.whole else frozenset(node.name for node in self.nodes if node.ends)

    @property
    def flow(self) -> tuple[str, ...]:
        """All touchpoints in the order that most steps follow.

        Of a simplified map, most steps of the whole, so that less detail never turns a line around.
        """
        if self.whole:
            return self.whole.flow
        links = _links(self)
        places = sorted({node.name for node in self.nodes})
        number: dict[_Place, int] = {(name,): i for i, name in enumerate(places, 1)}
        number |= {_START: 0, _END: len(places) + 1}
        ends = [(number[tail], number[head], float(n)) for tail, head, n in links if tail != head]
        ordered = flow_order(len(number), ends)
        return tuple(places[place - 1] for place in ordered if 0 < place <= len(places))

    def simplified(self, *, detail: float) -> ProcessMap:
        """The map with its most frequent part: 0 is the backbone, 1 everything; more detail only ever adds.

        Kept are the strongest way from start to end, the most frequent touchpoints (a share `detail` of all), for each
        of these the strongest links that bring it there from the start and on to the end, its strongest link in and
        out, and the most frequent links (a share `detail` squared). So every touchpoint kept lies on a way from start
        to end; one that cannot be reached is left out below detail 1.

        Raises: ValueError if detail is outside 0 to 1.
        """
        if not 0 <= detail <= 1:
            raise ValueError(f"detail must be between 0 and 1, not {detail}")
        before = self.whole or Whole(
            len(self.nodes), len(self.edges), self.transitions, self.entries, self.exits, self.flow
        )
        if detail == 1:
            return replace(self, whole=before)
        links = _links(self)
        into, onward = _strongest(links, _START), _strongest([(b, a, n) for a, b, n in links], _END)
        kept, drawn = _backbone(self, into, onward, round(detail * len(self.nodes)))
        drawn |= {(a, b) for a, b, _n in links[: ceil(detail * detail * len(links))]}
        drawn |= _strongest_at_each(links)
        inside = kept | {_START, _END}
        drawn = {(a, b) for a, b in drawn if a in inside and b in inside}
        return replace(
            self,
            nodes=tuple(node for node in self.nodes if (node.name,) in kept),
            edges=tuple(edge for edge in self.edges if ((edge.from_node,), (edge.to_node,)) in drawn),
            whole=replace(
                before,
                entries=frozenset(b[0] for a, b in drawn if a == _START and b != _END),
                exits=frozenset(a[0] for a, b in drawn if b == _END and a != _START),
            ),
        )

    @property
    def hidden(self) -> str:
        """What a simplified map leaves out, and what may not be told; empty when it draws everything."""
        return " ".join(filter(None, (self._rarer(), self.withheld)))

    def _rarer(self) -> str:
        if self.whole is None or (len(self.nodes), len(self.edges)) == (self.whole.nodes, self.whole.edges):
            return ""
        drawn = share(self.transitions, self.whole.transitions)
        return _(
            "Drawn: {nodes} of {all_nodes} touchpoints and {edges} of {all_edges} links between them, "
            "with {share} of {transitions} steps from one contact to the next."
        ).format(
            nodes=formats.number(len(self.nodes)),
            all_nodes=formats.number(self.whole.nodes),
            edges=formats.number(len(self.edges)),
            all_edges=formats.number(self.whole.edges),
            share=formats.share(drawn.value),
            transitions=formats.number(self.whole.transitions),
        )

    def nodes_table(self) -> pa.Table:
        """One row per touchpoint: touchpoint, contacts, journeys, share of journeys with its bounds, starts, ends."""
        import pyarrow as pa

        passing = [share(min(node.journeys, self.journeys), self.journeys) for node in self.nodes]
        return pa.table(
            {
                "touchpoint": pa.array([node.name for node in self.nodes], pa.string()),
                "contacts": pa.array([node.contacts for node in self.nodes], pa.int64()),
                "journeys": pa.array([node.journeys for node in self.nodes], pa.int64()),
                "share": pa.array([part.value for part in passing], pa.float64()),
                "share_low": pa.array([part.interval.low for part in passing], pa.float64()),
                "share_high": pa.array([part.interval.high for part in passing], pa.float64()),
                "starts": pa.array([node.starts for node in self.nodes], pa.int64()),
                "ends": pa.array([node.ends for node in self.nodes], pa.int64()),
            }
        )

    def edges_table(self) -> pa.Table:
        """One row per link, the most frequent first: from, to, n, median gap and its bounds in seconds, owner."""
        import pyarrow as pa

        edges = by_frequency(self.edges)
        return pa.table(
            {
                "from": pa.array([edge.from_node for edge in edges], pa.string()),
                "to": pa.array([edge.to_node for edge in edges], pa.string()),
                "n": pa.array([edge.n for edge in edges], pa.int64()),
                "median_s": pa.array([edge.median_s for edge in edges], pa.float64()),
                "low_s": pa.array([edge.low_s for edge in edges], pa.float64()),
                "high_s": pa.array([edge.high_s for edge in edges], pa.float64()),
                "wait_owner": pa.array([edge.owner for edge in edges], pa.string()),
            }
        )

    def in_words(self) -> str:
        """What the map says, for those who hear it: the counts, the commonest links and the longest of their waits."""
        sentences = [self.answer, counts(self.journeys, self.contacts), self.hidden]
        commonest = by_frequency(self.edges)[:8]
        if commonest:
            told = "; ".join(edge_in_words(edge) for edge in commonest)
            sentences.append(_("Most frequent: {links}.").format(links=told))
        slow = sorted((e for e in commonest if e.median_s is not None), key=lambda e: -(e.median_s or 0))[:1]
        sentences += [_("The longest of these waits: {link}.").format(link=edge_in_words(edge)) for edge in slow]
        return " ".join(said if said[-1] in ".!?…" else said + "." for said in sentences if said.strip())


def by_frequency(edges: Sequence[Edge]) -> list[Edge]:
    """The edges, the most frequent first, then by name."""
    return sorted(edges, key=lambda edge: (-edge.n, edge.from_node, edge.to_node))


def counts(journeys: int, contacts: int) -> str:
    """How much stands behind a picture."""
    return _("{journeys}, {contacts}").format(
        journeys=ngettext("{n} journey", "{n} journeys", journeys).format(n=formats.number(journeys)),
        contacts=ngettext("{n} contact", "{n} contacts", contacts).format(n=formats.number(contacts)),
    )


def edge_in_words(edge: Edge) -> str:
    """One link with its n, median, bounds and owner.

    >>> edge_in_words(Edge("call", "visit", 12, 93_600, 90_000, 97_200, "us"))
    'call → visit: n 12, median 26 h (25–27 h), mostly wait for us'
    """
    told = _("{start} → {goal}: n {n}").format(start=edge.from_node, goal=edge.to_node, n=formats.number(edge.n))
    if edge.median_s is None:
        return told
    return _("{link}, median {length} ({bounds}), mostly {owner}").format(
        link=told,
        length=formats.length(edge.median_s),
        bounds=bounds_in_words(edge.low_s, edge.high_s),
        owner=owner_words(edge.owner or WaitOwner.UNKNOWN),
    )


def bounds_in_words(low_s: float | None, high_s: float | None) -> str:
    """The bounds of a median length of time."""
    if low_s is None or high_s is None:
        return _("too few to bound")
    return formats.between(formats.length(low_s), formats.length(high_s))


# Touchpoints are named by a tuple of their name here, so that no name can be mistaken for start or end.
_Place = tuple[str, ...]
_Link = tuple[_Place, _Place, int]
_START: _Place = ("", "start")
_END: _Place = ("", "end")


def _links(given: ProcessMap) -> list[_Link]:
    """All lines of the map, those of start and end too, the most frequent first."""
    links: list[_Link] = [((edge.from_node,), (edge.to_node,), edge.n) for edge in given.edges]
    starts = {node.name: node.starts or 0 for node in given.nodes}
    ends = {node.name: node.ends or 0 for node in given.nodes}
    links += [(_START, (name,), starts[name]) for name in given.entries if name in starts]
    links += [((name,), _END, ends[name]) for name in given.exits if name in ends]
    return sorted(links, key=lambda link: (-link[2], link[0], link[1]))


def _strongest(links: Sequence[_Link], root: _Place) -> dict[_Place, _Place]:
    """For each place reached from the root, the place it is reached from: always over the strongest link at hand."""
    onward: dict[_Place, list[_Link]] = defaultdict(list)
    for link in links:
        onward[link[0]].append(link)
    parents: dict[_Place, _Place] = {}
    waiting: list[tuple[int, _Place, _Place]] = [(0, root, root)]
    while waiting:
        _n, place, parent = heappop(waiting)
        if place in parents:
            continue
        parents[place] = parent
        for _here, other, n in onward[place]:
            if other not in parents:
                heappush(waiting, (-n, other, place))
    return parents


def _backbone(
    given: ProcessMap, into: dict[_Place, _Place], onward: dict[_Place, _Place], most_frequent: int
) -> tuple[set[_Place], set[tuple[_Place, _Place]]]:
    """The touchpoints kept and the links that connect them: the strongest way through, then the frequent ones."""
    ranked = sorted(given.nodes, key=lambda node: (-node.contacts, node.name))
    wanted: list[_Place] = [(node.name,) for node in ranked[:most_frequent]]
    waiting = [place for place in wanted if place in into and place in onward]
    if _END in into:
        waiting += [place for place in _way(into, _END) if place not in (_START, _END)]
    kept: set[_Place] = set()
    drawn: set[tuple[_Place, _Place]] = set()
    while waiting:
        place = waiting.pop()
        if place in kept or place in (_START, _END):
            continue
        kept.add(place)
        drawn |= {(into[place], place), (place, onward[place])}
        waiting += [into[place], onward[place]]
    return kept, drawn


def _way(parents: dict[_Place, _Place], place: _Place) -> Iterator[_Place]:
    while parents[place] != place:
        yield place
        place = parents[place]


def _strongest_at_each(links: Sequence[_Link]) -> set[tuple[_Place, _Place]]:
    """The strongest link into and out of every place (links come the most frequent first; loops do not count)."""
    out: dict[_Place, _Place] = {}
    into: dict[_Place, _Place] = {}
    for tail, head, _n in links:
        if tail != head:
            out.setdefault(tail, head)
            into.setdefault(head, tail)
    return set(out.items()) | {(tail, head) for head, tail in into.items()}

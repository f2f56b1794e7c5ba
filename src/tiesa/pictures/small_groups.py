"""Pictures for those who may see figures only: small groups are taken out of the figures before anything is drawn."""

from __future__ import annotations

from dataclasses import replace

from tiesa.core import formats
from tiesa.core.locale import ngettext
from tiesa.core.small_groups import FEWEST, is_small, withheld
from tiesa.pictures.journey_map import Feeling, JourneyMap, Wait
from tiesa.pictures.process_figures import ProcessMap
from tiesa.pictures.ribbon_figures import Ribbons


def not_told(n: int) -> str:
    """The sentence about n figures that are left out; empty for none.

    >>> not_told(1)
    '1 figure is not shown, for privacy: of fewer than 5, or one that would give such a figure away.'
    """
    if not n:
        return ""
    return ngettext(
        "{n} figure is not shown, for privacy: of fewer than {few}, or one that would give such a figure away.",
        "{n} figures are not shown, for privacy: of fewer than {few}, or such as would give these away.",
        n,
    ).format(n=formats.number(n), few=FEWEST)


def map_without_few(map: JourneyMap) -> JourneyMap:
    """A journey map without small groups. What is measured in too few, and what would give it away, loses its figure.

    Contacts are withheld so that neither a stage's nor a lane's sum gives a bubble away; a move whose bubble is gone
    goes too. `answer` is the caller's to make anew from the waits that are left.
    """
    bubbles = withheld(
        [b.contacts for b in map.bubbles],
        [[b.stage for b in map.bubbles], [b.lane for b in map.bubbles], [0] * len(map.bubbles)],
    )
    left = tuple(b for i, b in enumerate(map.bubbles) if i not in bubbles)
    places = {(b.stage, b.lane) for b in left}
    lost = [
        i
        for i, f in enumerate(map.flows)
        if (f.from_stage, f.from_lane) not in places or (f.to_stage, f.to_lane) not in places
    ]
    flows = withheld([f.n for f in map.flows], besides=lost)
    waits = withheld([w.n for w in map.waits], [[(w.after_stage, w.to_stage) for w in map.waits], [0] * len(map.waits)])
    feelings = withheld([f.n for f in map.feelings])
    gone = not_told(len(bubbles) + len(flows) + len(waits) + len(feelings))
    return replace(
        map,
        bubbles=left,
        flows=tuple(f for i, f in enumerate(map.flows) if i not in flows),
        waits=tuple(_wait(w) for i, w in enumerate(map.waits) if i not in waits),
        feelings=tuple(
            Feeling(f.stage, None, 0.0, None, None) if i in feelings else f for i, f in enumerate(map.feelings)
        ),
        hidden=" ".join(filter(None, (map.hidden, gone))),
    )


def _wait(wait: Wait) -> Wait:
    """The wait, without its standard where that is told of too few."""
    return replace(wait, kept=None) if wait.kept is not None and is_small(wait.kept.n) else wait


def process_without_few(map: ProcessMap) -> ProcessMap:
    """A process map without small groups: neither a touchpoint's contacts, which are the sum of the lines that lead to
    it and of the journeys that begin there, nor those that leave it give a line away. `answer` is the caller's."""
    few = [i for i, node in enumerate(map.nodes) if is_small(node.journeys)]
    nodes = withheld([node.contacts for node in map.nodes], besides=few)
    known = {node.name for i, node in enumerate(map.nodes) if i not in nodes}
    kept = [node for node in map.nodes if node.name in known]
    edges = list(map.edges)
    lost = [i for i, e in enumerate(edges) if e.from_node not in known or e.to_node not in known]
    counts = [e.n for e in edges] + [n.starts or 0 for n in kept] + [n.ends or 0 for n in kept]
    names, nobody = [n.name for n in kept], [None] * len(kept)
    into = [e.to_node if e.to_node in known else None for e in edges] + names + nobody
    out = [e.from_node if e.from_node in known else None for e in edges] + nobody + names
    gone = withheld(counts, [into, out], besides=lost)
    first, second = len(edges), len(edges) + len(kept)
    left = tuple(
        replace(
            node,
            starts=None if first + i in gone else node.starts,
            ends=None if second + i in gone else node.ends,
        )
        for i, node in enumerate(kept)
    )
    return replace(
        map,
        nodes=left,
        edges=tuple(e for i, e in enumerate(edges) if i not in gone),
        withheld=not_told(len(nodes) + len(gone)),
    )


def ribbons_without_few(ribbons: Ribbons) -> Ribbons:
    """Ways that few went are left out; all of them drawn, also one that would give the rest away."""
    counts = [ribbon.journeys.count for ribbon in ribbons.ribbons]
    is_whole = len(counts) == ribbons.ways
    gone = withheld(counts, None if is_whole else [])
    left = tuple(ribbon for i, ribbon in enumerate(ribbons.ribbons) if i not in gone)
    answer = ribbons.answer if counts and 0 not in gone else ""
    return replace(ribbons, ribbons=left, answer=answer, withheld=not_told(len(gone)))

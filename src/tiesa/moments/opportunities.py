"""Contacts at which a situation could have come true and did not: every condition but the last part holds there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tiesa.core.enums import Direction, WaitOwner
from tiesa.journeys.arrow_views import NONE
from tiesa.moments.atoms import Atom, counted_in
from tiesa.moments.episodes import Episodes, holds
from tiesa.moments.missed import NOTHING
from tiesa.moments.people import NEVER, Flags, Ints
from tiesa.moments.timeline import Timeline

USUAL = 0.05
"""A touchpoint at which fewer of the episodes happen is no place at which they could have."""
_LAST = ("promise", "standard", "unanswered", "silence", "handover_to", "count", "attribute", "attribute_over", "over",
         "under", "word")  # fmt: skip
"""Which condition is the last part: what could have gone otherwise, most so first."""


def controls_of(timeline: Timeline, atoms: Sequence[Atom], episodes: Episodes) -> Episodes:
    """A contact of each journey with the same opportunity, in journeys that never come into the situation.

    Where what is asked is how soon a journey ends, these are the short ones: there every such contact is taken at which
    the journey had not come into the situation yet, whatever comes later (sequential trials: Hernan and others 2008,
    Epidemiology 19). The difference is then that of its coming true now, whatever comes later.
    """
    last = min(atoms, key=lambda atom: _LAST.index(atom.kind))
    rest = [atom for atom in atoms if atom is not last]
    flags = _opportunity(timeline, last)
    if rest:
        flags = flags & holds(rest, timeline)
    comes = np.full(int(timeline.journey[-1]) + 1 if len(timeline) else 0, NEVER)
    comes[timeline.journey[episodes.row]] = episodes.at
    of_journeys = timeline.people.are_journeys
    rows = np.flatnonzero(flags if of_journeys else flags & (comes == NEVER)[timeline.journey])
    if not of_journeys:
        rows = _one_each(rows, timeline)
    delay = int(np.median(episodes.at - timeline.at[episodes.row])) if len(episodes) else 0
    at = timeline.at[rows] + (delay if last.kind in ("promise", "standard") else max(atom.delay_us for atom in atoms))
    customer, people = timeline.customer[rows], timeline.people
    there = (at >= people.enter[customer]) & (at < people.leave[customer]) & (at < comes[timeline.journey[rows]])
    return Episodes(rows[there].astype(np.int32), customer[there], at[there])


def _one_each(rows: Ints, timeline: Timeline) -> Ints:
    """One row of each journey, by chance, so that journeys are as far as those that came into a situation: the first
    ones are all at their beginning, where what comes late never is."""
    begins = np.flatnonzero(np.diff(timeline.journey[rows], prepend=-1))
    many = np.diff(begins, append=len(rows))
    found: Ints = rows[begins + (np.random.default_rng(21).random(len(begins)) * many).astype(np.int64)]
    return found


def _opportunity(timeline: Timeline, last: Atom) -> Flags:
    """Contacts at which the last part could have come true."""
    found: Flags = ~timeline.has("direction", Direction.INTERNAL.value)
    if timeline.people.are_journeys:
        found = np.ones(len(timeline), np.bool_)  # steps between contacts lengthen a journey as well
    match last.kind:
        case "promise":
            found = timeline.times["promised_at"] != NEVER
        case "standard":
            found = np.zeros(len(timeline), np.bool_)
            found[timeline.missed.get(last.name, NOTHING).rows] = True
        case "handover_to":
            found = counted_in("handover", timeline)
        case "unanswered":
            found = timeline.messages
        case "silence" if timeline.people.are_journeys:
            found = timeline.waited_by == list(WaitOwner).index(WaitOwner(last.name))
        case "count":
            now = counted_in(last.name, timeline)
            found = found & ~now & (timeline.number(now) == int(last.value) - 1)  # one more, and it would be true
            if timeline.people.are_journeys:
                found &= _usual_places(timeline, last)
        case "attribute" | "attribute_over":
            found = _usual_places(timeline, last)
        case "word" if last.name in ("touchpoint", "reason", "kind"):
            direction = timeline.words["direction"].codes
            own = np.bincount(direction[last.flags(timeline)] + 1)
            found = direction == own.argmax() - 1
        case "word":
            found = timeline.words[last.name].codes != NONE
    return found


def _usual_places(timeline: Timeline, last: Atom) -> Flags:
    """Contacts at touchpoints at which a condition usually holds."""
    touchpoint = timeline.words["touchpoint"].codes
    own = np.bincount(touchpoint[last.flags(timeline)])
    found: Flags = np.isin(touchpoint, np.flatnonzero(own >= USUAL * own.sum()))
    return found

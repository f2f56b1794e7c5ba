"""Atoms: the single things a contact can be in, each with the instant at which it becomes true.

An atom is plain data (kind, values); `flags` says on which contacts it holds, `delay_us` how long after the contact it
becomes true. A wait of h hours becomes true h hours after the contact, and only if nothing has come by then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tiesa.core.enums import ContactKind, Direction, WaitOwner
from tiesa.journeys.arrow_views import NONE
from tiesa.moments.missed import NOTHING
from tiesa.moments.people import NEVER, Flags, Ints
from tiesa.moments.timeline import Timeline

HOUR_US = 3_600_000_000
WAITS_H = (4, 8, 24, 48, 72, 120, 168, 336)
DURATIONS = (0.5, 0.75, 0.9)
"""Quantiles of what is measured at which a grid is laid."""
COUNTED = {
    "message": (2, 3, 4),
    "inbound": (2, 3, 4, 5),
    "contact": (3, 5, 8),
    "handover": (1, 2, 3),
    "channel_change": (1, 2, 3),
    "repeat": (1, 2, 3),
    "restated": (1, 2, 3),
    "insistence": (1, 2, 3),
    "complaint": (1, 2, 3),
    "employee": (2, 3, 4),
    "unit": (2, 3),
}
"""What is counted in a journey, and up to the how-manieth."""
AGAIN = ("restated", "insistence")
RECENT = (3, 5, 8)
SEVERITY = (3, 4, 5)
EMOTION = (-0.2, -0.5)
NAMED = ("touchpoint", "channel", "unit", "process", "product", "organisation", "kind", "reason", "emotion_label",
         "journey_type")  # fmt: skip


@dataclass(frozen=True, order=True)
class Atom:
    """One condition on a contact.

    kind: see `flags`. name: column, attribute, or what is counted. value: word, threshold (hours, number) or k.
    """

    kind: str
    name: str
    value: str | float

    @property
    def family(self) -> str:
        """Atoms of one family are alternatives, never joined: two thresholds of a wait, two channels."""
        return f"{self.kind.removesuffix('_over')}:{self.name}"

    @property
    def is_reaction(self) -> bool:
        """Whether it says how customers felt or how often they turned to us, not what happened to them."""
        return self.name in ("emotion", "emotion_label", "recent_contacts")

    @property
    def conditions(self) -> int:
        """How many conditions it is: what a customer says again, or before an answer, tells of an earlier contact too.

        Such atoms stand alone in the search: joined with everything else they would crowd out what they come from.
        """
        return 2 if self.kind == "count" and self.name in AGAIN else 1

    def as_plain(self) -> dict[str, Any]:
        """The atom for a program."""
        match self.kind:
            case "word":
                return {"atom": self.name, self.name: self.value}
            case "attribute":
                return {"atom": "attribute", "attribute": self.name, "value": self.value}
            case "attribute_over":
                return {"atom": "attribute", "attribute": self.name, "at_least": self.value}
            case "count":
                return {"atom": self.name, "k": self.value}
            case "unanswered":
                return {"atom": "unanswered", "owner": WaitOwner.US.value, "threshold_h": self.value}
            case "silence":
                return {"atom": "silence", "owner": self.name, "threshold_h": self.value}
            case "promise":
                return {"atom": "promise", "state": "broken"}
            case "standard":
                return {"atom": "standard", "standard": self.name, "state": self.value}
            case "handover_to":
                return {"atom": "handover_to", "unit": self.value}
            case _:
                return {"atom": self.name, "at_least" if self.kind == "over" else "at_most": self.value}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Atom:
        """The atom that `as_plain` told of."""
        name = plain["atom"]
        match name:
            case "attribute" if "at_least" in plain:
                return cls("attribute_over", plain["attribute"], plain["at_least"])
            case "attribute":
                return cls("attribute", plain["attribute"], plain["value"])
            case "unanswered" | "silence":
                return cls(name, plain["owner"], plain["threshold_h"])
            case "promise":
                return cls("promise", "promise", plain["state"])
            case "standard":
                return cls("standard", plain["standard"], plain["state"])
            case "handover_to":
                return cls("handover_to", "unit", plain["unit"])
        if "k" in plain:
            return cls("count", name, plain["k"])
        if name in plain:
            return cls("word", name, plain[name])
        return cls("over", name, plain["at_least"]) if "at_least" in plain else cls("under", name, plain["at_most"])

    @property
    def delay_us(self) -> int:
        """How long after the contact it becomes true, in microseconds (by a date: see `instants`)."""
        return int(float(self.value) * HOUR_US) if self.kind in ("unanswered", "silence") else 0

    @property
    def by_date(self) -> bool:
        """Whether it becomes true by a date that every contact has for itself, not some time after the contact."""
        return self.kind in ("promise", "standard")

    def flags(self, timeline: Timeline) -> Flags:
        """The contacts on which it holds."""
        return _FLAGS[self.kind](self, timeline)

    def instants(self, timeline: Timeline, rows: Ints) -> Ints:
        """When it becomes true on these contacts."""
        if self.kind == "promise":
            return timeline.times["promised_at"][rows]
        if self.kind == "standard":
            return timeline.missed.get(self.name, NOTHING).instants(rows)
        return timeline.at[rows] + self.delay_us


def _word(atom: Atom, timeline: Timeline) -> Flags:
    return timeline.has(atom.name, str(atom.value))


def _attribute(atom: Atom, timeline: Timeline) -> Flags:
    found = np.zeros(len(timeline), np.bool_)
    found[timeline.attributes.words.get((atom.name, str(atom.value)), [])] = True
    return found


def _attribute_over(atom: Atom, timeline: Timeline) -> Flags:
    found = np.zeros(len(timeline), np.bool_)
    measured = timeline.attributes.numbers.get(atom.name)
    if measured:
        found[measured.rows[measured.values >= float(atom.value)]] = True
    return found


def _count(atom: Atom, timeline: Timeline) -> Flags:
    counted = counted_in(atom.name, timeline)
    made: Flags = counted & (timeline.number(counted) == int(atom.value))
    return made


def counted_in(name: str, timeline: Timeline) -> Flags:
    """The rows that are counted."""
    match name:
        case "message":
            return timeline.messages
        case "inbound":
            return timeline.inbound
        case "contact":
            return ~timeline.has("direction", Direction.INTERNAL.value)
        case "restated":
            return timeline.restated
        case "insistence":
            return timeline.insistence
        case "complaint":
            return timeline.inbound & timeline.has("kind", ContactKind.COMPLAINT.value)
        case "employee":
            return timeline.new_employee
        case "unit":
            return timeline.new_unit
        case _:
            made: Flags = timeline.flags[f"is_{name}"] == 1
            return made


def _unanswered(atom: Atom, timeline: Timeline) -> Flags:
    due = timeline.at + atom.delay_us
    return timeline.messages & (timeline.times["answered_at"] > due)


def _silence(atom: Atom, timeline: Timeline) -> Flags:
    by = list(WaitOwner).index(WaitOwner(atom.name))
    made: Flags = (timeline.waited_by == by) & (timeline.waits_after > float(atom.value) * 3600)
    return made


def _promise(atom: Atom, timeline: Timeline) -> Flags:
    """We said by when, and had not spoken to the customer by then."""
    promised = timeline.times["promised_at"]
    there = (promised != NEVER) & (promised > timeline.at)
    made: Flags = there & (_next_turn(timeline) > promised)
    return made


def _standard(atom: Atom, timeline: Timeline) -> Flags:
    found = np.zeros(len(timeline), np.bool_)
    found[timeline.missed.get(atom.name, NOTHING).missed] = True
    return found


def _handover_to(atom: Atom, timeline: Timeline) -> Flags:
    return counted_in("handover", timeline) & timeline.has(atom.name, str(atom.value))


def _next_turn(timeline: Timeline) -> Ints:
    """When we next speak to the customer after each contact of the journey; NEVER where we do not."""
    own = timeline.words["organisation"].codes == NONE
    spoken = timeline.has("direction", Direction.OUTBOUND.value)
    spoken |= timeline.inbound & ~timeline.messages
    turns = np.flatnonzero(own & spoken)
    place = np.searchsorted(turns, np.arange(len(timeline)), side="right")
    place_in = np.minimum(place, len(turns) - 1)
    found = np.full(len(timeline), NEVER)
    if len(turns):
        same = (place < len(turns)) & (timeline.journey[turns[place_in]] == timeline.journey)
        found[same] = timeline.at[turns[place_in[same]]]
    return found


def _over(atom: Atom, timeline: Timeline) -> Flags:
    with np.errstate(invalid="ignore"):
        made: Flags = _measured(atom.name, timeline) >= float(atom.value)
        return made


def _under(atom: Atom, timeline: Timeline) -> Flags:
    with np.errstate(invalid="ignore"):
        made: Flags = _measured(atom.name, timeline) <= float(atom.value)
        return made


def _measured(name: str, timeline: Timeline) -> Any:
    return timeline.recent if name == "recent_contacts" else timeline.numbers[name]


_FLAGS = {
    "word": _word,
    "attribute": _attribute,
    "attribute_over": _attribute_over,
    "count": _count,
    "unanswered": _unanswered,
    "silence": _silence,
    "promise": _promise,
    "standard": _standard,
    "handover_to": _handover_to,
    "over": _over,
    "under": _under,
}


def atoms_of(timeline: Timeline) -> Iterator[Atom]:
    """Every atom that these contacts can be in; how many of them are, is not looked at."""
    for name in NAMED:
        texts = timeline.words[name].texts.to_pylist()
        if len(texts) > 1 or name in ("organisation", "kind", "emotion_label"):
            yield from (Atom("word", name, text) for text in texts)
    measured = timeline.attributes.measured()
    yield from (Atom("attribute", *said) for said in timeline.attributes.words if said[0] not in measured)
    for name, values in measured.items():
        yield from (Atom("attribute_over", name, b) for b in _grid(values))
    for name, ks in COUNTED.items():
        yield from (Atom("count", name, k) for k in ks)
    yield from (Atom("unanswered", WaitOwner.US.value, h) for h in WAITS_H)
    for owner in (WaitOwner.CUSTOMER, WaitOwner.THIRD_PARTY):
        yield from (Atom("silence", owner.value, h) for h in WAITS_H if h >= 24)
    if (timeline.times["promised_at"] != NEVER).any():
        yield Atom("promise", "promise", "broken")
    yield from (Atom("standard", name, "missed") for name in timeline.missed)
    yield from (Atom("handover_to", "unit", text) for text in timeline.words["unit"].texts.to_pylist())
    yield from (Atom("over", "severity", s) for s in SEVERITY)
    yield from (Atom("under", "emotion", e) for e in EMOTION)
    yield from (Atom("over", "recent_contacts", k) for k in RECENT)
    duration = timeline.numbers["duration_s"]
    duration = duration[~np.isnan(duration)]
    if len(duration):
        yield from (Atom("over", "duration_s", b) for b in _grid(duration))


def _grid(values: Any) -> list[float]:
    """A few round thresholds at quantiles of what was measured."""
    found = np.quantile(values, DURATIONS)
    return sorted({float(f"{bound:.2g}") for bound in found if bound > values.min()})

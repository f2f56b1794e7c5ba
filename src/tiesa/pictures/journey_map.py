"""The journey map: what one type of journey was like for all who made it, in one picture.

Stages and channel lanes, volumes, whose waits lie between, the measured emotion with its band, moments of truth. The
model holds finished figures only; the room that counts them fills it. It draws lying (`journey_map_wide`) and upright
for phones (`journey_map_tall`), and says the same as tables and in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tiesa.core.intervals import Share
from tiesa.pictures import journey_map_tables, journey_map_tall, journey_map_text, journey_map_wide
from tiesa.pictures.palette import LIGHT, Theme

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Bubble:
    """How many contacts a stage had in a lane. stage, lane: positions in the map's stages and lanes."""

    stage: int
    lane: int
    contacts: int


@dataclass(frozen=True, slots=True)
class Flow:
    """n moves from one contact to the journey's next; they may stay in a stage or go back. owner: a WaitOwner."""

    from_stage: int
    from_lane: int
    to_stage: int
    to_lane: int
    n: int
    owner: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The waits of one owner between two stages: median and its 95 % interval in seconds, and the standard for it.

    low_s, high_s: None where there are too few for an interval. kept: share of the waits within the standard.
    """

    after_stage: int
    to_stage: int
    owner: str
    n: int
    median_s: float
    low_s: float | None
    high_s: float | None
    standard_s: float | None
    kept: Share | None


@dataclass(frozen=True, slots=True)
class Feeling:
    """Measured emotion in a stage, from -1 (upset) to +1 (glad), with its 95 % interval.

    low, high: None where there are too few (n < 5); such a mean is neither drawn nor written. n: None where not even
    that may be told.
    """

    stage: int
    n: int | None
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A moment of truth. lane: None where it is not one channel's. detail: its money with interval, in words."""

    stage: int
    lane: int | None
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """Everything the picture shows.

    answer: the one sentence above it. note: the second line. hidden: what was left out before it came here, in words,
    empty if nothing. made_up: whether the figures are those of a simulated company.
    """

    title: str
    answer: str
    note: str
    stages: tuple[str, ...]
    lanes: tuple[str, ...]
    bubbles: tuple[Bubble, ...]
    flows: tuple[Flow, ...]
    waits: tuple[Wait, ...]
    feelings: tuple[Feeling, ...]
    flags: tuple[Flag, ...]
    contacts: int
    journeys: int
    customers: int
    as_of: datetime
    made_up: bool
    hidden: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not (self.stages and self.lanes and self.bubbles)

    def table(self) -> pa.Table:
        """Every figure in one long table; `kind` says which (contacts, moves, wait, emotion, moment)."""
        return journey_map_tables.everything(self)

    def bubbles_table(self) -> pa.Table:
        """Contacts by stage and lane."""
        return journey_map_tables.bubbles(self)

    def flows_table(self) -> pa.Table:
        """Moves between contacts, those too that the picture leaves out."""
        return journey_map_tables.flows(self)

    def waits_table(self) -> pa.Table:
        """Waits by stages and owner, with n, interval, standard and how often it was kept."""
        return journey_map_tables.waits(self)

    def feelings_table(self) -> pa.Table:
        """Emotion by stage, with n and interval; a stage that was not measured has its row too, without figures."""
        return journey_map_tables.feelings(self)

    def flags_table(self) -> pa.Table:
        """Moments of truth by stage and lane."""
        return journey_map_tables.flags(self)

    def in_words(self) -> str:
        """The text alternative: one paragraph in the running language."""
        return journey_map_text.in_words(self)


def draw(map: JourneyMap, *, theme: Theme = LIGHT, upright: bool = False, frame: bool = True) -> str:
    """The map as SVG text; the same figures in the same language give the same bytes.

    Args: upright: 360 wide, stages from top to bottom, for phones. frame: with title, answer and footer, a file of its
    own; without, for a page that says these itself. Colours are literal, so that it is right in a browser and in resvg.
    Several drawings may stand in one page: every rule of its stylesheet is scoped to a class of its own.
    """
    return str((journey_map_tall if upright else journey_map_wide).drawn(map, theme, frame=frame))

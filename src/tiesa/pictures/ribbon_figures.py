"""The figures of the ways customers go: sequences of touchpoints, how many go them, and how they end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tiesa.core import formats
from tiesa.core.enums import WaitOwner
from tiesa.core.intervals import Share, share
from tiesa.core.locale import _, ngettext
from tiesa.pictures.journey_map_text import owner_words
from tiesa.pictures.process_figures import bounds_in_words

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Step:
    """A touchpoint on a way; waits_s: the median wait before it in seconds, owner: whose wait that mostly is."""

    name: str
    waits_s: float | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Ribbon:
    """One way. journeys: how many of all go it; reached: how many of these reach their goal (None: no goal is known);
    median_s with its 95 % bounds: from first to last contact, in seconds."""

    steps: tuple[Step, ...]
    journeys: Share
    reached: Share | None = None
    median_s: float | None = None
    low_s: float | None = None
    high_s: float | None = None


@dataclass(frozen=True, slots=True)
class Ribbons:
    """The ways drawn, the most frequent first, of `ways` in all; journeys: on all ways. as_of: of the last contact.
    withheld: a sentence about ways that may not be told, if any."""

    title: str
    answer: str
    ribbons: tuple[Ribbon, ...]
    ways: int
    journeys: int
    as_of: datetime
    made_up: bool = False
    withheld: str = ""

    @property
    def covered(self) -> Share:
        """The journeys that go one of these ways, of all."""
        return share(min(sum(ribbon.journeys.count for ribbon in self.ribbons), self.journeys), self.journeys)

    @property
    def hidden(self) -> str:
        """How many ways there are, and how much the ways drawn cover."""
        said = _("Drawn: {n} of {ways}; {share} of all journeys go one of these.").format(
            n=formats.number(len(self.ribbons)),
            ways=ngettext("{n} way", "{n} ways", self.ways).format(n=formats.number(self.ways)),
            share=formats.share(self.covered.value),
        )
        return f"{said} {self.withheld}".strip()

    def table(self) -> pa.Table:
        """One row per step of each way, with the figures of its way: way and step count from 1, lengths in seconds,
        shares with their n and bounds."""
        import pyarrow as pa

        rows = [
            {
                "way": number,
                "step": place,
                "touchpoint": step.name,
                "wait_s": step.waits_s,
                "wait_owner": step.owner,
                **_figures(ribbon),
            }
            for number, ribbon in enumerate(self.ribbons, 1)
            for place, step in enumerate(ribbon.steps, 1)
        ]
        return pa.Table.from_pylist(
            rows, schema=pa.schema([(name, pa.type_for_alias(kind)) for name, kind in _COLUMNS])
        )

    def in_words(self) -> str:
        """The ways one after the other, for those who hear the picture."""
        said = [self.answer, self.hidden]
        said += [
            _("{number}. {way}: {figures}.").format(
                number=number, way=sequence(ribbon), figures=", ".join(told(ribbon))
            )
            for number, ribbon in enumerate(self.ribbons, 1)
        ]
        return " ".join(part if part[-1] in ".!?…" else part + "." for part in said if part.strip())


_COLUMNS = (
    ("way", "int64"), ("step", "int64"), ("touchpoint", "string"), ("wait_s", "float64"), ("wait_owner", "string"),
    ("journeys", "int64"), ("of_journeys", "int64"), ("share", "float64"), ("share_low", "float64"),
    ("share_high", "float64"), ("reached", "int64"), ("reached_n", "int64"), ("reached_share", "float64"),
    ("reached_low", "float64"), ("reached_high", "float64"), ("median_s", "float64"), ("low_s", "float64"),
    ("high_s", "float64"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """Equal steps in a row as one: how many, and the wait before the first."""

    name: str
    times: int
    waits_s: float | None
    owner: str | None


def folded(steps: Sequence[Step]) -> list[Block]:
    """Steps with repeats in a row folded.

    >>> [(b.name, b.times) for b in folded([Step("call"), Step("call"), Step("visit")])]
    [('call', 2), ('visit', 1)]
    """
    blocks: list[Block] = []
    for step in steps:
        if blocks and blocks[-1].name == step.name:
            last = blocks[-1]
            blocks[-1] = Block(last.name, last.times + 1, last.waits_s, last.owner)
        else:
            blocks.append(Block(step.name, 1, step.waits_s, step.owner))
    return blocks


def shortened(blocks: Sequence[Block], room: int) -> tuple[list[Block], int, list[Block]]:
    """The first and the last blocks of a way that is too long, and how many steps are left out between them.

    >>> first, left_out, last = shortened([Block(str(i), 1, None, None) for i in range(9)], 5)
    >>> [b.name for b in first], left_out, [b.name for b in last]
    (['0', '1'], 5, ['7', '8'])
    """
    if len(blocks) <= room:
        return list(blocks), 0, []
    head = room // 2
    tail = room - 1 - head
    out = blocks[head : len(blocks) - tail]
    return list(blocks[:head]), sum(block.times for block in out), list(blocks[len(blocks) - tail :])


def sequence(ribbon: Ribbon) -> str:
    """The whole way in words, with its waits where they are known."""
    return " → ".join(_step_in_words(block) for block in folded(ribbon.steps))


def told(ribbon: Ribbon) -> list[str]:
    """The figures of a way: how many go it, how many reach their goal, how long it takes."""
    figures = [formats.whole_share(ribbon.journeys)]
    if ribbon.reached is not None:
        figures.append(_("goal reached {share}").format(share=formats.whole_share(ribbon.reached)))
    if ribbon.median_s is not None:
        figures.append(
            _("median length {length} ({bounds})").format(
                length=formats.length(ribbon.median_s), bounds=bounds_in_words(ribbon.low_s, ribbon.high_s)
            )
        )
    return figures


def _step_in_words(block: Block) -> str:
    name = _("{name} ×{times}").format(name=block.name, times=block.times) if block.times > 1 else block.name
    if block.waits_s is None:
        return name
    return _("{name} (after {length}, {owner})").format(
        name=name, length=formats.length(block.waits_s), owner=owner_words(block.owner or WaitOwner.UNKNOWN)
    )


def _figures(ribbon: Ribbon) -> dict[str, float | None]:
    reached = ribbon.reached
    figures: dict[str, float | None] = {
        "journeys": ribbon.journeys.count,
        "of_journeys": ribbon.journeys.n,
        "share": ribbon.journeys.value,
        "share_low": ribbon.journeys.interval.low,
        "share_high": ribbon.journeys.interval.high,
        "median_s": ribbon.median_s,
        "low_s": ribbon.low_s,
        "high_s": ribbon.high_s,
    }
    if reached is not None:
        figures["reached"], figures["reached_n"], figures["reached_share"] = reached.count, reached.n, reached.value
        figures["reached_low"], figures["reached_high"] = reached.interval.low, reached.interval.high
    return figures

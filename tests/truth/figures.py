"""What worlds of known truth say together: false share, recall, coverage, bias, each with its Monte Carlo error.

As a program, with files of lines that `tests.truth.worlds` wrote: the tables of docs/truth.md.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tests.truth.worlds import World

from tiesa.core.intervals import Share, share

AIMED_Z = 5.0
"""Where this much is to be expected in either half, a situation should be found."""
LEFT, SCORE = "left", "score"


@dataclass(frozen=True)
class Named:
    """One situation of the file of truth over several worlds: mean of true effect, of estimate less truth (and its
    Monte Carlo error), of the unadjusted figure less truth; coverage of intervals; z to be expected in either half."""

    name: str
    true: float
    bias: float
    bias_error: float
    unadjusted: float
    covered: Share
    z: float
    found: Share

    @property
    def is_decoy(self) -> bool:
        return self.true == 0

    def is_unbiased(self, least: float, errors: float) -> bool:
        """Whether a bias within what is allowed (least, or a fifth of the unadjusted one) cannot be ruled out, so many
        Monte Carlo errors away."""
        return abs(self.bias) - errors * self.bias_error <= max(least, abs(self.unadjusted) / 5)


def confirmed(worlds: Iterable[World], outcome: str = LEFT) -> list[dict[str, Any]]:
    return [one for world in worlds for one in (world.confirmed if outcome == LEFT else world.felt)]


def false_share(worlds: Iterable[World], outcome: str = LEFT) -> Share:
    found = confirmed(worlds, outcome)
    return share(sum(one["verdict"] == "false" for one in found), len(found))


def named(worlds: Sequence[World], outcome: str = LEFT, way: str = "beside") -> Iterator[Named]:
    """Every situation of the file of truth, estimated beside what was found, or all `together`."""
    held: dict[str, list[tuple[World, dict[str, Any]]]] = defaultdict(list)
    for world in worlds:
        for one in world.named:
            if (one["outcome"], one["way"]) == (outcome, way):
                held[one["planted"]].append((world, one))
    for name, rows in held.items():
        estimates = [one for _world, one in rows]
        true, error = np.array([one["true"] for one in estimates]), np.array([one["error"] for one in estimates])
        off = np.array([one["effect"] for one in estimates]) - true
        hits = [name in (world.hits if outcome == LEFT else world.felt_hits) for world, _one in rows]
        yield Named(
            name, float(true.mean()), float(off.mean()), float(off.std() / np.sqrt(len(off))),
            float(np.mean([one["unadjusted"] for one in estimates]) - true.mean()),
            share(sum(one["low"] <= one["true"] <= one["high"] for one in estimates), len(estimates)),
            float(abs(true.mean()) / np.sqrt((error**2).mean())), share(sum(hits), len(hits)),
        )  # fmt: skip


def together(shares: Iterable[Share]) -> Share:
    every = list(shares)
    return share(sum(one.count for one in every), sum(one.n for one in every))


def read(file: Path) -> list[World]:
    """Worlds as `tests.truth.worlds` wrote them."""
    worlds = []
    for line in file.read_text("utf-8").splitlines():
        kept = {name: tuple(v) if isinstance(v, list) else v for name, v in json.loads(line).items()}
        kept.pop("options")
        worlds.append(World(**kept))
    return worlds


def told(found: Share) -> str:
    """In words."""
    low, high = found.interval.low, found.interval.high
    return f"{found.count} of {found.n} ({100 * (found.value or 0):.1f} %, {100 * low:.1f}–{100 * high:.1f} %)"


def tables(worlds: Sequence[World]) -> Iterator[str]:
    """The figures as lines of Markdown."""
    clean = sum(not world.confirmed for world in worlds)
    yield f"worlds {len(worlds)} ({worlds[0].seed}–{worlds[-1].seed}); nothing confirmed on leaving in {clean}"
    for outcome, unit in ((LEFT, 100), (SCORE, 1)):
        yield f"\n{outcome}: false of confirmed {told(false_share(worlds, outcome))}"
        for way in ("beside", "together"):
            found = list(named(worlds, outcome, way))
            yield f"\n{way}: covered {told(together(one.covered for one in found))}\n"
            yield "| situation | true | bias | unadjusted | z | found | covered |\n|---|---|---|---|---|---|---|"
            for one in found:
                bias = f"{unit * one.bias:+.2f} ± {unit * one.bias_error:.2f}"
                yield (
                    f"| {one.name} | {unit * one.true:+.1f} | {bias} | {unit * one.unadjusted:+.2f} | {one.z:.1f} "
                    f"| {told(one.found)} | {told(one.covered)} |"
                )


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"## {name}", *tables(read(Path(name))), sep="\n")

"""A made-up company as other tools take it: one row a journey, one column a situation, beside who left and the truth.

A row is a journey of a customer at risk at its last contact, followed for the whole horizon from there. A situation's
column says whether it came true in the journey. The context is what the search adjusts for: chosen traits, tenure,
calendar month, journeys begun of late. Needs numpy only, so that the memory of a competitor is its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
VERDICTS = ("false", "ancestor", "part", "hit")


@dataclass(frozen=True)
class Tried:
    """left: whether the customer of each journey left within the horizon. context: dummies. bits: situations x
    journeys, packed. conditions, words, verdict, like, jaccard: of each situation; `like` is the planted one it is most
    like. names, effects, journeys: of the planted ones that act on leaving, the last one packed too.
    """

    left: Flags
    customer: NDArray[np.int64]
    context: NDArray[np.float64]
    bits: NDArray[np.uint8]
    conditions: NDArray[np.int64]
    words: NDArray[np.str_]
    verdict: NDArray[np.str_]
    like: NDArray[np.str_]
    jaccard: NDArray[np.float64]
    names: NDArray[np.str_]
    effects: NDArray[np.float64]
    journeys: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.words)

    def column(self, i: int) -> Flags:
        """The journeys in which a situation came true."""
        return self._unpacked(self.bits[i])

    def facts(self, exposed: int) -> dict[str, int]:
        """What every work says of its input. exposed: journeys by situation of one condition, added up."""
        return {"journeys": len(self.left), "left": int(self.left.sum()), "exposed": exposed}

    def verdict_on(self, journeys: Flags) -> tuple[str, str]:
        """The rule of `tiesa.moments.truth` on whole journeys: the verdict, and the planted situation it is about."""
        best, like, most = "false", "", 0.0
        for name, bits in zip(self.names, self.journeys, strict=True):
            planted = self._unpacked(bits)
            shared = int((journeys & planted).sum())
            jaccard = shared / max(int((journeys | planted).sum()), 1)
            verdict = "hit" if jaccard >= 0.5 else "part" if 2 * shared >= journeys.sum() else "false"
            if verdict == "false" and 2 * shared >= planted.sum() > 0:
                verdict = "ancestor"
            if (VERDICTS.index(verdict), jaccard) > (VERDICTS.index(best), most):
                best, like, most = verdict, str(name), jaccard
        return best, like

    def keep(self, path: Path) -> None:
        draft = path.with_suffix(".part.npz")
        np.savez(draft, **vars(self))
        draft.rename(path)

    @classmethod
    def kept(cls, path: Path) -> Tried:
        with np.load(path) as arrays:
            return cls(**arrays)

    def _unpacked(self, bits: NDArray[np.uint8]) -> Flags:
        return np.unpackbits(bits, count=len(self.left), bitorder="little").astype(np.bool_)


def counted(verdicts: list[tuple[str, str]]) -> dict[str, Any]:
    """What was called true, by verdict, and how many different planted situations the hits are."""
    found: dict[str, Any] = {f"{name}s" if name != "false" else name: 0 for name in VERDICTS}
    for verdict, _like in verdicts:
        found["false" if verdict == "false" else f"{verdict}s"] += 1
    return {"shown": len(verdicts), "planted": len({like for verdict, like in verdicts if verdict == "hit"}), **found}

"""Scoring against a file of truth: which confirmed moments are planted ones, and which are not.

A confirmed moment is a *hit* when its exposed contacts and those of a planted situation have a Jaccard index of at
least one half, a *part* when at least half of them are that situation's, an *ancestor* when at least half of the
situation's episodes come in the same journey at or after one of its own, else *false*.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tiesa.core.locale import _
from tiesa.journeys.view import View
from tiesa.moments.finding import Found
from tiesa.moments.outcomes import Outcome

WORKS = ("moment", "positive")
VERDICTS = ("not told", "false", "ancestor", "part", "hit")


@dataclass(frozen=True)
class Scored:
    """One confirmed moment beside the truth. verdict: hit, part, ancestor or false; `not told` where the file of truth
    has no word for the outcome."""

    id: str
    verdict: str
    planted: str
    jaccard: float
    true_effect: float


@dataclass(frozen=True)
class Score:
    """Confirmed moments one by one, and the planted situations that were found (hit) or touched (part)."""

    confirmed: tuple[Scored, ...]
    planted: tuple[str, ...]
    hits: frozenset[str]
    parts: frozenset[str]

    @property
    def false(self) -> int:
        return sum(one.verdict == "false" for one in self.confirmed)

    def as_plain(self) -> dict[str, Any]:
        return {
            "confirmed": [asdict(one) for one in self.confirmed],
            "planted": list(self.planted),
            "hits": sorted(self.hits),
            "parts": sorted(self.parts - self.hits),
            "false": self.false,
        }

    def in_words(self) -> tuple[str, ...]:
        """One sentence, and a line for every confirmed moment."""
        whole = _("Planted situations found: {hits} of {planted}; false among the confirmed: {false} of {n}.").format(
            hits=len(self.hits), planted=len(self.planted), false=self.false, n=len(self.confirmed)
        )
        lines = [f"{one.id}  {one.verdict}  {one.planted}  {one.jaccard:.2f}" for one in self.confirmed]
        return (whole, *lines)


@dataclass(frozen=True)
class Truth:
    """The planted situations that act on an outcome. planted: for each the rows of the view (as in the file of
    exposures) on which it came true; effects: what each does. journey, at: of every row of the view. tells: whether the
    file has a word for the outcome."""

    planted: dict[str, NDArray[Any]]
    effects: dict[str, float]
    journey: NDArray[Any]
    at: NDArray[Any]
    tells: bool = True

    def scored(self, id: str, own: NDArray[Any]) -> Scored:
        """A situation that came true on these rows of the view, beside the planted one it is most like."""
        best = Scored(id, "false" if self.tells else "not told", "", 0.0, 0.0)
        for name, theirs in self.planted.items():
            shared = len(np.intersect1d(own, theirs, assume_unique=True))
            jaccard = shared / max(len(own) + len(theirs) - shared, 1)
            verdict = "hit" if jaccard >= 0.5 else "part" if shared >= len(own) / 2 else "false"
            if verdict == "false" and _comes_before(own, theirs, self.journey, self.at) >= 0.5:
                verdict = "ancestor"
            if (VERDICTS.index(verdict), jaccard) > (VERDICTS.index(best.verdict), best.jaccard):
                best = Scored(id, verdict, name, jaccard, self.effects[name])
        return best


def truth_of(view: View, file: Path, outcome: Outcome) -> Truth:
    """What `truth.json`, whose `truth/exposures.parquet` lies beside it, says of an outcome."""
    truth = json.loads(file.read_text("utf-8"))
    exposures = pq.read_table(file.parent / "truth" / "exposures.parquet", columns=["situation", "contact_id"])
    rows = view.table(
        "select contact_id, customer_key, journey_no, epoch_us(occurred_at) as t from rows "
        "order by customer_key, journey_no, journey_position"
    )
    place = pc.index_in(exposures["contact_id"], value_set=rows["contact_id"].combine_chunks())
    place = place.combine_chunks().fill_null(-1).to_numpy(zero_copy_only=False)
    name = np.array(exposures["situation"].to_pylist())
    effects = {s["id"]: true_effect(s, outcome) for s in truth["situations"]}
    working = {s: effect for s, effect in effects.items() if effect}
    planted = {s: np.unique(place[(name == s) & (place >= 0)]) for s in working}
    journey = rows["customer_key"].to_numpy() * 2**20 + rows["journey_no"].to_numpy()
    tells = outcome == Outcome.LEFT or outcome.is_felt
    return Truth(planted, working, journey, rows["t"].to_numpy(), tells)


def score(view: View, found: Found, file: Path) -> Score:
    """Confirmed moments against `truth.json`, whose `truth/exposures.parquet` lies beside it."""
    truth = truth_of(view, file, found.moments.outcome)
    shown = [moment.situation for moment in found.moments.moments if moment.shown]
    scored = [truth.scored(situation.id, np.unique(found.places(situation))) for situation in shown]
    return Score(
        tuple(scored),
        tuple(truth.effects),
        frozenset(one.planted for one in scored if one.verdict == "hit"),
        frozenset(one.planted for one in scored if one.verdict == "part"),
    )


def true_effect(situation: dict[str, Any], outcome: Outcome) -> float:
    """What the file says of a situation's effect on an outcome; 0 where it says nothing."""
    if outcome.event:  # the file speaks of leaving only: nothing planted makes customers dormant or close a product
        return float(situation["effect"]) if outcome == Outcome.LEFT and situation["kind"] in WORKS else 0.0
    told = situation.get("score") or {}
    name = "emotion" if outcome == Outcome.NEGATIVE_EMOTION else "points" if outcome.is_felt else ""
    return float(told.get(name) or 0.0)


def _comes_before(own: np.ndarray, theirs: np.ndarray, journey: np.ndarray, at: np.ndarray) -> float:
    """The share of their episodes that come at or after one of ours in the same journey."""
    order = np.argsort(journey[own], kind="stable")
    keys, times = journey[own][order], at[own][order]
    place = np.searchsorted(keys, journey[theirs])
    inside = np.minimum(place, max(len(keys) - 1, 0))
    if not len(keys) or not len(theirs):
        return 0.0
    return float(((keys[inside] == journey[theirs]) & (times[inside] <= at[theirs])).mean())

"""Made-up companies whose truth is known, searched for moments: what was found of each, as plain figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tiesa
from tiesa.core.home import Home
from tiesa.journeys.view import View, open_view
from tiesa.moments.finding import Found, find_every
from tiesa.moments.outcomes import Outcome as Asked
from tiesa.moments.truth import Score, score
from tiesa.simulate import simulate

READ = ("customers", "contacts", "outcomes", "answers")
"""The tables that the search reads: the others tell it nothing."""


@dataclass(frozen=True)
class Outcome:
    """A world: what was confirmed of it, with truth and estimate. planted: effect of each situation that works."""

    seed: int
    customers: int
    tested: int
    selected: int
    one_by_one: int
    confirmed: tuple[dict[str, Any], ...]
    planted: dict[str, float]
    felt: tuple[dict[str, Any], ...]
    """The same of scores. `ends`: most of its contacts end a journey, which moves the score by itself: no situation of
    the file of truth, and not false."""

    @property
    def false(self) -> int:
        return sum(one["verdict"] == "false" for one in self.confirmed)

    @property
    def hits(self) -> set[str]:
        return {one["planted"] for one in self.confirmed if one["verdict"] == "hit"}

    @property
    def touched(self) -> set[str]:
        return {one["planted"] for one in self.confirmed if one["verdict"] in ("hit", "part")}


def outcome_of(customers: int, seed: int, **options: bool) -> Outcome:
    """Make a company, build its journeys by the usual rules, look for its moments and score them."""
    with TemporaryDirectory(prefix="tiesa-world-") as folder:
        company, home = Path(folder) / "company", Home(Path(folder) / "home")
        made = simulate(customers, seed=seed, out=company, **options)
        for name in READ:
            tiesa.import_file(company / f"{name}.parquet", home)
        tiesa.build(home)
        with open_view(home) as view:
            left, scores = find_every(view, outcomes=[Asked.LEFT, Asked.SCORE])
            confirmed, felt = (
                tuple(_told(view, found, score(view, found, company / "truth.json"))) for found in (left, scores)
            )
    planted = {s["id"]: s["effect"] for s in made.truth["situations"] if s["kind"] in ("moment", "positive")}
    m = left.moments
    return Outcome(seed, customers, m.tested, len(m.moments), m.one_by_one, confirmed, planted, felt)


def _told(view: View, found: Found, scored: Score) -> Iterator[dict[str, Any]]:
    ends = view.table("select goal is not null as ends from rows order by customer_key, journey_no, journey_position")
    moments = {moment.id: moment for moment in found.moments.moments}
    for one in scored.confirmed:
        moment = moments[one.id]
        yield {
            "verdict": one.verdict, "planted": one.planted, "jaccard": one.jaccard, "true": one.true_effect,
            "effect": moment.effect.value, "low": moment.effect.low, "high": moment.effect.high,
            "situation": str(moment.situation), "state": moment.state,
            "ends": bool(ends["ends"].to_numpy()[found.places(moment.situation)].mean() > 0.5),
        }  # fmt: skip

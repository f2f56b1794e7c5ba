"""Made-up companies whose truth is known, searched for moments: what was found of each, as plain figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tiesa
from tiesa.core.home import Home
from tiesa.journeys.view import open_view
from tiesa.moments.finding import find_moments
from tiesa.moments.states import State
from tiesa.moments.truth import score
from tiesa.simulate import simulate

READ = ("customers", "contacts", "outcomes")
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
            found = find_moments(view)
            scored = score(view, found, company / "truth.json")
    moments = {moment.id: moment for moment in found.moments.of(State.CONFIRMED)}
    confirmed = tuple(
        {
            "verdict": one.verdict, "planted": one.planted, "jaccard": one.jaccard, "true": one.true_effect,
            "effect": moments[one.id].effect.value, "low": moments[one.id].effect.low,
            "high": moments[one.id].effect.high, "situation": str(moments[one.id].situation),
        }
        for one in scored.confirmed
    )  # fmt: skip
    planted = {s["id"]: s["effect"] for s in made.truth["situations"] if s["kind"] in ("moment", "positive")}
    m = found.moments
    return Outcome(seed, customers, m.tested, len(m.moments), m.one_by_one, confirmed, planted)

"""Made-up companies whose truth is known, searched for moments: what was found of each, as plain figures."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tiesa
from tiesa.core.home import Home
from tiesa.journeys.view import open_view
from tiesa.moments.atoms import Atom
from tiesa.moments.confirm import confirm
from tiesa.moments.defined import Given
from tiesa.moments.effect import effect_of
from tiesa.moments.finding import HORIZON, Found, find_every
from tiesa.moments.given import trials
from tiesa.moments.outcomes import Outcome
from tiesa.moments.situations import Situation
from tiesa.moments.truth import Score, score, true_effect
from tiesa.simulate import simulate

LONG = bool(os.environ.get("TIESA_LONG"))
READ_OF = (Outcome.LEFT, Outcome.SCORE)
READ = ("customers", "contacts", "outcomes", "answers")
"""The tables that the search reads: the others tell it nothing."""


@dataclass(frozen=True)
class World:
    """What was confirmed in a company, with truth and estimate. planted: effect of each situation that works."""

    seed: int
    customers: int
    tested: int
    selected: int
    one_by_one: int
    confirmed: tuple[dict[str, Any], ...]
    planted: dict[str, float]
    felt: tuple[dict[str, Any], ...]
    """The same of scores."""
    named: tuple[dict[str, Any], ...] = ()
    """Every situation of the file of truth, found or not, as one that a person names: its effect on leaving and on
    scores, with interval, beside what was found."""
    others: tuple[str, ...] = ()
    """What is confirmed of other outcomes, where nothing works and every outcome is searched."""

    @property
    def false(self) -> int:
        return sum(one["verdict"] == "false" for one in self.confirmed)

    @property
    def hits(self) -> set[str]:
        return {one["planted"] for one in self.confirmed if one["verdict"] == "hit"}

    @property
    def felt_hits(self) -> set[str]:
        return {one["planted"] for one in self.felt if one["verdict"] == "hit"}

    @property
    def touched(self) -> set[str]:
        return {one["planted"] for one in self.confirmed if one["verdict"] in ("hit", "part")}


def world_of(customers: int, seed: int, **options: bool) -> World:
    """Make a company, build its journeys by the usual rules, look for its moments and score them."""
    with TemporaryDirectory(prefix="tiesa-world-") as folder:
        company, home = Path(folder) / "company", Home(Path(folder) / "home")
        made = simulate(customers, seed=seed, out=company, **options)
        for name in READ:
            tiesa.import_file(company / f"{name}.parquet", home)
        tiesa.build(home)
        with open_view(home) as view:
            # Where nothing works, every outcome is searched: nothing is to be found.
            every = find_every(view, outcomes=READ_OF if options.get("effects", True) else ())
            left, scores = (next(f for f in every if f.moments.outcome == outcome) for outcome in READ_OF)
            others = tuple(
                f"{f.moments.outcome.value}: {m.situation}"
                for f in every for m in f.moments.moments if f.moments.outcome not in READ_OF and m.shown
            )  # fmt: skip
            confirmed, felt = (
                tuple(_told(found, score(view, found, company / "truth.json"))) for found in (left, scores)
            )
            named = tuple(one for found in (left, scores) for one in _named(found, made.truth["situations"]))
    planted = {s["id"]: s["effect"] for s in made.truth["situations"] if s["kind"] in ("moment", "positive")}
    m = left.moments
    return World(seed, customers, m.tested, len(m.moments), m.one_by_one, confirmed, planted, felt, named, others)


def _named(found: Found, situations: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """beside: beside what was found, as a person's own situation is tested. together: in one model of all that are
    named, whatever was found."""
    first, tested, outcome = found.halves[0], found.confirmation, found.moments.outcome
    named = [Given(one["name"], _condition(one)) for one in situations]
    beside = trials(named, found.search, tested, first, tested.timeline)
    judged = [(one, trial) for one, trial in zip(situations, beside, strict=True) if trial.tested]
    together = confirm(tested.timeline, tested.model, [trial.given.situation for _one, trial in judged])
    for place, (situation, trial) in enumerate(judged):
        assert trial.tested is not None
        told = {"planted": situation["id"], "outcome": outcome.value, "true": true_effect(situation, outcome)}
        for way, model, k in (("beside", trial.tested, trial.k), ("together", together, place)):
            effect = effect_of(model, k, HORIZON // timedelta(microseconds=1))
            yield told | {
                "way": way, "effect": effect.value, "low": effect.low, "high": effect.high, "error": effect.error,
                "unadjusted": effect.unadjusted, "episodes": effect.episodes,
            }  # fmt: skip


def _condition(situation: dict[str, Any]) -> Situation:
    """As the file of truth tells it; what is no touchpoint is in its kind of journey only."""
    atoms = Situation.from_plain(situation["machine_readable"]).atoms
    if not any(atom.kind in ("word", "attribute") for atom in atoms):
        atoms = (*atoms, Atom("word", "journey_type", situation["journey_type"]))
    return Situation.of(atoms)


def _told(found: Found, scored: Score) -> Iterator[dict[str, Any]]:
    moments = {moment.id: moment for moment in found.moments.moments}
    for one in scored.confirmed:
        moment = moments[one.id]
        yield {
            "verdict": one.verdict, "planted": one.planted, "jaccard": one.jaccard, "true": one.true_effect,
            "effect": moment.effect.value, "low": moment.effect.low, "high": moment.effect.high,
            "situation": str(moment.situation), "state": moment.state,
        }  # fmt: skip


def write(world: World, options: list[str], file: Path) -> None:
    """Another line of a file that `figures` reads."""
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"options": options} | asdict(world)) + "\n")


def named_world(customers: int, seed: int, options: tuple[str, ...]) -> World:
    """options: as `tiesa simulate` has them: `drift`, or `no-effects`."""
    return world_of(customers, seed, **{name.removeprefix("no-"): name[:3] != "no-" for name in options})


def worlds(of: Sequence[tuple[range, int]], *options: str) -> list[World]:
    """Worlds with these seeds and so many customers. A long run makes two at a time, and keeps them in the folder
    TIESA_WORLDS, if there is one."""
    every = [(customers, seed, options) for seeds, customers in of for seed in seeds]
    if not LONG:
        return [named_world(*one) for one in every]
    made = []
    with ProcessPoolExecutor(2) as pool:
        for one in pool.map(named_world, *zip(*every, strict=True)):
            made.append(one)
            if folder := os.environ.get("TIESA_WORLDS"):
                write(one, list(options), Path(folder) / f"{'-'.join([str(one.customers), *options])}.jsonl")
    return made


if __name__ == "__main__":
    # python -m tests.truth.worlds FILE CUSTOMERS FIRST LAST [option ...]: a line of JSON for each world.
    import sys

    file, customers, first, last, *options = sys.argv[1:]
    for seed in range(int(first), int(last) + 1):
        found = named_world(int(customers), seed, tuple(options))
        write(found, options, Path(file))
        print(seed, len(found.confirmed), found.false, sorted(found.hits), flush=True)

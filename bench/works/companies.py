"""What the search for moments and its competitors work on: a made-up company in a home, its situations as columns."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np

from bench.job import Folder, Job
from bench.tried import Flags, Tried

READ = ("customers", "contacts", "outcomes")
"""The tables that the search reads: the others tell it nothing."""


def company_home(folder: Folder) -> Job:
    """The company's files imported and built by the usual rules."""
    import tiesa
    from tiesa.core.home import Home

    def run() -> dict[str, Any]:
        shutil.rmtree(folder.home, ignore_errors=True)
        home = Home(folder.home)
        for name in READ:
            tiesa.import_file(folder.company / f"{name}.parquet", home)
        tiesa.build(home)
        return {}

    return Job(run)


def tried(folder: Folder) -> Job:
    """Every situation of one or two conditions that enough customers have been in, beside journeys and truth."""
    from tiesa.core.home import Home
    from tiesa.journeys.view import open_view
    from tiesa.moments.finding import HORIZON
    from tiesa.moments.outcomes import Outcome
    from tiesa.moments.people import people_of
    from tiesa.moments.situations import Grammar
    from tiesa.moments.timeline import timeline_of
    from tiesa.moments.truth import truth_of

    def run() -> dict[str, Any]:
        with open_view(Home(folder.home)) as view:
            truth = truth_of(view, folder.company / "truth.json", Outcome.LEFT)
            people = people_of(view)
            timeline = timeline_of(view, people, least=max(10, len(people) // 200))
        horizon_us = round(HORIZON.total_seconds() * 1_000_000)
        last = np.append(timeline.starts[1:], len(timeline)) - 1
        customer, at = timeline.customer[last], timeline.at[last]
        kept = (at >= people.enter[customer]) & (at < people.leave[customer]) & (at + horizon_us <= people.ends)
        bits, conditions, words, scored = [], [], [], []
        for candidate in Grammar(timeline).singles_and_pairs():
            met = np.zeros(len(last), np.bool_)
            met[timeline.journey[candidate.episodes.row]] = True
            bits.append(np.packbits(met[kept], bitorder="little"))
            conditions.append(len(candidate.situation))
            words.append(str(candidate.situation))
            scored.append(truth.scored(words[-1], np.unique(timeline.place[candidate.episodes.row])))
        of_row = np.full(int(timeline.place.max()) + 1, -1)
        of_row[timeline.place] = timeline.journey
        planted = np.zeros((len(truth.planted), len(last)), np.bool_)
        for met, rows in zip(planted, truth.planted.values(), strict=True):
            own = of_row[rows[rows < len(of_row)]]
            met[own[own >= 0]] = True
        Tried(
            left=(people.left[customer] & (people.leave[customer] <= at + horizon_us))[kept],
            customer=people.cluster[customer[kept]],
            context=_context(timeline, customer[kept], at[kept], horizon_us),
            bits=np.stack(bits),
            conditions=np.array(conditions),
            words=np.array(words),
            verdict=np.array([one.verdict for one in scored]),
            like=np.array([one.planted for one in scored]),
            jaccard=np.array([one.jaccard for one in scored]),
            names=np.array(list(truth.effects)),
            effects=np.array(list(truth.effects.values())),
            journeys=np.packbits(planted[:, kept], axis=1, bitorder="little"),
        ).keep(folder.tried)
        return {}

    return Job(run)


def _context(timeline: Any, customer: Any, at: Any, horizon_us: int) -> Any:
    """What the search adjusts for, as dummies of each factor's words but the first, a constant before them."""
    from tiesa.moments.hazard import person_time
    from tiesa.moments.rates import choose_traits

    people = timeline.people
    cells = person_time(timeline, horizon_us=horizon_us, traits=choose_traits(people)).cells
    codes = cells.codes[customer, (at - people.begins) // 1_000_000 // cells.width].astype(np.int64)
    columns: list[Flags] = [np.ones(len(at), np.bool_)]
    for words in cells.factors(codes).values():
        columns += [words == word for word in np.unique(words)[1:]]
    return np.stack(columns, axis=1).astype(np.float64)

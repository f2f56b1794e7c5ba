"""Which situations make customers leave, with pysubgroup: beam search for groups of journeys after which many left."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.job import Clock, Folder, Job
from bench.tried import Tried, counted
from bench.work import peak_gib

BEAM, DEPTH, TOP = 40, 3, 10
LEAST_SHARE = 0.02
"""So many journeys a group must have, as a share of the customers: as many as a situation that Tiesa looks at."""


def pysubgroup_beam(folder: Folder) -> Job:
    """The best groups by the binomial quality, the one nearest to a z score; conditions hold in the same journey."""
    import pandas as pd
    import pysubgroup as ps

    given = Tried.kept(folder.tried)
    single = np.flatnonzero(given.conditions == 1)
    frame = pd.DataFrame({given.words[i]: given.column(i) for i in single} | {"left": given.left})
    selectors = [ps.EqualitySelector(given.words[i], True) for i in single]
    least = int(LEAST_SHARE * len(np.unique(given.customer)))
    looked_at: set[Any] = set()

    class Counted(ps.StandardQF):  # type: ignore[misc]
        """The binomial quality, which remembers what it was asked."""

        def evaluate(self, subgroup: Any, target: Any, data: Any, statistics: Any = None) -> Any:
            looked_at.add(frozenset(subgroup.selectors))
            return super().evaluate(subgroup, target, data, statistics)

    def run() -> dict[str, Any]:
        clock = Clock()
        with clock:
            task = ps.SubgroupDiscoveryTask(
                frame, ps.BinaryTarget("left", True), selectors, Counted(0.5), result_set_size=TOP, depth=DEPTH,
                constraints=[ps.MinSupportConstraint(least)],
            )  # fmt: skip
            result = ps.BeamSearch(beam_width=BEAM).execute(task).to_descriptions()
        peak = peak_gib()
        groups = [np.asarray(group.covers(frame), np.bool_) for _quality, group in (each[:2] for each in result)]
        return {
            **clock.facts(),
            "peak_gib": peak,
            "looked_at": len(looked_at),
            "each_s": clock.seconds / len(looked_at),
            "each_cpu_s": clock.cpu_seconds / len(looked_at),
            **counted([given.verdict_on(group) for group in groups]),
        }

    def check() -> dict[str, Any]:
        return given.facts(sum(int(one.covers(frame).sum()) for one in selectors))

    return Job(run, check)

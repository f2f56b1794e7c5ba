"""Which situations make customers leave, with Tiesa: from the home to what is confirmed, effects included."""

from __future__ import annotations

from typing import Any

from bench.job import Clock, Folder, Job
from bench.tried import counted
from bench.work import peak_gib


def tiesa_moments(folder: Folder) -> Job:
    """Reading, search on one half of the customers, confirmation on the other, effects, second opinions."""
    from tiesa.core.home import Home
    from tiesa.journeys.view import open_view
    from tiesa.moments.finding import find_every
    from tiesa.moments.outcomes import Outcome
    from tiesa.moments.truth import score

    home = Home(folder.home)

    def run() -> dict[str, Any]:
        clock = Clock()
        with open_view(home) as view:
            with clock:
                (found,) = find_every(view, outcomes=[Outcome.LEFT])
            peak = peak_gib()
            scored = score(view, found, folder.company / "truth.json").confirmed
        effect = {moment.id: moment.effect for moment in found.moments.moments}
        return {
            **clock.facts(),
            "peak_gib": peak,
            "looked_at": found.moments.tested,
            "each_s": clock.seconds / found.moments.tested,
            "each_cpu_s": clock.cpu_seconds / found.moments.tested,
            **counted([(one.verdict, one.planted) for one in scored]),
            "effects": [
                {
                    "situation": one.planted, "true": one.true_effect, "value": effect[one.id].value,
                    "low": effect[one.id].low, "high": effect[one.id].high,
                }
                for one in scored if one.verdict == "hit"
            ],
        }  # fmt: skip

    return Job(run)

"""The crash suite by hand: `python -m tests.crash --rounds 200 --together 10 --full-disk`, a line for each trial.

A round can be repeated from its number: `python -m tests.crash --only 17`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.crash.full_disk import Shortage, moments_of_shortage, play_full
from tests.crash.kept import nursery
from tests.crash.order import Order, play_order
from tests.crash.overtaken import RACES, Race, play_race
from tests.crash.rounds import KINDS, Round, play
from tests.crash.scene import Scene
from tests.crash.together import Bustle, play_together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=0, help="rounds of kills")
    parser.add_argument("--only", type=int, nargs="*", help="rounds of kills with these numbers")
    parser.add_argument("--together", type=int, default=0, help="trials with everybody at once")
    parser.add_argument("--races", action="store_true", help="each commit of a command overtaken by another process")
    parser.add_argument("--order", action="store_true", help="the order in which commands sync and name")
    parser.add_argument("--full-disk", type=int, default=0, help="moments of each command at which the disk is full")
    parser.add_argument("--of", help="the one command whose disk is full")
    chosen = parser.parse_args()
    started = time.monotonic()
    trials: list[Round | Bustle | Race | Order | Shortage] = []
    with tempfile.TemporaryDirectory() as folder, nursery() as kept:
        scene = Scene(Path(folder), kept)
        for number in chosen.only or range(chosen.rounds):
            show(trials, play(scene, number))
        for number in range(chosen.together):
            show(trials, play_together(scene, number))
        for race in RACES if chosen.races else ():
            show(trials, play_race(scene, race))
        for kind in KINDS if chosen.order else ():
            show(trials, play_order(scene, kind))
        for kind in [k for k in KINDS if chosen.full_disk and chosen.of in (None, k.name)]:
            for call, moment in spread(moments_of_shortage(scene, kind), chosen.full_disk):
                show(trials, play_full(scene, kind, call, moment))
        known = sum(len({m.point for m in course.moments}) for course in scene.courses)
    bad = [one for one in trials if one.faults]
    rounds = [one for one in trials if isinstance(one, Round)]
    stages = Counter(stage for one in rounds for stage in one.stages)
    reached = {(one.kind.name, stop) for one in rounds for stop in one.stops if ":" in stop and "done" not in stop}
    print(f"{len(trials) - len(bad)} of {len(trials)} trials exact, {time.monotonic() - started:.0f} s")
    print("kills: " + ", ".join(f"{n} {stage}" for stage, n in stages.most_common()))
    print(f"{len(reached)} different fault points hit; the commands pass {known} different points")
    sys.exit(bool(bad))


def show(trials: list[Round | Bustle | Race | Order | Shortage], one: Round | Bustle | Race | Order | Shortage) -> None:
    trials.append(one)
    print(one, flush=True)


def spread(moments: list[tuple[int, str]], n: int) -> list[tuple[int, str]]:
    """So many of the moments, from the first to the last."""
    if n >= len(moments):
        return moments
    return [moments[round(i * (len(moments) - 1) / max(1, n - 1))] for i in range(n)]


if __name__ == "__main__":
    main()

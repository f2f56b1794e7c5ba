"""A process is held right before a commit until another one has done the same: the loser must look again."""

from __future__ import annotations

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import looks
from tests.crash.plans import REACHED, Plan
from tests.crash.rounds import differs, faults_of_fate
from tests.crash.scene import BUILD, FOLD_IN, Scene

from tiesa.core.home import Home

TABLES = ("private/pseudonyms", "private/identities", "private/texts", "answers", "contacts")


@dataclass
class Race:
    """`loser` is held at its commit of `table`; `faults` must be empty."""

    name: str
    state: str
    table: str
    files: tuple[int, ...]
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def point(self) -> str:
        return f"{self.table}: create entry's draft"

    def __str__(self) -> str:
        return f"race  {self.name:<26} {'; '.join(self.faults) or 'exact'}  {self.seconds:4.1f} s  held at {self.point}"


RACES = (
    *(Race("import against import", "other", table, (1, 2)) for table in TABLES),
    *(Race("build against full build", "more", table, (0, 1)) for table in ("journeys", "journey_contacts")),
)


def play_race(scene: Scene, race: Race) -> Race:
    """The winner runs from its beginning to its end while the loser is held."""
    started, root = time.monotonic(), scene.copy(race.state, "race")
    importing = race.table in TABLES
    losing, winning = (scene.importing(1), scene.importing(1)) if importing else (BUILD, FOLD_IN)
    sign = root.parent / "go on"
    reached = Path(f"{sign}{REACHED}")
    for each in (sign, reached):
        each.unlink(missing_ok=True)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(scene.nursery.run, Plan(str(root), [losing], hold_at=race.point, hold_for=str(sign)))
        try:
            while not reached.exists() and not future.done():
                time.sleep(0.02)
            winner = scene.nursery.run(Plan(str(root), [winning]))
        finally:
            sign.touch()
        loser = future.result()
    race.faults = faults_of_fate(winner) + faults_of_fate(loser)
    if loser.stopped_at is None:
        race.faults.append("the loser was never held: nothing was tried")
    if importing and not race.faults:
        accepted = [json.loads(fate.answers[0]["out"])["accepted"] for fate in (winner, loser)]
        if sum(accepted) != 60:
            race.faults.append(f"{accepted} contacts were accepted, of 60")
    race.faults += faults_of_fate(scene.nursery.run(Plan(str(root), [BUILD])))
    home = Home(root)
    found, wanted = looks.holds(home), looks.wanted(race.files)
    race.faults += [differs(what, found[what], wanted[what]) for what in wanted if found[what] != wanted[what]]
    race.faults += looks.faults_of_evidence(home)[1]
    if looks.journeys_of(home) != scene.reference(race.files):
        race.faults.append("the journeys are not those of a home to which one came after the other")
    race.seconds = time.monotonic() - started
    shutil.rmtree(root)
    return race

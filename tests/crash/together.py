"""Two importers, one builder and four readers on one home at once, and a third importer that is killed among them."""

from __future__ import annotations

import random
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import looks
from tests.crash.plans import Plan
from tests.crash.rounds import differs, faults_of_fate
from tests.crash.scene import BUILD, Scene
from tests.crash.victim import BUILD_ON, READ

from tiesa.core.home import Home

FILES = (1, 2, 3, 4)
READERS, AT_LEAST = 4, 5


@dataclass
class Bustle:
    """What came of it: `faults` must be empty; `reads` views in all, of so many `versions`."""

    number: int
    reads: int = 0
    versions: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        seen = (
            f"{self.reads} reads of {self.versions} versions, all whole" if not self.faults else "; ".join(self.faults)
        )
        return f"together {self.number:2}  {seen}  {self.seconds:4.1f} s"


def play_together(scene: Scene, number: int) -> Bustle:
    """Both importers send the same files, in orders of their own, so that they race for every row and correction.

    The builder builds until they are done, the readers read until the builder is.
    """
    started, one = time.monotonic(), Bustle(number)
    root = scene.copy("built", f"together-{number}")
    chance = random.Random(number)
    kept, built = (root.parent / f"{what}-{number}" for what in ("kept", "built"))
    for sign in (kept, built):
        sign.unlink(missing_ok=True)
    orders = [chance.sample(FILES, len(FILES)) for _importer in range(3)]
    importers = [Plan(str(root), [scene.importing(file) for file in order]) for order in orders[:2]]
    killed = Plan(str(root), [scene.importing(file) for file in orders[2]], kill_after_s=chance.uniform(0.2, 2.0))
    builder = Plan(str(root), [[BUILD_ON, str(kept)]])
    reading = Plan(str(root), [[READ, str(built), str(AT_LEAST)]])
    with ThreadPoolExecutor(READERS + 4) as pool:
        readers = [pool.submit(scene.nursery.run, reading) for _reader in range(READERS)]
        journeys = pool.submit(scene.nursery.run, builder)
        writers = [pool.submit(scene.nursery.run, plan) for plan in (*importers, killed)]
        try:
            for writer in writers:
                one.faults += faults_of_fate(writer.result())
            kept.touch()
            one.faults += faults_of_fate(journeys.result())
        finally:
            kept.touch()
            built.touch()
        views = [reader.result().answers for reader in readers]
    for answers in views:
        if not answers:
            one.faults.append("a reader ended without a word")
        for answer in answers:
            one.reads += answer["reads"]
            one.versions = max(one.versions, len(answer["versions"]))
            one.faults += answer["faults"]
    one.faults += _faults_at_the_end(scene, root)
    one.seconds = time.monotonic() - started
    if not one.faults:
        shutil.rmtree(root)
    return one


def _faults_at_the_end(scene: Scene, root: Path) -> list[str]:
    faults = faults_of_fate(scene.do(root, BUILD))
    home, files = Home(root), (0, *FILES)
    found, wanted = looks.holds(home), looks.wanted(files)
    faults += [differs(what, found[what], wanted[what]) for what in wanted if found[what] != wanted[what]]
    if looks.journeys_of(home) != scene.reference(files):
        faults.append("the journeys are not those of a home to which one came after the other")
    return faults + looks.faults_of_evidence(home)[1]

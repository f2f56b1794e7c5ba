"""One round of kills: a command is killed, perhaps twice; then everything must be as if it had not been."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import looks
from tests.crash.plans import Fate, Plan
from tests.crash.scene import AFTER, BEFORE, BETWEEN, BUILD, FOLD_IN, INSIDE, PINNED, Moment, Scene, erasing
from tests.crash.victim import VACUUM

from tiesa.core.errors import EmptyHome
from tiesa.core.home import Home
from tiesa.journeys.evidence import journey_contact_store
from tiesa.upkeep.check import check
from tiesa.upkeep.findings import Severity

_TURNS = (INSIDE, BEFORE, INSIDE, AFTER, "")
"""At which moments the rounds of a command kill, in turn; the last: at some time or other."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A command to kill: in which state, and which files of the story hold before and after it."""

    name: str
    state: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    erased: str = ""

    def words(self, scene: Scene) -> list[str]:
        match self.name.split(",")[0]:
            case "import":
                return scene.importing(1)
            case "build":
                return BUILD
            case "fold-in":
                return FOLD_IN
            case "undo":
                scene.home(self.state)
                return ["undo", scene.import_ids[1], "--json"]
            case "erasure":
                return erasing(self.erased)
            case "vacuum":
                return [VACUUM]
        raise ValueError(self.name)


KINDS = (
    Kind("import", "built", (0,), (0, 1)),
    Kind("build", "more", (0, 1), (0, 1)),
    Kind("undo", "layered", (0, 1), (0,)),
    Kind("fold-in", "layered", (0, 1), (0, 1)),
    Kind("erasure", "layered", (0, 1), (0, 1), erased="person 17"),
    Kind("vacuum", "worn", (0, 1, 2), (0, 1, 2)),
    Kind("import, the first", "none", (), (1,)),
    Kind("import, log summed up", "aged", (0,), (0, 1)),
    Kind("build, log summed up", "aged", (0,), (0,)),
)


@dataclass
class Round:
    """What happened in a round: `stops` where the command was stopped, `faults` what was not as it must be."""

    number: int
    kind: Kind
    stops: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    reads: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        outcome = "; ".join(self.faults) or "exact"
        stops = " | ".join(self.stops)
        return f"round {self.number:3}  {self.kind.name:<21} {outcome}  {self.seconds:4.1f} s  {stops}"


def play(scene: Scene, number: int) -> Round:
    """Round `number`: its command, its kills and their moments follow from the number alone.

    Every third round kills the same command a second time, where the first kill left the home.
    """
    started = time.monotonic()
    kind = KINDS[number % len(KINDS)]
    one = Round(number, kind)
    turn = number // len(KINDS)
    words = kind.words(scene)
    course = scene.course(kind.state, words)
    root = scene.copy(kind.state, f"round-{number}")
    home = Home(root)
    pinned = fingerprints(home, kept_by_vacuum=kind.name == "vacuum")
    chance = random.Random(number)
    for nth in range(2 if number % 3 == 0 else 1):
        stage = _TURNS[(number + 2 * nth) % len(_TURNS)]
        if not stage:
            delay = chance.uniform(0.0, course.seconds)
            plan, stop, stage = Plan(str(root), [words], kill_after_s=delay), f"after {delay:.3f} s", "at some time"
        else:
            moment = _moment(course.moments, stage, turn + nth)
            plan = Plan(str(root), [words], kill_point=(moment.point, moment.passing))
            stop, stage = f"{moment.point} ({moment.passing})", moment.stage
        fate = scene.nursery.run(plan)
        one.stops.append(stop if fate.killed else f"{stop}: done before")
        one.stages.append(stage if fate.killed else "not reached")
        one.faults += faults_of_fate(fate)
        one.faults += faults_in_between(home, kind, done=succeeded(fate), pinned=pinned)
    one.faults += complete(scene, root, kind, words, pinned)
    one.seconds = time.monotonic() - started
    if not one.faults:
        shutil.rmtree(root)
    return one


def _moment(moments: tuple[Moment, ...], stage: str, turn: int) -> Moment:
    """The turn-th moment to try in a stage of a command, in an order of their own that is always the same."""
    ours = [m for m in moments if m.stage == stage or (stage == AFTER and m.stage == BETWEEN)] or list(moments)
    return random.Random(stage).sample(ours, len(ours))[turn % len(ours)]


def succeeded(fate: Fate) -> bool:
    return bool(fate.answers) and fate.answers[0]["status"] == 0


def faults_of_fate(fate: Fate) -> list[str]:
    faults = [f"{a['words'][0]}: {a['err']}" for a in fate.answers if a["status"] and not _is_done_already(a)]
    if not fate.killed and fate.status:
        faults.append(f"the process ended with {fate.status}")
    return faults


def _is_done_already(answer: dict[str, object]) -> bool:
    """An undo that was killed after its last step finds nothing left to do, and says so."""
    return answer["status"] == 1 and "No import" in str(answer["err"])


def faults_in_between(home: Home, kind: Kind, *, done: bool, pinned: dict[int, str]) -> list[str]:
    """What a reader, coming right after the kill, must not see.

    Contacts are those before the command or those after it, whole; what is kept before them may be ahead of them.
    """
    found = looks.holds(home)
    before, after = looks.wanted(kind.before), looks.wanted(kind.after, kind.erased)
    faults = []
    for what in ("contacts", "answers", "texts", "customers"):
        if found[what] != after[what] and (done or found[what] != before[what]):
            faults.append(differs(what, found[what], after[what] if done else before[what]))
    if any(n > 1 for n in found["numbers"].values()):
        faults.append("a customer number was given twice")
    return faults + faults_of_views(home, pinned)


def faults_of_views(home: Home, pinned: dict[int, str]) -> list[str]:
    faults = [
        f"evidence {n} is no longer what it was" for n, was in pinned.items() if looks.fingerprint(home, n) != was
    ]
    try:
        return faults + looks.faults_of_evidence(home)[1]
    except EmptyHome:
        return faults


def fingerprints(home: Home, *, kept_by_vacuum: bool) -> dict[int, str]:
    """What every evidence is that must stay readable, by its number."""
    latest = journey_contact_store(home).version().number
    numbers = {PINNED, latest} if kept_by_vacuum else range(max(1, latest - 2), latest + 1)
    return {number: looks.fingerprint(home, number) for number in numbers}


def complete(scene: Scene, root: Path, kind: Kind, words: list[str], pinned: dict[int, str]) -> list[str]:
    """The same command again, with no repair before it, and a build: now all must be exact."""
    again = [words] if words[0] == "import" else []
    fate = scene.nursery.run(Plan(str(root), [words, *again, BUILD]))
    faults = faults_of_fate(fate)
    if again and not faults and json.loads(fate.answers[1]["out"])["accepted"]:
        faults.append("sent once more, it was taken in once more")
    home = Home(root)
    found, after = looks.holds(home), looks.wanted(kind.after, kind.erased)
    faults += [differs(what, found[what], after[what]) for what in after if found[what] != after[what]]
    if looks.journeys_of(home) != scene.reference(kind.after, kind.erased):
        faults.append("the journeys are not those of a home in which nothing went wrong")
    faults += [f"check: {f.where}: {f.what}" for f in check(home).findings if f.severity != Severity.NOTE]
    if kind.erased:
        faults += [f"{kind.erased} still stands in {place}" for place in looks.traces_of(home, kind.erased)]
    if kind.name == "vacuum":
        faults += [f"{left} was left behind" for left in leftovers(root)]
    return faults + faults_of_views(home, pinned)


def leftovers(root: Path) -> list[str]:
    """What nobody names and a vacuum must have swept up (what came after it, in the last build, is named)."""
    drafts = [p for p in root.rglob("*.parquet") if "-" not in p.stem and "checkpoint" not in p.stem]
    return [str(p.relative_to(root)) for p in (*drafts, *root.rglob("*.json#*"), *root.glob("spill/*"))]


def differs(what: str, found: Counter[tuple[object, ...]], wanted: Counter[tuple[object, ...]]) -> str:
    lost, added = wanted - found, found - wanted
    first = next(iter((lost or added).elements()))
    return f"{what}: {lost.total()} lost, {added.total()} doubled or never sent, such as {first}"

"""Homes in the states from which rounds start, made once, and what undisturbed commands do in them."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.crash import looks, story
from tests.crash.kept import Nursery
from tests.crash.plans import Fate, Plan

from tiesa.contacts.log import ContactLog
from tiesa.core.home import Home
from tiesa.core.tables import ANSWER, CONTACT
from tiesa.engines.store import Store
from tiesa.journeys.evidence import journey_contact_store, journey_store
from tiesa.upkeep.pins import pin

FILES = range(8)
PINNED = 2
"""The evidence number that is pinned in the worn home."""
BUILD = ["build", "--json"]
FOLD_IN = ["build", "--full", "--json"]
BEFORE, INSIDE, BETWEEN, AFTER = "before the commit", "inside the commit", "between two commits", "after the commit"


def erasing(person: str) -> list[str]:
    """The words that erase a person."""
    return ["erase", person, "--why", "asked for it", "--json"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A fault point of one command: before the n-th passing of a named point, and where this stands to its commits."""

    point: str
    passing: int
    stage: str


@dataclass(frozen=True, slots=True)
class Course:
    """How a command goes undisturbed: how long it takes, and the moments at which it can be stopped."""

    seconds: float
    moments: tuple[Moment, ...]


@dataclass
class Scene:
    """A folder with the story's files and prepared homes."""

    folder: Path
    nursery: Nursery
    _homes: dict[str, Path] = field(default_factory=dict)
    _courses: dict[tuple[str, ...], Course] = field(default_factory=dict)
    _references: dict[tuple[object, ...], Any] = field(default_factory=dict)
    import_ids: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        story.write_files(self.folder, FILES)

    def importing(self, file: int) -> list[str]:
        """The words that take in a file of the story."""
        return ["import", str(self.folder / f"{file}.csv"), "--mapping", str(self.folder / "desk.toml"), "--json"]

    def do(self, home: Path, *commands: list[str]) -> Fate:
        """Commands that must all succeed, undisturbed."""
        fate = self.nursery.run(Plan(str(home), list(commands)))
        for answer in fate.answers:
            if answer["status"]:
                raise AssertionError(f"{' '.join(answer['words'])}: {answer['err']}")
        return fate

    def home(self, state: str) -> Path:
        """The prepared home of a state (see `_PREPARED`); take a copy before you change it."""
        if state not in self._homes:
            home = self.folder / "homes" / state.replace(" ", "-")
            before, files, build = _PREPARED[state]
            if before:
                shutil.copytree(self.home(before), home)
            for file in files:
                answer = self.do(home, self.importing(file)).answers[0]
                self.import_ids[file] = json.loads(answer["out"])["import_id"]
            if build:
                self.do(home, BUILD)
            if state == "aged":
                _age(Home(home))
            if state == "worn":
                self.do(home, FOLD_IN)
                _leave_behind(Home(home))
                pin(Home(home), PINNED, why="shown to the committee", by="the suite")
            self._homes[state] = home
        return self._homes[state]

    def copy(self, state: str, name: str) -> Path:
        """A home of its own, in a prepared state."""
        target = self.folder / "rounds" / name
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(exist_ok=True)
        if state != "none":
            shutil.copytree(self.home(state), target)
        return target

    def course(self, state: str, words: list[str]) -> Course:
        """What an undisturbed run of a command passes in a prepared state."""
        key = (state, *words)
        if key not in self._courses:
            calls = self.calls(state, words)
            started = time.monotonic()
            self.do(self.copy(state, "course"), words)
            self._courses[key] = Course(time.monotonic() - started, moments_of(calls))
        return self._courses[key]

    def calls(self, state: str, words: list[str]) -> list[str]:
        """The named points that an undisturbed run of a command passes, in order."""
        fate = self.nursery.run(Plan(str(self.copy(state, "course")), [words], record=True))
        assert not fate.answers[0]["status"], fate.answers[0]["err"]
        return fate.calls

    @property
    def courses(self) -> list[Course]:
        """The courses that were needed so far."""
        return list(self._courses.values())

    def reference(self, files: tuple[int, ...], erased: str = "") -> Any:
        """Rows and journeys of a home that took in these files and built once, with nothing ever going wrong."""
        key = (*files, erased)
        if key not in self._references:
            home = self.folder / "homes" / f"reference-{len(self._references)}"
            erasure = [erasing(erased)] if erased else []
            self.do(home, *(self.importing(file) for file in files), BUILD, *erasure)
            self._references[key] = looks.journeys_of(Home(home))
        return self._references[key]


_PREPARED: dict[str, tuple[str, tuple[int, ...], bool]] = {
    # the state it starts from, files taken in, whether journeys are built then
    "built": ("", (story.BASE,), True),
    "more": ("built", (1,), False),
    "layered": ("more", (), True),
    "aged": ("built", (), False),
    "other": ("", (2,), True),
    "worn": ("layered", (2,), True),
}


def moments_of(calls: list[str]) -> tuple[Moment, ...]:
    """The moments of a run: of the same call many times in a row (a long write) the first and the last."""
    commits = [n for n, call in enumerate(calls) if call.endswith(": link entry")]
    first, last = (commits[0], commits[-1]) if commits else (len(calls), -1)
    moments = []
    seen: dict[str, int] = {}
    place = 0
    for call, run in groupby(calls):
        length = len(list(run))
        for offset in sorted({0, length - 1}):
            here = place + offset
            passing = seen.get(call, 0) + offset + 1
            if " entry" in call or call.endswith("log folder"):
                stage = INSIDE
            else:
                stage = BEFORE if here < first else AFTER if here > last else BETWEEN
            moments.append(Moment(call, passing, stage))
        seen[call] = seen.get(call, 0) + length
        place += length
    return tuple(moments)


def _leave_behind(home: Home) -> None:
    """What processes that were killed long ago have left."""
    log = ContactLog(home)
    for store in (log.store(CONTACT), log.private.words, journey_store(home)):
        store.new_path()[1].write_bytes(b"half a file")
        (store.root / "_delta_log" / "00000000000000000009.json#1").write_text("half an entry", "utf-8")
    (home.spill / "tiesa-spill-of-nobody").mkdir(parents=True)


def _age(home: Home) -> None:
    """Empty commits, until the next one of each table is that at which the log is summed up (a checkpoint)."""
    log = ContactLog(home)
    private = log.private
    stores = [log.store(CONTACT), log.store(ANSWER), private.identities, private.pseudonyms, private.words]
    for store in (*stores, journey_store(home), journey_contact_store(home)):
        while store.version().number % 20 != 18:
            _repeat_commit(store)


def _repeat_commit(store: Store) -> None:
    version = store.version()
    facts = {k: v for k, v in store.facts()[0].items() if k not in ("version", "action")}
    store.commit(after=version, add=[], links=version.linked, facts=facts)

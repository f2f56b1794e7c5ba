"""Files that keep coming: taken into the log as they arrive, with journeys made after each round.

Looking is polling: it works the same on local disks and file servers, and misses nothing that came while nobody looked.
Files are neither moved nor changed.

What is told comes before what is remembered, and journeys are noted as owed before the first file of a round is read.
So a watch that is killed anywhere in between does a little of it twice when it is started again (the rows are
duplicates then, and add nothing), and leaves nothing out.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from tiesa import __version__
from tiesa.contacts.importing import ImportResult, import_file
from tiesa.contacts.mapping import Mapping
from tiesa.contacts.mapping_text import mapping_text
from tiesa.core.columns import Table
from tiesa.core.errors import DamagedHome, EmptyHome, InvalidMapping, InvalidRules, TiesaError, UnusableInput
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.engines.failures import passing_failures
from tiesa.journeys.arrivals import Arrival, held_open, looked
from tiesa.journeys.build import BuildResult, build
from tiesa.journeys.rules import read_rules
from tiesa.journeys.trying_again import SHORTEST_PAUSE_S, Notice, TryingAgain, sentence
from tiesa.journeys.watched import Memory, Watched

BUILD_WITHIN_S = 30.0
"""While many files are at hand: journeys are made after this long, then the other files go on."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file was read into the log."""

    file: Path
    result: ImportResult


@dataclass(frozen=True, slots=True)
class Refused:
    """A file cannot be used. It is tried again when it changes, or what it would be read with."""

    file: Path
    why: str


@dataclass(frozen=True, slots=True)
class Built:
    """Journeys were made of what came in."""

    result: BuildResult


Event = Taken | Refused | Built | Notice


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def watch(
    folder: Path | str,
    home: Home,
    *,
    mapping: Mapping | None = None,
    table: Table | None = None,
    every_s: float = 2.0,
    settle_s: float = 5.0,
    only: str = "*",
    once: bool = False,
    wait: Callable[[float], bool] = _sleep,
) -> Iterator[Event]:
    """Take in every file of a folder that is whole, as it arrives, and make journeys; tell each as it happens.

    Args: mapping, table: as import_file takes them. every_s: seconds between two looks. settle_s: seconds a file must
    have looked the same. only: pattern of the names to take. once: end when what is there now is taken.
    wait: called with the seconds to pass until the next look, and with 0 between two files; True ends the watch, after
    the file under way and its journeys.
    Raises: UnusableInput where the folder is a file (or, with once, is not there), DamagedHome, InvalidRules.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as home:
    ...     for event in watch("examples", Home(Path(home)), only="support.csv", settle_s=0, once=True):
    ...         match event:
    ...             case Taken(file, result):
    ...                 print(file.name, result.accepted)
    ...             case Built(result):
    ...                 print(result.journeys)
    support.csv 395
    147
    """
    place = Path(folder).absolute()
    home.check()
    read_rules(home.rules)
    if place.exists() and not place.is_dir():
        raise UnusableInput(_("This is not a folder"), where=str(place), remedy=_("Name the folder the file is in"))
    if once and not place.exists():
        raise UnusableInput(_("There is no such folder"), where=str(place))
    watcher = _Watch(place, home, mapping, table, every_s, settle_s, only, wait)
    yield from watcher.once() if once else watcher.on_and_on()


@dataclass
class _Watch:
    """One watch under way: what it was asked for, and what it knows by now."""

    folder: Path
    home: Home
    mapping: Mapping | None
    table: Table | None
    every_s: float
    settle_s: float
    only: str
    wait: Callable[[float], bool]
    seen: dict[Arrival, float] = field(default_factory=dict)
    looked_at: float = 0.0
    known: Memory = field(default_factory=Memory)
    ways: str = ""
    again: TryingAgain = field(default_factory=TryingAgain)
    left_for_s: float | None = None  # settled files were left by the round, and go on after this time
    stopped: bool = False

    @property
    def memory(self) -> Watched:
        return Watched(self.home, self.folder)

    def on_and_on(self) -> Iterator[Event]:
        while not self.stopped:
            yield from self.round()
            self.pause(self.until_next_look())

    def once(self) -> Iterator[Event]:
        """Rounds until nothing is left to take; what is not whole after the time a file needs to settle is left."""
        yield from self.round()
        end = time.monotonic() + self.settle_s
        while not self.stopped and (self.left_for_s is not None or (self.to_take()[1] and self.looked_at < end)):
            self.pause(self.until_next_look())
            yield from self.round()
        for arrival in self.to_take()[1]:
            yield from self.again.tell(self.folder / arrival.name, _("It is still being written"), failed=False)

    def round(self) -> Iterator[Event]:
        """One look, the files it finds whole, and their journeys."""
        self.left_for_s = None
        yield from self.look()
        try:
            yield from self.recall()
            if self.to_take()[0] or self.owes():
                yield from self.take_turn()
        except OSError as error:  # a home that is full or away
            yield from self.again.tell(self.home.root, sentence(error))

    def take_turn(self) -> Iterator[Event]:
        with self.memory.turn() as mine:
            if mine:
                yield from self.recall()  # it may have changed until the turn came
                yield from self.take_all()
                yield from self.make_journeys()
            else:
                self.left_for_s = self.every_s
                why = _("Another watcher takes the files of this folder")
                yield from self.again.tell(self.memory.path, why, failed=False)

    def look(self) -> Iterator[Event]:
        self.looked_at = time.monotonic()
        try:
            self.seen = looked(self.folder, self.seen, self.looked_at)
        except OSError as error:
            self.seen = {}
            yield from self.again.tell(
                self.folder, _("The folder cannot be read: {error}").format(error=error.strerror)
            )
            return
        self.again.forget_all_but(self.seen, self.folder)

    def names(self) -> set[str]:
        return {arrival.name for arrival in self.seen}

    def recall(self) -> Iterator[Event]:
        self.ways = _ways(self.home, self.mapping, self.table)
        try:
            self.known = self.memory.read()
        except DamagedHome as error:
            self.known = Memory(owed=True)
            yield from self.again.tell(self.memory.path, str(error), failed=False)

    def to_take(self) -> tuple[list[Arrival], list[Arrival]]:
        """Files not read as they are now: the settled ones in the order in which they are taken, and the others."""
        wanted = (arrival for arrival in self.seen if fnmatchcase(arrival.name, self.only))
        new = [arrival for arrival in wanted if not self.known.knows(arrival, self.ways)]
        settled = {a for a in new if self.looked_at - self.seen[a] >= self.settle_s}  # looks count, not time gone by
        return sorted(a for a in settled if self.again.is_time(a)), [a for a in new if a not in settled]

    def owes(self) -> bool:
        return self.known.owed and self.again.is_time(None)

    def until_next_look(self) -> float:
        """Sooner than usual where settled files were left, or one may be settled by then."""
        if self.left_for_s is not None:
            return self.left_for_s
        due = [self.seen[a] + self.settle_s - time.monotonic() for a in self.to_take()[1]]
        return max(SHORTEST_PAUSE_S, min([*due, self.every_s]))

    def pause(self, seconds: float) -> None:
        self.stopped = self.stopped or self.wait(seconds)

    def take_all(self) -> Iterator[Event]:
        """Take what is settled; journeys are owed from before the first file until they are made."""
        owed, brought, until = self.known.owed, False, time.monotonic() + BUILD_WITHIN_S
        for arrival in self.to_take()[0]:
            self.pause(0)
            if self.stopped or self.left_for_s is not None:
                break
            brought = (yield from self.take(arrival)) or brought
            if time.monotonic() > until:
                self.left_for_s = 0
        if not (owed or brought):
            self.remember(replace(self.known, owed=False))

    def take(self, arrival: Arrival) -> Generator[Event, None, bool]:
        """Take one file; may it have brought something?"""
        file = self.folder / arrival.name
        try:
            if held_open(file):
                yield from self.again.tell(file, _("Another program still holds it open for writing"), failed=False)
                self.again.put_off(arrival, first_s=self.every_s, at_most_s=self.every_s)
                return False
            self.remember(replace(self.known, owed=True))
            return (yield from self.read(arrival, file))
        except passing_failures() as error:
            if isinstance(error, FileNotFoundError) and not file.exists():
                return False  # taken away again: the next look knows
            yield from self.again.tell(file, sentence(error))
            self.again.put_off(arrival, first_s=self.every_s)
            return True

    def read(self, arrival: Arrival, file: Path) -> Generator[Event, None, bool]:
        try:
            _check_name(file)
            result = import_file(file, self.home, mapping=self.mapping, table=self.table)
        except (UnusableInput, InvalidMapping) as error:
            if file.exists():
                where = "" if isinstance(error, UnusableInput) else error.where  # of a mapping it says which line
                yield Refused(file, str(TiesaError(error.what, where=where, remedy=error.remedy)))
                self.remember(self.known.after(arrival, refused_with=self.ways, there=self.names()))
            return False
        yield Taken(file, result)
        self.remember(self.known.after(arrival, refused_with="", there=self.names()))
        self.again.worked(arrival, file)
        return any(kept.accepted for kept in result.tables.values())

    def make_journeys(self) -> Iterator[Event]:
        if not self.owes():
            return
        failures: tuple[type[Exception], ...] = (InvalidRules, *passing_failures())
        try:
            yield Built(build(self.home))
        except EmptyHome:
            pass  # no contacts yet, only what hangs on them
        except failures as error:
            yield from self.again.tell(self.home.root, sentence(error))
            self.again.put_off(None, first_s=self.every_s)
            return
        self.remember(replace(self.known, owed=False))
        self.again.worked(None, self.home.root)

    def remember(self, memory: Memory) -> None:
        if memory != self.known:
            self.memory.write(memory)
            self.known = memory


def _check_name(file: Path) -> None:
    try:
        file.name.encode()
    except UnicodeEncodeError as error:
        raise UnusableInput(_("The name of the file is not valid text"), remedy=_("Rename it")) from error


def _ways(home: Home, mapping: Mapping | None, table: Table | None) -> str:
    """A short sum of all that decides how a file is read: what refused it once may read it later."""
    saved = sorted(home.mappings.glob("*.toml"))
    states = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in saved]
    given = mapping_text(mapping) if mapping else ""
    return hashlib.sha256(repr((__version__, given, table and table.name, states)).encode()).hexdigest()[:16]

"""Files that keep coming: whole ones are taken once, half-written ones are left, and a restart goes on where it was."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.contacts.desk import WITH_IDS, Row, log_of, mapping, row, write_csv

from tiesa.contacts.log import ContactLog
from tiesa.core.errors import DamagedHome, InvalidRules, UnusableInput
from tiesa.core.home import Home
from tiesa.journeys.trying_again import Notice
from tiesa.journeys.watched import Memory, Watched
from tiesa.journeys.watching import Built, Event, Refused, Taken, watch


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    return made


def rows_of(first: int, n: int = 5) -> list[Row]:
    return [row(i) for i in range(first, first + n)]


def told(folder: Path, home: Home, **options: object) -> list[Event]:
    """What a watch tells that takes what is there and ends."""
    return list(watch(folder, home, mapping=mapping(), once=True, **{"settle_s": 0, **options}))


def brief(events: list[Event]) -> list[str]:
    """File names with what became of them, and "built"."""
    words = []
    for event in events:
        match event:
            case Taken(file, result):
                words.append(f"{file.name} +{result.accepted}")
            case Refused(file, _why):
                words.append(f"{file.name} refused")
            case Built():
                words.append("built")
            case Notice(where, _why, failed):
                words.append(f"{where.name} {'failed' if failed else 'waits'}")
    return words


def imports(home: Home) -> int:
    return len(ContactLog(home).imports())


def ids(home: Home) -> list[str]:
    return sorted(r["contact_id"] for r in log_of(home))


class Steps:
    """Stands for the pauses of a watch: does one step in each, and ends the watch after the last."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self.steps = list(steps)

    def __call__(self, seconds: float) -> bool:
        if not seconds:
            return False
        if not self.steps:
            return True
        self.steps.pop(0)()
        time.sleep(seconds)
        return False


def nothing() -> None:
    pass


def test_what_is_whole_is_taken_and_then_left_alone(folder: Path, home: Home) -> None:
    write_csv(folder / "a.csv", rows_of(0))
    write_csv(folder / "b.csv", rows_of(5))
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}
    assert brief(told(folder, home)) == ["a.csv +5", "b.csv +5", "built"]
    assert brief(told(folder, home)) == []
    write_csv(folder / "c.csv", rows_of(10))
    assert brief(told(folder, home)) == ["c.csv +5", "built"]
    assert len(ids(home)) == 15
    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in before} == before


def test_a_growing_file_is_taken_only_when_it_has_stopped_growing(folder: Path, home: Home) -> None:
    whole = write_csv(folder.parent / "whole.csv", rows_of(0, 40)).read_bytes()
    target, pieces = folder / "slow.csv", [whole[i : i + 300] for i in range(0, len(whole), 300)]

    def add(piece: bytes) -> Callable[[], object]:
        def step() -> None:
            with target.open("ab") as file:
                file.write(piece)

        return step

    steps = Steps(*(add(piece) for piece in pieces), nothing, nothing)
    events = list(watch(folder, home, mapping=mapping(), every_s=0.02, settle_s=0.02, wait=steps))
    assert brief(events) == ["slow.csv +40", "built"]


def test_a_file_somebody_still_writes_is_left_however_long_it_stays_the_same(folder: Path, home: Home) -> None:
    write_csv(folder / "done.csv", rows_of(5))
    with (folder / "open.csv").open("wb") as writer:
        writer.write(write_csv(folder.parent / "whole.csv", rows_of(0)).read_bytes()[:200])
        writer.flush()
        assert sorted(brief(told(folder, home))) == ["built", "done.csv +5", "open.csv waits"]
        writer.write((folder.parent / "whole.csv").read_bytes()[200:])
    assert brief(told(folder, home)) == ["open.csv +5", "built"]


def test_waiting_for_a_writer_is_told_once(folder: Path, home: Home) -> None:
    with (folder / "open.csv").open("wb") as writer:
        writer.write(b"id,when\n")
        writer.flush()
        steps = Steps(*[nothing] * 4)
        events = list(watch(folder, home, mapping=mapping(), every_s=0.01, settle_s=0, wait=steps))
    assert brief(events) == ["open.csv waits"]


def test_names_of_unfinished_files_are_left_until_they_are_renamed(folder: Path, home: Home) -> None:
    names = (".calls.csv", "calls.csv.part", "calls.csv.tmp", "calls.csv.CRDOWNLOAD", "calls.csv~", "~$calls.csv",
             "calls.csv.filepart", "Thumbs.db")  # fmt: skip
    for name in names:
        write_csv(folder / name, rows_of(0))
    assert brief(told(folder, home)) == []
    (folder / "calls.csv.part").rename(folder / "calls.csv")
    assert brief(told(folder, home)) == ["calls.csv +5", "built"]


def test_only_the_folders_own_files_are_taken(folder: Path, home: Home, tmp_path: Path) -> None:
    (folder / "inside").mkdir()
    write_csv(folder / "inside" / "below.csv", rows_of(0))
    os.mkfifo(folder / "pipe.csv")
    (folder / "nowhere.csv").symlink_to(tmp_path / "nowhere.csv")
    (folder / "linked.csv").symlink_to(write_csv(tmp_path / "elsewhere.csv", rows_of(5)))
    write_csv(folder / "note.txt", rows_of(10))
    assert brief(told(folder, home, only="*.csv")) == ["linked.csv +5", "built"]


def test_the_oldest_file_comes_first_so_that_the_newest_correction_holds(folder: Path, home: Home) -> None:
    for name, second, agent in (("a.csv", 30, "newest"), ("b.csv", 10, "oldest"), ("c.csv", 20, "between")):
        file = write_csv(folder / name, [row(1, agent=agent)])
        os.utime(file, (second, second))
    assert brief(told(folder, home)) == ["b.csv +1", "c.csv +1", "a.csv +1", "built"]
    assert [r["employee"] for r in log_of(home)] == ["newest"]


def test_a_changed_file_is_read_again(folder: Path, home: Home) -> None:
    write_csv(folder / "a.csv", rows_of(0))
    told(folder, home)
    write_csv(folder / "a.csv", rows_of(0, 8))
    assert brief(told(folder, home)) == ["a.csv +3", "built"]
    assert len(ids(home)) == 8


def test_a_refused_file_is_told_once_and_tried_again_when_it_changes(folder: Path, home: Home) -> None:
    (folder / "empty.csv").touch()
    write_csv(folder / "good.csv", rows_of(0))
    refused = [event for event in told(folder, home) if isinstance(event, Refused)]
    assert [event.why for event in refused] == ["The file is empty. Export it again."]
    assert brief(told(folder, home)) == []
    write_csv(folder / "empty.csv", rows_of(5))
    assert brief(told(folder, home)) == ["empty.csv +5", "built"]


def test_a_refused_file_is_tried_again_with_another_mapping(folder: Path, home: Home) -> None:
    write_csv(folder / "a.csv", rows_of(0))
    wrong = mapping(WITH_IDS.replace('"when"', '"whenever"'))
    assert brief(list(watch(folder, home, mapping=wrong, settle_s=0, once=True))) == ["a.csv refused"]
    assert brief(list(watch(folder, home, mapping=wrong, settle_s=0, once=True))) == []
    assert brief(told(folder, home)) == ["a.csv +5", "built"]


def test_a_refused_file_is_tried_again_when_a_mapping_is_saved_in_the_home(folder: Path, home: Home) -> None:
    (folder / "odd.csv").write_text("number;what\n1;asks\n2;answers\n")
    assert brief(list(watch(folder, home, settle_s=0, once=True))) == ["odd.csv refused"]
    assert brief(list(watch(folder, home, settle_s=0, once=True))) == []
    home.mappings.mkdir()
    saved = (
        '[contact]\ncontact_id = "number"\ntouchpoint = "what"\ncustomer = "number"\nchannel = {constant = "phone"}\n'
    )
    saved += 'occurred_at = {constant = "2025-03-04 10:00"}\n'
    (home.mappings / "odd.toml").write_text('source = "odd"\n' + saved)
    assert brief(list(watch(folder, home, settle_s=0, once=True))) == ["odd.csv +2", "built"]


def test_a_name_that_is_no_text_is_refused_in_words(folder: Path, home: Home) -> None:
    shutil.copy(write_csv(folder.parent / "a.csv", rows_of(0)), os.fsencode(folder) + b"/\xff.csv")
    (refused,) = told(folder, home)
    assert isinstance(refused, Refused)
    assert refused.why == "The name of the file is not valid text. Rename it."
    assert told(folder, home) == []


def test_a_star_in_a_name_is_a_star(folder: Path, home: Home) -> None:
    write_csv(folder / "c*.csv", rows_of(0))
    write_csv(folder / "calls.csv.part", rows_of(5))
    write_csv(folder / "c[1].csv", rows_of(10))
    write_csv(folder / "cases.csv", rows_of(15))
    assert sorted(brief(told(folder, home, only="c[[*]*"))) == ["built", "c*.csv +5", "c[1].csv +5"]


def test_a_lost_memory_costs_a_reading_and_adds_nothing(folder: Path, home: Home) -> None:
    """The same as a kill between the import and the remembering of it."""
    write_csv(folder / "a.csv", rows_of(0))
    told(folder, home)
    before = imports(home)
    shutil.rmtree(home.root / "watched")
    assert brief(told(folder, home)) == ["a.csv +0"]
    assert imports(home) == before
    assert len(ids(home)) == 5


def test_a_damaged_memory_is_told_and_mended(folder: Path, home: Home) -> None:
    write_csv(folder / "a.csv", rows_of(0))
    told(folder, home)
    path = Watched(home, folder).path
    for garbage in ("", "[1]", '{"files": {"a.csv": 3}, "owed": false}'):
        path.write_text(garbage)
        with pytest.raises(DamagedHome):
            Watched(home, folder).read()
    assert brief(told(folder, home)) == [f"{path.name} waits", "a.csv +0", "built"]
    assert brief(told(folder, home)) == []


def test_journeys_owed_by_a_watch_that_was_killed_are_made_by_the_next(folder: Path, home: Home) -> None:
    write_csv(folder / "a.csv", rows_of(0))
    first = watch(folder, home, mapping=mapping(), settle_s=0, once=True)
    assert isinstance(next(first), Taken)
    first.close()  # killed after the import, before anything was remembered or built
    assert brief(told(folder, home)) == ["a.csv +0", "built"]
    assert brief(told(folder, home)) == []
    write_csv(folder / "b.csv", rows_of(5))
    second = watch(folder, home, mapping=mapping(), settle_s=0, once=True)
    assert brief([next(second), next(second)]) == ["b.csv +5", "built"]
    second.close()  # killed after the build, before that was remembered
    assert brief(told(folder, home)) == ["built"]


def test_files_that_are_gone_are_forgotten_unless_the_whole_folder_is(folder: Path, home: Home) -> None:
    for n in range(2):
        write_csv(folder / f"{n}.csv", rows_of(5 * n))
    told(folder, home)
    away = folder.rename(folder.parent / "away")
    folder.mkdir()  # as a file server that went away leaves its empty place
    assert brief(told(folder, home)) == []
    folder.rmdir()
    away.rename(folder)
    assert brief(told(folder, home)) == []
    (folder / "0.csv").unlink()
    write_csv(folder / "2.csv", rows_of(10))
    told(folder, home)
    assert set(Watched(home, folder).read().files) == {"1.csv", "2.csv"}


def test_while_another_watcher_has_the_turn_nothing_is_taken(folder: Path, home: Home) -> None:
    write_csv(folder / "a.csv", rows_of(0))
    other = Watched(home, folder).turn()

    def let_go() -> None:
        other.__exit__(None, None, None)

    assert other.__enter__()
    steps = Steps(nothing, nothing, let_go, nothing)
    events = list(watch(folder, home, mapping=mapping(), every_s=0.01, settle_s=0, wait=steps))
    assert brief(events) == [f"{Watched(home, folder).path.name} waits", "a.csv +5", "built"]


def test_a_folder_that_goes_away_is_told_once_and_waited_for(folder: Path, home: Home) -> None:
    write_csv(folder / "a.csv", rows_of(0))
    away = folder.parent / "away"
    steps = Steps(
        lambda: folder.rename(away), nothing, nothing,
        lambda: (write_csv(away / "b.csv", rows_of(5)), away.rename(folder)), nothing,
        lambda: folder.rename(away), nothing,
    )  # fmt: skip
    events = list(watch(folder, home, mapping=mapping(), every_s=0.01, settle_s=0, wait=steps))
    assert brief(events) == ["a.csv +5", "built", "in failed", "b.csv +5", "built", "in failed"]
    with pytest.raises(UnusableInput, match="no such folder"):
        told(folder, home)
    with pytest.raises(UnusableInput, match="not a folder"):
        next(watch(write_csv(folder.parent / "file.csv", []), home))


def test_rules_that_break_under_way_are_told_once_and_journeys_follow_when_they_are_mended(
    folder: Path, home: Home
) -> None:
    rules = home.rules / "journeys.toml"
    home.make()
    home.rules.mkdir()

    def arrive_with_bad_rules() -> None:
        rules.write_text("nonsense = 1")
        write_csv(folder / "a.csv", rows_of(0))

    steps = Steps(arrive_with_bad_rules, nothing, nothing, rules.unlink, *[nothing] * 12)
    events = list(watch(folder, home, mapping=mapping(), every_s=0.01, settle_s=0, wait=steps))
    assert brief(events) == ["a.csv +5", "home failed", "built"]
    rules.write_text("nonsense = 1")
    with pytest.raises(InvalidRules):
        told(folder, home)


def test_a_watch_that_is_stopped_finishes_the_file_under_way_and_its_journeys(folder: Path, home: Home) -> None:
    for n in range(3):
        write_csv(folder / f"{n}.csv", rows_of(5 * n))
    asked = iter([False, True])  # before the first file, before the second
    events = list(watch(folder, home, mapping=mapping(), settle_s=0, wait=lambda _s: next(asked)))
    assert brief(events) == ["0.csv +5", "built"]
    assert not Watched(home, folder).read().owed
    assert brief(told(folder, home)) == ["1.csv +5", "2.csv +5", "built"]


def test_journeys_do_not_wait_for_a_long_row_of_files(
    folder: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiesa.journeys.watching.BUILD_WITHIN_S", 0.0)
    for n in range(3):
        write_csv(folder / f"{n}.csv", rows_of(5 * n))
    assert brief(told(folder, home)) == ["0.csv +5", "built", "1.csv +5", "built", "2.csv +5", "built"]


def test_answers_alone_make_no_journeys_and_no_noise(folder: Path, home: Home) -> None:
    (folder / "facts.csv").write_text("customer,fact,state,at\nc1,address,given,2025-03-01T09:00:00Z\n")
    assert brief(list(watch(folder, home, settle_s=0, once=True))) == ["facts.csv +1"]
    assert Watched(home, folder).read() == Memory(Watched(home, folder).read().files, owed=False)


def test_two_folders_have_memories_of_their_own(folder: Path, home: Home, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for n, place in enumerate((folder, other)):
        write_csv(place / "same.csv", rows_of(5 * n))
    assert brief(told(folder, home)) == ["same.csv +5", "built"]
    assert brief(told(other, home)) == ["same.csv +5", "built"]
    assert brief(told(folder, home)) == []


def test_a_long_build_makes_no_file_look_settled(folder: Path, home: Home) -> None:
    """A file seen once before the build, and changed during it, is looked at again before it is taken."""
    write_csv(folder / "a.csv", rows_of(0))
    watched = Watched(home, folder)
    told(folder, home)
    watched.write(Memory(watched.read().files, owed=True))
    draft = write_csv(folder / "b.csv", rows_of(5, 1))
    events = watch(folder, home, mapping=mapping(), settle_s=0.1, once=True)
    assert isinstance(next(events), Built)
    time.sleep(0.2)
    write_csv(draft, rows_of(5, 3))
    assert brief(list(events)) == ["b.csv +3", "built"]

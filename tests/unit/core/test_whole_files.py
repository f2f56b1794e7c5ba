"""A file is the old one or the new one: whatever fails, whoever reads meanwhile, whoever else writes."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tiesa.core.whole_files import DRAFT, creating, draft_of, drafts_of, make_folder, remove, replacing, write_whole

Writer = Callable[[Path], AbstractContextManager[Path]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.toml"


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write_half(begin: Writer, path: Path, error: BaseException) -> None:
    with begin(path) as draft:
        draft.write_text("half a")
        raise error


@contextmanager
def files_of_at_most(n: int) -> Iterator[None]:
    """While this is open, the system refuses to write more than n bytes to a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_an_error_leaves_the_old_file_and_no_draft(path: Path) -> None:
    write_whole(path, "as it was")
    with pytest.raises(RuntimeError):
        write_half(replacing, path, RuntimeError())
    assert path.read_text() == "as it was"
    assert names_in(path.parent) == ["list.toml"]


def test_an_error_leaves_no_new_file_and_no_draft(path: Path) -> None:
    for begin in (creating, replacing):
        with pytest.raises(KeyboardInterrupt):
            write_half(begin, path, KeyboardInterrupt())
    assert names_in(path.parent) == []


def test_where_there_is_no_room_the_old_file_stands_and_no_draft_takes_more(path: Path) -> None:
    write_whole(path, "as it was")
    with files_of_at_most(10_000), pytest.raises(OSError, match="large"):
        write_whole(path, "x" * 20_000)
    assert path.read_text() == "as it was"
    assert names_in(path.parent) == ["list.toml"]


@pytest.mark.parametrize("begin", ["replacing", "creating"])
def test_a_killed_writer_leaves_the_old_files_and_a_draft_that_is_told(path: Path, begin: str) -> None:
    write_whole(path, "as it was")
    other = path.with_name("other.toml")
    story = (
        f"import os; from pathlib import Path; from tiesa.core.whole_files import {begin}\n"
        f"with {begin}(Path({str(other)!r})) as draft: draft.write_text('half a'); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", story], env={**os.environ, "PYTHONPATH": "src"})
    assert done.returncode == -signal.SIGKILL
    assert path.read_text() == "as it was"
    assert not other.exists()
    (left,) = drafts_of(other)
    assert left.read_text() == "half a"
    assert left.name.startswith(DRAFT)
    assert drafts_of(path) == []


def test_a_reader_sees_the_old_file_or_the_new_one(path: Path) -> None:
    texts = ("a" * 100_000, "b" * 50_000)
    write_whole(path, texts[0])
    done, seen = threading.Event(), set()

    def read() -> None:
        while not done.is_set():
            seen.add(path.read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(1, 20):
        write_whole(path, texts[n % 2])
    done.set()
    reader.join()
    assert seen <= set(texts)


@pytest.mark.parametrize(("begin", "naming"), [(replacing, "replace"), (creating, "link")])
def test_a_file_is_synced_before_it_gets_its_name_and_the_name_after(
    path: Path, monkeypatch: pytest.MonkeyPatch, begin: Writer, naming: str
) -> None:
    steps: list[str] = []
    sync, name = os.fsync, getattr(os, naming)

    def synced(descriptor: int) -> None:
        facts = os.fstat(descriptor)
        steps.append("sync folder" if stat.S_ISDIR(facts.st_mode) else f"sync {facts.st_size} bytes")
        sync(descriptor)

    def named(source: Path, target: Path) -> None:
        steps.append("name")
        name(source, target)

    monkeypatch.setattr("os.fsync", synced)
    monkeypatch.setattr(f"os.{naming}", named)
    with begin(path) as draft:
        draft.write_text("whole")
    assert steps == ["sync 5 bytes", "name", "sync folder"]


def test_of_two_writers_of_a_new_file_the_first_one_wins(path: Path) -> None:
    with pytest.raises(FileExistsError), creating(path) as late:
        write_whole(path, f"the first of {late.name[-9:]}")
    assert path.read_text() == "the first of list.toml"
    assert names_in(path.parent) == ["list.toml"]


def test_without_hard_links_a_new_file_is_written_and_none_is_written_over(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_paths: Path) -> None:
        raise PermissionError(1, "Operation not permitted")  # what Linux says on FAT

    monkeypatch.setattr("os.link", refuse)
    with creating(path) as draft:
        draft.write_text("first")
    with pytest.raises(FileExistsError), creating(path) as draft:
        draft.write_text("late")
    assert path.read_text() == "first"
    assert names_in(path.parent) == ["list.toml"]


@pytest.mark.parametrize("begin", [replacing, creating])
def test_a_private_file_is_private_from_its_first_byte(
    path: Path, begin: Callable[..., AbstractContextManager[Path]]
) -> None:
    with begin(path, mode=0o600) as draft:
        assert draft.stat().st_mode & 0o777 == 0o600
        draft.write_text("a secret")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_of_a_home_is_not_for_everybody(path: Path) -> None:
    path.touch(mode=0o666)
    write_whole(path, "a list")
    assert not path.stat().st_mode & 0o007


def test_a_draft_is_not_taken_for_that_of_another_file(path: Path) -> None:
    starred = path.with_name("li[s]t*.toml")
    drafts = {one: draft_of(one) for one in (path, starred, path.with_name("list.toml.erasures"))}
    for draft in drafts.values():
        draft.touch()
    assert {one: drafts_of(one) for one in drafts} == {one: [draft] for one, draft in drafts.items()}


@pytest.mark.parametrize("name", ["a" * 255, "ш" * 127, "字" * 85, "🙂" * 63])
def test_the_longest_names_can_be_written(tmp_path: Path, name: str) -> None:
    write_whole(tmp_path / name, "whole")
    assert names_in(tmp_path) == [name]
    draft_of(tmp_path / name).touch()
    assert len(drafts_of(tmp_path / name)) == 1


def test_a_folder_is_made_once_and_a_file_removed_once(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    for _twice in range(2):
        make_folder(folder)
    write_whole(folder / "c" / "list.toml", "whole")
    for _twice in range(2):
        remove(folder / "c" / "list.toml")
    assert names_in(folder / "c") == []

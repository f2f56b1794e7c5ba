"""An older home comes to today's layout step by step, however often it is broken off; a newer one is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.upkeep.homes import Stopped, figures, made_home
from tests.unit.upkeep.layout1 import unpacked

from tiesa.contacts.importing import import_file
from tiesa.core.errors import DamagedHome, EmptyHome, TiesaError
from tiesa.core.home import LAYOUT, Home
from tiesa.journeys.build import build
from tiesa.journeys.evidence import evidence
from tiesa.upkeep.backup import backup
from tiesa.upkeep.check import check
from tiesa.upkeep.erase import erase
from tiesa.upkeep.pins import pin, unpin
from tiesa.upkeep.upgrade import layout_of, upgrade
from tiesa.upkeep.vacuum import vacuum

Step = Callable[[Home], None]


def rename_set_aside(home: Home) -> None:
    """A step as a later version may have: the files of rows set aside get another folder and another ending."""
    (home.root / "set_aside").mkdir(exist_ok=True)
    for file in sorted(home.quarantine.glob("*.csv")):
        file.replace(home.root / "set_aside" / f"{file.stem}.set-aside.csv")
    if home.quarantine.is_dir():
        home.quarantine.rmdir()


def note_it(home: Home) -> None:
    (home.root / "noted").write_text("yes")


def test_today_there_is_nothing_to_do(tmp_path: Path) -> None:
    home = unpacked(tmp_path / "home")
    before = home.settings.read_bytes()
    done = upgrade(home)
    assert (done.found, done.layout) == (LAYOUT, LAYOUT)
    assert home.settings.read_bytes() == before


def test_steps_run_in_order_and_the_number_is_written_last(tmp_path: Path) -> None:
    home = unpacked(tmp_path / "home")
    seen: list[tuple[str, int]] = []

    def seen_first(step: Step) -> Step:
        def run(one: Home) -> None:
            seen.append((step.__name__, layout_of(one)))
            step(one)

        return run

    done = upgrade(home, steps={2: seen_first(note_it), 1: seen_first(rename_set_aside)}, layout=3)
    assert (done.found, done.layout) == (1, 3)
    assert seen == [("rename_set_aside", 1), ("note_it", 2)]
    assert layout_of(home) == 3
    assert [p.name for p in (home.root / "set_aside").iterdir()] == ["20261122-055745-3ed8dd.set-aside.csv"]
    with pytest.raises(DamagedHome, match="layout 3"):
        home.check()


def test_an_upgrade_that_is_broken_off_is_completed_by_the_same_command(tmp_path: Path) -> None:
    home = unpacked(tmp_path / "home")

    def killed(one: Home) -> None:
        (one.root / "set_aside").mkdir()
        next(one.quarantine.glob("*.csv")).replace(one.root / "set_aside" / "20261122-055745-3ed8dd.set-aside.csv")
        raise Stopped

    def killed_again(_one: Home) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        upgrade(home, steps={1: killed, 2: note_it}, layout=3)
    assert layout_of(home) == 1
    with pytest.raises(Stopped):
        upgrade(home, steps={1: rename_set_aside, 2: killed_again}, layout=3)
    assert layout_of(home) == 2
    upgrade(home, steps={1: rename_set_aside, 2: note_it}, layout=3)
    assert layout_of(home) == 3
    assert not home.quarantine.exists()
    assert (home.root / "noted").exists()
    home.settings.write_text("layout = 1\n")  # what else stands in the home is as it was
    assert evidence(home).facts["contacts"] == 398


COMMANDS: list[Callable[[Home, Path], object]] = [
    lambda home, _folder: import_file("examples/support.csv", home),
    lambda home, _folder: build(home),
    lambda home, _folder: figures(home),
    lambda home, _folder: pin(home, 1, why="x"),
    lambda home, _folder: unpin(home, 1),
    lambda home, _folder: vacuum(home),
    lambda home, _folder: erase(home, "K1112", why="x"),
    lambda home, folder: backup(home, folder / "x.backup"),
    lambda home, _folder: upgrade(home),
]


@pytest.mark.parametrize("layout", ["2", "99", "0", '"one"', "true", "-1"])
def test_a_newer_or_unknown_layout_is_refused_by_all(tmp_path: Path, layout: str) -> None:
    home, _file = made_home(tmp_path)
    home.settings.write_text(f"layout = {layout}\n")
    before = {path: path.stat().st_mtime_ns for path in home.root.rglob("*") if path.is_file()}
    for command in COMMANDS:
        with pytest.raises(TiesaError, match="This home has layout"):
            command(home, tmp_path)
    found = check(home).findings
    assert [(one.severity, one.code) for one in found] == [("error", "layout")]
    after = {p: p.stat().st_mtime_ns for p in home.root.rglob("*") if p.is_file() and p.name != ".upkeep.lock"}
    assert after == {path: at for path, at in before.items() if path.name != ".upkeep.lock"}


def test_without_a_step_for_its_layout_a_home_is_left_alone(tmp_path: Path) -> None:
    home = unpacked(tmp_path / "home")
    with pytest.raises(DamagedHome, match="layout 1"):
        upgrade(home, steps={2: note_it}, layout=3)
    assert not (home.root / "noted").exists()
    with pytest.raises(EmptyHome):
        upgrade(Home(tmp_path / "nowhere"))
